"""Many fits at once: operating characteristics of the estimators."""
