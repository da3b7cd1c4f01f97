"""Kind multiple_imputation: scores by chained equations, dichotomized, pooled by Rubin's rules."""

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.missing import imputed_scores as imputed
from trialrr.analyses.missing.entries import MultipleImputation
from trialrr.analyses.missing.imputed_scores import SIZE, Number, ScoreData
from trialrr.analyses.procedure.arm_support import ArmSupport, eventless
from trialrr.analyses.procedure.arrays import contrast_indices
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.designs import units
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.ard import Subgroup
from trialrr.estimate import adjusted
from trialrr.estimate.identified import bare
from trialrr.missing import densities
from trialrr.missing.chained import DONORS
from trialrr.missing.rubin import pool
from trialrr.plan import Plan

Array = NDArray[np.float64]

SHOWN = 5
"""Chains whose traces are kept."""


def tasks(entry: MultipleImputation, plan: Plan) -> list[str]:
    """For each outcome the pilot's blocks of imputations, and those that it turns out to need."""
    return [f"{outcome}/{part}" for outcome in entry.outcomes for part in ("pilot", "rest")]


def run(task: str, entry: MultipleImputation, plan: Plan, data: TrialData) -> dict[str, Array]:
    """log_risk (b, A, J), covariance (b, AJ, AJ), imputed (b, rows) the scores of the rows that
    lack one, chain_mean, chain_sd (b, iterations, A, J), ridged (A, 2) draws that needed a ridge:
    of scores, of covariates."""
    outcome, part = task.split("/")
    trial = imputed.trial(entry, outcome, plan, data)
    done = [
        _block(trial, entry, outcome, plan, b) for b in blocks(part, trial, entry, outcome, plan)
    ]
    return {
        name: np.concatenate([d[name] for d in done]) if done else np.empty(0) for name in _NAMES
    }


_NAMES = ("log_risk", "covariance", "imputed", "chain_mean", "chain_sd", "ridged")


def blocks(
    part: str, trial: ScoreData, entry: MultipleImputation, outcome: str, plan: Plan
) -> range:
    """Blocks of the pilot, or those beyond it that its fraction of missing information asks for."""
    first = imputed.blocks_of(min(entry.pilot, entry.maximum))
    if part == "pilot":
        return range(first)
    fits = []
    for block in range(first):
        filled, _ = imputed.scores(trial, entry, outcome, plan, block)
        fits.append(imputed.fit(trial, imputed.responders(trial, filled)))
    log_risk, v = (
        np.concatenate([getattr(f, k) for f in fits]) for k in ("log_risk", "covariance")
    )
    imputed.need_fits(entry.id, outcome, log_risk)
    used = imputed.number(entry, plan, trial, log_risk, v).used
    return range(first, imputed.blocks_of(used))


def _block(trial: ScoreData, entry, outcome: str, plan: Plan, block: int) -> dict[str, Array]:
    filled, chains = imputed.scores(trial, entry, outcome, plan, block)
    fits = imputed.fit(trial, imputed.responders(trial, filled))
    shape = (SIZE, entry.iterations, len(plan.arms), len(plan.months))
    mean, sd = np.full(shape, np.nan), np.full(shape, np.nan)
    ridged = np.zeros((1, len(plan.arms), 2))
    names = [imputed.month_name(m) for m in plan.months]
    for a, made in enumerate(chains):
        for name, count in made.ridged.items():
            ridged[0, a, int(name not in names)] += count
        for j, name in enumerate(names):
            if name in made.mean:
                rounds = made.mean[name].shape[1]
                mean[:, :rounds, a, j] = made.mean[name]
                sd[:, :rounds, a, j] = made.sd[name]
    lacking = filled[:, trial.missing]
    return dict(
        zip(_NAMES, (fits.log_risk, fits.covariance, lacking, mean, sd, ridged), strict=True)
    )


def rows(
    entry: MultipleImputation, plan: Plan, data: TrialData, done: dict[str, dict[str, Array]]
) -> list[dict]:
    """Risks, ratios and differences at every month; how many imputations and why; traces and
    densities of the scores."""
    return [
        row for outcome in entry.outcomes for row in _outcome_rows(entry, outcome, plan, data, done)
    ]


