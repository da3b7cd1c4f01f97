"""Words for the ids that stand in the results: flow steps, levels, reasons, findings."""

from trialrr.ard import Subgroup

STEPS = {
    "screened": "Screened for eligibility",
    "ineligible": "Ineligible",
    "eligible": "Eligible",
    "consented": "Consented",
    "randomized": "Randomized",
    "randomized_in_error": "Randomized in error",
    "analyzed": "Analyzed",
    "withdrew": "Withdrew",
    "died": "Died",
    "any_follow_up": "Any follow-up",
}
"""Steps that flows have in common; a trial says the words for its own."""

LEVELS = {"not_recorded": "No reason recorded", "missing": "Not reported"}
"""Levels that all trials have in common, shown after their own."""

ROLES = {
    "exact": "Calibrated exactly",
    "approximate": "Calibrated approximately",
    "calibrated": "Calibrated",
    "predicted": "Predicted: never used for tuning",
}

STATUSES = {
    "prespecified": "Prespecified",
    "post_hoc": "Post hoc",
    "exploratory": "Exploratory",
}

_COUNTED = {
    "n": "Number",
    "events": "Number",
    "mean": "Mean",
    "sd": "SD",
    "median": "Median",
    "q1": "Lower quartile",
    "q3": "Upper quartile",
    "median_change": "Median change",
    "q1_change": "Lower quartile of change",
    "q3_change": "Upper quartile of change",
    "minimum": "Minimum",
    "maximum": "Maximum",
    "responder_share": "Share of responders",
    "dropped_out": "People who dropped out",
    "n_without_level": "People without a level",
    "mean_change": "Mean change",
    "sd_change": "SD of the change",
    "observed_mean": "Observed mean",
    "observed_change": "Observed change",
    "observed_change_sd": "SD of the observed change",
    "density_observed": "Density, observed",
    "density_imputed": "Density, imputed",
    "unit_cost": "Unit cost",
}
_EFFECTS = {
    "risk": "Percentage",
    "risk_ratio": "Relative risk",
    "risk_difference": "Risk difference, percentage points",
    "nnt": "Number needed to treat",
    "odds_ratio": "Odds ratio",
    "mean_difference": "Mean difference",
    "standardized_difference": "Standardized difference",
    "mantel_haenszel_risk_ratio": "Mantel-Haenszel relative risk",
    "coefficient": "Coefficient",
    "compliance": "Compliance",
    "proportion_mediated": "Proportion mediated",
    "net_benefit": "Net benefit",
    "icer": "Incremental cost-effectiveness ratio",
    "median_risk_ratio": "Median relative risk, one-step",
    "median_risk_ratio_fitted": "Median relative risk, fitted",
    "share_significant": "Share significant, one-step",
    "share_significant_fitted": "Share significant, fitted",
    "tipping_delta": "Tipping point, points",
    "tipping_imor": "Tipping point, odds ratio",
    "equivalent_delta": "Equivalent shift, points",
    "equivalent_imor": "Equivalent odds ratio",
}
_BY = {
    f"{quantity}_{how}": f"{_EFFECTS[quantity]}, {words}"
    for how, words in {
        "percentile": "percentile interval",
        "basic": "basic interval",
        "bootstrap": "bootstrap interval",
    }.items()
    for quantity in ("risk", "risk_ratio", "risk_difference", "mean_difference", "net_benefit")
}
_TESTS = {
    "omnibus_wald": "Omnibus test",
    "protected_test": "Protected test",
    "adjusted_test": "Adjusted test",
    "rerandomization_test": "Re-randomization test",
    "interaction_wald": "Interaction, ratios",
    "interaction_wald_difference": "Interaction, differences",
    "fisher_exact": "Fisher's exact test",
    "cochran_mantel_haenszel": "Cochran-Mantel-Haenszel test",
    "selection_p_missing": "P, missingness",
    "selection_p_outcome": "P, outcome",
}
_PIECES = {
    "mc_error": "Monte Carlo error",
    "fmi": "Fraction of missing information",
    "pilot_fmi_upper": "Fraction of missing information, upper limit of the pilot",
    "chain_mean": "Mean of the chain",
    "chain_sd": "SD of the chain",
    "effective_n": "Effective number",
    "selected": "Selected",
    "mediator_kept": "Mediator kept",
    "share_kept": "Share of samples that keep it",
    "acceptability": "Acceptability",
    "quadrant": "Share of a quadrant",
    "correlation": "Correlation",
    "winsorized_at": "Winsorized at",
    "residual_sd": "Residual SD",
    "residual_correlation": "Residual correlation",
    "log_likelihood": "Log likelihood",
    "power": "Power",
    "power_unadjusted": "Power, unadjusted",
    "coverage": "Coverage",
    "rejection": "Rejection",
    "rejection_by_rule": "Rejection by the plan's rule",
    "bias": "Bias",
    "mean_std_error": "Mean SE",
    "empirical_std_error": "Empirical SE",
    "true_risk_ratio": "True relative risk",
    "person_sd": "SD between people",
    "cluster_sd": "SD between clusters",
    "imputed_response": "Response as imputed",
    "missing_response": "True response of people not seen",
}
QUANTITIES = _COUNTED | _EFFECTS | _BY | _TESTS | _PIECES
"""Quantity of the ARD → words, of all but those of `results.ABOUT`."""

IDS = {
    "follow_up": "Follow-up",
    "imputation_model": "Imputation model",
    "response_model": "Model of any follow-up",
}

FORMS = {
    "principal_stratum": "principal strata",
    "instrument": "arm as instrument",
}
"""How an effect among compliers is found."""

STRATEGIES = {
    "treatment_policy": "Treatment policy",
    "hypothetical": "Hypothetical",
    "composite": "Composite variable",
    "while_on_treatment": "While on treatment",
    "principal_stratum": "Principal stratum",
}
"""Strategies for intercurrent events, as ICH E9(R1) calls them."""

DIMENSIONS = {
    "population": "People",
    "definition": "Response",
    "missing": "Missing outcomes",
}  # of the specification curve

WORDS = {"phq8": "PHQ-8", "gad7": "GAD-7", "peg": "PEG", "t": "T score", "msk": "musculoskeletal"}
WORDS |= {"poisson": "Poisson", "dx": "diagnosis"}


def words(id: str) -> str:
    """An id as words: visits_completed → Visits completed, >=7 → ≥7."""
    if id in IDS:
        return IDS[id]
    text = " ".join(WORDS.get(part, part) for part in id.split("_"))
    text = text.replace(">=", "≥").replace("<=", "≤")
    return text[:1].upper() + text[1:]


def quantity(id: str) -> str:
    """Words for a quantity of the ARD."""
    return QUANTITIES.get(id) or words(id)


def dimension(id: str) -> str:
    """Words for a dimension of the specification curve."""
    return DIMENSIONS.get(id) or words(id)


def subgroup(text: str) -> str:
    """Words for a subgroup of a row: "site=C; sessions>=6" → Site C, Sessions ≥6."""
    parts = Subgroup.read(text).parts
    return ", ".join(f"{words(name)} {level(*rest)}".strip() for name, *rest in parts)


def level(sign: str, value: str) -> str:
    """Words for who has a value, or one above or below it: ≥6."""
    sign = {">=": "≥", "<=": "≤", "=": ""}.get(sign, sign)
    return sign + value.replace("_", " ")
