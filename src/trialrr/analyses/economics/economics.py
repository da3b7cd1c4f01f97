"""Kind `economics`: costs against responders and quality-adjusted life-years.

Point estimates and parametric intervals are weighted least squares of costs and effects on the same
columns, weights and filled values taken as known; the bootstrap repeats the whole chain on
resampled clusters and people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trialrr import ard
from trialrr.analyses.economics.costs_and_effects import chain, cost_before, counts_of, followed
from trialrr.analyses.economics.entries import Economics
from trialrr.analyses.procedure import designs
from trialrr.analyses.procedure.arrays import contrast_indices
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.ard import EVERYBODY, Subgroup
from trialrr.design import clusters as nesting
from trialrr.estimate import net_benefit
from trialrr.estimate.adjusted import Estimate, linear_combination
from trialrr.estimate.covariance import HETEROSCEDASTIC
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import ROUNDING, bare, unidentified
from trialrr.plan import Plan
from trialrr.resample.draws import blocks, bootstrap_counts
from trialrr.resample.incremental import FAILURES, RESPONSES, Array, CostEffectData, Filled
from trialrr.seeds import stream

BLOCK = 240
"""Replicates of a task."""
CHUNK = 60
"""Replicates at once: their arrays stay in the processor's cache."""
COSTS = {EVERYBODY: "cost", Subgroup.of(costs="winsorized"): "cost_winsorized"}
"""Subgroup of the results → response of the regressions."""
EFFECTS = ("qaly", "responder")
NOTHING = 1e-12
"""A difference in effects of this size is rounding."""
DEGREES = {
    "z": "z",
    "satterthwaite": "t with Satterthwaite df",
    "clusters_minus_parameters": "t with clusters - parameters df",
}


def tasks(entry: Economics, plan: Plan) -> list[str]:
    names = [name for name, _, _ in blocks(entry.replicates, BLOCK)]
    return [f"{outcome}/{name}" for outcome in entry.outcomes for name in names]


