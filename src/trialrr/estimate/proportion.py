"""A proportion with its interval, where nothing is compared and nothing modelled."""

from math import sqrt

import numpy as np
from scipy.special import ndtri

from trialrr.estimate.adjusted import Estimate


def wilson(events: int, n: int, alpha: float = 0.05) -> Estimate:
    """events/n with the limits {p + z²/2n ± z √(p(1 - p)/n + z²/4n²)}/(1 + z²/n), which stay
    between 0 and 1 also without events. Wilson (1927), JASA 22:209.

    The interval is no estimate ± z × std_error, so std_error is NaN. Raises ValueError for what are
    no counts and for nobody.
    """
    if not (n > 0 and 0 <= events <= n and int(events) == events and int(n) == n):
        raise ValueError(f"{events} events in {n} people; expected whole numbers, 0 to n, n from 1")
    p, z = events / n, float(ndtri(1 - alpha / 2))
    middle = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    lower, upper = max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
    return Estimate(p, np.nan, lower, upper)
