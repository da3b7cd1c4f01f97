"""What people used: sessions, minutes, encounters, dispensings, quarters, by hand."""

import pandas as pd
import pytest

from tests.trials.resolve import raw_set
from tests.trials.resolve.raw_set import us
from trialrr import plan
from trialrr.ingest.findings import Findings
from trialrr.trials.resolve import cleaning
from trialrr.trials.resolve.care import KINDS
from trialrr.trials.resolve.derive import derive

DOCUMENT = plan.read("config/resolve.yaml")
PLAN = plan.parse(DOCUMENT)


def run(tmp_path, files, trial_plan=PLAN):
    """(data, findings) of raw files."""
    findings = Findings()
    raw = cleaning.read_raw(raw_set.write(tmp_path / "raw", files), "real", findings)
    cleaning.check(raw, trial_plan, findings)
    findings.stop_if_errors()
    return derive(raw, trial_plan, findings), findings


def encounter(id: str, day: int, kind: str, nights: str = "", person: str = "R0002") -> dict:
    return {
        "participant_id": person,
        "encounter_id": id,
        "encounter_on": us(day),
        "kind": kind,
        "nights": nights,
    }


def filled(person: str, day: int, supply: int) -> dict:
    row = {"participant_id": person, "dispensed_on": us(day), "drug": "tramadol"}
    return row | {"days_supply": str(supply)}


def test_encounters_by_kind_and_period(tmp_path):
    files = raw_set.raw_set()
    files["ehr_utilization"] += [
        encounter("A1", 1, "outpatient"),
        encounter("A2", 360, "outpatient"),
        encounter("A3", 361, "outpatient"),  # too late
        encounter("A4", 0, "outpatient"),  # the day of randomization is in neither period
        encounter("A5", -1, "outpatient"),
        encounter("A6", -360, "physical_therapy"),
        encounter("A7", -361, "physical_therapy"),  # too early
        encounter("A8", 30, "imaging"),
        encounter("A9", 30, "procedure"),
        encounter("B1", 31, "emergency"),
        encounter("B2", 31, "inpatient", "4"),
        encounter("B3", 40, "inpatient", "0"),
        encounter("B4", -20, "inpatient", "7"),
    ]
    data, findings = run(tmp_path, files)
    person = data.participants.set_index("participant_id").loc["R0002"]
    after = dict.fromkeys(KINDS, 1) | {"outpatient": 2, "physical_therapy": 0, "inpatient": 2}
    before = dict.fromkeys(KINDS, 0) | {"outpatient": 1, "physical_therapy": 1, "inpatient": 1}
    for kind in KINDS:
        assert person[f"n_{kind}"] == after[kind], kind
        assert person[f"n_{kind}_before"] == before[kind], kind
    assert (person["nights_inpatient"], person["nights_inpatient_before"]) == (4, 7)
    nobody = data.participants.set_index("participant_id").loc["R0003"]
    assert (nobody[[c for c in nobody.index if c.startswith(("n_out", "nights"))]] == 0).all()
    assert [(f["rule"], f["severity"], f["raw_value"]) for f in findings.rows()] == [
        ("encounter_outside_days", "excluded", "3 encounters")
    ]


def test_an_encounter_exported_twice_counts_once(tmp_path):
    files = raw_set.raw_set()
    rows = files["ehr_utilization"]
    rows += [encounter("A1", 9, "imaging"), encounter("A2", 9, "imaging")]
    rows += [dict(rows[-2]), rows[-2] | {"kind": "imaging "}]
    data, findings = run(tmp_path, files)
    assert data.participants["n_imaging"].sum() == 2
    got = [(f["rule"], f["line"], f["participant"], f["field"]) for f in findings.rows()]
    assert got == [
        ("duplicate_encounter", 6, "R0002", "encounter_id"),
        ("duplicate_encounter", 7, "R0002", "encounter_id"),
        ("trailing_space", 7, "R0002", "kind"),
    ]


@pytest.mark.parametrize(
    "change",
    [{"kind": "emergency"}, {"encounter_on": us(10)}, {"participant_id": "R0003"}],
)
def test_an_encounter_id_of_two_encounters_stops_the_run(tmp_path, change):
    files = raw_set.raw_set()
    rows = files["ehr_utilization"]
    rows += [encounter("A1", 9, "imaging"), encounter("A1", 9, "imaging") | change]
    with pytest.raises(ValueError, match=r"ehr_utilization\.csv:5:encounter_id: duplicated_id"):
        run(tmp_path, files)


