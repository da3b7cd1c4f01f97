"""What the health record counts: comorbidity and pain encounters."""

import numpy as np

from trialrr.trials.resolve.twin.draw import top
from trialrr.trials.resolve.twin.targets import ARMS, Targets

MOST = 24
"""Greatest Charlson index."""


def charlson(
    targets: Targets, arm: np.ndarray, score: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(n,) Charlson index in the order of `score`: none, 1-2 and 3 or more as published.

    A published median of 0 or 1 says whether more or fewer than half of an arm have none.
    """
    sizes = {}
    for name in ARMS:
        half = targets.analyzed(name) // 2
        median = targets.value("baseline", "charlson", quantity="median", level=name)
        sizes[name] = half + 8 if median == 0 else half - 4
    fewer = [name for name in ARMS if sizes[name] < targets.analyzed(name) // 2]
    sizes[fewer[-1]] += targets.overall("charlson", "0") - sum(sizes.values())
    zero = np.zeros(len(arm), bool)
    for name in ARMS:
        zero |= top(-score, arm == name, sizes[name])
    many = top(score, ~zero, targets.overall("charlson", ">=3"))
    some = ~zero & ~many
    value = np.where(some, 1, 0) + top(score, some, int(0.4 * some.sum()))
    total = targets.value("baseline", "charlson", quantity="mean") * len(arm)
    beyond = (total - value.sum()) / many.sum() - 3
    value[many] = 3 + np.minimum(rng.poisson(beyond, many.sum()), MOST - 3)
    return value


def pain_encounters(targets: Targets, arm: np.ndarray, score: np.ndarray) -> np.ndarray:
    """(n,) encounters in the order of `score`: the published quartiles of each arm, then an
    exponential tail that makes the published mean."""
    mean = targets.value("baseline", "pain_encounters", quantity="mean")
    value = np.zeros(len(arm))
    for name in ARMS:
        here = np.flatnonzero(arm == name)
        here = here[np.argsort(score[here], kind="stable")]
        rank = (np.arange(len(here)) + 0.5) / len(here)
        quartiles = [
            targets.value("baseline", "pain_encounters", quantity=q, level=name)
            for q in ("q1", "median", "q3")
        ]
        body = np.interp(rank, [0, 0.25, 0.5, 0.75], [0.6, *quartiles])
        inside = rank <= 0.75
        scale = (mean - body[inside].sum() / len(here)) / 0.25 - quartiles[2]
        tail = quartiles[2] - scale * np.log1p(-np.maximum(rank - 0.75, 0) / 0.25)
        value[here] = np.where(inside, body, tail)
    return np.clip(np.rint(value), 1, 150).astype(int)
