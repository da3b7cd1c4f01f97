"""Data dictionary: what each field of each raw file may hold."""

import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path

TYPES = ("id", "integer", "number", "code", "flag", "date", "text")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a raw file. Blank = missing; `missing_codes` mean missing too.

    `formats` are strptime formats, the first one is the rule and the others are repaired;
    `events` are the events that ask the item (empty: all); `reversed_in_mode` names the survey
    mode whose answers arrive as (minimum + maximum) - value. `decimal` is the sign before the
    fraction of a number. `key` is the plan's key that maps the column, `called` the name that the
    plan gives it; both are blank for a field of a data dictionary.
    """

    name: str
    type: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    codes: tuple[str, ...] = ()
    missing_codes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    reversed_in_mode: str = ""
    events: tuple[str, ...] = ()
    decimal: str = "."
    called: str = ""
    key: str = dataclasses.field(default="", compare=False)

    def __post_init__(self):
        if self.type not in TYPES:
            raise ValueError(
                f"field {self.name}: type {self.type!r}, expected one of {', '.join(TYPES)}"
            )

    @property
    def remedy(self) -> str:
        """What to do about a value that is not as expected, in the words of the field's route."""
        if self.key:
            return f"correct it in the file, or mend {self.key} in the plan"
        return "correct it at the source and export again"

    @property
    def expected(self) -> str:
        """What a value must be, in words for a message."""
        match self.type:
            case "code":
                return "one of " + ", ".join(self.codes)
            case "flag":
                return "0 or 1"
            case "date":
                shown = {"%Y-%m-%d": "YYYY-MM-DD", "%m/%d/%Y": "MM/DD/YYYY"}
                return "a date as " + " or ".join(shown.get(f, f) for f in self.formats)
            case "integer" | "number":
                kind = "an integer" if self.type == "integer" else "a number"
                if self.minimum is not None and self.maximum is not None:
                    return f"{kind} from {self.minimum:g} to {self.maximum:g}"
                if self.minimum is not None:
                    return f"{kind} of at least {self.minimum:g}"
                return kind if self.maximum is None else f"{kind} of at most {self.maximum:g}"
            case "id":
                return "an identifier without spaces"
        return "text"


def load(path: str | Path) -> dict[str, tuple[Field, ...]]:
    """Fields of every file, in column order, from a dictionary CSV (see `Field`)."""
    files: dict[str, list[Field]] = {}
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            files.setdefault(row["file"], []).append(_field(row))
    return {file: tuple(fields) for file, fields in files.items()}


def _field(row: dict[str, str]) -> Field:
    listed = {k: _split(row[k]) for k in ("codes", "missing_codes", "events")}
    return Field(
        name=row["field"],
        type=row["type"],
        required=row["required"] == "yes",
        minimum=_number(row["minimum"]),
        maximum=_number(row["maximum"]),
        formats=_split(row["formats"]) or ("%Y-%m-%d",),
        reversed_in_mode=row["reversed_in_mode"],
        **listed,
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _number(text: str) -> float | None:
    return float(text) if text else None
