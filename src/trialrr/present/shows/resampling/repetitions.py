"""Intervals by bootstrap, tests by re-randomization, and what simulation says of the procedure."""

from collections.abc import Iterable
from functools import partial
from types import SimpleNamespace

from trialrr.ard import Contrast, Subgroup
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import estimate
from trialrr.present.words import labels, numbers
from trialrr.present.words.reasons import reasons
from trialrr.present.words.sentences import one


def bootstrap(results: Results) -> Table:
    """Relative risks at the primary visit with the interval of the model and three by bootstrap,
    standard errors, Monte Carlo error and failures."""
    rows = []
    for entry in results.entries("bootstrap"):
        analysis, outcome = entry.id, results.outcome_of(entry)
        drawn = one(results, analysis, "replicates", level="all", outcome=outcome)
        failed = one(results, analysis, "replicates_failed", level="all", outcome=outcome)
        for contrast in results.contrasts:
            keys = dict(level=contrast, outcome=outcome, month=results.primary.month)
            row = one(results, analysis, "risk_ratio", subgroup="", **keys)
            if row is None:
                continue
            model = one(results, entry.of, "risk_ratio", subgroup="", **keys)
            errors = {r.subgroup: r for r in results.rows(analysis, "mc_error", **keys)}
            rows.append(
                (
                    results.analysis(analysis),
                    results.contrast(contrast, short=True),
                    estimate(model),
                    estimate(row),
                    *(
                        limits(one(results, analysis, f"risk_ratio_{other}", **keys))
                        for other in ("percentile", "basic")
                    ),
                    numbers.fixed(model.std_error if model else None, 4),
                    numbers.fixed(row.std_error, 4),
                    *(
                        numbers.fixed(error.estimate if error else None, 4)
                        for error in (
                            errors.get(str(Subgroup.of(of=n)))
                            for n in ("std_error", "lower", "upper")
                        )
                    ),
                    *(numbers.count(r.estimate if r else None) for r in (drawn, failed)),
                )
            )
    columns = (
        "Analysis",
        "Comparison",
        f"Model, RR ({results.ci})",
        f"BCa, RR ({results.ci})",
        "Percentile",
        "Basic",
        "SE, model",
        "SE, bootstrap",
        "MC error: SE",
        "Lower",
        "Upper",
        "Samples",
        "Failed",
    )
    notes = (
        *arm_note(results),
        "SE: of the log relative risk. MC error: what chance of the resampling adds to the SE and"
        " to the log limits (BCa); no statement about people.",
        *reasons(
            results,
            [id for e in results.entries("bootstrap") for id in (e.id, e.of)],
            months=[results.primary.month],
            named=True,
            quantities=("risk_ratio",),
        ),
    )
    title = f"Intervals by bootstrap, {results.visit(results.primary.month)}"
    return build(results, "bootstrap", title, columns, rows, notes, grouped=1)


def limits(row: SimpleNamespace | None) -> str:
    """The interval of a row without its estimate: 1.31 to 1.85."""
    if row is None or numbers.missing(row.lower):
        return numbers.MISSING
    return f"{numbers.ratio(row.lower)} to {numbers.ratio(row.upper)}"


def rerandomization(results: Results) -> Table:
    """P by repetitions of the trial's randomization beside P of the model."""
    rows = []
    for entry in results.entries("rerandomization"):
        analysis, outcome = entry.id, results.outcome_of(entry)
        draws = one(results, analysis, "draws", level="all", outcome=outcome)
        for level in ("all", *results.contrasts):
            keys = dict(level=level, outcome=outcome, month=results.primary.month)
            row = one(results, analysis, "rerandomization_test", **keys)
            if row is None:
                continue
            quantity = "omnibus_wald" if level == "all" else "risk_ratio"
            model = one(results, entry.of, quantity, subgroup="", **keys)
            error = one(results, analysis, "mc_error", **keys)
            rows.append(
                (
                    results.analysis(analysis),
                    "All arms" if level == "all" else results.contrast(level, short=True),
                    numbers.ratio(row.statistic),
                    numbers.count(row.df),
                    results.p(row.p_value),
                    numbers.fixed(error.estimate, 4) if error else numbers.MISSING,
                    results.p(model.p_value if model else None),
                    numbers.count(draws.estimate if draws else None),
                )
            )
    columns = (
        *("Analysis", "Comparison", "Score χ²", "df", "P by re-randomization"),
        *("MC error", "P of the model", "Draws"),
    )
    notes = (
        *arm_note(results),
        "P by re-randomization: the share of draws, the trial's own among them, whose statistic is"
        " as large. P of the model: Wald test of the analysis that is tested again."
        + (" Neither is adjusted for several comparisons." if len(results.contrasts) > 1 else ""),
        *reasons(results, [e.id for e in results.entries("rerandomization")], named=True),
    )
    title = f"Tests by re-randomization, {results.visit(results.primary.month)}"
    return build(results, "rerandomization", title, columns, rows, notes, grouped=1)


