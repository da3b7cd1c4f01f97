# Designs that the other programs lack: arms that vary inside clusters, few and unequal clusters,
# weights, F references, adjustment of p-values, and exact and stratified tests of tables.
# Rscript small_designs.R [folder]   (from tests/oracle; writes small_designs.json)

source("common.R")
source("corrections.R")
source("trials.R")

# Clusters that can be rebuilt anywhere: blocks of consecutive people; sizes differ.
respiratory$block <- paste(respiratory$center, (respiratory$id - 1) %/% 7, sep = "-")
diabetes2$block <- floor(sqrt(seq_len(nrow(diabetes2)) - 1)) # blocks of 1, 3, 5, ... people
diabetes2$group <- ifelse(
  diabetes2$treatment == "lifestyle", diabetes2$block, 1000 + seq_len(nrow(diabetes2))
)
respiratory$weight <- 0.5 + respiratory$age %% 7 / 4

# ---- cluster covariances of one fit ----

types <- c("CR0", "CR1", "CR1S", "CR2", "CR3")

clustered <- function(fit, cluster, ...) {
  rows <- lapply(setNames(nm = types), \(type) {
    found <- club(fit, cluster, type, ...)
    list(se = found$se, df_satterthwaite = found$df)
  })
  list(
    n = nobs(fit), n_clusters = length(unique(cluster)), names = names(coef(fit)),
    coef = unname(coef(fit)), clubSandwich = rows
  )
}

heteroscedastic <- function(fit) {
  lapply(setNames(nm = c("HC0", "HC1", "HC2", "HC3")), \(type) unname(se(vcovHC(fit, type))))
}

# Joint test of the coefficients in `which`: chi-squared, and F by three references.
joint <- function(fit, cluster, which, type) {
  v <- vcovCR(fit, cluster = cluster, type = type)
  tests <- c("chi-sq", "Naive-F", "Naive-Fp", "HTZ")
  found <- Wald_test(fit, constrain_zero(which), vcov = v, test = tests)
  lapply(split(found, found$test), \(row) {
    list(statistic = row$Fstat, df_num = row$df_num, df_denom = row$df_denom, p = row$p_val)
  })
}

breathing <- outcome ~ treat + center + sex + age + baseline
fits <- list(
  poisson = fit_glm(breathing, poisson, respiratory),
  logistic = fit_glm(breathing, binomial, respiratory),
  linear = fit_lm(breathing, respiratory)
)
weighted <- list(
  poisson = fit_glm(breathing, poisson, respiratory, respiratory$weight),
  logistic = suppressWarnings( # weights are not counts
    fit_glm(breathing, binomial, respiratory, respiratory$weight)
  ),
  linear = fit_lm(breathing, respiratory, respiratory$weight)
)
three_arms <- fit_glm(failure ~ treatment, poisson, diabetes2)
arms <- c("treatmentrosi", "treatmentlifestyle")
few <- subset(respiratory, visit == 4)
few_fit <- fit_glm(outcome ~ treat + baseline, poisson, few)

# clubSandwich's target is the working model; for weighted least squares that must be said, with
# the weights scaled to mean 1 as the package scales them.
model_target <- list(target = mean(respiratory$weight) / respiratory$weight, inverse_var = TRUE)

covariances <- list(
  blocks_poisson = clustered(fits$poisson, respiratory$block),
  blocks_logistic = clustered(fits$logistic, respiratory$block),
  blocks_linear = clustered(fits$linear, respiratory$block),
  blocks_weighted_poisson = clustered(weighted$poisson, respiratory$block),
  blocks_weighted_logistic = clustered(weighted$logistic, respiratory$block),
  blocks_weighted_linear_target_model =
    do.call(clustered, c(list(weighted$linear, respiratory$block), model_target)),
  blocks_weighted_linear_target_identity = clustered(weighted$linear, respiratory$block),
  persons_weighted_poisson = clustered(weighted$poisson, respiratory$person),
  visit4_blocks_poisson = clustered(few_fit, few$block),
  three_arms_blocks_poisson = clustered(three_arms, diabetes2$block),
  three_arms_partially_nested_poisson = clustered(three_arms, diabetes2$group)
)

