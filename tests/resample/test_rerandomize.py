"""Repetitions of the trial's randomization: balance, chances, enumeration, and p-values."""

from itertools import permutations

import numpy as np
import pytest

from trialrr.resample import rerandomize, score
from trialrr.seeds import stream

SIZES = (3, 6, 9)
STANDARD_ERRORS = 4.5  # of a share over draws that a seeded test may be off by


def strata(rng, n=200, many=12):
    return rng.integers(0, many, n), rng.permutation(n)


def test_every_person_gets_every_arm_with_the_same_chance():
    rng = stream(1, "chance")
    label, order = strata(rng)
    drawn = rerandomize.scheme(label, order, 3, SIZES).draw(rng, 4000)
    assert drawn.dtype == np.int8 and drawn.shape == (4000, 200)
    error = np.sqrt(2 / 9 / 4000)
    for arm in range(3):
        share = (drawn == arm).mean(axis=0)
        assert np.abs(share - 1 / 3).max() < STANDARD_ERRORS * error


def test_arms_of_a_stratum_differ_by_at_most_a_third_of_the_largest_block():
    rng = stream(1, "imbalance")
    label, order = strata(rng)
    drawn = rerandomize.scheme(label, order, 3, SIZES).draw(rng, 500)
    largest = 0
    for stratum in np.unique(label):
        in_order = drawn[:, label == stratum][:, np.argsort(order[label == stratum])]
        counts = np.stack([np.cumsum(in_order == arm, axis=1) for arm in range(3)])
        largest = max(largest, np.ptp(counts, axis=0).max())
    assert largest == 3


