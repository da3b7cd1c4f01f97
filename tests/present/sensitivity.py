"""A plan with every kind of analysis and a results table as the analyses write it, from formulas.

The numbers are near those of the trial and mean nothing; what matters is that every kind of row is
there, in the number of a full run.
"""

from itertools import product
from math import exp, log, nan, sin

from tests.present import evaluated, outcomes
from tests.present.estimates import Z, estimates

FITS = ("main", "complete_case", "unadjusted", "worst_best_case")
COUNTS = {"PT": (179, 643), "HC": (233, 690), "UC": (151, 703)}
MONTHS = ("3", "6", "12")
SCORES = [0.5 * i for i in range(21)]

ALONE = (  # kinds without a key `of`
    *("model", "multiple_imputation", "informative_odds", "reference_based"),
    "specification_curve",
)

MORE_FITS = {
    "Estimators and variances": (
        ("log_binomial", "Log-binomial"),
        ("logistic", "Logistic, standardized"),
        ("exchangeable", "Exchangeable working correlation"),
        ("quasi_score", "Quasi-score interval"),
        ("standardized_random", "Standardized risks, people as a sample"),
        ("main_person", "Clusters = persons"),
        ("main_kc", "Kauermann-Carroll and t"),
        ("main_md", "Mancl-DeRouen and t"),
        ("bandwidth_half", "Half the bandwidth"),
        ("bandwidth_double", "Twice the bandwidth"),
        ("imputations_fixed", "Imputations held fixed"),
    ),
    "Weights": (
        ("weights_known", "Weights taken as known"),
        ("weights_stabilized", "Stabilized weights"),
        ("weights_truncated", "Weights truncated at 99 %"),
        ("weights_only", "Weighted complete cases"),
    ),
    "Definition of response": (
        ("response_50", "Drop of 50 % or more"),
        ("drop_1", "Drop of 1 point or more"),
        ("drop_2", "Drop of 2 points or more"),
        ("windows_narrow", "Narrow visit windows"),
        ("windows_wide", "Wide visit windows"),
    ),
    "Covariates": (
        ("covariates_none", "None"),
        ("covariates_strata", "Strata of the randomization"),
    ),
    "People": (
        ("before", "Randomized before 9 Aug 2021"),
        ("from", "Randomized from 9 Aug 2021"),
        ("after", "Randomized after 31 Mar 2022"),
    ),
}
IMPUTED = (
    ("mi_normal", "Multiple imputation, normal draws"),
    ("mi_matching", "Multiple imputation, mean matching"),
)
REFERENCE_BASED = (
    ("jump", "Jump to reference", "jump_to_reference"),
    ("copy", "Copy reference", "copy_reference"),
    ("increments", "Copy increments in reference", "copy_increments"),
)
SPECIFICATION = {
    "populations": ("all", "from_2021-08-09", "after_2022-03-31"),
    "definitions": (
        "severity_30_percent",
        "severity_50_percent",
        "severity_1_point",
        "severity_2_points",
        "intensity_30_percent",
        "interference_30_percent",
    ),
    "missing": ("complete_case", "weighted", "pattern_mixture", "weighted_pattern_mixture"),
    "covariates": ("none", "design", "plan"),
    "estimators": ("modified_poisson", "person_poisson", "standardized_logistic"),
}
POINTS = ["main", "worst_best_case"]
DELTAS = [0.5 * i for i in range(-2, 9)], [0.5 * i for i in range(-2, 7)]
ODDS = [0.1, 0.2, 0.33, 0.5, 0.75, 1.0, 1.5, 2.0], [0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0]
CANDIDATES = ("peg", "phq8", "gad7", "no_social_need")
THRESHOLDS = [0.1 + 0.05 * i for i in range(13)]


