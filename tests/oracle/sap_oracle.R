# The whole statistical plan on the simulated trial of tests/goldens/sap_oracle.
# Rscript sap_oracle.R [folder]   (from tests/oracle; writes sap_oracle.json)

source("common.R")
suppressPackageStartupMessages(library(geepack))

folder <- "../goldens/sap_oracle"
quantile <- qnorm(0.975)
arms <- c("UC", "PT", "HC")
months <- c(3, 6, 12)
z <- c(
  "severity_0", "male", "age65", "site", "urban", "multisite", "mh_dx", "education", "not_employed"
)

# ---- data: one row a person and month, in the order of people ----

people <- read.csv(file.path(folder, "participants.csv"))
people$arm <- factor(people$arm, arms)
people$site <- factor(people$site)
people$education <- relevel(factor(people$education), "hs")
people$cluster <- ifelse(people$arm == "HC", people$coach, people$participant_id)
followup <- read.csv(file.path(folder, "followup.csv"))
people$visits <- sapply(people$participant_id, \(id) sum(followup$participant_id == id))
people$seen <- people$visits > 0

rows <- merge(
  people[rep(seq_len(nrow(people)), each = 3), ] |> transform(month = rep(months, nrow(people))),
  followup, all.x = TRUE
)
rows <- rows[order(rows$participant_id, rows$month), ]
rows$month <- factor(rows$month, months)
rows$reduction <- rows$severity_0 - rows$severity
respond <- function(reduction, baseline) as.numeric(reduction / baseline >= 0.30)
rows$responder <- respond(rows$reduction, rows$severity_0)
observed <- rows[!is.na(rows$severity), ]

# ---- weights and imputations of the main analysis ----

response <- fit_glm(
  reformulate(c("arm", setdiff(z, "education"), "sdoh", "peg", "phq8", "gad7"), "seen"),
  binomial, people
)
inverse <- 1 / fitted(response)
people$weight <- ifelse(people$seen, inverse / mean(inverse[people$seen]), 0)

rows$pattern <- relevel(factor(rows$visits), "3")
imputation_rows <- droplevels(subset(rows, seen))
imputation <- lm(
  reformulate(c("arm * month", "pattern", "pattern:arm", z), "reduction"), imputation_rows
)
main_rows <- imputation_rows
main_rows$weight <- people$weight[match(main_rows$participant_id, people$participant_id)]
main_rows$imputed <- is.na(main_rows$reduction)
main_rows$reduction[main_rows$imputed] <- predict(imputation, main_rows[main_rows$imputed, ])
main_rows$responder <- respond(main_rows$reduction, main_rows$severity_0)

everybody <- rows
everybody$responder[is.na(everybody$responder)] <-
  as.numeric(everybody$arm == "UC")[is.na(everybody$responder)]

# ---- models ----

adjusted <- reformulate(c("arm * month", z), "responder")
linear <- update(adjusted, reduction ~ .)

# CR0: Σ_c of outer products of cluster totals, no small-sample factor.
cr0 <- function(fit, cluster) vcovCL(fit, cluster, type = "HC0", cadjust = FALSE)

# The variance stacked with the response model: influence of people, summed by cluster.
stacked <- function(fit, data) {
  person <- factor(data$participant_id, people$participant_id)
  scores <- rowsum(estfun(fit), person, reorder = TRUE)
  all_scores <- matrix(0, nrow(people), ncol(scores))
  all_scores[match(rownames(scores), people$participant_id), ] <- scores
  x <- model.matrix(response)
  p <- fitted(response)
  slope <- t(all_scores) %*% (-(1 - p) * x) # d(weighted score) / d(response parameters)
  information <- t(x) %*% (p * (1 - p) * x)
  response_influence <- (x * (people$seen - p)) %*% solve(information)
  influence <- all_scores + response_influence %*% t(slope)
  totals <- rowsum(influence, people$cluster) %*% vcov(fit)
  structure(t(totals) %*% totals, dimnames = dimnames(vcov(fit)))
}

# Linear predictors of the arms at a month, covariates at the means of the people of `data`.
contrast_rows <- function(fit, data, month) {
  person <- !duplicated(data$participant_id)
  x <- model.matrix(fit)
  keep <- setdiff(seq_len(ncol(x)), grep("arm|month", colnames(x)))
  grid <- data.frame(arm = factor(arms, arms), month = factor(month, months))
  at <- matrix(0, 3, ncol(x), dimnames = list(arms, colnames(x)))
  cells <- model.matrix(~ arm * month, grid)
  at[, colnames(cells)] <- cells
  at[, keep] <- rep(colMeans(x[person, keep, drop = FALSE]), each = 3)
  at
}

