"""What presentation reads."""

import numpy as np
import pandas as pd

from trialrr import ard
from trialrr.present.source import Results


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