def plan(document: dict) -> dict:
    """`document` with entries of every kind instead of its own, but for the first fits."""
    kept = {a["id"]: a for a in document["analyses"] if a["id"] in FITS}
    apart = [*outcomes.entries(document), evaluated.ENTRY]
    first = [kept[id] | {"group": "Analyses of the plan"} for id in FITS]
    entries = [*first]
    for group, fits in MORE_FITS.items():
        entries += [_entry(id, label, group, missing="pattern_mixture") for id, label in fits]
        if group == "Weights":
            entries += _missing_entries()
    for entry in entries:
        if entry["id"].startswith(("response_", "drop_")):
            entry["definition"] = {"threshold": "0.50"}
        if entry["id"].startswith("windows_"):
            entry["windows"] = entry["id"]
    entries += [
        _entry("bootstrap", "Bootstrap, coaches and people", "Resampling", "bootstrap"),
        _entry("bootstrap_person", "Bootstrap, people", "Resampling", "bootstrap"),
        _entry("rerandomization", "Re-randomization", "Resampling", "rerandomization"),
        _entry("each_site", "Each site left out", "People", "leave_one_out", by="site"),
        _entry("each_coach", "Each coach left out", "People", "leave_one_out", by="cluster"),
        _entry("curve", "Responder curve", "Definition of response", "responder_curve"),
        _entry(
            *("selected", "Plan and selected", "Covariates", "selected_covariates"),
            candidates=list(CANDIDATES),
        ),
        _entry("balance", "Weights of the plan", "Weights", "balance"),
        _entry(
            "specifications",
            "All specifications",
            "All together",
            "specification_curve",
            **_cross(),
        ),
        {"id": "power", "label": "Power of the plan", "kind": "power", "status": "prespecified"},
        _entry("simulation", "Coverage and type-I error", "", "simulation"),
        *apart,
    ]
    return document | {"analyses": entries}


def _entry(id, label, group, kind="model", **keys) -> dict:
    of = {} if kind in ALONE else {"of": "main"}
    head = dict(
        id=id, label=label, group=group, kind=kind, status="post_hoc", outcomes=["severity"]
    )
    return head | of | keys


def _missing_entries() -> list[dict]:
    group = "Missing outcomes"
    return [
        *(_entry(id, label, group, "multiple_imputation") for id, label in IMPUTED),
        *(_entry(id, label, group, "reference_based", rule=r) for id, label, r in REFERENCE_BASED),
        _entry("delta", "Imputations shifted", group, "delta", of="mi_normal", points=POINTS),
        _entry("odds", "Informative odds", group, "informative_odds", points=POINTS),
    ]


def _cross() -> dict:
    levels = {k: list(v) for k, v in SPECIFICATION.items()}
    of_each = {"populations": {}, "definitions": {}, "covariates": []}
    return {k: dict.fromkeys(v, of_each[k]) if k in of_each else v for k, v in levels.items()}


# ---------------------------------------------------------------------------------------- rows


def rows(document: dict) -> list[dict]:
    """ARD rows of every entry."""
    made, apart = [], outcomes.entries(document)
    for shift, entry in enumerate(document["analyses"]):
        kind = entry.get("kind", "model")
        if entry in apart:
            found = outcomes.rows(entry, document)
        else:
            found = _BY_KIND[kind](entry, 0.05 * sin(shift))
        made += [{"analysis": entry["id"], "status": entry["status"]} | row for row in found]
    return made


def headline(entry, shift, months=MONTHS[:1], **more) -> list[dict]:
    found = []
    pairs = [("PT", "UC"), ("HC", "UC"), ("HC", "PT")]
    for outcome in entry.get("outcomes", ["severity"]):
        for month in months:
            found += estimates(entry["id"], outcome, month, COUNTS, pairs, shift)
    keep = ("risk", "risk_ratio", "risk_difference", "nnt", "omnibus_wald", "protected_test")
    return [row | more for row in found if row["quantity"] in keep]


def _model(entry, shift):
    shift = 0 if entry["id"] == "main" else shift
    shift = -0.5 if entry["id"] == "worst_best_case" else shift
    return headline(entry, shift, MONTHS)


def ratio(estimate, se=0.09) -> dict:
    lower, upper = estimate * exp(-Z * se), estimate * exp(Z * se)
    p = min(1.0, max(1e-6, exp(-abs(log(estimate)) / se)))
    limits = {"lower": lower, "upper": upper}
    return dict(estimate=estimate, std_error=se, scale="log", p_value=p) | limits


EFFECT = {"PT:UC": 1.28, "HC:UC": 1.56, "HC:PT": 1.22}
WHERE = dict(outcome="severity", month="3")


