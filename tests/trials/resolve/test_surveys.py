"""Which survey counts, what is repaired, and what the findings say of it."""

import pandas as pd
import pytest

from tests.trials.resolve import raw_set
from tests.trials.resolve.raw_set import iso, set_cell, survey
from trialrr import plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.instruments.bpi import INTENSITY, INTERFERENCE
from trialrr.trials.resolve import cleaning
from trialrr.trials.resolve.derive import derive
from trialrr.trials.resolve.instruments import FORMS

PLAN = plan.parse(plan.read("config/resolve.yaml"))


def run(folder):
    findings = Findings()
    raw = cleaning.read_raw(folder, "real", findings)
    cleaning.check(raw, PLAN, findings)
    findings.stop_if_errors()
    return derive(raw, PLAN, findings), findings


def with_surveys(tmp_path, extra: list[dict], drop: tuple[str, str] | None = None):
    """Analysis data and findings of the small set with surveys added at its end."""
    files = raw_set.raw_set()
    rows = files["redcap_surveys"]
    if drop:
        rows[:] = [r for r in rows if (r["record_id"], r["redcap_event_name"]) != drop]
    first = len(rows) + 2
    rows += extra
    data, findings = run(raw_set.write(tmp_path / "raw", files))
    found = {(f["rule"], f["line"] - first, f["field"]) for f in findings.rows()}
    return data, found


def visit(data, person: str, month: str) -> pd.Series:
    v = data.visits
    return v[(v["participant_id"] == person) & (v["month"] == month)].squeeze()


EVENT = "month_3_arm_1"


def partial(row: dict, *missing: str) -> dict:
    return row | dict.fromkeys(missing, "") | {"survey_complete": "0"}


def test_a_survey_in_the_window_beats_a_fuller_one_outside(tmp_path):
    inside = partial(survey("R0001", EVENT, 2, 120), *INTERFERENCE[:2])
    outside = survey("R0001", EVENT, 9, 150)
    data, found = with_surveys(tmp_path, [outside, inside], drop=("R0001", EVENT))
    assert visit(data, "R0001", "3")["severity"] == 2
    assert found == {
        ("duplicate_survey", 0, "redcap_event_name"),
        ("out_of_window", 0, "survey_on"),
        ("partial_survey_scored", 1, "survey_complete"),
    }


def test_then_the_fuller_one_then_the_earlier_then_the_first(tmp_path):
    fuller, earlier = survey("R0001", EVENT, 1, 130), survey("R0001", EVENT, 2, 120)
    less = partial(survey("R0001", EVENT, 3, 90), INTERFERENCE[0])
    twin = survey("R0001", EVENT, 7, 120)
    data, found = with_surveys(tmp_path, [fuller, less, earlier, twin], drop=("R0001", EVENT))
    assert visit(data, "R0001", "3")["severity"] == 2
    assert found == {("duplicate_survey", k, "redcap_event_name") for k in (0, 1, 3)}


@pytest.mark.parametrize(("day", "used"), [(79, 0), (80, 1), (140, 1), (141, 0)])
def test_both_ends_of_the_window_are_inside(tmp_path, day, used):
    data, found = with_surveys(tmp_path, [survey("R0001", EVENT, 3, day)], drop=("R0001", EVENT))
    row = visit(data, "R0001", "3")
    assert row["completed"] == used
    assert (row["visited_on"] == pd.Timestamp(iso(day))) == bool(used)
    assert (("out_of_window", 0, "survey_on") in found) == (not used)


def test_three_interference_items_score_intensity_alone(tmp_path):
    row = partial(survey("R0001", EVENT, 3, 100), *INTERFERENCE[3:])
    data, found = with_surveys(tmp_path, [row], drop=("R0001", EVENT))
    got = visit(data, "R0001", "3")
    assert (got["completed"], got["intensity"], got["intensity_responder"]) == (0, 3.0, 1)
    assert pd.isna(got["severity"]) and pd.isna(got["interference_responder"])
    assert found == {("partial_survey_unscored", 0, "survey_complete")}


def test_a_paper_code_is_missing(tmp_path):
    paper = survey("R0001", EVENT, 3, 100, mode="paper")
    paper |= {INTENSITY[0]: "99", INTERFERENCE[0]: "88", "survey_on": raw_set.us(100)}
    data, found = with_surveys(tmp_path, [paper], drop=("R0001", EVENT))
    got = visit(data, "R0001", "3")
    assert (got["visited_on"], got["interference"]) == (pd.Timestamp(iso(100)), 3.0)
    assert pd.isna(got["intensity"])
    assert found == {
        ("paper_code", 0, INTENSITY[0]),
        ("paper_code", 0, INTERFERENCE[0]),
        ("date_format", 0, "survey_on"),
        ("partial_survey_unscored", 0, "survey_complete"),
    }


