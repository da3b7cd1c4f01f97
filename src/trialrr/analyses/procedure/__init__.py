"""The fitted model of an entry and its parts, which all kinds share: columns, rows of the fit, what
stands in for missing values, covariances, risks, rows of the ARD."""
