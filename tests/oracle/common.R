# What every program of this folder shares: tight convergence, and results as sorted JSON.

suppressPackageStartupMessages({
  library(sandwich)
  library(clubSandwich)
})

tight <- glm.control(epsilon = 1e-14, maxit = 100)

# A second fit from the solution: R's working weights, thus its bread, lag one step behind.
fit_glm <- function(formula, family, data, weight = rep(1, nrow(data))) {
  data$weight <- weight
  first <- glm(formula, family, data, weights = weight, control = tight)
  glm(formula, family, data, weights = weight, control = tight, start = coef(first))
}

fit_lm <- function(formula, data, weight = rep(1, nrow(data))) {
  data$weight <- weight
  lm(formula, data, weights = weight)
}

se <- function(v) sqrt(diag(as.matrix(v)))

# clubSandwich standard errors and Satterthwaite degrees of freedom, one row a coefficient.
club <- function(fit, cluster, type, ...) {
  v <- vcovCR(fit, cluster = cluster, type = type, ...)
  test <- coef_test(fit, vcov = v, test = "Satterthwaite")
  data.frame(term = rownames(test), se = test$SE, df = test$df)
}

sorted <- function(x) {
  if (!is.list(x) || is.data.frame(x)) return(x)
  if (!is.null(names(x))) x <- x[order(names(x), method = "radix")]
  lapply(x, sorted)
}

# Writes `program`.json into the directory named on the command line, else beside the program.
write_results <- function(results, program, packages) {
  packages <- sort(packages)
  results$made_with <- as.list(c(
    R = R.version.string, setNames(sapply(packages, \(p) as.character(packageVersion(p))), packages)
  ))
  argument <- commandArgs(trailingOnly = TRUE)
  folder <- if (length(argument)) argument[[1]] else "."
  json <- jsonlite::toJSON(
    sorted(results), digits = I(15), auto_unbox = TRUE, pretty = 1, na = "null", dataframe = "rows"
  )
  writeLines(json, file.path(folder, paste0(program, ".json")))
}
