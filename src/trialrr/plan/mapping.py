"""A plan of the route `tidy` held against its own mapping, before any file is read."""

from collections.abc import Iterator

from trialrr import levels
from trialrr.plan.document import at
from trialrr.plan.mentions import ANY, DATE, FLAGS, GROUPS, LEVELS, NUMBER, Mention, mentions
from trialrr.plan.near import nearest

Faults = Iterator[tuple[str, str]]

FORMS = {
    "code": (LEVELS, GROUPS, ANY),
    "text": (LEVELS, GROUPS, ANY),
    "id": (GROUPS,),
    "integer": (NUMBER, GROUPS, ANY),
    "number": (NUMBER, ANY),
    "date": (DATE, ANY),
}
"""Type of a mapped column → what it can be used as."""
NUMBERS = ("integer", "number")


def mapping_faults(d: dict) -> Faults:
    """Every fault of a checked document's mapping, and of what the plan names against it."""
    columns = d["data"]["participants"]["columns"]
    for name, spec in columns.items():
        yield from _spec_faults(at("data.participants.columns", name), spec)
    yield from _special_columns(d, columns)
    for mention in mentions(d):
        yield from mention_faults(mention, columns)
    yield from _same_column(d, columns)
    yield from _outcome_faults(d)
    for i, visit in enumerate(d["visits"]):
        if "window" in visit:
            yield f"visits[{i}].window", "the route tidy reads no dates; leave the key out"


def _spec_faults(place: str, spec: dict) -> Faults:
    """Faults of one mapped column by itself."""
    kind, low, high = spec["type"], spec.get("minimum"), spec.get("maximum")
    if low is not None and high is not None and low > high:
        yield f"{place}.minimum", f"found {low} above the maximum {high}; swap them"
    if kind == "code" and "codes" not in spec:
        yield place, "a column of type code lists its codes (their value: ours); add the key codes"
    if kind != "code" and "codes" in spec:
        yield f"{place}.codes", f"codes go with type code, found type {kind}; correct one of them"
    if kind not in NUMBERS and (low is not None or high is not None):
        yield place, f"limits go with type integer or number, found type {kind}; leave them out"


def _special_columns(d: dict, columns: dict) -> Faults:
    """Columns whose name says what they are for."""
    place = "data.participants.columns"
    for name, kinds in (("participant_id", ("id",)), ("arm", ("code",)), ("cluster", ())):
        kind = columns.get(name, {}).get("type")
        if kind and kinds and kind not in kinds:
            yield f"{place}.{name}.type", f"found {kind}; expected {' or '.join(kinds)}"
    mapped = columns.get("arm", {}).get("codes")
    for arm in (a["id"] for a in d["arms"]):
        if mapped and arm not in mapped.values():
            text = f"no code becomes arm {arm!r}, so nobody can be in it; add its code"
            yield f"{place}.arm.codes", text
    by_column = {}
    for name, spec in columns.items():
        read = {k: spec.get(k) for k in ("type", "minimum", "maximum", "missing")}
        read["codes"] = sorted(spec.get("codes", ()))
        other, same = by_column.setdefault(spec["from"], (name, read))
        if same != read:
            text = f"the column {spec['from']!r} is read in another way as {other!r}"
            yield f"{place}.{name}", f"{text}; give both the same type, codes and limits"


def mention_faults(mention: Mention, columns: dict) -> Faults:
    """Faults of one mention against the columns of participants, name → `type`, and of mapped ones
    `codes` and limits."""
    name, place = mention.column, mention.place
    if mention.form == FLAGS:
        if not any(c.startswith(f"{name}_") for c in columns):
            yield place, f"no column {name}_<level> is mapped; map them, or take the line out"
        return
    if name not in columns:
        near, listed = nearest(name, columns), ", ".join(columns)
        text = f"no column {name!r} of participants{near}; they have {listed}"
        yield place, f"{text}; name one of them, or map {name} (data.participants.columns)"
        return
    spec = columns[name]
    if mention.form not in FORMS[spec["type"]]:
        yield place, _wrong_form(mention, spec)
    elif mention.form != DATE:
        for level in mention.levels:
            fault = level_fault(level, spec)
            if fault:
                yield place, f"{name}: {fault}"


def _wrong_form(mention: Mention, spec: dict) -> str:
    name, kind = mention.column, spec["type"]
    covariate = mention.place.startswith("covariates")
    if mention.form == NUMBER and covariate and kind in ("code", "text"):
        some = f" (one of {_listed(spec)})" if "codes" in spec else ""
        text = f"{name!r} is a category (type {kind}): name its reference level{some} in the key "
        return f"{text}reference, or use a number"
    if mention.form == LEVELS and covariate:
        text = f"{name!r} is of type {kind} and has no levels: leave the key reference out, or use "
        return f"{text}a category"
    expected = [t for t, forms in FORMS.items() if mention.form in forms]
    return f"{name!r} is of type {kind}; expected {' or '.join(expected)}"


