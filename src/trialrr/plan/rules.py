"""What entries of several kinds ask of a plan: pairs (key, text) of what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from trialrr.plan.near import nearest

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan

Faults = list[tuple[str, str]]


def lacking(plan: Plan, ids: Iterable[str], form: str = "binary") -> list[str]:
    """Those of the outcomes `ids` that have no `binary` form, or no `score`."""
    wanted = set(ids)
    return [o.id for o in plan.outcomes if o.id in wanted and not plan.data.has_form(o, form)]


def form_faults(plan: Plan, ids: Iterable[str], form: str) -> Faults:
    needs = "a threshold or an event" if form == "binary" else "a score, which is a number"
    return [
        ("outcomes", f"outcome {id!r} has no {form} form; this analysis needs {needs}")
        for id in lacking(plan, ids, form)
    ]


def without_score(plan: Plan, ids: Iterable[str], key: str, why: str) -> Faults:
    """Outcomes without the score behind a responder."""
    wanted = set(ids)
    return [
        (key, f"{why}; {text}")
        for o in plan.outcomes
        if o.id in wanted and (text := plan.data.no_score_of(o))
    ]


def share_faults(key: str, texts: Iterable[str]) -> Faults:
    """Numbers, as they are written, that are no share."""
    wrong = [text for text in texts if not 0 < Decimal(text) < 1]
    return [(key, f"found {text}; expected above 0, below 1") for text in wrong]


def day_faults(key: str, day: str) -> Faults:
    try:
        date.fromisoformat(day)
    except ValueError:
        return [(key, f"found {day!r}; expected a date as YYYY-MM-DD")]
    return []


def unknown(names: Iterable[str], declared: Iterable[str], what: str) -> list[str]:
    """A text of each name that is not declared, with the nearest one and all that are."""
    known = list(declared)
    listed = ", ".join(known) or "none"
    return [
        f"unknown {what} {name!r}{nearest(name, known)}; declared: {listed}"
        for name in names
        if name not in known
    ]


def doubled(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return [f"{n!r} stands twice; keep one" for n in sorted({n for n in listed if
            listed.count(n) > 1})]  # fmt: skip


def month_faults(plan: Plan, **months: str) -> Faults:
    listed = ", ".join(plan.months)
    return [
        (key, f"unknown month {month!r}; declared: {listed}")
        for key, month in months.items()
        if month not in plan.months
    ]
