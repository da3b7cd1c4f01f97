"""What a fitted result says, as ARD rows: risks, contrasts, tests, and diagnostics beside them."""

from dataclasses import replace

import numpy as np

from trialrr import ard
from trialrr.analyses.procedure.covariates import NOBODY, WORDS, Missing
from trialrr.analyses.procedure.data import TrialData, population
from trialrr.analyses.procedure.designs import nested_arms, units
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import Result
from trialrr.analyses.procedure.pairwise_tests import pair_rows
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.support import alike, degrees, degrees_together, flagged
from trialrr.data import written
from trialrr.estimate import adjusted
from trialrr.estimate.covariance import HETEROSCEDASTIC, leverage
from trialrr.estimate.identified import LEAST_SQUARES, bare, unidentified
from trialrr.estimate.sandwich import covariance, influence
from trialrr.plan import Plan


def result_rows(result: Result, entry: Analysis, outcome: str, plan: Plan) -> list[dict]:
    """ARD rows of one fitted entry: for each month adjusted risk of each arm, risk ratio,
    difference and number needed to treat of each contrast, the omnibus and the protected tests;
    then diagnostics. Of a linear model: means of the arms, differences and standardized differences
    in their place."""
    plan = plan.at_times_of(outcome)
    method = method_text(entry, plan, result.missing)

    def row(**cells) -> dict:
        return ard.row(
            analysis=entry.id, outcome=outcome, status=entry.status, **({"method": method} | cells)
        )

    rows = []
    for j, month in enumerate(plan.months):
        if entry.model == "linear":
            rows += _mean_rows(result, entry, outcome, plan, row, month, j)
            continue
        risks = at_month(result, entry, plan, month)
        for arm in (a.id for a in plan.arms):
            cells = numbers_of(risks.risk(arm)) | counts(result, [arm], j)
            rows.append(row(month=month, quantity="risk", level=arm, **cells))
        omnibus = _omnibus(result, entry, plan, month)
        rows.append(row(month=month, level="all", **omnibus, **counts(result, None, j)))
        rows += _contrast_rows(result, plan, risks, row, month, j, omnibus["p_value"])
    return rows + _diagnostics(result, entry, plan, row) + result.missing.rows(row)


def _mean_rows(result, entry, outcome, plan, row, month, j) -> list[dict]:
    """Adjusted means, omnibus test, and each contrast in points and in SDs of the reference arm."""
    own, rows = result.covariance, []

    def linear(*arms: str) -> adjusted.Estimate:
        """Mean of an arm, or difference of two."""
        keys = [(arm, month) for arm in arms]
        told = " and ".join(result.absent[key].reason for key in keys if key in result.absent)
        if told:
            return adjusted.Estimate(*[np.nan] * 4, reason=told)
        at = [result.profiles[key] for key in keys]
        gradient = at[0] if len(at) == 1 else at[0] - at[1]
        df, reason = degrees(result, entry, gradient, *keys)
        given = result.fit.coef, own.matrix, plan.models.alpha, df
        e = bare(adjusted.linear_combination(gradient, *given, result.size), reason)
        return flagged(e, alike(result, *keys), arms)

    for arm in (a.id for a in plan.arms):
        mean = replace(linear(arm), statistic=np.nan, p_value=np.nan)
        quantity = "mean_change" if plan.outcome(outcome).baseline else "mean"
        cells = numbers_of(mean) | counts(result, [arm], j)
        rows.append(row(month=month, quantity=quantity, level=arm, **cells))
    omnibus = _omnibus(result, entry, plan, month)
    rows.append(row(month=month, level="all", **omnibus, **counts(result, None, j)))
    differences = [linear(one, other) for one, other in plan.contrasts]
    shared = [{"month": month, **counts(result, pair, j)} for pair in map(list, plan.contrasts)]
    sd, n = spread(result.data.change[outcome][:, j], result.data, plan.reference)
    rows.append(row(month=month, **spread_row(sd, n, plan.reference)))
    for pair, e, cells in zip(plan.contrasts, differences, shared, strict=True):
        level = ard.Contrast(*pair)
        rows.append(row(quantity="mean_difference", level=level, **numbers_of(e), **cells))
        numbers = numbers_of(standardized(e, sd))
        numbers["method"] = (
            f"{method_text(entry, plan, result.missing)}; {standardized_text(plan.reference)}"
        )
        rows.append(row(quantity="standardized_difference", level=level, **numbers, **cells))
    return rows + pair_rows(plan, omnibus["p_value"], differences, shared, row)


