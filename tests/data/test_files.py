"""A typed table survives its two files whole, and every damage to them is told in words."""

import json
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialrr import data
from trialrr.data import DATE, FLAG, INTEGER, LEVEL, NUMBER, TEXT, Column, Schema, SchemaError

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1)
CELLS = {
    TEXT: WORDS,
    LEVEL: st.sampled_from(["01", "1", "a,b", 'say "x"', "NA", "nan", "≥10", " "]),
    NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    INTEGER: st.integers(-(2**53) + 1, 2**53 - 1),
    FLAG: st.integers(0, 1),
    DATE: st.dates().map(str),
}
"""Type → what a cell of it may hold."""
PEOPLE = Schema(
    {
        "participant_id": Column(TEXT, False),
        "arm": Column(LEVEL, False),
        "site": Column(LEVEL),
        "severity": Column(NUMBER),
        "age": Column(INTEGER),
        "died": Column(FLAG, False),
        "randomized_on": Column(DATE),
    },
    ("participant_id",),
)
ROWS = """\
participant_id,arm,site,severity,age,died,randomized_on
01,new,01,6.25,60,0,2024-03-01
02,old,,,,1,
"""


@pytest.fixture
def people(tmp_path) -> Path:
    """A folder with participants.csv of two people and its schema."""
    text = [line.split(",") for line in ROWS.splitlines()]
    data.write(tmp_path / "participants.csv", pd.DataFrame(text[1:], columns=text[0]), PEOPLE)
    return tmp_path / "participants.csv"


@st.composite
def tables(draw) -> tuple[pd.DataFrame, Schema]:
    """A table as a route makes it, and its schema, whose levels are told or not."""
    rows = draw(st.integers(0, 6))
    columns = {"id": Column(TEXT, False)}
    frame = {"id": pd.Series([f"{k:02d}" for k in range(rows)], dtype="str")}
    for k, type in enumerate(draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1))):
        nullable, cells = draw(st.booleans()), CELLS[type]
        known = draw(st.lists(cells, min_size=rows, max_size=rows))
        gone = draw(st.lists(st.booleans(), min_size=rows, max_size=rows)) if nullable else []
        blank = "" if type in (TEXT, LEVEL, DATE) else None
        values = [blank if any(gone[i : i + 1]) else v for i, v in enumerate(known)]
        told = tuple(dict.fromkeys([*known, "never"])) if type == LEVEL and k % 2 else None
        columns[f"c{k}"] = Column(type, nullable, told)
        dtype = {NUMBER: "float64", INTEGER: "Int64", FLAG: "Int64"}.get(type, "str")
        frame[f"c{k}"] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(frame), Schema(columns, ("id",))


@given(tables())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_what_is_read(tmp_path_factory, made):
    frame, schema = made
    path = tmp_path_factory.mktemp("table") / "table.csv"
    data.write(path, frame, schema)
    read = data.read(path)
    expected = data.typed(frame, schema)
    pd.testing.assert_frame_equal(read, expected, check_exact=True)
    text = path.read_bytes(), data.schema_file(path).read_bytes()
    document = json.loads(text[1])
    assert list(document["columns"]) == list(frame)
    data.write(path, read, schema)
    assert (path.read_bytes(), data.schema_file(path).read_bytes()) == text


def test_every_type_is_what_it_says(people):
    table = data.read(people)
    assert people.read_text(encoding="utf-8") == ROWS
    kinds = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert kinds["participant_id"] == "str" and kinds["severity"] == "float64"
    assert kinds["age"] == kinds["died"] == "Int64"
    assert kinds["arm"] == kinds["site"] == "category" and "datetime64" in kinds["randomized_on"]
    assert table["site"].cat.codes.tolist() == [0, -1] and list(table["site"].cat.categories) == [
        "01"
    ]
    assert table["participant_id"].tolist() == ["01", "02"]
    assert table.loc[1, ["site", "severity", "age", "randomized_on"]].isna().all()


def test_levels_that_nobody_has_stay_levels(tmp_path):
    schema = Schema({"arm": Column(LEVEL, levels=("old", "new"))})
    data.write(tmp_path / "t.csv", pd.DataFrame({"arm": ["new", ""]}), schema)
    assert list(data.read(tmp_path / "t.csv")["arm"].cat.categories) == ["old", "new"]


