"""Draws with exact counts: who, how much, which items, which group."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtr, ndtri

STEPS = 300
"""Fixed-point steps for location and scale; far from the normal shape they need two hundred."""


def standard(x: np.ndarray) -> np.ndarray:
    """`x` centred and scaled to variance 1."""
    x = np.asarray(x, dtype=float)
    return (x - x.mean()) / x.std()


def top(score: np.ndarray, among: np.ndarray, number: int) -> np.ndarray:
    """Mask of the `number` people with the highest score among those of the mask `among`."""
    candidates = np.flatnonzero(among)
    if number > len(candidates):
        raise ValueError(f"{number} people wanted, {len(candidates)} to choose from")
    chosen = candidates[np.argsort(-score[candidates], kind="stable")[:number]]
    mask = np.zeros(len(score), dtype=bool)
    mask[chosen] = True
    return mask


def gumbel(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scores whose `top` is a draw without replacement with probability proportional to weight."""
    return np.log(weight) + rng.gumbel(size=len(weight))


def graded(
    score: np.ndarray,
    support: Sequence[float],
    mean: float,
    sd: float,
    high: np.ndarray | None = None,
    cut: float = -np.inf,
) -> np.ndarray:
    """Values of `support` in the order of `score`, with this mean and SD, `high` people >= cut.

    score : (n,); support : (m,) ascending; high : (n,) bool. The values follow a normal
    distribution truncated to the support and rounded to it; people below and at or above the cut
    fill the two parts of it, whatever their numbers, so that counts at the cut are exact.
    """
    support = np.asarray(support, dtype=float)
    high = np.ones(len(score), bool) if high is None else high
    middle = (support[1:] + support[:-1]) / 2
    edges = np.r_[1.5 * support[0] - support[1] / 2, middle, 1.5 * support[-1] - support[-2] / 2]
    first = int(np.searchsorted(support, cut))
    parts = [
        (np.flatnonzero(part), edges[low], edges[up], low, up - 1)
        for part, low, up in ((~high, 0, first), (high, first, len(support)))
        if part.any()
    ]
    rank = np.empty(len(score))
    for people, *_ in parts:
        order = np.argsort(score[people], kind="stable")
        rank[people[order]] = (np.arange(len(people)) + 0.5) / len(people)
    mu, sigma = mean, sd
    values = np.empty(len(score))
    for _ in range(STEPS):
        for people, low, up, least, most in parts:
            below, above = ndtr((low - mu) / sigma), ndtr((up - mu) / sigma)
            x = mu + sigma * ndtri(below + (above - below) * rank[people])
            index = np.clip(np.searchsorted(edges, x) - 1, least, most)
            values[people] = support[index]
        mu += 0.5 * (mean - values.mean())
        sigma *= (sd / values.std(ddof=1)) ** 0.5
    return values


def split(
    total: np.ndarray, items: int, low: int, high: int, spread: float, rng: np.random.Generator
) -> np.ndarray:
    """Integer items in [low, high] whose row sums are `total`; (n,) → (n, items).

    Items scatter by `spread` around the row's mean, then single points go to random items until
    the sum is met. Raises ValueError for a total that the items cannot make.
    """
    total = np.asarray(total, dtype=int)
    if ((total < items * low) | (total > items * high)).any():
        raise ValueError(f"sums outside {items * low}..{items * high} for {items} items")
    x = total[:, None] / items + rng.normal(0, spread, (len(total), items))
    x = np.clip(np.rint(x), low, high).astype(int)
    while True:
        gap = total - x.sum(axis=1)
        rows = np.flatnonzero(gap)
        if not len(rows):
            return x
        sign = np.sign(gap[rows])
        room = np.where(sign[:, None] > 0, x[rows] < high, x[rows] > low)
        key = np.where(room, rng.random((len(rows), items)), -1.0)
        x[rows, key.argmax(axis=1)] += sign


def swap_search(
    group: np.ndarray,
    pools: np.ndarray,
    loss: Callable[[int, int], float],
    accept: Callable[[int, int], None],
    start: float,
    proposals: int,
    rng: np.random.Generator,
) -> float:
    """Swap the groups of pairs of one pool as long as the loss falls; returns the last loss.

    group : (n,) label, changed in place; pools : (n,) label inside which people may swap.
    loss(i, j) is the loss after swapping i and j; accept(i, j) tells the caller that they swapped.
    """
    members = {pool: np.flatnonzero(pools == pool) for pool in np.unique(pools)}
    first = rng.integers(0, len(group), proposals)
    second = rng.random(proposals)
    current = start
    for i, u in zip(first, second, strict=True):
        pool = members[pools[i]]
        j = pool[int(u * len(pool))]
        if group[i] == group[j]:
            continue
        trial = loss(i, j)
        if trial < current:
            accept(i, j)
            group[i], group[j] = group[j], group[i]
            current = trial
    return current
