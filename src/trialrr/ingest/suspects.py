"""Values that look like codes for missing and are not declared as such: -99 in a score of 0-10."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings
from trialrr.ingest.values import CODE_SHAPE

WEAK = -1
"""A code that is too often a value, such as a change of one point, to stop a run."""
FEWEST_OTHERS = 5
"""Values beside the suspicious ones that it takes to judge."""
MISSING_TEXTS = ("na", "n/a", "#n/a", "nan", "null", ".")
"""Texts that programs write for a missing value, in lower case."""


def suspicious(values: np.ndarray) -> dict[float, int]:
    """Values that are probably codes for missing → how often they stand in the column.

    values : (n,), NaN where missing. A number with the shape of a code is suspicious if it lies
    outside the range of the values of other shapes by more than that range, or is negative where
    none of these is. A single digit above zero, which counts and scores reach too, must stand there
    twice and lie outside the range of all other values, 7 to 9 among them, by more than that range.
    """
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    coded = np.array([bool(CODE_SHAPE.fullmatch(f"{v:.15g}")) for v in distinct], dtype=bool)
    others = distinct[~coded]
    if counts[~coded].sum() < FEWEST_OTHERS:
        return {}
    found = {}
    for value, count in zip(distinct[coded], counts[coded], strict=True):
        near = distinct[distinct != value] if _digit(value) else others
        beyond = max(near.min() - value, value - near.max())
        isolated = beyond > np.ptp(near) and (count > 1 or not _digit(value))
        if isolated or value < 0 <= others.min():
            found[float(value)] = int(count)
    return found


def _digit(value: float) -> bool:
    return 0 < value < 10


def report(
    table: pd.DataFrame,
    file: str,
    fields: Iterable[Field],
    outcomes: Collection[str],
    findings: Findings,
) -> None:
    """Findings on the columns of `table` (line, and those that `fields` are called). It is an error
    in one of `outcomes`, whose events would count the code, and where a code stands twice or more;
    elsewhere, for -1, and for 7 to 9 but in an outcome of two neighboring values, a note. A limit
    declared on the side of the value says that it is one."""
    for field in fields:
        values = table[field.called]
        if field.type == "text":
            _report_texts(values, file, field, findings)
        if field.type not in ("integer", "number"):
            continue
        codes = suspicious(values.to_numpy(dtype=float))
        for code, count in codes.items():
            others = values[values != code]
            limit = "minimum" if code < 0 else "maximum"
            if getattr(field, limit) is not None:
                continue
            certain = field.called in outcomes or count > 1
            if _digit(code):
                certain = field.called in outcomes and others.max() - others.min() <= 1
            certain &= code != WEAK
            shown, times = f"{code:g}", "once" if count == 1 else f"{count} times"
            span = f"the other values from {others.min():g} to {others.max():g}"
            findings.add(
                "undeclared_missing_code",
                "error" if certain else "note",
                file,
                line=int(table["line"][values == code].iloc[0]),
                field=field.name,
                raw=f"{shown} stands {times}, {span}",
                action=f"expected values near the others; if {shown} means missing, declare "
                f'`missing: ["{shown}"]` in {field.key}; if it is a value, declare '
                f"`{limit}: {shown}` there",
            )


def _report_texts(values: pd.Series, file: str, field: Field, findings: Findings) -> None:
    for text in sorted({v for v in values if v.strip().lower() in MISSING_TEXTS}):
        findings.add(
            "undeclared_missing_code",
            "note",
            file,
            field=field.name,
            raw=f"{text.strip()} stands {(values == text).sum()} times",
            action=f'read as text; if it means missing, declare `missing: ["{text.strip()}"]` in '
            f"{field.key}",
        )
