"""Codes that mean missing: declared ones are set to missing and counted, others are seen."""

import numpy as np
import pandas as pd
import pytest

from tests.ingest import small
from trialrr import plan
from trialrr.ingest.fields import Field
from trialrr.ingest.suspects import suspicious
from trialrr.ingest.values import parse

KEY = "data.participants.columns.x"


def field(type: str, codes=("-99", "NA", "."), **more) -> Field:
    return Field("x", type, missing_codes=codes, key=KEY, **more)


@pytest.mark.parametrize(
    ("declared", "raw"),
    [
        (field("integer"), "-99"),
        (field("integer"), " -99 "),
        (field("integer"), "-99.0"),
        (field("number"), "-99.00"),
        (field("number"), "-9.9e1"),
        (field("number"), "NA"),
        (field("number", ("99.5",)), "99.50"),
        (field("number", decimal=","), "-99,0"),
        (field("code", ("-99",)), "-99.0"),
        (field("text"), " NA "),
        (field("date"), "."),
        (field("date", ("9999-12-31",)), "9999-12-31"),
        (field("integer", ("99",), minimum=0, maximum=100), "99"),
    ],
)
def test_a_declared_code_is_missing_in_every_type(declared, raw):
    value, remarks = parse(declared, raw)
    assert value is None
    assert remarks[-1] == ("missing_code", "repaired", "", "declared missing: set to missing")


@pytest.mark.parametrize(
    ("declared", "raw", "value"),
    [
        (field("integer"), "99", 99),
        (field("number"), "-99.01", -99.01),
        (field("number"), "-99.0000000000000000001", -99.0),
        (field("text"), "-99.0", "-99.0"),
        (Field("x", "code", codes=("NA", "EU"), missing_codes=("NA",), key=KEY), "NA", "NA"),
    ],
)
def test_what_only_resembles_a_code_is_a_value(declared, raw, value):
    assert parse(declared, raw)[0] == value


def test_an_id_that_is_a_missing_code_is_a_fault(tmp_path):
    reading = small.read(tmp_path, small.PEOPLE.replace("P3", "-99"), source={"missing": ["-99"]})
    assert "p.csv:4:id: missing_code: found '-99'" in reading.message
    assert "not a declared missing code" in reading.message


AGES = small.PEOPLE.replace("50", "-99").replace("60", "NA").replace("70", "-8.0")
SCORES = small.SCORES.replace("P2,2", "P2,-99.0").replace("P5,5", "P5, NA ")


def test_codes_of_the_source_and_of_the_column_add_up(tmp_path):
    def with_column():
        spec = small.document()
        spec["data"]["participants"]["columns"]["age"]["missing"] = [-8]
        return spec

    reading = small.read(tmp_path, AGES, SCORES, {"missing": [-99, "NA"]}, with_column)
    ages = reading.data.participants["age"].astype(float)
    np.testing.assert_array_equal(ages, [40, np.nan, np.nan, np.nan, 45, 55])
    np.testing.assert_array_equal(reading.scores(), [1, np.nan, 3, 4, np.nan, 6])
    events = [None if value is pd.NA else value for value in reading.events()]
    assert events == [1, None, 1, 0, None, 0]
    found = [row for row in reading.findings.rows() if row["rule"] == "missing_code"]
    assert [(row["file"], row["line"], row["raw_value"]) for row in found] == [
        ("p.csv", 3, "-99"),
        ("p.csv", 4, "NA"),
        ("p.csv", 5, "-8.0"),
        ("v.csv", 3, "-99.0"),
        ("v.csv", 6, " NA "),
    ]


def test_a_code_of_one_column_says_nothing_of_another(tmp_path):
    def with_column():
        spec = small.document()
        spec["data"]["visits"]["outcomes"]["pain"]["missing"] = ["NA"]
        return spec

    people = small.PEOPLE.replace("50", "NA")
    reading = small.read(tmp_path, people, SCORES.replace("-99.0", "2"), None, with_column)
    assert reading.rules("error") == ["not_an_integer"]
    assert 'declare `missing: ["NA"]` in data.participants.columns.age' in reading.message


@pytest.mark.parametrize("text", ["NA", ".", "NaN", "NULL", "n/a"])
def test_a_text_among_numbers_names_the_key_to_declare_it(tmp_path, text):
    message = small.read(tmp_path, visits=small.SCORES.replace("P2,2", f"P2,{text}")).message
    assert f"found '{text}' (P2)" in message
    assert f'declare `missing: ["{text}"]` in data.visits.outcomes.pain' in message


def test_a_code_outside_declared_limits_names_the_key_too(tmp_path):
    def limited():
        spec = small.document()
        spec["data"]["visits"]["outcomes"]["pain"] |= {"minimum": 0, "maximum": 10}
        return spec

    for wrong, hinted in (("-99", True), ("99", True), ("11", False)):
        visits = small.SCORES.replace("P2,2", f"P2,{wrong}")
        message = small.read(tmp_path, visits=visits, plan_of=limited).message
        assert f"v.csv:3:score3: out_of_range: found '{wrong}'" in message
        assert (f'`missing: ["{wrong}"]`' in message) is hinted


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(11), -99, -99, -99], {-99: 3}),
        ([*range(11), 99], {99: 1}),
        ([*range(11), 88, 99, 999], {88: 1, 99: 1, 999: 1}),
        ([0, 1] * 10 + [9, 9], {9: 2}),
        ([1, 2, 3, 4] * 3 + [-9], {-9: 1}),
        ([1, 2, 3, 4] * 3 + [9, 9], {9: 2}),
        ([18.5, 22.25, 31.0, 27.4, 40.1, 99.9], {99.9: 1}),
        ([0, 1, 2, 3, 4, 5, -1, -1], {-1: 2}),
        ([52.5, 61.25, 70.1, 48.9, 66.0, -9999, 9998], {-9999: 1, 9998: 1}),
    ],
)
def test_a_code_far_from_the_rest_is_seen(values, codes):
    assert suspicious(np.array(values, dtype=float)) == codes


