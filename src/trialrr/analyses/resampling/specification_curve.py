"""Kind `specification_curve`: the full cross of five lists of choices at the primary month, and a
joint test by repetitions of the randomization."""

import dataclasses
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.missing import imputed_scores
from trialrr.analyses.missing.entries import MultipleImputation
from trialrr.analyses.procedure import null_model
from trialrr.analyses.procedure.arm_support import ArmSupport
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.data import TrialData, cutoff, for_entry
from trialrr.analyses.procedure.designs import units
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.analyses.resampling.entries import SpecificationCurve
from trialrr.ard import Contrast, Subgroup
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import bare
from trialrr.missing.rubin import pool
from trialrr.plan import Arm, Definition, Plan, replace
from trialrr.resample import specifications
from trialrr.resample.cells import Cells
from trialrr.resample.draws import blocks
from trialrr.resample.newton import SharedDesign, design
from trialrr.resample.score import Null, Scores, indicators, null, statistics
from trialrr.resample.specifications import Joint, logistic_ratios, poisson_ratios
from trialrr.seeds import stream

Array = NDArray[np.float64]

DIMENSIONS = ("population", "definition", "missing", "covariates", "estimator")
ESTIMATORS = {  # family of the null model, clusters of the sandwich, words
    "modified_poisson": ("poisson", "plan", "modified Poisson, GEE independence"),
    "person_poisson": ("poisson", "person", "modified Poisson, GEE independence"),
    "standardized_poisson": ("poisson", "plan", "modified Poisson, standardized risks"),
    "standardized_logistic": ("logistic", "plan", "logistic, standardized risks"),
}
MISSING = {
    "complete_case": "observed outcomes",
    "weighted": "observed outcomes, response weights",
    "pattern_mixture": "pattern-mixture imputation",
    "weighted_pattern_mixture": "pattern-mixture imputation, response weights",
    "worst_best_case": "missing = failure, in the reference arm success",
    "multiple_imputation": (
        f"score by chained equations in each arm, normal draws, {imputed_scores.SIZE} imputations"
    ),
}
ITERATIONS = 10
"""Of the chained equations."""
BLOCK = 250
"""Draws of a stream."""


def tasks(entry: SpecificationCurve, plan: Plan) -> list[str]:
    """One a population, whose specifications share weights and imputations. All repeat the same
    draws, so that a draw is one assignment for every specification."""
    return list(entry.populations)


def run(task: str, entry: SpecificationCurve, plan: Plan, data: TrialData) -> dict[str, Array]:
    """Of K lists of covariates, D definitions, M ways with missing outcomes, E estimators, F
    families of null models and C contrasts with the reference arm:

    log_ratio, variance, df : (K, D, M, E, C) of the fits; told : the same, why a variance is not
    identified, "" where it is; people : (K, D, M) in them; failure :
    (K, D, M, E) why there is no estimate, "" else; effect, z : (1 + draws, K, D, M, F, C) one-step
    log ratios and their z, of the trial's own assignment first, float32. NaN where there is none.
    """
    cohort, chosen = _Cohort(entry, task, plan, data), null_model.randomized(plan, data)
    units, index = chosen.among(cohort.data)
    families = _families(entry)
    shape = (len(entry.covariates), len(entry.definitions), len(entry.missing))
    pairs = _pairs(plan)
    log_ratio = np.full((*shape, len(entry.estimators), len(pairs)), np.nan)
    variance, df = log_ratio.copy(), np.full(log_ratio.shape, np.inf)
    told = np.full(log_ratio.shape, "", dtype=object)
    people = np.zeros(shape, dtype=np.int64)
    failure = np.full(log_ratio.shape[:4], "", dtype=object)
    nulls: list[Null] = []
    places: list[tuple[int, int, int, int]] = []
    for d, definition in enumerate(entry.definitions):
        question = _Question(cohort, definition)
        for (k, z), (m, missing) in product(enumerate(cohort.designs), enumerate(entry.missing)):
            at = k, d, m
            for f, family in enumerate(families):
                mine = [
                    e for e, name in enumerate(entry.estimators) if ESTIMATORS[name][0] == family
                ]
                try:
                    fits, people[at] = question.fit(family, missing, z)
                    own_null = question.null(family, missing, z)
                except FitError as error:
                    failure[(*at, mine)] = str(error)
                    continue
                nulls.append(own_null.summed(index, len(units)))
                places.append((*at, f))
                for e in mine:
                    own = fits[ESTIMATORS[entry.estimators[e]][1]]
                    log_ratio[(*at, e)], variance[(*at, e)], df[(*at, e)], told[(*at, e)] = own
    effect = np.full((1 + entry.draws, *shape, len(families), len(pairs)), np.nan, np.float32)
    z = effect.copy()
    if nulls:
        for rows, scores in _assignments(entry, plan, chosen, units, nulls):
            for one, scored, place in zip(nulls, scores, places, strict=True):
                for c, unit in enumerate(_units(plan)):
                    value, standardized = scored.contrast(unit)
                    effect[(rows, *place, c)] = one.ratio * value
                    z[(rows, *place, c)] = standardized
    return {
        "log_ratio": log_ratio,
        "variance": variance,
        "df": df,
        "people": people,
        "failure": failure.astype(str),
        "told": told.astype(str),
        "effect": effect,
        "z": z,
    }


