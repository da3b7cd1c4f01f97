"""Delta adjustment: imputed scores shifted where people had dropped out, and where that tips."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def dropped_out(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, J) visits from drop-out on: those after the last one that the person was seen at.

    missing : (n, J), visits in order. Somebody who misses a visit and comes back has not dropped
    out there; somebody never seen has from the first visit on.
    """
    return np.logical_and.accumulate(missing[:, ::-1], axis=1)[:, ::-1]


def shifts(
    arm: NDArray[np.int64], reference: int, active: ArrayLike, control: float
) -> NDArray[np.float64]:
    """(k, n) points added to the imputed scores of each person, for k shifts of the active arms
    beside one of the reference arm.

    arm : (n,) indices; active : (k,). Positive is worse where a higher score is.
    """
    return np.where(arm == reference, control, np.asarray(active, float)[:, None])


def tipping(active: ArrayLike, lower: ArrayLike, upper: ArrayLike, null: float = 1.0) -> float:
    """Smallest shift of 0 or more at which the interval includes the null value; NaN if none does.

    active, lower, upper : (k,) shifts and limits; a NaN limit includes nothing. Yan, Lee & Li
    (2009), Stat Biopharm Res 1:264.
    """
    active, lower, upper = (np.asarray(x, float) for x in (active, lower, upper))
    included = active[(active >= 0) & (lower <= null) & (null <= upper)]
    return float(included.min()) if len(included) else np.nan
