# Intervals by inversion of the robust quasi-score test: glm under an offset gives the constrained
# fit, the statistic is written out from its definition.
# Rscript quasi_score.R [folder]   (from tests/oracle; writes quasi_score.json)

source("common.R")
source("trials.R")

quantile <- qchisq(0.95, 1)

# One contrast lᵀβ of a Poisson model y ~ x: with l_k ≠ 0 the constraint lᵀβ = ψ leaves
# β_k = (ψ - Σ l_j β_j)/l_k, thus the offset ψ x_k/l_k and the columns x_j - x_k l_j/l_k.
statistic <- function(psi, x, y, w, l, cluster) {
  k <- which.max(abs(l))
  shift <- x[, k] / l[k]
  free <- x[, -k, drop = FALSE] - outer(shift, l[-k])
  start <- NULL
  for (i in 1:2) { # the second fit from the solution of the first
    fit <- suppressWarnings(glm.fit(
      free, y, w, family = poisson(), offset = psi * shift, control = tight, intercept = FALSE,
      start = start
    ))
    start <- fit$coefficients
  }
  mu <- exp(drop(free %*% fit$coefficients) + psi * shift)
  totals <- rowsum(w * (y - mu) * x, cluster)
  inverse <- solve(t(x) %*% (w * mu * x))
  s <- colSums(totals)
  drop(l %*% inverse %*% s)^2 / drop(l %*% inverse %*% crossprod(totals) %*% inverse %*% l)
}

intervals <- function(formula, data, contrasts, cluster, weight = rep(1, nrow(data))) {
  fit <- fit_glm(formula, poisson, data, weight)
  x <- model.matrix(fit)
  v <- vcovCL(fit, cluster, type = "HC0", cadjust = FALSE)
  lapply(contrasts, \(terms) {
    l <- setNames(numeric(ncol(x)), colnames(x))
    l[names(terms)] <- terms
    estimate <- sum(l * coef(fit))
    wald <- sqrt(drop(l %*% v %*% l))
    at <- \(psi) statistic(psi, x, fit$y, weight, l, cluster)
    limit <- \(sign) {
      ends <- estimate + sign * wald * c(0.5, 4)
      uniroot(\(psi) at(psi) - quantile, sort(ends), tol = 1e-11)$root
    }
    list(
      estimate = estimate, std_error = wald, lower = limit(-1), upper = limit(1),
      statistic = at(0), p = pchisq(at(0), 1, lower.tail = FALSE)
    )
  })
}

arm <- function(name) list(arm = setNames(1, name))
trials <- list(
  strep_tb_adj = intervals(
    improved ~ arm + baseline_condition + gender, strep_tb, arm("armStreptomycin"),
    seq_len(nrow(strep_tb))
  ),
  BtheB_8m_resp50 = intervals(
    responder ~ treatment + bdi.pre + drug + length, BtheB, arm("treatmentBtheB"),
    seq_len(nrow(BtheB))
  ),
  geepack_respiratory_allvisits = intervals(
    outcome ~ treat + center + sex + age + baseline, respiratory, arm("treatA"),
    respiratory$person
  ),
  TODAY_unadjusted = intervals(
    failure ~ treatment, diabetes2, list(
      rosi = c(treatmentrosi = 1), lifestyle = c(treatmentlifestyle = 1),
      lifestyle_rosi = c(treatmentlifestyle = 1, treatmentrosi = -1)
    ), seq_len(nrow(diabetes2))
  )
)

# ---- complete cases of the simulated trial, by coach and person ----

folder <- "../goldens/sap_oracle"
people <- read.csv(file.path(folder, "participants.csv")) |> transform(
  arm = factor(arm, c("UC", "PT", "HC")), site = factor(site),
  education = relevel(factor(education), "hs"),
  cluster = ifelse(arm == "HC", coach, participant_id)
)
rows <- merge(people, read.csv(file.path(folder, "followup.csv")), by = "participant_id")
rows$responder <- as.numeric((rows$severity_0 - rows$severity) / rows$severity_0 >= 0.30)
months <- c(3, 6, 12)
rows$month <- factor(rows$month, months)
adjusted <- responder ~ arm * month + severity_0 + male + age65 + site + urban + multisite +
  mh_dx + education + not_employed

contrasts <- list()
for (m in months) {
  at <- \(a) if (m == 3) c(1) |> setNames(a) else setNames(c(1, 1), c(a, paste0(a, ":month", m)))
  contrasts[[paste0("PT:UC ", m)]] <- at("armPT")
  contrasts[[paste0("HC:UC ", m)]] <- at("armHC")
  contrasts[[paste0("HC:PT ", m)]] <- c(at("armHC"), -at("armPT"))
}
trials$sap_complete_case <- intervals(adjusted, rows, contrasts, rows$cluster)

write_results(trials, "quasi_score", c("sandwich", "clubSandwich", "jsonlite"))
