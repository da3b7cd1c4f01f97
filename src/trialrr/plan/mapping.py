"""A plan of the route `tidy` held against its own mapping, before any file is read."""

from collections.abc import Iterator, Mapping
from typing import Any

from trialrr import levels
from trialrr.plan.data import NUMBERS, OutcomeColumn, ParticipantColumn, TidySection
from trialrr.plan.document import at
from trialrr.plan.mentions import ANY, DATE, FLAGS, GROUPS, LEVELS, NUMBER, Mention, mentions
from trialrr.plan.near import nearest
from trialrr.plan.plan import Plan
from trialrr.plan.rules import unknown

Faults = Iterator[tuple[str, str]]
Columns = Mapping[str, ParticipantColumn]

FORMS = {
    "code": (LEVELS, GROUPS, ANY),
    "text": (LEVELS, GROUPS, ANY),
    "id": (GROUPS,),
    "integer": (NUMBER, GROUPS, ANY),
    "number": (NUMBER, ANY),
    "date": (DATE, ANY),
}
"""Type of a mapped column → what it can be used as."""
FIXED = ("cluster", "randomized_on")
"""Columns that a plan needs without naming them."""


def mapping_faults(plan: Plan, data: TidySection) -> Faults:
    """Every fault of the mapping, and of what the plan names against it."""
    columns = data.columns
    yield from _names(plan, data)
    for name, spec in columns.items():
        yield from _spec_faults(at("data.participants.columns", name), spec)
    yield from _special_columns(plan, columns)
    for mention in mentions(plan):
        yield from mention_faults(mention, columns)
    yield from _same_column(plan, columns)
    yield from _outcome_faults(plan, data)
    for i, visit in enumerate(plan.visits):
        if visit.window:
            yield f"visits[{i}].window", "the route tidy reads no dates; leave the key out"


def _spec_faults(place: str, spec: ParticipantColumn | OutcomeColumn) -> Faults:
    """Faults of one mapped column by itself."""
    kind, low, high = spec.type, spec.minimum, spec.maximum
    if low is not None and high is not None and low > high:
        yield f"{place}.minimum", f"found {low} above the maximum {high}; swap them"
    if kind == "code" and not spec.codes:
        yield place, "a column of type code lists its codes (their value: ours); add the key codes"
    if kind != "code" and spec.codes:
        yield f"{place}.codes", f"codes go with type code, found type {kind}; correct one of them"
    for code in map(str, spec.missing):
        if code in spec.codes:
            yield f"{place}.missing", f"{code!r} is declared as missing and in codes; keep one"
    if kind not in NUMBERS and (low is not None or high is not None):
        yield place, f"limits go with type integer or number, found type {kind}; leave them out"


def _names(plan: Plan, data: TidySection) -> Faults:
    """What the mapping must have, and what of the plan it names."""
    columns, place = data.columns, "data.participants.columns"
    for name in ("participant_id", "arm"):
        if name not in columns:
            yield place, f"the column {name!r} is missing; say where it comes from"
    arms, outcomes = [a.id for a in plan.arms], [o.id for o in plan.outcomes]
    codes = columns["arm"].codes if "arm" in columns else {}
    for text in unknown(codes.values(), arms, "arm"):
        yield f"{place}.arm.codes", text
    for id, column in data.visits.outcomes.items():
        for text in unknown([id], outcomes, "outcome"):
            yield f"data.visits.outcomes.{id}", text
        for text in unknown(column.months, plan.months, "month"):
            yield f"data.visits.outcomes.{id}.months", text
    month = data.visits.month
    for text in unknown(month.codes.values() if month else (), plan.months, "month"):
        yield "data.visits.month.codes", text
    if plan.windows:
        yield "windows", "the route tidy reads no dates; leave the key out"


def _special_columns(plan: Plan, columns: Columns) -> Faults:
    """Columns whose name says what they are for."""
    place = "data.participants.columns"
    for name, kinds in (("participant_id", ("id",)), ("arm", ("code",)), ("cluster", ())):
        kind = columns[name].type if name in columns else ""
        if kind and kinds and kind not in kinds:
            yield f"{place}.{name}.type", f"found {kind}; expected {' or '.join(kinds)}"
    mapped = columns["arm"].codes if "arm" in columns else {}
    for arm in (a.id for a in plan.arms):
        if mapped and arm not in mapped.values():
            text = f"no code becomes arm {arm!r}, so nobody can be in it; add its code"
            yield f"{place}.arm.codes", text
    by_column: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for name, spec in columns.items():
        read = spec.type, spec.minimum, spec.maximum, spec.missing, sorted(spec.codes)
        other, same = by_column.setdefault(spec.column, (name, read))
        if same != read:
            text = f"the column {spec.column!r} is read in another way as {other!r}"
            yield f"{place}.{name}", f"{text}; give both the same type, codes and limits"


def mention_faults(mention: Mention, columns: Columns) -> Faults:
    """Faults of one mention against the columns of participants, by name."""
    name, place = mention.column, mention.place
    if mention.form == FLAGS:
        if not any(c.startswith(f"{name}_") for c in columns):
            yield place, f"no column {name}_<level> is mapped; map them, or take the line out"
        return
    if name not in columns:
        near, listed = nearest(name, columns), ", ".join(columns)
        text = f"no column {name!r} of participants{near}; they have {listed}"
        do = f"map {name} (data.participants.columns)"
        yield place, f"{text}; {do if name in FIXED else f'name one of them, or {do}'}"
        return
    spec = columns[name]
    if mention.form not in FORMS[spec.type]:
        yield place, _wrong_form(mention, spec)
    elif mention.form != DATE:
        for level in mention.levels:
            fault = level_fault(level, spec)
            if fault:
                yield place, f"{name}: {fault}"


