"""The one long table of analysis results (ARD, after CDISC ARS): one row per statistic.

`scale` says on which scale `std_error` is: of the estimate itself, of its logarithm or of its log
odds. `reason` says why a number is missing, `flag` what a reader must be told beside one. `method`
is for people to read: nothing parses it.

The column `estimand` is blank in the parts that stages write, and filled in the whole table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd

from trialrr import io
from trialrr.levels import COMPARISONS

if TYPE_CHECKING:
    from trialrr.plan import Plan

KEYS = ("analysis", "outcome", "month", "subgroup", "quantity", "level")
NUMBERS = ("estimate", "std_error", "lower", "upper", "statistic", "df", "p_value")
COUNTS = ("n", "events", "n_imputed", "n_clusters")
WORDS = ("scale", "method", "status", "estimand", "reason", "flag")
COLUMNS = (*KEYS, *NUMBERS[:2], "scale", *NUMBERS[2:], *COUNTS, *WORDS[1:])
SCALES = ("identity", "log", "logit")
FEWEST = 5
"""People seen of the smallest group counted apart: a cluster, or an arm in a bin of a change."""
ABSENT = "not_estimable"
"""Quantity of a row that stands in place of estimates; `reason` says why."""
NO_ESTIMATE = "no estimate"
STATUSES = ("prespecified", "post_hoc", "exploratory")

Row = dict[str, Any]
"""Column → cell of one row."""


class Contrast(NamedTuple):
    """The first arm compared with the second: the `level` "HC:UC" of a row.

    >>> one, other = Contrast.read("HC:UC")
    >>> str(Contrast(one, other))
    'HC:UC'
    """

    first: str
    second: str

    @classmethod
    def read(cls, level: str) -> Self | None:
        """The contrast that a level is, or None of one arm, of `all` and of any other."""
        first, colon, second = level.partition(":")
        return cls(first, second) if colon and first and second else None

    def __str__(self) -> str:
        return f"{self.first}:{self.second}"


def arms_of(level: str | Contrast) -> tuple[str, ...]:
    """The arms that a row of this level is about: one, or both of a contrast.

    >>> arms_of("HC:UC"), arms_of("HC")
    (('HC', 'UC'), ('HC',))
    """
    if isinstance(level, Contrast):
        return tuple(level)
    contrast = Contrast.read(level)
    return tuple(contrast) if contrast else (level,)


def contrasts(plan: "Plan") -> tuple[Contrast, ...]:
    """The contrasts of a plan, in its order."""
    return tuple(Contrast(*pair) for pair in plan.contrasts)


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Which people, or which variant of an analysis, a row is about: names with values.

    parts : name, sign (=, a comparison, or "" for all levels of the name together) and value of
    each. Written as "sex=female", "delta_active=1; delta_control=0.5", "sessions_completed>=6" or
    "sex". Inside a value a ; or \\ stands behind a \\, so that any text of a user's data can be
    one. Names have none of = < > and ;. `Subgroup.read(str(s)) == s`.

    >>> str(Subgroup.of(delta_active="1", delta_control="0.5"))
    'delta_active=1; delta_control=0.5'
    >>> Subgroup.read("sex=female")["sex"]
    'female'
    """

    parts: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of(cls, parts: Mapping[str, str] | None = None, **named: str) -> Self:
        """From names and values, in their order; names that are no words of Python by `parts`. A
        value "" means all levels of the name."""
        every = dict(parts or {}) | named
        return cls(tuple((name, "=" if value else "", value) for name, value in every.items()))

    @classmethod
    def where(cls, name: str, level: str) -> Self:
        """Who has a level as plans write it (`trialrr.levels`): a value, or a comparison."""
        sign = next((sign for sign in COMPARISONS if level.startswith(sign)), "")
        return cls(((name, sign or "=", level.removeprefix(sign)),))

    @classmethod
    def read(cls, text: str) -> Self:
        """What a row's `subgroup` says."""
        return cls(tuple(map(_part, _PART.findall(text))))

    def __getitem__(self, name: str) -> str:
        """The value of a name, a comparison with its sign. Raises KeyError."""
        return self._values[name]

    def get(self, name: str, default: str = "") -> str:
        return self._values.get(name, default)

    def items(self) -> Iterable[tuple[str, str]]:
        """(name, value), a comparison with its sign."""
        return self._values.items()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __or__(self, other: "Subgroup") -> "Subgroup":
        """Both, the parts of this one first."""
        return Subgroup(self.parts + other.parts)

    @property
    def _values(self) -> dict[str, str]:
        return {name: sign.removeprefix("=") + value for name, sign, value in self.parts}

    def __str__(self) -> str:
        return "; ".join(name + sign + _escaped(value) for name, sign, value in self.parts)


