"""Files as programs really write them: read if nothing is lost, refused in one clear sentence."""

import csv
import gzip
import io
import random
import zipfile

import pytest

from tests.ingest import small
from trialrr.ingest.files import kind_of

AGES, SCORES = [40, 50, 60, 70, 45, 55], [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "people",
    [
        small.PEOPLE.removesuffix("\n"),
        small.PEOPLE.replace("\n", "\r\n").removesuffix("\r\n"),
        small.PEOPLE.replace("\n", "\r"),
        small.PEOPLE.replace("P3,a,60\n", "P3,a,60\r\n"),
        small.PEOPLE + "\n\n",
        small.PEOPLE.replace("P3,a,60\n", "P3,a,60\n\n  \n"),
        "\n" + small.PEOPLE,
        small.PEOPLE + ",,\n,,\n",
        small.PEOPLE + "\x0c\n",
        small.PEOPLE + "\x1a",
        small.PEOPLE.replace("\n", ",\n"),
        small.PEOPLE.replace("\n", ",,\n").replace("age,,", "age"),
        small.PEOPLE.replace("age\n", "age,\n"),
        '"id","arm","age"\n' + small.PEOPLE.split("\n", 1)[1].replace("P1", '"P1"'),
        "\ufeff" + small.PEOPLE,
    ],
)
def test_other_line_ends_blank_lines_and_blank_columns_lose_nothing(tmp_path, people):
    assert small.read(tmp_path, people).ages() == AGES


@pytest.mark.parametrize(
    ("people", "rule", "said"),
    [
        (small.PEOPLE.removesuffix("\n"), "no_final_line_end", "no line end after the last row"),
        (small.PEOPLE + "\n,,\n", "blank_lines", "2 lines without any value are skipped"),
        (small.PEOPLE.replace("\n", ",\n"), "trailing_delimiter", "blank fields beyond the last"),
    ],
)
def test_what_is_passed_over_is_noted_once(tmp_path, people, rule, said):
    reading = small.read(tmp_path, people)
    (note,) = reading.findings.rows()
    assert (note["rule"], note["severity"]) == (rule, "note")
    assert said in note["action"]


def test_the_finding_on_a_file_that_holds_both_tables_stands_once(tmp_path):
    reading = small.read(tmp_path, small.BOTH.removesuffix("\n"), plan_of=small.one_file)
    assert reading.scores() == SCORES
    assert reading.rules("note") == ["no_final_line_end"]


@pytest.mark.parametrize("last", ["P6,b", "P6,", "P6"])
def test_a_short_last_row_without_a_line_end_is_cut_off(tmp_path, last):
    reading = small.read(tmp_path, small.PEOPLE.removesuffix("P6,b,55\n") + last)
    assert reading.rules("error") == ["truncated_file"]
    assert "the export was cut off" in reading.message
    assert "p.csv:7:" in reading.message


def test_a_short_row_before_the_end_is_no_truncation(tmp_path):
    reading = small.read(tmp_path, small.PEOPLE.replace("P3,a,60", "P3,a"))
    assert reading.rules("error") == ["wrong_number_of_fields"]


def test_a_value_below_a_header_without_a_name_is_no_blank_column(tmp_path):
    people = small.PEOPLE.replace("\n", ",x\n").replace("age,x", "age,")
    reading = small.read(tmp_path, people)
    assert reading.ages() == AGES
    assert reading.rules("note") == ["unnamed_column"]


def packed() -> bytes:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return book.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(small.BOTH.encode(), mtime=0), "a gzip archive"),
        (packed(), "an Excel workbook"),
        (b"PK\x03\x04" + b"\x00" * 30 + b"data.csv", "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 20, "an Excel workbook of the old kind"),
        (small.BOTH.encode("utf-16"), "UTF-16 text"),
        (small.BOTH.encode("utf-16-be"), "bytes of zero"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\n<!DOCTYPE html>\n<html>Log in</html>", "a web page"),
        (b"<HTML><body>Error 403</body></HTML>", "a web page"),
        (b'{"error": "You do not have permissions"}', "a JSON document"),
        (b"id,arm,age\nP1,a,\x00\n", "bytes of zero"),
    ],
)
def test_what_is_no_text_table_is_said_once_without_its_bytes(tmp_path, data, what):
    reading = small.read(tmp_path, data, plan_of=small.one_file)
    assert "the raw data have 1 error;" in reading.message
    assert what in reading.message
    assert reading.message.isprintable() or reading.message.replace("\n", "").isprintable()
    assert "\\x" not in reading.message