def spread(change: np.ndarray, data: TrialData, arm: str) -> tuple[float, int]:
    """SD (n - 1) of the observed changes (n,) in one arm at a visit, and how many there are."""
    seen = change[(data.people["arm"] == arm).to_numpy() & ~np.isnan(change)]
    return (float(np.std(seen, ddof=1)) if len(seen) > 1 else np.nan), len(seen)


def spread_row(sd: float, n: int, arm: str) -> dict:
    """Cells of the row of that SD."""
    text = "standard deviation of the observed change, n - 1"
    reason = "" if np.isfinite(sd) else f"{n} observed in arm {arm}, and a deviation needs two"
    cells = {"quantity": "sd_change", "level": arm, "estimate": sd, "n": n, "method": text}
    return cells | {"reason": reason}


def standardized(difference: adjusted.Estimate, sd: float) -> adjusted.Estimate:
    """A difference in units of `sd`, which is taken as known (plan, item 8); none if it is 0 or
    missing."""
    if not sd > 0:
        told = "the SD of the observed change in the reference arm is 0 or missing"
        return adjusted.Estimate(*[np.nan] * 4, reason=told)
    scaled = {k: getattr(difference, k) / sd for k in (*_ON_LINK, "std_error")}
    return replace(difference, **scaled)


def standardized_text(reference: str) -> str:
    """What the method of a standardized difference adds."""
    return f"divided by the SD of the observed change in {reference} at the visit, taken as known"


def _contrast_rows(result, plan, risks, row, month, j, omnibus_p) -> list[dict]:
    """Every contrast of the plan on each scale, and the tests of all pairs by the plan's rule."""
    rows, ratios = [], []
    levels = ard.contrasts(plan)
    shared = [{"month": month, **counts(result, pair, j)} for pair in map(list, plan.contrasts)]
    for level, cells, pair in zip(levels, shared, plan.contrasts, strict=True):
        ratios.append(risks.ratio(*pair))
        difference = risks.difference(*pair)
        numbers = {
            "risk_ratio": ratios[-1],
            "risk_difference": difference,
            "nnt": adjusted.number_needed(difference),
            "odds_ratio": risks.odds(*pair),
        }
        rows += [row(quantity=q, level=level, **numbers_of(e), **cells) for q, e in numbers.items()]
    return rows + pair_rows(plan, omnibus_p, ratios, shared, row)


def population_rows(entry: Analysis, data: TrialData) -> list[dict]:
    """How many people the entry's `population` selects, over all and by arm; none for everybody."""
    if not entry.population.rules:
        return []
    arm = population(data, entry).people["arm"]
    counts = {"all": len(arm)} | written(arm).value_counts().sort_index().to_dict()
    rules = ", ".join(f"{rule} {day}" for rule, day in sorted(entry.population.rules.items()))
    return [
        ard.row(
            analysis=entry.id,
            quantity="n",
            level=level,
            estimate=count,
            n=count,
            method=f"count of people analyzed: {rules.replace('_', ' ')}",
            status=entry.status,
        )
        for level, count in counts.items()
    ]