def test_a_tie_is_a_responder(tmp_path):
    """Sums 30 → 21 of 11 items: a drop of exactly 0.30."""
    base = survey("R0001", "baseline_arm_1", 3, -7) | dict.fromkeys(INTENSITY[:3], "2")
    after = survey("R0001", EVENT, 2, 100) | {INTENSITY[0]: "1"}
    files = raw_set.raw_set()
    keep = [r for r in files["redcap_surveys"] if r["record_id"] != "R0001"]
    others = [r for r in files["redcap_surveys"] if r["record_id"] == "R0001"][2:]
    files["redcap_surveys"] = [base, after, *others, *keep]
    data, _ = run(raw_set.write(tmp_path / "raw", files))
    row = visit(data, "R0001", "3")
    assert (row["severity"], row["severity_responder"]) == (21 / 11, 1)
    assert data.participants["severity"].iloc[0] == 30 / 11


def test_a_zero_baseline_defines_no_responder(tmp_path):
    base = survey("R0001", "baseline_arm_1", 6, -7) | dict.fromkeys(INTERFERENCE, "0")
    data, found = with_surveys(tmp_path, [base], drop=("R0001", "baseline_arm_1"))
    row = visit(data, "R0001", "3")
    assert pd.isna(row["interference_responder"])
    assert row["interference"] == 4.0
    assert ("zero_baseline", 0, "bpi_interference") in found


def test_short_forms_of_the_phone_are_turned_back(tmp_path):
    base = survey("R0001", "baseline_arm_1", 6, -7, mode="phone")
    base |= {"socialrole1": "2", "pfadochoresscl": ""}
    data, found = with_surveys(tmp_path, [base], drop=("R0001", "baseline_arm_1"))
    person = data.participants.iloc[0]
    assert person["social_role_t"] == 46.2  # 4 + 3 + 3 + 3
    assert pd.isna(person["physical_function_t"])
    assert person["sleep_t"] == 56.1
    assert found == {
        ("reversed_short_form", 0, "socialrole1"),
        ("reversed_short_form", 0, "pfadochoresscl"),
    }


def test_short_forms_of_the_phone_are_turned_back_at_follow_up(tmp_path):
    """Answers 5 to items asked in reverse are 1: floor, ceiling and a missing item."""
    later = survey("R0001", EVENT, 4, 100, mode="phone")
    later |= dict.fromkeys(FORMS["social"], "1") | dict.fromkeys(FORMS["function"], "5")
    data, found = with_surveys(tmp_path, [later], drop=("R0001", EVENT))
    row = visit(data, "R0001", "3")
    assert (row["social_role_t"], row["physical_function_t"]) == (64.2, 21.6)
    assert row["sleep_t"] == 56.1  # asked the same way in every mode: 18 of 6 items
    assert found == {
        ("reversed_short_form", 0, "socialrole1"),
        ("reversed_short_form", 0, "pfadochoresscl"),
    }
    assert visit(data, "R0001", "6")["social_role_t"] == 44.2
    missing = later | {"socialrole3": ""}
    data, _ = with_surveys(tmp_path / "again", [missing], drop=("R0001", EVENT))
    assert pd.isna(visit(data, "R0001", "3")["social_role_t"])


def test_scores_stand_at_the_visits_of_their_outcome(tmp_path):
    data, found = with_surveys(tmp_path, [])
    expected = {
        "social_role_t": 44.2,  # 12 of 4 items
        "physical_function_t": 32.5,  # 12 of 6 items
        "sleep_t": 56.1,
        "phq8": 8,
        "gad7": 7,
        "gcps_grade": 3,
        "eq5d_index": 0.63,  # 1 - .096 - .089 - .068 - .060 - .057
        "pgic_pain": 3,
        "pgic_overall": 3,
        "pcs": 12,
        "self_efficacy": 16,
        "support": 20,
    }
    once = ("pcs", "self_efficacy", "support")
    for month in PLAN.months:
        row = visit(data, "R0002", month)
        for name, value in expected.items():
            if name in once and month != "3":
                assert pd.isna(row[name]), (name, month)
            else:
                assert row[name] == value, (name, month)
        for name in expected:
            assert not {f"{name}_reduction", f"{name}_responder", f"{name}_sum"} & set(row.index)
    person = data.participants.iloc[1]
    for name in set(expected) - set(FORMS["pgic"]):
        assert person[name] == expected[name], name
    assert found == set()


