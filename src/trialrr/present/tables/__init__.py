"""The tables of a trial, from its results (ARD).

A table computes no statistic; every number in it is one of the ARD (or, for what was published, of
the comparison files), printed by `numbers`.
"""

from collections.abc import Callable
from types import SimpleNamespace

from trialrr.present import shown
from trialrr.present.source import Results
from trialrr.present.tables.comparison import (
    COMPARISON,
    by_role,
    calibration_counts,
    calibration_table,
    published_table,
)
from trialrr.present.tables.definitions import definitions, failures, selected_covariates
from trialrr.present.tables.estimates import diagnostics, estimate, form, primary, sensitivity
from trialrr.present.tables.missing import missing_data
from trialrr.present.tables.resampling import (
    bootstrap,
    operating_characteristics,
    rerandomization,
)
from trialrr.present.tables.table import Table
from trialrr.present.tables.trial import baseline, findings_table, flow_table, safety

__all__ = [
    "COMPARISON",
    "Table",
    "OF_KINDS",
    "baseline",
    "by_role",
    "calibration_counts",
    "calibration_table",
    "diagnostics",
    "estimate",
    "failures",
    "findings_table",
    "flow_table",
    "form",
    "make",
    "primary",
    "published_table",
    "safety",
    "sensitivity",
]


OF_KINDS: dict[str, Callable[[Results], Table]] = {
    "missing_data": missing_data,
    "bootstrap": bootstrap,
    "rerandomization": rerandomization,
    "definitions": definitions,
    "selected_covariates": selected_covariates,
    "operating_characteristics": operating_characteristics,
}
"""Table of kinds of analyses → what makes it."""


def make(
    results: Results,
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
) -> list[Table]:
    """Every table that the plan asks for, in the order of the report; one whose analyses have no
    estimate has no rows."""
    tables = [flow_table(results)] if results.has_flow() else []
    tables += [baseline(results), primary(results), sensitivity(results)]
    asked = shown.tables(results.plan)
    tables += [OF_KINDS[id](results) for id in asked if id in OF_KINDS]
    tables += [safety(results)] if "safety" in asked else []
    if published:
        tables.append(published_table(results, published))
    if calibration:
        tables += [
            calibration_counts(results, calibration),
            calibration_table(results, calibration),
        ]
    return tables