def left_out_rows(result: Result, entry: Analysis, outcome: str, plan: Plan) -> list[dict]:
    """ARD rows of how many people of each arm have no outcome in the fit, by month: `weights_only`
    of an analysis that weights people, whose weights rest on them too, else `not_analyzed`."""
    quantity, text = "not_analyzed", "people without an outcome, left out"
    if entry.weights:
        quantity, text = "weights_only", "people without an outcome, in the weight model alone"
    arm = result.data.people["arm"].to_numpy()
    rows = []
    for j, month in enumerate(plan.at_times_of(outcome).months):
        for a in plan.arms:
            people = int((arm == a.id).sum())
            lacking = people - counts(result, [a.id], j)["n"]
            cells = {"quantity": quantity, "level": a.id, "estimate": lacking, "n": people}
            keys = {"analysis": entry.id, "outcome": outcome, "month": month}
            rows.append(ard.row(**keys, **cells, method=text, status=entry.status))
    return rows


def model_rows(result: Result, entry: Analysis, outcome: str, plan: Plan) -> list[dict]:
    """ARD rows of the two models behind a filled analysis: coefficients of the imputation model
    (reduction in score, points) and odds ratios of any follow-up, each by its term."""
    rows = []
    if result.imputation is not None:
        model, person = result.imputation.model.fit, result.imputation.observed_person
        values = model.mu + model.residuals  # least squares has weights of 1
        size = LEAST_SQUARES * float(np.mean(values**2))
        cells = {"analysis": "imputation_model", "outcome": outcome, "quantity": "coefficient"}
        text = "least squares of the reduction in score on observed visits; cluster sandwich CR0; z"
        given = model, result.imputation.predictors, person, size
        rows += _model_rows(*given, result, plan, "identity", cells | {"method": text})
    if result.response is not None and outcome == plan.primary.outcome:
        given = result.response.fit, result.response_design, np.arange(len(result.data.people)), 1.0
        cells = {"analysis": "response_model", "outcome": "any_follow_up", "quantity": "odds_ratio"}
        text = "logistic regression of any follow-up; cluster sandwich CR0; z"
        rows += _model_rows(*given, result, plan, "log", cells | {"method": text})
    return [r | {"status": entry.status} for r in rows]


def _model_rows(model, design, person, size, result, plan, scale, cells) -> list[dict]:
    """A row a column of `design`, per unit of the data. model : fit whose rows are of `person`;
    size : mean square by which the inverse bread is a covariance of the model's own; scale : of the
    coefficients, `log` or `identity`."""
    clusters = result.clusters.labels[person]
    cov = covariance(influence(model.bread, model.scores), clusters)
    claimed = size * np.linalg.inv(model.bread)
    arm = result.data.people["arm"].to_numpy()[person]
    of_arms = {a.id: len(np.unique(clusters[arm == a.id])) for a in plan.arms}
    counted = of_arms, len(cov), len(np.unique(clusters))
    back, out = np.exp if scale == "log" else float, []
    for name, unit in zip(design.names, np.diag(1 / design.unit), strict=True):
        told = unidentified(unit @ cov @ unit, unit @ claimed @ unit, *counted)
        e = bare(adjusted.linear_combination(unit, model.coef, cov, plan.models.alpha), told)
        if scale == "log" and np.nanmax(np.abs([getattr(e, k) for k in _ON_LINK])) > LARGEST:
            e = adjusted.Estimate(*[np.nan] * 4, reason=TOO_LARGE.format(name))
        numbers = numbers_of(replace(e, scale=scale))
        numbers |= {k: float(back(getattr(e, k))) for k in _ON_LINK}
        out.append(ard.row(level=name, n=len(model.mu), **numbers, **cells))
    return out


_ON_LINK = ("estimate", "lower", "upper")
LARGEST = 700.0
"""Logarithm, up or down, of what a number can hold."""
TOO_LARGE = (
    "the odds ratio per unit of {} is, or its limits are, beyond 1e304 or below 1e-304; give the "
    "column in a larger or smaller unit"
)
ROUNDING = 1e-9
"""A fitted risk is above 1 if it is by more than this: everybody's event is fitted as 1."""


