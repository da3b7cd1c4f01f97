"""Adjusted risks of a fitted entry at one month and their contrasts: at the covariate means, or
standardized over the people of the fit."""

from dataclasses import dataclass, replace
from math import exp
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.model import Result
from trialrr.estimate import adjusted, quasi_score, standardized
from trialrr.estimate.adjusted import Estimate
from trialrr.plan import Analysis, Plan

Array = NDArray[np.float64]


class Risks(Protocol):
    """Risk of each arm and contrasts of two at one month."""

    def risk(self, arm: str) -> Estimate: ...
    def ratio(self, one: str, other: str) -> Estimate: ...
    def difference(self, one: str, other: str) -> Estimate: ...
    def odds(self, one: str, other: str) -> Estimate | None: ...


def at_month(result: Result, entry: Analysis, plan: Plan, month: str, *level: str) -> Risks:
    """The risks of `entry` at `month`, as its key `risks` says.

    level : of the moderator, if the fit has one (at the covariate means only)."""
    if entry.risks == "at_means":
        return AtMeans(result, entry, plan.models.alpha, (month, *level))
    return _standardized(result, entry, plan, month)


@dataclass(frozen=True, slots=True)
class AtMeans:
    """exp(lᵀβ) at the profiles l of `result`, with the degrees of freedom of each contrast.
    at : month, and with a moderator its level."""

    result: Result
    entry: Analysis
    alpha: float
    at: tuple[str, ...]

    def _rests_on(self, contrast: Array) -> tuple:
        own = self.result.covariance
        df = own.degrees_of_freedom(contrast, self.entry.degrees_of_freedom)
        return self.result.fit.coef, own.matrix, self.alpha, df

    def _profile(self, arm: str) -> Array:
        return self.result.profiles[arm, *self.at]

    def risk(self, arm: str) -> Estimate:
        profile = self._profile(arm)
        return adjusted.risk(profile, *self._rests_on(profile), scale=self.entry.interval)

    def ratio(self, one: str, other: str) -> Estimate:
        a, b = self._profile(one), self._profile(other)
        wald = adjusted.risk_ratio(a, b, *self._rests_on(a - b))
        return wald if self.entry.inference == "wald" else self._by_quasi_score(a - b, wald)

    def _by_quasi_score(self, contrast: Array, wald: Estimate) -> Estimate:
        """The estimate and standard error of `wald` with limits and test of the quasi-score."""
        fit, person = self.result.fit, self.result.person
        clusters = np.unique(self.result.clusters.labels[person], return_inverse=True)[1]
        model = quasi_score.Model(fit.design, self.result.outcome, fit.weights, clusters)
        found = quasi_score.interval(model, contrast, fit.coef, wald.std_error, self.alpha)
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
        return adjusted.risk_difference(a, b, *self._rests_on(gradient))

    def odds(self, one: str, other: str) -> Estimate | None:
        """None where a risk reaches 1 and has no odds."""
        a, b = self._profile(one), self._profile(other)
        if max(np.exp(a @ self.result.fit.coef), np.exp(b @ self.result.fit.coef)) >= 1:
            return None
        gradient = adjusted.odds_gradient(a, b, self.result.fit.coef)
        return adjusted.odds_ratio(a, b, *self._rests_on(gradient))


@dataclass(frozen=True, slots=True)
class Standardized:
    """Means of predicted risks with everybody put into each arm."""

    risks: standardized.Standardized
    arms: tuple[str, ...]
    alpha: float
    interval: str

    def risk(self, arm: str) -> Estimate:
        return standardized.risk(self.risks, self.arms.index(arm), self.alpha, self.interval)

    def ratio(self, one: str, other: str) -> Estimate:
        return standardized.risk_ratio(self.risks, *self._pair(one, other), self.alpha)

    def difference(self, one: str, other: str) -> Estimate:
        return standardized.risk_difference(self.risks, *self._pair(one, other), self.alpha)

    def odds(self, one: str, other: str) -> Estimate | None:
        if max(self.risks.risks[list(self._pair(one, other))]) >= 1:
            return None
        return standardized.odds_ratio(self.risks, *self._pair(one, other), self.alpha)

    def _pair(self, one: str, other: str) -> tuple[int, int]:
        return self.arms.index(one), self.arms.index(other)


def _standardized(result: Result, entry: Analysis, plan: Plan, month: str) -> Standardized:
    arms = tuple(a.id for a in plan.arms)
    people, first = np.unique(result.person, return_index=True)
    shared = result.fit.design[first]  # a person's covariates are the same on all rows
    profiles = []
    for arm in arms:
        cell = result.profiles[arm, month]
        profiles.append(np.where(result.of_cells, cell, shared))
    link = "logit" if entry.model == "logistic" else "log"
    own = result.covariance
    if entry.risks == "standardized":
        risks = standardized.fixed_covariates(np.array(profiles), result.fit.coef, own.matrix, link)
    else:
        # only totals by cluster enter the variance: each person carries an equal part of them
        labels = result.clusters.labels[people]
        if not np.array_equal(own.labels, np.unique(labels)):
            raise ValueError(
                f"analysis {entry.id}: standardized_random adds people to the clusters of the "
                "fit, so the covariance is to be over exactly those: variance robust, cr0 to mbn"
            )
        index = np.searchsorted(own.labels, labels)
        part = own.influence[index] * np.sqrt(own.factor) / np.bincount(index)[index][:, None]
        risks = standardized.random_covariates(
            np.array(profiles), result.fit.coef, part, labels, link
        )
    return Standardized(risks, arms, plan.models.alpha, entry.interval)