def test_a_plan_of_few_outcomes_gets_these_and_no_others(tmp_path):
    """A threshold on any score makes a responder of it; months of its own hold in other windows."""
    document = plan.read("config/resolve.yaml") | {"windows": {"same": {"3": [60, 120]}}}
    document["outcomes"] = [
        {"id": "low", "source": "phq8", "baseline": "phq8", "threshold": "0.5"},
        {"id": "belief", "source": "self_efficacy", "visits": [{"month": "3"}, {"month": "12"}]},
    ]
    files = raw_set.raw_set()
    files["redcap_surveys"][1] |= dict.fromkeys(FORMS["phq8"][:4], "0")  # R0001, 3 months: 8 → 4
    findings = Findings()
    folder = raw_set.write(tmp_path / "raw", files)
    raw = cleaning.read_raw(folder, "real", findings)
    with pytest.raises(DataError, match="with belief observed' .month_12_arm_1"):
        derive(raw, plan.parse(document), findings)
    document["outcomes"][1]["visits"] = [{"month": "3"}]
    data = derive(raw, plan.parse(document), Findings())
    own = ["low", "low_reduction", "low_responder", "low_sum", "low_items", "belief"]
    fixed = ["participant_id", "data_origin", "month", "visited_on", "mode", "completed"]
    assert list(data.visits) == [*fixed, *own]
    row = visit(data, "R0001", "3")
    assert row[own].tolist() == [4, 4, 1, 4, 1, 16]
    assert visit(data, "R0001", "6")["low_responder"] == 0
    assert data.visits["belief"].notna().sum() == 12
    same = data.tables["other_windows"].drop(columns="windows").reset_index(drop=True)
    pd.testing.assert_frame_equal(same, data.visits, check_dtype=False)


def test_items_passed_over_and_paper_codes_leave_the_form_without_a_score(tmp_path):
    paper = survey("R0001", EVENT, 4, 100, mode="paper") | {"survey_on": raw_set.us(100)}
    paper |= {FORMS["gad7"][6]: "88", FORMS["pcs6"][0]: "99", "eq5d_pain": "", "pgic_pain": " 7"}
    data, found = with_surveys(tmp_path, [paper], drop=("R0001", EVENT))
    row = visit(data, "R0001", "3")
    assert row[["gad7", "pcs", "eq5d_index"]].isna().all()
    assert (row["pgic_pain"], row["phq8"], row["severity"]) == (7, 8, 4)
    assert found == {
        ("date_format", 0, "survey_on"),
        ("paper_code", 0, FORMS["gad7"][6]),
        ("paper_code", 0, FORMS["pcs6"][0]),
        ("trailing_space", 0, "pgic_pain"),
    }


def blank(row: dict, *forms: str) -> dict:
    return row | dict.fromkeys((item for form in forms for item in FORMS[form]), "")


def test_a_survey_that_broke_off_after_the_pain_items(tmp_path):
    """Noted at the first form of those left blank; a form left out in between is not that."""
    stopped = blank(survey("R0001", EVENT, 4, 100), "eq5d", "pcs6", "self_efficacy")
    stopped = blank(stopped, "support", "pgic")
    between = blank(survey("R0002", EVENT, 4, 100), "phq8", "support")
    nothing = blank(survey("R0003", EVENT, 4, 100), *FORMS)
    files = raw_set.raw_set()
    rows = files["redcap_surveys"]
    new = {r["record_id"]: r for r in (stopped, between, nothing)}
    rows[:] = [r for r in rows if r["redcap_event_name"] != EVENT or r["record_id"] not in new]
    first = len(rows) + 2
    rows += new.values()
    data, findings = run(raw_set.write(tmp_path / "raw", files))
    got = [(f["rule"], f["severity"], f["line"] - first, f["field"]) for f in findings.rows()]
    assert sorted(got) == [
        ("forms_left_blank", "note", 0, "eq5d_mobility"),
        ("forms_left_blank", "note", 2, "phqlitintrstscore"),
    ]
    assert visit(data, "R0001", "3")[["gcps_grade", "severity"]].tolist() == [3, 4]
    assert pd.isna(visit(data, "R0001", "3")["eq5d_index"])
    assert pd.isna(visit(data, "R0002", "3")["phq8"])
    assert visit(data, "R0002", "3")["pgic_pain"] == 3


def test_forms_outside_the_window_or_beside_a_better_survey_do_not_count(tmp_path):
    outside = survey("R0001", EVENT, 4, 150) | dict.fromkeys(FORMS["pgic"], "1")
    inside = survey("R0001", EVENT, 4, 120) | dict.fromkeys(FORMS["pgic"], "5")
    data, _ = with_surveys(tmp_path, [outside, inside], drop=("R0001", EVENT))
    assert visit(data, "R0001", "3")["pgic_pain"] == 5
    data, _ = with_surveys(tmp_path / "alone", [outside], drop=("R0001", EVENT))
    assert pd.isna(visit(data, "R0001", "3")["pgic_pain"])


