"""A monotone curve turned round: between its points, beyond its ends, where it is flat."""

from math import isnan

import numpy as np
import pytest

from trialrr.missing.equivalent import equivalent


@pytest.mark.parametrize("sign", [1, -1])
def test_between_two_points_it_is_linear(sign):
    risks = np.array([0.10, 0.20, 0.40])[::sign]
    assert equivalent([-1, 0, 2], risks, 0.20).value == 0
    found = equivalent([-1, 0, 2], risks, 0.30)
    assert found.value == pytest.approx(1.0 if sign == 1 else -0.5)
    assert isnan(found.lower) and isnan(found.upper)
    assert np.interp(found.value, [-1, 0, 2], risks) == pytest.approx(0.30)


@pytest.mark.parametrize("sign", [1, -1])
def test_beyond_an_end_it_says_which(sign):
    low, high = (equivalent([-1, 0, 2], [0.1, 0.2, 0.4][::sign], r) for r in (0.05, 0.45))
    below, above = (low, high) if sign == 1 else (high, low)
    assert isnan(below.value) and isnan(below.lower) and below.upper == -1
    assert isnan(above.value) and isnan(above.upper) and above.lower == 2


def test_a_flat_stretch_gives_its_first_end():
    assert equivalent([0, 1, 2, 3], [0.4, 0.2, 0.2, 0.2], 0.2).value == 1


def test_a_curve_that_turns_back_counts_by_its_running_extreme():
    assert equivalent([0, 1, 2, 3], [0.4, 0.2, 0.21, 0.1], 0.15).value == pytest.approx(2.5)
    assert equivalent([0, 1, 2, 3], [0.4, 0.2, 0.21, 0.1], 0.2).value == 1


def test_values_that_do_not_increase_are_refused():
    for values in ([0, 0, 1], [1], [2, 1, 0]):
        with pytest.raises(ValueError, match="at least two, increasing"):
            equivalent(values, [0.1, 0.2, 0.3][: len(values)], 0.2)
