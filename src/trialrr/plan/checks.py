"""Every fault of a plan at once: JSON Schema, then fields against each other.

`check` is the entry; all else gathers (place, text) pairs.
"""

import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from trialrr.plan.document import DESCRIPTIVE, PlanError, at, lines
from trialrr.plan.entry_checks import OF, entry_faults, lacking, randomization_faults
from trialrr.plan.mapping import mapping_faults, mention_faults
from trialrr.plan.mentions import mentions
from trialrr.plan.names import alike, labels, reserved
from trialrr.plan.near import nearest
from trialrr.plan.values import QUOTES, shown, value_faults

DOCUMENTATION = "config/README.md describes every key"
SCHEMA = Path("workflow/schemas/plan.schema.json")

Sources = Mapping[str, Collection[str]]
"""Route of a trial's own (`resolve`) → names of the instruments that it scores."""
Columns = Mapping[str, Mapping[str, dict]]
"""Route of a trial's own → column of participants that it derives → its `type`, as in a mapping."""


PATTERNS = {
    "^[A-Za-z0-9][A-Za-z0-9_.-]*$": "letters, digits, _ . and -, a letter or digit first",
    "^[a-z][a-z0-9_]*$": "small letters, digits and _, a letter first",
    "^[0-9]+(\\.[0-9]+)*$": 'a version as text, such as "1.0"',
    "^[0-9]*\\.?[0-9]+$": 'a number from 0 as text, such as "0.05"',
    "^-?[0-9]*\\.?[0-9]+$": 'a number as text, such as "-0.5"',
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date as YYYY-MM-DD, in quotes",
    "^[^/]+/[^/]+$": "package/item of a data set",
}
"""Pattern of the schema → what it asks for."""


def check(
    document: dict,
    sources: Sources,
    schema: str | Path = SCHEMA,
    name: str = "",
    files: Sequence[str | Path] = (),
    columns: Columns | None = None,
) -> None:
    """Raise PlanError with every fault of `document`: unknown or missing keys and wrong types by
    the JSON Schema; then names that nothing declares or that mean something already, and fields
    that contradict each other; what the plan names against the mapping of the route tidy, or
    against the `columns` of another route, where they are given.

    files : that the document was read from; faults then have the line of their key.
    """
    faults = _schema_faults(document, json.loads(Path(schema).read_text(encoding="utf-8")))
    if not faults:
        faults = _cross_field_faults(document, sources)
        own = (columns or {}).get(document["data"]["route"])
        faults += [f for m in mentions(document) for f in mention_faults(m, own)] if own else []
        faults = list(dict.fromkeys(faults))
    if faults:
        name = name or ", ".join(map(str, files)) or "the plan"
        stands = lines(files) if files else {}
        told = "".join(f"\n  {_where(place, stands)}: {text}" for place, text in faults)
        raise PlanError(f"{name}: {len(faults)} fault(s); nothing was computed.{told}\n"
                        f"  ({DOCUMENTATION})")  # fmt: skip


def _where(place: str, stands: Mapping[str, str]) -> str:
    """A place, and the line of it or of what it is inside."""
    inside = place
    while inside and inside not in stands:
        inside = re.sub(r"(\.[^.\[\]]*|\[[^\[\]]*\]|^[^.\[\]]*)$", "", inside)
    text = place or "top level"
    return f"{text} ({stands[inside]})" if inside in stands else text


def _jsonschema():
    """The package, imported without the grammar behind one format that it looks for: that takes a
    second, and no format is checked here."""
    hidden = "rfc3987_syntax" not in sys.modules
    if hidden:
        sys.modules["rfc3987_syntax"] = None
    try:
        import jsonschema
    finally:
        if hidden:
            del sys.modules["rfc3987_syntax"]
    return jsonschema


