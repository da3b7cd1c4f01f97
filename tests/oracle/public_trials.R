# Modified Poisson regression of real trials with every covariance that R has a program for.
# Rscript public_trials.R [folder]   (from tests/oracle; writes public_trials.json)

source("common.R")
source("corrections.R")
source("trials.R")

cells <- expand.grid(stage = c("I", "II", "III"), receptor = c("High", "Low"))
cells <- cbind(cells, deaths = c(5, 17, 9, 2, 9, 12), n = c(55, 74, 15, 12, 22, 14))
breastcancer <- cells[rep(1:6, cells$n), ]
breastcancer$death <- unlist(Map(\(d, n) rep(1:0, c(d, n - d)), cells$deaths, cells$n))

# Coefficients with HC0-HC3 and, given clusters, the cluster covariances; names in R's order.
trial <- function(formula, data, cluster = NULL) {
  fit <- fit_glm(formula, poisson, data)
  out <- list(
    n = nrow(data), names = names(coef(fit)), coef = unname(coef(fit)),
    se_naive = unname(se(vcov(fit))),
    n_fitted_gt1 = sum(fitted(fit) > 1), max_fitted = max(fitted(fit))
  )
  for (type in c("HC0", "HC1", "HC2", "HC3")) {
    out[[paste0("se_", type)]] <- unname(se(vcovHC(fit, type)))
  }
  person <- if (is.null(cluster)) seq_len(nrow(data)) else cluster
  club_rows <- lapply(c(CR0 = "CR0", CR1 = "CR1", CR2 = "CR2", CR3 = "CR3"), \(type) {
    rows <- club(fit, person, type)
    list(se = rows$se, df_satterthwaite = rows$df)
  })
  out$clubSandwich <- club_rows
  if (!is.null(cluster)) {
    out$n_clusters <- length(unique(cluster))
    hand <- lapply(by_hand(fit, cluster), \(v) unname(se(v)))
    out$cluster <- c(list(
      CR0 = unname(se(vcovCL(fit, cluster, type = "HC0", cadjust = FALSE))),
      CR1 = unname(se(vcovCL(fit, cluster, type = "HC0"))),
      CR1S = unname(se(vcovCL(fit, cluster, type = "HC1")))
    ), hand)
  }
  c(out, standardized(fit, data, all.vars(formula)[2]))
}

# Risks of the arms standardized over everybody, and all pairs; HC0, covariates fixed.
standardized <- function(fit, data, arm) {
  v <- vcovHC(fit, "HC0")
  parts <- lapply(setNames(nm = levels(data[[arm]])), \(level) {
    data[[arm]][] <- level
    x <- model.matrix(delete.response(terms(fit)), data)
    mu <- drop(exp(x %*% coef(fit)))
    list(risk = mean(mu), gradient = colMeans(mu * x))
  })
  length_of <- function(g) sqrt(drop(g %*% v %*% g))
  pairs <- combn(names(parts), 2, simplify = FALSE)
  pairwise <- lapply(pairs, \(pair) {
    b <- parts[[pair[1]]]
    a <- parts[[pair[2]]]
    list(
      log_rr = log(a$risk / b$risk),
      se_log_rr = length_of(a$gradient / a$risk - b$gradient / b$risk),
      rd = a$risk - b$risk, se_rd = length_of(a$gradient - b$gradient)
    )
  })
  names(pairwise) <- sapply(pairs, \(pair) paste(rev(pair), collapse = "|"))
  list(
    risk = lapply(parts, \(p) p$risk),
    risk_se_HC0_fixedX = lapply(parts, \(p) length_of(p$gradient)),
    pairwise = pairwise
  )
}

breathing <- outcome ~ treat + center + sex + age + baseline
visit4 <- subset(respiratory, visit == 4)

write_results(list(
  geepack_respiratory_visit4 = trial(breathing, visit4),
  geepack_respiratory_allvisits = trial(breathing, respiratory, respiratory$person),
  strep_tb_adj = trial(improved ~ arm + baseline_condition + gender, strep_tb),
  indo_rct_sites123_adj = trial(outcome ~ rx + site + risk, indo_rct),
  TODAY_unadjusted = trial(failure ~ treatment, diabetes2),
  BtheB_8m_resp50 = trial(responder ~ treatment + bdi.pre + drug + length, BtheB),
  breastcancer192 = trial(death ~ stage + receptor, breastcancer)
), "public_trials", c("sandwich", "clubSandwich", "jsonlite"))
