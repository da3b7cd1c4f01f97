"""Scores worked out by hand."""

import numpy as np
import pytest

from trialrr.resolve import scoring
from trialrr.resolve.instruments import FUNCTION_T, SLEEP_T, SOCIAL_T

NA = np.nan


@pytest.mark.parametrize(
    ("items", "severity", "intensity", "interference"),
    [
        ([6, 4, 5, 5] + [7, 7, 7, 7, 7, 7, 7], 69 / 11, 5.0, 7.0),
        ([6, 4, 5, 5] + [7, 7, 7, 7, NA, NA, NA], 48 / 8, 5.0, 7.0),
        ([6, 4, 5, 5] + [7, 7, 7, NA, NA, NA, NA], NA, 5.0, NA),
        ([6, 4, 5, NA] + [7, 7, 7, 7, 7, 7, 7], NA, NA, 7.0),
        ([NA] * 11, NA, NA, NA),
        ([0] * 11, 0.0, 0.0, 0.0),
    ],
)
def test_bpi_scores_by_hand(items, severity, intensity, interference):
    scores = scoring.bpi(np.array([items], dtype=float))
    expected = {"severity": severity, "intensity": intensity, "interference": interference}
    for name, value in expected.items():
        np.testing.assert_array_equal(scores[name].mean, [value])


@pytest.mark.parametrize(
    ("table", "items", "t"),
    [
        (SOCIAL_T, [1, 1, 1, 1], 27.5),
        (SOCIAL_T, [5, 5, 5, 5], 64.2),
        (SOCIAL_T, [3, 3, 3, 3], 44.2),
        (FUNCTION_T, [1] * 6, 21.6),
        (FUNCTION_T, [3] * 6, 37.6),
        (FUNCTION_T, [5] * 6, 58.7),
        (SLEEP_T, [1] * 6, 31.7),
        (SLEEP_T, [4] * 6, 63.6),
        (SLEEP_T, [5] * 6, 76.0),
        (SLEEP_T, [5] * 5 + [NA], NA),
    ],
)
def test_t_scores_by_the_table(table, items, t):
    np.testing.assert_array_equal(scoring.t_score(np.array([items], dtype=float), table), [t])


def test_every_sum_of_a_short_form_has_a_t_score_that_rises():
    for table, low, high in ((SOCIAL_T, 4, 20), (FUNCTION_T, 6, 30), (SLEEP_T, 6, 30)):
        assert list(table) == list(range(low, high + 1))
        assert list(table.values()) == sorted(set(table.values()))
