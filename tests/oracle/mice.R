# Multiple imputation of the score by mice, arm by arm, on ../goldens/sap_oracle: normal draws,
# dichotomized, modified Poisson with the cluster sandwich, pooled by Rubin's rules. Every number
# stands beside its Monte Carlo error.

source("common.R")
suppressPackageStartupMessages(library(mice))

imputations <- 500
iterations <- 10
set.seed(20250807)

folder <- file.path("..", "goldens", "sap_oracle")
people <- read.csv(file.path(folder, "participants.csv"))
visits <- read.csv(file.path(folder, "followup.csv"))
months <- c(3, 6, 12)
arms <- c("PT", "HC", "UC")
for (month in months) {
  seen <- visits[visits$month == month, ]
  at <- match(people$participant_id, seen$participant_id)
  people[[paste0("score", month)]] <- seen$severity[at]
}
scores <- paste0("score", months)
people$site <- relevel(factor(people$site), "A")
people$education <- relevel(factor(people$education), "hs")
z <- model.matrix(
  ~ severity_0 + male + age65 + site + urban + multisite + mh_dx + education + not_employed, people
)[, -1]
extra <- as.matrix(people[c("sdoh", "peg", "phq8", "gad7")])

completed <- array(NA, c(nrow(people), length(months), imputations))
for (arm in arms) {
  here <- people$arm == arm
  data <- data.frame(z[here, ], extra[here, ], people[here, scores], check.names = TRUE)
  made <- mice(data, m = imputations, method = "norm", maxit = iterations, printFlag = FALSE)
  for (m in seq_len(imputations)) completed[here, , m] <- as.matrix(complete(made, m)[scores])
}

missing <- is.na(as.matrix(people[scores]))
mean_of <- function(arm, j) {
  rows <- people$arm == arm & missing[, j]
  means <- apply(completed[rows, j, ], 2, mean)
  list(arm = arm, month = months[j], mean = mean(means), mc_error = sd(means) / sqrt(imputations))
}
pairs <- expand.grid(j = seq_along(months), arm = arms, stringsAsFactors = FALSE)
means <- Map(mean_of, pairs$arm, pairs$j)

# The outcome model of each imputation: rows by month, so that month 3 comes first.
person <- rep(seq_len(nrow(people)), length(months))
long <- data.frame(
  arm = relevel(factor(people$arm[person]), "UC"),
  month = factor(rep(months, each = nrow(people)))
)
long$z <- z[person, ]
cluster <- ifelse(people$arm == "HC", people$coach, people$participant_id)[person]
one <- function(m) {
  drop <- people$severity_0 - completed[, , m]
  long$y <- as.numeric(drop >= 0.30 * people$severity_0)
  fit <- glm(y ~ arm * month + z, poisson, long, control = glm.control(epsilon = 1e-12))
  v <- vcovCL(fit, cluster, type = "HC0", cadjust = FALSE)
  b <- coef(fit)
  c(
    b["armPT"], b["armHC"], b["armHC"] - b["armPT"],
    v["armPT", "armPT"], v["armHC", "armHC"],
    v["armPT", "armPT"] + v["armHC", "armHC"] - 2 * v["armPT", "armHC"]
  )
}
found <- vapply(seq_len(imputations), one, numeric(6))

pooled <- function(k, level) {
  q <- found[k, ]
  u <- found[k + 3, ]
  between <- var(q)
  total <- mean(u) + (1 + 1 / imputations) * between
  error_total <- sqrt(var(u) / imputations + 2 * between^2 / (imputations - 1))
  list(
    level = level, log_ratio = mean(q), mc_error = sqrt(between / imputations),
    se = sqrt(total), se_mc_error = error_total / (2 * sqrt(total))
  )
}
write_results(
  list(
    imputations = imputations, iterations = iterations, means = unname(means),
    ratios = Map(pooled, 1:3, c("PT:UC", "HC:UC", "HC:PT"))
  ),
  "mice", c("mice", "sandwich")
)