# ---- p-values ----

p_values <- list(
  goldens = c(.0113, .0004, .032, .21),
  ties = c(.01, .02, .02, .03, .04),
  all_equal = c(.04, .04, .04),
  with_one_and_zero = c(1, 0, .5, .02, .7),
  unsorted_many = c(.04, .001, .2, .015, .6, .03, .008, .9, .05, .05),
  hommel_differs = c(.012, .018, .02, .022, .2), # Hommel below Hochberg
  single = .03
)
methods <- c("holm", "hochberg", "hommel", "BH")
multiplicity <- lapply(p_values, \(p) {
  c(list(p = I(p)), lapply(setNames(nm = methods), \(m) I(p.adjust(p, m))))
})

# ---- tables: arm (treated first) by event (event first), by stratum ----

table_of <- function(arm, event, stratum = NULL) {
  event <- factor(event, 1:0)
  if (is.null(stratum)) table(arm, event) else table(arm, event, stratum)
}
treated_first <- function(arm) factor(arm, rev(levels(arm)))

stratified <- list(
  respiratory_center = with(few, table_of(treated_first(treat), outcome, center)),
  indo_rct_site = with(indo_rct, table_of(treated_first(rx), outcome, site)),
  strep_tb_condition = with(strep_tb, table_of(treated_first(arm), improved, baseline_condition))
)
mantel_haenszel <- lapply(stratified, \(counts) {
  result <- function(...) {
    test <- mantelhaen.test(counts, ...)
    found <- list(p = test$p.value, odds_ratio = test$estimate[[1]], ci = as.vector(test$conf.int))
    if (is.null(test$statistic)) found else c(found, statistic = unname(test$statistic))
  }
  list(
    counts = apply(counts, 3, \(m) as.vector(t(m)), simplify = FALSE), # a, n1 - a, c, n0 - c
    uncorrected = result(correct = FALSE), corrected = result(correct = TRUE),
    exact = result(exact = TRUE)
  )
})

two_by_two <- c(
  lapply(stratified, \(counts) apply(counts, 1:2, sum)),
  list(
    no_events = rbind(c(0, 12), c(5, 9)),
    one_sided = rbind(c(3, 1), c(1, 3)),
    rare = rbind(c(2, 398), c(9, 391)),
    all_events = rbind(c(7, 0), c(4, 6))
  )
)
finite <- function(x) ifelse(is.finite(x), x, NA) # JSON has no infinity
fisher <- lapply(two_by_two, \(counts) {
  test <- fisher.test(counts)
  list(
    counts = as.vector(t(counts)), p = test$p.value,
    p_less = fisher.test(counts, alternative = "less")$p.value,
    p_greater = fisher.test(counts, alternative = "greater")$p.value,
    odds_ratio_conditional = finite(test$estimate[[1]]), ci = finite(as.vector(test$conf.int))
  )
})
three <- table_of(diabetes2$treatment, diabetes2$failure)
fisher$three_arms <- list(counts = as.vector(t(three)), p = fisher.test(three)$p.value)

write_results(list(
  covariances = covariances,
  by_hand = list(
    blocks_poisson = lapply(by_hand(fits$poisson, respiratory$block), \(v) unname(se(v))),
    three_arms_partially_nested_poisson =
      lapply(by_hand(three_arms, diabetes2$group), \(v) unname(se(v)))
  ),
  heteroscedastic = lapply(
    c(setNames(weighted, paste0("weighted_", names(weighted))), fits), heteroscedastic
  ),
  joint = list(
    three_arms_blocks_CR1 = joint(three_arms, diabetes2$block, arms, "CR1"),
    three_arms_blocks_CR2 = joint(three_arms, diabetes2$block, arms, "CR2"),
    three_arms_partially_nested_CR2 = joint(three_arms, diabetes2$group, arms, "CR2"),
    blocks_poisson_arm_CR2 = joint(fits$poisson, respiratory$block, "treatA", "CR2")
  ),
  multiplicity = multiplicity,
  mantel_haenszel = mantel_haenszel,
  fisher = fisher
), "small_designs", c("sandwich", "clubSandwich", "jsonlite"))
