from decimal import Decimal
from fractions import Fraction
from math import inf, nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialrr.present.words import numbers as n


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_rounds_half_up_on_the_decimal_value(value, places):
    printed = Fraction(n.fixed(value, places))
    exact = Fraction(repr(value))
    unit = Fraction(1, 10**places)
    half_up = (abs(exact) / unit + Fraction(1, 2)) // 1 * unit
    assert printed == (half_up if exact >= 0 else -half_up)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.125, "0.13"), (2.675, "2.68"), (1.005, "1.01"), (-0.004, "0.00"), (-0.005, "-0.01")],
)
def test_ties_that_floats_get_wrong(value, text):
    assert n.ratio(value) == text


def test_percentages():
    assert n.percent(0.266) == "26.6"
    assert n.percent(0.2665) == "26.7"
    assert n.percent(1.0) == "100.0"
    assert n.share(571, 776) == "571/776 (73.6)"
    assert n.share(1, 800) == "1/800 (0.1)"  # 0.125 exactly: half up of 0.1|25
    assert n.share(3, 2000) == "3/2000 (0.2)"  # 0.15: a tie
    assert n.share(0, 0) == "0/0"
    assert n.share(5, None) == "5"


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_share_agrees_with_exact_arithmetic(events, total):
    text = n.share(events, total).split("(")[1].rstrip(")")
    assert abs(Fraction(text) - Fraction(100 * events, total)) <= Fraction(1, 20)


def test_counts():
    assert [n.count(v) for v in (0, 7628, 10_000, 62_125)] == ["0", "7628", "10,000", "62,125"]
    with pytest.raises(ValueError, match=r"whole number, found 2\.5"):
        n.count(2.5)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "<.001"),
        (0.00099, "<.001"),
        (0.001, ".001"),
        (0.0096, ".010"),
        (0.01, ".01"),
        (0.019, ".02"),
        (0.044, ".04"),
        (0.0451, ".045"),
        (0.0497, ".0497"),
        (0.04996, ".04996"),
        (0.05, ".05"),
        (0.0501, ".05"),
        (0.31, ".31"),
        (0.99, ".99"),
        (0.995, ">.99"),
        (1.0, ">.99"),
    ],
)
def test_p_values_in_jama_style(p, text):
    assert n.p_value(p) == text


@given(st.floats(0, 1))
def test_printed_p_stays_on_its_side_of_significance(p):
    text = n.p_value(p)
    if text[0] not in "<>":
        assert (Decimal(text) < Decimal("0.05")) == (Decimal(repr(p)) < Decimal("0.05"))


def test_p_beside_one_printed_with_three_decimals():
    assert n.p_value(0.0112, places=3) == ".011"
    with pytest.raises(ValueError, match="between 0 and 1"):
        n.p_value(1.2)


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "text"),
    [
        (8.93, 6.7, 13.9, "9 (7 to 14)"),
        (8.0, 8.0, 8.0, "8 (8 to 8)"),
        (-11.2, -29.1, -7.5, "NNH 12 (8 to 30)"),
        (39.2, 19.1, -34.2, "40 (NNT 20 to ∞ to NNH 35)"),
        (-39.2, 34.2, -19.1, "NNH 40 (NNH 20 to ∞ to NNT 35)"),
        (10_000.5, 100.0, -99.0, "10,001 (NNT 100 to ∞ to NNH 99)"),
        (inf, 20.0, -20.0, "∞ (NNT 20 to ∞ to NNH 20)"),
        (18.0, nan, nan, "18 (no interval)"),
        (18.0, None, None, "18"),
        (nan, nan, nan, "—"),
    ],
)
def test_number_needed(estimate, lower, upper, text):
    assert n.nnt(estimate, lower, upper) == text


def test_number_needed_takes_no_side_where_nobody_said_which_is_good():
    assert n.nnt(-12.9, -40.2, -7.7, n.NEUTRAL) == "1 fewer in 13 (8 to 41)"
    assert n.nnt(12.9, 7.7, 40.2, n.NEUTRAL) == "1 more in 13 (8 to 41)"


def test_missing_is_a_dash():
    assert {f(v) for f in (n.ratio, n.percent, n.count, n.p_value) for v in (None, nan, pd.NA)} == {
        "—"
    }
    assert n.interval(1.284, nan, nan) == "1.28 (no interval)"
    assert n.interval(1.284, 1.06, 1.55) == "1.28 (1.06 to 1.55)"


def test_minus_signs_only_before_numbers():
    assert n.minus("-0.1 (-5.6 to 5.4)") == "−0.1 (−5.6 to 5.4)"
    assert n.minus("0-10, 592-605, PHQ-8") == "0-10, 592-605, PHQ-8"


@pytest.mark.parametrize("nearly", [21 / 48, 0.43749999999999967, 0.4375000000000004])
def test_a_tie_is_rounded_up_whatever_a_fit_adds_to_it(nearly):
    assert n.percent(nearly) == "43.8" and n.ratio(nearly * 6) == "2.63"
    assert n.share(21, 48) == "21/48 (43.8)"


@pytest.mark.parametrize(
    ("p", "alpha", "text"),
    [
        (0.0998, 0.1, ".0998"),
        (0.1002, 0.1, ".10"),
        (0.0498, 0.1, ".05"),
        (0.0249, 0.025, ".02"),
        (0.0246, 0.0245, ".025"),
        (0.00096, 0.001, "<.001"),
        (0.0098, 0.01, ".0098"),
        (0.0007, 0.0005, ".001"),
        (0.0004, 0.0005, "<.0005"),
    ],
)
def test_a_p_value_reads_on_its_side_of_the_level_of_the_plan(p, alpha, text):
    assert n.p_value(p, alpha=alpha) == text
