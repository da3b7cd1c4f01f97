"""Is a variance identified? Asked once, before an interval or a test is given of anything.

A sandwich measures how clusters differ. It cannot where an arm has one cluster, where there are no
more clusters than coefficients (the scores then sum to 0 by construction and the rank is short of
what is asked), and where all that is left of it is the rounding of a fit that explains its
outcomes exactly. The estimate may stand; beside it stands the reason.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.adjusted import NO_VARIANCE, Estimate

Array = NDArray[np.floating]

ROUNDING = 1e-10
"""Share of the model's own variance below which a robust one is rounding, so 1e-5 of its standard
error. A fit is solved to 1e-9 of its scores, which leaves about n × 1e-18 where everybody has the
event; one person of a million without it leaves 1e-6."""
LEAST_SQUARES = 1e-10
"""Share of the mean square of scores that stands for the own variance of least squares, whose
residuals are rounding of some 1e-15 of a score: 1e-10 of one is told from it, so that scores may
be far from 0."""
FEWEST = 2
"""Clusters per arm that a variance between clusters needs."""


def unidentified(
    variance: float,
    model_variance: float | None,
    clusters: Mapping[str, int],
    parameters: int | None = None,
    total: int | None = None,
) -> str:
    """Why a variance says nothing, in one sentence without a full stop; "" where it is identified.

    variance : gᵀVg of an estimate with gradient g; model_variance : gᵀNg with the covariance N that
    the model itself claims, None or NaN where it claims none. Of a linear model N is to come from
    the size of the outcomes (`LEAST_SQUARES`), since its residuals are rounding together with V.
    clusters : arm → how many clusters carry its part of the estimate; parameters : rank of the
    design; total : clusters of the fit, None if each belongs to one arm of `clusters` alone.
    """
    few = [arm for arm, count in clusters.items() if count < FEWEST]
    if few:
        have = " and ".join(f"arm {arm} has {_clusters(clusters[arm])}" for arm in few)
        return (
            f"{have}: the variance between clusters cannot be estimated; at least two clusters per "
            "arm are needed"
        )
    total = sum(clusters.values()) if total is None else total
    if parameters is not None and total <= parameters:
        return (
            f"{_clusters(total)} for {parameters} coefficient{'s' if parameters != 1 else ''}: the "
            "variance between clusters cannot be estimated; a sandwich needs more clusters than "
            "coefficients"
        )
    if not np.isfinite(variance):
        return (
            "the corrected variance does not exist, because a single cluster determines a "
            "coefficient alone: no interval and no test"
        )
    claimed = 0.0 if model_variance is None or np.isnan(model_variance) else model_variance
    return NO_VARIANCE if variance <= ROUNDING * claimed or variance <= 0 else ""


def jointly(covariance: Array, model_covariance: Array) -> str:
    """Why the covariance (q, q) of q contrasts together says nothing, "" where it has full rank:
    the smallest eigenvalue is judged against the model's own variances, diag of (q, q), so that
    neither unit nor processor decides."""
    claimed = np.diag(model_covariance)
    if not (np.isfinite(covariance).all() and (claimed > 0).all()):
        return "the variance of the contrasts together does not exist: no joint test"
    scale = np.sqrt(claimed)
    smallest = np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0]
    if smallest <= ROUNDING:
        return (
            "the variance of the contrasts together is singular, because the outcomes do not "
            "differ or the contrasts repeat each other: no joint test"
        )
    return ""


def bare(estimate: Estimate, reason: str) -> Estimate:
    """The estimate alone, with the reason why it has no interval and no test; as it is without a
    reason."""
    if not reason:
        return estimate
    return Estimate(estimate.estimate, np.nan, np.nan, np.nan, reason=reason, flag=estimate.flag)


def _clusters(count: int) -> str:
    words = {0: "no cluster", 1: "one cluster"}
    return words.get(count, f"{count} clusters")
