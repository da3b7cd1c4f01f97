"""Why there is no estimate, interval or test, and what must be told beside a number: notes of
tables and sentences, made of the columns `reason` and `flag` of ARD rows."""

from collections.abc import Collection, Iterable
from types import SimpleNamespace

from trialrr import ard
from trialrr.present.results import ABOUT, TESTS, TOLD_BESIDE, Results
from trialrr.present.words import labels, numbers

MANY = 3
"""Places that are named one by one; of more the first alone, with how many there are."""
NO_TEST, NO_ESTIMATE, NO_INTERVAL = "No test", "No estimate", "No interval"


def reasons(
    results: Results,
    analyses: Collection[str],
    outcomes: Collection[str] | None = None,
    months: Collection[str] | None = None,
    absent: bool = True,
    named: bool = False,
    quantities: Collection[str] | None = None,
) -> list[str]:
    """A sentence for each thing that these analyses say of their rows, with where it holds and,
    where several say it, which.

    outcomes, months, quantities : of the rows looked at, None: all; absent : also of rows that
    stand in place of estimates; named : begin with the analysis. Of two arms there is no test of
    all together to speak of, and why a comparison has no interval is not told where an arm of it
    says so for itself.
    """
    kept = [
        row
        for row in results
        if row.analysis in analyses
        and row.quantity not in TOLD_BESIDE
        and (outcomes is None or not row.outcome or row.outcome in outcomes)
        and (months is None or not row.month or row.month in months)
        and (absent or row.quantity != ard.ABSENT)
        and (quantities is None or row.quantity in (*quantities, ard.ABSENT) or row.flag)
        and (row.quantity != "omnibus_wald" or len(results.contrasts) > 1)
    ]
    whole = _whole(results)
    bare = {_at(row) + (row.level,): row.reason for row in kept if lacking(row) == NO_INTERVAL}
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in kept:
        where = place(results, row, outcome=outcomes is None or len(outcomes) > 1)
        head = results.analysis(row.analysis) if named else ""
        if row.flag:
            everywhere = (row.analysis, row.quantity, row.flag) in whole
            found.setdefault((head, "", row.flag), {})["" if everywhere else where] = None
        if row.reason and row.quantity not in ABOUT and not _told_by_an_arm(row, bare, results):
            found.setdefault((head, lacking(row), row.reason), {})[where] = None
    alike: dict[tuple, list[str]] = {}
    for (head, what, text), places in found.items():
        alike.setdefault((what, text, tuple(filter(None, places))), []).append(head)
    return [_sentence(heads, *key) for key, heads in alike.items()]


def _whole(results: Results) -> set[tuple[str, str, str]]:
    """Analysis, quantity and flag where all rows of the quantity have that flag, and are several:
    it is of the analysis, and of no place in it."""
    flags: dict[tuple[str, str], list[str]] = {}
    for row in results:
        flags.setdefault((row.analysis, row.quantity), []).append(row.flag)
    return {(*key, f[0]) for key, f in flags.items() if len(f) > 1 and f[0] and len(set(f)) == 1}


def lacking(row: SimpleNamespace) -> str:
    """What a row with a reason lacks: its test, its estimate or its interval."""
    if row.quantity in TESTS:
        return NO_TEST
    gone = row.quantity == ard.ABSENT or numbers.missing(row.estimate)
    return NO_ESTIMATE if gone else NO_INTERVAL


def _told_by_an_arm(row: SimpleNamespace, bare: dict[tuple, str], results: Results) -> bool:
    """True of a comparison without interval, and of a test of all arms, where an arm of it says in
    other words why it has no interval itself."""
    if lacking(row) == NO_ESTIMATE or row.level in results.arms:
        return False
    levels = ard.Contrast.read(row.level) or results.arms
    own = [bare.get((*_at(row), level), "") for level in levels]
    return any(own) and row.reason not in own


def _at(row: SimpleNamespace) -> tuple[str, ...]:
    return row.analysis, row.outcome, row.month, row.subgroup


def _sentence(heads: list[str], what: str, text: str, places: Iterable[str]) -> str:
    start = ". ".join(filter(None, ["; ".join(filter(None, heads)), what]))
    where = f" ({'; '.join(shortened(places))})" if places else ""
    return f"{start}{': ' if start else ''}{text}{where}."


def shortened(places: Iterable[str]) -> list[str]:
    """The places, or of many the first and how many more there are."""
    places = list(places)
    return places if len(places) <= MANY else [f"{places[0]}, and {len(places) - 1} more like it"]


def place(results: Results, row: SimpleNamespace, outcome: bool = True) -> str:
    """What a row is about: outcome, visit, subgroup, comparison or arm."""
    where = [results.outcome(row.outcome)] if row.outcome and outcome else []
    where += [results.visit(row.month, row.outcome)] if row.month else []
    where += [labels.subgroup(row.subgroup)] if row.subgroup else []
    where += [results.contrast(row.level, short=True)] if ard.Contrast.read(row.level) else []
    return ", ".join(where + ([row.level] if row.level in results.arms else []))