def _bootstrap(entry, shift):
    found = headline(entry, shift)
    for contrast, effect in EFFECT.items():
        for other, by in (("percentile", 0.005), ("basic", -0.005)):
            row = ratio(effect * (1 + shift + by))
            found.append(WHERE | dict(quantity=f"risk_ratio_{other}", level=contrast) | row)
        for of, value in (("std_error", 0.0015), ("lower", 0.004), ("upper", 0.006)):
            cells = dict(quantity="mc_error", level=contrast, subgroup=f"of={of}", estimate=value)
            found.append(WHERE | cells)
    found.append(dict(outcome="severity", quantity="replicates", level="all", estimate=2000.0))
    reason = "3 of 2000 samples hold no event in an arm and visit; left out of the intervals"
    cells = dict(quantity="replicates_failed", level="all", estimate=3.0, method=reason)
    return [*found, dict(outcome="severity") | cells]


def _imputation(entry, shift):
    found = headline(entry, shift, MONTHS, df=312.4)
    for contrast in EFFECT:
        found.append(WHERE | dict(quantity="fmi", level=contrast, estimate=0.27))
    pilot = (("imputations", 24.0), ("pilot_fmi_upper", 0.34))
    for quantity, value in pilot:
        found.append(dict(outcome="severity", quantity=quantity, level="all", estimate=value))
    for a, m in product(range(3), range(3)):
        where = dict(outcome="severity", month=MONTHS[m], level=("PT", "HC", "UC")[a])
        for chain, step in product(range(1, 6), range(1, 21)):
            name = f"chain={chain}; iteration={step}"
            wave = 0.08 * sin(1.7 * step + 2.1 * chain + a + 2 * m)
            for quantity, value in (("chain_mean", 5.2 - 0.3 * a + wave), ("chain_sd", 1.9 + wave)):
                found.append(where | dict(quantity=quantity, subgroup=name, estimate=value))
        for score in SCORES:
            for quantity, center in (("density_observed", 4.8), ("density_imputed", 5.3)):
                value = 0.2 * exp(-((score - center + 0.2 * a) ** 2) / 7)
                cells = dict(quantity=quantity, subgroup=f"score={score:g}", estimate=value)
                found.append(where | cells)
    return found


def _reference_based(entry, shift):
    found = headline(entry, shift - 0.1)
    for contrast, effect in EFFECT.items():
        row = ratio(effect * (0.9 + shift), 0.075)
        found.append(WHERE | dict(quantity="risk_ratio_bootstrap", level=contrast) | row)
    found.append(dict(outcome="severity", quantity="imputations", level="all", estimate=200.0))
    return found


def _grid(names, axes, effect_of) -> list[dict]:
    found = []
    for contrast in ("PT:UC", "HC:UC"):
        for active, control in product(*axes):
            row = ratio(EFFECT[contrast] * effect_of(active, control))
            name = f"{names[0]}={active:g}; {names[1]}={control:g}"
            at = WHERE | dict(level=contrast, subgroup=name)
            if (active, control) == (axes[0][-1], axes[1][0]):
                found.append(at | dict(quantity="worst_best_case", estimate=1))
            found.append(at | dict(quantity="risk_ratio") | row)
    return found


def _delta(entry, shift):
    names = ("delta_active", "delta_control")
    found = _grid(names, DELTAS, lambda a, c: exp(-0.13 * a + 0.11 * c))
    tipping = (("PT:UC", 1.0, "smallest shift"), ("HC:UC", nan, "does not tip on the grid"))
    for contrast, value, method in tipping:
        cells = dict(quantity="tipping_delta", level=contrast, estimate=value, method=method)
        found.append(WHERE | cells)
    found += _equivalents("equivalent_delta", ((0.5, nan, nan), (nan, 4.0, nan), (nan, nan, -1.0)))
    change = dict(level="UC", n=621)
    found.append(WHERE | change | dict(quantity="observed_change", estimate=-0.52))
    found.append(WHERE | change | dict(quantity="observed_change_sd", estimate=1.61))
    return found