def run(task: str, entry: Economics, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """arms (BLOCK, A, 4), costs and effects of each arm, and failure (BLOCK,) of one block."""
    outcome, block = task.split("/")
    of = plan.analysis(entry.of)
    data = for_entry(of, plan, data)
    whole, shared = chain(entry, plan, data), designs.nested_arms(of, plan)
    nested = {k for k, arm in enumerate(plan.arms) if shared[arm.id] != "person"}
    labels = nesting.of_people(data.people, shared).labels
    rng = stream(plan.seed, entry.id, outcome, "bootstrap", block)
    found = [
        whole(bootstrap_counts(rng, CHUNK, whole.arm, labels, nested))
        for _ in range(BLOCK // CHUNK)
    ]
    return {
        "arms": np.concatenate([samples.arms for samples in found]),
        "failure": np.concatenate([samples.failure for samples in found]),
    }


def rows(
    entry: Economics, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Means and differences of costs and effects, cost-effectiveness ratios, net benefits and how
    often they are positive, by costs as they are and winsorized; then what was used and its prices.

    Raises FitError if a model has no solution, or fewer than half of the replicates have one.
    """
    parts = [
        (done[task], last - first)
        for task, (_, first, last) in zip(
            tasks(entry, plan), blocks(entry.replicates, BLOCK), strict=True
        )
    ]
    failure = np.concatenate([part["failure"][:size] for part, size in parts])
    arms = np.concatenate([part["arms"][:size] for part, size in parts])[failure == 0]
    if len(arms) < entry.replicates / 2:
        raise FitError(
            f"analysis {entry.id}: {int((failure > 0).sum())} of {entry.replicates} bootstrap "
            f"samples have no estimate ({_reasons(failure)}); use fewer covariates"
        )
    found = _evaluated(entry, plan, for_entry(plan.analysis(entry.of), plan, data), arms)
    table = [*_replicates(found, failure)]
    for subgroup, response in COSTS.items():
        table += _differences(found, "cost", response, subgroup)
    for effect in EFFECTS:
        table += _differences(found, effect, effect, EVERYBODY)
    for effect in EFFECTS:
        for subgroup, response in COSTS.items():
            table += _ratios(found, effect, response, subgroup)
            table += _net_benefits(found, effect, response, subgroup)
    return table + [*_resources(found)]


@dataclass(frozen=True)
class Evaluated:
    """The trial at hand and its replicates. data : of the entry `of`; people : (n,) of the
    regressions; filled : their weights and responses; joint : the regressions; profiles : (A, p) of
    arms at covariate means; drawn : (B, A, 4); observed : response → (n,) values where nothing is
    filled, else NaN."""

    entry: Economics
    plan: Plan
    data: TrialData
    chain: CostEffectData
    filled: Filled
    joint: net_benefit.JointRegressions
    profiles: Array
    drawn: Array
    observed: dict[str, Array]
    labels: NDArray

    def row(self, **cells) -> dict:
        cells = {"month": self.entry.month} | cells
        return ard.row(analysis=self.entry.id, status=self.entry.status, **cells)

    @property
    def alpha(self) -> float:
        return self.plan.models.alpha

    def contrasts(self) -> Iterator[tuple[str, Array, Array]]:
        """Level, row of the regressions (p,) and replicates (B, 4) of each contrast."""
        for level, one, other in contrast_indices(self.plan):
            profile = self.profiles[one] - self.profiles[other]
            apart = net_benefit.differences(self.drawn[:, one], self.drawn[:, other])
            yield level, profile, apart

    def counts(self, response: str, *arms: int) -> dict:
        """People of the regressions in some arms, clusters, filled values and responders."""
        own = self.chain.people & np.isin(self.chain.arm, arms)
        made = own & np.isnan(self.observed[response])
        cells = {
            "n": int(own.sum()),
            "n_imputed": int(made.sum()),
            "n_clusters": len(np.unique(self.labels[own])),
        }
        if response == "responder":
            values = self.filled.responses[RESPONSES.index(response)][0]
            cells["events"] = int(values[own[self.chain.people]].sum())
        return cells

    def pair(self, level: str) -> tuple[int, int]:
        """The arms of a contrast."""
        return {name: (one, other) for name, one, other in contrast_indices(self.plan)}[level]

    def of_pair(self, level: str, response: str) -> dict:
        return self.counts(response, *self.pair(level))

    def few(self, *arms: int) -> str:
        """Why clusters of the arms say nothing about how they vary, "" where they do."""
        inside = {self.plan.arms[a].id: self.chain.people & (self.chain.arm == a) for a in arms}
        counts = {id: len(np.unique(self.labels[own])) for id, own in inside.items()}
        return unidentified(1.0, None, counts)

    def gated(self, e: Estimate, claimed: float, *arms: int) -> Estimate:
        """The estimate without an interval where its variance is not identified; claimed : what its
        size gives, against which a variance is rounding."""
        parameters, total = len(self.profiles[0]), len(np.unique(self.labels[self.chain.people]))
        counts = {self.plan.arms[a].id: 2 for a in arms}
        told = self.few(*arms) or unidentified(e.std_error**2, claimed, counts, parameters, total)
        return bare(e, told)

    def size(self, toward: Array) -> float:
        """Mean square of a combination (4,) of the responses over the number of people: about the
        variance of a mean of it if all of it were noise."""
        values = np.column_stack([one[0] for one in self.filled.responses]) @ toward
        return float((values**2).mean() / len(values))

    def percentile(self, values: Array, claimed: float, *arms: int) -> dict:
        """SD of replicates and their quantiles of type 6, or the reason why there are none."""
        told = self.few(*arms)
        if not told and values.var() <= ROUNDING * claimed:
            told = "every bootstrap sample has the same value: no interval"
        if told:
            return {"reason": told}
        tails = [self.alpha / 2, 1 - self.alpha / 2]
        lower, upper = np.quantile(values, tails, method="weibull")
        return {
            "std_error": float(values.std(ddof=1)),
            "scale": "identity",
            "lower": float(lower),
            "upper": float(upper),
        }

    @cached_property
    def regression(self) -> str:
        of = self.plan.analysis(self.entry.of)
        shared = designs.units(designs.nested_arms(of, self.plan).values())
        unit = "row" if of.covariance in HETEROSCEDASTIC else shared
        fitted = "weighted least squares" if of.weights else "least squares"
        known = f"weights and filled values of {of.id}" if of.weights else "filled values"
        before = cost_before(self.entry, self.data) is not None
        return (
            f"{fitted} on arm, covariates, baseline utility{', cost before' if before else ''}; "
            f"{known} taken as known; sandwich {of.covariance.upper()} by {unit}; "
            f"{DEGREES[of.degrees_of_freedom]}"
        )

    @property
    def bootstrap(self) -> str:
        of = self.plan.analysis(self.entry.of)
        what = "persons" if of.clusters == "person" else "clusters of the plan"
        return f"bootstrap of weights, filled values and regressions, {what} resampled within arms"

    def unit(self, outcome: str) -> str:
        """Words for one of what an outcome is counted in."""
        words = {"cost": self.entry.currency, "qaly": "quality-adjusted life-year"}
        return words.get(outcome, f"responder of {self.entry.outcomes[0]}")


def _evaluated(entry: Economics, plan: Plan, data: TrialData, drawn: Array) -> Evaluated:
    whole, of = chain(entry, plan, data), plan.analysis(entry.of)
    filled = whole.filled(whole.everybody)
    if code := int(filled.failure[0]):
        raise FitError(f"analysis {entry.id}: {FAILURES[code - 1]}; use fewer covariates")
    labels = nesting.of_people(data.people, designs.nested_arms(of, plan)).labels
    responses = np.column_stack([one[0] for one in filled.responses])
    of_people = labels[whole.people]
    joint = net_benefit.joint(
        responses, whole.design, filled.weights[0], of_people, of.covariance, of.degrees_of_freedom
    )
    profiles = np.tile(whole.design.mean(axis=0), (whole.arms, 1))
    profiles[:, : whole.arms] = np.eye(whole.arms)
    observed = _observed(entry, plan, data, whole)
    return Evaluated(entry, plan, data, whole, filled, joint, profiles, drawn, observed, labels)


def _observed(
    entry: Economics, plan: Plan, data: TrialData, whole: CostEffectData
) -> dict[str, Array]:
    """Costs, utilities over time and responders of people of whom everything is known."""
    lacks = np.isnan(whole.costs.lacking).any(axis=1)
    total = whole.costs(whole.everybody, whole.arm, whole.arms)[0]
    cut = net_benefit.winsorized(total, entry.winsorize)
    cost, cut = (np.where(lacks, np.nan, values) for values in (total, cut))
    used = whole.utilities
    places = plan.at_times_of(entry.utility).months.index(entry.month) + 1
    gaps = followed(data, entry.utility, places)[1].any(axis=1) | np.isnan(used.baseline)
    total = used.weights[0] * used.baseline + np.nan_to_num(used.known) @ used.weights[1:]
    qaly = np.where(gaps, np.nan, total)
    return dict(zip(RESPONSES, (cost, cut, qaly, whole.responders.observed), strict=True))


def _replicates(found: Evaluated, failure: NDArray) -> Iterator[dict]:
    failed = int((failure > 0).sum())
    texts = {
        "replicates": (len(failure), "bootstrap samples drawn", ""),
        "replicates_failed": (failed, "bootstrap samples without an estimate", _reasons(failure)),
    }
    for quantity, (count, text, reason) in texts.items():
        cells = {"quantity": quantity, "level": "all", "estimate": count, "month": ""}
        yield found.row(method=text, reason=reason, **cells)


def _differences(
    found: Evaluated, outcome: str, response: str, subgroup: Subgroup
) -> Iterator[dict]:
    """Means of arms, adjusted and as observed, and differences with both intervals."""
    place, unit = RESPONSES.index(response), found.unit(outcome)
    row = partial(found.row, outcome=outcome, subgroup=subgroup)
    pick = np.eye(len(RESPONSES))[place]
    cut = f"costs winsorized at the {found.entry.winsorize:g} quantile of all arms; "
    head = f"{unit}; {cut if subgroup else ''}"

    claimed = found.size(pick)

    def estimated(profile: Array, *arms: int) -> dict:
        at = found.joint.at(profile)
        e = linear_combination(pick, at.values, at.covariance, found.alpha, at.df)
        return numbers_of(found.gated(e, claimed, *arms))

    for a, arm in enumerate(found.plan.arms):
        numbers = estimated(found.profiles[a], a) | {"statistic": np.nan, "p_value": np.nan}
        method = f"{head}{found.regression}; at covariate means"
        counts = found.counts(response, a)
        yield row(quantity="mean", level=arm.id, method=method, **numbers, **counts)
        own = found.observed[response][found.chain.arm == a]
        own = own[~np.isnan(own)]
        text = f"{head}people of whom everything is known, unweighted"
        for quantity, least, value in (("observed_mean", 1, np.mean), ("sd", 2, _sd)):
            cells = {"n": len(own), "method": text}
            if len(own) >= least:
                cells["estimate"] = float(value(own))
            else:
                cells["reason"] = f"{len(own)} people of whom everything is known"
            yield row(quantity=quantity, level=arm.id, **cells)
    for level, profile, drawn in found.contrasts():
        arms = found.pair(level)
        numbers, counts = estimated(profile, *arms), found.of_pair(level, response)
        cells = {"level": level, **counts}
        yield row(quantity="mean_difference", method=head + found.regression, **numbers, **cells)
        limits = found.percentile(drawn[:, place], claimed, *arms)
        cells |= {"estimate": numbers["estimate"], **limits}
        method = f"{head}{found.bootstrap}; percentile interval"
        yield row(quantity="mean_difference_percentile", method=method, **cells)
    if subgroup:
        total = found.chain.costs(found.chain.everybody, found.chain.arm, found.chain.arms)[0]
        limit = float(np.quantile(total, found.entry.winsorize))
        text = f"{unit}; {found.entry.winsorize:g} quantile of all arms; n: people above it"
        cells = {"estimate": limit, "n": int((total > limit).sum()), "method": text}
        yield row(quantity="winsorized_at", level="all", **cells)


def _ratios(found: Evaluated, effect: str, cost: str, subgroup: Subgroup) -> Iterator[dict]:
    """The ratio, where replicates of both differences lie, and how they move together."""
    c, e = RESPONSES.index(cost), RESPONSES.index(effect)
    row = partial(found.row, outcome=effect)
    for level, profile, drawn in found.contrasts():
        costs, effects = drawn[:, c], drawn[:, e]
        counts = found.of_pair(level, effect)
        covariance = np.cov(costs, effects)
        values = found.joint.at(profile).values
        told = found.few(*found.pair(level))
        numbers = _icer(values[c], values[e], covariance, found.alpha, told)
        unit = f"{found.entry.currency} per {found.unit(effect)}"
        method = f"{unit}; Fieller's limits; {found.bootstrap}"
        cells = {"level": level, "subgroup": subgroup}
        yield row(quantity="icer", method=method, **numbers, **cells, **counts)
        method = f"of differences in cost and effect; {found.bootstrap}"
        yield row(quantity="correlation", method=method, **_correlation(covariance), **cells)
        for quadrant, share in net_benefit.quadrants(costs, effects).items():
            cells["subgroup"] = subgroup | Subgroup.of(quadrant=quadrant)
            method = f"share of replicates with this sign of costs and effects; {found.bootstrap}"
            numbers = _share(share, len(drawn))
            yield row(quantity="quadrant", method=method, **numbers, **cells)


def _sd(values: Array) -> float:
    return float(values.std(ddof=1))


def _correlation(covariance: Array) -> dict:
    """Correlation from (2, 2), or the reason why there is none."""
    scale = np.sqrt(covariance[0, 0] * covariance[1, 1])
    if not scale > 0:
        return {"reason": "costs or effects are the same in every bootstrap sample"}
    return {"estimate": float(covariance[0, 1] / scale)}


def _icer(cost: float, effect: float, covariance: Array, alpha: float, told: str = "") -> dict:
    """Cells of ΔC/ΔE; limits only where costs and effects have one sign and the effect differs
    from 0, else the reason why there are none. told : why the clusters say nothing, "" where they
    do."""
    if abs(effect) <= NOTHING:
        return {"reason": "the effects do not differ, so a cost per unit of effect does not exist"}
    limits = net_benefit.fieller(cost, effect, covariance, float(ndtri(1 - alpha / 2)))
    numbers = {"estimate": float(cost / effect)}
    if limits.kind != "bounded":
        told = told or "the interval of the effect crosses zero"
    elif cost > 0 > effect:
        told = told or "dominated: costs more and helps less"
    elif cost <= 0 < effect:
        told = told or "dominant: costs no more and helps more"
    if told:
        return numbers | {"reason": told}
    return numbers | {"lower": limits.lower, "upper": limits.upper}


def _net_benefits(found: Evaluated, effect: str, cost: str, subgroup: Subgroup) -> Iterator[dict]:
    c, e = RESPONSES.index(cost), RESPONSES.index(effect)
    for willingness in found.entry.willingness_to_pay:
        at_price = subgroup | Subgroup.of(willingness_to_pay=plain(willingness))
        row = partial(found.row, outcome=effect, subgroup=at_price)
        per = f"{found.entry.currency}, {plain(willingness)} per {found.unit(effect)}"
        toward = np.zeros(len(RESPONSES))
        toward[[c, e]] = net_benefit.benefit(willingness)
        claimed = found.size(toward)
        for level, profile, drawn in found.contrasts():
            cells = {"level": level, **found.of_pair(level, effect)}
            at, arms = found.joint.at(profile), found.pair(level)
            benefit = linear_combination(toward, at.values, at.covariance, found.alpha, at.df)
            numbers = numbers_of(found.gated(benefit, claimed, *arms))
            method = f"net-benefit regression; {per}; {found.regression}"
            yield row(quantity="net_benefit", method=method, **numbers, **cells)
            limits = found.percentile(drawn @ toward, claimed, *arms)
            numbers = {"estimate": numbers["estimate"]} | limits
            method = f"net benefit; {per}; {found.bootstrap}; percentile interval"
            yield row(quantity="net_benefit_percentile", method=method, **numbers, **cells)
            share = net_benefit.acceptability(drawn[:, c], drawn[:, e], willingness)
            method = f"share of replicates with a positive net benefit; {per}; {found.bootstrap}"
            numbers = _share(share, len(drawn))
            yield row(quantity="acceptability", level=level, method=method, **numbers)
        best = net_benefit.best_shares(found.drawn[:, :, c], found.drawn[:, :, e], willingness)
        for arm, share in zip(found.plan.arms, best, strict=True):
            method = f"share of replicates with the highest net benefit; {per}; {found.bootstrap}"
            numbers = _share(float(share), len(found.drawn))
            yield row(quantity="acceptability", level=arm.id, method=method, **numbers)


def _resources(found: Evaluated) -> Iterator[dict]:
    """What an arm used on average, as observed, and what one costs."""
    for column, price in found.entry.unit_costs.items():
        use = counts_of(column, found.entry, found.data)
        for a, arm in enumerate(found.plan.arms):
            own = use[(found.chain.arm == a) & ~np.isnan(use)]
            text = "use by a person, unweighted mean of everybody analyzed"
            cells = {"estimate": float(own.mean()), "n": len(own), "method": text}
            yield found.row(outcome=column, quantity="mean", level=arm.id, **cells)
        text = f"{found.entry.currency}, assumed by the plan"
        cells = {"estimate": price, "method": text}
        yield found.row(outcome=column, quantity="unit_cost", level="all", **cells)


def _share(share: float, replicates: int) -> dict:
    """A share of replicates with its Monte Carlo standard error."""
    error = float(np.sqrt(share * (1 - share) / replicates))
    return {"estimate": share, "std_error": error, "scale": "identity"}


def plain(value: float) -> str:
    """A number without exponent: 100000, 0.5."""
    return f"{value:.15g}"


def _reasons(failure: NDArray) -> str:
    codes, counts = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(f"{n} {FAILURES[code - 1]}" for code, n in zip(codes, counts, strict=True))
