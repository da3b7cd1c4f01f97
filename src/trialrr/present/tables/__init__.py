"""The tables of a trial, from its results (ARD).

A table computes no statistic; every number in it is one of the ARD (or, for what was published, of
the comparison files), printed by `numbers`.
"""

from types import SimpleNamespace

from trialrr.present.source import Results
from trialrr.present.tables.comparison import (
    COMPARISON,
    by_role,
    calibration_counts,
    calibration_table,
    published_table,
)
from trialrr.present.tables.estimates import diagnostics, estimate, form, primary, sensitivity
from trialrr.present.tables.table import Table
from trialrr.present.tables.trial import baseline, findings_table, flow_table, safety

__all__ = [
    "COMPARISON",
    "Table",
    "baseline",
    "by_role",
    "calibration_counts",
    "calibration_table",
    "diagnostics",
    "estimate",
    "findings_table",
    "flow_table",
    "form",
    "make",
    "primary",
    "published_table",
    "safety",
    "sensitivity",
]


def make(
    results: Results,
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
) -> list[Table]:
    """Every table that the results allow, in the order of the report."""
    tables = [flow_table(results)] if results.has_flow() else []
    tables += [baseline(results), primary(results), sensitivity(results)]
    if (table := safety(results)).rows:
        tables.append(table)
    if published:
        tables.append(published_table(results, published))
    if calibration:
        tables += [
            calibration_counts(results, calibration),
            calibration_table(results, calibration),
        ]
    return tables
