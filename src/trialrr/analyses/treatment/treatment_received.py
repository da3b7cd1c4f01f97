"""How much of their treatment people took, as a column of participants says it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from trialrr.analyses.treatment.entries import Adherence, Compliers, PerProtocol
from trialrr.ard import Subgroup
from trialrr.data import numbers, written
from trialrr.estimate.fit import FitError
from trialrr.levels import matches
from trialrr.plan import Plan

Entry = Adherence | Compliers | PerProtocol


class Unusable(FitError, ValueError):
    """The column does not say what an analysis needs; the message says which and why."""


def amount(entry: Entry, people: pd.DataFrame) -> pd.Series:
    """The column of the entry as numbers, NaN where blank. Raises Unusable if it is not there or
    holds something else."""
    if entry.column not in people:
        raise Unusable(
            f"analysis {entry.id}: participants lack the column {entry.column!r}; name one that "
            "says how much people took of their treatment"
        )
    column = people[entry.column]
    wrong = column.iloc[:0] if is_numeric_dtype(column) else written(column).dropna()
    if len(wrong):
        raise Unusable(
            f"analysis {entry.id}: {len(wrong)} people have no number in {entry.column}, first "
            f"{wrong.iloc[0]!r}; expected a number, or blank where the treatment was not offered"
        )
    return pd.Series(numbers(column), index=people.index)


def arms_with(entry: Entry, plan: Plan, people: pd.DataFrame) -> list[str]:
    """Arms of whose people the column says something, in the order of the plan. Raises Unusable
    for one in which it is blank for some."""
    values, found = amount(entry, people), []
    for arm in (a.id for a in plan.arms):
        own = values[(people["arm"] == arm).to_numpy()]
        if own.notna().all() and len(own):
            found.append(arm)
        elif own.notna().any():
            raise Unusable(
                f"analysis {entry.id}: {entry.column} is blank for {int(own.isna().sum())} of "
                f"{len(own)} people of arm {arm}; nothing taken is 0, so fill the column or leave "
                "it blank for the whole arm"
            )
    return found


def took(entry: Compliers | PerProtocol, plan: Plan, people: pd.DataFrame) -> NDArray[np.bool_]:
    """(n,) who took the treatment of the arm. Raises Unusable if somebody of the reference arm
    did: what is estimated then needs another design."""
    found = matches(amount(entry, people), entry.took).to_numpy()
    reference = found & (people["arm"] == plan.reference).to_numpy()
    if reference.any():
        raise Unusable(
            f"analysis {entry.id}: {int(reference.sum())} people of the reference arm "
            f"{plan.reference} have {Subgroup.where(entry.column, entry.took)}; expected none, for "
            "they are not offered the treatment"
        )
    return found
