"""A table as texts in rows, ready for CSV and HTML."""

import csv
from dataclasses import dataclass
from io import StringIO
from itertools import groupby, takewhile

from trialrr.present.source import SYNTHETIC_NOTICE, Results


@dataclass(frozen=True)
class Cell:
    """A cell of an HTML table: its text, how many rows it spans, whether it heads its rows."""

    text: str
    span: int
    head: bool


@dataclass(frozen=True)
class Table:
    """Texts in rows under columns.

    id : name of the file; columns : headings; rows : tuples as long as columns. The first
    `grouped` columns (0 or 1) become headings across the table in HTML; of the next ones, those in
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
        """The table as CSV, with a column `data_origin` that says SYNTHETIC or REAL."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*self.columns, "data_origin"))
        origin = "SYNTHETIC" if self.synthetic else "REAL"
        writer.writerows((*row, origin) for row in self.rows)
        return text.getvalue()

    def groups(self) -> list[tuple[str, list[list[Cell]]]]:
        """Heading and rows of cells of each group, repeated cells merged (for HTML)."""
        made: list[tuple[str, list[list[Cell]]]] = []
        for heading, block in groupby(self.rows, key=lambda row: row[: self.grouped]):
            rows = list(block)
            made.append((heading[0] if heading else "", self._cells(rows)))
        return made

    def _cells(self, rows: list[tuple[str, ...]]) -> list[list[Cell]]:
        lines = []
        for i, row in enumerate(rows):
            line = []
            for j in range(self.grouped, len(row)):
                upto = [c for c in self.merged if c <= j] if j in self.merged else []
                if upto and i and all(rows[i - 1][c] == row[c] for c in upto):
                    continue
                same = (all(later[c] == row[c] for c in upto) for later in rows[i:])
                span = sum(1 for _ in takewhile(bool, same)) if upto else 1
                line.append(Cell(row[j], span, head=j == self.grouped))
            lines.append(line)
        return lines

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