def _wrong_form(mention: Mention, spec: ParticipantColumn) -> str:
    name, kind = mention.column, spec.type
    covariate = mention.place.startswith("covariates")
    if mention.form == NUMBER and covariate and kind in ("code", "text"):
        some = f" (one of {_listed(spec)})" if spec.codes else ""
        text = f"{name!r} is a category (type {kind}): name its reference level{some} in the key "
        return f"{text}reference, or use a number"
    if mention.form == LEVELS and covariate:
        text = f"{name!r} is of type {kind} and has no levels: leave the key reference out, or use "
        return f"{text}a category"
    expected = [t for t, forms in FORMS.items() if mention.form in forms]
    return f"{name!r} is of type {kind}; expected {' or '.join(expected)}"


def level_fault(level: str, spec: ParticipantColumn | OutcomeColumn) -> str:
    """Why nobody can have a level of a mapped column, "" if somebody can."""
    if spec.type == "code":
        known = sorted(set(spec.codes.values()) - {""})
        if level in known or not known:
            return ""
        theirs = spec.codes.get(level)
        meant = f" (did you mean {theirs!r}, which is what {level!r} becomes?)" if theirs else ""
        return f"{level!r} is none of {', '.join(known)}{meant or nearest(level, known)}"
    if spec.type not in NUMBERS:
        return ""
    try:
        wanted = levels.interval(level)
    except ValueError as error:
        return str(error)
    low, high = spec.minimum, spec.maximum
    if not wanted.meets(low, high, whole=spec.type == "integer"):
        return f"no value from {_limit(low)} to {_limit(high)}, its limits, is {level!r}"
    return ""


def _limit(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _listed(spec: ParticipantColumn) -> str:
    return ", ".join(sorted(set(spec.codes.values()) - {""}))


def _same_column(plan: Plan, columns: Columns) -> Faults:
    """Covariates of one model that are the same column, read in the same way."""
    keys = ("adjusted", "response", "imputation")
    lists = {f"models.{k}": getattr(plan.models, k) for k in keys}
    for i, a in enumerate(plan.analyses):
        lists |= {f"analyses[{i}].{key}": names for key, names in a.covariate_lists().items()}
    for place, names in lists.items():
        seen: list[str] = []
        for name in dict.fromkeys(n for n in names if n in columns):
            twin = next((other for other in seen if columns[other] == columns[name]), None)
            if twin:
                text = f"{twin!r} and {name!r} are the same column {columns[name].column!r}"
                yield place, f"{text}; keep one"
            seen.append(name)


def _outcome_faults(plan: Plan, data: TidySection) -> Faults:
    """The columns of outcomes: at every visit one, an event that can happen, no threshold."""
    mapping, months = data.visits, plan.months
    place = "data.visits.outcomes"
    for i, o in enumerate(plan.outcomes):
        own = [v.month for v in plan.visits_of(o)]
        if strange := [m for m in own if m not in months]:
            text = f"the route tidy reads the visits of the plan only, not {', '.join(strange)}"
            yield f"outcomes[{i}].visits", text
        spec = mapping.outcomes.get(o.id)
        if o.event:
            text = "on the route tidy the event of an outcome stands in data.visits.outcomes"
            yield f"outcomes[{i}].event", text
        if o.threshold is not None:
            text = "the route tidy reads no items, so no sums that a threshold could be held "
            text += "against: take threshold out; a responder is the event of its mapping"
            if spec and spec.event:
                text += f" (found event {spec.event!r} too: one or the other)"
            yield f"outcomes[{i}].threshold", text
        if spec is None:
            continue
        here = at(place, o.id)
        yield from _spec_faults(here, spec)
        yield from _columns_of_visits(here, spec, mapping.month is not None, own)
        if spec.event and (fault := level_fault(spec.event, spec)):
            yield f"{here}.event", f"the event is impossible: {fault}"
        elif spec.event and _certain(spec):
            text = f"every value within its limits is the event {spec.event!r}; correct one"
            yield f"{here}.event", text
    main = plan.primary
    chosen = next((o for o in plan.outcomes if o.id == main.outcome), None)
    if chosen and main.month not in [v.month for v in plan.visits_of(chosen)]:
        text = f"outcome {main.outcome!r} is not measured at month {main.month!r}"
        yield "primary.month", text


def _columns_of_visits(place: str, spec: OutcomeColumn, long: bool, months: list[str]) -> Faults:
    if long:
        if not spec.column:
            text = "a long table (data.visits.month) has one column of the outcome; add the key "
            yield place, text + "from"
        if spec.months:
            yield f"{place}.months", "a long table names its visits in data.visits.month; leave out"
        return
    if spec.column:
        text = "a wide table has a column of the outcome for each visit; name them in months, or "
        yield f"{place}.from", text + "the column of visits in data.visits.month"
    if not spec.months:
        yield place, "which column holds each visit? Add the key months (visit: their column)"
        return
    for month in months:
        if month not in spec.months:
            text = f"no column for month {month!r}; add it, or give the outcome visits of its own"
            yield f"{place}.months", text
    first: dict[str, str] = {}
    for month, column in spec.months.items():
        other = first.setdefault(column, month)
        if other != month:
            text = f"months {other!r} and {month!r} are both the column {column!r}; correct one"
            yield f"{place}.months", text


def _certain(spec: OutcomeColumn) -> bool:
    """Whether the event is every value that the mapping allows."""
    if spec.type == "code":
        return set(spec.codes.values()) - {""} == {spec.event}
    low, high = spec.minimum, spec.maximum
    if low is None or high is None:
        return False
    wanted = levels.interval(spec.event)
    return wanted.holds(low) and wanted.holds(high)