def test_a_table_is_no_archive():
    assert kind_of(small.BOTH.encode()) is None
    assert kind_of("id;Größe\n".encode("latin-1")) is None


@pytest.mark.parametrize(
    ("people", "rule", "said"),
    [
        ("", "empty_file", "an empty file"),
        (" \n\n", "empty_file", "an empty file"),
        ("id,arm,age\n", "no_rows", "a header only"),
        ("id,arm,age", "no_rows", "a header only"),
        (",,\n,,\n", "no_rows", "blank lines only"),
        ("sep=;\n" + small.PEOPLE.replace(",", ";"), "separator_line", "declare `delimiter`"),
    ],
)
def test_a_file_without_rows_says_so(tmp_path, people, rule, said):
    reading = small.read(tmp_path, people)
    assert reading.rules("error") == [rule]
    assert said in reading.message


def test_a_folder_or_nothing_in_place_of_the_file(tmp_path):
    small.read(tmp_path)
    (tmp_path / "p.csv").unlink()
    message = small.of(small.document(), tmp_path).message
    assert "p.csv: missing_file: found 'no such file'" in message
    assert "correct data.participants.source.file or data.directory in the plan" in message
    (tmp_path / "p.csv").mkdir()
    assert "found 'a folder'" in small.of(small.document(), tmp_path).message


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert "cannot be read: permission denied" in small.read(tmp_path).message


def test_names_with_spaces_and_letters_of_any_language_and_links(tmp_path):
    small.read(tmp_path)
    folder = tmp_path / "Ärztliche Daten"
    folder.mkdir()
    (tmp_path / "p.csv").rename(folder / "Größe 1.csv")
    (tmp_path / "link.csv").symlink_to(folder / "Größe 1.csv")
    for file in ("Ärztliche Daten/Größe 1.csv", "link.csv", str(folder / "Größe 1.csv")):
        spec = small.document()
        spec["data"]["participants"]["source"] = {"file": file}
        assert small.of(spec, tmp_path).ages() == AGES


def test_findings_name_the_file_as_the_plan_does_without_folders_of_the_machine(tmp_path):
    small.read(tmp_path, small.PEOPLE.replace("70", "x"))
    for file, named in (("./p.csv", "p.csv"), (str(tmp_path / "p.csv"), "p.csv")):
        spec = small.document()
        spec["data"]["participants"]["source"] = {"file": file}
        assert f"\n  {named}:5:age" in small.of(spec, tmp_path).message


@pytest.mark.parametrize(
    ("sign", "decimal"), [(";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", ".")]
)
def test_a_declared_delimiter_and_decimal_sign(tmp_path, sign, decimal):
    people = "\ufeff" + small.PEOPLE.replace(",", sign)
    visits = small.SCORES.replace(",", sign).replace("1\n", f"1{decimal}25\n")
    reading = small.read(tmp_path, people, visits, {"delimiter": sign, "decimal": decimal})
    assert reading.ages() == AGES
    assert reading.scores() == [1.25, 2, 3, 4, 5, 6]


def test_a_decimal_comma_within_quotes_of_a_file_with_commas(tmp_path):
    visits = small.SCORES.replace("P1,1", 'P1,"1,25"')
    assert small.read(tmp_path, visits=visits, source={"decimal": ","}).scores()[0] == 1.25
    message = small.read(tmp_path, visits=visits).message
    assert "v.csv:2:score3: not_a_number: found '1,25' (P1)" in message
    assert 'declare `decimal: ","` in data.visits.source' in message


@pytest.mark.parametrize(
    ("sign", "shown"), [(";", '`delimiter: ";"`'), ("\t", '`delimiter: "\\t"`')]
)
def test_an_undeclared_delimiter_names_its_key(tmp_path, sign, shown):
    text = small.BOTH.replace(",", sign)
    reading = small.read(tmp_path, text, plan_of=small.one_file)
    assert reading.rules("error") == ["wrong_delimiter"] * 2
    for table in ("participants", "visits"):
        assert f"declare {shown} in data.{table}.source" in reading.message


