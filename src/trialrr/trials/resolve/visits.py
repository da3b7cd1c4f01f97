"""Visits of RESOLVE: one row a person and visit with the score of each outcome of the survey."""

import numpy as np
import pandas as pd

from trialrr.ingest import redcap
from trialrr.plan import Outcome, Plan
from trialrr.responder import Score, responder
from trialrr.trials.resolve import windows
from trialrr.trials.resolve.cleaning import surveys_of
from trialrr.trials.resolve.instruments import SCORES


def survey_outcomes(plan: Plan) -> list[Outcome]:
    """Outcomes that a survey measures; the others come from the dispensings."""
    return [o for o in plan.outcomes if o.source in SCORES]


def visit_rows(
    people: pd.DataFrame, surveys: pd.DataFrame, scores: dict[str, Score], plan: Plan
) -> pd.DataFrame:
    """One row a person and visit of the plan, by participant_id and visit: date, mode, and of each
    outcome of the survey its score in the window, blank at visits that are not its own; of those
    with a threshold also the sum, the number of items, reduction (baseline - follow-up) and
    responder.

    `completed` is 1 if the severity score is observed.
    """
    ids = people["participant_id"]
    base_rows = rows_of(surveys, windows.BASELINE, ids)
    nobody = np.full(len(ids), -1)
    blocks = []
    for order, visit in enumerate(plan.visits):
        rows = rows_of(surveys, windows.event_name(visit.month), ids)
        seen = surveys.reindex(rows).reset_index(drop=True)
        block = {
            "participant_id": ids,
            "data_origin": people["data_origin"],
            "month": visit.month,
            "visited_on": seen["survey_on"].dt.strftime("%Y-%m-%d").fillna(""),
            "mode": seen["survey_mode"].fillna(""),
            "completed": scores["severity"].take(rows).scored.astype(int),
        }
        for outcome in survey_outcomes(plan):
            own = visit.month in plan.at_times_of(outcome.id).months
            score = scores[SCORES[outcome.source]]
            follow_up = score.take(rows if own else nobody)
            block[outcome.id] = follow_up.mean
            if outcome.threshold is None:
                continue
            base = score.take(base_rows)
            hit = responder(base, follow_up, outcome.threshold)
            block[f"{outcome.id}_reduction"] = base.mean - follow_up.mean
            block[f"{outcome.id}_responder"] = pd.Series(hit).astype("Int64")
            block |= sums(outcome.id, follow_up)
        blocks.append(pd.DataFrame(block).assign(order=order))
    table = pd.concat(blocks, ignore_index=True).sort_values(["participant_id", "order"])
    return table.drop(columns="order").reset_index(drop=True)


def rows_of(surveys: pd.DataFrame, event: str, ids: pd.Series) -> np.ndarray:
    """(n,) row of each person's survey of `event` in `surveys` (0..), -1 if none in its window."""
    return redcap.row_of(surveys, event, ids, surveys_of(""))


def sums(name: str, score: Score) -> dict[str, pd.Series]:
    """Sum of the items answered and how many, blank where not scored: what responders rest on."""
    columns = {f"{name}_sum": score.total, f"{name}_items": score.answered}
    return {c: pd.Series(v).astype("Int64").where(score.scored) for c, v in columns.items()}
