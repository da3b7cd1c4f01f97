"""A plan carried out in pieces, and what is read back from their files."""

import pandas as pd
import pytest

from tests.analyses import edges
from tests.changes import replace
from trialrr import ard, io
from trialrr.analyses import registry, stages
from trialrr.analyses.base import ESTIMATE, RESAMPLE

KINDS = ("bootstrap", "leave_one_out", "mmrm", "adherence", "informative_odds", "balance", "power")
SOME = tuple(replace(edges.ENTRIES[kind], kind=kind) for kind in KINDS)
PLAN = replace(edges.plan(), analyses=(*edges.plan().analyses, *SOME))
PLAN = replace(PLAN, analyses=tuple({entry.id: entry for entry in PLAN.analyses}.values()))


@pytest.fixture(scope="module")
def trial():
    return edges.trial(PLAN)


@pytest.fixture(scope="module")
def whole(trial):
    return stages.gathered(PLAN, trial, [stages.piece(PLAN, trial)])


def test_every_entry_is_of_one_stage(trial):
    both = [entry.id for stage in (ESTIMATE, RESAMPLE) for entry in stages.of_stage(PLAN, stage)]
    assert sorted(both) == sorted(entry.id for entry in PLAN.analyses)


def test_rows_are_those_of_the_entries_one_by_one_in_the_order_of_the_plan(trial, whole):
    rows = [
        row for entry in stages.of_stage(PLAN, RESAMPLE) for row in stages.rows(entry, PLAN, trial)
    ]
    pd.testing.assert_frame_equal(whole, ard.frame(rows), check_exact=True)
    named = list(dict.fromkeys(whole["analysis"]))
    assert named == [entry.id for entry in stages.of_stage(PLAN, RESAMPLE)]


@pytest.mark.parametrize("pieces", [2, 5, 40])
def test_pieces_change_no_row_and_come_back_from_their_files(trial, whole, tmp_path, pieces):
    read = []
    for number in range(1, pieces + 1):
        done = stages.piece(PLAN, trial, number, pieces)
        io.write_arrays(tmp_path / "piece.npz", done.arrays)
        ard.write(tmp_path / "piece.csv", done.rows)
        arrays = io.read_arrays(tmp_path / "piece.npz")
        read.append(stages.PieceResult(arrays, ard.read(tmp_path / "piece.csv")))
    assert sum(len(piece.rows) for piece in read) < len(whole)
    pd.testing.assert_frame_equal(stages.gathered(PLAN, trial, read), whole, check_exact=True)


def test_a_job_whose_rows_name_another_analysis_is_refused(trial, monkeypatch):
    module = registry.kind("adherence").implementation
    lost = [ard.row(analysis="other", quantity="n", method="count", status="exploratory")]
    monkeypatch.setattr(module, "jobs", lambda entry, plan, data: [lambda: lost])
    with pytest.raises(ValueError, match=r"kind adherence: rows of \w+ name the analysis"):
        stages.piece(PLAN, trial)
