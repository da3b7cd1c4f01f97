"""Rubin's rules and the number of imputations against published values."""

from math import inf

import numpy as np
import pytest

from trialrr.missing.rubin import imputations_needed, pool

Q = (0.431, 0.398, 0.462, 0.405, 0.447)
U = (0.0071, 0.0074, 0.0069, 0.0072, 0.0070)
PARAMETERS = 5
PRINTED = 1e-9  # relative, ten digits are given


@pytest.mark.parametrize(
    ("n", "df", "fmi"),
    [
        (inf, 326.6318978, 0.1160584993),
        (2331, 282.0568283, 0.1169022767),
        (111, 72.11010166, 0.1343434575),
    ],
)
def test_pooled_values(n, df, fmi):
    got = pool(Q, U, n - PARAMETERS)
    assert got.estimate == pytest.approx(0.4286, rel=PRINTED)
    assert got.within == pytest.approx(0.00712, rel=PRINTED)
    assert got.between == pytest.approx(0.0007383, rel=PRINTED)
    assert got.total == pytest.approx(0.00800596, rel=PRINTED)
    assert got.df == pytest.approx(df, rel=PRINTED)
    assert got.fmi == pytest.approx(fmi, rel=PRINTED)


def test_identical_imputations_have_no_variance_between():
    got = pool([0.4] * 5, [0.01] * 5, 100)
    assert (got.between, got.total) == (0, pytest.approx(0.01))
    assert got.df == pytest.approx(101 / 103 * 100)


@pytest.mark.parametrize(
    ("fmi", "m"), [(0.05, 2), (0.1, 3), (0.2, 9), (0.3, 19), (0.5, 51), (0.7, 99)]
)
def test_number_of_imputations(fmi, m):
    assert imputations_needed(fmi) == m


def test_refusals():
    with pytest.raises(ValueError, match="m >= 2"):
        pool([1.0], [1.0])
    with pytest.raises(ValueError, match="0 <= fmi < 1"):
        imputations_needed(1.2)


@pytest.mark.parametrize(
    ("estimates", "variances", "df"),
    [
        ([1.0, 2.0], [0.5, 0.0], 9.0),
        ([1.0, 1.0], [0.0, 0.0], np.inf),
        ([1.0, 2.0], [0.5, np.nan], 9.0),
        ([1.0, 2.0], [0.5, 0.5], 0.0),
        ([1.0, 2.0], [0.5, 0.5], -3.0),
    ],
)
def test_without_a_variance_within_nothing_is_known_of_the_precision(estimates, variances, df):
    found = pool(estimates, variances, df)
    assert found.estimate == np.mean(estimates)
    assert np.isnan([found.total, found.df, found.fmi]).all()