def numbers_of(e: adjusted.Estimate) -> dict:
    """ARD cells of an estimate, with the reason of one without an interval; df only where it is
    finite, flag where there is one, scale where there is a standard error."""
    names = ("estimate", "std_error", "lower", "upper", "statistic", "p_value", "reason")
    df = {"df": e.df} if np.isfinite(e.df) else {}
    flag = {"flag": e.flag} if e.flag else {}
    scale = {} if np.isnan(e.std_error) else {"scale": e.scale}
    return {name: getattr(e, name) for name in names} | scale | df | flag


def _omnibus(result: Result, entry: Analysis, plan: Plan, month: str) -> dict:
    """Wald test that all arms are the same at a month: χ², or F on the smallest of the contrasts'
    degrees of freedom where the entry uses t; without one the reason."""
    told = [result.absent[a.id, month].reason for a in plan.arms if (a.id, month) in result.absent]
    if told:
        return _untested(f"{' and '.join(told)}: the arms together have no test")
    base, own = result.profiles[plan.reference, month], result.covariance
    others = [a.id for a in plan.arms if a.id != plan.reference]
    contrasts = np.array([result.profiles[id, month] - base for id in others])
    keys = [((id, month), (plan.reference, month)) for id in others]
    smallest, reason = degrees_together(result, entry, contrasts, keys)
    if reason:
        return _untested(reason)
    statistic, df, p = adjusted.wald(contrasts, result.fit.coef, own.matrix, smallest)
    numbers = {"quantity": "omnibus_wald", "statistic": statistic, "df": df, "p_value": p}
    if np.isfinite(smallest):
        text = f"F with {smallest:.1f} denominator df"
        numbers["method"] = f"{method_text(entry, plan, result.missing)}; {text}"
    return numbers


def _untested(reason: str) -> dict:
    return {"quantity": "omnibus_wald", "p_value": np.nan, "reason": reason}


def counts(
    result: Result, arms: list[str] | None, visit: int, among: np.ndarray | None = None
) -> dict:
    """People, responders (of a binary outcome), imputed rows and clusters of some arms (None: all)
    at one visit, with a moderator at one of its levels."""
    analyzed = result.analyzed
    arm = result.data.people["arm"].to_numpy()[analyzed.person]
    rows = analyzed.visit == visit
    if arms is not None:
        rows &= np.isin(arm, arms)
    if among is not None:
        rows &= among[analyzed.person]
    here = analyzed.take(rows)
    return {
        "n": len(here.person),
        **({"events": int(here.outcome.sum())} if result.binary else {}),
        "n_imputed": int(here.imputed.sum()),
        "n_clusters": len(np.unique(result.clusters.labels[here.person])),
    }


def _diagnostics(result: Result, entry: Analysis, plan: Plan, row) -> list[dict]:
    """What a reader needs in order to trust the rows above, one number each."""
    analyzed, linear = result.analyzed, entry.model == "linear"
    arm = result.data.people["arm"].to_numpy()[analyzed.person]
    cells = [
        (arm == a.id) & (analyzed.visit == j) for a in plan.arms for j in range(len(plan.months))
    ]
    if not linear:
        cells = [cell & (analyzed.outcome == event) for cell in cells for event in (0, 1)]
    used = result.clusters.labels[np.unique(result.person)]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(np.diag(result.covariance.matrix) / np.diag(result.naive))
    numbers = [] if linear else _of_risks(result)
    numbers += [
        (
            "smallest_cell",
            int(min(cell.sum() for cell in cells)),
            f"fewest rows in an arm x month{'' if linear else ' x outcome'} cell",
        ),
        ("clusters", len(np.unique(used)), "clusters that scores are summed over"),
        ("real_clusters", result.clusters.real, "clusters shared by people by design"),
        ("robust_to_naive_max", float(ratio.max()), "largest ratio of robust to model-based SE"),
        ("robust_to_naive_min", float(ratio.min()), "smallest ratio of robust to model-based SE"),
    ]
    if entry.working == "independence":
        most = leverage(result.fit, result.clusters.labels[result.person]).max()
        text = "largest eigenvalue of a cluster's leverage block"
        numbers.append(("max_leverage", float(most), text))
    else:
        text = "working correlation of a person's visits"
        numbers.append(("working_correlation", result.fit.alpha, text))
    if result.response is not None:
        weights = result.response.weights[result.response.weights > 0]
        numbers.append(("max_weight", float(weights.max()), "largest weight, mean 1"))
        if entry.truncation is not None:
            text = f"people whose weight was set to the {entry.truncation:g} quantile"
            numbers.append(("truncated", int(result.response.truncated.sum()), text))
    if result.imputation is not None and np.isfinite(result.imputation.bandwidth):
        text = "bandwidth that smooths the dichotomized prediction, points of the score"
        numbers.append(("bandwidth", result.imputation.bandwidth, text))
    if result.unused:
        text = f"covariate columns that nobody analyzed has, left out: {', '.join(result.unused)}"
        numbers.append(("unused_columns", len(result.unused), text))
    silent = result.covariance.reason or "the model-based variance is zero or missing"
    table = [
        row(
            quantity=quantity,
            level="all",
            estimate=value if np.isfinite(value) else np.nan,
            reason="" if np.isfinite(value) else silent,
            method=text,
        )
        for quantity, value, text in numbers
    ]
    if result.separation:
        told = {"method": "people set aside", "flag": result.separation}
        cells = {"quantity": "separation_dropped", "level": "all", "estimate": result.dropped}
        table.append(row(**cells, **told))
    return table


