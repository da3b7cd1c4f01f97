"""The tables of a trial, from its results (ARD).

A table computes no statistic; every number in it is one of the ARD (or, for what was published, of
the comparison files), printed by `numbers`.
"""

from collections.abc import Callable
from types import SimpleNamespace

from trialrr.present import shows
from trialrr.present.kit.table import Table
from trialrr.present.results import Results
from trialrr.present.shows.described.comparison import (
    COMPARISON,
    by_role,
    calibration_counts,
    calibration_table,
    published_table,
)
from trialrr.present.shows.described.deviations import deviations
from trialrr.present.shows.described.estimands import estimands
from trialrr.present.shows.described.trial import baseline, findings_table, flow_table, safety
from trialrr.present.shows.economics.economics import economics
from trialrr.present.shows.missing.missing_data import missing_data
from trialrr.present.shows.model.estimates import (
    diagnostics,
    estimate,
    events,
    form,
    primary,
    sensitivity,
)
from trialrr.present.shows.model.outcomes import exploratory, secondary, secondary_analyses
from trialrr.present.shows.model.subgroups import subgroups
from trialrr.present.shows.resampling.definitions import definitions, failures, selected_covariates
from trialrr.present.shows.resampling.repetitions import (
    bootstrap,
    operating_characteristics,
    rerandomization,
)
from trialrr.present.shows.treatment.adherence import adherence, compliers
from trialrr.present.shows.treatment.mechanisms import mediation
from trialrr.present.words.reasons import reasons

__all__ = [
    "COMPARISON",
    "ASKED_FOR",
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


ASKED_FOR: dict[str, Callable[[Results], Table]] = {
    "missing_data": missing_data,
    "bootstrap": bootstrap,
    "rerandomization": rerandomization,
    "definitions": definitions,
    "selected_covariates": selected_covariates,
    "operating_characteristics": operating_characteristics,
    "secondary": secondary,
    "secondary_analyses": secondary_analyses,
    "exploratory": exploratory,
    "subgroups": subgroups,
    "mediation": mediation,
    "adherence": adherence,
    "compliers": compliers,
    "safety": safety,
    "economics": economics,
}
"""Table that a plan may ask for → what makes it."""


def make(
    results: Results,
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
) -> list[Table]:
    """Every table that the plan asks for, in the order of the report; one whose analyses have no
    estimate has no rows."""
    tables = [flow_table(results)] if results.has_flow() else []
    tables += [baseline(results), primary(results), sensitivity(results)]
    asked = shows.tables(results.plan)
    tables += [ASKED_FOR[id](results) for id in asked if id in ASKED_FOR]
    if published:
        tables.append(published_table(results, published))
    if calibration:
        tables += [
            calibration_counts(results, calibration),
            calibration_table(results, calibration),
        ]
    tables += [estimands(results)] if "estimands" in asked else []
    return tables + ([deviations(results)] if "deviations" in asked else [])