def test_sessions_minutes_and_access(tmp_path):
    files = raw_set.raw_set()
    log = files["coach_sessions"]
    log.append(dict(log[0]))  # R0002, session 1, twice
    log.append(log[0] | {"session": "5", "status": "no_show", "minutes": "20"})
    next(r for r in log if r["participant_id"] == "R0005")["minutes"] = ""
    data, findings = run(tmp_path, files)
    people = data.participants.set_index("participant_id")
    assert people.loc["R0002", ["sessions_completed", "coach_minutes"]].tolist() == [2, 100]
    assert pd.isna(people.loc["R0005", "coach_minutes"])
    assert people.loc["R0001", ["sessions_completed", "coach_minutes"]].tolist() == [1, 0]
    assert pd.isna(people.loc["R0003", "sessions_completed"])
    assert people.groupby("arm")["online_access"].mean().to_dict() == {"HC": 0, "PT": 1, "UC": 0}
    assert [(f["rule"], f["participant"]) for f in findings.rows()] == [
        ("session_without_minutes", "R0005")
    ]


def test_no_session_is_no_minute(tmp_path):
    files = raw_set.raw_set()
    files["coach_sessions"] = [r for r in files["coach_sessions"] if r["participant_id"] > "R0002"]
    data, _ = run(tmp_path, files)
    person = data.participants.set_index("participant_id").loc["R0002"]
    assert (person["sessions_completed"], person["coach_minutes"]) == (0, 0)


def test_opioids_by_quarter(tmp_path):
    """R0002 has scripts before and after; R0004 is of the site without pharmacy data."""
    files = raw_set.raw_set()
    files["ehr_dispensings"] = [
        filled("R0002", -70, 60),  # -70..-11
        filled("R0002", -5, 30),  # -5..24
        filled("R0002", 85, 90),  # 85..174
        filled("R0002", 300, 59),
        filled("R0004", 1, 90),
    ]
    data, _ = run(tmp_path, files)
    quarters = data.tables["quarters"].set_index(["participant_id", "month"])["long_term_opioid"]
    assert quarters["R0002"].to_dict() == {"3": 24, "6": 84, "9": 0, "12": 59}
    assert quarters["R0001"].tolist() == [0, 0, 0, 0]
    assert quarters["R0004"].isna().all()
    people = data.participants.set_index("participant_id")
    columns = ["opioid_run", "on_long_term_opioid", "n_dispensings", "n_dispensings_before"]
    assert people.loc["R0002", columns].tolist() == [60, 1, 2, 2]
    assert people.loc["R0001", columns].tolist() == [0, 0, 0, 0]
    assert people.loc["R0004", columns].isna().all()
    assert people.loc["R0002", "long_term_opioid"] == "yes"
    assert list(data.tables["quarters"]) == [
        "participant_id",
        "data_origin",
        "month",
        "long_term_opioid",
    ]
    assert data.tables["quarters"]["participant_id"].tolist() == sorted([*raw_set.PEOPLE] * 4)
    assert data.tables["quarters"]["month"].tolist() == ["3", "6", "9", "12"] * 12


@pytest.mark.parametrize(("day", "blank"), [(179, 3), (180, 2), (270, 1), (359, 1), (360, 0)])
def test_a_quarter_that_ends_after_death_is_blank(tmp_path, day, blank):
    files = raw_set.raw_set()
    row = {"participant_id": "R0002", "status": "died", "status_on": raw_set.iso(day)}
    files["disposition"].append(row)
    data, _ = run(tmp_path, files)
    quarters = data.tables["quarters"].set_index(["participant_id", "month"])["long_term_opioid"]
    assert quarters["R0002"].isna().tolist() == [False] * (4 - blank) + [True] * blank
    assert quarters["R0001"].notna().all()  # withdrew: the record goes on


def test_the_plan_names_the_outcome_and_its_quarters(tmp_path):
    window = {"month": "6", "window": [100, 189]}
    own = {"id": "run", "source": "opioid_run", "event": ">=60", "visits": [window]}
    severity = DOCUMENT["outcomes"][0]
    files = raw_set.raw_set()
    files["ehr_dispensings"] = [filled("R0002", 95, 30)]  # 95..124
    data, _ = run(tmp_path, files, plan.parse(DOCUMENT | {"outcomes": [severity, own]}))
    assert data.tables["quarters"]["month"].unique().tolist() == ["6"]
    assert data.tables["quarters"].set_index("participant_id").loc["R0002", "run"] == 25
    assert "run" not in data.visits
    data, _ = run(tmp_path, files, plan.parse(DOCUMENT | {"outcomes": [severity]}))
    assert data.tables["quarters"]["long_term_opioid"].max() == 30


@pytest.mark.parametrize(
    ("race", "group"),
    [
        ("white", "white"),
        ("black", "black"),
        ("hispanic", "hispanic"),
        ("asian", "other"),
        ("american_indian_alaska_native", "other"),
        ("multiple", "other"),
        ("", ""),
    ],
)
def test_groups_of_race_and_ethnicity(tmp_path, race, group):
    files = raw_set.raw_set()
    files["redcap_surveys"][0]["race_ethnicity"] = race
    data, _ = run(tmp_path, files)
    assert data.participants["race_group"].astype("str").fillna("")[0] == group
    assert data.participants.loc[0, "pain_conditions"] == "several"
