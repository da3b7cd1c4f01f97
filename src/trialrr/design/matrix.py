"""Design matrices: columns for covariates, arms, months and their products.

Columns are found by their place. Names are labels for readers: an arm, a covariate and a month may
bear the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialrr.data import levels_of, numbers, written
from trialrr.estimate.columns import units
from trialrr.plan import Covariate
from trialrr.plan.mentions import INDICATOR, MEAN

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """values : (n, p); names : p labels; unit : (p,), what a value of 1 stands for in the unit of
    the data, so that a coefficient per unit of the data is the fitted one divided by it; what : the
    word before a name that an earlier column has."""

    values: Array
    names: tuple[str, ...]
    unit: Array = field(default=None)
    what: str = "column"

    def __post_init__(self):
        if self.values.shape[1] != len(self.names):
            raise ValueError(f"{self.values.shape[1]} columns but {len(self.names)} names")
        if self.unit is None:
            object.__setattr__(self, "unit", np.ones(len(self.names)))

    def take(self, rows) -> "Design":
        return replace(self, values=self.values[rows])

    def columns(self, at) -> "Design":
        """The columns at some places: indices or booleans (p,)."""
        names = tuple(np.array(self.names, dtype=object)[at])
        values = np.ascontiguousarray(self.values[:, at])
        return replace(self, values=values, names=names, unit=self.unit[at])


def beside(*designs: Design) -> Design:
    """Designs of the same rows side by side; a name that stands before gets its design's `what`."""
    names: dict[str, None] = {}
    for design in designs:
        for name in design.names:
            label = f"{design.what} {name}" if name in names else name
            while label in names:
                label = f"{label}*"
            names[label] = None
    values = np.hstack([d.values for d in designs])
    return Design(values, tuple(names), np.concatenate([d.unit for d in designs]))


def intercept(n: int) -> Design:
    return Design(np.ones((n, 1)), ("intercept",))


def indicators(values, levels: Sequence[str], names: Sequence[str]) -> Design:
    """0/1 columns, one a level in the order given; a value that is none of them gets zeros."""
    values = np.asarray(values, dtype=object)
    columns = [(values == level).astype(float) for level in levels]
    return Design(np.column_stack(columns) if columns else np.empty((len(values), 0)), tuple(names))


def product(one: Design, other: Design) -> Design:
    """All products of a column of `one` with a column of `other`, named `a:b`."""
    columns = [
        one.values[:, i] * other.values[:, j]
        for i in range(len(one.names))
        for j in range(len(other.names))
    ]
    n = len(one.values)
    return Design(
        np.column_stack(columns) if columns else np.empty((n, 0)),
        tuple(f"{a}:{b}" for a in one.names for b in other.names),
    )


def covariate_columns(
    people: pd.DataFrame, covariates: Sequence[Covariate], fill: bool = True
) -> Design:
    """Columns of the covariates of people, missing values replaced by the overall mean (of a
    categorical one: the mean of each indicator; plan, item 6), or left NaN without `fill`. A
    numeric one of extreme size is in a unit of its own (`estimate.columns`).

    people : one row a person, typed columns. A categorical
    covariate gives one indicator a level other than its reference, in sorted order, named
    `site=B`. Raises ValueError for a column that is absent or not numeric, a reference that
    nobody has, and a covariate that nobody reports.
    """
    parts = [_columns(people, c, fill) for c in covariates]
    together = beside(*parts) if parts else Design(np.empty((len(people), 0)), ())
    return replace(together, what="covariate")


def lacks(people: pd.DataFrame, covariate: Covariate) -> NDArray[np.bool_]:
    """(n,) who has no value of a covariate."""
    return people[covariate.id].isna().to_numpy()


def missing_indicators(people: pd.DataFrame, covariates: Sequence[Covariate]) -> Design:
    """0/1 columns of who lacks a covariate, `age missing`; covariates that the same people lack
    share one, `age, bmi missing`, and one that nobody lacks has none."""
    shared: dict[bytes, list[str]] = {}
    columns = {}
    for covariate in covariates:
        missing = lacks(people, covariate)
        if missing.any():
            shared.setdefault(missing.tobytes(), []).append(covariate.id)
            columns[missing.tobytes()] = missing.astype(float)
    names = tuple(f"{', '.join(ids)} missing" for ids in shared.values())
    values = np.column_stack([columns[k] for k in shared]) if shared else np.empty((len(people), 0))
    return Design(values, names)


def filled_columns(people: pd.DataFrame, covariates: Sequence[Covariate], choice: str) -> Design:
    """`covariate_columns` of people, missing values as the plan's `missing_covariates` has them:
    `mean`, or `indicator`, which adds `missing_indicators`. Under the other choices nobody may lack
    a covariate any more: ValueError."""
    columns = covariate_columns(people, covariates)
    if choice == INDICATOR:
        return beside(columns, missing_indicators(people, covariates))
    counts = {c.id: int(lacks(people, c).sum()) for c in covariates}
    if choice != MEAN and any(counts.values()):
        listed = ", ".join(f"{id} ({n} people)" for id, n in counts.items() if n)
        raise ValueError(
            f"covariates are missing: {listed}; complete them, or say in models.missing_covariates "
            "what to do"
        )
    return columns


def _columns(people: pd.DataFrame, covariate: Covariate, fill: bool) -> Design:
    if covariate.id not in people:
        raise ValueError(f"participants lack column {covariate.id!r}, which the plan adjusts for")
    column = people[covariate.id]
    if covariate.reference is None:
        values = numbers(column)[:, None]
        names = (covariate.id,)
    else:
        levels = levels_of(column)
        if covariate.reference not in levels:
            raise ValueError(
                f"covariate {covariate.id!r}: nobody has its reference level "
                f"{covariate.reference!r}; found {', '.join(levels)}"
            )
        levels.remove(covariate.reference)
        design = indicators(written(column), levels, [f"{covariate.id}={v}" for v in levels])
        lost = column.isna().to_numpy()[:, None]
        values, names = np.where(lost, np.nan, design.values), design.names
    missing = np.isnan(values)
    if missing.all(axis=0).any():
        raise ValueError(f"covariate {covariate.id!r} is missing for everybody")
    unit = units(np.nan_to_num(values))
    values = values / unit
    if not fill:
        return Design(values, names, unit)
    return Design(np.where(missing, np.nanmean(values, axis=0), values), names, unit)
