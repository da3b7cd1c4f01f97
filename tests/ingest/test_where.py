"""Which rows of a source are meant: events of a long export, repeat rows, people without rows."""

import pytest

from tests.ingest import small
from trialrr import plan

EXPORT = "id,event,repeat,arm,age,score\n" + "".join(
    f"P{k},baseline,,{'ab'[k % 2]},{30 + k},\n"
    f"P{k},month_3_arm_1,,,,{k}\n"
    f"P{k},month_3_arm_1,adverse,,,\n"
    for k in range(1, 7)
)


def export(people=None, visits=None, month=None):
    def spec_of():
        spec = small.document()
        spec["data"]["participants"]["source"] = {"file": "p.csv"} | (people or {})
        spec["data"]["visits"] = {
            "source": {"file": "p.csv"} | (visits or {}),
            "participant_id": "id",
            "month": month or {"from": "event", "codes": {"month_3_arm_1": "3"}},
            "outcomes": {"pain": {"type": "integer", "event": "<=3", "from": "score"}},
        }
        return spec

    return spec_of


BASELINE = {"where": {"event": "baseline"}}
FOLLOW_UP = {"where": {"event": ["month_3_arm_1"], "repeat": ""}}


def test_one_export_is_both_tables(tmp_path):
    reading = small.read(tmp_path, EXPORT, plan_of=export(BASELINE, FOLLOW_UP))
    assert reading.ages() == [31, 32, 33, 34, 35, 36]
    assert reading.scores() == [1, 2, 3, 4, 5, 6]
    assert reading.events() == [1, 1, 1, 0, 0, 0]
    assert [(row["rule"], row["action"]) for row in reading.findings.rows()] == [
        ("rows_not_chosen", "12 of 18 rows are left out by data.participants.source.where"),
        ("rows_not_chosen", "12 of 18 rows are left out by data.visits.source.where"),
    ]


def test_the_export_as_it_is_says_which_rows_to_choose(tmp_path):
    reading = small.read(tmp_path, EXPORT, plan_of=export())
    assert reading.rules("error").count("several_rows_per_participant") == 1
    assert "found '18 rows of 6 participants'" in reading.message
    assert '`where: {event: "baseline"}` in data.participants.source' in reading.message
    assert "`where` in data.visits.source" in reading.message
    assert "centre" not in reading.message
    assert len(reading.message.splitlines()) == 4


def test_rows_without_an_arm_are_rows_of_events_also_where_no_column_picks_one(tmp_path):
    text = EXPORT + "P1,baseline,adverse,,,\n"
    reading = small.read(tmp_path, text, plan_of=export(None, FOLLOW_UP))
    assert reading.rules("error") == ["several_rows_per_participant"]
    assert (
        "`where` (rows of one person differ in event, repeat, arm, age, score)" in reading.message
    )


def test_one_row_too_many_is_no_long_export(tmp_path):
    reading = small.read(tmp_path, small.PEOPLE + "P6,a,56\n")
    assert reading.rules("error") == ["id_of_several_people", "duplicated_id"]


def test_a_repeat_row_left_in_is_a_doubled_visit(tmp_path):
    only = {"where": {"event": "month_3_arm_1"}}
    reading = small.read(tmp_path, EXPORT, plan_of=export(BASELINE, only))
    assert set(reading.rules("error")) == {"duplicated_id"}


def test_numbers_and_spaces_are_compared_as_text(tmp_path):
    people = small.PEOPLE.replace("\n", ",1 \n").replace("age,1 ", "age,wave")
    reading = small.read(tmp_path, people + "P1,a,41,2\n", small.SCORES, None, lambda: waved(1))
    assert reading.ages()[0] == 40


def waved(value) -> dict:
    spec = small.document()
    spec["data"]["participants"]["source"]["where"] = {"wave": value}
    return spec


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"events": "baseline"}, "expected a column events (did you mean 'event'?)"),
        ({"event": "Baseline"}, "no row with 'Baseline'\"; expected a value of the column ('base"),
        ({"event": ["baseline", "month_9"]}, "no row with 'month_9'"),
        ({"event": "baseline", "repeat": "adverse"}, "rows for which every column of `where` hol"),
    ],
)
def test_a_choice_that_no_row_meets_is_a_fault(tmp_path, where, said):
    reading = small.read(tmp_path, EXPORT, plan_of=export({"where": where}, FOLLOW_UP))
    assert len(reading.rules("error")) == 1
    assert said in reading.message
    assert "data.participants.source" in reading.message


