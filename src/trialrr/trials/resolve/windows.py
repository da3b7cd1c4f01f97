"""Which survey of RESOLVE counts for which visit, and what is told about the ones that count."""

import numpy as np
import pandas as pd

from trialrr.ingest import redcap
from trialrr.ingest.findings import Findings
from trialrr.ingest.redcap import LongExport
from trialrr.instruments.bpi import bpi
from trialrr.plan import Visit
from trialrr.trials.resolve.cleaning import surveys_of
from trialrr.trials.resolve.files import dictionary
from trialrr.trials.resolve.instruments import FORMS, PAIN_ITEMS

BASELINE = redcap.event_name("baseline")


def event_name(month: str) -> str:
    """REDCap event of a visit."""
    return redcap.event_name(f"month_{month}")


def kept_surveys(
    surveys: pd.DataFrame,
    randomized_on: pd.Series,
    visits: tuple[Visit, ...],
    file: str,
    findings: Findings,
) -> pd.DataFrame:
    """One survey per person and event, with `day` since randomization and `in_window`; of several
    the one with most BPI items, as `redcap.kept_rows` says.

    surveys : typed rows of redcap_surveys of randomized people; randomized_on : by participant.
    Findings: those of `kept_rows`, partial_survey_scored, partial_survey_unscored,
    forms_left_blank.
    """
    windows = {event_name(v.month): v.window for v in visits} | {BASELINE: None}
    export = surveys_of(file)
    kept = redcap.kept_rows(
        surveys, randomized_on, windows, PAIN_ITEMS, "BPI items", export, findings
    )
    items = kept[list(PAIN_ITEMS)].to_numpy()
    scored = bpi(items)["severity"].scored
    _report_partial(kept, items, scored, export, findings)
    fields = dictionary()["redcap_surveys"]
    redcap.report_broken_off(kept, scored, FORMS, fields, export, findings)
    return kept.reset_index(drop=True)


def _report_partial(
    kept: pd.DataFrame,
    items: np.ndarray,
    scored: np.ndarray,
    export: LongExport,
    findings: Findings,
) -> None:
    partial = np.isnan(items).any(axis=1)
    rows = kept.loc[partial, [*export.place, "survey_complete"]]
    for row, is_scored in zip(rows.itertuples(), scored[partial], strict=True):
        findings.add(
            "partial_survey_scored" if is_scored else "partial_survey_unscored",
            "note",
            field="survey_complete",
            raw=row.survey_complete,
            action="severity scored on the items answered" if is_scored else "severity missing",
            **export.at(row),
        )
