"""Coaches: how many people each sees, and whom."""

import math

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from trialrr.seeds import stream
from trialrr.trials.resolve.twin.draw import swap_search
from trialrr.trials.resolve.twin.targets import ARMS, MONTHS, OUTCOMES, Targets

PROPOSALS = 15_000
NORMAL = 1.959964
"""Quantile behind the published intervals."""


def assign(targets: Targets, arm: np.ndarray, responders: np.ndarray, seed: int) -> np.ndarray:
    """(n,) coach of each person, "" outside HC; sizes exact.

    responders : (n, 3 outcomes, 3 months), 1, 0 or NaN (not observed). The coach-level sandwich of
    the log risk in HC is Σ_c (Σ_{i∈c} (y_i - p))² / (n p)²; people swap coaches until the nine
    sums are near those that the published intervals imply.
    """
    rng = stream(seed, "twin", "coaches")
    people = np.flatnonzero(arm == "HC")
    sizes = coach_sizes(targets, seed)
    coach = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    y = responders[people].reshape(len(people), -1)
    scores = np.nan_to_num(y - np.nanmean(y, axis=0))
    goal = np.array([_squares(targets, o, m) for o in OUTCOMES for m in MONTHS])
    totals = np.zeros((len(sizes), y.shape[1]))
    np.add.at(totals, coach, scores)

    def after(i: int, j: int) -> tuple[np.ndarray, np.ndarray]:
        step = scores[j] - scores[i]
        return totals[coach[i]] + step, totals[coach[j]] - step

    squares = (totals**2).sum(axis=0)

    def moved(i: int, j: int) -> np.ndarray:
        a, b = after(i, j)
        old_a, old_b = totals[coach[i]], totals[coach[j]]
        return squares + a * a + b * b - old_a * old_a - old_b * old_b

    def loss(i: int, j: int) -> float:
        gap = moved(i, j) / goal - 1
        return float(gap @ gap)

    def accept(i: int, j: int) -> None:
        squares[:] = moved(i, j)
        totals[coach[i]], totals[coach[j]] = after(i, j)

    gap = squares / goal - 1
    swap_search(coach, np.zeros(len(people)), loss, accept, float(gap @ gap), PROPOSALS, rng)
    named = np.full(len(arm), "", dtype=object)
    named[people] = [f"C{c + 1:02d}" for c in coach]
    return named


def _squares(targets: Targets, outcome: str, month: str) -> float:
    """Sum over coaches of squared score totals that the published intervals imply.

    Variance of the log risk in HC = published variance of the log ratio less the binomial variance
    (1 - p) / (n p) of the other arm, averaged over both ratios that contain HC.
    """
    implied = []
    for other in ARMS:
        if other == "HC":
            continue
        level = "HC:UC" if other == "UC" else "HC:PT"
        low, high = targets.interval(outcome, month, level)
        events, n = targets.observed(outcome, month, other)
        variance = (math.log(high / low) / 2 / NORMAL) ** 2
        implied.append(variance - (1 - events / n) / events)
    events, n = targets.observed(outcome, month, "HC")
    binomial = (1 - events / n) / events
    return max(sum(implied) / len(implied), 0.05 * binomial) * events**2


def coach_sizes(targets: Targets, seed: int) -> np.ndarray:
    """People per coach, shuffled: published number, sum, extremes and (linear) quartiles.

    The sizes nearest to a drawn, sorted list; an integer program holds the published figures.
    """
    rng = stream(seed, "twin", "coach sizes")
    figure = {
        name: targets.value("clusters", "people_per_coach", quantity=name, level="HC")
        for name in ("minimum", "q1", "median", "q3", "maximum")
    }
    n = int(targets.value("clusters", "people_per_coach", quantity="median", level="HC", field="n"))
    places = {"minimum": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "maximum": 1.0}
    drawn = np.interp(np.linspace(0, 1, n), list(places.values()), list(figure.values()))
    drawn = drawn + rng.normal(0, 3, n)
    rows, low, high = [], [], []
    for name, place in places.items():
        whole, part = divmod(place * (n - 1), 1)
        row = np.zeros(2 * n)
        row[int(whole)] += 1 - part
        row[min(int(whole) + 1, n - 1)] += part
        rows.append(row)
        low.append(figure[name])
        high.append(figure[name])
    rows.append(np.r_[np.ones(n), np.zeros(n)])
    low.append(targets.analyzed("HC"))
    high.append(targets.analyzed("HC"))
    for k in range(n):
        if k:
            rows.append(np.eye(2 * n)[k] - np.eye(2 * n)[k - 1])
            low.append(0)
            high.append(np.inf)
        for sign in (-1, 1):
            rows.append(sign * np.eye(2 * n)[k] + np.eye(2 * n)[n + k])
            low.append(sign * drawn[k])
            high.append(np.inf)
    solution = milp(
        np.r_[np.zeros(n), np.ones(n)],
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.r_[np.ones(n), np.zeros(n)],
        bounds=Bounds(0, np.inf),
    )
    if solution.x is None:
        raise ValueError(f"no coach sizes meet the published figures: {solution.message}")
    return rng.permutation(np.rint(solution.x[:n]).astype(int))
