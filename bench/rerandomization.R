# The re-randomization test as a statistician writes it: a loop that draws the assignment by the
# trial's scheme and refits glm with a robust Wald test.
# Rscript rerandomization.R <folder of sap_oracle> <assignments.csv> <draws> <out.json>
# assignments.csv: one row an assignment, arms of the people in their order, to compare statistics.
suppressPackageStartupMessages(library(sandwich))
argument <- commandArgs(trailingOnly = TRUE)
people <- read.csv(file.path(argument[[1]], "participants.csv"))
visits <- read.csv(file.path(argument[[1]], "followup.csv"))
assignments <- read.csv(argument[[2]], header = FALSE)
draws <- as.integer(argument[[3]])

arms <- c("UC", "PT", "HC")
people$site <- factor(people$site)
people$education <- relevel(factor(people$education), "hs")
stratum <- interaction(people$male, people$site, people$urban, people$severity_0 >= 7, drop = TRUE)
members <- split(seq_len(nrow(people)), stratum)
long <- merge(visits, people)
long$person <- match(long$participant_id, people$participant_id)
long <- long[order(long$person, long$month), ]
long$month <- factor(long$month, c(3, 6, 12))
long$responder <- as.numeric((long$severity_0 - long$severity) / long$severity_0 >= 0.30)

randomize <- function() {
  assigned <- character(nrow(people))
  for (own in members) {
    sequence <- character(0)
    while (length(sequence) < length(own)) {
      sequence <- c(sequence, sample(rep(arms, sample(1:3, 1))))
    }
    assigned[own] <- sequence[seq_along(own)]
  }
  assigned
}

z <- "severity_0 + male + age65 + site + urban + multisite + mh_dx + education + not_employed"
full <- as.formula(paste("responder ~ arm * month +", z))
null <- as.formula(paste("responder ~ month +", z))

wald <- function(assigned) {
  long$arm <- factor(assigned[long$person], arms)
  fit <- glm(full, poisson, long)
  v <- vcovCL(fit, long$person, type = "HC0", cadjust = FALSE)
  k <- c("armPT", "armHC")
  drop(coef(fit)[k] %*% solve(v[k, k], coef(fit)[k]))
}

# The robust score test of the arms at 3 months, written out (one fit for all assignments).
score <- function(assigned) {
  fit <- glm(null, poisson, long, control = glm.control(epsilon = 1e-14))
  mu <- fitted(fit)
  nuisance <- model.matrix(fit)
  arm <- sapply(c("PT", "HC"), \(a) (assigned[long$person] == a) * (long$month == 3))
  slope <- solve(t(nuisance) %*% (mu * nuisance), t(nuisance) %*% (mu * arm))
  of_people <- rowsum((arm - nuisance %*% slope) * (long$responder - mu), long$person)
  total <- colSums(of_people)
  drop(total %*% solve(t(of_people) %*% of_people, total))
}

given <- apply(assignments, 1, score)
set.seed(1)
invisible(wald(randomize()))
start <- Sys.time()
drawn <- replicate(draws, wald(randomize()))
seconds <- as.numeric(Sys.time() - start, units = "secs")
writeLines(
  jsonlite::toJSON(list(score = given, milliseconds = 1000 * seconds / draws, mean = mean(drawn)),
    digits = I(15), auto_unbox = TRUE
  ), argument[[4]]
)