def test_the_schema_of_a_private_table_is_private(tmp_path):
    path = tmp_path / "private" / "t.csv"
    data.write(path, pd.DataFrame({"n": [1]}), Schema({"n": Column(INTEGER)}))
    assert data.schema_file(path).name == "t.schema.json"
    assert {stat.S_IMODE(f.stat().st_mode) for f in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("01,new", ",new", "column 'participant_id', row 2: found nothing; expected any text"),
        ("02,old", "02,Old", "column 'arm', row 3: found 'Old'; expected one of new, old"),
        ("02,old", "02,", "column 'arm', row 3: found nothing; expected one of new, old"),
        ("6.25", "6,25", "row 2 has more cells than the header"),
        ("02,old", "02,old,", "Expected 7 fields in line 3, saw 8"),
        ("6.25", "high", "column 'severity', row 2: found 'high'; expected a decimal number"),
        ("6.25", "inf", "column 'severity', row 2: found 'inf'; expected a decimal number"),
        ("6.25", "nan", "column 'severity', row 2: found 'nan'; expected a decimal number"),
        (",60,", ",60.5,", "column 'age', row 2: found '60.5'; expected a whole number"),
        (",60,", ",1e300,", "column 'age', row 2: found '1e300'; expected a whole number"),
        (",1,", ",2,", "column 'died', row 3: found '2'; expected 0 or 1"),
        (",1,", ",,", "column 'died', row 3: found nothing; expected 0 or 1"),
        ("03-01", "13-01", "column 'randomized_on', row 2: found '2024-13-01'; expected a date"),
        ("02,old", "01,old", "column 'participant_id', row 3: found '01' again; expected it once"),
        (",age,", ",Age,", "the column 'age' is missing"),
        (",age,", ",Age,", "the column 'Age' is not in the schema"),
    ],
)
def test_a_damaged_table_says_where(people, old, new, told):
    text = people.read_text(encoding="utf-8")
    assert text.count(old) == 1
    people.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        data.read(people)
    assert all(line.startswith("participants.csv: ") for line in str(caught.value).split("\n"))
    assert told in str(caught.value)


def test_every_fault_is_told_up_to_a_few(people):
    lines = [f"{k:03d},new,01,x,60,0,2024-03-01" for k in range(9)]
    people.write_text("\n".join([ROWS.split("\n")[0], *lines, ""]), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        data.read(people)
    told = str(caught.value).split("\n")
    assert len(told) == 6 and told[-1] == "participants.csv: and 4 more faults"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda d: d["columns"]["age"].update(type="year"), "found the type 'year'; expected one"),
        (lambda d: d["columns"]["arm"].pop("levels"), "found no schema of a table"),
        (lambda d: d["columns"]["arm"].update(levels=["new", "new"]), "are different texts"),
        (lambda d: d.pop("key"), "found no schema of a table"),
        (lambda d: d.update(key=["sex"]), "the key names 'sex'; expected columns that are never"),
        (lambda d: d.update(columns=[]), "found no schema of a table"),
    ],
)
def test_a_damaged_schema_says_what_is_wrong(people, damage, told):
    path = data.schema_file(people)
    document = json.loads(path.read_text(encoding="utf-8"))
    damage(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(
        SchemaError, match="^participants.schema.json: .*derive the data again"
    ) as e:
        data.read(people)
    assert told in str(e.value)


def test_a_schema_that_is_no_json_or_is_not_there(people):
    path = data.schema_file(people)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SchemaError, match="^participants.schema.json: "):
        data.read(people)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="the schema of participants.csv is not there"):
        data.read(people)


def test_nothing_is_written_of_a_table_that_breaks_its_schema(tmp_path):
    schema = Schema({"n": Column(FLAG, False)})
    with pytest.raises(SchemaError, match="^t.csv: column 'n', row 3: found '2'; expected 0 or 1"):
        data.write(tmp_path / "t.csv", pd.DataFrame({"n": [1, 2]}), schema)
    assert list(tmp_path.iterdir()) == []


def test_columns_declare_levels_only_where_there_are_some():
    with pytest.raises(SchemaError, match="a column of type number has levels"):
        Column(NUMBER, levels=("1",))
    with pytest.raises(SchemaError, match="different texts, none of them blank"):
        Column(LEVEL, levels=("a", ""))


def test_a_number_keeps_every_bit(tmp_path):
    values = np.random.default_rng(1).normal(size=2000) * 10.0 ** np.arange(-1000, 1000) ** 0
    values[:4] = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308]
    data.write(tmp_path / "t.csv", pd.DataFrame({"x": values}), Schema({"x": Column(NUMBER)}))
    assert data.read(tmp_path / "t.csv")["x"].to_numpy().tobytes() == values.tobytes()
