"""What is assumed of outcomes not seen, at the primary visit: imputation, shifts, odds."""

from collections.abc import Iterator
from types import SimpleNamespace

from trialrr import ard
from trialrr.ard import Subgroup
from trialrr.plan import Entry
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.missing.grid import INFORMATIVE_ODDS, TIPPING
from trialrr.present.shows.model.estimates import estimate
from trialrr.present.words import numbers
from trialrr.present.words.reasons import reasons
from trialrr.present.words.sentences import one

OF_GRIDS = {surface.kind: surface for surface in (TIPPING, INFORMATIVE_ODDS)}
"""Kind of analysis that is a grid of assumptions → what it varies."""


def missing_data(results: Results) -> Table:
    """A row an analysis and comparison: relative risk, missing information, imputations, the second
    interval by bootstrap, and where the conclusion tips."""
    rows = []
    for kind, head in _assumptions(results).items():
        for entry in results.entries(kind):
            for contrast in results.contrasts:
                if cells := _cells(results, kind, entry, contrast):
                    comparison = results.contrast(contrast, short=True)
                    rows.append((head, results.analysis(entry.id), comparison, *cells))
    month = results.visit(results.primary.month)
    columns = (
        "Assumption",
        "Analysis",
        "Comparison",
        f"RR ({results.ci})",
        "df",
        "Missing information, %",
        "Imputations",
        f"RR ({results.ci}), bootstrap",
        "Tips at",
    )
    notes = (
        *arm_note(results),
        "Shifts and odds ratios: the relative risk where data are missing at random; tips at, the"
        " least change in the active arm, in points or as an odds ratio, with which the interval"
        " includes 1, the reference arm unchanged.",
        "Missing information: of the log relative risk.",
        "Bootstrap: samples of people drawn first, then imputed.",
        *reasons(
            results,
            [*_single(results)],
            months=[results.primary.month],
            named=True,
            quantities=("risk_ratio", "risk_ratio_bootstrap"),
        ),
    )
    title = f"Assumptions on missing outcomes, {month}"
    return build(results, "missing_data", title, columns, rows, notes, grouped=1, merged=(1,))


def _assumptions(results: Results) -> dict[str, str]:
    """Kind of analysis → what it assumes of missing outcomes, in the order of the table."""
    [kinds] = (show.kinds for show in results.shows.tables if show.id == "missing_data")
    of_kinds = {show.name: show.assumption for show in results.shows.kinds}
    return {kind: of_kinds[kind] for kind in kinds}


def _single(results: Results) -> Iterator[str]:
    """Analyses of the table that are one assumption and no grid of many."""
    for entry in results.entries(*(kind for kind in _assumptions(results) if kind not in OF_GRIDS)):
        yield entry.id


def _cells(results: Results, kind: str, entry: Entry, contrast: str) -> tuple[str, ...]:
    analysis = entry.id
    where = dict(outcome=results.outcome_of(entry), month=results.primary.month)
    keys = dict(level=contrast) | where
    row = at_random(results, kind, analysis, **keys)
    second = one(results, analysis, "risk_ratio_bootstrap", **keys)
    surface = OF_GRIDS.get(kind)
    tip = one(results, analysis, surface.tip, **keys) if surface else None
    if surface and tip is None:
        tip = one(results, analysis, ard.ABSENT, **keys)
    if row is None and second is None and tip is None:
        return ()
    fmi = one(results, analysis, "fmi", **keys)
    made = one(results, analysis, "imputations", level="all", outcome=where["outcome"])
    return (
        estimate(row),
        numbers.mean(row.df) if row and not numbers.missing(row.df) else "",
        numbers.percent(fmi.estimate) if fmi else "",
        numbers.count(made.estimate) if made else "",
        numbers.interval(second.estimate, second.lower, second.upper) if second else "",
        tipping_text(tip, kind),
    )


def at_random(results: Results, kind: str, analysis: str, **keys) -> SimpleNamespace | None:
    """The relative risk of an analysis; of one over a grid, that where data are missing at
    random."""
    surface = OF_GRIDS.get(kind)
    neutral = dict.fromkeys(surface.names, surface.neutral) if surface else {}
    for row in results.rows(analysis, "risk_ratio", **keys):
        at = {name: float(value) for name, value in Subgroup.read(row.subgroup).items()}
        if at in ({}, neutral):
            return row
    return None


def tipping_text(row: SimpleNamespace | None, kind: str) -> str:
    """Where a comparison tips, "" if nobody asked."""
    if row is None:
        return ""
    if row.quantity == ard.ABSENT:
        return numbers.NO_INTERVAL
    if numbers.missing(row.estimate):
        return "not on the grid"
    if row.estimate == OF_GRIDS[kind].neutral:
        return "at missing at random"
    return f"{row.estimate:g}"
