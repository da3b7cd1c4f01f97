"""Kind `bootstrap`: an entry's whole procedure on resampled people."""

from dataclasses import dataclass

import numpy as np

from trialrr import ard
from trialrr.analyses.procedure import model
from trialrr.analyses.procedure import rows as model_rows
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.batch import procedure
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.support import carriers
from trialrr.analyses.resampling.entries import Bootstrap
from trialrr.ard import Subgroup
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import unidentified
from trialrr.plan import Plan, replace
from trialrr.resample.draws import blocks, bootstrap_counts
from trialrr.resample.intervals import Bootstrapped, intervals, off_center, without_spread
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


@dataclass(frozen=True, slots=True)
class Resampled:
    """One outcome of the entry: result : the fit of the trial itself; of : the entry that is
    resampled, its clusters as resampled; method : in words."""

    entry: Bootstrap
    of: Analysis
    outcome: str
    plan: Plan
    result: model.Result
    method: str

    def row(self, **cells) -> dict:
        shared = {"outcome": self.outcome, "status": self.entry.status}
        return ard.row(analysis=self.entry.id, **shared, **cells)

    def bare(self, quantity: str, value: float, reason: str, **cells) -> list[dict]:
        """The statistic alone, with the reason why it has none of the three intervals."""
        return [
            self.row(
                quantity=quantity + name,
                estimate=value,
                method=f"{self.method}; {words} interval",
                reason=reason,
                **cells,
            )
            for name, words in KINDS.items()
        ]

    def three(self, quantity: str, value, drawn, gradient, scale, arms, **cells) -> list[dict]:
        """The statistic by its BCa interval, the two others, and Monte Carlo errors.

        value, drawn : of the trial and (B,) of the replicates, on the scale of the interval;
        gradient : (p,) of it by the coefficients; scale : that, `log` or `identity`.
        """
        alpha, covariance = self.plan.models.alpha, self.result.covariance
        back = np.exp if scale == "log" else float
        psi = covariance.influence
        reason = _few(self.result, [(arm, cells["month"]) for arm in arms])
        reason = reason or without_spread(drawn, alpha) or off_center(value, drawn, alpha)
        reason = reason or ("" if np.isfinite(psi).all() else covariance.reason)
        if reason:
            return self.bare(quantity, float(back(value)), reason, **cells)
        found = intervals(value, drawn, psi @ gradient, alpha)
        cells |= {"estimate": float(back(value)), "std_error": found.std_error, "scale": scale}
        tested = {} if quantity == "risk" else {"p_value": found.p_value}
        table = []
        limits_of = {"": found.bca, "_percentile": found.percentile, "_basic": found.basic}
        for name, limits in limits_of.items():
            lower, upper = map(float, map(back, limits))
            table.append(
                self.row(
                    quantity=quantity + name,
                    lower=lower,
                    upper=upper,
                    method=f"{self.method}; {KINDS[name]} interval",
                    **(tested | {"reason": found.no_bca} if not name else {}),
                    **cells,
                )
            )
        if quantity == "risk_ratio":
            table += self.monte_carlo(found, month=cells["month"], level=cells["level"])
        return table

    def monte_carlo(self, found: Bootstrapped, **cells) -> list[dict]:
        """Monte Carlo errors of a ratio's standard error and limits."""
        return [
            self.row(
                quantity="mc_error",
                subgroup=Subgroup.of(of=name),
                estimate=getattr(found, f"mc_{name}"),
                reason="" if name == "std_error" else found.no_bca,
                method=f"Monte Carlo standard error, log scale; {self.method}",
                **cells,
            )
            for name in ("std_error", "lower", "upper")
        ]

    def replicates(self, failure: np.ndarray) -> list[dict]:
        """How many samples were drawn, and how many have no estimate. failure : (B,) codes."""
        failed = int((failure > 0).sum())
        texts = {
            "replicates": (len(failure), "bootstrap samples drawn", ""),
            "replicates_failed": (
                failed,
                "bootstrap samples without an estimate",
                _reasons(failure),
            ),
        }
        return [
            self.row(quantity=quantity, level="all", estimate=count, method=text, reason=reason)
            for quantity, (count, text, reason) in texts.items()
        ]

    def at_month(self, j: int, month: str, log_risk: np.ndarray) -> list[dict]:
        """Risks of the arms, then ratios and differences. log_risk : (B, A) of the replicates."""
        result, coef = self.result, self.result.fit.coef
        arms = [a.id for a in self.plan.arms]
        at = {a: result.profiles[a, month] for a in arms if (a, month) in result.profiles}
        drawn = dict(zip(arms, log_risk.T, strict=True))
        risks, table = at_month(result, self.of, self.plan, month), []
        for arm in arms:
            cells = {"month": month, "level": arm, **model_rows.counts(result, [arm], j)}
            if arm not in at:
                table += self.bare("risk", *_bare_value(risks.risk(arm)), **cells)
                continue
            given = at[arm] @ coef, drawn[arm], at[arm], "log", [arm]
            table += self.three("risk", *given, **cells)
        for level, _, _ in contrast_indices(self.plan):
            a, b = level
            cells = {"month": month, "level": level, **model_rows.counts(result, [a, b], j)}
            if not {a, b} <= set(at):
                table += self.bare("risk_ratio", *_bare_value(risks.ratio(a, b)), **cells)
                value, reason = _bare_value(risks.difference(a, b))
                reason = reason or f"{_bare_value(risks.ratio(a, b))[1]}: no bootstrap interval"
                table += self.bare("risk_difference", value, reason, **cells)
                continue
            log_ratio, contrast = drawn[a] - drawn[b], at[a] - at[b]
            given = contrast @ coef, log_ratio, contrast, "log", [a, b]
            table += self.three("risk_ratio", *given, **cells)
            difference = np.exp(drawn[a]) - np.exp(drawn[b])
            gradient = adjusted.difference_gradient(at[a], at[b], coef)
            value = adjusted.difference(*(float(np.exp(at[arm] @ coef)) for arm in (a, b)))
            given = value, difference, gradient, "identity", [a, b]
            table += self.three("risk_difference", *given, **cells)
        return table


def _outcome_rows(
    entry: Bootstrap,
    outcome: str,
    plan: Plan,
    data: TrialData,
    log_risk: np.ndarray,
    failure: np.ndarray,
) -> list[dict]:
    """log_risk : (B, A, J) of the replicates that have an estimate; failure : of all."""
    of = replace(plan.analysis(entry.of), clusters=entry.clusters)
    result = model.fit(of, outcome, plan, data)
    what = "persons" if entry.clusters == "person" else "clusters of the plan"
    method = f"bootstrap of the whole procedure of {entry.of}, {what} resampled within arms"
    plan = plan.at_times_of(outcome)
    found = Resampled(entry, of, outcome, plan, result, method)
    table = found.replicates(failure)
    for j, month in enumerate(plan.months):
        table += found.at_month(j, month, log_risk[:, :, j])
    return table


def _few(result: model.Result, keys: list[tuple[str, str]]) -> str:
    """Why clusters of the arms say nothing about how they vary, "" where they do."""
    return unidentified(1.0, None, {key[0]: carriers(result, key) for key in keys})


def _bare_value(e: adjusted.Estimate) -> tuple[float, str]:
    return e.estimate, e.reason


def _reasons(failure: np.ndarray) -> str:
    codes, counts = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(f"{n} {FAILURES[code - 1]}" for code, n in zip(codes, counts, strict=True))
