"""The responder rule on exact sums, against fractions, at ties above all."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialrr.responder import Score, drops_by_points, drops_by_share, responder

NA = np.nan


def one(total: int, answered: int, scored: bool = True) -> Score:
    return Score(np.array([total]), np.array([answered]), np.array([scored]))


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
    got = responder(one(*base), one(*follow_up), "0.30")
    np.testing.assert_array_equal(got, [hit])


def test_a_missing_score_defines_no_responder():
    for base, follow_up in ((one(30, 11), one(21, 11, False)), (one(3, 11, False), one(2, 11))):
        assert np.isnan(responder(base, follow_up, "0.30")).all()


sums = st.integers(4, 11).flatmap(lambda n: st.tuples(st.integers(0, 10 * n), st.just(n)))


@given(base=sums, follow_up=sums, threshold=st.sampled_from(["0.30", "0.5", "0.333"]))
def test_the_rule_agrees_with_fractions(base, follow_up, threshold):
    got = responder(one(*base), one(*follow_up), threshold)[0]
    if base[0] == 0:
        assert np.isnan(got)
    else:
        b, f = Fraction(*base), Fraction(*follow_up)
        assert got == ((b - f) / b >= Fraction(threshold))


@pytest.mark.parametrize("threshold", ["0", "1", "-0.3", "30"])
def test_a_threshold_that_is_no_share_is_refused(threshold):
    with pytest.raises(ValueError, match="expected a share between 0 and 1"):
        responder(one(30, 11), one(21, 11), threshold)


@given(base=sums, follow_up=sums, limit=st.sampled_from(["-0.5", "0", "0.1", "0.7", "1"]))
def test_shares_beyond_a_responder_s_agree_with_fractions(base, follow_up, limit):
    got = drops_by_share(one(*base), one(*follow_up), limit)[0]
    if base[0] == 0:
        assert np.isnan(got)
    else:
        b, f = Fraction(*base), Fraction(*follow_up)
        assert got == ((b - f) / b >= Fraction(limit))


@given(base=sums, follow_up=sums, points=st.sampled_from(["1", "2", "1.5", "0.3", "-1"]))
def test_points_agree_with_fractions(base, follow_up, points):
    got = drops_by_points(one(*base), one(*follow_up), points)[0]
    if base[0] == 0:
        assert np.isnan(got)
    else:
        assert got == (Fraction(*base) - Fraction(*follow_up) >= Fraction(points))


SHARES = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]


@pytest.mark.parametrize(("rule", "limits"), [
    (drops_by_share, SHARES),
    (drops_by_points, ["1", "2", "0.7", "1.1"]),
])  # fmt: skip
def test_every_tie_of_a_questionnaire_is_a_responder(rule, limits):
    """All sums of 4 to 11 items at baseline and follow-up: where a fraction is exactly at the
    limit the rule says yes, and floating-point numbers say no for some."""
    items = np.arange(4, 12)
    base = [(int(t), int(k)) for k in items for t in range(1, 10 * k + 1)]
    floats = []
    for limit in limits:
        exact, ties = Fraction(limit), []
        for total, k in base:
            b = Fraction(total, k)
            f = b * (1 - exact) if rule is drops_by_share else b - exact
            ties += [((total, k), (int(f * m), int(m))) for m in items if (f * m).denominator == 1]
        ties = [(b, f) for b, f in ties if f[0] >= 0]
        before, after = (
            Score(*np.array(side).T, np.ones(len(ties), bool)) for side in zip(*ties, strict=True)
        )
        assert len(ties) > 100
        assert (rule(before, after, limit) == 1).all()
        below = Score(after.total + 1, after.answered, after.scored)
        assert (rule(before, below, limit) == 0).all()
        drop = before.mean - after.mean
        reached = drop / before.mean if rule is drops_by_share else drop
        floats.append((reached < float(limit)).any())
    assert any(floats)


def test_a_person_by_visit_table_is_decided_at_once():
    base = Score(np.array([30, 40]), np.array([11, 4]), np.array([True, True]))
    later = Score(
        np.array([[21, 22, 0], [28, 29, 0]]), np.array([[11] * 3, [4] * 3]), np.ones((2, 3), bool)
    )
    later.scored[:, 2] = False
    np.testing.assert_array_equal(responder(base[:, None], later, "0.30"), [[1, 0, NA]] * 2)


def test_a_limit_of_too_many_digits_is_refused_not_rounded():
    with pytest.raises(ValueError, match="too many digits"):
        drops_by_share(one(30, 11), one(21, 11), "0.300000000000000000001")


def test_take_row_minus_one_has_no_score():
    score = Score(np.array([10, 20]), np.array([4, 4]), np.array([True, True]))
    np.testing.assert_array_equal(score.take(np.array([1, -1, 0])).mean, [5.0, NA, 2.5])
    nothing = Score(*np.zeros((2, 0), dtype=int), np.zeros(0, dtype=bool))
    assert np.isnan(nothing.take(np.array([-1, -1])).mean).all()
