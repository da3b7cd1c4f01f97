"""Visits by other windows than the plan's own: derived beside them, from script to fit."""

import json
from copy import deepcopy

import pandas as pd
import pytest

from scripts import derive as script
from tests.changes import replace
from tests.trials.resolve import raw_set
from tests.trials.resolve.raw_set import survey
from trialrr import data as tables
from trialrr import io, plan, trials
from trialrr.analyses.procedure import data, model
from trialrr.ingest.findings import DataError, Findings
from trialrr.trials.resolve import cleaning
from trialrr.trials.resolve.derive import derive

DOCUMENT = plan.read("config/resolve.yaml")
NARROW = {"3": [87, 133], "6": [177, 223], "12": [357, 403]}
WIDE = {"3": [66, 154], "6": [156, 244]}
SAME = {visit["month"]: visit["window"] for visit in DOCUMENT["visits"]}
SETS = {"narrow": NARROW, "wide": WIDE, "same": SAME}
KEY = ["participant_id", "month"]


def derived(raw, findings, windows):
    """(analysis data, findings) of raw tables and what reading them found."""
    raw, findings = deepcopy((raw, findings))
    return derive(raw, plan.parse(DOCUMENT | {"windows": windows}), findings), findings


def of_files(folder, files):
    """(raw tables, findings) of a small set of real exports."""
    findings = Findings()
    return cleaning.read_raw(raw_set.write(folder, files), "real", findings), findings


@pytest.fixture(scope="module")
def twin(twin_read):
    """(analysis data, findings) of the twin by three further sets of windows."""
    return derived(*twin_read, SETS)


def by(data, id: str) -> pd.DataFrame:
    table = data.tables["other_windows"][data.tables["other_windows"]["windows"] == id]
    return table.drop(columns="windows").reset_index(drop=True)


def test_windows_equal_to_the_own_ones_give_the_own_visits(twin):
    pd.testing.assert_frame_equal(by(twin[0], "same"), twin[0].visits, check_dtype=False)


def test_narrower_windows_lose_exactly_the_visits_outside(twin):
    start = twin[0].participants.set_index("participant_id")["randomized_on"]
    own, narrow = twin[0].visits, by(twin[0], "narrow")
    days = pd.to_datetime(own["visited_on"]) - pd.to_datetime(own["participant_id"].map(start))
    inside = pd.Series(False, index=own.index)
    for month, limits in NARROW.items():
        inside |= (own["month"] == month) & days.dt.days.between(*limits)
    assert narrow[KEY].equals(own[KEY])
    # a person with two surveys in the own window may have the worse one inside the narrow window
    other = narrow["visited_on"].notna() & ~inside
    assert other.sum() <= 5
    same = ~other
    assert (narrow["completed"][same] == (own["completed"] * inside)[same]).all()
    assert 0 < narrow["completed"].sum() < own["completed"].sum()


def test_wider_windows_gain_visits_and_a_month_left_out_keeps_its_own(twin):
    own, wide = twin[0].visits, by(twin[0], "wide")
    assert (wide["completed"] >= own["completed"]).all()
    gained = (wide["completed"] > own["completed"]).groupby(own["month"]).sum()
    assert gained["3"] > 0 and gained["6"] > 0 and gained["12"] == 0


def test_findings_are_about_the_own_windows_only(twin, twin_read):
    none = derived(*twin_read, {})
    pd.testing.assert_frame_equal(twin[1].frame(), none[1].frame())
    assert list(none[0].tables["other_windows"]) == [*none[0].visits, "windows"]
    assert none[0].tables["other_windows"].empty


def test_from_the_script_to_a_fit(twin, twin_dir, tmp_path, monkeypatch):
    """An entry that names windows is fitted on their visits, one that names none on the own."""
    names = (
        "participants",
        "visits",
        "clusters",
        "findings",
        "findings-summary",
        "flow",
        "baseline",
    )
    files = {name: str(tmp_path / f"{name}.csv") for name in names}
    document = json.dumps(DOCUMENT | {"windows": SETS}, default=str)
    spec = io.write_once(tmp_path, "plan", document)
    argv = ["derive", "--directory", str(twin_dir / "raw"), "--plan", spec]
    argv += [part for name, file in files.items() for part in (f"--{name}", file)]
    further = {name: tmp_path / f"{name}.csv" for name in trials.trial("resolve").tables}
    monkeypatch.setattr("sys.argv", [*argv, "--tables", *map(str, further.values())])
    script.main()
    trial_plan = plan.parse(DOCUMENT)
    trial = data.read(files["participants"], files["visits"], trial_plan, further)
    entry = replace(trial_plan.analysis("unadjusted"), windows="narrow")
    analyzed = twin[0].participants.set_index("participant_id")["analyzed"]
    for windows, table in (("narrow", by(twin[0], "narrow")), ("", twin[0].visits)):
        chosen = replace(entry, windows=windows)
        result = model.fit(chosen, "severity", trial_plan, trial)
        seen = table[table["participant_id"].map(analyzed) == 1]["severity_responder"]
        assert len(result.outcome) == seen.notna().sum()
        assert result.outcome.sum() == seen.sum()
    with pytest.raises(ValueError, match="no visits by the windows 'narow', found narrow, wide"):
        data.for_entry(replace(entry, windows="narow"), trial_plan, trial)
    alone = data.read(files["participants"], files["visits"], trial_plan)
    with pytest.raises(ValueError, match="found none; derive the data with this plan"):
        data.for_entry(entry, trial_plan, alone)
    header = tables.read(further["other_windows"]).iloc[:0]
    people, visits = map(tables.read, (files["participants"], files["visits"]))
    assert data.arrange(people, visits, trial_plan, header).windows == {}


def test_windows_in_which_nobody_of_an_arm_was_seen_stop_the_run(tmp_path):
    raw = of_files(tmp_path / "raw", raw_set.raw_set())
    with pytest.raises(DataError, match="nobody of arm PT with severity observed by the windows x"):
        derived(*raw, {"x": {"3": [101, 140]}})


def test_a_second_survey_counts_where_only_it_is_inside(tmp_path):
    files, again = raw_set.raw_set(), raw_set.PEOPLE[:3]
    files["redcap_surveys"] += [survey(person, "month_3_arm_1", 1, 138) for person in again]
    raw = of_files(tmp_path / "raw", files)
    found, findings = derived(*raw, {"late": {"3": [120, 140]}})
    own, late = (t[t["month"] == "3"].set_index("participant_id")["severity"]
                 for t in (found.visits, by(found, "late")))  # fmt: skip
    assert own[list(again)].tolist() == [4, 5, 4]
    assert late[list(again)].tolist() == [1, 1, 1]
    assert late.drop(list(again)).isna().all()
    assert {f["rule"] for f in findings.rows()} == {"duplicate_survey"}