pairs <- list(c("PT", "UC"), c("HC", "UC"), c("HC", "PT"))

# Rows of month, quantity, level, estimate, se_link, limits, p: risks and contrasts of one fit.
results <- function(fit, data, v, log_link = TRUE) {
  beta <- coef(fit)
  out <- list()
  for (month in months) {
    at <- contrast_rows(fit, data, month)
    eta <- drop(at %*% beta)
    put <- function(...) out[[length(out) + 1]] <<- list(month = month, ...)
    back <- if (log_link) exp else identity
    interval <- function(estimate, se) {
      list(lower = back(estimate - quantile * se), upper = back(estimate + quantile * se))
    }
    for (arm in arms) {
      s <- sqrt(drop(at[arm, ] %*% v %*% at[arm, ]))
      limits <- interval(eta[[arm]], s)
      put(
        quantity = if (log_link) "risk" else "mean", level = arm, estimate = back(eta[[arm]]),
        se_link = s, lower = limits$lower, upper = limits$upper
      )
    }
    for (pair in pairs) {
      level <- paste(pair, collapse = ":")
      gap <- at[pair[1], ] - at[pair[2], ]
      difference <- sum(gap * beta)
      s <- sqrt(drop(gap %*% v %*% gap))
      limits <- interval(difference, s)
      put(
        quantity = if (log_link) "risk_ratio" else "mean_difference", level = level,
        estimate = back(difference), se_link = s, lower = limits$lower, upper = limits$upper,
        p = 2 * pnorm(-abs(difference / s))
      )
      if (log_link) {
        risk <- exp(eta[pair])
        gradient <- risk[1] * at[pair[1], ] - risk[2] * at[pair[2], ]
        s <- sqrt(drop(gradient %*% v %*% gradient))
        difference <- risk[[1]] - risk[[2]]
        put(
          quantity = "risk_difference", level = level, estimate = difference, se_link = s,
          lower = difference - quantile * s, upper = difference + quantile * s
        )
      }
    }
    gaps <- at[c("PT", "HC"), ] - at[c("UC", "UC"), ]
    d <- gaps %*% beta
    wald <- drop(t(d) %*% solve(gaps %*% v %*% t(gaps), d))
    put(
      quantity = "omnibus_wald", level = "all", estimate = wald, df = 2,
      p = pchisq(wald, 2, lower.tail = FALSE)
    )
  }
  out
}

main <- fit_glm(adjusted, poisson, main_rows, main_rows$weight)
complete <- fit_glm(adjusted, poisson, observed)
unadjusted <- fit_glm(responder ~ arm * month, poisson, observed)
bounds <- fit_glm(adjusted, poisson, everybody)
linear_complete <- fit_lm(linear, observed)
linear_main <- fit_lm(linear, main_rows, main_rows$weight)
gee <- geeglm(
  adjusted, poisson, observed, id = match(observed$participant_id, people$participant_id),
  corstr = "exchangeable", control = geese.control(epsilon = 1e-12, maxit = 200)
)

# clubSandwich's corrections of the arm terms (3 months is the reference month).
small_sample <- function(fit) {
  out <- lapply(c("CR0", "CR1", "CR2", "CR3"), \(type) {
    arm <- subset(club(fit, observed$cluster, type), term %in% c("armPT", "armHC"))
    data.frame(
      type = type, term = arm$term, estimate = coef(fit)[arm$term], se = arm$se,
      df_satterthwaite = arm$df
    )
  })
  do.call(rbind, out) |> `rownames<-`(NULL)
}

# ---- the 3-month visit alone: one row a person ----

visit3 <- subset(observed, month == "3")
once <- reformulate(c("arm", z), "responder")
poisson3 <- fit_glm(once, poisson, visit3)
logistic3 <- fit_glm(once, binomial, visit3)
binomial3 <- glm(
  once, binomial(link = "log"), visit3, start = coef(poisson3) - c(0.2, 0 * coef(poisson3)[-1]),
  control = tight
)
# R judges convergence by the deviance, which is flat at the maximum: go on until the score is 0.
while (max(abs(colSums(estfun(binomial3)))) > 1e-9) {
  binomial3 <- update(binomial3, start = coef(binomial3))
}

log_rr <- function(fit, v) {
  terms <- c("armPT", "armHC")
  data.frame(term = terms, log_rr = coef(fit)[terms], se = se(v)[terms]) |> `rownames<-`(NULL)
}

