"""Pain at follow-up: item sums with the published responders, changes and imputation model."""

import numpy as np
import pandas as pd

from trialrr.resolve.twin.draw import standard
from trialrr.resolve.twin.response import Response, covariates
from trialrr.resolve.twin.targets import ARMS, MONTHS, Targets
from trialrr.seeds import stream

ROUNDS = 12
"""Fixed-point steps for coefficients and spread; the flips leave about .01 after eight."""
WITHIN_PERSON = 0.55
"""Share of the residual variance of change that stays with the person."""
SKEWNESS = 3.0
"""Shape of the gamma that skews changes to the right, as the published quartiles are."""
CONTRAST = 0.12
"""SD of the part of change in which intensity and interference differ, points of severity / 7."""
ITEMS = {"intensity": 4, "interference": 7}
LIMIT = {"intensity": 40, "interference": 70}


def follow_up(
    targets: Targets, people: pd.DataFrame, response: Response, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Intensity and interference sums, (n, 3) integers, meaningful where a survey was answered.

    The reduction in severity is linear in arm × month, follow-up pattern × arm and the baseline
    covariates plus a person effect and noise, both skewed and bent a little to the published median. A second, independent term moves
    intensity and interference apart. Sums are rounded and, in each arm and visit, the people
    nearest to the 30 % boundary are moved over it until the counts are the published ones.
    Coefficients and spread are then corrected by what came out, a few times.
    """
    rng = stream(seed, "twin", "pain at follow-up")
    base_i = people["intensity_sum"].to_numpy()
    base_f = people["interference_sum"].to_numpy()
    n, visits = len(people), len(MONTHS)
    design, goal = _design(targets, people, response)
    noise = standard(
        np.sqrt(WITHIN_PERSON) * _skewed(rng, (n, 1))
        + np.sqrt(1 - WITHIN_PERSON) * _skewed(rng, (n, visits))
    )
    apart = CONTRAST * (0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, visits)))
    tie = rng.random((n, visits, 2))
    cells = [(v, np.flatnonzero(people["arm"].to_numpy() == arm), arm)
             for v in range(visits) for arm in ARMS]
    seen = response.completed
    rows = design[seen]
    solve = np.linalg.pinv(rows)
    beta = goal.copy()
    scale = np.ones((n, visits))
    for cell in cells:
        scale[cell[1], cell[0]] = _spread(targets, cell[2], MONTHS[cell[0]]) / 1.35
    shift, bend = np.zeros((n, visits)), np.zeros((n, visits))
    pull_i, pull_f = np.zeros((n, visits)), np.zeros((n, visits))
    for _ in range(ROUNDS):
        reduction = design @ beta + scale * (noise + bend * (noise**2 - 1))
        after_i = base_i[:, None] - 4 * (reduction + 7 * (apart + shift))
        after_f = base_f[:, None] - 7 * (reduction - 4 * (apart + shift))
        after_i -= _near(after_i, base_i, 4) * pull_i
        after_f -= _near(after_f, base_f, 7) * pull_f
        intensity = np.clip(np.rint(after_i), 0, LIMIT["intensity"]).astype(int)
        interference = np.clip(np.rint(after_f), 0, LIMIT["interference"]).astype(int)
        interference[response.zero] = 0
        for v, here, arm in cells:
            cut_i, cut_f = _calibrate(
                targets, response, v, here, arm, base_i, base_f,
                intensity, interference, tie[:, v],
            )
            shift[here, v] += (cut_i - cut_f) / 112
            pull_i[here, v] += 0.3 * cut_i
            pull_f[here, v] += 0.3 * cut_f
        change = ((base_i + base_f)[:, None] - intensity - interference) / 11
        beta += 0.7 * (goal - solve @ change[seen])
        for v, here, arm in cells:
            got = change[here[seen[here, v]], v]
            first, median, third = np.quantile(got, [0.25, 0.5, 0.75])
            scale[here, v] *= (_spread(targets, arm, MONTHS[v]) / (third - first)) ** 0.5
            bend[here, v] += 0.3 * (median + _change(targets, arm, MONTHS[v], "median"))
    return intensity, interference


def _skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Gamma noise, mean 0 and variance 1."""
    return (rng.gamma(SKEWNESS, size=shape) - SKEWNESS) / np.sqrt(SKEWNESS)


def _near(after: np.ndarray, base: np.ndarray, items: int) -> np.ndarray:
    """Weight of a pull towards more responders: 1 at the boundary, fading over a point an item."""
    return np.exp(-0.5 * ((after - 0.7 * base[:, None]) / (1.3 * items)) ** 2)


def _spread(targets: Targets, arm: str, month: str) -> float:
    """Published distance between the quartiles of change in severity."""
    return _change(targets, arm, month, "q3") - _change(targets, arm, month, "q1")


def _change(targets: Targets, arm: str, month: str, quantile: str) -> float:
    """Published quantile of change in severity (negative = better)."""
    return targets.value(
        "observed", "severity", month=month, quantity=f"{quantile}_change", level=arm
    )


def _design(
    targets: Targets, people: pd.DataFrame, response: Response
) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3, p) design of the imputation model and its published coefficients (p,)."""
    goal = targets.coefficients("imputation_model")
    arm = people["arm"].to_numpy()
    visits = response.completed.sum(axis=1)
    terms = covariates(people) | {"intercept": np.ones(len(people))}
    terms |= {name: (arm == name).astype(float) for name in ARMS}
    terms |= {f"pattern{k}": (visits == k).astype(float) for k in (1, 2)}
    columns = []
    for name in goal:
        column = np.ones((len(people), len(MONTHS)))
        for factor in name.split(":"):
            if factor.startswith("month"):
                column = column * np.array([m == factor.removeprefix("month") for m in MONTHS])
            else:
                column = column * terms[factor][:, None]
        columns.append(column)
    return np.stack(columns, axis=-1), np.array(list(goal.values()))


def _calibrate(
    targets: Targets,
    response: Response,
    v: int,
    here: np.ndarray,
    arm: str,
    base_i: np.ndarray,
    base_f: np.ndarray,
    intensity: np.ndarray,
    interference: np.ndarray,
    tie: np.ndarray,
) -> tuple[float, float]:
    """Move the sums of one arm and visit over the boundary until three counts are exact.

    A responder's sum is at most ⌊7 · baseline / 10⌋. Who responds in both parts responds in
    severity, who responds in neither does not; severity is free where the parts differ.
    Returns how far above the boundary of intensity and of interference the last responder stood.
    """
    month = MONTHS[v]
    completed = here[response.completed[here, v]]
    with_i = here[(response.completed | response.intensity_only)[here, v]]
    with_f = here[(response.completed | response.interference_only)[here, v]]
    with_f = with_f[~response.zero[with_f]]
    most_i, most_f = 7 * base_i // 10, 7 * base_f // 10
    most_s = 7 * (base_i + base_f) // 10
    x, y = intensity[:, v], interference[:, v]

    is_i, cut_i = _nearest(x, most_i, with_i, targets.observed("intensity", month, arm)[0], tie[:, 0])
    is_f, cut_f = _nearest(y, most_f, with_f, targets.observed("interference", month, arm)[0], tie[:, 1])
    x[with_i] = np.where(is_i[with_i], np.minimum(x, most_i)[with_i], np.maximum(x, most_i + 1)[with_i])
    y[with_f] = np.where(is_f[with_f], np.minimum(y, most_f)[with_f], np.maximum(y, most_f + 1)[with_f])

    zero = completed[response.zero[completed]]
    is_f[zero] = is_i[zero]
    both = completed[is_i[completed] & is_f[completed]]
    mixed = completed[is_i[completed] != is_f[completed]]
    number = targets.observed("severity", month, arm)[0] - len(both)
    if not 0 <= number <= len(mixed):
        raise ValueError(
            f"severity responders in {arm} at {month} months: {number} needed among {len(mixed)} "
            "people who respond in one part only"
        )
    is_s, _ = _nearest(x + y, most_s, mixed, number, tie[:, 0])
    for person in mixed:
        _settle(person, bool(is_s[person]), bool(is_i[person]), most_i, most_f, most_s, x, y)
    return cut_i, cut_f


def _nearest(
    after: np.ndarray, most: np.ndarray, among: np.ndarray, number: int, tie: np.ndarray
) -> tuple[np.ndarray, float]:
    """Mask of the `number` people furthest below the boundary, and the distance at the cut."""
    distance = after - most + tie
    order = among[np.argsort(distance[among], kind="stable")]
    mask = np.zeros(len(after), dtype=bool)
    mask[order[:number]] = True
    cut = distance[order[min(max(number - 1, 0), len(order) - 1)]] if len(order) else 0.0
    return mask, float(cut)


def _settle(
    person: int,
    responds: bool,
    by_intensity: bool,
    most_i: np.ndarray,
    most_f: np.ndarray,
    most_s: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> None:
    """Move the sums of someone who responds in one part only until severity is as wanted."""
    good, bad, floor = (x, y, most_f[person] + 1) if by_intensity else (y, x, most_i[person] + 1)
    room = LIMIT["interference"] if by_intensity else LIMIT["intensity"]
    excess = int(x[person] + y[person] - most_s[person])
    if responds and excess > 0:
        step = min(excess, int(bad[person] - floor))
        bad[person] -= step
        good[person] -= excess - step
    elif not responds and excess <= 0:
        step = min(1 - excess, room - int(bad[person]))
        bad[person] += step
        most = most_i[person] if by_intensity else most_f[person]
        good[person] = min(good[person] + 1 - excess - step, most)