def _outcome_rows(entry, outcome: str, plan: Plan, data: TrialData, done) -> list[dict]:
    trial = imputed.trial(entry, outcome, plan, data)
    arrays = gathered(done, outcome, _NAMES)
    imputed.need_fits(entry.id, outcome, arrays["log_risk"])
    number = imputed.number(entry, plan, trial, arrays["log_risk"], arrays["covariance"])
    kept = {name: values[: number.used] for name, values in arrays.items()}
    method = method_text(entry, plan, number)

    def row(**cells) -> dict:
        common = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
        return ard.row(**({"method": method} | common | cells))

    found = _estimates(trial, plan, kept["log_risk"], kept["covariance"], row)
    text = "von Hippel's rule: "
    words = f"{text}{number.needed} needed for a CV of {entry.cv:g} of the standard error"
    if number.needed > number.used:
        words += f", of which the maximum {number.used} were made"
    found.append(row(quantity="imputations", level="all", estimate=number.used, method=words))
    words = f"{text}upper 95% limit from {min(entry.pilot, entry.maximum)} pilot imputations"
    lost = "" if np.isfinite(number.upper) else "no contrast has a variance in the pilot"
    cells = {"quantity": "pilot_fmi_upper", "level": "all", "estimate": number.upper}
    found.append(row(method=words, reason=lost, **cells))
    for a, arm in enumerate(plan.arms):
        for what, count in zip(
            ("scores", "covariates"), arrays["ridged"].sum(axis=0)[a], strict=True
        ):
            if count:
                words = (
                    f"draws of {what} whose predictors repeat each other, so that a ridge was added"
                )
                cells = {"quantity": f"ridged_{what}", "level": arm.id, "method": words}
                found.append(row(estimate=count, **cells))
    return found + _traces(plan, kept, row) + _densities(trial, plan, kept["imputed"], row)


def gathered(done: dict[str, dict[str, Array]], outcome: str, names) -> dict[str, Array]:
    """The arrays of an outcome's two tasks, the pilot's imputations first."""
    parts = [done[f"{outcome}/{part}"] for part in ("pilot", "rest")]
    return {n: np.concatenate([p[n] for p in parts if len(p[n])]) for n in names}


def _estimates(trial: ScoreData, plan: Plan, log_risk: Array, v: Array, row) -> list[dict]:
    alpha, found, support = plan.models.alpha, [], trial.support(plan)
    for j, month in enumerate(plan.months):
        empty = np.isneginf(log_risk[:, :, j])
        for a, arm in enumerate(plan.arms):
            cells = counts(trial, [a], j) | {"month": month, "level": arm.id, "quantity": "risk"}
            if told := eventless([arm.id], month, empty[:, [a]]):
                mean = float(np.exp(log_risk[:, a, j]).mean())
                found.append(row(estimate=mean, reason=told, **cells))
                continue
            cell = a * len(plan.months) + j
            own = pool(log_risk[:, a, j], v[:, cell, cell], trial.df)
            told = support.of_log_risks([a], [own.estimate], [1.0], own.within)
            e = adjusted.risk([1], [own.estimate], np.array([[own.total]]), alpha, own.df)
            found.append(row(**numbers_of(bare(e, told)), **cells))
        for level, one, other in contrast_indices(plan):
            cells = counts(trial, [one, other], j) | {"month": month, "level": level}
            pair = [one, other]
            apart = np.exp(log_risk[:, one, j]) - np.exp(log_risk[:, other, j])
            if told := eventless(level, month, empty[:, pair]):
                found.append(row(quantity="risk_ratio", reason=told, **cells))
                found.append(
                    row(
                        quantity="risk_difference",
                        estimate=float(apart.mean()),
                        reason=told,
                        **cells,
                    )
                )
                continue
            ratio = imputed.log_ratio(log_risk, v, j, one, other, trial.df)
            middle = log_risk[:, pair, j].mean(axis=0)
            numbers = pooled_ratio(ratio, middle, support, pair, alpha)
            found.append(row(quantity="risk_ratio", **numbers, **cells))
            apart = imputed.difference(log_risk, v, j, one, other, trial.df)
            total = np.array([[apart.total]])
            e = adjusted.linear_combination([1], [apart.estimate], total, alpha, apart.df)
            gradient = np.exp(middle) * [1, -1]
            told = support.of_log_risks(pair, middle, gradient, apart.within)
            found.append(row(quantity="risk_difference", **numbers_of(bare(e, told)), **cells))
            lost = {} if np.isfinite(ratio.fmi) else {"reason": numbers["reason"]}
            found.append(row(quantity="fmi", estimate=ratio.fmi, **lost, **cells))
    return found


