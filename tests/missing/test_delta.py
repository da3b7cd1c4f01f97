"""Who has dropped out, and where a shift tips."""

import numpy as np
import pytest

from trialrr.missing.delta import dropped_out, shifts, tipping


def test_drop_out_is_after_the_last_visit_seen():
    missing = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 1]], bool)
    expected = [[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0], [1, 1, 1]]
    assert (dropped_out(missing) == np.array(expected, bool)).all()


def test_shifts_by_arm():
    got = shifts(np.array([0, 2, 1]), 2, (0.0, 1.5), -0.5)
    assert got.tolist() == [[0, -0.5, 0], [1.5, -0.5, 1.5]]


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        ((1.3, 1.2, 1.1, 0.99), (2, 2, 2, 2), 2),
        ((0.9, 0.9, 0.8, 0.7), (2, 2, 2, 2), 0),
        ((1.3, 1.2, 1.1, 1.05), (2, 2, 2, 2), np.nan),
        ((0.5, 1.2, np.nan, 1.0), (2, 2, np.nan, 2), 2),  # a shift below 0 does not count
    ],
)
def test_tipping_point(lower, upper, expected):
    assert tipping((-1, 0, 1, 2), lower, upper) == pytest.approx(expected, nan_ok=True)
