"""The tables of a trial, from its results (ARD).

A table computes no statistic; every number in it is one of the ARD (or, for what was published, of
the comparison files), printed by `numbers`.
"""

from types import SimpleNamespace

from trialrr.present.kit.table import Table
from trialrr.present.results import Results
from trialrr.present.shows.base import TableShow, found
from trialrr.present.shows.described.comparison import (
    COMPARISON,
    by_role,
    calibration_counts,
    calibration_table,
    published_table,
)
from trialrr.present.shows.described.trial import baseline, findings_table, flow_table, safety
from trialrr.present.shows.model.estimates import (
    diagnostics,
    estimate,
    events,
    form,
    primary,
    sensitivity,
)
from trialrr.present.shows.resampling.definitions import failures
from trialrr.present.words.reasons import reasons

__all__ = [
    "COMPARISON",
    "Table",
    "baseline",
    "by_role",
    "calibration_counts",
    "calibration_table",
    "diagnostics",
    "estimate",
    "events",
    "failures",
    "findings_table",
    "flow_table",
    "form",
    "make",
    "primary",
    "published_table",
    "reasons",
    "safety",
    "sensitivity",
]


def make(
    results: Results,
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
) -> list[Table]:
    """Every table that the plan asks for, in the order of the report; one whose analyses have no
    estimate has no rows."""
    compared = {"published": published, "calibration": calibration}
    return [_made(results, show, compared.get(show.given)) for show in results.tables(**compared)]


def _made(results: Results, show: TableShow, compared: list[SimpleNamespace] | None) -> Table:
    more = [] if compared is None else [compared]
    return found(show.maker)(results, *more)