@pytest.mark.parametrize(
    "values",
    [
        list(range(11)),
        list(range(20, 100)),
        [20, 35, 50, 65, 70, 99],
        [-12.5, -8, -3, 0, 4, 9, 11],
        [0, 0, 1, 2, 3, 1, 9],
        [100, 120, 150, 180, 210, 99, 98, 97],
        [7, 8, 9] * 5,
        [0, 0, 1, 1, 2, 2, 8, 9, 9],
        [0, 1, 0, 1, 0, 1, 7, 7, 8, 9, 9],
        [0, 0, 0, 1, 1, 2, 3, 4, 8, 8],
        [1, 2, np.nan, np.nan, np.nan, np.nan, 99],
        [0, 1, 0, 1, 0, 1, 0, 250],
        [np.nan] * 10,
    ],
)
def test_plausible_values_raise_no_alarm(values):
    assert suspicious(np.array(values, dtype=float)) == {}


def test_a_code_in_an_outcome_stops_the_run_with_its_key(tmp_path):
    visits = small.SCORES.replace("P2,2", "P2,-99")
    message = small.read(tmp_path, visits=visits).message
    assert "v.csv:3:score3: undeclared_missing_code: found '-99 stands once, the other" in message
    assert '`missing: ["-99"]` in data.visits.outcomes.pain' in message
    assert "declare `minimum: -99` there" in message


def test_a_code_in_another_column_is_a_note_once_and_an_error_twice(tmp_path):
    once = small.read(tmp_path, small.PEOPLE.replace("50", "999"))
    assert once.rules("note") == ["undeclared_missing_code"]
    assert once.ages()[1] == 999
    people, visits = small.PEOPLE + "P7,a,999\nP8,b,999\n", small.SCORES + "P7,1\nP8,2\n"
    twice = small.read(tmp_path, people, visits)
    assert twice.rules("error") == ["undeclared_missing_code"]


@pytest.mark.parametrize(
    ("scores", "severity", "others"),
    [
        ("1 2 3 1 2 3 9 9", "note", "from 1 to 3"),
        ("0 1 0 1 0 1 9 9", "error", "from 0 to 1"),
        ("1 2 1 2 1 2 8 8", "error", "from 1 to 2"),
        ("0 1 2 1 2 3 8 9", "", ""),
        ("0 1 0 1 -99 7 7 1", "error", "from 0 to 7"),
    ],
)
def test_a_single_digit_stops_the_run_only_where_an_outcome_has_two_values(
    tmp_path, scores, severity, others
):
    scores = scores.split()
    lines = [f"P{k},{value}" for k, value in enumerate(scores, 1)]
    people = [f"P{k},{'ab'[k % 2]},{30 + k}" for k in range(1, len(scores) + 1)]
    reading = small.read(
        tmp_path, "\n".join(["id,arm,age", *people, ""]), "\n".join(["id,score3", *lines, ""])
    )
    found = {r["severity"]: r["raw_value"] for r in reading.findings.rows()}
    assert list(found) == [severity] * bool(severity)
    assert all(text.endswith(others) for text in found.values())


def test_minus_one_is_a_note_wherever_it_stands(tmp_path):
    reading = small.read(tmp_path, visits=small.SCORES.replace("P2,2", "P2,-1"))
    assert reading.rules("note") == ["undeclared_missing_code"]
    assert reading.scores()[1] == -1


def test_a_limit_on_its_side_says_that_it_is_a_value(tmp_path):
    def limited(key, value):
        def spec_of():
            spec = small.document()
            spec["data"]["visits"]["outcomes"]["pain"][key] = value
            return spec

        return spec_of

    visits = small.SCORES.replace("P2,2", "P2,-99")
    assert small.read(tmp_path, visits=visits, plan_of=limited("minimum", -99)).scores()[1] == -99
    assert small.read(tmp_path, visits=visits, plan_of=limited("maximum", 10)).data is None


def test_a_text_that_programs_write_for_missing_is_noted_in_a_column_of_text(tmp_path):
    def with_text():
        spec = small.document()
        spec["data"]["participants"]["columns"]["age"]["type"] = "text"
        return spec

    reading = small.read(tmp_path, small.PEOPLE.replace("50", "NA"), plan_of=with_text)
    (note,) = reading.findings.rows()
    assert note["severity"] == "note" and '`missing: ["NA"]`' in note["action"]
    assert reading.ages()[1] == "NA"


def test_a_code_cannot_be_a_value_and_missing_in_one_column():
    document = plan.read("config/examples/indo_rct.yaml")
    columns = document["data"]["participants"]["columns"]
    name = next(name for name, column in columns.items() if "codes" in column)
    code = next(iter(columns[name]["codes"]))
    columns[name]["missing"] = [code]
    with pytest.raises(plan.PlanError, match=f"{name}.missing: '{code}' is declared as missing"):
        plan.check(document, {})