def test_damaged_and_spaced_codes_are_restored(tmp_path):
    base = survey("R0001", "baseline_arm_1", 6, -7)
    base |= {"pain_duration": "5-Jan", "education": " graduate "}
    data, found = with_surveys(tmp_path, [base], drop=("R0001", "baseline_arm_1"))
    person = data.participants.iloc[0]
    assert (person["pain_duration"], person["education"]) == ("1-5y", "graduate")
    assert found == {
        ("excel_damage", 0, "pain_duration"),
        ("trailing_space", 0, "education"),
    }


def test_randomized_in_error_stays_a_row_outside_the_analysis(tmp_path):
    files = raw_set.raw_set()
    files["disposition"].append(
        {"participant_id": "R0003", "status": "randomized_in_error", "status_on": iso(1)}
    )
    data, findings = run(raw_set.write(tmp_path / "raw", files))
    people = data.participants.set_index("participant_id")
    assert people["analyzed"].sum() == 11
    assert people.loc["R0003", "analyzed"] == 0
    assert [f["rule"] for f in findings.rows()] == ["randomized_in_error"]


def test_covariates_by_hand(tmp_path):
    base = survey("R0002", "baseline_arm_1", 6, -7)
    base |= {
        "social_need_food": "1",
        "social_need_housing": "",
        "income_band": "band_2",
        "employment": "",
        "gad7feelafrdscl": "",
    }
    files = raw_set.raw_set()
    files["ehr_extract"][1] |= {"age": "65", "msk_conditions": "1", "rural_or_underserved": "1"}
    files["ehr_extract"][1] |= {"anxiety_or_depression_dx": "1"}
    files["screening_log"][1]["peg_2"] = ""
    rows = files["redcap_surveys"]
    rows[:] = [r for r in rows if (r["record_id"], r["survey_on"]) != ("R0002", iso(-7))] + [base]
    data, findings = run(raw_set.write(tmp_path / "raw", files))
    person = data.participants.iloc[1]
    expected = {
        "male": 0,
        "age_65_plus": 1,
        "age_group": ">=65",
        "urban": 0,
        "multiple_pain_conditions": 0,
        "no_mental_health_dx": 0,
        "no_social_need": 0,
        "social_need_any": "yes",
        "income": "under_50k",
        "phq8": 8,
        "pain_conditions": "one",
        "race_group": "white",
    }
    assert {name: person[name] for name in expected} == expected
    assert person[["not_employed", "gad7", "peg", "employment", "social_need_housing"]].isna().all()
    assert [(f["rule"], f["field"]) for f in findings.rows()] == [
        ("stratum_disagrees", "stratum_rural")
    ]


def test_needs_are_unknown_where_the_missing_answer_could_decide(tmp_path):
    base = survey("R0001", "baseline_arm_1", 6, -7) | {"social_need_food": ""}
    data, _ = with_surveys(tmp_path, [base], drop=("R0001", "baseline_arm_1"))
    assert pd.isna(data.participants.iloc[0]["social_need_any"])
    assert pd.isna(data.participants.iloc[0]["no_social_need"])


def test_opioids_are_unknown_without_pharmacy_data(tmp_path):
    folder = raw_set.write(tmp_path / "raw", raw_set.raw_set())
    people = run(folder)[0].participants.set_index("participant_id")["long_term_opioid"]
    assert (people["R0001"], people["R0002"]) == ("yes", "no") and pd.isna(people["R0004"])
    set_cell(folder / "ehr_dispensings.csv", 2, "days_supply", "59")
    assert run(folder)[0].participants["long_term_opioid"].iloc[0] == "no"


def test_sessions_count_once_and_only_if_completed(tmp_path):
    files = raw_set.raw_set()
    files["coach_sessions"].append(files["coach_sessions"][0] | {"session": "8"})
    files["coach_sessions"][-1]["status"] = "no_show"
    files["coach_sessions"].append(dict(files["coach_sessions"][0]))
    files["online_program_log"][0]["completed_on"] = ""
    data, _ = run(raw_set.write(tmp_path / "raw", files))
    done = data.tables["sessions"].set_index("participant_id")["sessions_completed"]
    assert done[["R0001", "R0002", "R0004", "R0005"]].tolist() == [0, 2, 1, 5]


def test_surveys_of_an_event_that_the_plan_does_not_use_are_noted(tmp_path):
    shorter = plan.parse(plan.read("config/resolve.yaml") | {"visits": [{"month": "3"}]})
    findings = Findings()
    folder = raw_set.write(tmp_path / "raw", raw_set.raw_set())
    data = derive(cleaning.read_raw(folder, "real", findings), shorter, findings)
    assert data.visits["month"].unique().tolist() == ["3"]
    assert [(f["rule"], f["event"]) for f in findings.rows()] == [
        ("unused_event", "month_12_arm_1"),
        ("unused_event", "month_6_arm_1"),
    ]
