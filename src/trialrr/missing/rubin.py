"""Rubin's rules, and how many imputations they need."""

from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Pooled:
    """estimate, and variance within imputations, between them, and in total; df of Barnard & Rubin;
    fmi : fraction of missing information, (r + 2/(df + 3))/(r + 1)."""

    estimate: float
    within: float
    between: float
    total: float
    df: float
    fmi: float


def pool(estimates: ArrayLike, variances: ArrayLike, complete_df: float = inf) -> Pooled:
    """Rubin's rules on a scale where the estimate is about normal (log for ratios).

    Total T = W + (1 + 1/m) B; r = (1 + 1/m) B / W; df of Barnard & Rubin (1999), Biometrika 86:948:
    1/df = 1/{(m-1)(1 + 1/r)²} + 1/ν with ν = (ν₀+1)/(ν₀+3) ν₀ W/T and ν₀ = complete_df, which is
    clusters - p where clusters are few, n - p otherwise.

    estimates, variances : (m,), m ≥ 2. Raises ValueError on lengths and on m < 2. Identical
    imputations have no variance between and df ν. Where a variance is not positive, or there are no
    complete degrees of freedom, total, df and fmi are NaN: nothing is known of the precision.
    """
    q, u = np.asarray(estimates, float), np.asarray(variances, float)
    m = len(q)
    if q.shape != u.shape or q.ndim != 1 or m < 2:
        raise ValueError(f"estimates {q.shape}, variances {u.shape}; expected two of (m,), m >= 2")
    within, between = float(u.mean()), float(q.var(ddof=1))
    if not ((u > 0).all() and complete_df > 0 and np.isfinite(within + between)):
        return Pooled(float(q.mean()), within, between, *[np.nan] * 3)
    extra = (1 + 1 / m) * between
    total, r = within + extra, extra / within
    of_imputations = (m - 1) * (1 + 1 / r) ** 2 if r > 0 else inf
    if np.isinf(complete_df):
        observed = inf
    else:
        observed = (complete_df + 1) / (complete_df + 3) * complete_df * within / total
    rate = 1 / of_imputations + 1 / observed
    df = 1 / rate if rate > 0 else inf
    return Pooled(float(q.mean()), within, between, total, df, (r + 2 / (df + 3)) / (r + 1))


def imputations_needed(fmi: float, cv: float = 0.05) -> int:
    """1 + ½ (FMI/CV)², rounded up: so many that the standard error would vary by `cv` over repeated
    imputation. von Hippel (2020), Sociological Methods & Research 49:699.

    fmi : the upper limit from a pilot, 0 to 1. Raises ValueError outside.
    """
    if not 0 <= fmi < 1 or cv <= 0:
        raise ValueError(f"fmi {fmi}, cv {cv}; expected 0 <= fmi < 1 and cv > 0")
    return ceil(round(1 + 0.5 * (fmi / cv) ** 2, 9))  # 0.3/0.05 is not 6 in floating point
