"""The strict reader: what a value must be, and what it says where."""

from datetime import date

import numpy as np
import pytest

from trialrr.ingest.fields import Field, load
from trialrr.ingest.findings import Findings
from trialrr.ingest.reader import parse, read_table

ITEM = Field("item", "integer", minimum=0, maximum=10, missing_codes=("88", "99"))
CODE = Field("duration", "code", codes=("0-1", "1-5", "5+"))
DAY = Field("day", "date", required=True, formats=("%Y-%m-%d", "%m/%d/%Y"))
PERSON = Field("participant_id", "id", required=True)
NOTE = Field("note", "text")


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (ITEM, "0", 0),
        (ITEM, "10", 10),
        (ITEM, "", None),
        (CODE, "1-5", "1-5"),
        (Field("x", "number"), "-2.50", -2.5),
        (Field("x", "number"), ".5", 0.5),
        (Field("x", "flag"), "1", "1"),
        (DAY, "2021-02-28", date(2021, 2, 28)),
        (PERSON, "R0001", "R0001"),
        (NOTE, " free, text ", " free, text "),
    ],
)
def test_right_values_pass_without_a_remark(field, raw, value):
    assert parse(field, raw) == (value, [])


@pytest.mark.parametrize(
    ("field", "raw", "value", "rule"),
    [
        (ITEM, "88", None, "paper_code"),
        (ITEM, " 7", 7, "trailing_space"),
        (CODE, "1-5 ", "1-5", "trailing_space"),
        (CODE, "5-Jan", "1-5", "excel_damage"),
        (CODE, "05-Jan", "1-5", "excel_damage"),
        (CODE, "1-May", "1-5", "excel_damage"),
        (DAY, "3/7/2021", date(2021, 3, 7), "date_format"),
    ],
)
def test_repairs_are_remarked(field, raw, value, rule):
    got, remarks = parse(field, raw)
    assert got == value
    assert [(r, s) for r, s, *_ in remarks] == [(rule, "repaired")]


@pytest.mark.parametrize(
    ("field", "raw", "rule", "expected"),
    [
        (ITEM, "11", "out_of_range", "an integer from 0 to 10"),
        (ITEM, "-1", "out_of_range", "an integer from 0 to 10"),
        (ITEM, "3.0", "not_an_integer", "an integer from 0 to 10"),
        (ITEM, "abc", "not_an_integer", "an integer from 0 to 10"),
        (ITEM, "٣", "not_an_integer", "an integer from 0 to 10"),
        (ITEM, "NA", "not_an_integer", "an integer from 0 to 10"),
        (Field("x", "number"), "1,5", "not_a_number", "a number"),
        (Field("x", "number"), "nan", "not_a_number", "a number"),
        (Field("x", "integer", minimum=1), "0", "out_of_range", "an integer of at least 1"),
        (Field("x", "flag"), "yes", "unknown_code", "0 or 1"),
        (CODE, "2-5", "unknown_code", "one of 0-1, 1-5, 5+"),
        (CODE, "7-Jan", "unknown_code", "one of 0-1, 1-5, 5+"),
        (DAY, "2021-02-29", "not_a_date", "a date as YYYY-MM-DD or MM/DD/YYYY"),
        (DAY, "13/01/2021", "not_a_date", "a date as YYYY-MM-DD or MM/DD/YYYY"),
        (DAY, "2021-2-9", "not_a_date", "a date as YYYY-MM-DD or MM/DD/YYYY"),
        (DAY, "  ", "blank_required", "a date as YYYY-MM-DD or MM/DD/YYYY"),
        (PERSON, "R 1", "not_an_id", "an identifier without spaces"),
    ],
)
def test_faults_say_what_was_expected(field, raw, rule, expected):
    value, remarks = parse(field, raw)
    assert value is None
    assert remarks[-1][:2] == (rule, "error")
    assert f"expected {expected};" in remarks[-1][3]