def test_a_delimiter_declared_for_a_file_with_commas(tmp_path):
    message = small.read(tmp_path, source={"delimiter": ";"}).message
    assert "found 'fields separated by comma'; expected fields separated by semicolons" in message


@pytest.mark.parametrize(
    ("value", "decimal"), [("1.234,5", ","), ("1,234.5", "."), ("1 234", "."), ("1.234", ",")]
)
def test_separators_of_thousands_are_never_read(tmp_path, value, decimal):
    visits = small.SCORES.replace("P1,1", f'P1,"{value}"')
    reading = small.read(tmp_path, visits=visits, source={"decimal": decimal})
    assert reading.rules("error") == ["not_a_number"]


def test_columns_that_nobody_maps_may_share_a_name(tmp_path):
    people = small.PEOPLE.replace("\n", ",1,2\n").replace("age,1,2", "age,Complete?,Complete?")
    reading = small.read(tmp_path, people)
    assert reading.ages() == AGES
    (note,) = reading.findings.rows()
    assert note["rule"] == "duplicated_column" and note["field"] == "Complete?"


def test_columns_that_the_plan_maps_may_not(tmp_path):
    people = small.PEOPLE.replace("\n", ",1\n").replace("age,1", "age,age")
    reading = small.read(tmp_path, people)
    assert "p.csv:1:age: duplicated_column: found '2 columns age'" in reading.message


@pytest.mark.parametrize("written", [" age", "Age", "AGE ", "aeg"])
def test_a_name_written_otherwise_is_shown(tmp_path, written):
    message = small.read(tmp_path, small.PEOPLE.replace("age", written)).message
    assert f"expected a column age (did you mean {written!r}?)" in message


def test_a_field_of_any_length_is_read_and_the_limit_stays(tmp_path):
    limit = csv.field_size_limit()
    people = small.PEOPLE.replace("\n", ",note\n").replace("40,note", "40," + "w " * 100_000)
    assert small.read(tmp_path, people).ages() == AGES
    assert csv.field_size_limit() == limit


def test_many_columns(tmp_path):
    wide = ",".join(f"x{k}" for k in range(5_000))
    header, *rows = small.PEOPLE.splitlines()
    people = "\n".join([f"{header},{wide}", *(f"{row}," + wide for row in rows)]) + "\n"
    assert small.read(tmp_path, people).ages() == AGES


@pytest.mark.parametrize(
    ("note", "line"),
    [
        ('"never closed', 4),
        ('"two\nlines"\nP9,b,1,"open', 6),
        ('"quote "inside" it"', 4),
    ],
)
def test_a_wrong_quote_is_found_where_it_opens(tmp_path, note, line):
    people = small.PEOPLE.replace("\n", ",-\n").replace("60,-", f"60,{note}")
    reading = small.read(tmp_path, people)
    assert f"p.csv:{line}: malformed_csv" in reading.message
    assert "a header only" not in reading.message


def test_a_quote_that_swallows_every_row_is_no_empty_table(tmp_path):
    reading = small.read(tmp_path, small.PEOPLE.replace("P1", '"P1'))
    assert reading.rules("error") == ["malformed_csv"]
    assert "p.csv:2: malformed_csv: found 'a quote that is never closed'" in reading.message


def test_lines_are_right_below_a_line_end_within_quotes(tmp_path):
    people = small.PEOPLE.replace("\n", ",-\n").replace("50,-", '50,"two\r\nlines"')
    message = small.read(tmp_path, people.replace("70", "x")).message
    assert "p.csv:6:age: not_an_integer: found 'x' (P4)" in message


SPOILS = ['"', ",", ";", "\t", "\n", "\r", "\f", "\x1a", "\0", "é", "１", "-99", "NA", "1e999", " ",
          "\u200b", "9" * 400]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_a_file_spoilt_anywhere_is_read_or_refused_in_words(tmp_path, seed):
    """Neither a traceback nor a byte that the terminal would obey."""
    rng, text = random.Random(seed), list(small.BOTH)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text))
        text[at : at + rng.randint(0, 3)] = rng.choice(SPOILS)
    reading = small.read(tmp_path, "".join(text), plan_of=small.one_file)
    if reading.data is None:
        assert "nothing was derived" in reading.message
        assert reading.message.replace("\n", "").isprintable()
        assert reading.rules("error")
    else:
        assert len(reading.scores()) == len(reading.ages())
