# Chained equations by mice, arm by arm, timed inside R.
# Rscript bench/imputation.R data.csv imputations iterations repeats result.json
# data.csv: arm, then complete predictors, then score1, score2, … with blanks.

suppressPackageStartupMessages(library(mice))
argument <- commandArgs(trailingOnly = TRUE)
data <- read.csv(argument[[1]])
number <- as.integer(argument[2:4])
scores <- grep("^score", names(data))
by_arm <- split(data[names(data) != "arm"], data$arm)
scores <- scores - 1

impute <- function() {
  lapply(by_arm, \(d) {
    mice(d, m = number[[1]], maxit = number[[2]], method = "norm", printFlag = FALSE)
  })
}
means <- function(made) {
  lapply(made, \(one) lapply(names(one$data)[scores], \(s) unname(colMeans(one$imp[[s]]))))
}

set.seed(1)
found <- means(impute())
seconds <- replicate(number[[3]], {
  start <- Sys.time()
  impute()
  as.numeric(Sys.time() - start, units = "secs")
})
jsonlite::write_json(
  list(
    seconds = seconds, means = found,
    versions = paste(R.version.string, "mice", packageVersion("mice"))
  ),
  argument[[5]],
  digits = NA, auto_unbox = TRUE
)