def pooled_ratio(
    ratio, log_risks: Array, support: ArmSupport, pair: list[int], alpha: float
) -> dict:
    """Numbers of an ARD row from a pooled log ratio of two arms, without an interval where its
    variance within imputations is not identified. log_risks : (2,) means of the arms'."""
    total = np.array([[ratio.total]])
    e = adjusted.risk_ratio([1], [0], [ratio.estimate], total, alpha, ratio.df)
    return numbers_of(bare(e, support.of_log_risks(pair, log_risks, [1.0, -1.0], ratio.within)))


def counts(trial: ScoreData, arms: list[int], j: int) -> dict:
    """People, imputed rows and clusters of some arms at one visit."""
    rows = np.isin(trial.cells.arm, arms)
    return {
        "n": int(rows.sum()),
        "n_imputed": int(trial.missing[rows, j].sum()),
        "n_clusters": len(np.unique(trial.cluster[rows])),
    }


def _traces(plan: Plan, kept: dict[str, Array], row) -> list[dict]:
    found = []
    for quantity, what in (("chain_mean", "mean"), ("chain_sd", "SD")):
        text = f"chained equations: {what} of the imputed scores after each iteration, points"
        values = kept[quantity][:SHOWN]
        for chain, iteration, a, j in np.argwhere(~np.isnan(values)):
            found.append(
                row(
                    month=plan.months[j],
                    subgroup=Subgroup.of(chain=str(chain + 1), iteration=str(iteration + 1)),
                    quantity=quantity,
                    level=plan.arms[a].id,
                    estimate=values[chain, iteration, a, j],
                    method=text,
                )
            )
    return found


def _densities(trial: ScoreData, plan: Plan, lacking: Array, row) -> list[dict]:
    """lacking : (m, rows), imputed scores in the order of the missing rows."""
    at, found = densities.grid(trial.score[~trial.missing]), []
    person, visit = np.nonzero(trial.missing)
    for j, month in enumerate(plan.months):
        for a, arm in enumerate(plan.arms):
            here = trial.score[trial.cells.arm == a, j]
            of = {
                "observed": here[~np.isnan(here)],
                "imputed": lacking[:, (visit == j) & (trial.cells.arm[person] == a)].ravel(),
            }
            for what, values in of.items():
                heights = densities.gaussian(values, at)
                text = f"Gaussian kernel, Silverman's bandwidth, density of {what} scores"
                found += [
                    row(
                        month=month,
                        subgroup=Subgroup.of(score=f"{x:g}"),
                        quantity=f"density_{what}",
                        level=arm.id,
                        estimate=height,
                        method=text,
                    )
                    for x, height in zip(at, heights, strict=True)
                    if np.isfinite(height)
                ]
    return found


def method_text(entry: MultipleImputation, plan: Plan, number: Number) -> str:
    """Imputer, outcome model, covariance and pooling in fixed words."""
    how = {
        "normal": "normal draws",
        "predictive_mean": f"predictive mean matching, {DONORS} donors",
    }[entry.imputer]
    many = f"{number.used} imputations"
    if number.needed > number.used:
        many += f", the maximum ({number.needed} needed)"
    return "; ".join(
        [
            f"score by chained equations in each arm ({how}), then dichotomized",
            "modified Poisson, GEE independence" if len(plan.months) > 1 else "modified Poisson",
            f"sandwich CR0 by {units(a.clusters for a in plan.arms)}",
            f"Rubin's rules, Barnard-Rubin df, {many}",
        ]
    )
