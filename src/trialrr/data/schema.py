"""What a table holds: the type of each column, whether it may be blank, and its levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT, LEVEL, NUMBER = "text", "level", "number"
INTEGER, FLAG, DATE = "integer", "flag", "date"
TYPES = {
    TEXT: "any text, such as an id",
    LEVEL: "one of the column's levels",
    NUMBER: "a decimal number",
    INTEGER: "a whole number",
    FLAG: "0 or 1",
    DATE: "a date such as 2024-03-01",
}
"""Type of a column → what a cell of it is, in words."""
OF_FIELD = {
    "id": TEXT,
    "code": LEVEL,
    "text": LEVEL,
    "number": NUMBER,
    "integer": INTEGER,
    "date": DATE,
}
"""Type of a field that a trial declares of its raw data → that of a column made of it."""


class SchemaError(ValueError):
    """A table and its schema disagree, or a schema is none; a sentence per fault."""


@dataclass(frozen=True, slots=True)
class Column:
    """type : one of TYPES; nullable : whether a cell may be blank, which means missing; levels : of
    a LEVEL, in order; None where they are those that the table is found to hold."""

    type: str
    nullable: bool = True
    levels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise SchemaError(f"found the type {self.type!r}; expected one of {', '.join(TYPES)}")
        if self.levels is not None and self.type != LEVEL:
            raise SchemaError(f"a column of type {self.type} has levels; only a {LEVEL} has them")
        if self.levels is not None and len(set(self.levels) - {""}) != len(self.levels):
            raise SchemaError("the levels of a column are different texts, none of them blank")


@dataclass(frozen=True, slots=True)
class Schema:
    """columns : name → Column, in any order; key : columns whose values together are
    those of one row only."""

    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.key:
            if name not in self.columns or self.columns[name].nullable:
                raise SchemaError(f"the key names {name!r}; expected columns that are never blank")

    def document(self) -> dict[str, Any]:
        """The schema as plain data, of which `parsed` makes it again."""
        columns = {
            name: {"type": c.type, "nullable": c.nullable}
            | ({} if c.levels is None else {"levels": list(c.levels)})
            for name, c in self.columns.items()
        }
        return {"key": list(self.key), "columns": columns}


def parsed(document: Any) -> Schema:
    """The schema of what `Schema.document` gives. Raises SchemaError if it is none."""
    try:
        columns = {
            name: Column(
                spec["type"],
                spec["nullable"],
                tuple(spec["levels"]) if spec["type"] == LEVEL else None,
            )
            for name, spec in document["columns"].items()
        }
        return Schema(columns, tuple(document["key"]))
    except (AttributeError, KeyError, TypeError) as error:
        raise SchemaError(f"found no schema of a table ({error!r})") from None
