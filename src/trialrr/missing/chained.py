"""Multiple imputation by chained equations, many imputations at once.

Each incomplete variable in turn is drawn from its regression on all others, parameters from their
posterior first, the missing values given these parameters then; van Buuren & Groothuis-Oudshoorn
(2011), J Stat Softw 45(3). To be called for each arm by itself, so that every relation may differ
between arms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import FitError
from trialrr.missing import draws

Array = NDArray[np.float64]

DONORS = 5


@dataclass(frozen=True, slots=True)
class Variable:
    """values : (n,), NaN where missing; of a categorical variable codes, two levels or more."""

    name: str
    values: Array
    categorical: bool = False


@dataclass(frozen=True, slots=True)
class Chains:
    """b imputations of V incomplete variables after their last iteration.

    values : name → (b, missing), in the order of the rows that lack it; mean, sd : name →
    (b, iterations) of the imputed values, numeric variables only; ridged : name → draws that
    needed a ridge; monotone : whether one pass was exact.
    """

    values: dict[str, Array]
    mean: dict[str, Array]
    sd: dict[str, Array]
    ridged: dict[str, int]
    monotone: bool


def impute(
    rng: np.random.Generator,
    predictors: Array,
    variables: Sequence[Variable],
    imputations: int,
    iterations: int,
    imputer: str = "normal",
    where: str = "",
) -> Chains:
    """Imputations of all variables that lack values, each from all others and the predictors.

    A numeric variable is drawn by Bayesian linear regression (`normal`), or takes the value of one
    of the 5 people with the nearest predictions (`predictive_mean`); a categorical one by Bayesian
    logistic regressions, of each level among it and those after it (continuation ratio). The chain
    starts at random observed values and visits the variables in the order given, `iterations`
    times. Where the pattern is monotone, one pass in the order of missingness, each variable from
    those before it, draws from the joint distribution, and nothing is iterated.

    predictors : (n, k) complete; a constant column is left out; where : names the people in
    messages. Raises FitError where a numeric variable has no more observed rows than its model has
    parameters, or where nobody has a variable.
    """
    complete = [_standardized(predictors[:, k]) for k in range(predictors.shape[1])]
    lacking = []
    for variable in variables:
        if np.isnan(variable.values).any():
            lacking.append(variable)
        else:
            complete += list(_Code.of(variable, where).columns(variable.values))
    varying = [c for c in complete if c.any()]
    fixed = np.column_stack([np.ones(len(predictors)), *varying])
    order = _monotone(lacking)
    chain = _Chain(rng, fixed, order or lacking, imputations, imputer, where)
    rounds = 1 if order else iterations
    traced = {k: np.empty((2, imputations, rounds)) for k in chain.numeric}
    for round in range(rounds):
        for k in range(len(chain.variables)):
            chain.visit(k, range(k) if order else range(len(chain.variables)))
            if k in traced:
                traced[k][0, :, round] = chain.values[k].mean(axis=1)
                traced[k][1, :, round] = chain.values[k].std(axis=1)
    names = [v.name for v in chain.variables]
    return Chains(
        dict(zip(names, chain.values, strict=True)),
        {names[k]: mean for k, (mean, _) in traced.items()},
        {names[k]: sd for k, (_, sd) in traced.items()},
        {names[k]: chain.ridged[k] for k in traced},
        order is not None,
    )


class _Chain:
    """State of b chains: the current columns of the variables, (b, v, n), standardized."""

    def __init__(self, rng, fixed: Array, variables, b: int, imputer: str, where: str):
        self.rng, self.fixed, self.variables = rng, fixed, variables
        self.imputer, self.where = imputer, where
        n = len(fixed)
        self.codes = [_Code.of(v, where) for v in variables]
        ends = np.cumsum([0, *(code.width for code in self.codes)])
        self.slots = [slice(a, z) for a, z in zip(ends, ends[1:], strict=False)]
        self.observed = [np.flatnonzero(~np.isnan(v.values)) for v in variables]
        self.missing = [np.flatnonzero(np.isnan(v.values)) for v in variables]
        self.seen = [fixed[rows] for rows in self.observed]
        self.unseen = [fixed[rows] for rows in self.missing]
        self.grams = [rows.T @ rows for rows in self.seen]
        self.numeric = [k for k, v in enumerate(variables) if not v.categorical]
        self.ridged = dict.fromkeys(self.numeric, 0)
        self.starts: dict[tuple[int, int], Array] = {}
        self.columns = np.empty((b, ends[-1], n))
        self.values = []
        for k, variable in enumerate(variables):
            known, missing = variable.values[self.observed[k]], self.missing[k]
            self.columns[:, self.slots[k], self.observed[k]] = self.codes[k].columns(known)
            self.values.append(np.empty((b, len(missing))))
            self._set(k, known[rng.integers(len(known), size=(b, len(missing)))])

    def visit(self, k: int, among) -> None:
        """Draw variable k anew, given the variables `among` but itself, and the fixed columns."""
        others = [
            c for o in among if o != k for c in range(self.slots[o].start, self.slots[o].stop)
        ]
        if self.variables[k].categorical:
            self._set(k, self._level(k, others))
        else:
            self._set(k, self._number(k, others))

    def _set(self, k: int, values: Array) -> None:
        self.values[k] = values
        columns = self.codes[k].columns(values)
        for c, column in zip(range(self.slots[k].start, self.slots[k].stop), columns, strict=True):
            self.columns[:, c, self.missing[k]] = column

    def _number(self, k: int, others: list[int]) -> Array:
        """Bayesian linear regression, its cross products put together from those of the fixed
        columns, the same in all chains, and of the others."""
        fixed, rows = self.seen[k], len(self.seen[k])
        f, y = fixed.shape[1], self.slots[k].start
        if rows <= f + len(others):
            raise FitError(
                f"{self.where}, {self.variables[k].name}: {rows} observed values for an imputation "
                f"model of {f + len(others)} parameters; leave out auxiliary variables or "
                "covariates with many levels"
            )
        now = self.columns[:, [*others, y]][:, :, self.observed[k]]
        b, v, _ = now.shape
        cross = (now.reshape(b * v, rows) @ fixed).reshape(b, v, f)
        pairs = now @ now.transpose(0, 2, 1)
        gram = np.empty((b, f + v - 1, f + v - 1))
        gram[:, :f, :f] = self.grams[k]
        gram[:, f:, :f], gram[:, :f, f:] = cross[:, :-1], cross[:, :-1].transpose(0, 2, 1)
        gram[:, f:, f:] = pairs[:, :-1, :-1]
        moment = np.concatenate([cross[:, -1], pairs[:, -1, :-1]], axis=1)
        drawn = draws.linear(self.rng, gram, moment, pairs[:, -1, -1], rows)
        self.ridged[k] += int(drawn.ridged.sum())
        mean = self._predicted(k, others, drawn.coef)
        if self.imputer == "predictive_mean":
            of_observed = drawn.mode[:, :f] @ fixed.T + np.vecmat(drawn.mode[:, f:], now[:, :-1])
            chosen = draws.donors(self.rng, of_observed, mean, DONORS)
            return self.variables[k].values[self.observed[k]][chosen]
        noise = self.rng.standard_normal(mean.shape)
        return self.codes[k].numbers(mean + drawn.sigma[:, None] * noise)

    def _level(self, k: int, others: list[int]) -> Array:
        """Continuation ratios: each level against those after it, among people who have one of
        these."""
        code, fixed = self.codes[k], self.seen[k]
        level = np.searchsorted(code.levels, self.variables[k].values[self.observed[k]])
        now = self.columns[:, others][:, :, self.observed[k]].transpose(0, 2, 1)
        shared = np.broadcast_to(fixed, (len(now), *fixed.shape))
        design = np.concatenate([shared, now], axis=2)
        drawn = np.full((len(now), len(self.missing[k])), len(code.levels) - 1)
        open_ = np.ones(drawn.shape, bool)
        for one in range(len(code.levels) - 1):
            left = level >= one
            start = self.starts.get((k, one), np.zeros((len(now), design.shape[2])))
            among = design if one == 0 else design[:, left]
            mode, coef = draws.logistic(self.rng, among, level[left] == one, start)
            self.starts[k, one] = mode
            odds = self._predicted(k, others, coef)
            hit = open_ & (self.rng.random(drawn.shape) < 1 / (1 + np.exp(-odds)))
            drawn[hit], open_ = one, open_ & ~hit
        return code.levels[drawn]

    def _predicted(self, k: int, others: list[int], coef: Array) -> Array:
        """(b, missing) linear predictors of the rows that lack variable k."""
        f = self.fixed.shape[1]
        now = self.columns[:, others][:, :, self.missing[k]]
        return coef[:, :f] @ self.unseen[k].T + np.vecmat(coef[:, f:], now)


@dataclass(frozen=True, slots=True)
class _Code:
    """How a variable becomes columns of mean 0 and standard deviation 1 where observed: itself, or
    an indicator of each level but the first. levels : of a categorical one, sorted."""

    levels: Array | None
    table: Array  # (levels, width) of a categorical variable; (mean, sd) of a numeric one

    @classmethod
    def of(cls, variable: Variable, where: str) -> "_Code":
        known = variable.values[~np.isnan(variable.values)]
        if not len(known):
            raise FitError(
                f"{where}, {variable.name}: nobody has a value, so nothing tells how to impute it; "
                "leave the variable, the visit or the arm out"
            )
        if not variable.categorical:
            return cls(None, np.array([known.mean(), known.std() or 1]))
        levels, at = np.unique(known, return_inverse=True)
        indicators = np.eye(len(levels))[:, 1:]
        present = indicators[at]
        return cls(levels, (indicators - present.mean(axis=0)) / present.std(axis=0))

    @property
    def width(self) -> int:
        return 1 if self.levels is None else len(self.levels) - 1

    def columns(self, values: Array) -> Array:
        """(width, …) columns of values (…)."""
        if self.levels is None:
            return ((values - self.table[0]) / self.table[1])[None]
        return np.moveaxis(self.table[np.searchsorted(self.levels, values)], -1, 0)

    def numbers(self, standardized: Array) -> Array:
        return self.table[0] + self.table[1] * standardized


def _standardized(column: Array) -> Array:
    """A column of mean 0 and standard deviation 1; a constant one becomes zeros."""
    centred = column - column.mean()
    spread = centred.std()
    return centred / spread if spread > 1e-12 * max(np.abs(column).max(), 1) else 0 * column


def _monotone(variables: list[Variable]) -> list[Variable] | None:
    """The variables from the least to the most often missing, if whoever lacks one lacks all that
    follow; else None."""
    order = sorted(variables, key=lambda v: np.isnan(v.values).sum())
    for one, later in zip(order, order[1:], strict=False):
        if (np.isnan(one.values) & ~np.isnan(later.values)).any():
            return None
    return order
