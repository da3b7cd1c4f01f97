"""Kind `rerandomization`: the score test of an entry against repetitions of the randomization."""

import numpy as np

from trialrr import ard
from trialrr.analyses.procedure import null_model
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.resampling.entries import Rerandomization
from trialrr.plan import Plan
from trialrr.resample.draws import blocks
from trialrr.resample.rerandomize import p_value
from trialrr.resample.score import NoMaximum, Scores, Statistics, indicators, statistics
from trialrr.seeds import stream

BLOCK = 1000
"""Draws of a task."""
AT_ONCE = 250
"""Draws that are multiplied together."""
NO_STATISTIC = (
    "the trial's own assignment has no score statistic: an arm has nobody at the primary month, "
    "outcomes there do not vary, or the covariates tell the arm; test a larger population, or an "
    "entry with fewer covariates"
)


def tasks(entry: Rerandomization, plan: Plan) -> list[str]:
    names = [name for name, _, _ in blocks(entry.draws, BLOCK)]
    return [f"{outcome}/{name}" for outcome in entry.outcomes for name in names]


def run(task: str, entry: Rerandomization, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """chi_squared (BLOCK, 1 + contrasts) of one block of draws: all arms, then each contrast."""
    outcome, block = task.split("/")
    chosen = null_model.randomized(plan, data)
    try:
        found, units, _ = _statistics(entry, outcome, plan, data, chosen)
    except NoMaximum:  # `rows` says it
        return {"chi_squared": np.full((BLOCK, 1 + len(plan.contrasts)), np.nan)}
    active = null_model.active(plan)
    rng = stream(plan.seed, entry.id, outcome, "rerandomization", block)
    parts = []
    for _ in range(BLOCK // AT_ONCE):
        drawn = chosen.scheme.draw(rng, AT_ONCE)[:, units]
        parts.append(_chi_squared(found(indicators(drawn, active))[0], plan))
    return {"chi_squared": np.concatenate(parts)}


def rows(
    entry: Rerandomization, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Tests of all arms and of each contrast at the primary month, the Monte Carlo errors of their
    p-values, and how many draws there were; one row with the reason if the trial itself has no
    statistic."""
    chosen, table = null_model.randomized(plan, data), []
    for outcome in entry.outcomes:
        shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
        try:
            observed, n = _observed(entry, outcome, plan, data, chosen)
        except NoMaximum as error:
            table.append(ard.not_estimable(str(error), n=len(data.people), **shared))
            continue
        drawn = np.concatenate(
            [
                done[f"{outcome}/{name}"]["chi_squared"][: last - first]
                for name, first, last in blocks(entry.draws, BLOCK)
            ]
        )
        table += _test_rows(entry, plan, observed, drawn, _method(entry, plan, chosen), n, shared)
        failed = int(np.isnan(drawn).any(axis=1).sum())
        counts = {
            "draws": (entry.draws, "repetitions of the randomization"),
            "draws_failed": (
                failed,
                "repetitions that leave an arm nobody at the primary month; counted as no smaller",
            ),
        }
        table += [
            ard.row(quantity=name, level="all", estimate=n, method=text, **shared)
            for name, (n, text) in counts.items()
        ]
    return table


def _observed(
    entry: Rerandomization, outcome: str, plan: Plan, data: TrialData, chosen: null_model.Randomized
) -> tuple[np.ndarray, int]:
    """(1 + contrasts,) statistics of the trial's own assignment, and how many people are in the
    model. Raises NoMaximum where there are none."""
    found, units, n = _statistics(entry, outcome, plan, data, chosen)
    own = chosen.arm[None, units]
    observed = _chi_squared(found(indicators(own, null_model.active(plan)))[0], plan)[0]
    if np.isnan(observed).any():
        raise NoMaximum(NO_STATISTIC)
    return observed, n


def _method(entry: Rerandomization, plan: Plan, chosen: null_model.Randomized) -> str:
    unit = f"model without arm, weights and imputations fitted once without arm; {chosen.words}"
    strata = ", ".join(plan.randomization.strata)
    blocks_of = f"in strata of {strata}" if strata else "without strata"
    return f"robust score test of {entry.of}, {unit}; permuted blocks {blocks_of}"


def _test_rows(
    entry: Rerandomization,
    plan: Plan,
    observed: np.ndarray,
    drawn: np.ndarray,
    method: str,
    n: int,
    shared: dict,
) -> list[dict]:
    """The tests of all arms and of each contrast, then the Monte Carlo errors of their p-values.
    observed : (1 + contrasts,); drawn : (draws, 1 + contrasts)."""
    p = p_value(drawn, observed)
    cells = shared | {"month": plan.primary.month}
    levels = ["all", *null_model.contrasts(plan)]
    degrees = [len(plan.arms) - 1, *[1] * len(plan.contrasts)]
    tests = [
        ard.row(
            quantity="rerandomization_test",
            level=level,
            method=method,
            flag=_flag(plan),
            statistic=observed[k],
            df=degrees[k],
            p_value=p[k],
            n=n,
            **cells,
        )
        for k, level in enumerate(levels)
    ]
    errors = [
        ard.row(
            quantity="mc_error",
            level=level,
            estimate=float(np.sqrt(value * (1 - value) / (1 + entry.draws))),
            method="Monte Carlo standard error of the p-value",
            **cells,
        )
        for level, value in zip(levels, p, strict=True)
    ]
    return tests + errors


def _flag(plan: Plan) -> str:
    """That people are permuted though those of every arm share something, "" else."""
    words = sorted({a.clusters for a in plan.arms})
    if "person" in words or plan.randomization.unit == "cluster":
        return ""
    return (
        f"people are permuted, as randomization.unit says, though those of every arm share a "
        f"{', '.join(words)}: valid only if people, and not clusters, were randomized"
    )


def _statistics(
    entry, outcome: str, plan: Plan, data: TrialData, chosen: null_model.Randomized
) -> tuple[Statistics, np.ndarray, int]:
    """The scores of the entry tested, where its units stand among all that were randomized, and how
    many people are in its model at the primary month."""
    of = plan.analysis(entry.of)
    own = for_entry(of, plan, data)
    null = null_model.null_of(of, outcome, plan, own)
    units, index = chosen.among(own)
    people = int((null.exposure[:, 0] > 0).sum())
    return statistics([null.summed(index, len(units))]), units, people


def _chi_squared(scores: Scores, plan: Plan) -> np.ndarray:
    each = null_model.contrasts(plan).values()
    of_each = [scores.chi_squared(contrast[None]) for contrast in each]
    return np.column_stack([scores.chi_squared(np.eye(len(plan.arms) - 1)), *of_each])
