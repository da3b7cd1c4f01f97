"""Adjusted risks of a fitted entry at one month and their contrasts: at the covariate means, or
standardized over the people of the fit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import exp
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import EmptyCell, Result
from trialrr.analyses.procedure.support import alike, degrees, flagged, reason
from trialrr.estimate import adjusted, quasi_score, standardized
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import bare, unidentified
from trialrr.plan import Plan

Array = NDArray[np.float64]


class Risks(Protocol):
    """Risk of each arm and contrasts of two at one month. What has no interval has its reason."""

    def risk(self, arm: str) -> Estimate: ...
    def ratio(self, one: str, other: str) -> Estimate: ...
    def difference(self, one: str, other: str) -> Estimate: ...
    def odds(self, one: str, other: str) -> Estimate: ...


class Fitted(Risks, Protocol):
    """Risks that a fit has of each arm, so also their difference from an arm without an event."""

    def difference_from_none(self, arm: str) -> Estimate: ...


def at_month(result: Result, entry: Analysis, plan: Plan, month: str, *level: str) -> Risks:
    """The risks of `entry` at `month`, as its key `risks` says.

    level : of the moderator, if the fit has one (at the covariate means only)."""
    at = (month, *level)
    absent = {a.id: result.absent[a.id, *at] for a in plan.arms if (a.id, *at) in result.absent}
    if len(absent) == len(plan.arms):
        return WithAbsent(None, absent)
    if entry.risks == "at_means":
        risks = AtMeans(result, entry, plan.models.alpha, at)
    else:
        arms = tuple(a.id for a in plan.arms if a.id not in absent)
        risks = _standardized(result, entry, plan, month, arms)
    return WithAbsent(risks, absent) if absent else risks


@dataclass(frozen=True, slots=True)
class WithAbsent:
    """Risks of which some arms have no event, or nobody, at the month.

    risks : of the other arms, None if there are none; absent : arm → why, and its risk."""

    risks: Fitted | None
    absent: dict[str, EmptyCell]

    def risk(self, arm: str) -> Estimate:
        if arm not in self.absent:
            return self.risks.risk(arm)
        found = self.absent[arm]
        return _alone(found.risk, f"{found.reason}: its risk has no interval from a model")

    def ratio(self, one: str, other: str) -> Estimate:
        told = self._reasons_of(one, other)
        if not told:
            return self.risks.ratio(one, other)
        return _alone(np.nan, f"{told}: a relative risk does not exist; report its counts")

    def difference(self, one: str, other: str) -> Estimate:
        told = self._reasons_of(one, other)
        if not told:
            return self.risks.difference(one, other)
        if one not in self.absent and self._eventless(other):
            few = unidentified(1.0, None, {other: self.absent[other].clusters})
            e = bare(self.risks.difference_from_none(one), few)
            return flagged(e, [other], (one, other))
        if other not in self.absent and self._eventless(one):
            return adjusted.opposite(self.difference(other, one))
        value = adjusted.difference(self.risk(one).estimate, self.risk(other).estimate)
        return _alone(value, f"{told}: the difference has no interval from a model")

    def odds(self, one: str, other: str) -> Estimate:
        told = self._reasons_of(one, other)
        if not told:
            return self.risks.odds(one, other)
        return _alone(np.nan, f"{told}: an odds ratio does not exist; report its counts")

    def _eventless(self, arm: str) -> bool:
        return arm in self.absent and self.absent[arm].risk == 0

    def _reasons_of(self, *arms: str) -> str:
        return " and ".join(self.absent[arm].reason for arm in arms if arm in self.absent)


def _alone(value: float, reason: str) -> Estimate:
    return Estimate(value, *[np.nan] * 3, reason=reason)


def _no_odds(*risks: float) -> Estimate:
    return _alone(np.nan, f"a risk of {max(risks):.4g} has no odds: no odds ratio")


@dataclass(frozen=True, slots=True)
class AtMeans:
    """exp(lᵀβ) at the profiles l of `result`, with the degrees of freedom of each contrast.
    at : month, and with a moderator its level."""

    result: Result
    entry: Analysis
    alpha: float
    at: tuple[str, ...]

    def _with_reason(self, make: Callable[..., Estimate], gradient: Array, *arms: str) -> Estimate:
        """What `make` makes of coefficients, covariance, alpha and degrees of freedom, bare with
        the reason where gᵀVg is not identified, flagged where one of two arms adds nothing."""
        keys = [(arm, *self.at) for arm in arms]
        df, reason = degrees(self.result, self.entry, gradient, *keys)
        fit, own = self.result.fit, self.result.covariance
        e = bare(make(fit.coef, own.matrix, self.alpha, df), reason)
        return flagged(e, alike(self.result, *keys), arms)

    def _profile(self, arm: str) -> Array:
        return self.result.profiles[arm, *self.at]

    def risk(self, arm: str) -> Estimate:
        profile = self._profile(arm)
        make = partial(adjusted.risk, profile, scale=self.entry.interval)
        return self._with_reason(make, profile, arm)

    def ratio(self, one: str, other: str) -> Estimate:
        a, b = self._profile(one), self._profile(other)
        wald = self._with_reason(partial(adjusted.risk_ratio, a, b), a - b, one, other)
        if self.entry.inference == "wald" or wald.reason:
            return wald
        return self._by_quasi_score(a - b, wald)

    def _by_quasi_score(self, contrast: Array, wald: Estimate) -> Estimate:
        """The estimate and standard error of `wald` with limits and test of the quasi-score."""
        fit, person = self.result.fit, self.result.person
        clusters = np.unique(self.result.clusters.labels[person], return_inverse=True)[1]
        model = quasi_score.PoissonEquations(fit.design, self.result.outcome, fit.weights, clusters)
        try:
            found = quasi_score.interval(model, contrast, fit.coef, wald.std_error, self.alpha)
        except FitError as error:
            return bare(wald, str(error))
        return replace(
            wald,
            lower=exp(found.lower),
            upper=exp(found.upper),
            statistic=found.statistic,
            p_value=found.p_value,
        )

    def difference(self, one: str, other: str) -> Estimate:
        a, b = self._profile(one), self._profile(other)
        gradient = adjusted.difference_gradient(a, b, self.result.fit.coef)
        return self._with_reason(partial(adjusted.risk_difference, a, b), gradient, one, other)

    def odds(self, one: str, other: str) -> Estimate:
        a, b = self._profile(one), self._profile(other)
        risks = [float(np.exp(x @ self.result.fit.coef)) for x in (a, b)]
        if not adjusted.has_odds(max(risks)):
            return _no_odds(*risks)
        gradient = adjusted.odds_gradient(a, b, self.result.fit.coef)
        return self._with_reason(partial(adjusted.odds_ratio, a, b), gradient, one, other)

    def difference_from_none(self, arm: str) -> Estimate:
        profile = self._profile(arm)
        return self._with_reason(partial(adjusted.difference_from_none, profile), profile, arm)


@dataclass(frozen=True, slots=True)
class StandardizedRisks:
    """Means of predicted risks with everybody put into each arm; claimed : (a, a), the covariance
    of them that the data's own size gives."""

    result: Result
    risks: standardized.Standardized
    claimed: Array
    arms: tuple[str, ...]
    month: str
    alpha: float
    interval: str

    def risk(self, arm: str) -> Estimate:
        at = self.arms.index(arm)
        value = float(self.risks.risks[at])
        if self.interval == "logit" and not adjusted.has_odds(value):
            told = f"a standardized risk of {value:.4f} has no interval on the logit scale"
            return _alone(value, told)
        make = partial(standardized.risk, self.risks, at, self.alpha, self.interval)
        return self._with_reason(make, [1.0], arm)

    def ratio(self, one: str, other: str) -> Estimate:
        a, b = self._of(one, other)
        return self._contrast(standardized.risk_ratio, [1 / a, -1 / b], one, other)

    def difference(self, one: str, other: str) -> Estimate:
        return self._contrast(standardized.risk_difference, [1.0, -1.0], one, other)

    def odds(self, one: str, other: str) -> Estimate:
        a, b = self._of(one, other)
        if not adjusted.has_odds(max(a, b)):
            return _no_odds(a, b)
        gradient = [1 / (a * (1 - a)), -1 / (b * (1 - b))]
        return self._contrast(standardized.odds_ratio, gradient, one, other)

    def _contrast(self, make: Callable[..., Estimate], gradient, one: str, other: str) -> Estimate:
        at = self.arms.index(one), self.arms.index(other)
        return self._with_reason(partial(make, self.risks, *at, self.alpha), gradient, one, other)

    def _with_reason(self, make: Callable[[], Estimate], gradient, *arms: str) -> Estimate:
        """What `make` makes, bare with the reason where the variance of the risks of `arms` along
        the gradient is not identified."""
        at, g = [self.arms.index(arm) for arm in arms], np.array(gradient)
        variance, claimed = (
            g @ v[np.ix_(at, at)] @ g for v in (self.risks.covariance, self.claimed)
        )
        keys = [(arm, self.month) for arm in arms]
        e = bare(make(), reason(self.result, variance, claimed, *keys))
        own = np.diag(self.risks.covariance)[at], np.diag(self.claimed)[at]
        silent = [
            arm
            for arm, v, c in zip(arms, *own, strict=True)
            if unidentified(v, c, {}) == adjusted.NO_VARIANCE
        ]
        return flagged(e, silent, arms)

    def difference_from_none(self, arm: str) -> Estimate:
        at = [self.arms.index(arm)]
        own = self.risks.risks[at], self.risks.covariance[np.ix_(at, at)]
        make = partial(adjusted.linear_combination, [1.0], *own, self.alpha)
        return self._with_reason(make, [1.0], arm)

    def _of(self, *arms: str) -> list[float]:
        return [float(self.risks.risks[self.arms.index(arm)]) for arm in arms]


def _standardized(
    result: Result, entry: Analysis, plan: Plan, month: str, arms: tuple[str, ...]
) -> StandardizedRisks:
    people, first = np.unique(result.person, return_index=True)
    shared = result.fit.design[first]  # a person's covariates are the same on all rows
    profiles = []
    for arm in arms:
        cell = result.profiles[arm, month]
        profiles.append(np.where(result.of_cells, cell, shared))
    link = "logit" if entry.model == "logistic" else "log"
    own, coef = result.covariance, result.fit.coef
    profiles = np.array(profiles)
    claimed = standardized.fixed_covariates(profiles, coef, result.claimed, link).covariance
    if entry.risks == "standardized":
        risks = standardized.fixed_covariates(profiles, coef, own.matrix, link)
    else:
        # only totals by cluster enter the variance: each person carries an equal part of them
        labels = result.clusters.labels[people]
        index = np.searchsorted(own.labels, labels)
        part = own.influence[index] * np.sqrt(own.factor) / np.bincount(index)[index][:, None]
        risks = standardized.random_covariates(profiles, coef, part, labels, link)
    alpha = plan.models.alpha
    return StandardizedRisks(result, risks, claimed, arms, month, alpha, entry.interval)