def test_a_column_of_the_choice_may_not_stand_twice(tmp_path):
    text = EXPORT.replace("repeat", "event", 1)
    only = {"where": {"event": "month_3_arm_1"}}
    reading = small.read(tmp_path, text, plan_of=export(BASELINE, only, "id"))
    assert "duplicated_column: found '2 columns event'" in reading.message


def test_a_data_set_of_a_package_is_chosen_from_in_the_same_way():
    document = plan.read("config/examples/indo_rct.yaml")
    for table in ("participants", "visits"):
        document["data"][table]["source"]["where"] = {"site": ["1_UM", "2_IU"]}
        document["data"][table]["source"]["missing"] = ["NA"]
    plan.check(document, {})
    reading = small.of(document, None)
    people = reading.data.participants
    assert sorted(people["site"].unique()) == ["IU", "UM"]
    assert len(people) < 602 and reading.rules("note") == ["rows_not_chosen"] * 2


def test_a_visit_is_named_by_a_text_or_by_codes_of_the_plan():
    document = plan.read("config/examples/indo_rct.yaml")
    visits = document["data"]["visits"]
    visits["month"] = {"from": "event", "codes": {"day 5": "5d", "later": "6d"}}
    for column in visits["outcomes"].values():
        column["from"] = next(iter(column.pop("months").values()))
    with pytest.raises(plan.PlanError, match="data.visits.month.codes: unknown month '6d'"):
        plan.check(document, {})
    del visits["month"]["codes"]["later"]
    plan.check(document, {})


LONG = "id,arm,age,event,score\n" + "".join(f"P{k},,,month 3,{k}\n" for k in range(1, 7))


@pytest.mark.parametrize("score", ["6", ""])
def test_a_row_of_no_visit_is_an_error_and_is_not_left_out_without_a_word(tmp_path, score):
    spec_of = export(month={"from": "event", "codes": {"month 3": "3"}})
    spec = spec_of()
    spec["data"]["visits"]["source"] = {"file": "v.csv"}
    visits = LONG.replace("month 3,6", f",{score}")
    reading = small.read(tmp_path, visits=visits, plan_of=lambda: spec)
    assert "v.csv:7:event: blank_required: found '' (P6); expected one of m" in reading.message
    assert "with `where` in data.visits.source" in reading.message
    assert small.read(tmp_path, visits=LONG, plan_of=lambda: spec).scores() == [1, 2, 3, 4, 5, 6]


def test_a_table_needs_the_key_of_its_form():
    document = plan.read("config/examples/indo_rct.yaml")
    document["data"]["visits"]["month"] = "visit"
    with pytest.raises(plan.PlanError, match="one column of the outcome; add the key from"):
        plan.check(document, {})


@pytest.mark.parametrize("absent", [1, 3])
def test_people_without_a_row_in_a_wide_table_stop_the_run(tmp_path, absent):
    visits = "\n".join(small.SCORES.splitlines()[:-absent]) + "\n"
    message = small.read(tmp_path, visits=visits).message
    assert f"found '{absent} of 6 participants without a row'" in message
    assert "add the rows that the export left out" in message


def test_people_without_a_row_in_a_long_table_are_counted(tmp_path):
    text = "".join(EXPORT.splitlines(keepends=True)[:-2])
    reading = small.read(tmp_path, text, plan_of=export(BASELINE, FOLLOW_UP))
    (note,) = [row for row in reading.findings.rows() if "participants" in row["rule"]]
    assert note["severity"] == "note"
    assert note["action"] == (
        "1 of 6 participants without a row: their outcomes are missing at every visit"
    )
    assert reading.data.visits["pain"].isna().tolist() == [False] * 5 + [True]


def test_a_column_read_twice_keeps_both_readings(tmp_path):
    def twice():
        spec = small.document()
        columns = spec["data"]["participants"]["columns"]
        columns["decade"] = {
            "from": "age",
            "type": "code",
            "codes": {str(k): str(k)[0] for k in (40, 45, 50, 55, 60, 70)},
        }
        return spec

    reading = small.read(tmp_path, plan_of=twice)
    assert reading.ages() == [40, 50, 60, 70, 45, 55]
    assert reading.data.participants["decade"].tolist() == list("456745")


def test_a_column_may_be_named_as_a_word_of_the_presentation():
    document = plan.read("config/examples/indo_rct.yaml")
    document["data"]["participants"]["source"]["where"] = {"group": "1", "label": "x"}
    assert '"where": {"group": "1", "label": "x"}' in plan.part(plan.parse(document), "data")
