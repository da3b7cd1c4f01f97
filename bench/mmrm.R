# A mixed model for repeated measures by nlme::gls, unstructured covariance, REML, timed inside R.
# Rscript bench/mmrm.R data.csv repeats result.json
# data.csv: person, visit, y, and the columns of the design.

suppressPackageStartupMessages(library(nlme))
argument <- commandArgs(trailingOnly = TRUE)
data <- read.csv(argument[[1]])
data$x <- as.matrix(data[setdiff(names(data), c("person", "visit", "y"))])

fitted <- function() {
  gls(
    y ~ 0 + x, data,
    correlation = corSymm(form = ~ visit | person), weights = varIdent(form = ~ 1 | visit),
    method = "REML"
  )
}
seconds <- replicate(as.integer(argument[[2]]), {
  start <- Sys.time()
  fit <<- fitted()
  as.numeric(Sys.time() - start, units = "secs")
})
jsonlite::write_json(
  list(
    seconds = seconds, coef = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))),
    versions = paste(R.version.string, "nlme", packageVersion("nlme"))
  ),
  argument[[3]],
  digits = NA
)