def _assignments(entry, plan, chosen: null_model.Randomized, units, nulls: list[Null]):
    """(rows of the arrays, scores of each null): the trial's own assignment, then all draws."""
    found, active = statistics(nulls), null_model.active(plan)

    def scores(arms: NDArray) -> list[Scores]:
        return found(indicators(arms[:, units], active))

    yield slice(0, 1), scores(chosen.arm[None])
    for name, first, last in blocks(entry.draws, BLOCK):
        rng = stream(plan.seed, entry.id, "rerandomization", name)
        drawn = scores(chosen.scheme.draw(rng, BLOCK))
        kept = [Scores(s.effects[: last - first], s.covariance[: last - first]) for s in drawn]
        yield slice(1 + first, 1 + last), kept


def _pairs(plan: Plan) -> list[tuple[int, int]]:
    """Arm indices of the contrasts with the reference arm."""
    return [
        (one, other)
        for _, one, other in contrast_indices(plan)
        if plan.arms[other].id == plan.reference
    ]


def _levels(plan: Plan) -> list[Contrast]:
    return [Contrast(plan.arms[one].id, plan.arms[other].id) for one, other in _pairs(plan)]


def _units(plan: Plan) -> list[Array]:
    every = null_model.contrasts(plan)
    return [every[level] for level in _levels(plan)]


def _families(entry: SpecificationCurve) -> list[str]:
    return list(dict.fromkeys(ESTIMATORS[e][0] for e in entry.estimators))


class _Cohort:
    """A population: what its specifications share."""

    def __init__(self, entry: SpecificationCurve, population: str, plan: Plan, data: TrialData):
        self.entry, self.plan = entry, plan
        chosen = Analysis(entry.id, entry.status, population=entry.populations[population])
        self.data = for_entry(chosen, plan, data)
        self.month = plan.months.index(plan.primary.month)
        imputation = MultipleImputation(entry.id, entry.status, iterations=ITERATIONS)
        self.imputation = replace(imputation, id=f"{entry.id} {population}")
        self._trials: dict[str, imputed_scores.ScoreData] = {}
        self._scores: dict[tuple[str, bool], Array] = {}

    @cached_property
    def designs(self) -> list[SharedDesign]:
        """Of each list of covariates."""
        outcome = self.plan.primary.outcome
        lists = (
            arrays(ids, outcome, self.plan, self.data) for ids in self.entry.covariates.values()
        )
        return [design(own.covariates.values) for own in lists]

    @cached_property
    def weights(self) -> dict[bool, Array]:
        """Response weights with arm (True) and without."""
        return {
            by_arm: null_model.response_weights(self.plan, self.data, by_arm=by_arm)
            for by_arm in (True, False)
        }

    def trial(self, outcome: str) -> imputed_scores.ScoreData:
        if outcome not in self._trials:
            made = imputed_scores.trial(self.imputation, outcome, self.plan, self.data)
            self._trials[outcome] = made
        return self._trials[outcome]

    def scores(self, outcome: str, by_arm: bool) -> Array:
        """(SIZE, people, J) scores imputed in each arm, or over all people at once."""
        if (outcome, by_arm) not in self._scores:
            trial, plan = self.trial(outcome), self.plan
            if not by_arm:
                plan = replace(plan, arms=(Arm("all"),))
                one = np.zeros_like(trial.cells.arm)
                cells = dataclasses.replace(trial.cells, arm=one, arms=1)
                trial = dataclasses.replace(trial, cells=cells)
            filled, _ = imputed_scores.scores(trial, self.imputation, outcome, plan, 0)
            self._scores[outcome, by_arm] = filled
        return self._scores[outcome, by_arm]