# Risks standardized over the people seen; covariates fixed (delta) and random (influence).
standardized <- function(fit) {
  derivative <- fit$family$mu.eta
  parts <- lapply(setNames(arms, arms), \(arm) {
    everyone <- visit3
    everyone$arm[] <- arm
    x <- model.matrix(delete.response(terms(fit)), everyone)
    eta <- drop(x %*% coef(fit))
    mu <- fit$family$linkinv(eta)
    gradient <- colMeans(derivative(eta) * x)
    influence <- (mu - mean(mu)) + nrow(visit3) * estfun(fit) %*% vcov(fit) %*% gradient
    list(risk = mean(mu), gradient = gradient, influence = drop(influence))
  })
  v <- sandwich(fit)
  length_of <- function(influence) sqrt(sum(influence^2)) / nrow(visit3)
  do.call(rbind, lapply(c("PT", "HC"), \(arm) {
    a <- parts[[arm]]
    b <- parts$UC
    ratio <- a$gradient / a$risk - b$gradient / b$risk
    difference <- a$gradient - b$gradient
    data.frame(
      level = paste0(arm, ":UC"), risk = a$risk, risk_ref = b$risk, log_rr = log(a$risk / b$risk),
      se_log_rr_delta = sqrt(drop(ratio %*% v %*% ratio)),
      se_log_rr_if = length_of(a$influence / a$risk - b$influence / b$risk),
      rd = a$risk - b$risk,
      se_rd_delta = sqrt(drop(difference %*% v %*% difference)),
      se_rd_if = length_of(a$influence - b$influence)
    )
  }))
}
cells <- expand.grid(arm = arms, month = months, stringsAsFactors = FALSE)
counts <- lapply(seq_len(nrow(cells)), \(i) {
  cell <- observed[observed$arm == cells$arm[i] & observed$month == cells$month[i], ]
  list(
    arm = cells$arm[i], month = cells$month[i], responders = sum(cell$responder),
    observed = nrow(cell)
  )
})
names(counts) <- paste(cells$arm, cells$month, sep = ".")
weights <- people$weight[people$seen]

write_results(list(
  main_fixed = results(main, main_rows, cr0(main, main_rows$cluster)),
  main_weights_stacked = results(main, main_rows, stacked(main, main_rows)),
  main_person_fixed = results(main, main_rows, cr0(main, main_rows$participant_id)),
  complete_case = results(complete, observed, cr0(complete, observed$cluster)),
  complete_case_person = results(complete, observed, cr0(complete, observed$participant_id)),
  complete_case_exchangeable = results(gee, observed, gee$geese$vbeta),
  exchangeable_alpha = gee$geese$alpha[[1]],
  unadjusted = results(unadjusted, observed, cr0(unadjusted, observed$cluster)),
  unadjusted_person = results(unadjusted, observed, cr0(unadjusted, observed$participant_id)),
  worst_best_case = results(bounds, everybody, cr0(bounds, everybody$cluster)),
  linear_complete_case =
    results(linear_complete, observed, cr0(linear_complete, observed$cluster), FALSE),
  linear_main_fixed = results(linear_main, main_rows, cr0(linear_main, main_rows$cluster), FALSE),
  small_sample_poisson = small_sample(complete),
  small_sample_linear = small_sample(linear_complete),
  visit3_poisson_hc0 = log_rr(poisson3, vcovHC(poisson3, "HC0")),
  visit3_poisson_hc1 = log_rr(poisson3, vcovHC(poisson3, "HC1")),
  visit3_poisson_hc2 = log_rr(poisson3, vcovHC(poisson3, "HC2")),
  visit3_poisson_hc3 = log_rr(poisson3, vcovHC(poisson3, "HC3")),
  visit3_log_binomial_model = log_rr(binomial3, vcov(binomial3)),
  visit3_log_binomial_robust = log_rr(binomial3, sandwich(binomial3)),
  visit3_log_binomial_converged = binomial3$converged,
  visit3_gcomp_logistic = standardized(logistic3),
  visit3_gcomp_poisson = standardized(poisson3),
  counts = counts,
  imputed = list(
    rows = nrow(main_rows), imputed = sum(main_rows$imputed),
    imputed_responders = sum(main_rows$responder[main_rows$imputed])
  ),
  weights = c(as.list(unclass(summary(weights, digits = 15))), sd = sd(weights)),
  coef = list(
    weights = as.list(coef(response)), imputation = as.list(coef(imputation)),
    main = as.list(coef(main))
  )
), "sap_oracle", c("sandwich", "clubSandwich", "geepack", "jsonlite"))
