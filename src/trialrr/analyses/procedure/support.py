"""What stands behind an estimate of a fitted entry: clusters of its arms, its degrees of freedom,
and the reason if its variance is not identified."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import Result
from trialrr.estimate.adjusted import NO_VARIANCE, Estimate
from trialrr.estimate.identified import jointly, unidentified

Array = NDArray[np.float64]
Key = tuple[str, ...]


def carriers(result: Result, key: Key) -> int:
    """Clusters with a row of the fit in the cell of a profile."""
    cells = result.fit.design[:, result.of_cells]
    rows = (cells == result.profiles[key][result.of_cells]).all(axis=1)
    return _distinct(result.cluster[rows])


def why_not(result: Result, gradient: Array, *keys: Key) -> str:
    """Why gᵀVg says nothing, "" where it does (`identified.unidentified`).

    gradient : (p,) g of the estimate by the coefficients; keys : profiles that it rests on.
    """
    own = result.covariance
    variance, claimed = (gradient @ v @ gradient for v in (own.matrix, result.claimed))
    return reason(result, variance, claimed, *keys)


def reason(result: Result, variance: float, claimed: float, *keys: Key) -> str:
    """The same for a variance that is at hand, beside the one that the data's size gives."""
    own = result.covariance
    clusters: dict[str, int] = {}
    for key in keys:  # of an arm in several cells, the fewest
        count = carriers(result, key)
        clusters[key[0]] = min(clusters.get(key[0], count), count)
    counted = clusters, own.parameters, _distinct(result.cluster)
    if own.reason:
        return unidentified(1.0, None, *counted) or own.reason
    return unidentified(variance, claimed, *counted)


def alike(result: Result, *keys: Key) -> list[str]:
    """Arms of which the own variance at these profiles is zero, because their outcomes do not
    differ."""
    own = result.covariance.matrix
    return [
        key[0]
        for key in keys
        for at in [result.profiles[key]]
        if unidentified(at @ own @ at, at @ result.claimed @ at, {}) == NO_VARIANCE
    ]


def flagged(e: Estimate, alike: list[str], arms: Sequence[str]) -> Estimate:
    """A contrast of two arms of which one adds no variance, with that beside its interval; as it is
    if both do. alike : arms whose own variance is zero."""
    rest = [arm for arm in arms if arm not in alike]
    if e.reason or len(arms) < 2 or not alike or not rest:
        return e
    return replace(
        e,
        flag=f"the outcomes of arm {alike[0]} do not differ, so it adds no variance: interval and "
        f"test rest on arm {rest[0]} alone",
    )


def degrees(result: Result, entry: Analysis, gradient: Array, *keys: Key) -> tuple[float, str]:
    """Degrees of freedom of gᵀβ by the entry's rule, infinite for z, and the reason of `why_not` or
    that there are none."""
    told = why_not(result, gradient, *keys)
    if told:
        return np.inf, told
    df = result.covariance.degrees_of_freedom(gradient, entry.degrees_of_freedom)
    if df > 0:
        return df, ""
    return np.inf, "the variance has no degrees of freedom: no interval and no test"


def degrees_together(
    result: Result, entry: Analysis, contrasts: Array, keys: list[tuple[Key, ...]]
) -> tuple[float, str]:
    """The smallest degrees of freedom of several contrasts (q, p), and why they have no joint test.

    keys : the profiles that each rests on.
    """
    found = [degrees(result, entry, c, *k) for c, k in zip(contrasts, keys, strict=True)]
    told = next((text for _, text in found if text), "")
    rests_on = [key for own in keys for key in own]
    return min(df for df, _ in found), told or together(result, contrasts, rests_on)


def together(result: Result, contrasts: Array, keys: list[Key]) -> str:
    """Why several contrasts (q, p) have no joint test, each resting on all of `keys`."""
    told = next((text for c in contrasts if (text := why_not(result, c, *keys))), "")
    matrices = result.covariance.matrix, result.claimed
    return told or jointly(*(contrasts @ matrix @ contrasts.T for matrix in matrices))


def _distinct(numbers: NDArray[np.int64]) -> int:
    return int(np.count_nonzero(np.bincount(numbers)))
