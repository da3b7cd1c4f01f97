"""Draws with exact counts."""

import numpy as np
import pytest

from trialrr.trials.resolve.twin.draw import graded, split, top


def test_top_takes_the_highest_among_those_allowed():
    score = np.array([5.0, 4.0, 3.0, 2.0])
    among = np.array([False, True, True, True])
    assert top(score, among, 2).tolist() == [False, True, True, False]
    with pytest.raises(ValueError, match="4 people wanted, 3 to choose from"):
        top(score, among, 4)


@pytest.mark.parametrize(("mean", "sd", "share"), [(9.8, 5.6, 0.48), (6.9, 5.4, 0.28)])
def test_graded_meets_moments_and_the_count_at_the_cut(mean, sd, share):
    score = np.random.default_rng(1).normal(size=2000)
    high = top(score, np.ones(2000, bool), int(2000 * share))
    values = graded(score, range(25), mean, sd, high, 10)
    assert (values >= 10).sum() == int(2000 * share)
    assert values.mean() == pytest.approx(mean, abs=0.02)
    assert values.std(ddof=1) == pytest.approx(sd, abs=0.02)
    assert (np.diff(values[np.argsort(score)]) >= 0).all()


def test_split_makes_items_of_the_sum_within_their_range():
    rng = np.random.default_rng(1)
    total = np.r_[0, 70, rng.integers(0, 71, 500)]
    items = split(total, 7, 0, 10, 2.0, rng)
    assert (items.sum(axis=1) == total).all()
    assert items.min() >= 0 and items.max() <= 10
    with pytest.raises(ValueError, match=r"sums outside 0\.\.70"):
        split(np.array([71]), 7, 0, 10, 2.0, rng)