def _schema_faults(document, schema) -> list[tuple[str, str]]:
    jsonschema = _jsonschema()

    def pattern(validator, expected, instance, schema):
        # the end of a text is its end: Python's $ lets a line break follow
        ended = expected.removesuffix("$") + ("\\Z" if expected.endswith("$") else "")
        if isinstance(instance, str) and not re.search(ended, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {expected!r}")

    base = jsonschema.Draft202012Validator
    validator = jsonschema.validators.extend(base, {"pattern": pattern})(schema)
    faults = list(value_faults(document))
    for error in validator.iter_errors(document):
        of_key = "propertyNames" in error.absolute_schema_path
        if not of_key or isinstance(error.instance, str):
            faults.extend(_explain(error))
    return sorted(set(faults))


def _explain(error) -> list[tuple[str, str]]:
    place, found = _place(error.absolute_path), error.instance
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema.get("properties", {}))
        unknown = sorted(k for k in found if isinstance(k, str) and k not in allowed)
        return [
            (
                place,
                f"unknown key {key!r}{nearest(key, allowed)}; allowed: {', '.join(allowed)}",
            )
            for key in unknown
        ]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in found]
        return [(place, f"the key {key!r} is missing; add it") for key in missing]
    if error.validator in ("oneOf", "anyOf") and error.context:
        # the branch the author meant is the one whose constant (e.g. route: tidy) holds
        branches: dict[int, list] = {}
        for sub in error.context:
            branches.setdefault(sub.schema_path[0], []).append(sub)
        meant = [
            subs for subs in branches.values() if not any(s.validator == "const" for s in subs)
        ] or list(branches.values())
        return [fault for sub in min(meant, key=len) for fault in _explain(sub)]
    if error.validator == "enum":
        allowed = [str(v) for v in error.validator_value]
        near = nearest(str(found), allowed)
        return [(place, f"found {found!r}{near}; allowed: {', '.join(allowed)}")]
    if error.validator == "type" and not isinstance(found, (dict, list)):
        wanted = error.validator_value
        quotes = f": {QUOTES}" if "string" in wanted and found is not None else ""
        return [(place, f"found {shown(found)}; expected {_words(wanted)}{quotes}")]
    if error.validator == "type":
        kind = "a list" if isinstance(found, list) else "a mapping of keys"
        return [(place, f"found {kind}; expected {_words(error.validator_value)}")]
    if error.validator == "pattern":
        expected = PATTERNS.get(error.validator_value, error.validator_value)
        return [(place, f"found {found!r}; expected {expected}")]
    if error.validator in ("minLength", "minItems", "minProperties") and not found:
        return [(place, "found nothing in it; fill it, or leave the key out if it is optional")]
    if error.validator in ("minItems", "maxItems"):
        bound = "least" if error.validator == "minItems" else "most"
        return [(place, f"found {len(found)} in it; expected at {bound} {error.validator_value}")]
    if error.validator == "maxLength":
        text = f"found {len(found)} characters; expected at most {error.validator_value}"
        return [(place, text)]
    if error.validator == "uniqueItems":
        doubled = sorted({str(v) for v in found if found.count(v) > 1})
        return [(place, f"{', '.join(doubled)} stands twice; keep one")]
    return [(place, error.message)]


TYPES = {
    "string": "a text",
    "integer": "a whole number, without quotes",
    "number": "a number, without quotes",
    "object": "a mapping of keys",
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
}


def _words(types) -> str:
    return " or ".join(TYPES[t] for t in ([types] if isinstance(types, str) else types))


def _place(path) -> str:
    text = ""
    for step in path:
        text = at(text, step if isinstance(step, int) else str(step))
    return text