SIMULATED = {
    "by_rule": ("Significant by the plan's rule, %", numbers.percent),
    "alone": ("P small, %", numbers.percent),
    "coverage": ("Coverage, %", numbers.percent),
    "bias": ("Bias of log RR", partial(numbers.fixed, places=3)),
    "mean_std_error": ("Mean SE", partial(numbers.fixed, places=4)),
    "empirical_std_error": ("Empirical SE", partial(numbers.fixed, places=4)),
}
"""Column → its heading and how its numbers are printed."""

COLUMNS = {
    "power": "by_rule",
    "rejection_by_rule": "by_rule",
    "power_unadjusted": "alone",
    "rejection": "alone",
    "coverage": "coverage",
    "bias": "bias",
    "mean_std_error": "mean_std_error",
    "empirical_std_error": "empirical_std_error",
}
"""Quantity of the results → column."""

VARIANTS = {
    ("missing", "none"): "nobody missing",
    ("clusters", "person"): "variance by persons",
}
"""Part of a subgroup beside the scenario → words."""


def operating_characteristics(results: Results) -> Table:
    """Power, type-I error and coverage over simulated trials, each with its Monte Carlo error."""
    found: dict[tuple[str, str, str], dict[str, SimpleNamespace]] = {}
    for entry in results.entries("power", "simulation"):
        for quantity, column in COLUMNS.items():
            for row in results.rows(entry.id, quantity):
                where = [results.outcome(row.outcome)] if row.outcome else []
                where += [results.visit(row.month)] if row.month else []
                heading = ", ".join([results.analysis(entry.id), *where])
                key = heading, _scenario(row.subgroup), row.level
                place = "alone" if row.level == "omnibus" else column
                found.setdefault(key, {})[place] = row
    used = [c for c in SIMULATED if any(c in values for values in found.values())]
    headings = list(dict.fromkeys(heading for heading, _, _ in found))
    rows = [
        (*key[:2], _level(results, key[2]), *(_with_error(found[key].get(c), c) for c in used))
        for key in sorted(found, key=lambda key: (headings.index(key[0]), key[1]))
    ]
    columns = ("Analysis", "Scenario", "Test or comparison", *(SIMULATED[c][0] for c in used))
    notes = (
        *arm_note(results),
        f"P small: below {results.below}, each test by itself; power where arms differ, type-I"
        " error where they do not. In brackets: Monte Carlo standard error.",
        *_trials(results),
        *reasons(results, [e.id for e in results.entries("power", "simulation")], named=True),
    )
    title = "Operating characteristics over simulated trials"
    return build(
        results,
        "operating_characteristics",
        title,
        columns,
        rows,
        notes,
        grouped=1,
        merged=(1,),
    )


def _scenario(subgroup: str) -> str:
    at = dict(Subgroup.read(subgroup).items())
    name = labels.words(at.pop("scenario", "as planned"))
    variants = (VARIANTS.get(part) or f"{labels.words(part[0])} {part[1]}" for part in at.items())
    return ", ".join([name, *variants])


def _level(results: Results, level: str) -> str:
    words = {"omnibus": "All arms together", "all": "All arms together", "any": "Any comparison"}
    if Contrast.read(level):
        return results.contrast(level, short=True)
    return words.get(level) or labels.words(level)


def _with_error(row: SimpleNamespace | None, column: str) -> str:
    form = SIMULATED[column][1]
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING
    if numbers.missing(row.std_error):
        return form(row.estimate)
    return f"{form(row.estimate)} ({form(row.std_error)})"


def _trials(results: Results) -> Iterable[str]:
    for entry in results.entries("power", "simulation"):
        counts = dict.fromkeys(row.estimate for row in results.rows(entry.id, "trials"))
        for n in counts:
            yield f"{results.analysis(entry.id)}: {numbers.count(n)} trials."