def read(tmp_path, text: str | bytes, fields=(PERSON, ITEM, DAY), **how):
    path = tmp_path / "file.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    findings = Findings()
    return read_table(path, fields, findings, **how), findings


def rules(findings) -> list[tuple]:
    return [(f["rule"], f["line"], f["field"]) for f in findings.rows()]


GOOD = "participant_id,item,day\nP1,3,2021-01-02\nP2,,01/03/2021\n"


def test_columns_are_typed_by_the_dictionary_alone(tmp_path):
    table, findings = read(tmp_path, GOOD)
    assert table["line"].tolist() == [2, 3]
    assert table["participant_id"].tolist() == ["P1", "P2"]
    np.testing.assert_array_equal(table["item"], [3.0, np.nan])
    assert table["day"].dt.strftime("%d").tolist() == ["02", "03"]
    assert rules(findings) == [("date_format", 3, "day")]
    assert findings.rows()[0]["participant"] == "P2"
    assert findings.rows()[0]["parsed_value"] == "2021-01-03"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    table, findings = read(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert len(table) == 2
    assert rules(findings)[0][0] == "byte_order_mark"
    assert findings.errors == 0


def test_lines_are_counted_through_quoted_line_ends(tmp_path):
    text = 'participant_id,note\nP1,"two\nlines"\nP2,x\nP3\n'
    table, findings = read(tmp_path, text, (PERSON, NOTE))
    assert table is None
    assert rules(findings) == [("wrong_number_of_fields", 5, "note")]


def test_an_open_quote_is_found_where_it_opens(tmp_path):
    table, findings = read(tmp_path, GOOD + '"P3,1,2021-01-02\nP4,1,2021-01-02\n')
    assert table is None
    assert ("malformed_csv", 4, "") in rules(findings)


def test_every_byte_that_is_not_utf8_is_reported_and_the_rest_is_checked(tmp_path):
    text = b"participant_id,note,item\nP1,\xe9t\xe9,11\nP2,ok,3\nP3,\xfc,3\n"
    table, findings = read(tmp_path, text, (PERSON, NOTE, ITEM))
    assert table is None
    assert rules(findings) == [
        ("out_of_range", 2, "item"),
        ("not_utf8", 2, "note"),
        ("not_utf8", 4, "note"),
    ]
    assert "0xE9 at column 4" in findings.rows()[1]["raw_value"]


def test_columns_in_another_order_are_read_by_name(tmp_path):
    table, findings = read(tmp_path, "item,participant_id,day\n3,P1,2021-01-02\n")
    assert table["item"].tolist() == [3.0]
    assert [f["severity"] for f in findings.rows()] == ["note"]


def test_columns_that_the_dictionary_lacks_are_a_fault(tmp_path):
    text = "participant_id,other,item,day\nP1,?,3,2021-01-02\n"
    assert rules(read(tmp_path, text)[1]) == [("unknown_column", 1, "other")]


def test_a_value_at_an_event_that_does_not_ask_it(tmp_path):
    once = Field("once", "integer", events=("first",))
    text = "participant_id,visit,once\nP1,first,1\nP1,second,\nP2,second,1\n"
    visit = Field("visit", "code", codes=("first", "second"))
    _, findings = read(tmp_path, text, (PERSON, visit, once), event="visit")
    assert rules(findings) == [("not_asked_here", 4, "once")]
    assert findings.rows()[0]["event"] == "second"


def test_the_dictionary_is_read_into_fields(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_text(
        "file,field,type,required,minimum,maximum,codes,missing_codes,formats,reversed_in_mode,"
        "events,description\na,x,integer,yes,0,10,,88|99,,phone,first,an item\n"
    )
    expected = Field("x", "integer", True, 0, 10, (), ("88", "99"), reversed_in_mode="phone",
                     events=("first",))  # fmt: skip
    assert load(path) == {"a": (expected,)}


def test_an_unknown_type_of_field_is_refused():
    with pytest.raises(ValueError, match="type 'float', expected one of id, integer"):
        Field("x", "float")
