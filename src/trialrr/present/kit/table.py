"""A table as texts in rows, ready for every format."""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from itertools import groupby, takewhile

from trialrr.present.results import SYNTHETIC_NOTICE, Results

FORMULA = frozenset("=+-@\t\r\n")
"""Signs with which a spreadsheet begins a formula."""
_NUMBER = re.compile(r"[+-][\d.,∞]+%?(?: \((?:[-+\d.,∞]+(?: to [-+\d.,∞]+)*|no interval)\))?")


def harmless(text: str) -> str:
    """The text of a cell, with an apostrophe before what would be a formula: =1+1 → '=1+1. Signed
    numbers, also with their limits, stay as they are: -0.12, -0.1 (-5.6 to 5.4)."""
    if text[:1] in ("+", "-") and _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text[:1] in FORMULA else text


@dataclass(frozen=True)
class Cell:
    """A cell of a laid-out table: its text, how many rows it spans (0: it is part of the one
    above), whether it heads its rows."""

    text: str
    span: int
    head: bool


@dataclass(frozen=True)
class Table:
    """Texts in rows under columns.

    id : name of the file; columns : headings; rows : tuples as long as columns. The first
    `grouped` columns (0 or 1) become headings across the table; of the next ones, those in
    `merged` show a value once for consecutive rows that agree in all of them.
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    grouped: int = 0
    merged: tuple[int, ...] = ()
    synthetic: bool = False

    def csv(self) -> str:
        """The table as CSV, with a column `data_origin` that says SYNTHETIC or REAL; a text that a
        spreadsheet would run as a formula has an apostrophe before it."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*map(harmless, self.columns), "data_origin"))
        origin = "SYNTHETIC" if self.synthetic else "REAL"
        writer.writerows((*map(harmless, row), origin) for row in self.rows)
        return text.getvalue()

    def groups(self) -> list[tuple[str, list[list[Cell]]]]:
        """Heading and rows of cells of each group, repeated cells merged: without those that are
        part of one above (for HTML)."""
        return [
            (heading, [[cell for cell in row if cell.span] for row in rows])
            for heading, rows in self.blocks()
        ]

    def blocks(self) -> list[tuple[str, list[list[Cell]]]]:
        """Heading and rows of each group, every row with a cell under each of the columns after the
        first `grouped`."""
        made: list[tuple[str, list[list[Cell]]]] = []
        for heading, block in groupby(self.rows, key=lambda row: row[: self.grouped]):
            rows = list(block)
            made.append((heading[0] if heading else "", self._cells(rows)))
        return made

    def _cells(self, rows: list[tuple[str, ...]]) -> list[list[Cell]]:
        return [
            [
                Cell(row[j], self._span(rows, i, j), head=j == self.grouped)
                for j in range(self.grouped, len(row))
            ]
            for i, row in enumerate(rows)
        ]

    def _span(self, rows: list[tuple[str, ...]], i: int, j: int) -> int:
        """How many rows the cell at row i and column j spans; 0 if it is part of the one above."""
        if j not in self.merged:
            return 1
        upto = [c for c in self.merged if c <= j]
        if i and all(rows[i - 1][c] == rows[i][c] for c in upto):
            return 0
        same = (all(later[c] == rows[i][c] for c in upto) for later in rows[i:])
        return sum(1 for _ in takewhile(bool, same))

    @property
    def caption(self) -> str:
        return f"{self.title}. {SYNTHETIC_NOTICE}." if self.synthetic else f"{self.title}."


def build(results: Results, id, title, columns, rows, notes=(), **looks) -> Table:
    """A table that says whether `results` are synthetic; empty notes are left out."""
    return Table(
        id,
        title,
        tuple(columns),
        tuple(map(tuple, rows)),
        tuple(filter(None, notes)),
        synthetic=results.synthetic,
        **looks,
    )


def arm_note(results: Results) -> tuple[str, ...]:
    """What the short names of the arms stand for, where they differ from the labels."""
    pairs = [
        f"{arm}: {results.arm(arm)}"
        for arm in results.arms
        if results.arm(arm).lower() != arm.lower()
    ]
    return ("; ".join(pairs) + ".",) if pairs else ()
