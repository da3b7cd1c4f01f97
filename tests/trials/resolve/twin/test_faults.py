"""The mess: every fault of the key is where it says, and cleaning finds these and no others."""

import pytest

RULES = {
    "date_format",
    "duplicate_encounter",
    "duplicate_survey",
    "excel_damage",
    "forms_left_blank",
    "out_of_window",
    "paper_code",
    "partial_survey_scored",
    "partial_survey_unscored",
    "randomized_in_error",
    "reversed_short_form",
    "trailing_space",
}
FEWEST = 2
SURVEYS = "synthetic_redcap_surveys.csv"


def test_every_kind_of_fault_is_planted(key):
    assert set(key["fault"]) == RULES
    assert (key["fault"].value_counts() >= FEWEST).all()
    assert not key.duplicated(["fault", "file", "line", "field"]).any()


def test_cleaning_finds_all_of_them_and_nothing_else(key, ingested):
    found = ingested.findings[ingested.findings["rule"].isin(RULES)]
    columns = ["file", "line", "field", "participant", "event"]
    planted = set(key[["fault", *columns]].astype(str).itertuples(index=False, name=None))
    got = set(found[["rule", *columns]].astype(str).itertuples(index=False, name=None))
    assert got - planted == set()
    assert planted - got == set()


def test_no_other_oddity_but_the_zero_baselines(ingested):
    others = ingested.findings[~ingested.findings["rule"].isin(RULES)]
    assert set(others["rule"]) == {"zero_baseline"}
    assert others["participant"].nunique() == 3


@pytest.fixture(scope="module")
def planted(key, files):
    """Rows of the survey export at the lines of a fault, with the field: [(row, field)]."""
    table = files["redcap_surveys"]

    def rows(fault: str):
        lines = key[(key["fault"] == fault) & (key["file"] == SURVEYS)]
        return [(table.iloc[r.line - 2], r) for r in lines.itertuples()]

    return rows


@pytest.mark.parametrize(
    ("fault", "shows"),
    [
        ("paper_code", lambda row, field: row[field] in ("88", "99")),
        ("date_format", lambda row, field: "/" in row[field]),
        ("trailing_space", lambda row, field: row[field] != row[field].strip()),
        ("excel_damage", lambda row, field: row[field] == "5-Jan"),
        ("reversed_short_form", lambda row, field: row["survey_mode"].strip() == "phone"),
    ],
)
def test_the_key_points_at_the_fault(planted, fault, shows):
    places = planted(fault)
    assert places
    for row, place in places:
        assert row["record_id"] == place.participant
        assert row["redcap_event_name"] == place.event
        assert shows(row, place.field)


def test_duplicates_stand_beside_another_survey_of_the_event(planted, files):
    surveys = files["redcap_surveys"]
    size = surveys.groupby(["record_id", "redcap_event_name"]).size()
    places = planted("duplicate_survey")
    assert all(size[row["record_id"], row["redcap_event_name"]] > 1 for row, _ in places)
    assert (size - 1).sum() == len(places)
    identical = surveys.duplicated().sum()
    assert 0 < identical < len(places)


def test_paper_codes_and_month_day_dates_only_on_paper(files):
    surveys = files["redcap_surveys"]
    coded = surveys.isin(["88", "99"]).any(axis=1)
    paper = surveys["survey_mode"].str.strip() == "paper"
    assert (coded <= paper).all()
    assert (surveys["survey_on"].str.contains("/") == paper).all()


def test_nobody_answers_after_leaving(files):
    surveys, status = files["redcap_surveys"], files["disposition"]
    end = status.set_index("participant_id")["status_on"]
    iso = surveys["survey_on"].str.replace(r"(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2", regex=True)
    last = surveys["record_id"].map(end)
    assert (iso[last.notna()] < last[last.notna()]).all()
