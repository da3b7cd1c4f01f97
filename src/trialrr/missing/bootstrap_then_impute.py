"""Pooling of bootstrap samples that were each imputed a few times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

FEWEST_DF = 3.0


@dataclass(frozen=True, slots=True)
class Components:
    """estimate and its variance with df; between : variance of samples about their mean without
    that of imputation; within : variance of imputations of one sample."""

    estimate: float
    between: float
    within: float
    variance: float
    df: float


def pool(estimates: ArrayLike) -> Components:
    """Variance components of estimates from B bootstrap samples, each imputed D times.

    One-way analysis of variance: MSW within samples, MSB between them,

        σ²_between = (MSB - MSW)/D,  V = (1 + 1/B) σ²_between + MSW/(BD),

    an estimate of the variance of the mean of all B × D, whether or not the imputation model is
    congenial with the analysis. Since V = (B+1)/(BD) MSB - MSW/D, Satterthwaite's degrees of
    freedom are V² / {[(B+1)/(BD)]² MSB²/(B-1) + MSW²/[B D² (D-1)]}, at least 3. Where MSB is not
    above MSW, σ²_between is 0 and all are taken as one sample. von Hippel & Bartlett (2021), Stat
    Sci 36:400.

    estimates : (B, D), B and D at least 2, on a scale where they are about normal. Raises
    ValueError otherwise.
    """
    theta = np.asarray(estimates, float)
    if theta.ndim != 2 or min(theta.shape) < 2 or not np.isfinite(theta).all():
        raise ValueError(f"estimates {theta.shape}; expected finite (B, D), both at least 2")
    b, d = theta.shape
    means, mean = theta.mean(axis=1), theta.mean()
    msw = float(((theta - means[:, None]) ** 2).sum()) / (b * (d - 1))
    msb = d * float(((means - mean) ** 2).sum()) / (b - 1)
    between, within = (msb - msw) / d, msw
    if between <= 0:
        between, within = 0.0, float(theta.var(ddof=1))
    variance = (1 + 1 / b) * between + within / (b * d)
    noise = ((b + 1) / (b * d) * msb) ** 2 / (b - 1) + msw**2 / (b * d**2 * (d - 1))
    df = max(FEWEST_DF, variance**2 / noise) if noise > 0 else FEWEST_DF
    return Components(float(mean), between, within, variance, df)
