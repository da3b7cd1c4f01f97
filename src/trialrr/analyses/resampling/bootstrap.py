"""Kind `bootstrap`: an entry's whole procedure on resampled people."""

import numpy as np

from trialrr import ard
from trialrr.analyses.procedure import model
from trialrr.analyses.procedure import rows as model_rows
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.batch import procedure
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.support import carriers
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import unidentified
from trialrr.plan import Bootstrap, Plan, replace
from trialrr.resample.draws import blocks, bootstrap_counts
from trialrr.resample.intervals import intervals, off_center, without_spread
from trialrr.resample.procedure import FAILURES
from trialrr.seeds import stream

BLOCK = 240
"""Replicates of a task."""
CHUNK = 60
"""Replicates at once: their arrays stay in the processor's cache."""
KINDS = {"": "BCa", "_percentile": "percentile", "_basic": "basic"}
"""What is added to a quantity → its interval in words."""


def tasks(entry: Bootstrap, plan: Plan) -> list[str]:
    names = [name for name, _, _ in blocks(entry.replicates, BLOCK)]
    return [f"{outcome}/{name}" for outcome in entry.outcomes for name in names]


def run(task: str, entry: Bootstrap, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """log_risk (BLOCK, A, J) and failure (BLOCK,) of one block, always a whole one."""
    outcome, block = task.split("/")
    of = plan.analysis(entry.of)
    data = for_entry(of, plan, data)
    own = arrays((), outcome, plan, data)
    nested = set() if entry.clusters == "person" else set(own.nested)
    rng = stream(plan.seed, entry.id, outcome, "bootstrap", block)
    whole = procedure(of, outcome, plan, data)
    found = [
        whole(bootstrap_counts(rng, CHUNK, own.arm, own.cluster, nested))
        for _ in range(BLOCK // CHUNK)
    ]
    return {
        "log_risk": np.concatenate([chunk.log_risks for chunk in found]),
        "failure": np.concatenate([chunk.failure for chunk in found]),
    }


def rows(
    entry: Bootstrap, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Intervals of every risk, ratio and difference; Monte Carlo errors; counts of replicates.

    Raises FitError if fewer than half of the replicates have an estimate.
    """
    table = []
    for outcome in entry.outcomes:
        parts = [
            (done[f"{outcome}/{name}"], last - first)
            for name, first, last in blocks(entry.replicates, BLOCK)
        ]
        failure = np.concatenate([part["failure"][:size] for part, size in parts])
        log_risk = np.concatenate([part["log_risk"][:size] for part, size in parts])[failure == 0]
        if len(log_risk) < entry.replicates / 2:
            raise FitError(
                f"analysis {entry.id}, outcome {outcome}: {int((failure > 0).sum())} of "
                f"{entry.replicates} bootstrap samples have no estimate ({_reasons(failure)}); use "
                "fewer covariates, or an analysis that does not resample"
            )
        table += _outcome_rows(entry, outcome, plan, data, log_risk, failure)
    return table


def _outcome_rows(entry, outcome, plan, data, log_risk, failure) -> list[dict]:
    of = replace(plan.analysis(entry.of), clusters=entry.clusters)
    result = model.fit(of, outcome, plan, data)
    own = plan.at_times_of(outcome)
    coef, psi = result.fit.coef, result.covariance.influence
    what = "persons" if entry.clusters == "person" else "clusters of the plan"
    method = f"bootstrap of the whole procedure of {entry.of}, {what} resampled within arms"

    def row(**cells) -> dict:
        return ard.row(analysis=entry.id, outcome=outcome, status=entry.status, **cells)

    def bare(quantity, value, reason, **cells) -> list[dict]:
        """The statistic alone, with the reason why it has none of the three intervals."""
        return [
            row(
                quantity=quantity + name,
                estimate=value,
                method=f"{method}; {words} interval",
                reason=reason,
                **cells,
            )
            for name, words in KINDS.items()
        ]

    def three(quantity, value, drawn, gradient, back, arms, **cells) -> list[dict]:
        """The statistic by its BCa interval, the two others, and Monte Carlo errors."""
        keys = [(arm, cells["month"]) for arm in arms]
        reason = _few(result, keys) or without_spread(drawn, plan.models.alpha)
        reason = reason or off_center(value, drawn, plan.models.alpha)
        reason = reason or ("" if np.isfinite(psi).all() else result.covariance.reason)
        if reason:
            return bare(quantity, float(back(value)), reason, **cells)
        found = intervals(value, drawn, psi @ gradient, plan.models.alpha)
        cells |= {"estimate": float(back(value)), "std_error": found.std_error}
        tested = {} if quantity == "risk" else {"p_value": found.p_value}
        table = []
        limits_of = {"": found.bca, "_percentile": found.percentile, "_basic": found.basic}
        for name, limits in limits_of.items():
            lower, upper = map(float, map(back, limits))
            table.append(
                row(
                    quantity=quantity + name,
                    lower=lower,
                    upper=upper,
                    method=f"{method}; {KINDS[name]} interval",
                    **(tested | {"reason": found.no_bca} if not name else {}),
                    **cells,
                )
            )
        if quantity == "risk_ratio":
            keys = {key: cells[key] for key in ("month", "level")}
            for name in ("std_error", "lower", "upper"):
                table.append(
                    row(
                        quantity="mc_error",
                        subgroup=f"of={name}",
                        estimate=getattr(found, f"mc_{name}"),
                        reason="" if name == "std_error" else found.no_bca,
                        method=f"Monte Carlo standard error, log scale; {method}",
                        **keys,
                    )
                )
        return table

    failed = int((failure > 0).sum())
    texts = {
        "replicates": (len(failure), "bootstrap samples drawn", ""),
        "replicates_failed": (failed, "bootstrap samples without an estimate", _reasons(failure)),
    }
    table = [
        row(quantity=quantity, level="all", estimate=count, method=text, reason=reason)
        for quantity, (count, text, reason) in texts.items()
    ]
    arms = [a.id for a in plan.arms]
    for j, month in enumerate(own.months):
        at = {a: result.profiles[a, month] for a in arms if (a, month) in result.profiles}
        drawn = dict(zip(arms, log_risk[:, :, j].T, strict=True))
        risks = at_month(result, of, own, month)
        for arm in arms:
            cells = {"month": month, "level": arm, **model_rows.counts(result, [arm], j)}
            if arm not in at:
                table += bare("risk", *_told(risks.risk(arm)), **cells)
                continue
            table += three("risk", at[arm] @ coef, drawn[arm], at[arm], np.exp, [arm], **cells)
        for level, _, _ in contrast_indices(plan):
            a, b = level.split(":")
            cells = {"month": month, "level": level, **model_rows.counts(result, [a, b], j)}
            if not {a, b} <= set(at):
                table += bare("risk_ratio", *_told(risks.ratio(a, b)), **cells)
                value, reason = _told(risks.difference(a, b))
                reason = reason or f"{_told(risks.ratio(a, b))[1]}: no bootstrap interval"
                table += bare("risk_difference", value, reason, **cells)
                continue
            log_ratio, contrast = drawn[a] - drawn[b], at[a] - at[b]
            given = contrast @ coef, log_ratio, contrast, np.exp, [a, b]
            table += three("risk_ratio", *given, **cells)
            difference = np.exp(drawn[a]) - np.exp(drawn[b])
            gradient = adjusted.difference_gradient(at[a], at[b], coef)
            value = adjusted.difference(*(float(np.exp(at[arm] @ coef)) for arm in (a, b)))
            given = value, difference, gradient, float, [a, b]
            table += three("risk_difference", *given, **cells)
    return table


def _few(result: model.Result, keys: list[tuple[str, str]]) -> str:
    """Why clusters of the arms say nothing about how they vary, "" where they do."""
    return unidentified(1.0, None, {key[0]: carriers(result, key) for key in keys})


def _told(e: adjusted.Estimate) -> tuple[float, str]:
    return e.estimate, e.reason


def _reasons(failure: np.ndarray) -> str:
    codes, counts = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(f"{n} {FAILURES[code - 1]}" for code, n in zip(codes, counts, strict=True))
