"""The participant flow that every trial has, counted from people."""

from collections.abc import Sequence

import pandas as pd

from trialrr import ard
from trialrr.ard import EVERYBODY, Subgroup

ALL = "all"


def randomized_rows(participants: pd.DataFrame, arms: Sequence[str]) -> list[dict]:
    """ARD rows of the analysis flow that every trial has: randomized (overall and by arm) and
    analyzed (by arm)."""
    rows = [count_row("flow", "randomized", ALL, len(participants))]
    for arm in arms:
        group = participants[participants["arm"] == arm]
        for step, n in (("randomized", len(group)), ("analyzed", int(group["analyzed"].sum()))):
            rows.append(count_row("flow", step, arm, n))
    return rows


def count_row(
    analysis: str, outcome: str, level: str, n: int, subgroup: Subgroup = EVERYBODY
) -> dict:
    """An ARD row of a number of people or events."""
    return ard.row(
        analysis=analysis,
        outcome=outcome,
        subgroup=subgroup,
        quantity="n",
        level=level,
        estimate=int(n),
        n=int(n),
        method="count",
        status="prespecified",
    )
