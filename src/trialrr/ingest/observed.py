"""Arms in which nobody was observed: no relative risk can be computed of them."""

from collections.abc import Iterator

import pandas as pd

from trialrr.plan import Plan


def unobserved(
    participants: pd.DataFrame, visits: pd.DataFrame, plan: Plan
) -> Iterator[tuple[str, str, str]]:
    """Each (outcome, arm, month) of the plan for which no analyzed person has an outcome.

    participants : `participant_id`, `arm`, `analyzed` (1 or 0); visits : `participant_id`, `month`
    and `<outcome>_responder` of an outcome with such a form, else `<outcome>`, missing where not
    observed. Outcomes at months that the visits do not hold are left to others.
    """
    analyzed = participants.loc[participants["analyzed"] == 1, ["participant_id", "arm"]]
    table = visits.merge(analyzed, on="participant_id")
    for outcome in plan.outcomes:
        binary = f"{outcome.id}_responder"
        seen = table[table[binary if binary in table else outcome.id].notna()]
        cells = set(zip(seen["arm"], seen["month"], strict=True))
        for arm in plan.arms:
            for month in plan.at_times_of(outcome.id).months:
                if (arm.id, month) not in cells:
                    yield outcome.id, arm.id, month
