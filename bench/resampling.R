# The whole primary procedure on resampled people, as a statistician writes it: data frames, glm, lm.
# Rscript resampling.R <folder of sap_oracle> <samples.csv: one row a sample, positions of people> <out.json>
argument <- commandArgs(trailingOnly = TRUE)
people <- read.csv(file.path(argument[[1]], "participants.csv"))
visits <- read.csv(file.path(argument[[1]], "followup.csv"))
samples <- as.matrix(read.csv(argument[[2]], header = FALSE))

people$arm <- factor(people$arm, c("UC", "PT", "HC"))
people$site <- factor(people$site)
people$education <- relevel(factor(people$education), "hs")
score <- matrix(NA, nrow(people), 3)
score[cbind(match(visits$participant_id, people$participant_id), match(visits$month, c(3, 6, 12)))] <- visits$severity

one <- function(index) {
  index <- index[!is.na(index)]
  d <- people[index, ]
  y <- score[index, ]
  d$seen <- rowSums(!is.na(y)) > 0
  d$count <- rowSums(!is.na(y))
  response <- glm(
    seen ~ arm + severity_0 + male + age65 + site + urban + multisite + mh_dx + not_employed +
      sdoh + peg + phq8 + gad7, binomial, d
  )
  d$w <- 1 / fitted(response)
  long <- d[rep(seq_len(nrow(d)), each = 3), ]
  long$month <- factor(rep(c(3, 6, 12), nrow(d)))
  long$reduction <- long$severity_0 - as.vector(t(y))
  long <- long[long$seen, ]
  long$pattern <- factor(long$count, 3:1)
  imputation <- lm(
    reduction ~ arm * month + pattern * arm + severity_0 + male + age65 + site + urban + multisite +
      mh_dx + education + not_employed, long
  )
  missing <- is.na(long$reduction)
  long$reduction[missing] <- predict(imputation, long[missing, ])
  long$responder <- as.numeric(long$reduction / long$severity_0 >= 0.30)
  outcome <- suppressWarnings(glm(
    responder ~ arm * month + severity_0 + male + age65 + site + urban + multisite + mh_dx +
      education + not_employed, poisson, long,
    weights = w, control = glm.control(epsilon = 1e-12)
  ))
  coef(outcome)[c("armPT", "armHC")]
}

found <- t(apply(samples[1:2, , drop = FALSE], 1, one))
time <- system.time(for (i in seq_len(nrow(samples))) one(samples[i, ]))[["elapsed"]]
jsonlite::write_json(
  list(
    milliseconds = 1000 * time / nrow(samples), log_rr = found,
    versions = paste(R.version.string, "BLAS", basename(extSoftVersion()[["BLAS"]]))
  ),
  argument[[3]], digits = NA, auto_unbox = TRUE
)
