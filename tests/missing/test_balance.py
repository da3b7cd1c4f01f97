"""Balance by hand, and what must hold of it."""

import numpy as np
import pytest

from trialrr.missing.balance import effective_n, standardized_differences

AGE = np.array([30.0, 40, 50, 60, 70, 80])
SEEN = np.array([True, True, True, False, True, False])
EXACT = 1e-12


def test_by_hand():
    sex = np.array([1.0, 0, 1, 0, 0, 1])
    columns = np.column_stack([AGE, sex, np.ones(6)])
    weights = np.array([1.0, 1, 2, 0, 4, 0])
    plain = standardized_differences(columns, SEEN.astype(float), np.ones(6, bool))
    weighted = standardized_differences(columns, weights, np.ones(6, bool))
    spread = np.sqrt(1750 / 5), np.sqrt(1.5 / 5)  # sums of squares about the means 55 and 1/2
    assert plain[:2] == pytest.approx([(47.5 - 55) / spread[0], 0], abs=EXACT)
    assert weighted[:2] == pytest.approx([(450 / 8 - 55) / spread[0], -0.125 / spread[1]])
    assert np.isnan(plain[2]) and np.isnan(weighted[2])


def test_within_a_group_both_means_are_the_groups():
    group = np.array([True, True, True, True, False, False])
    found = standardized_differences(AGE[:, None], SEEN.astype(float), group)
    assert found[0] == pytest.approx((40 - 45) / np.sqrt(1750 / 5))


def test_weights_of_a_saturated_model_balance_exactly():
    rng = np.random.default_rng(3)
    stratum = rng.integers(0, 4, 200)
    seen = rng.random(200) < np.array([0.9, 0.7, 0.5, 0.6])[stratum]
    columns = (stratum[:, None] == np.arange(4)).astype(float)
    weights = seen / np.array([seen[stratum == s].mean() for s in range(4)])[stratum]
    everybody = np.ones(200, bool)
    assert np.abs(standardized_differences(columns, weights, everybody)).max() < EXACT
    before = standardized_differences(columns, seen.astype(float), everybody)
    assert np.abs(before).max() > 0.05


def test_a_group_that_nobody_was_seen_of_is_refused():
    with pytest.raises(ValueError, match="nobody"):
        standardized_differences(AGE[:, None], SEEN.astype(float), ~SEEN)


def test_effective_number():
    assert effective_n(np.array([2.0, 2, 2, 0])) == pytest.approx(3)
    assert effective_n(np.array([1.0, 1, 4])) == pytest.approx(36 / 18)