def level_fault(level: str, spec: dict) -> str:
    """Why nobody can have a level of a mapped column, "" if somebody can."""
    if spec["type"] == "code":
        known = sorted(set(spec.get("codes", {}).values()) - {""})
        if level in known or not known:
            return ""
        theirs = spec["codes"].get(level)
        meant = f" (did you mean {theirs!r}, which is what {level!r} becomes?)" if theirs else ""
        return f"{level!r} is none of {', '.join(known)}{meant or nearest(level, known)}"
    if spec["type"] not in NUMBERS:
        return ""
    try:
        wanted = levels.interval(level)
    except ValueError as error:
        return str(error)
    low, high = spec.get("minimum"), spec.get("maximum")
    if not wanted.meets(low, high, whole=spec["type"] == "integer"):
        return f"no value from {_limit(low)} to {_limit(high)}, its limits, is {level!r}"
    return ""


def _limit(value) -> str:
    return "any" if value is None else f"{value:g}"


def _listed(spec: dict) -> str:
    return ", ".join(sorted(set(spec["codes"].values()) - {""}))


def _same_column(d: dict, columns: dict) -> Faults:
    """Covariates of one model that are the same column, read in the same way."""
    lists = {f"models.{k}": d["models"].get(k, ()) for k in ("adjusted", "response", "imputation")}
    for i, a in enumerate(d["analyses"]):
        if isinstance(a.get("covariates"), list):
            lists[f"analyses[{i}].covariates"] = a["covariates"]
    for place, names in lists.items():
        seen = []
        for name in dict.fromkeys(n for n in names if n in columns):
            twin = next((other for other in seen if columns[other] == columns[name]), None)
            if twin:
                text = f"{twin!r} and {name!r} are the same column {columns[name]['from']!r}"
                yield place, f"{text}; keep one"
            seen.append(name)


def _outcome_faults(d: dict) -> Faults:
    """The columns of outcomes: at every visit one, an event that can happen, no threshold."""
    mapping, months = d["data"]["visits"], [v["month"] for v in d["visits"]]
    place = "data.visits.outcomes"
    for i, o in enumerate(d["outcomes"]):
        own = [v["month"] for v in o.get("visits", d["visits"])]
        if strange := [m for m in own if m not in months]:
            text = f"the route tidy reads the visits of the plan only, not {', '.join(strange)}"
            yield f"outcomes[{i}].visits", text
        spec = mapping["outcomes"].get(o["id"])
        if o.get("threshold") is not None:
            text = "the route tidy reads no items, so no sums that a threshold could be held "
            text += "against: take threshold out; a responder is the event of its mapping"
            if spec and "event" in spec:
                text += f" (found event {spec['event']!r} too: one or the other)"
            yield f"outcomes[{i}].threshold", text
        if spec is None:
            continue
        here = at(place, o["id"])
        yield from _spec_faults(here, spec)
        yield from _columns_of_visits(here, spec, "month" in mapping, own)
        if "event" in spec and (fault := level_fault(spec["event"], spec)):
            yield f"{here}.event", f"the event is impossible: {fault}"
        elif "event" in spec and _certain(spec):
            text = f"every value within its limits is the event {spec['event']!r}; correct one"
            yield f"{here}.event", text
    main = d["primary"]
    chosen = next((o for o in d["outcomes"] if o["id"] == main["outcome"]), None)
    if chosen and main["month"] not in [v["month"] for v in chosen.get("visits", d["visits"])]:
        text = f"outcome {main['outcome']!r} is not measured at month {main['month']!r}"
        yield "primary.month", text


def _columns_of_visits(place: str, spec: dict, long: bool, months: list[str]) -> Faults:
    if long:
        if "from" not in spec:
            text = "a long table (data.visits.month) has one column of the outcome; add the key "
            yield place, text + "from"
        if "months" in spec:
            yield f"{place}.months", "a long table names its visits in data.visits.month; leave out"
        return
    if "from" in spec:
        text = "a wide table has a column of the outcome for each visit; name them in months, or "
        yield f"{place}.from", text + "the column of visits in data.visits.month"
    if "months" not in spec:
        yield place, "which column holds each visit? Add the key months (visit: their column)"
        return
    for month in months:
        if month not in spec["months"]:
            text = f"no column for month {month!r}; add it, or give the outcome visits of its own"
            yield f"{place}.months", text
    first = {}
    for month, column in spec["months"].items():
        other = first.setdefault(column, month)
        if other != month:
            text = f"months {other!r} and {month!r} are both the column {column!r}; correct one"
            yield f"{place}.months", text


def _certain(spec: dict) -> bool:
    """Whether the event is every value that the mapping allows."""
    if spec["type"] == "code":
        return set(spec.get("codes", {}).values()) - {""} == {spec["event"]}
    low, high = spec.get("minimum"), spec.get("maximum")
    if low is None or high is None:
        return False
    wanted = levels.interval(spec["event"])
    return wanted.holds(low) and wanted.holds(high)
