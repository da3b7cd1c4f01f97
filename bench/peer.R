# One weighted modified Poisson fit with its covariances, timed inside R.
# Rscript bench/peer.R data.csv repeats result.json
# data.csv: response, weight, cluster, then the columns of the design.

suppressPackageStartupMessages(library(sandwich))
has_club <- suppressMessages(requireNamespace("clubSandwich", quietly = TRUE))
argument <- commandArgs(trailingOnly = TRUE)
data <- as.matrix(read.csv(argument[[1]]))
repeats <- as.integer(argument[[2]])
rows <- data.frame(response = data[, 1], weight = data[, 2], cluster = data[, 3])
rows$design <- data[, -(1:3)]

# epsilon: at R's 1e-8 the standard errors are not those of the solution to six digits
fit <- function() {
  glm(
    response ~ design - 1, poisson, rows,
    weights = weight, control = glm.control(epsilon = 1e-12)
  )
}

# Clustered HC2 and HC3 of vcovCL are left out: tests/oracle/README.md says why.
by_sandwich <- function(model) {
  c(
    lapply(c(hc0 = "HC0", hc1 = "HC1", hc2 = "HC2", hc3 = "HC3"), \(t) vcovHC(model, t)),
    list(
      cr0 = vcovCL(model, rows$cluster, type = "HC0", cadjust = FALSE),
      cr1 = vcovCL(model, rows$cluster, type = "HC0"),
      cr1s = vcovCL(model, rows$cluster, type = "HC1")
    )
  )
}
by_club <- function(model) {
  lapply(c(cr2 = "CR2", cr3 = "CR3"), \(t) {
    clubSandwich::vcovCR(model, cluster = rows$cluster, type = t)
  })
}

work <- list(
  one = \() list(cr0 = vcovCL(fit(), rows$cluster, type = "HC0", cadjust = FALSE)),
  sandwich = \() by_sandwich(fit())
)
if (has_club) {
  work$both <- \() {
    model <- fit()
    c(by_sandwich(model), by_club(model))
  }
}

milliseconds <- function(f) {
  start <- Sys.time()
  f()
  1000 * as.numeric(Sys.time() - start, units = "secs")
}

# medians, after one unmeasured call each
found <- lapply(work, \(f) f())
times <- lapply(work, \(f) median(replicate(repeats, milliseconds(f))))
errors <- lapply(found, \(v) lapply(v, \(m) unname(sqrt(diag(as.matrix(m))))))
versions <- paste(
  R.version.string, "sandwich", packageVersion("sandwich"), "BLAS",
  basename(extSoftVersion()[["BLAS"]])
)
jsonlite::write_json(
  list(milliseconds = times, errors = errors, versions = versions), argument[[3]],
  digits = NA, auto_unbox = TRUE
)
