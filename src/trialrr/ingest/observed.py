"""Arms in which nobody was observed: no relative risk can be computed of them."""

from collections.abc import Iterator

import pandas as pd

from trialrr.plan import Plan


def unobserved(
    participants: pd.DataFrame, visits: pd.DataFrame, plan: Plan
) -> Iterator[tuple[str, str, str]]:
    """Each (outcome, arm, month) of the plan for which no analyzed person has an outcome.

    participants : `participant_id`, `arm`, `analyzed` (1 or 0); visits : `participant_id`, `month`
    and `<outcome>_responder`, missing where not observed.
    """
    analyzed = participants.loc[participants["analyzed"] == 1, ["participant_id", "arm"]]
    table = visits.merge(analyzed, on="participant_id")
    for outcome in plan.outcomes:
        seen = table[table[f"{outcome.id}_responder"].notna()]
        cells = set(zip(seen["arm"], seen["month"], strict=True))
        for arm in plan.arms:
            for month in plan.months:
                if (arm.id, month) not in cells:
                    yield outcome.id, arm.id, month
