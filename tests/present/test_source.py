"""What presentation reads."""

import ast
import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd

from tests.present import small_trial, test_choices
from trialrr import analyses, ard, io, plan
from trialrr.present.results import ABOUT, TESTS, Results, read_results
from trialrr.present.words import labels

ROOT = Path(__file__).parents[2]


def test_numbers_for_drawing_have_ten_digits_and_nothing_else_changes():
    values = (0.1 + 0.2, 1 / 3, np.nan, 123456.78901234567, -2e-13, 0.0)
    rows = [
        ard.row(analysis="a", quantity="mean", level=str(k), estimate=v, n=k, method="m",
                status="post_hoc")
        for k, v in enumerate(values)
    ]  # fmt: skip
    whole = Results(ard.frame(rows), plan.Plan())
    drawn = whole.rounded()
    expected = [0.3, 0.3333333333, np.nan, 123456.789, -2e-13, 0.0]
    np.testing.assert_array_equal(drawn.table["estimate"], expected)
    others = [c for c in ard.COLUMNS if c != "estimate"]
    pd.testing.assert_frame_equal(drawn.table[others], whole.table[others])
    assert whole.get("a", "mean", "0").estimate == 0.1 + 0.2


def literals() -> set[str]:
    """Names of quantities as they stand where the analyses write rows."""
    found = set()
    for path in (Path(analyses.__file__).parent).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            pairs = []
            if isinstance(node, ast.keyword) and node.arg == "quantity":
                pairs = [node.value]
            if isinstance(node, ast.Dict):
                named = zip(node.keys, node.values, strict=True)
                pairs = [v for k, v in named if getattr(k, "value", "") == "quantity"]
            found |= {v.value for v in pairs if isinstance(v, ast.Constant)}
    return found


def test_every_quantity_is_known_as_found_or_as_told_of_how_it_was_done():
    """A new one is given words in `labels.QUANTITIES`, or is listed in `results.ABOUT`."""
    released = ROOT / "results/releases/resolve-1.3/ard.csv.gz"
    with gzip.open(released, "rt", encoding="utf-8") as file:
        made = {row["quantity"] for row in csv.DictReader(file)} | literals()
    for kind in test_choices.KINDS:
        made |= {row.quantity for row in small_trial.results(test_choices.of_kind(kind))}
    made -= {ard.ABSENT}
    assert len(made) > 100
    found, told = set(labels.QUANTITIES), set(ABOUT)
    assert sorted(made - found - told) == []
    assert not found & told
    assert set(TESTS) <= found


def test_texts_of_a_plan_are_printed_on_a_line_and_names_of_columns_stay(tmp_path):
    made = small_trial.document() | {"title": " Two\nlines\x07 "}
    made["arms"][0]["label"], made["visits"][0]["label"] = "A\u2028b\x85", "3\n\n months"
    found = small_trial.results(made)
    ard.write(tmp_path / "ard.csv", found.table)
    columns = {"age": {"from": "age\nin years ", "type": "integer"}}
    data = {"route": "tidy", "origin": "synthetic", "participants": {"columns": columns}}
    io.write_text(tmp_path / "plan.json", json.dumps(made | {"data": data}))
    got = read_results(tmp_path / "ard.csv", tmp_path / "plan.json").plan
    assert got.title == "Two lines"
    assert (got.arms[0].label, got.visits[0].label) == ("A b", "3 months")
    assert got.data.columns["age"].column == "age\nin years "