def _cross_field_faults(d: dict, sources: Sources) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []

    def known(place: str, names, declared, what: str) -> None:
        for name in names:
            if name not in declared:
                near = nearest(name, declared)
                listed = ", ".join(declared) or "none"
                faults.append((place, f"unknown {what} {name!r}{near}; declared: {listed}"))

    arms = [a["id"] for a in d["arms"]]
    months = [v["month"] for v in d["visits"]]
    outcomes = [o["id"] for o in d["outcomes"]]
    covariates = [c["id"] for c in d.get("covariates", [])]
    analyses = [a["id"] for a in d["analyses"]]
    estimands = [e["id"] for e in d["estimands"]]
    for place, names, what in (
        ("arms", arms, "arm"),
        ("visits", months, "month"),
        ("outcomes", outcomes, "outcome"),
        ("covariates", covariates, "covariate"),
        ("analyses", analyses, "analysis"),
        ("estimands", estimands, "estimand"),
        ("deviations", [e["id"] for e in d.get("deviations", [])], "deviation"),
    ):
        faults.extend(alike(place, names, what))
    faults.extend(reserved(d))
    faults.extend(labels(d))
    faults.extend(_months_faults(months))

    known("reference", [d["reference"]], arms, "arm")
    for i, pair in enumerate(d["contrasts"]):
        known(f"contrasts[{i}]", pair, arms, "arm")
        if pair[0] == pair[1]:
            faults.append((f"contrasts[{i}]", f"{pair[0]!r} is compared with itself"))
        if twins := [k for k in range(i) if sorted(d["contrasts"][k]) == sorted(pair)]:
            text = (
                f"{pair[0]} and {pair[1]} are compared in contrasts[{twins[0]}] already; keep one"
            )
            faults.append((f"contrasts[{i}]", text))
    if d["data"]["route"] == "tidy":
        columns, place = d["data"]["participants"]["columns"], "data.participants.columns"
        for name in ("participant_id", "arm"):
            if name not in columns:
                faults.append((place, f"the column {name!r} is missing; say where it comes from"))
        known(f"{place}.arm.codes", columns.get("arm", {}).get("codes", {}).values(), arms, "arm")
        for id, column in d["data"]["visits"]["outcomes"].items():
            place = f"data.visits.outcomes.{id}"
            known(place, [id], outcomes, "outcome")
            known(f"{place}.months", column.get("months", {}), months, "month")
        visit = d["data"]["visits"].get("month")
        if isinstance(visit, dict):
            known("data.visits.month.codes", visit.get("codes", {}).values(), months, "month")
    known("primary.outcome", [d["primary"]["outcome"]], outcomes, "outcome")
    known("primary.month", [d["primary"]["month"]], months, "month")
    known("primary.analysis", [d["primary"]["analysis"]], analyses, "analysis")

    main = next((a for a in d["analyses"] if a["id"] == d["primary"]["analysis"]), {})
    if main.get("kind", "model") != "model":
        text = f"the primary analysis is one fit, and {main['id']!r} is of kind {main['kind']}"
        faults.append(("primary.analysis", f"{text}; name an entry without kind"))
    elif main and d["primary"]["outcome"] not in main["outcomes"]:
        text = f"{main['id']!r} is not done for the primary outcome {d['primary']['outcome']!r}"
        faults.append(("primary.analysis", f"{text}; add it to its outcomes"))
    for size in d.get("randomization", {}).get("block_sizes", ()):
        if size % len(arms):
            text = f"found {size}; a block has as many people of each of the {len(arms)} arms, so "
            faults.append(("randomization.block_sizes", f"{text}use multiples of {len(arms)}"))

    windows = [(v["month"], *v["window"]) for v in d["visits"] if v.get("window")]
    for month, first, last in windows:
        if first > last:
            place = f"visits[{months.index(month)}].window"
            faults.append((place, f"[{first}, {last}] ends before it begins"))
    for (one, a1, b1), (other, a2, b2) in zip(windows, windows[1:], strict=False):
        if a2 <= b1 and a1 <= b2:
            place = f"visits[{months.index(other)}].window"
            faults.append((place, f"[{a2}, {b2}] overlaps the window of month {one} [{a1}, {b1}]"))

    models = d.get("models", {})
    for key in ("adjusted", "response", "imputation"):
        known(f"models.{key}", models.get(key, []), covariates, "covariate")
        faults.extend(_doubled(f"models.{key}", models.get(key, [])))
    if not 0 < Decimal(models["alpha"]) <= Decimal("0.5"):
        text = f"found {models['alpha']}; expected above 0, at most 0.5 (0.05 gives 95% intervals)"
        faults.append(("models.alpha", text))
    for name, level in models.get("response_references", {}).items():
        known("models.response_references", [name], ["arm", *covariates], "covariate")
        if name == "arm":
            known("models.response_references.arm", [level], arms, "arm")

    for i, outcome in enumerate(d["outcomes"]):
        place = f"outcomes[{i}]"
        faults.extend((f"{place}.{key}", text) for key, text in _outcome_faults(d, outcome))
        faults.extend(_source_faults(d, sources, outcome, place))
        if models.get("own_baseline") and outcome.get("baseline"):
            known(f"{place}.baseline", [outcome["baseline"]], covariates, "covariate")
    if d["primary"]["outcome"] in outcomes:
        text = "the primary outcome is binary; give it a threshold or an event"
        faults += [("primary.outcome", text) for _ in lacking(d, [d["primary"]["outcome"]])]

    if models.get("multiplicity") == "protected_lsd" and len(arms) != 3:
        rule = "none, there being one comparison" if len(arms) < 3 else "holm or hommel"
        text = f"protected LSD holds for exactly three arms, found {len(arms)}; use {rule}"
        faults.append(("models.multiplicity", text))

    faults.extend(randomization_faults(d))

    for i, a in enumerate(d["analyses"]):
        kind = a.get("kind", "model")
        place = f"analyses[{i}]"
        known(f"{place}.outcomes", a.get("outcomes", ()), outcomes, "outcome")
        faults.extend(_doubled(f"{place}.outcomes", a.get("outcomes", ())))
        known(f"{place}.estimand", [a["estimand"]], [*estimands, DESCRIPTIVE], "estimand")
        for key in ("covariates", "candidates", "auxiliary"):
            if isinstance(a.get(key), list):
                known(f"{place}.{key}", a[key], covariates, "covariate")
                faults.extend(_doubled(f"{place}.{key}", a[key]))
        if "of" in a:
            wanted = OF.get(kind, "model")
            declared = [b["id"] for b in d["analyses"] if b.get("kind", "model") == wanted]
            known(f"{place}.of", [a["of"]], declared, f"analysis of kind {wanted}")
        faults.extend((f"{place}.{key}", text) for key, text in entry_faults(d, a))
    for id, months_of in d.get("windows", {}).items():
        known(f"windows.{id}", months_of, months, "month")
        for month, (first, last) in months_of.items():
            if first > last:
                faults.append((f"windows.{id}.{month}", f"[{first}, {last}] ends before it begins"))
    if "windows" in d and d["data"]["route"] == "tidy":
        faults.append(("windows", "the route tidy reads no dates; leave the key out"))
    if d["data"]["route"] == "tidy":
        faults.extend(mapping_faults(d))
    for i, line in enumerate(d.get("baseline_table", ())):
        if line.get("kind") is None and "level" not in line:
            text = "say what the line counts: kind (mean, median, levels, flags) or level"
            faults.append((f"baseline_table[{i}]", text))
    return faults


