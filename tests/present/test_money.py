"""Money: whole, half up, commas as in counts."""

import pytest

from trialrr.present.words import money


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1235"),
        (999.5, "1000"),
        (-1234.5, "-1235"),
        (-0.4, "0"),
        (0.5, "1"),
        (2.5e6, "2,500,000"),
        (-12345.6, "-12,346"),
        (None, "—"),
        (float("nan"), "—"),
        (float("-inf"), "-∞"),
    ],
)
def test_amount(value, text):
    assert money.amount(value) == text


@pytest.mark.parametrize(("value", "text"), [(9000, "9000"), (1.5, "1.50"), (None, "—")])
def test_price(value, text):
    assert money.price(value) == text


@pytest.mark.parametrize(("value", "text"), [(-500.0, "−500"), (-0.0, "0"), (0.25, "0.25")])
def test_tick(value, text):
    assert money.tick(value) == text
