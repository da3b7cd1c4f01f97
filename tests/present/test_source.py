"""What presentation reads."""

import json

import numpy as np
import pandas as pd

from tests.present import small_trial
from trialrr import ard, io
from trialrr.present.source import Results, read


def test_numbers_for_drawing_have_ten_digits_and_nothing_else_changes():
    values = (0.1 + 0.2, 1 / 3, np.nan, 123456.78901234567, -2e-13, 0.0)
    rows = [
        ard.row(analysis="a", quantity="mean", level=str(k), estimate=v, n=k, method="m",
                status="post_hoc")
        for k, v in enumerate(values)
    ]  # fmt: skip
    whole = Results(ard.frame(rows), {})
    drawn = whole.rounded()
    expected = [0.3, 0.3333333333, np.nan, 123456.789, -2e-13, 0.0]
    np.testing.assert_array_equal(drawn.table["estimate"], expected)
    others = [c for c in ard.COLUMNS if c != "estimate"]
    pd.testing.assert_frame_equal(drawn.table[others], whole.table[others])
    assert whole.get("a", "mean", "0").estimate == 0.1 + 0.2


def test_texts_of_a_plan_are_printed_on_a_line_and_names_of_columns_stay(tmp_path):
    made = small_trial.document() | {"title": " Two\nlines\x07 "}
    made["arms"][0]["label"], made["visits"][0]["label"] = "A\u2028b\x85", "3\n\n months"
    found = small_trial.results(made)
    ard.write(tmp_path / "ard.csv", found.table)
    columns = {"data": {"participants": {"columns": {"age": {"from": "age\nin years "}}}}}
    io.write_text(tmp_path / "plan.json", json.dumps(made | columns))
    got = read(tmp_path / "ard.csv", tmp_path / "plan.json").plan
    assert got["title"] == "Two lines"
    assert (got["arms"][0]["label"], got["visits"][0]["label"]) == ("A b", "3 months")
    assert got["data"] == columns["data"]