class _Question:
    """A cohort with a definition of response: its outcomes and weights by each way with missing
    ones, and their fits."""

    def __init__(self, cohort: _Cohort, definition: str):
        self.cohort, plan, data = cohort, cohort.plan, cohort.data
        chosen = cohort.entry.definitions[definition]
        self.outcome = chosen.outcome
        wanted = Definition(threshold=chosen.threshold, drop=chosen.drop)
        usual = Definition(plan.outcome(self.outcome).threshold)
        if wanted not in (usual, Definition()):
            data = data.redefined(self.outcome, wanted)
        self.data = data
        self.own = arrays((), self.outcome, plan, data)
        self._drawn: dict[bool, Array] = {}

    @cached_property
    def imputed(self) -> dict[bool, Array]:
        """Outcomes by the pattern mixture with arm (True) and without."""
        plan = self.cohort.plan
        return {
            by_arm: null_model.pattern_mixture(self.outcome, plan, self.data, by_arm)
            for by_arm in (True, False)
        }

    def filled(self, missing: str, by_arm: bool) -> tuple[Array, Array]:
        """Outcomes (imputations, n, J), one where there is no drawing, and weights (n,)."""
        weights = np.ones(len(self.own.arm))
        if missing.startswith("weighted"):
            weights = self.cohort.weights[by_arm]
        if missing == "multiple_imputation":
            return self.drawn(by_arm), weights
        outcome = self.imputed[by_arm] if "pattern_mixture" in missing else self.own.responder
        return outcome[None], weights

    def drawn(self, by_arm: bool) -> Array:
        """(SIZE, n, J) responders by multiple imputation."""
        if by_arm not in self._drawn:
            defined, scores = self.own.defined, self.cohort.scores(self.outcome, by_arm)
            trial = dataclasses.replace(
                self.cohort.trial(self.outcome),
                responder=self.own.responder[defined],
                cutoff=cutoff(self.data, self.cohort.plan, self.outcome)[defined],
            )
            drawn = np.full((len(scores), *self.own.responder.shape), np.nan)
            drawn[:, defined] = imputed_scores.responders(trial, scores)
            self._drawn[by_arm] = drawn
        return self._drawn[by_arm]

    @property
    def worst(self) -> NDArray[np.bool_]:
        """(n, J) rows that a worst case fills."""
        return np.isnan(self.own.responder) & self.own.defined[:, None]

    def fit(self, family: str, missing: str, z: SharedDesign) -> tuple[dict[str, tuple], int]:
        """By kind of clusters: log ratios (C,), variances, degrees of freedom and why a variance is
        not identified, "" where it is; how many people."""
        plan = self.cohort.plan
        cells = Cells(self.own.arm, len(plan.arms), len(plan.months), z)
        outcome, weights = self.filled(missing, by_arm=True)
        if missing == "worst_best_case":
            success = self.own.arm == [a.id for a in plan.arms].index(plan.reference)
            outcome = np.where(self.worst, success[:, None], outcome)
        people = (~np.isnan(outcome[0])).any(axis=1) & (weights > 0)
        labels = {"plan": self.own.cluster, "person": np.arange(len(people))}
        where = (self.cohort.month, _pairs(plan))
        if family == "logistic":
            labels.pop("person")
            ratios, v = logistic_ratios(cells, outcome, weights, labels["plan"], *where)
            v = v[None]
        else:
            ratios, v = poisson_ratios(cells, outcome, weights, list(labels.values()), *where)
        parameters = cells.arms * cells.visits + z.parameters
        fits = {}
        arms = tuple(a.id for a in plan.arms)
        risks = self.risks(outcome, weights)
        for (kind, label), variances in zip(labels.items(), v, strict=True):
            complete = len(np.unique(label[people])) - parameters
            support = ArmSupport(self.own.arm[people], label[people], arms, parameters)
            within = variances.mean(axis=0)
            told = [
                support.of_log_risks(pair, np.log(risks[list(pair)]), [1.0, -1.0], one)
                for pair, one in zip(_pairs(plan), within, strict=True)
            ]
            fits[kind] = *_pooled(ratios, variances, complete), np.array(told, dtype=object)
        return fits, int(people.sum())

    def risks(self, outcome: Array, weights: Array) -> Array:
        """(A,) weighted shares of responders at the month, unadjusted."""
        here, arms = outcome[:, :, self.cohort.month], len(self.cohort.plan.arms)
        w = np.where(np.isnan(here), 0.0, weights)
        inside = self.own.arm == np.arange(arms)[:, None]
        return ((w * np.nan_to_num(here)).sum(axis=0) @ inside.T) / (w.sum(axis=0) @ inside.T)

    def null(self, family: str, missing: str, z: SharedDesign) -> Null:
        """The model without arm; of imputations, that of their mean."""
        outcome, weights = self.filled(missing, by_arm=False)
        worst = self.worst if missing == "worst_best_case" else None
        mean, chance = outcome.mean(axis=0), 1 / len(self.cohort.plan.arms)
        return null(family, mean, weights, z.fixed, self.cohort.month, worst, chance)