def _odds(entry, shift):
    names = ("imor_active", "imor_control")
    found = headline(entry, shift, MONTHS) + _grid(names, ODDS, lambda a, c: (a**0.12) * (c**-0.08))
    for contrast, value in (("PT:UC", 0.5), ("HC:UC", nan)):
        found.append(WHERE | dict(quantity="tipping_imor", level=contrast, estimate=value))
    return found + _equivalents(
        "equivalent_imor", ((0.6, nan, nan), (1.0, nan, nan), (nan, 3, nan))
    )


def _equivalents(quantity, of_arms) -> list[dict]:
    """(estimate, lower, upper) of PT, HC, UC."""
    return [
        WHERE
        | dict(quantity=quantity, level=arm, subgroup=f"of={id}")
        | dict(zip(("estimate", "lower", "upper"), numbers, strict=True))
        for id in POINTS
        for arm, numbers in zip(("PT", "HC", "UC"), of_arms, strict=True)
    ]


def _rerandomization(entry, shift):
    found = []
    for level, p in (("PT:UC", 0.0123), ("HC:UC", 0.0001), ("HC:PT", 0.021), ("all", 0.0001)):
        cells = dict(statistic=7.1, df=1 + (level == "all"), p_value=p)
        found.append(WHERE | dict(quantity="rerandomization_test", level=level) | cells)
        found.append(WHERE | dict(quantity="mc_error", level=level, estimate=0.0011))
    for quantity, value in (("draws", 10000.0), ("draws_failed", 0.0)):
        found.append(dict(outcome="severity", quantity=quantity, level="all", estimate=value))
    return found


def _leave_one_out(entry, shift):
    levels = ("A", "B", "C", "D") if entry["by"] == "site" else [f"c{i:02d}" for i in range(1, 13)]
    found = []
    for i, level in enumerate(levels):
        name = f"{entry['by']}={level}"
        if level == "c12":
            reason = "the model cannot be fitted without cluster c12: no event in an arm"
            cells = dict(
                quantity="not_estimable",
                level="all",
                estimate=nan,
                method="no estimate",
                reason=reason,
            )
            found.append(WHERE | cells | dict(subgroup=name))
            continue
        kept = [
            r for r in headline(entry, 0.02 * sin(i)) if r["quantity"] in ("risk", "risk_ratio")
        ]
        found += [row | dict(subgroup=name) for row in kept]
    return found


def _responder_curve(entry, shift):
    found = []
    pairs = [("PT", "UC"), ("HC", "UC"), ("HC", "PT")]
    for threshold in THRESHOLDS:
        name = f"threshold={threshold:g}"
        counts = {a: (int(e * exp(1.1 - 3.6 * threshold)), n) for a, (e, n) in COUNTS.items()}
        for row in estimates(entry["id"], "severity", "3", counts, pairs):
            if row["quantity"] in ("risk", "risk_ratio"):
                found.append(row | dict(subgroup=name))
    for a, threshold in product(COUNTS, [0.05 * i for i in range(-10, 21)]):
        share = 1 / (1 + exp(6 * (threshold - 0.1 * (a != "UC") - 0.05)))
        cells = dict(quantity="responder_share", level=a, estimate=share, n=621)
        found.append(WHERE | cells | dict(subgroup=f"threshold={threshold:g}"))
    return found


def _selected(entry, shift):
    found = headline(entry, shift)
    for i, candidate in enumerate(CANDIDATES):
        for quantity, value in (
            ("selection_p_missing", 0.03 + 0.05 * i),
            ("selection_p_outcome", 0.08 * i + 0.0004),
            ("selected", float(i < 2)),
        ):
            column = "estimate" if quantity == "selected" else "p_value"
            cells = dict(quantity=quantity, level=candidate)
            found.append(dict(outcome="severity") | cells | {column: value})
    return found


def _balance(entry, shift):
    columns = "severity male age_65_plus site=B site=C site=D urban phq8 gad7 peg not_employed"
    found = []
    for k, arm in enumerate(("", "PT", "HC", "UC")):
        for i, column in enumerate(columns.split()):
            sizes = (("none", 0.12 * sin(2 * i + 1 + k)), ("response", 0.015 * sin(3 * i + k)))
            for weights, value in sizes:
                name = f"weights={weights}" + (f"; arm={arm}" if arm else "")
                cells = dict(quantity="standardized_difference", level=column, estimate=value)
                found.append(dict(outcome="severity", subgroup=name) | cells)
        cells = dict(quantity="effective_n", level=arm or "all", estimate=540.6, n=560)
        found.append(dict(outcome="severity") | cells)
    return found


