# Mixed models for repeated measures with an unstructured covariance of visits.
# Rscript mmrm.R [folder]   (from tests/oracle; writes mmrm.json)

# The same model three ways: nlme::gls; lme4::lmer where the covariance is a sum of positive terms,
# which lmerTest and pbkrtest know; and the restricted likelihood written out, differentiated by
# numDeriv.

source("common.R")
source("trials.R")
suppressPackageStartupMessages({
  library(nlme)
  library(lme4)
  library(lmerTest)
  library(pbkrtest)
})

# ---- the trials, one row a person and visit ----

long <- function(data, columns) {
  data$id <- seq_len(nrow(data))
  rows <- reshape(
    data, direction = "long", varying = list(columns), v.names = "y", idvar = "id",
    timevar = "visit", times = seq_along(columns)
  )
  rows <- rows[!is.na(rows$y), ]
  rows <- rows[order(rows$id, rows$visit), ]
  rows$month <- factor(rows$visit)
  rows
}

everybody <- read("BtheB") |> transform(
  treatment = levelled(treatment, "TAU", "BtheB"), length = levelled(length, "<6m", ">6m"),
  drug = levelled(drug, "No", "Yes")
)
visits <- c("bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m")
btheb <- y ~ 0 + month + month:treatment + month:bdi.pre + drug + length

folder <- "../goldens/sap_oracle"
people <- read.csv(file.path(folder, "participants.csv")) |> transform(
  arm = factor(arm, c("UC", "PT", "HC")), site = factor(site),
  education = relevel(factor(education), "hs")
)
followup <- read.csv(file.path(folder, "followup.csv"))
wide <- reshape(
  followup[c("participant_id", "month", "severity")], direction = "wide", idvar = "participant_id",
  timevar = "month", v.names = "severity"
)
sap_rows <- merge(people, wide, by = "participant_id") |>
  long(paste0("severity.", c(3, 6, 12))) |>
  transform(y = y - severity_0)
covariates <- ~ male + age65 + site + urban + multisite + mh_dx + education + not_employed
sap_rows$z <- model.matrix(covariates, sap_rows)[, -1]
sap <- y ~ 0 + month:arm + month:severity_0 + z

# ---- nlme ----

by_gls <- function(formula, rows) {
  rows$x <- model.matrix(formula, rows)
  fit <- gls(
    y ~ 0 + x, rows, correlation = corSymm(form = ~ visit | id),
    weights = varIdent(form = ~ 1 | month), method = "REML",
    control = glsControl(tolerance = 1e-12, msTol = 1e-15, msMaxIter = 500, opt = "optim")
  )
  most <- names(which.max(table(rows$id)))
  list(
    coef = setNames(as.list(coef(fit)), colnames(rows$x)),
    se = setNames(as.list(se(vcov(fit))), colnames(rows$x)),
    log_likelihood = as.numeric(logLik(fit)),
    sigma = unclass(getVarCov(fit, individual = most)) |> matrix(nlevels(rows$month))
  )
}

# ---- lme4: Σ = Σ_k γ_k v_k v_kᵀ + γ_0 I with as many terms as Σ has elements, all γ > 0 ----

by_lmer <- function(formula, rows, loadings, contrasts, rules) {
  rows$x <- model.matrix(formula, rows)
  terms <- character()
  for (k in seq_along(loadings)) {
    rows[[paste0("v", k)]] <- loadings[[k]][rows$visit]
    terms <- c(terms, paste0("(0 + v", k, " | id)"))
  }
  fit <- lmerTest::lmer(
    as.formula(paste("y ~ 0 + x +", paste(terms, collapse = " + "))), rows, REML = TRUE,
    control = lmerControl(
      optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5), calc.derivs = FALSE
    )
  )
  stopifnot(!isSingular(fit))
  gamma <- as.data.frame(VarCorr(fit))$vcov
  sigma <- tail(gamma, 1) * diag(nlevels(rows$month))
  for (k in seq_along(loadings)) sigma <- sigma + gamma[k] * loadings[[k]] %o% loadings[[k]]
  tests <- lapply(contrasts, \(at) {
    l <- setNames(numeric(ncol(rows$x)), colnames(rows$x))
    l[names(at)] <- at
    stopifnot(length(l) == ncol(rows$x))
    lapply(rules, \(rule) {
      found <- contest1D(fit, l, ddf = rule)
      list(
        estimate = found$Estimate, se = found$`Std. Error`, df = found$df, p = found$`Pr(>|t|)`
      )
    })
  })
  list(
    log_likelihood = as.numeric(logLik(fit)), sigma = sigma, loadings = loadings, tests = tests
  )
}

# ---- written out: β, Φ and ℓ_R at Σ = L Lᵀ, Satterthwaite's df by numerical derivatives ----

