"""Numbers and ids as programs write them: read exactly, repaired in sight, or refused."""

import math

import pytest

from tests.ingest import small
from trialrr.ingest.fields import Field
from trialrr.ingest.values import LARGEST_INTEGER, parse

KEY = "data.participants.columns.x"
INTEGER, NUMBER = Field("x", "integer", key=KEY), Field("x", "number", key=KEY)
CODE = Field("x", "code", codes=("1", "2"), key=KEY)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (INTEGER, "3.0", 3),
        (INTEGER, "-3.00", -3),
        (Field("x", "integer", decimal=",", key=KEY), "3,0", 3),
        (CODE, "1.0", "1"),
        (CODE, "2.000", "2"),
    ],
)
def test_a_fraction_of_zero_is_repaired(field, raw, value):
    got, remarks = parse(field, raw)
    assert got == value and type(got) is type(value)
    assert [(rule, severity) for rule, severity, *_ in remarks] == [("whole_fraction", "repaired")]


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (INTEGER, "1.5"),
        (INTEGER, "1e0"),
        (INTEGER, "1."),
        (CODE, "1.5"),
        (CODE, "3.0"),
        (INTEGER, "0x10"),
        (INTEGER, "１２"),
        (INTEGER, "1_000"),
        (INTEGER, "inf"),
        (NUMBER, "nan"),
        (NUMBER, "-Infinity"),
        (NUMBER, "0x1p3"),
        (NUMBER, "1_000.0"),
        (NUMBER, "１.５"),
        (NUMBER, "1e"),
        (NUMBER, "--1"),
    ],
)
def test_what_is_no_number_is_a_fault(field, raw):
    value, remarks = parse(field, raw)
    assert value is None and remarks[-1][1] == "error"


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (INTEGER, "+5", 5),
        (INTEGER, "-0", 0),
        (INTEGER, "007", 7),
        (INTEGER, str(LARGEST_INTEGER), LARGEST_INTEGER),
        (NUMBER, "+5", 5.0),
        (NUMBER, "-0", 0.0),
        (NUMBER, "-0.000e5", 0.0),
        (NUMBER, "1e100", 1e100),
        (NUMBER, "1e-100", 1e-100),
        (NUMBER, "0" * 400 + "1", 1.0),
    ],
)
def test_numbers_that_a_computer_holds(field, raw, value):
    got, remarks = parse(field, raw)
    assert got == value and remarks == []
    assert math.copysign(1, got) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (INTEGER, "9" * 400),
        (INTEGER, "9" * 5000),
        (INTEGER, str(LARGEST_INTEGER + 2)),
        (INTEGER, "-" + "9" * 400 + ".0"),
        (NUMBER, "9" * 400),
        (NUMBER, "1e999"),
        (NUMBER, "-1e999"),
        (NUMBER, "1e-999"),
        (NUMBER, "-1e200"),
        (NUMBER, "1e-200"),
        (NUMBER, "1e" + "9" * 400),
    ],
)
def test_numbers_that_it_does_not_are_faults(field, raw):
    value, remarks = parse(field, raw)
    assert value is None
    assert remarks[-1][:2] == ("beyond_arithmetic", "error")
    assert "expected a number, between 1e-100" in remarks[-1][3] or "within ±" in remarks[-1][3]


def test_such_numbers_in_a_file_are_named_in_a_short_message(tmp_path):
    people = small.PEOPLE.replace("50", "9" * 400)
    message = small.read(tmp_path, people, small.SCORES.replace("P3,3", "P3,1e999")).message
    assert "p.csv:3:age: beyond_arithmetic: found '999" in message
    assert "v.csv:4:score3: beyond_arithmetic: found '1e999' (P3)" in message
    assert max(map(len, message.splitlines())) < 400


def test_one_written_as_a_float_is_the_visit_one(tmp_path):
    def long():
        spec = small.document()
        spec["data"]["visits"] |= {"month": "visit"}
        outcome = {"type": "integer", "event": "<=3", "from": "score"}
        spec["data"]["visits"]["outcomes"] = {"pain": outcome}
        return spec

    rows = "".join(f"P{k},3.0,{k}.0\n" for k in range(1, 7))
    reading = small.read(tmp_path, visits="id,visit,score\n" + rows, plan_of=long)
    assert reading.scores() == [1, 2, 3, 4, 5, 6]
    assert set(reading.rules("repaired")) == {"whole_fraction"}
    assert len(reading.rules("repaired")) == 12


@pytest.mark.parametrize("written", ["P2 ", "\u00a0P2", "P2\u200b", "\ufeffP2", "P\u200d2\t"])
def test_what_nobody_sees_makes_no_other_person(tmp_path, written):
    reading = small.read(tmp_path, visits=small.SCORES.replace("P2", written))
    assert reading.scores() == [1, 2, 3, 4, 5, 6]
    assert set(reading.rules("repaired")) <= {"trailing_space", "invisible_character"}
    assert reading.rules("repaired")


@pytest.mark.parametrize("written", ["P 2", "P\u00a02"])
def test_an_id_with_a_space_inside_is_a_fault(tmp_path, written):
    reading = small.read(tmp_path, visits=small.SCORES.replace("P2", written))
    assert "not_an_id" in reading.rules("error")


NUMBERED = small.PEOPLE.replace("P", "00")


def test_ids_are_text(tmp_path):
    reading = small.read(tmp_path, NUMBERED, small.SCORES.replace("P", "00"))
    assert reading.data.participants["participant_id"].tolist()[0] == "001"
    two = small.PEOPLE.replace("P2", "1").replace("P3", "01").replace("P4", "1.0")
    scores = small.SCORES.replace("P2", "1").replace("P3", "01").replace("P4", "1.0")
    assert small.read(tmp_path, two, scores).data.participants["participant_id"].nunique() == 6


@pytest.mark.parametrize("visits", [small.SCORES.replace("P", ""), "P,.0"])
def test_ids_written_in_two_ways_are_told_apart_from_strangers(tmp_path, visits):
    if visits == "P,.0":
        visits = "id,score3\n" + "".join(f"{k}.0,{k}\n" for k in range(1, 7))
    message = small.read(tmp_path, NUMBERED, visits).message
    assert "never_randomized" in message
    assert "write the same ids in two ways" in message
    strangers = small.read(tmp_path, visits=small.SCORES.replace("P2", "Q2")).message
    assert "correct the id in the file" in strangers


@pytest.mark.parametrize("written", ["1-Jan", "Mar-05", "1.23E+11"])
def test_ids_that_a_spreadsheet_made_are_noted(tmp_path, written):
    people, visits = (t.replace("P2", written) for t in (small.PEOPLE, small.SCORES))
    reading = small.read(tmp_path, people, visits)
    assert sorted(reading.rules("note")) == ["spreadsheet_id"] * 2
    assert len(reading.data.participants) == 6


def test_rows_equal_in_every_field_are_no_person_more(tmp_path):
    message = small.read(tmp_path, small.PEOPLE + "P6,b,55\n").message
    assert "p.csv:8:id: duplicated_id: found 'P6'" in message