def _doubled(place: str, names) -> list[tuple[str, str]]:
    doubled = sorted({n for n in names if list(names).count(n) > 1})
    return [(place, f"{n!r} stands twice; keep one") for n in doubled]


def _months_faults(months: list[str]) -> list[tuple[str, str]]:
    """Visits that are called by the same number, written in two ways."""
    first, faults = {}, []
    for i, month in enumerate(months):
        if re.fullmatch(r"\d+(\.\d+)?", month):
            other = first.setdefault(Decimal(month), month)
            if other != month:
                text = f"month {month!r} is the same number as {other!r}; keep one spelling"
                faults.append((f"visits[{i}].month", text))
    return faults


def _outcome_faults(d: dict, outcome: dict) -> list[tuple[str, str]]:
    """Faults of a declared outcome: (key, text)."""
    faults = []
    if outcome.get("threshold") is not None:
        threshold = Decimal(outcome["threshold"])
        if not 0 < threshold < 1:
            faults.append(("threshold", f"found {threshold}; expected above 0, below 1"))
        if not outcome.get("baseline"):
            text = "a responder needs the baseline score it is measured from; add the key"
            faults.append(("baseline", text))
        if outcome.get("event"):
            faults.append(("event", "a binary form has a threshold or an event, not both"))
    if outcome.get("event") and d["data"]["route"] == "tidy":
        text = "on the route tidy the event of an outcome stands in data.visits.outcomes"
        faults.append(("event", text))
    months = [v["month"] for v in outcome.get("visits", ())]
    for month in sorted({m for m in months if months.count(m) > 1}):
        faults.append(("visits", f"month {month!r} is declared twice; ids are unique"))
    return faults


def _source_faults(d: dict, sources: Sources, outcome: dict, place: str) -> list[tuple[str, str]]:
    """An outcome without a source: a route of its own says which instruments it scores, on the
    route `tidy` the visits' mapping says which column holds the outcome."""
    route = d["data"]["route"]
    if route == "tidy":
        declared = tuple(d["data"]["visits"]["outcomes"])
        found, key = outcome["id"], f"{place}.id"
    else:
        declared = tuple(sources[route])
        found, key = outcome.get("source", ""), f"{place}.source"
    if found in declared:
        return []
    listed = ", ".join(declared) or "none"
    return [(key, f"no source for outcome {outcome['id']!r}: found {found!r}; known: {listed}")]
