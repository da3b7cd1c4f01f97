"""Levels of a column as the plan writes them."""

import pandas as pd
import pytest

from trialrr.levels import matches

NUMBERS = pd.array([0, 1, 2, 10, None], dtype="Int64")


@pytest.mark.parametrize(
    ("level", "hits"),
    [
        ("1", [0, 1, 0, 0, 0]),
        ("1-2", [0, 1, 1, 0, 0]),
        (">=2", [0, 0, 1, 1, 0]),
        (">2", [0, 0, 0, 1, 0]),
        ("<=1", [1, 1, 0, 0, 0]),
        ("<1.5", [1, 1, 0, 0, 0]),
    ],
)
def test_levels_of_numbers(level, hits):
    assert matches(pd.Series(NUMBERS), level).astype(int).tolist() == hits


def test_strings_match_literally():
    assert matches(pd.Series([">=7", "7", ""]), ">=7").tolist() == [True, False, False]


def test_a_word_is_no_level_of_a_number():
    with pytest.raises(ValueError, match="level 'many' of a number: expected a number, a range"):
        matches(pd.Series(NUMBERS), "many")
