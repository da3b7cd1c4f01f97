"""Scores worked out by hand, and the responder rule on exact sums."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialrr.resolve import scoring
from trialrr.resolve.instruments import FUNCTION_T, SLEEP_T, SOCIAL_T
from trialrr.resolve.scoring import Score

NA = np.nan


def one(total: int, answered: int, scored: bool = True) -> Score:
    return Score(np.array([total]), np.array([answered]), np.array([scored]))


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
    ("base", "follow_up", "hit"),
    [
        ((30, 11), (21, 11), 1),  # exactly 0.30; floats give 0.29999999999999993
        ((30, 11), (22, 11), 0),
        ((40, 4), (28, 4), 1),
        ((7, 7), (49, 70), 1),
        ((10, 11), (7, 11), 1),
        ((60, 10), (42, 10), 1),
        ((60, 10), (46, 11), 1),  # 6 → 4.1818: a drop of 0.303
        ((60, 10), (47, 11), 0),  # 6 → 4.2727: a drop of 0.288
        ((30, 11), (40, 11), 0),
        ((0, 11), (0, 11), NA),
    ],
)
def test_the_boundary_counts_and_a_zero_baseline_defines_nothing(base, follow_up, hit):
    got = scoring.responder(one(*base), one(*follow_up), "0.30")
    np.testing.assert_array_equal(got, [hit])


def test_a_missing_score_defines_no_responder():
    for base, follow_up in ((one(30, 11), one(21, 11, False)), (one(3, 11, False), one(2, 11))):
        assert np.isnan(scoring.responder(base, follow_up, "0.30")).all()


sums = st.integers(4, 11).flatmap(lambda n: st.tuples(st.integers(0, 10 * n), st.just(n)))


@given(base=sums, follow_up=sums, threshold=st.sampled_from(["0.30", "0.5", "0.333"]))
def test_the_rule_agrees_with_fractions(base, follow_up, threshold):
    got = scoring.responder(one(*base), one(*follow_up), threshold)[0]
    if base[0] == 0:
        assert np.isnan(got)
    else:
        b, f = Fraction(*base), Fraction(*follow_up)
        assert got == ((b - f) / b >= Fraction(threshold))


@pytest.mark.parametrize("threshold", ["0", "1", "-0.3", "30"])
def test_a_threshold_that_is_no_share_is_refused(threshold):
    with pytest.raises(ValueError, match="expected a share between 0 and 1"):
        scoring.responder(one(30, 11), one(21, 11), threshold)


def test_take_row_minus_one_has_no_score():
    score = Score(np.array([10, 20]), np.array([4, 4]), np.array([True, True]))
    np.testing.assert_array_equal(score.take(np.array([1, -1, 0])).mean, [5.0, NA, 2.5])
    nothing = Score(*np.zeros((2, 0), dtype=int), np.zeros(0, dtype=bool))
    assert np.isnan(nothing.take(np.array([-1, -1])).mean).all()


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