def _pooled(ratios: Array, variances: Array, complete_df: int) -> tuple[Array, Array, Array]:
    """(C,) estimates, variances and degrees of freedom of (imputations, C), by Rubin's rules."""
    if len(ratios) == 1:
        return ratios[0], variances[0], np.full(ratios.shape[1], np.inf)
    pooled = [pool(q, v, complete_df) for q, v in zip(ratios.T, variances.T, strict=True)]
    return tuple(np.array([getattr(p, k) for p in pooled]) for k in ("estimate", "total", "df"))


# --------------------------------------------------------------------------------- rows


def rows(
    entry: SpecificationCurve, plan: Plan, data: TrialData, done: dict[str, dict[str, Array]]
) -> list[dict]:
    """A risk ratio a specification and contrast; the share that is significant and the median with
    their joint tests, or why there are none; counts."""
    failed = sum(int((part["failure"] != "").sum()) for part in done.values())
    total = sum(part["failure"].size for part in done.values())
    shared = {
        "analysis": entry.id,
        "outcome": entry.outcomes[0],
        "month": plan.primary.month,
        "status": entry.status,
    }
    table = [ard.row(**shared, **cells) for cells in _specification_rows(entry, plan, done)]
    for c, level in enumerate(_levels(plan)):
        table += [ard.row(**shared, level=level, **r) for r in _joint_rows(entry, plan, done, c)]
    undefined = np.zeros(1 + entry.draws, bool)
    for part in done.values():
        fitted = ~np.isnan(part["z"][0])
        undefined |= np.isnan(part["z"][:, fitted]).any(axis=1)
    counts = {
        "specifications": (total, "specifications, of which some may have no estimate"),
        "specifications_failed": (failed, "specifications without an estimate, see their rows"),
        "draws": (entry.draws, "repetitions of the randomization, the same for all specifications"),
        "draws_failed": (
            int(undefined[1:].sum()),
            "repetitions in which a specification has no statistic, an arm having nobody",
        ),
    }
    return table + [
        ard.row(quantity=name, level="all", estimate=n, method=text, **shared)
        for name, (n, text) in counts.items()
    ]


