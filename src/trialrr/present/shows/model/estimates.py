"""Tables of estimates: primary results, sensitivity, diagnostics."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import ABOUT, Results
from trialrr.present.words import labels, multiplicity, numbers
from trialrr.present.words.reasons import reasons

SHOWN = ("risk", "omnibus_wald", "risk_ratio", "risk_difference", "nnt")
"""Quantities of the table of primary results."""
ESTIMATED = (
    "risk",
    "risk_ratio",
    "risk_difference",
    "nnt",
    "odds_ratio",
    *("mean", "mean_change", "sd_change", "mean_difference", "standardized_difference"),
    "omnibus_wald",
    "protected_test",
    "adjusted_test",
    *("separation_dropped", "weights_only", "not_analyzed", "covariate_filled"),
    "covariate_left_out",
)


def primary(results: Results) -> Table:
    """The primary analysis of each outcome at each visit: percentages by arm, omnibus test, and
    relative risk, risk difference, number needed and P of each comparison."""
    analysis = results.primary.analysis
    several = len(results.contrasts) > 1
    rows = []
    for outcome in results.headline_outcomes:
        words = results.needed_words(outcome)
        for month in results.months_of(outcome):
            if month_has_none(results, analysis, outcome, month):
                continue
            get = partial(results.get, analysis, outcome=outcome, month=month)
            risks = [estimate(get("risk", arm)) for arm in results.arms]
            omnibus = get("omnibus_wald", "all")
            test = [results.p(omnibus.p_value) if omnibus else ""] if several else []
            for contrast in results.contrasts:
                rows.append(
                    (
                        results.outcome(outcome),
                        results.visit(month, outcome),
                        *risks,
                        *test,
                        results.contrast(contrast, short=True),
                        estimate(get("risk_ratio", contrast)),
                        estimate(get("risk_difference", contrast)),
                        estimate(get("nnt", contrast), words),
                        results.pairwise_p(analysis, outcome, month, contrast),
                    )
                )
    columns = (
        "Outcome",
        "Visit",
        *(f"{results.arm(arm)}, % ({results.ci})" for arm in results.arms),
        *(["Omnibus P"] if several else []),
        "Comparison",
        f"Relative risk ({results.ci})",
        f"Risk difference, points ({results.ci})",
        f"Number needed ({results.ci})",
        multiplicity.heading(results),
    )
    shared = 1 + len(results.arms) + several
    return build(
        results,
        "primary",
        f"Primary results. {results.analysis(analysis)}",
        columns,
        rows,
        (
            *arm_note(results),
            _needed_note(results),
            multiplicity.note(results),
            *reasons(results, [analysis], results.headline_outcomes, quantities=SHOWN),
        ),
        grouped=1,
        merged=tuple(range(1, 1 + shared)),
    )


def sensitivity(results: Results) -> Table:
    """Relative risks of the outcomes that the primary analysis covers, by every analysis of the
    plan without a section of its own; the primary outcome and visit first."""
    first = results.primary
    outcomes = sorted(results.headline_outcomes, key=lambda o: o != first.outcome)
    rows, single = [], {}
    for outcome in outcomes:
        for month in sorted(results.months_of(outcome), key=lambda m: m != first.month):
            for head, members in results.grouped(outcome, month):
                what = f"{results.outcome(outcome)}, {results.visit(month, outcome)}"
                what += f". {head}" if head else ""
                rows += [(what, *_sensitivity(results, a, outcome, month)) for a in members]
                single |= {a: None for a in members if not results.ranging(a)}
    columns = (
        "Outcome",
        "Analysis",
        "Status",
        *(f"{arm}, n/N" for arm in results.arms),
        *(f"{results.contrast(c, short=True)}, RR ({results.ci})" for c in results.contrasts),
    )
    notes = (
        *arm_note(results),
        "n/N: people with the event of people analyzed, imputed outcomes included; without n where"
        " events are averages over imputations. Of an analysis of many fits: smallest to"
        " largest relative risk.",
        *reasons(results, single, outcomes, named=True, quantities=("risk_ratio",)),
    )
    return build(
        results, "sensitivity", "Relative risk by analysis", columns, rows, notes, grouped=1
    )


def _sensitivity(results: Results, analysis: str, outcome: str, month: str) -> tuple[str, ...]:
    """Name, status, events of people by arm, and relative risks of an analysis."""
    get = partial(results.get, analysis, outcome=outcome, month=month)
    ratios = []
    for contrast in results.contrasts:
        row, span = get("risk_ratio", contrast), results.span(analysis, contrast, outcome, month)
        if span:
            ratios.append(numbers.span(span.smallest, span.largest, span.fits))
        else:
            ratios.append(numbers.MISSING if results.ranging(analysis) else estimate(row))
    counts = (events(get("risk", arm)) for arm in results.arms)
    return results.analysis(analysis), results.status(analysis), *counts, *ratios


def diagnostics(results: Results) -> Table:
    """What the primary analysis says about itself: rows of quantities that are not estimates."""
    rows = [
        (
            ", ".join(
                filter(
                    None,
                    [
                        row.outcome and results.outcome(row.outcome),
                        row.month and results.visit(row.month),
                    ],
                )
            ),
            row.method if row.quantity in ABOUT else labels.words(row.quantity),
            row.level if row.level in results.arms else labels.words(row.level),
            numbers.fixed(row.estimate, 0 if float(row.estimate).is_integer() else 3),
        )
        for row in results
        if row.analysis == results.primary.analysis
        and row.quantity not in ESTIMATED
        and not numbers.missing(row.estimate)
    ]
    columns = ("Outcome", "Quantity", "Group", "Value")
    return build(
        results, "diagnostics", "Diagnostics of the primary analysis", columns, rows, grouped=1
    )


def month_has_none(results: Results, analysis: str, outcome: str, month: str) -> bool:
    """True if `analysis` estimated nothing for this outcome and visit."""
    return not any(results.get(analysis, "risk", arm, outcome, month) for arm in results.arms)


def estimate(row: SimpleNamespace | None, words: tuple[str, str] = numbers.BENEFIT) -> str:
    """The text of an ARD row by its quantity; an absent row is a dash."""
    if row is None:
        return numbers.MISSING
    if row.quantity == "nnt":
        return numbers.nnt(row.estimate, row.lower, row.upper, words)
    return numbers.interval(row.estimate, row.lower, row.upper, form(row.quantity))


def form(quantity: str) -> Callable[[float], str]:
    """How a quantity is printed: percentages one decimal, ratios and coefficients two, …"""
    if quantity in ("risk", "risk_difference", "compliance", "proportion_mediated"):
        return numbers.percent
    if quantity in ("risk_ratio", "odds_ratio", "coefficient"):
        return numbers.ratio
    if quantity in ("mean_difference", "standardized_difference"):
        return numbers.ratio
    if quantity in ("n", "events"):
        return numbers.count
    return numbers.mean


def events(row: SimpleNamespace | None) -> str:
    """Events of n that a risk rests on: 179/542."""
    if row is None or numbers.missing(row.n):
        return numbers.MISSING
    if numbers.missing(row.events):
        return numbers.count(row.n)
    return f"{numbers.count(row.events)}/{numbers.count(row.n)}"


def _needed_note(results: Results) -> str:
    benefit = any(results.needed_words(o) == numbers.BENEFIT for o in results.headline_outcomes)
    what = "to treat (NNT) or to harm (NNH)" if benefit else "for one event more or one fewer"
    return (
        f"Number needed {what}: rounded away from zero. Where the interval of the risk difference"
        " covers 0 it runs through infinity (∞)."
    )
