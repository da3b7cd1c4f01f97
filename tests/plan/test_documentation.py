"""The page about the plan reads as it is meant: its tables are whole."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "config" / "README.md").read_text(encoding="utf-8")
TABLES = [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE)]


@pytest.mark.parametrize("table", TABLES, ids=[table[0][:40] for table in TABLES])
def test_every_table_has_a_head_and_rows_of_its_width(table):
    assert re.fullmatch(r"(\|---)+\|", table[1])
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {table[1].count("|")}


def test_the_kinds_stand_in_one_table():
    rows = next(table for table in TABLES if table[0].startswith("| `kind` "))
    assert {"bootstrap", "mmrm", "economics"} <= {row.split("`")[1] for row in rows[2:]}
