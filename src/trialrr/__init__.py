"""trialrr: from a randomized trial's raw exports to relative risks that a reviewer can rerun."""

__version__ = "0.6.0"
