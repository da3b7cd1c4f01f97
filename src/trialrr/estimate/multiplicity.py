"""Several tests at once: adjusted p-values that hold the family-wise error or false discoveries.

An adjusted p-value below alpha is a rejection. statsmodels' `multipletests` gives the same values;
its import costs four times that of everything else here, so the few lines are written out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]

PROTECTED_ARMS = 3  # with three arms the closure of the pairs is the omnibus and the pairs alone


@dataclass(frozen=True, slots=True)
class ProtectedLsd:
    """Fisher's protected least significant difference.

    tested : whether the omnibus test opens the pairs; p_value : (k,) max(omnibus, pair), to be
    compared with alpha; rejected : (k,) booleans.
    """

    tested: bool
    p_value: Array
    rejected: NDArray[np.bool_]


def protected_lsd(
    omnibus_p: float, pairwise_p: ArrayLike, n_arms: int, alpha: float = 0.05
) -> ProtectedLsd:
    """Pairs of three arms, each tested at alpha if the omnibus test rejects at alpha.

    pairwise_p : (k,), k ≤ 3. With three arms this is the closed test of the pairs and holds the
    family-wise error: unless all three are equal, at most one pair is. With four arms it does not
    (Hayter 1986, JASA 81:1000; Levin, Serlin & Seaman 1994, Psychol Bull
    115:153). Raises ValueError for other than three arms, for more pairs than those arms have,
    and for a p-value that is missing or outside 0 to 1.
    """
    three_arms(n_arms)
    omnibus = checked([omnibus_p], "omnibus p-value")[0]
    pairs = checked(pairwise_p, "pairwise p-value")
    if len(pairs) > PROTECTED_ARMS:
        raise ValueError(f"{len(pairs)} pairwise p-values, but three arms have three pairs")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha!r}; expected a number between 0 and 1")
    p_value = np.maximum(omnibus, pairs)
    return ProtectedLsd(bool(omnibus < alpha), p_value, p_value < alpha)


def three_arms(n_arms: int) -> None:
    """Raises ValueError for a number of arms that protected LSD is not for."""
    if n_arms < PROTECTED_ARMS:
        raise ValueError(
            f"protected LSD with {n_arms} arm(s): nothing to protect; report the one comparison's "
            "p-value as it is"
        )
    if n_arms > PROTECTED_ARMS:
        raise ValueError(
            f"protected LSD with {n_arms} arms does not hold the family-wise error, which it does "
            "for exactly three; use Holm, Hommel, or closed testing of all intersections"
        )


def holm(p: ArrayLike) -> Array:
    """Step-down Bonferroni: max_{j≤i} min(1, (k-j+1) p_(j)). Holds the family-wise error always.

    p : (k,). Returns (k,), in the order given. Raises ValueError as `checked`. Holm (1979), Scand
    J Stat 6:65.
    """
    p = checked(p)
    order, k = np.argsort(p, kind="stable"), len(p)
    steps = np.maximum.accumulate((k - np.arange(k)) * p[order])
    return _back(np.minimum(steps, 1), order)


def hochberg(p: ArrayLike) -> Array:
    """Step-up: min_{j≥i} (k-j+1) p_(j). Holds the family-wise error where Simes' inequality does,
    as for independent or positively dependent tests.

    p : (k,). Returns (k,), in the order given. Raises ValueError as `checked`. Hochberg (1988),
    Biometrika 75:800.
    """
    p = checked(p)
    order, k = np.argsort(p, kind="stable"), len(p)
    steps = (k - np.arange(k)) * p[order]
    return _back(np.minimum.accumulate(steps[::-1])[::-1], order)


def hommel(p: ArrayLike) -> Array:
    """Closed test with Simes' test of every intersection; never less powerful than Hochberg.

    p : (k,). Returns (k,), in the order given. Raises ValueError as `checked`. Hommel (1988),
    Biometrika 75:383; the algorithm is Wright's (1992), Biometrics 48:1005.
    """
    p = checked(p)
    order, k = np.argsort(p, kind="stable"), len(p)
    sorted_p = p[order]
    adjusted = sorted_p.copy()
    for m in range(k, 1, -1):  # intersections of m hypotheses
        last = sorted_p[k - m + 1 :]
        simes = (last * (m / np.arange(2, m + 1))).min()
        adjusted[k - m + 1 :] = np.maximum(adjusted[k - m + 1 :], simes)
        first = np.minimum(simes, m * sorted_p[: k - m + 1])
        adjusted[: k - m + 1] = np.maximum(adjusted[: k - m + 1], first)
    return _back(adjusted, order)


def benjamini_hochberg(p: ArrayLike) -> Array:
    """min_{j≥i} k p_(j) / j: holds the false discovery rate, not the family-wise error.

    p : (k,). Returns (k,), in the order given. Raises ValueError as `checked`. Benjamini &
    Hochberg (1995), J R Stat Soc B 57:289.
    """
    p = checked(p)
    order, k = np.argsort(p, kind="stable"), len(p)
    steps = p[order] * (k / np.arange(1, k + 1))
    return _back(np.minimum.accumulate(steps[::-1])[::-1], order)


def fixed_sequence(p: ArrayLike) -> Array:
    """Gatekeeping in the order given: each is tested at alpha until the first that does not reject.

    p : (k,), in the order of the protocol. Returns (k,), the running maximum. Raises ValueError as
    `checked`. Maurer, Hothorn & Lehmacher (1995); Westfall & Krishen (2001), J Stat Plan Inference
    99:25.
    """
    return np.maximum.accumulate(checked(p))


METHODS: dict[str, Callable[[ArrayLike], Array]] = {
    "holm": holm,
    "hochberg": hochberg,
    "hommel": hommel,
    "benjamini_hochberg": benjamini_hochberg,
    "fixed_sequence": fixed_sequence,
}


def adjust(p: ArrayLike, method: str) -> Array:
    """Adjusted p-values (k,) by the name of a method. Raises ValueError for another name."""
    if method not in METHODS:
        raise ValueError(f"multiplicity method {method!r}; known: {', '.join(METHODS)}")
    return METHODS[method](p)


def checked(p: ArrayLike, what: str = "p-value") -> Array:
    """p as floats (k,). Raises ValueError naming the index of a missing one or one outside 0 to 1,
    and for anything but a non-empty list."""
    p = np.asarray(p, float)
    if p.ndim != 1 or not len(p):
        raise ValueError(f"{what}s of shape {p.shape}; expected a list of at least one")
    wrong = ~((p >= 0) & (p <= 1))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        found = "is missing" if np.isnan(p[at]) else f"is {p[at]:g}, not between 0 and 1"
        raise ValueError(
            f"{what} {at} (counted from 0) {found}; a test that could not be done has no place in "
            "the family, so say why and leave it out by hand"
        )
    return p


def _back(sorted_values: Array, order: NDArray[np.int64]) -> Array:
    """Values of the sorted tests in the order in which they were given."""
    out = np.empty_like(sorted_values)
    out[order] = sorted_values
    return out
