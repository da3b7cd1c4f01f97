"""How one source is written and which of its rows are meant, as declared; nothing is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trialrr.ingest.findings import Findings
from trialrr.plan.data import AnySource

SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between fields, in words."""
LISTED = 10
"""Values that a message spells out."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of raw rows.

    `key` is the plan's key that declares it; blank for the exports of a data dictionary, which
    must have exactly the columns of the dictionary and end with a line end. `where` holds, for each
    column, the values whose rows are meant; `missing` the codes of its columns that mean missing.
    """

    key: str = ""
    delimiter: str = ","
    decimal: str = "."
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Raw strings of a table. columns : name → (n,); lines : (n,), the header is line 1; `whole`
    is False where the file has rows that could not be read."""

    file: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]
    whole: bool = True

    def at(self, chosen: Sequence[int]) -> "Rows":
        """The rows numbered `chosen`, from 0."""
        columns = {name: [values[k] for k in chosen] for name, values in self.columns.items()}
        return Rows(self.file, columns, [self.lines[k] for k in chosen], self.whole)


def declared(source: AnySource, key: str) -> Source:
    """The source that the plan declares at `key`."""
    return Source(
        key,
        source.delimiter,
        source.decimal,
        tuple((column, texts(values)) for column, values in source.where.items()),
        texts(source.missing),
    )


def texts(values: Sequence) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def select(rows: Rows, source: Source, findings: Findings) -> Rows | None:
    """The rows that `source.where` asks for, all its columns holding; None with findings if a value
    stands in no row, or if no row is left. Values are compared as text without spaces around."""
    if not source.where:
        return rows
    chosen, errors = set(range(len(rows.lines))), findings.errors
    for column, wanted in source.where:
        values = [value.strip() for value in rows.columns[column]]
        there = sorted(set(values))
        for value in wanted:
            if value not in there:
                shown = ", ".join(repr(v) for v in there[:LISTED])
                more = f" and {len(there) - LISTED} more" * (len(there) > LISTED)
                findings.error(
                    "no_such_rows",
                    rows.file,
                    f"a value of the column ({shown}{more})",
                    f"correct {source.key}.where in the plan",
                    field=column,
                    raw=f"no row with {value!r}",
                )
        chosen &= {k for k, value in enumerate(values) if value in wanted}
    if findings.errors > errors:
        return None
    if not chosen:
        findings.error(
            "no_rows",
            rows.file,
            "rows for which every column of `where` holds",
            f"correct {source.key}.where in the plan",
            raw="no such row",
        )
        return None
    if left := len(rows.lines) - len(chosen):
        findings.add(
            "rows_not_chosen",
            "note",
            rows.file,
            action=f"{left} of {len(rows.lines)} rows are left out by {source.key}.where",
        )
    return rows.at(sorted(chosen))
