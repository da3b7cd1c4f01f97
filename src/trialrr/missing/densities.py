"""Kernel densities, to lay imputed scores beside observed ones."""

import numpy as np
from numpy.typing import NDArray

from trialrr.missing.pattern_mixture import silverman

Array = NDArray[np.float64]

POINTS = 49
MARGIN = 0.1  # share of the observed range that the grid goes beyond it


def grid(observed: Array) -> Array:
    """(49,) scores from a tenth of the observed range below it to a tenth above: a normal draw may
    leave the range."""
    low, high = float(observed.min()), float(observed.max())
    return np.linspace(low - MARGIN * (high - low), high + MARGIN * (high - low), POINTS)


def gaussian(values: Array, at: Array) -> Array:
    """Density of values (n,) at points (k,) by a Gaussian kernel, bandwidth by Silverman (1986),
    eq. 3.31; NaN where the values do not vary."""
    width = silverman(values)
    if not width > 0:
        return np.full(len(at), np.nan)
    heights = [np.exp(-0.5 * ((x - values) / width) ** 2).mean() for x in at]
    return np.array(heights) / (width * np.sqrt(2 * np.pi))
