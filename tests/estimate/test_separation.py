"""Separation is found before a fit, and only where no maximum exists."""

import numpy as np
import pytest

from tests.estimate.test_fit import indo, respiratory
from trialrr.estimate.separation import separated


def test_indo_rct_site_4_is_separated_and_nobody_else():
    y, z = indo(("1_UM", "2_IU", "3_UK", "4_Case"))
    rows = separated(y, z)
    assert rows.sum() == 3
    assert (z[rows, 4] == 1).all() and (z[~rows, 4] == 0).all()


def test_no_separation_in_trials_that_have_a_maximum():
    assert not separated(*indo()).any()
    y, z, _, _ = respiratory()
    assert not separated(y, z).any()


def test_separation_by_a_combination_of_columns():
    # events only where x1 + x2 = 1; the rows with x1 + x2 = 2 can be driven to zero
    x = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 1], [1, 1], [1, 0]], float)
    y = np.array([1, 1, 0, 0, 0, 0, 1], float)
    z = np.column_stack([np.ones(7), x])
    assert separated(y, z).tolist() == [False] * 4 + [True] * 2 + [False]


@pytest.mark.parametrize("events", [0, 1])
def test_all_or_none_with_an_event(events):
    z = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    assert separated(np.full(6, float(events)), z).all() == (events == 0)
