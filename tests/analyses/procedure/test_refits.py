"""Rows of a refit on their way to the gathering process."""

import pandas as pd

from tests.analyses import simulated
from tests.analyses.simulated import PLAN
from trialrr import ard, io
from trialrr.analyses.procedure import refits


def test_rows_come_back_from_the_file_of_arrays_as_they_went(tmp_path):
    trial, of = simulated.trial(), PLAN.analysis("main")
    table = refits.refit_rows(of, of, "severity", PLAN, trial, PLAN.months, "site=Ä", "words")
    table.append(ard.not_estimable("why", analysis="main", status="post_hoc", n=3))
    done = {("main", "some"): refits.packed(table), ("main", "none"): refits.packed([])}
    io.write_arrays(tmp_path / "piece.npz", done)
    found = io.read_arrays(tmp_path / "piece.npz")
    back = refits.unpacked(found["main", "some"])
    pd.testing.assert_frame_equal(ard.frame(back), ard.frame(table), check_exact=True)
    assert refits.unpacked(found["main", "none"]) == []
    assert all(row["method"].endswith("; words") for row in back[:-1])