def _specifications(entry, shift):
    found = []
    keys = ("population", "definition", "missing", "covariates", "estimator")
    for contrast in ("PT:UC", "HC:UC"):
        for number, levels in enumerate(product(*SPECIFICATION.values())):
            name = "; ".join(f"{k}={v}" for k, v in zip(keys, levels, strict=True))
            size = 0.12 * sin(1.3 * number) + 0.1 * sin(0.11 * number)
            row = ratio(EFFECT[contrast] * exp(size), 0.09 + 0.04 * (levels[0] != "all"))
            cells = dict(quantity="risk_ratio", level=contrast, subgroup=name)
            found.append(WHERE | cells | row)
        share = dict(quantity="share_significant", level=contrast, estimate=0.874, p_value=0.0002)
        found.append(WHERE | share | dict(lower=0.0, upper=0.141))
        median = dict(quantity="median_risk_ratio", level=contrast, estimate=EFFECT[contrast])
        found.append(WHERE | median | dict(lower=0.93, upper=1.08, p_value=0.0001))
        for quantity, value in (("share_significant", 0.883), ("median_risk_ratio", 1.34)):
            cells = dict(quantity=f"{quantity}_fitted", level=contrast, estimate=value)
            found.append(WHERE | cells)
    return found


def _power(entry, shift):
    levels = (("PT:UC", 0.861), ("HC:UC", 0.858), ("omnibus", 0.913), ("any", 0.902))
    error = {"std_error": 0.0034, "scale": "identity"}
    alone = [dict(quantity="power_unadjusted", level="PT:UC", estimate=0.88) | error]
    cells = [dict(quantity="power", level=k, estimate=v) | error for k, v in levels]
    return [*cells, *alone, dict(quantity="trials", level="all", estimate=10000.0)]


def _simulation(entry, shift):
    found = []
    variants = ("", "; clusters=person", "; missing=none")
    for scenario, variant, contrast in product(("null", "effect"), variants, EFFECT):
        where = WHERE | dict(subgroup=f"scenario={scenario}{variant}", level=contrast)
        for quantity, value, se in (
            ("coverage", 0.948, 0.005),
            ("rejection", 0.052 if scenario == "null" else 0.83, 0.006),
            ("rejection_by_rule", 0.041 if scenario == "null" else 0.82, 0.006),
            ("bias", 0.004, 0.003),
            ("mean_std_error", 0.091, 0.0002),
            ("empirical_std_error", 0.0915, 0.002),
        ):
            error = {"std_error": se, "scale": "identity"}
            found.append(where | dict(quantity=quantity, estimate=value) | error)
        omnibus = dict(quantity="rejection", level="omnibus", estimate=0.05) | error
        if contrast == "HC:PT":
            found.append(where | omnibus)
    for scenario, contrast in product(("null", "effect"), EFFECT):
        true = 1.0 if scenario == "null" or contrast == "HC:PT" else 1.45
        cells = dict(quantity="true_risk_ratio", level=contrast, estimate=true)
        found.append(WHERE | dict(subgroup=f"scenario={scenario}") | cells)
    for scenario, arm in product(("null", "effect"), ("PT", "HC", "UC")):
        for quantity, value in (("imputed_response", 0.0134), ("missing_response", 0.2656)):
            cells = dict(quantity=quantity, level=arm, estimate=value)
            found.append(WHERE | dict(subgroup=f"scenario={scenario}") | cells)
    return found


_BY_KIND = {
    "model": _model,
    "bootstrap": _bootstrap,
    "multiple_imputation": _imputation,
    "delta": _delta,
    "informative_odds": _odds,
    "reference_based": _reference_based,
    "rerandomization": _rerandomization,
    "leave_one_out": _leave_one_out,
    "responder_curve": _responder_curve,
    "selected_covariates": _selected,
    "balance": _balance,
    "specification_curve": _specifications,
    "power": _power,
    "simulation": _simulation,
    "economics": lambda entry, shift: evaluated.rows(),
}
