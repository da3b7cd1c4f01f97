"""Each fault of the raw files stops the run, named by file, line and field, with a remedy."""

import json
import re

import pandas as pd
import pytest

from scripts import derive
from tests.trials.resolve import raw_set
from trialrr import data, io, plan
from trialrr.ingest.findings import LISTED, DataError, Findings
from trialrr.trials.resolve import cleaning
from trialrr.trials.resolve.instruments import FORMS

TABLES = ("participants", "visits", "sessions", "quarters", "other_windows")
OUTPUTS = (*TABLES[:2], "clusters", "findings", "findings-summary", "flow", "baseline")


@pytest.fixture
def raw(tmp_path):
    return raw_set.write(tmp_path / "raw", raw_set.raw_set())


@pytest.fixture(scope="session")
def spec(tmp_path_factory):
    document = plan.read("config/resolve.yaml")
    document["data"] = {"route": "resolve", "origin": "real", "directory": None}
    return io.write_once(tmp_path_factory.mktemp("plan"), "plan", json.dumps(document, default=str))


@pytest.fixture
def run(raw, spec, tmp_path, monkeypatch):
    """Run the script on the raw files; returns its message ("" if it ends well)."""

    def _run() -> str:
        out = tmp_path / "out"
        argv = ["derive", "--directory", str(raw), "--plan", spec]
        for name in OUTPUTS:
            argv += [f"--{name}", str(out / f"{name}.csv")]
        argv += ["--tables", *(str(out / f"{name}.csv") for name in TABLES)]
        monkeypatch.setattr("sys.argv", argv)
        try:
            derive.main()
        except SystemExit as stop:
            assert [p.name for p in out.iterdir()] == ["findings.csv"], "half-written outputs"
            assert stop.code, "a stop without a message"
            return str(stop.code)
        return ""

    return _run


