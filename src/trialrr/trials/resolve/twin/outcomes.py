"""Pain at follow-up: item sums with the published responders, changes and imputation model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.twin.draw import standard
from trialrr.trials.resolve.twin.response import Response, covariates
from trialrr.trials.resolve.twin.targets import ARMS, MONTHS, Targets

ROUNDS = 12
"""Fixed-point steps for coefficients and spread; the flips leave about .01 after eight."""
WITHIN_PERSON = 0.55
"""Share of the residual variance of change that stays with the person."""
SKEWNESS = 3.0
"""Shape of the gamma that skews changes to the right, as the published quartiles are."""
CONTRAST = 0.12
"""SD of the part of change in which intensity and interference differ, points of severity / 7."""
ITEMS = (4, 7)
"""Items of intensity and of interference, each 0-10."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """People of one arm at one visit: `people` (k,) rows, `visit` 0..2."""

    arm: str
    visit: int
    people: np.ndarray

    @property
    def at(self) -> tuple[np.ndarray, int]:
        return self.people, self.visit


@dataclass(frozen=True, slots=True)
class _Boundary:
    """(n,) greatest sums of a responder, ⌊7 · baseline / 10⌋, of both parts and of severity."""

    intensity: np.ndarray
    interference: np.ndarray
    severity: np.ndarray


def follow_up(
    targets: Targets, people: pd.DataFrame, response: Response, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Intensity and interference sums, (n, 3) integers, meaningful where a survey was answered.

    The reduction in severity is linear in arm × month, follow-up pattern × arm and the baseline
    covariates, plus a person effect and noise, both skewed, and bent a little to the published
    medians. A second, independent term moves intensity and interference apart. Sums near the 30 %
    boundary are pulled until about the published number respond; then they are rounded and the
    people nearest to the boundary moved over it until the counts are the published ones.
    Coefficients, spread and pulls are corrected by what came out, a few times.
    """
    rng = stream(seed, "twin", "pain at follow-up")
    base = people[["intensity_sum", "interference_sum"]].to_numpy()
    shape = len(people), len(MONTHS)
    design, goal = _design(targets, people, response)
    noise = standard(
        np.sqrt(WITHIN_PERSON) * _skewed(rng, (shape[0], 1))
        + np.sqrt(1 - WITHIN_PERSON) * _skewed(rng, shape)
    )
    apart = CONTRAST * (rng.normal(size=(shape[0], 1)) + rng.normal(size=shape)) / np.sqrt(2)
    tie = rng.random((*shape, 2))
    arm = people["arm"].to_numpy()
    cells = [_Cell(a, v, np.flatnonzero(arm == a)) for v in range(shape[1]) for a in ARMS]
    most = _Boundary(*(7 * base.T // 10), 7 * base.sum(axis=1) // 10)
    seen = response.completed
    solve = np.linalg.pinv(design[seen])
    beta, scale, bend, shift = goal.copy(), np.ones(shape), np.zeros(shape), np.zeros(shape)
    pull = np.zeros((2, *shape))
    for _ in range(ROUNDS):
        reduction = design @ beta + scale * (noise + bend * (noise**2 - 1))
        parts = (reduction + 7 * (apart + shift), reduction - 4 * (apart + shift))
        sums = []
        for k, items in enumerate(ITEMS):
            after = base[:, [k]] - items * parts[k]
            after -= pull[k] * _near(after, base[:, k], items)
            sums.append(np.clip(np.rint(after), 0, 10 * items).astype(int))
        intensity, interference = sums
        interference[response.zero] = 0
        for cell in cells:
            cut = _calibrate(targets, response, cell, most, intensity, interference, tie)
            shift[cell.at] += (cut[0] - cut[1]) / 112
            pull[0][cell.at] += 0.3 * cut[0]
            pull[1][cell.at] += 0.3 * cut[1]
        change = (intensity + interference - base.sum(axis=1)[:, None]) / 11
        beta += 0.7 * (goal + solve @ change[seen])
        for cell in cells:
            got = change[cell.at][seen[cell.at]]
            q1, median, q3 = _quartiles(targets, cell)
            width = np.subtract(*np.quantile(got, [0.75, 0.25]))
            scale[cell.at] *= ((q3 - q1) / width) ** 0.5
            bend[cell.at] += 0.3 * (median - np.median(got))
    return intensity, interference


def _skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Gamma noise, mean 0 and variance 1."""
    return (rng.gamma(SKEWNESS, size=shape) - SKEWNESS) / np.sqrt(SKEWNESS)


def _near(after: np.ndarray, base: np.ndarray, items: int) -> np.ndarray:
    """Weight of a pull towards more responders: 1 at the boundary, fading over a point an item."""
    return np.exp(-0.5 * ((after - 0.7 * base[:, None]) / (1.3 * items)) ** 2)


def _quartiles(targets: Targets, cell: _Cell) -> list[float]:
    """Published quartiles of change in severity (negative = better)."""
    key = {"month": MONTHS[cell.visit], "level": cell.arm}
    return [
        targets.value("observed", "severity", quantity=f"{q}_change", **key)
        for q in ("q1", "median", "q3")
    ]


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
    cell: _Cell,
    most: _Boundary,
    intensity: np.ndarray,
    interference: np.ndarray,
    tie: np.ndarray,
) -> tuple[float, float]:
    """Move the sums of one arm and visit over the boundary until three counts are exact, in place.

    Who responds in both parts responds in severity, who responds in neither does not; severity is
    free where the parts differ.
    Returns how far above the boundary of intensity and of interference the last responder stood.
    Raises ValueError if that freedom cannot make the published number of severity responders.
    """
    month, v = MONTHS[cell.visit], cell.visit
    x, y = intensity[:, v], interference[:, v]
    completed = cell.people[response.completed[cell.at]]
    responds, cuts = [], []
    for k, (name, partial, after, limit) in enumerate(
        (
            ("intensity", response.intensity_only, x, most.intensity),
            ("interference", response.interference_only, y, most.interference),
        )
    ):
        among = cell.people[(response.completed | partial)[cell.at]]
        if name == "interference":
            among = among[~response.zero[among]]
        number = targets.observed(name, month, cell.arm)[0]
        mask, cut = _nearest(after - limit + tie[:, v, k], among, number)
        low, high = np.minimum(after, limit), np.maximum(after, limit + 1)
        after[among] = np.where(mask, low, high)[among]
        responds.append(mask)
        cuts.append(cut)
    by_intensity, by_interference = responds
    zero = completed[response.zero[completed]]
    by_interference[zero] = by_intensity[zero]
    both = by_intensity[completed] & by_interference[completed]
    mixed = completed[by_intensity[completed] != by_interference[completed]]
    number = targets.observed("severity", month, cell.arm)[0] - int(both.sum())
    if not 0 <= number <= len(mixed):
        raise ValueError(
            f"severity responders in {cell.arm} at {month} months: {number} needed among "
            f"{len(mixed)} people who respond in one part only"
        )
    chosen, _ = _nearest(x + y - most.severity + tie[:, v, 0], mixed, number)
    for person in mixed:
        parts = [(x, most.intensity, 10 * ITEMS[0]), (y, most.interference, 10 * ITEMS[1])]
        _settle(person, bool(chosen[person]), parts if by_intensity[person] else parts[::-1], most)
    return cuts[0], cuts[1]


def _nearest(distance: np.ndarray, among: np.ndarray, number: int) -> tuple[np.ndarray, float]:
    """Mask of the `number` people furthest below the boundary, and the distance of the last."""
    order = among[np.argsort(distance[among], kind="stable")]
    mask = np.zeros(len(distance), dtype=bool)
    mask[order[:number]] = True
    return mask, float(distance[order[max(number - 1, 0)]]) if len(order) else 0.0


def _settle(person: int, responds: bool, parts: list[tuple], most: _Boundary) -> None:
    """Move the sums of someone who responds in one part only until severity is as wanted.

    parts : (sums, boundary, greatest sum) of the part that responds, then of the other; each stays
    on its side of its own boundary.
    """
    (good, good_most, _), (bad, bad_most, room) = parts
    excess = int(good[person] + bad[person] - most.severity[person])
    if responds and excess > 0:
        step = min(excess, int(bad[person] - bad_most[person] - 1))
        bad[person] -= step
        good[person] -= excess - step
    elif not responds and excess <= 0:
        step = min(1 - excess, room - int(bad[person]))
        bad[person] += step
        good[person] = min(good[person] + 1 - excess - step, good_most[person])
