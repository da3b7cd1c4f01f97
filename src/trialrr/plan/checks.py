"""Every fault of a plan at once: JSON Schema, then fields against each other.

`check` is the entry; all else gathers (place, text) pairs.
"""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path

from trialrr.plan.document import DESCRIPTIVE, PlanError
from trialrr.plan.entry_checks import OF, entry_faults, lacking, nearest, randomization_faults

DOCUMENTATION = "config/README.md describes every key"
SCHEMA = Path("workflow/schemas/plan.schema.json")

Sources = Mapping[str, Collection[str]]
"""Route of a trial's own (`resolve`) → names of the instruments that it scores."""


def check(
    document: dict, sources: Sources, schema: str | Path = SCHEMA, name: str = "the plan"
) -> None:
    """Raise PlanError with every fault of `document`: unknown or missing keys and wrong types by
    the JSON Schema, then names that nothing declares and fields that contradict each other."""
    faults = _schema_faults(document, json.loads(Path(schema).read_text(encoding="utf-8")))
    if not faults:
        faults = _cross_field_faults(document, sources)
    if faults:
        lines = "".join(f"\n  {place or 'top level'}: {text}" for place, text in faults)
        raise PlanError(f"{name}: {len(faults)} fault(s); nothing was computed.{lines}\n"
                        f"  ({DOCUMENTATION})")  # fmt: skip


def _schema_faults(document, schema) -> list[tuple[str, str]]:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)
    faults = []
    for error in validator.iter_errors(document):
        faults.extend(_explain(error))
    return sorted(set(faults))


def _explain(error) -> list[tuple[str, str]]:
    place = _place(error.absolute_path)
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(allowed))
        return [
            (place, f"unknown key {key!r}{nearest(key, allowed)}; allowed: {', '.join(allowed)}")
            for key in unknown
        ]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
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
        near = nearest(str(error.instance), allowed)
        return [(place, f"found {error.instance!r}{near}; allowed: {', '.join(allowed)}")]
    if error.validator == "type" and not isinstance(error.instance, (dict, list)):
        return [(place, f"found {error.instance!r}; expected {error.validator_value}")]
    return [(place, error.message)]


def _place(path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _cross_field_faults(d: dict, sources: Sources) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []

    def known(place: str, names, declared, what: str) -> None:
        for name in names:
            if name not in declared:
                near = nearest(name, declared)
                listed = ", ".join(declared) or "none"
                faults.append((place, f"unknown {what} {name!r}{near}; declared: {listed}"))

    def unique(place: str, names, what: str) -> None:
        doubled = sorted({n for n in names if list(names).count(n) > 1})
        faults.extend((place, f"{what} {n!r} is declared twice; ids are unique") for n in doubled)

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
        unique(place, names, what)

    known("reference", [d["reference"]], arms, "arm")
    for i, pair in enumerate(d["contrasts"]):
        known(f"contrasts[{i}]", pair, arms, "arm")
        if pair[0] == pair[1]:
            faults.append((f"contrasts[{i}]", f"{pair[0]!r} is compared with itself"))
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
    known("primary.outcome", [d["primary"]["outcome"]], outcomes, "outcome")
    known("primary.month", [d["primary"]["month"]], months, "month")
    known("primary.analysis", [d["primary"]["analysis"]], analyses, "analysis")

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
    for name in models.get("response_references", {}):
        known("models.response_references", [name], ["arm", *covariates], "covariate")

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
        known(f"{place}.estimand", [a["estimand"]], [*estimands, DESCRIPTIVE], "estimand")
        for key in ("covariates", "candidates", "auxiliary"):
            if isinstance(a.get(key), list):
                known(f"{place}.{key}", a[key], covariates, "covariate")
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
