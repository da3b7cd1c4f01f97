"""Kind `power`: the plan's own simulation of how often a trial of its size finds what it looks
for."""

import numpy as np

from trialrr import ard
from trialrr.analyses.procedure.arrays import contrast_indices
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.resampling.entries import Power
from trialrr.plan import Plan
from trialrr.resample.draws import blocks
from trialrr.resample.power import draw, rejected, wald_tests
from trialrr.seeds import stream

BLOCK = 2500
"""Trials of a task."""


def tasks(entry: Power, plan: Plan) -> list[str]:
    return [name for name, _, _ in blocks(entry.trials, BLOCK)]


def run(task: str, entry: Power, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """contrast_p (BLOCK, K) and omnibus_p (BLOCK,) of one block; the data are not looked at."""
    risks = np.array([entry.risks[a.id] for a in plan.arms])
    rng = stream(plan.seed, entry.id, "", "trials", task)
    pairs = [(one, other) for _, one, other in contrast_indices(plan)]
    found = wald_tests(draw(rng, BLOCK, entry.people, risks, entry.loss), pairs)
    return {"contrast_p": found.contrast_p, "omnibus_p": found.omnibus_p}


def rows(
    entry: Power, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """`power` of each contrast as the plan tests it, of the omnibus test, and of any contrast;
    `power_unadjusted` of each contrast by itself; counts of trials."""
    parts = [(done[name], last - first) for name, first, last in blocks(entry.trials, BLOCK)]
    contrast_p = np.concatenate([part["contrast_p"][:size] for part, size in parts])
    omnibus_p = np.concatenate([part["omnibus_p"][:size] for part, size in parts])
    rule, alpha = plan.models.multiplicity, plan.models.alpha
    declared = rejected(contrast_p, omnibus_p, rule, alpha, len(plan.arms))
    levels = [level for level, _, _ in contrast_indices(plan)]
    by_rule = rule.replace("_", " ").replace("lsd", "LSD")
    shared = {"analysis": entry.id, "status": entry.status, "flag": _flag(plan)}
    design = (
        f"modified Poisson of arms, HC0, z, on simulated trials of {entry.people} people an arm, "
        f"{entry.loss:g} lost at random"
    )

    def share(quantity: str, level: str, hits: np.ndarray, text: str) -> dict:
        value = float(hits.mean())
        error = float(np.sqrt(value * (1 - value) / len(hits)))
        method = f"{text}; {design}; std_error Monte Carlo"
        return ard.row(
            quantity=quantity,
            level=level,
            estimate=value,
            std_error=error,
            scale="identity",
            n=len(hits),
            method=method,
            **shared,
        )

    table = []
    for k, level in enumerate(levels):
        one, other = (entry.risks[arm] for arm in level)
        what = f"rejection at {alpha:g}, risks {one:g} and {other:g}"
        table.append(share("power", level, declared[:, k], f"{what}; multiplicity {by_rule}"))
        alone = contrast_p[:, k] < alpha
        table.append(share("power_unadjusted", level, alone, f"{what}; by itself"))
    text = f"rejection at {alpha:g}, Wald test of all arms"
    table.append(share("power", "omnibus", omnibus_p < alpha, text))
    text = f"rejection at {alpha:g} of at least one contrast; multiplicity {by_rule}"
    table.append(share("power", "any", declared.any(axis=1), text))
    failed = int(np.isnan(omnibus_p).sum())
    text = "arm without an event or without anything else; counted as not rejecting"
    counts = {
        "trials": (len(omnibus_p), "simulated trials"),
        "trials_failed": (failed, text),
    }
    return table + [
        ard.row(quantity=quantity, level="all", estimate=count, method=method, **shared)
        for quantity, (count, method) in counts.items()
    ]


def _flag(plan: Plan) -> str:
    """That clusters are not in the simulation, "" where there are none."""
    words = sorted({a.clusters for a in plan.arms} - {"person"})
    if not words:
        return ""
    return f"people are drawn independently: sharing a {', '.join(words)} would lower the power"
