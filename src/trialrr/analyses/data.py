"""The analysis data as the analyses see them: one row a person, one column a visit."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialrr import io
from trialrr.plan import Analysis, Plan

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrialData:
    """people : n analyzed people, sorted by id; seen : (n,) at least one follow-up;
    visits_completed : (n,) how many; responder, reduction : outcome → (n, J), NaN where missing;
    origin : REAL or SYNTHETIC."""

    people: pd.DataFrame
    months: tuple[str, ...]
    seen: NDArray[np.bool_]
    visits_completed: NDArray[np.int64]
    responder: dict[str, Array]
    reduction: dict[str, Array]
    origin: str

    def take(self, keep: NDArray) -> "TrialData":
        """The same data for some of the people: booleans, or positions (which may repeat)."""
        return replace(
            self,
            people=self.people.iloc[keep].reset_index(drop=True),
            seen=self.seen[keep],
            visits_completed=self.visits_completed[keep],
            responder={k: v[keep] for k, v in self.responder.items()},
            reduction={k: v[keep] for k, v in self.reduction.items()},
        )


def read(participants: str | Path, visits: str | Path, plan: Plan) -> TrialData:
    """Analysis data of the people analyzed, from the tables `participants` and `visits`.

    Raises ValueError when a visit belongs to nobody, or when the tables mix origins.
    """
    return arrange(io.read_strings(participants), io.read_strings(visits), plan)


def arrange(participants: pd.DataFrame, visits: pd.DataFrame, plan: Plan) -> TrialData:
    """`read` on tables of strings."""
    origins = sorted(set(participants["data_origin"]) | set(visits["data_origin"]))
    if len(origins) != 1:
        raise ValueError(f"the analysis data mix origins {origins}; a run uses one")
    people = participants[participants["analyzed"] == "1"].sort_values("participant_id")
    people = people.reset_index(drop=True)
    row = pd.Series(people.index, index=people["participant_id"])
    unknown = sorted(set(visits["participant_id"]) - set(participants["participant_id"]))
    if unknown:
        raise ValueError(f"visits of people who are no participants: {', '.join(unknown[:5])}")
    visits = visits[visits["participant_id"].isin(row.index)]
    i = row.loc[visits["participant_id"]].to_numpy()
    j = visits["month"].map({m: k for k, m in enumerate(plan.months)}).to_numpy()

    def grid(column: str) -> Array:
        values = np.full((len(people), len(plan.months)), np.nan)
        if column in visits:
            values[i, j] = pd.to_numeric(visits[column].replace("", np.nan)).to_numpy(float)
        return values

    completed = grid("completed") == 1
    outcomes = [o.id for o in plan.outcomes]
    return TrialData(
        people,
        plan.months,
        completed.any(axis=1),
        completed.sum(axis=1),
        {o: grid(f"{o}_responder") for o in outcomes},
        {o: grid(f"{o}_reduction") for o in outcomes},
        origins[0],
    )


def population(data: TrialData, entry: Analysis) -> TrialData:
    """The people that the entry's `population` selects by date of randomization."""
    if not entry.population:
        return data
    days = np.array([date.fromisoformat(d) for d in data.people["randomized_on"]])
    keep = np.ones(len(days), bool)
    for rule, text in entry.population.items():
        day = date.fromisoformat(text)
        keep &= {
            "randomized_before": days < day,
            "randomized_from": days >= day,
            "randomized_after": days > day,
        }[rule]
    return data.take(keep)
