"""What presentation reads."""

import ast
import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from tests.present import small_trial, test_choices
from trialrr import analyses, ard
from trialrr.present import labels, source
from trialrr.present.source import Results

ROOT = Path(__file__).parents[2]


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
    """A new one is given words in `labels.QUANTITIES`, or is listed in `source.ABOUT`."""
    released = ROOT / "results/releases/resolve-1.3/ard.csv.gz"
    with gzip.open(released, "rt", encoding="utf-8") as file:
        made = {row["quantity"] for row in csv.DictReader(file)} | literals()
    for kind in test_choices.KINDS:
        made |= {row.quantity for row in small_trial.results(test_choices.of_kind(kind))}
    made -= {ard.ABSENT}
    assert len(made) > 100
    found, told = set(labels.QUANTITIES), set(source.ABOUT)
    assert sorted(made - found - told) == []
    assert not found & told
    assert set(source.TESTS) <= found
