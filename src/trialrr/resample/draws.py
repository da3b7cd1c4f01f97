"""Bootstrap samples as counts of people, and the fixed blocks that work is done in."""

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import FitError


def blocks(total: int, size: int) -> list[tuple[str, int, int]]:
    """Names, first and last + 1 of the blocks of `size` that hold 0…total - 1. A block is drawn and
    computed whole, with the same shapes wherever it runs; what stands beyond `total` is left out
    by who reads it."""
    return [(f"{k:05d}", k * size, min((k + 1) * size, total)) for k in range(-(-total // size))]


def bootstrap_counts(
    rng: np.random.Generator,
    replicates: int,
    arm: NDArray[np.int64],
    cluster: NDArray,
    nested: set[int],
) -> NDArray[np.int64]:
    """(replicates, n) how often each person is drawn: within arms, with replacement, whole clusters
    in the arms `nested`, people elsewhere. As many clusters (people) are drawn as an arm has, so an
    arm of unequal clusters varies in size.

    arm : (n,) indices; cluster : (n,) labels, looked at in nested arms only. Raises FitError
    where a cluster lies in several arms: samples within arms would take it for several.
    """
    whole = np.isin(arm, sorted(nested))
    labels, index = np.unique(cluster[whole], return_inverse=True)
    several = np.bincount(np.unique(np.column_stack([index, arm[whole]]), axis=0)[:, 0]) > 1
    if several.any():
        raise FitError(
            f"{int(several.sum())} of {len(labels)} clusters have people in several arms, and "
            "clusters are resampled within arms; say `clusters: person` in this entry, or leave it "
            "out"
        )
    counts = np.zeros((replicates, len(arm)), np.int64)
    for a in np.unique(arm):
        members = np.flatnonzero(arm == a)
        unit, units = None, len(members)
        if int(a) in nested:
            labels, unit = np.unique(cluster[members], return_inverse=True)
            units = len(labels)
        drawn = rng.integers(0, units, size=(replicates, units))
        drawn += units * np.arange(replicates)[:, None]
        times = np.bincount(drawn.ravel(), minlength=units * replicates).reshape(replicates, units)
        counts[:, members] = times if unit is None else times[:, unit]
    return counts
