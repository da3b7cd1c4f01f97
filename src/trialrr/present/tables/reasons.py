"""Why there is no estimate or no interval, and what must be told beside a number: notes of tables
and sentences, made of the columns `reason` and `flag` of ARD rows."""

from collections.abc import Collection, Iterator
from types import SimpleNamespace

from trialrr import ard
from trialrr.present import labels, numbers
from trialrr.present.source import ABOUT, TOLD_BESIDE, Results

MANY = 3
"""Places that are named one by one; of more the first alone, with how many there are."""


def reasons(
    results: Results,
    analyses: Collection[str],
    outcomes: Collection[str] | None = None,
    months: Collection[str] | None = None,
    absent: bool = True,
    named: bool = False,
) -> list[str]:
    """A sentence for each thing that these analyses say of their rows, with where it holds.

    outcomes, months : of the rows looked at, None: all; absent : also of rows that stand in place
    of estimates; named : begin with the analysis.
    """
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in results:
        if row.analysis not in analyses or row.quantity in TOLD_BESIDE:
            continue
        if outcomes is not None and row.outcome and row.outcome not in outcomes:
            continue
        if months is not None and row.month and row.month not in months:
            continue
        if row.quantity == ard.ABSENT and not absent:
            continue
        head = results.analysis(row.analysis) if named else ""
        for what, text in _told(row):
            where = place(results, row, outcome=outcomes is None or len(outcomes) > 1)
            found.setdefault((head, what, text), {})[where] = None
    return [_sentence(*key, [p for p in places if p]) for key, places in found.items()]


def _told(row: SimpleNamespace) -> Iterator[tuple[str, str]]:
    if row.flag:
        yield "", row.flag
    if row.reason and row.quantity not in ABOUT:
        gone = row.quantity == ard.ABSENT or numbers.missing(row.estimate)
        yield "No estimate" if gone else "No interval", row.reason


def _sentence(head: str, what: str, text: str, places: list[str]) -> str:
    start = ". ".join(filter(None, [head, what]))
    shown = places if len(places) <= MANY else [f"{places[0]}, and {len(places) - 1} more like it"]
    where = f" ({'; '.join(shown)})" if shown else ""
    return f"{start}{': ' if start else ''}{text}{where}."


def place(results: Results, row: SimpleNamespace, outcome: bool = True) -> str:
    """What a row is about: outcome, visit, subgroup, comparison or arm."""
    where = [results.outcome(row.outcome)] if row.outcome and outcome else []
    where += [results.visit(row.month, row.outcome)] if row.month else []
    where += [labels.subgroup(row.subgroup)] if row.subgroup else []
    where += [results.contrast(row.level, short=True)] if ":" in row.level else []
    return ", ".join(where + ([row.level] if row.level in results.arms else []))