@pytest.mark.parametrize("size", SIZES)
def test_complete_blocks_are_balanced(size):
    rng = stream(1, "blocks", str(size))
    order = rng.permutation(4 * size)
    drawn = rerandomize.scheme(np.zeros(4 * size), order, 3, (size,)).draw(rng, 100)
    blocks = drawn[:, np.argsort(order)].reshape(100, 4, size)
    for arm in range(3):
        assert ((blocks == arm).sum(axis=2) == size // 3).all()


def test_blocks_have_each_size_alike_and_the_last_is_cut_off():
    """Of the first three people all arms differ with chance 1 in a block of 3, and 1 · 4/5 · 2/4 in
    one of 6, 1 · 6/8 · 3/7 in one of 9; two people alone differ likewise."""
    rng = stream(1, "sizes")
    drawn = rerandomize.scheme(["a"] * 3 + ["b"] * 2 + ["c"], range(6), 3, SIZES).draw(rng, 20000)
    three = np.mean([1, 2 / 5, 9 / 28])
    two = np.mean([1, 4 / 5, 6 / 8])
    found = np.mean(np.sort(drawn[:, :3], axis=1) == [0, 1, 2], axis=1) == 1
    assert found.mean() == pytest.approx(three, abs=STANDARD_ERRORS * 0.5 / np.sqrt(20000))
    found = drawn[:, 3] != drawn[:, 4]
    assert found.mean() == pytest.approx(two, abs=STANDARD_ERRORS * 0.5 / np.sqrt(20000))
    assert np.bincount(drawn[:, 5]) / 20000 == pytest.approx([1 / 3] * 3, abs=0.015)


def test_a_stratum_of_three_takes_all_six_orders_alike():
    rng = stream(1, "enumeration")
    drawn = rerandomize.scheme(np.zeros(3), [2, 0, 1], 3, (3,)).draw(rng, 12000)
    orders, counts = np.unique(drawn, axis=0, return_counts=True)
    assert [tuple(o) for o in orders] == sorted(permutations(range(3)))
    assert ((counts - 2000) ** 2 / 2000).sum() < 20.5  # χ² of 5 df, 0.001


def test_order_counts_inside_strata_only_and_strata_by_their_columns():
    label = np.array([["a", "x"], ["a", "y"], ["a", "x"], ["b", "x"], ["a", "x"], ["b", "x"]])
    one = rerandomize.scheme(label, [1, 2, 3, 4, 5, 6], 3, SIZES)
    other = rerandomize.scheme(label, [10, 0, 20, 7, 30, 8], 3, SIZES)
    drawn = [s.draw(stream(1, "order"), 50) for s in (one, other)]
    assert np.array_equal(*drawn)
    joined = rerandomize.scheme(["ax", "ay", "ax", "bx", "ax", "bx"], range(6), 3, SIZES)
    assert np.array_equal(joined.draw(stream(1, "order"), 50), drawn[0])


def test_more_draws_of_a_stream_are_other_draws_and_the_same_stream_the_same():
    scheme = rerandomize.scheme(np.zeros(30), range(30), 3, SIZES)
    rng = stream(1, "again")
    first, second = scheme.draw(rng, 20), scheme.draw(rng, 20)
    assert not np.array_equal(first, second)
    assert np.array_equal(scheme.draw(stream(1, "again"), 20), first)


@pytest.mark.parametrize("sizes", [(3, 4), (), (0, 3), (2,)])
def test_blocks_that_cannot_be_balanced_are_refused(sizes):
    with pytest.raises(ValueError, match="multiple of the number of arms"):
        rerandomize.scheme(np.zeros(9), range(9), 3, sizes)


def test_two_people_at_one_place_of_the_order_are_refused():
    with pytest.raises(ValueError, match="same place"):
        rerandomize.scheme(np.zeros(3), [1, 2, 2], 3, SIZES)


def test_p_values_count_ties_within_rounding_and_draws_without_a_statistic():
    observed = np.array([2.0, np.nan])
    drawn = np.array([[2.0 - 1e-15, 1], [1.0, 1], [np.nan, 1], [3.0, 1]])
    p = rerandomize.p_value(drawn, observed)
    assert p[0] == 4 / 5 and np.isnan(p[1])


def test_statistics_that_differ_by_the_order_of_summation_tie():
    """Of 0 nothing is left but rounding; in single precision the last of 24 bits differs."""
    drawn = np.array([[-3e-16, 0.0], [1.5, 0.0]])
    assert list(rerandomize.p_value(drawn, np.array([4e-16, 1e-17]))) == [1, 1]
    one = np.float32(2.0)
    drawn = np.nextafter(np.array([one, one]), np.float32(0))
    assert rerandomize.p_value(drawn, one) == 1
    assert rerandomize.p_value(drawn.astype(float), np.float64(2.0)) == 1 / 3


# ---------------------------------------------------------- with the score statistic


def trial(rng, n):
    x = rng.standard_normal((n, 1))
    y = (rng.random((n, 2)) < 0.4 + 0.2 * np.tanh(x)).astype(float)
    return x, y


def chi_squared(null, assignments):
    scores = score.statistics([null])(score.indicators(assignments, [0, 1]))[0]
    return scores.chi_squared(np.eye(2))


def test_the_distribution_is_that_of_full_enumeration():
    """Two strata of 6, blocks of 3: 6⁴ assignments, all alike."""
    rng = stream(3, "tiny")
    x, y = trial(rng, 12)
    null = score.null("poisson", y, np.ones(12), x, 0)
    orders = np.array(list(permutations(range(3))))
    grid = np.stack(np.meshgrid(*[range(6)] * 4), axis=-1).reshape(-1, 4)
    every = chi_squared(null, orders[grid].reshape(-1, 12))
    assert len(every) == 6**4
    scheme = rerandomize.scheme(np.repeat([0, 1], 6), range(12), 3, (3,))
    drawn = chi_squared(null, scheme.draw(rng, 10000))
    for q in (0.2, 0.5, 0.8, 0.95):
        at = np.quantile(every, q) * (1 - 1e-9)
        exact = (every >= at).mean()
        error = np.sqrt(exact * (1 - exact) / 10000)
        assert (drawn >= at).mean() == pytest.approx(exact, abs=STANDARD_ERRORS * error)


def test_p_values_are_uniform_when_arms_do_nothing():
    trials, draws, n = 400, 99, 48
    p = np.empty(trials)
    for k in range(trials):
        rng = stream(4, "uniform", str(k))
        x, y = trial(rng, n)
        scheme = rerandomize.scheme(rng.integers(0, 3, n), range(n), 3, SIZES)
        assigned = scheme.draw(rng, draws + 1)
        null = score.null("poisson", y, np.ones(n), x, 0)
        every = chi_squared(null, assigned)
        p[k] = rerandomize.p_value(every[1:], every[0])
    for level in (0.05, 0.1, 0.3, 0.5, 0.8):
        error = np.sqrt(level * (1 - level) / trials)
        assert (p <= level + 1e-9).mean() == pytest.approx(level, abs=3.5 * error)