written_out <- function(formula, rows, sigma, contrasts) {
  x <- model.matrix(formula, rows)
  blocks <- split(seq_len(nrow(rows)), rows$id)
  size <- nrow(sigma)
  below <- lower.tri(sigma, diag = TRUE)
  at <- \(theta) {
    root <- matrix(0, size, size)
    root[below] <- theta
    sigma <- tcrossprod(root)
    a <- matrix(0, ncol(x), ncol(x))
    b <- numeric(ncol(x))
    logdet <- squares <- 0
    for (i in blocks) {
      v <- sigma[rows$visit[i], rows$visit[i], drop = FALSE]
      xi <- x[i, , drop = FALSE]
      w <- solve(v)
      a <- a + t(xi) %*% w %*% xi
      b <- b + drop(t(xi) %*% w %*% rows$y[i])
      logdet <- logdet + log(det(v))
      squares <- squares + drop(rows$y[i] %*% w %*% rows$y[i])
    }
    phi <- solve(a)
    beta <- drop(phi %*% b)
    n <- nrow(rows) - ncol(x)
    value <- -(n * log(2 * pi) + logdet + log(det(a)) + squares - sum(b * beta)) / 2
    list(value = value, beta = setNames(beta, colnames(x)), phi = phi, sigma = sigma)
  }
  value <- \(theta) at(theta)$value
  theta <- t(chol(sigma))[below]
  for (step in 1:3) { # Newton from where nlme stopped
    theta <- theta - drop(solve(numDeriv::hessian(value, theta), numDeriv::grad(value, theta)))
  }
  best <- at(theta)
  covariance <- solve(-numDeriv::hessian(value, theta))
  tests <- lapply(contrasts, \(terms) {
    l <- setNames(numeric(ncol(x)), colnames(x))
    l[names(terms)] <- terms
    variance <- \(theta) drop(l %*% at(theta)$phi %*% l)
    slope <- numDeriv::grad(variance, theta)
    v <- variance(theta)
    list(
      estimate = sum(l * best$beta), se = sqrt(v),
      df = 2 * v^2 / drop(slope %*% covariance %*% slope)
    )
  })
  list(log_likelihood = best$value, sigma = best$sigma, tests = tests)
}

# ---- what is stored ----

rules <- c(satterthwaite = "Satterthwaite", kenward_roger = "Kenward-Roger")
treated <- \(visit) setNames(1, paste0("month", visit, ":treatmentBtheB"))
of_treatment <- \(n) setNames(lapply(seq_len(n), treated), seq_len(n))
at_all <- of_treatment(4)
at_all$mean <- setNames(rep(1 / 4, 4), sapply(1:4, \(v) names(treated(v))))

four <- long(everybody, visits)
gls_four <- by_gls(btheb, four)
arms <- list()
for (visit in 1:3) {
  cell <- \(arm) paste0("month", visit, ":arm", arm)
  arms[[paste0("PT:UC ", visit)]] <- setNames(c(1, -1), c(cell("PT"), cell("UC")))
  arms[[paste0("HC:UC ", visit)]] <- setNames(c(1, -1), c(cell("HC"), cell("UC")))
  arms[[paste0("HC:PT ", visit)]] <- setNames(c(1, -1), c(cell("HC"), cell("PT")))
}
# arm means at the covariate means of the people in the fit, one row a person
of_people <- sap_rows[!duplicated(sap_rows$id), ]
columns <- colMeans(of_people$z)
names(columns) <- paste0("z", names(columns))
for (visit in 1:3) for (arm in c("UC", "PT", "HC")) {
  own <- c(1, mean(of_people$severity_0))
  names(own) <- paste0("month", visit, c(paste0(":arm", arm), ":severity_0"))
  arms[[paste(arm, visit)]] <- c(own, columns)
}

write_results(
  list(
    BtheB = c(
      list(rows = nrow(four), people = length(unique(four$id)), gls = gls_four),
      list(written_out = written_out(btheb, four, gls_four$sigma, at_all))
    ),
    BtheB_visits_1_2 = by_lmer(
      btheb, long(everybody, visits[1:2]), list(c(1, 1), c(0, 1)), of_treatment(2), rules
    ),
    BtheB_visits_1_3_4 = by_lmer(
      btheb, long(everybody, visits[c(1, 3, 4)]),
      list(c(1, 1, 1), c(1, 1, 0), c(0, 1, 1), c(1, 0, 0), c(0, 1, 0)), of_treatment(3), rules
    ),
    sap_oracle = c(
      list(people = nrow(of_people), gls = by_gls(sap, sap_rows)),
      by_lmer(
        sap, sap_rows, list(c(1, 1, 1), c(1, 0, 1), c(0, 1, 1), c(1, 0, 0), c(0, 1, 0)), arms,
        rules["satterthwaite"]
      )
    )
  ),
  "mmrm", c("sandwich", "clubSandwich", "nlme", "lme4", "lmerTest", "pbkrtest", "numDeriv", "jsonlite")
)
