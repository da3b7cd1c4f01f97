"""A typed column is a number to one analysis and a group to another."""

import numpy as np
import pandas as pd
import pytest

from trialrr.data import levels_of, numbers, written

WHOLE = pd.Series([10, None, 9], dtype="Int64", name="ward")
LEVELS = pd.Series(pd.Categorical(["02", None, "1"], categories=["1", "02", "never"]), name="site")


def test_a_column_of_whole_numbers_is_a_number_and_a_group():
    np.testing.assert_array_equal(numbers(WHOLE), [10, np.nan, 9])
    assert levels_of(WHOLE) == ["10", "9"]  # in the order of their text
    assert (written(WHOLE) == "10").tolist() == [True, False, False]
    assert written(WHOLE).isna().tolist() == [False, True, False]


def test_a_level_keeps_its_text_and_is_no_number():
    assert levels_of(LEVELS) == ["02", "1"]  # of those that somebody has
    assert written(LEVELS).dropna().tolist() == ["02", "1"]
    with pytest.raises(ValueError, match="the column 'site' holds '02', '1'; expected numbers"):
        numbers(LEVELS)


def test_a_column_without_any_value_is_missing_as_a_number():
    assert np.isnan(numbers(pd.Series([None, None], dtype="category"))).all()


def test_other_types_are_written_as_in_the_file():
    days = pd.Series(pd.to_datetime(["2024-03-01", None]))
    assert levels_of(days) == ["2024-03-01"] and written(days).isna().tolist() == [False, True]
    assert written(pd.Series([6.0, 0.1 + 0.2])).tolist() == ["6.0", "0.30000000000000004"]