EVERYBODY = Subgroup()
_PART = re.compile(r"(?:\\.|[^;\\])+")


def _escaped(value: str) -> str:
    return re.sub(r"([;\\])", r"\\\1", value)


def _part(text: str) -> tuple[str, str, str]:
    found = re.match(r"([^=<>]*)(>=|<=|=|>|<)?(.*)", text.removeprefix(" "), re.DOTALL)
    assert found, "any text matches"
    name, sign, value = found.groups("")
    return name, sign, re.sub(r"\\(.)", r"\1", value)


def row(**cells: Any) -> Row:
    """One ARD row. Keys not given are "", numbers missing; an unknown column raises KeyError. A
    `level` may be a Contrast and a `subgroup` a Subgroup."""
    unknown = set(cells) - set(COLUMNS)
    if unknown:
        raise KeyError(f"not an ARD column: {', '.join(sorted(unknown))}; allowed: {COLUMNS}")
    empty = {c: "" for c in (*KEYS, *WORDS)} | {c: np.nan for c in (*NUMBERS, *COUNTS)}
    return empty | cells | {c: str(cells[c]) for c in ("level", "subgroup") if c in cells}


def not_estimable(reason: str, **cells: Any) -> Row:
    """The row that stands where an estimate cannot, with the reason."""
    return row(**{"level": "all", "method": NO_ESTIMATE} | cells, quantity=ABSENT, reason=reason)


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a typed table: keys strings, numbers float64, counts nullable integers."""
    rows = list(rows)
    return pd.DataFrame({c: _typed([row[c] for row in rows], c) for c in COLUMNS})


def _typed(cells: list[Any], column: str) -> Any:
    if column in COUNTS:
        return pd.array(np.array(cells, float), "Int64")
    return np.array(cells, float) if column in NUMBERS else pd.array(list(map(str, cells)), "str")


def check(table: pd.DataFrame) -> pd.DataFrame:
    """The table itself, if it is an ARD. Raises ValueError naming the columns or rows at fault."""
    known = _written(table)["std_error"].notna()
    at_fault = known & ~table["scale"].isin(SCALES) | ~known & (table["scale"] != "")
    if at_fault.any():
        row = table.loc[at_fault.idxmax()]
        raise ValueError(
            f"ARD row {row[list(KEYS)].to_dict()} has std_error {row['std_error']:g} and scale "
            f"{row['scale']!r}; every standard error has one of {SCALES}, and nothing else has"
        )
    return table


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """`check`, but for the scale, which ARDs did not have before version 0.6 of the package."""
    if tuple(table.columns) != COLUMNS:
        raise ValueError(f"ARD columns are {tuple(table.columns)}, expected {COLUMNS}")
    doubled = table[table.duplicated(list(KEYS), keep=False)]
    if len(doubled):
        lines = [", ".join(map(str, key)) for key in doubled[list(KEYS)].itertuples(index=False)]
        raise ValueError("ARD rows with the same key:\n  " + "\n  ".join(sorted(set(lines))))
    for column in ("analysis", "quantity", "method"):
        if (table[column] == "").any():
            where = table.index[table[column] == ""][0]
            raise ValueError(f"ARD row {where + 1} has no {column}: {table.loc[where].to_dict()}")
    silent = (table["quantity"] == ABSENT) & (table["reason"] == "")
    if silent.any():
        where = table.loc[silent.idxmax(), list(KEYS)].to_dict()
        raise ValueError(f"ARD row without an estimate and without a reason: {where}")
    bad = sorted(set(table["status"]) - set(STATUSES))
    if bad:
        raise ValueError(f"ARD status {bad}, expected one of {STATUSES}")
    return table


def write(path: str | Path, table: pd.DataFrame) -> None:
    """Check and write an ARD."""
    io.write_frame(path, check(table))


def read(path: str | Path) -> pd.DataFrame:
    """Read and check an ARD written by `write`. Columns that an older one lacks are empty."""
    types = dict.fromkeys((*KEYS, *WORDS), "str") | dict.fromkeys(NUMBERS, "float64")
    table = pd.read_csv(
        path,
        dtype=types | dict.fromkeys(COUNTS, "Int64"),
        keep_default_na=False,
        na_values=dict.fromkeys((*NUMBERS, *COUNTS), [""]),
        encoding="utf-8",
    )
    checked = check if "scale" in table else _written
    for column in set(COLUMNS) - set(table):
        table[column] = _typed(["" if column in types else np.nan] * len(table), column)
    return checked(table[list(COLUMNS)])


def concat(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables one after the other, checked as one."""
    return check(pd.concat(list(tables), ignore_index=True))
