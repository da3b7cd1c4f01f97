"""The ARD keeps its columns, its keys and its numbers."""

import numpy as np
import pandas as pd
import pytest

from trialrr import ard


def one(**cells):
    base = {"analysis": "main", "outcome": "severity", "month": "3", "quantity": "risk_ratio"}
    return ard.row(**(base | {"level": "HC:UC", "method": "m", "status": "prespecified"} | cells))


def test_write_and_read_keep_every_bit(tmp_path):
    rows = [one(estimate=0.1 + 0.2, std_error=1e-300, lower=np.inf, n=3), one(level="HC:PT", n=0)]
    table = ard.frame(rows)
    ard.write(tmp_path / "ard.csv", table)
    pd.testing.assert_frame_equal(ard.read(tmp_path / "ard.csv"), table)
    assert b"\r" not in (tmp_path / "ard.csv").read_bytes()


def test_two_rows_with_one_key_are_refused_by_name():
    with pytest.raises(ValueError, match="main, severity, 3, , risk_ratio, HC:UC"):
        ard.check(ard.frame([one(), one(estimate=2.0)]))


@pytest.mark.parametrize(
    ("cells", "message"), [({"method": ""}, "no method"), ({"status": "planned"}, "status")]
)
def test_rows_say_how_they_were_made(cells, message):
    with pytest.raises(ValueError, match=message):
        ard.check(ard.frame([one(**cells)]))


def test_unknown_column_is_refused():
    with pytest.raises(KeyError, match="p_val"):
        ard.row(p_val=1)