def last_line(path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_valid_set_runs_and_writes_every_output(run, tmp_path):
    assert run() == ""
    written = sorted(p.stem for p in (tmp_path / "out").iterdir())
    schemas = [f"{table}.schema" for table in TABLES]
    assert written == sorted([*OUTPUTS, *TABLES[2:], *schemas])
    people, visits = (data.read(tmp_path / f"out/{name}.csv") for name in TABLES[:2])
    assert len(people) == 12
    assert len(visits) == 36
    assert visits["severity_responder"].sum() == 18


def test_missing_file(raw, run):
    (raw / "ehr_extract.csv").unlink()
    message = run()
    assert "ehr_extract.csv: missing_file: found 'no such file'" in message
    assert "export it again" in message


def test_empty_file(raw, run):
    (raw / "disposition.csv").write_bytes(b"")
    message = run()
    assert "disposition.csv:1: empty_file: found 'an empty file'" in message
    assert "export the file again" in message


def test_header_only(raw, run):
    path = raw / "safety_events.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    message = run()
    assert "safety_events.csv:1: no_rows: found 'a header only'" in message
    assert "expected rows below the header; export the file again" in message


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolon"), ("\t", "tab")])
def test_wrong_delimiter(raw, run, sign, word):
    path = raw / "randomization_log.csv"
    path.write_text(path.read_text().replace(",", sign))
    message = run()
    assert "randomization_log.csv:1:participant_id: wrong_delimiter: found" in message
    assert word in message
    assert "export the file as CSV with commas" in message


def test_shifted_column(raw, run):
    raw_set.edit(raw / "redcap_surveys.csv", 5, ",web,", ",web,,")
    message = run()
    assert re.search(r"redcap_surveys\.csv:5:\w+: wrong_number_of_fields: found", message)
    assert "a column is shifted" in message
    assert "(R0001)" in message


def test_row_with_too_few_fields(raw, run):
    raw_set.edit(raw / "ehr_extract.csv", 3, ",REAL", "")
    assert "ehr_extract.csv:3:data_origin: wrong_number_of_fields" in run()


def test_duplicated_id(raw, run):
    raw_set.edit(raw / "randomization_log.csv", 4, "R0003", "R0002")
    message = run()
    assert "randomization_log.csv:4:participant_id: duplicated_id: found 'R0002'" in message
    assert "each participant_id once; delete the row that is wrong" in message


def test_unknown_arm_code(raw, run):
    raw_set.edit(raw / "randomization_log.csv", 2, ",PT,", ",XX,")
    message = run()
    assert "randomization_log.csv:2:arm: unknown_code: found 'XX' (R0001)" in message
    assert "expected one of PT, HC, UC; correct it" in message


def test_item_of_eleven(raw, run):
    raw_set.set_cell(raw / "redcap_surveys.csv", 3, "bpipainintfrmoodscl", "11")
    message = run()
    assert "redcap_surveys.csv:3:bpipainintfrmoodscl: out_of_range: found '11'" in message
    assert "(R0001, month_3_arm_1)" in message
    assert "expected an integer from 0 to 10; correct it" in message


def test_date_before_randomization(raw, run):
    raw_set.set_cell(raw / "redcap_surveys.csv", 3, "survey_on", "2021-08-31")
    message = run()
    place = "redcap_surveys.csv:3:survey_on: date_before_randomization: found '2021-08-31'"
    assert place in message
    assert "not before randomized_on of the randomization log; correct the date" in message


@pytest.mark.parametrize("value", ["abc", "3.0", "1e1", "5 or 6"])
def test_non_numeric_score(raw, run, value):
    raw_set.set_cell(raw / "redcap_surveys.csv", 4, "bpiavgpainrtngscl", value)
    message = run()
    assert f"redcap_surveys.csv:4:bpiavgpainrtngscl: not_an_integer: found '{value}'" in message
    assert "expected an integer from 0 to 10; correct it" in message


def test_latin_1_bytes(raw, run):
    path = raw / "disposition.csv"
    path.write_bytes(path.read_bytes().replace(b"moved", b"d\xe9m\xe9nagement"))
    message = run()
    assert "disposition.csv:2:note: not_utf8: found 'byte 0xE9 at column" in message
    assert "save the file as UTF-8" in message


def test_truncated_last_line(raw, run):
    path = raw / "ehr_dispensings.csv"
    path.write_bytes(path.read_bytes()[:-8])
    message = run()
    assert "ehr_dispensings.csv:2:days_supply: truncated_file" in message
    assert "the export was cut off: export the file again" in message


def test_follow_up_of_someone_never_randomized(raw, run):
    path = raw / "redcap_surveys.csv"
    raw_set.set_cell(path, 7, "record_id", "R9999")
    message = run()
    assert "redcap_surveys.csv:7:record_id: never_randomized: found 'R9999'" in message
    assert "correct the id, or add the person's randomization" in message


def test_nobody_randomized_to_an_arm(tmp_path, run):
    files = raw_set.raw_set()
    for row in files["randomization_log"]:
        row["arm"] = row["arm"].replace("UC", "PT")
    raw_set.write(tmp_path / "raw", files)
    message = run()
    assert "randomization_log.csv:arm: arm_missing: found 'nobody in arm UC'" in message
    assert "export the whole log, or take the arm out of the plan" in message


def test_nobody_of_an_arm_observed(tmp_path, run):
    files = raw_set.raw_set()
    files["redcap_surveys"] = [
        row
        for row in files["redcap_surveys"]
        if raw_set.arm_of(row["record_id"]) != "UC" or row["redcap_event_name"] != "month_6_arm_1"
    ]
    raw_set.write(tmp_path / "raw", files)
    message = run()
    assert "redcap_surveys.csv:bpi_severity: arm_missing" in message
    assert "nobody of arm UC with severity observed' (month_6_arm_1)" in message


def test_several_faults_are_reported_at_once(raw, run, tmp_path):
    raw_set.edit(raw / "randomization_log.csv", 2, ",PT,", ",XX,")
    raw_set.set_cell(raw / "redcap_surveys.csv", 3, "bpipainintfrmoodscl", "11")
    raw_set.set_cell(raw / "redcap_surveys.csv", 9, "survey_on", "32/13/2021")
    raw_set.set_cell(raw / "ehr_extract.csv", 6, "age", "")
    (raw / "safety_events.csv").unlink()
    message = run()
    assert "the raw data have 5 errors; nothing was derived" in message
    for place in (
        "ehr_extract.csv:6:age: blank_required",
        "randomization_log.csv:2:arm: unknown_code",
        "redcap_surveys.csv:3:bpipainintfrmoodscl: out_of_range",
        "redcap_surveys.csv:9:survey_on: not_a_date",
        "safety_events.csv: missing_file",
    ):
        assert place in message
    findings = pd.read_csv(tmp_path / "out/findings.csv")
    assert (findings["severity"] == "error").sum() == 5


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("participant_id,", "person,"), "randomization_log.csv:1:participant_id: missing_column"),
        (("participant_id,", "person,"), "randomization_log.csv:1:person: unknown_column"),
        (("block,", "arm,"), "randomization_log.csv:1:arm: duplicated_column"),
    ],
)
def test_wrong_header(raw, run, change, place):
    raw_set.edit(raw / "randomization_log.csv", 1, *change)
    assert place in run()