def _of_risks(result: Result) -> list[tuple]:
    return [
        (
            "fitted_above_1",
            int((result.fit.mu > 1 + ROUNDING).sum()),
            "rows with a fitted risk above 1",
        ),
        ("max_fitted", float(result.fit.mu.max()), "largest fitted risk"),
    ]


def method_text(entry: Analysis, plan: Plan, missing: Missing = NOBODY) -> str:
    """Estimator, covariance and reference distribution in fixed words; what was done with missing
    covariates if somebody lacked one."""
    unit = units(nested_arms(entry, plan).values())
    model = entry.model.replace("_", "-" if entry.model == "log_binomial" else " ")
    model = model.replace("poisson", "Poisson")
    parts = [f"{model}, GEE {entry.working}" if len(plan.months) > 1 else model]
    if entry.risks != "at_means":
        drawn = "fixed" if entry.risks == "standardized" else "random"
        parts.append(f"risks standardized, covariates {drawn}")
    parts.append(
        {
            "pattern_mixture": "pattern-mixture imputation",
            "worst_best_case": "missing = failure, in the reference arm success",
            "complete_case": "observed outcomes",
        }[entry.missing]
    )
    if entry.weights:
        stabilized = "stabilized " if entry.weights == "response_stabilized" else ""
        text = f"{stabilized}inverse-probability-of-response weights"
        if entry.truncation is not None:
            text += f", truncated at the {entry.truncation:g} quantile"
        parts.append(text)
    if missing.people:
        parts.append(WORDS[plan.models.missing_covariates])
    if entry.definition and entry.definition.drop is not None:
        parts.append(f"responder = drop of at least {entry.definition.drop.normalize():f} points")
    elif entry.definition:
        share = (100 * entry.definition.threshold).normalize()
        parts.append(f"responder = drop of at least {share:f} % of baseline")
    if entry.windows:
        parts.append(f"visit windows {entry.windows}")
    followed = {
        "robust": "",
        "weights_stacked": ", stacked with the weight model",
        "stacked": ", stacked with the weight and imputation models",
    }[entry.variance]
    by = "row" if entry.covariance in HETEROSCEDASTIC else unit
    parts.append(f"sandwich {entry.covariance.upper()} by {by}{followed}")
    parts.append(
        {
            "z": "z",
            "satterthwaite": "t with Satterthwaite df",
            "clusters_minus_parameters": "t with clusters - parameters df",
        }[entry.degrees_of_freedom]
    )
    if entry.inference == "quasi_score":
        parts.append("risk ratio's interval and test by the robust quasi-score, std_error Wald")
    return "; ".join(parts)