def _specification_rows(entry, plan, done):
    shared = units(a.clusters for a in plan.arms)
    for population, (d, definition), (m, missing), (k, covariates), (e, estimator) in product(
        entry.populations,
        enumerate(entry.definitions),
        enumerate(entry.missing),
        enumerate(entry.covariates),
        enumerate(entry.estimators),
    ):
        part = done[population]
        names = (population, definition, missing, covariates, estimator)
        subgroup = Subgroup.of(dict(zip(DIMENSIONS, names, strict=True)))
        _, clusters, words = ESTIMATORS[estimator]
        by = shared if clusters == "plan" else "person"
        how = "Rubin's rules, Barnard-Rubin df" if missing == "multiple_imputation" else "z"
        method = f"{words}; {MISSING[missing]}; sandwich CR0 by {by}; {how}"
        reason = str(part["failure"][k, d, m, e])
        for c, level in enumerate(_levels(plan)):
            cells = {"quantity": "risk_ratio", "level": level, "subgroup": subgroup}
            if reason:
                yield cells | {"method": ard.NO_ESTIMATE, "reason": reason}
                continue
            coef, v, df = (part[name][k, d, m, e, c] for name in ("log_ratio", "variance", "df"))
            own = (np.array([coef]), v[None, None], plan.models.alpha, float(df))
            told = str(part["told"][k, d, m, e, c])
            found = bare(adjusted.risk_ratio([1.0], [0.0], *own), told)
            counted = {"n": int(part["people"][k, d, m]), "method": method}
            yield cells | numbers_of(found) | counted


def _joint_rows(entry, plan, done, c: int):
    """Share and median over all specifications with an estimate, of scores and of the fits."""
    families = _families(entry)
    family = [families.index(ESTIMATORS[e][0]) for e in entry.estimators]
    effect, z, fitted, fitted_z = [], [], [], []
    for part in done.values():
        there = part["failure"] == ""
        scored = there & np.isfinite(part["z"][0][:, :, :, family, c])
        effect.append(part["effect"][:, :, :, :, family, c][:, scored])
        z.append(part["z"][:, :, :, :, family, c][:, scored])
        fitted.append(part["log_ratio"][there][:, c])
        known = part["told"][there][:, c] == ""
        variance = np.where(known, part["variance"][there][:, c], np.inf)  # z is 0 of no variance
        fitted_z.append(fitted[-1] / np.sqrt(variance))
    effect, z = np.concatenate(effect, axis=1), np.concatenate(z, axis=1)
    alpha = plan.models.alpha
    by = "; whole clusters permuted" if plan.randomization.unit == "cluster" else ""
    if not effect.shape[1]:
        for quantity in ("share_significant", "median_risk_ratio"):
            text = "outcomes do not vary, or an arm has nobody: no specification has a score test"
            yield {"quantity": quantity, "method": ard.NO_ESTIMATE, "reason": text}
        return
    test = (
        f"joint re-randomization test, {entry.draws} draws, robust one-step scores of the arms{by}"
    )
    share = specifications.share_significant(z, alpha)
    median = specifications.median_ratio(effect)
    texts = {
        "share_significant": (share, float, f"share of specifications with p < {alpha:g}"),
        "median_risk_ratio": (median, np.exp, "median of one-step estimates, two-sided"),
    }
    for quantity, (joint, back, text) in texts.items():
        yield _joint_cells(quantity, joint, back, f"{text}; {test}", alpha)
    for quantity, (joint, _, _) in texts.items():
        error = np.sqrt(joint.p_value * (1 - joint.p_value) / (1 + entry.draws))
        yield {
            "quantity": "mc_error",
            "subgroup": Subgroup.of(of=quantity),
            "estimate": float(error),
            "method": f"Monte Carlo standard error of the p-value; {test}",
        }
    of_fits = specifications.share_significant(np.concatenate(fitted_z)[None], alpha).observed
    middle = float(np.exp(np.median(np.concatenate(fitted))))
    for quantity, value in (
        ("share_significant_fitted", of_fits),
        ("median_risk_ratio_fitted", middle),
    ):
        text = "the same of the fitted risk ratios and their Wald tests, without a joint test"
        yield {"quantity": quantity, "estimate": value, "method": text}


def _joint_cells(quantity: str, joint: Joint, back, method: str, alpha: float) -> dict:
    lower, upper = joint.limits(alpha)
    return {
        "quantity": quantity,
        "estimate": float(back(joint.observed)),
        "lower": float(back(lower)),
        "upper": float(back(upper)),
        "p_value": joint.p_value,
        "method": f"{method}; limits: {100 * (1 - alpha):g}% of its distribution over draws",
    }