@pytest.mark.parametrize(
    ("file", "line", "field", "value", "place"),
    [
        ("redcap_surveys", 3, "education", "college", "3:education: not_asked_here"),
        ("redcap_surveys", 3, "data_origin", "SYNTHETIC", "3:data_origin: mixed_origin"),
        ("coach_assignments", 2, "participant_id", "R0001", "2:participant_id: coach_outside_arm"),
        ("coach_assignments", 2, "participant_id", "R0005", "3:participant_id: duplicated_id"),
        ("screening_log", 2, "peg_1", "", "2:enrollment"),
        ("screening_log", 2, "high_impact_pain", "0", "2:eligible: eligible_contradicts_answers"),
        ("outreach_log", 2, "outcome_on", "2021-01-01", "2:outcome_on: date_order"),
        ("outreach_log", 2, "outcome", "declined", "screening_log.csv:2:outreach_id"),
        ("safety_events", 2, "participant_id", "R 001", "2:participant_id: not_an_id"),
        ("safety_events", 2, "event_on", "2021-02-30", "2:event_on: not_a_date"),
        ("safety_events", 2, "event_on", "2021-01-30", "2:event_on: date_before_randomization"),
        ("ehr_dispensings", 2, "dispensed_on", "2021-06-03", "2:dispensed_on: not_a_date"),
        ("redcap_surveys", 2, "survey_on", "2021-09-02", "2:survey_on: baseline_after"),
        ("redcap_surveys", 2, "pgic_pain", "3", "2:pgic_pain: not_asked_here"),
        ("redcap_surveys", 4, "support1", "3", "4:support1: not_asked_here"),
        ("redcap_surveys", 3, "gcps_pain_days", "4", "3:gcps_pain_days: out_of_range"),
        ("redcap_surveys", 3, "eq5d_pain", "0", "3:eq5d_pain: out_of_range"),
        ("ehr_utilization", 2, "participant_id", "R9999", "2:participant_id: never_randomized"),
        ("ehr_utilization", 2, "kind", "visit", "2:kind: unknown_code"),
        ("ehr_utilization", 2, "encounter_on", "2021-08-02", "2:encounter_on: not_a_date"),
        ("ehr_utilization", 2, "encounter_id", "V1", "3:encounter_id: duplicated_id"),
        ("ehr_utilization", 2, "nights", "1", "2:nights: nights_outside_inpatient"),
        ("ehr_utilization", 3, "nights", "", "3:nights: blank_required"),
    ],
)
def test_other_faults(raw, run, file, line, field, value, place):
    if place == "2:enrollment":
        raw_set.set_cell(raw / f"{file}.csv", line, "enrollment", "")
        raw_set.set_cell(raw / f"{file}.csv", line, "baseline", "")
    raw_set.set_cell(raw / f"{file}.csv", line, field, value)
    assert place in run()


def test_an_encounter_after_death(raw, run):
    raw_set.edit(raw / "disposition.csv", 2, "withdrew,2022-09-26", "died,2021-10-20")
    message = run()
    assert "ehr_utilization.csv:3:encounter_on: date_after_death: found '2021-10-21'" in message
    assert "correct the date, the person or the disposition" in message


def test_an_encounter_on_the_day_of_death_is_no_fault(raw, run):
    raw_set.edit(raw / "disposition.csv", 2, "withdrew,2022-09-26", "died,2021-10-21")
    assert run() == ""


def test_no_dispensings_of_an_arm(tmp_path, run):
    files = raw_set.raw_set()
    for row in files["ehr_extract"]:
        if raw_set.arm_of(row["participant_id"]) == "UC":
            row["has_pharmacy_data"] = "0"
    raw_set.write(tmp_path / "raw", files)
    message = run()
    assert "ehr_dispensings.csv:participant_id: arm_missing: found 'nobody of arm UC" in message
    assert "in the quarter to month 12" in message


def test_an_instrument_that_nobody_of_an_arm_answered(tmp_path, run):
    """The pain of everybody is there, the mediator of an arm at its own visit is not."""
    files = raw_set.raw_set()
    for row in files["redcap_surveys"]:
        if raw_set.arm_of(row["record_id"]) == "HC" and row["redcap_event_name"] == "month_3_arm_1":
            row |= dict.fromkeys(FORMS["self_efficacy"], "")
    raw_set.write(tmp_path / "raw", files)
    message = run()
    assert "nobody of arm HC with self_efficacy observed' (month_3_arm_1)" in message
    faults = re.findall(r"nobody of arm HC with (\w+) observed(?: by the windows \w+)?'", message)
    assert set(faults) == {"self_efficacy"}
    assert f"the raw data have {len(faults)} errors" in message


def test_a_file_of_the_other_origin_beside(raw, run):
    copy = raw / "synthetic_ehr_extract.csv"
    copy.write_bytes((raw / "ehr_extract.csv").read_bytes())
    message = run()
    assert "synthetic_ehr_extract.csv: mixed_origin" in message
    assert "keep synthetic and real exports in separate folders" in message


def test_the_message_lists_fifty_causes_and_counts_the_rest():
    findings = Findings()
    for k in range(LISTED + 7):
        findings.error("rule", "file.csv", "one thing", "do another", line=k + 2, field=f"x{k:02}")
    with pytest.raises(DataError) as stop:
        findings.stop_if_errors()
    assert str(stop.value).count("file.csv:") == LISTED
    assert "... and 7 more" in str(stop.value)


def test_the_reader_says_nothing_of_a_valid_set(raw):
    findings = Findings()
    cleaning.read_raw(raw, "real", findings)
    assert findings.rows() == []
