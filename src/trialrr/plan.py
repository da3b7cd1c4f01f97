"""The statistical analysis plan: a YAML document, checked, then frozen. Nothing else reads YAML.

`check` gathers every fault of a document (JSON Schema, then fields against each other) with its
place; `parse` turns a document, or a slice of one, into dataclasses; `part` cuts the slice that a
stage of the workflow uses, so that a rule reruns when its own part of the plan changes and only
then.
"""

import difflib
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

DOCUMENTATION = "config/README.md describes every key"
SCHEMA = Path("workflow/schemas/plan.schema.json")


Sources = Mapping[str, Collection[str]]
"""Route of a trial's own (`resolve`) → names of the instruments that it scores."""


class PlanError(ValueError):
    """The plan is wrong; the message lists every fault with its place and the remedy."""


@dataclass(frozen=True, slots=True)
class Arm:
    id: str
    label: str = ""
    clusters: str = "person"  # person, or the name of what people of this arm share


@dataclass(frozen=True, slots=True)
class Visit:
    month: str
    label: str = ""
    window: tuple[int, int] | None = None  # days after randomization, both ends inside


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    label: str = ""
    source: str = ""
    baseline: str = ""
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Covariate:
    id: str
    label: str = ""
    reference: str | None = None  # level of reference; None for a numeric column


@dataclass(frozen=True, slots=True)
class Models:
    adjusted: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    imputation: tuple[str, ...] = ()
    response_references: dict[str, str] = field(default_factory=dict)
    own_baseline: bool = False
    alpha: float = 0.05
    multiplicity: str = "none"


@dataclass(frozen=True, slots=True)
class Analysis:
    id: str
    outcomes: tuple[str, ...]
    status: str
    missing: str
    label: str = ""
    weights: str | None = None
    variance: str = "robust"
    covariance: str = "cr0"
    degrees_of_freedom: str = "z"
    model: str = "modified_poisson"
    working: str = "independence"
    risks: str = "at_means"
    interval: str = "log"
    clusters: str = "plan"
    covariates: tuple[str, ...] | None = None  # None: those of models.adjusted
    population: dict[str, str] = field(default_factory=dict)
    companions: str = ""  # column of participants that the plain companions are stratified by
    bandwidth_factor: float = 1.0
    separation: str = "stop"


@dataclass(frozen=True, slots=True)
class Plan:
    """A parsed plan, or a slice of one: sections that the slice leaves out are empty."""

    trial: str = ""
    version: str = ""
    title: str = ""
    source: str = ""
    seed: int = 0
    data: dict = field(default_factory=dict)
    arms: tuple[Arm, ...] = ()
    reference: str = ""
    contrasts: tuple[tuple[str, str], ...] = ()
    visits: tuple[Visit, ...] = ()
    primary: dict[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    models: Models = Models()
    analyses: tuple[Analysis, ...] = ()
    baseline_table: tuple[dict, ...] = ()
    published: str = ""

    def outcome(self, id: str) -> Outcome:
        return next(o for o in self.outcomes if o.id == id)

    def covariate(self, id: str) -> Covariate:
        return next(c for c in self.covariates if c.id == id)

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(v.month for v in self.visits)


# ---------------------------------------------------------------------------------- reading


def read(path: str | Path) -> dict:
    """The YAML document at `path` as plain data. Raises PlanError if a key stands twice in a
    mapping, or if it is not YAML."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise PlanError(
                    f"{path}:{key.start_mark.line + 1}: the key {key.value!r} stands twice in one "
                    "mapping; keep one"
                )
            seen.add(key.value)
        return yaml.SafeLoader.construct_mapping(loader, node, deep)

    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader)
    except yaml.YAMLError as error:
        raise PlanError(f"{path}: not a YAML document: {error}") from None


def load(path: str | Path, sources: Sources, schema: str | Path = SCHEMA) -> Plan:
    """Read, check and parse the plan at `path`. Raises PlanError."""
    document = read(path)
    check(document, sources, schema, name=str(path))
    return parse(document)


def parse(document: dict) -> Plan:
    """Dataclasses from a checked document, or from a slice of one (see `part`)."""
    d = dict(document)
    outcomes = (o | {"threshold": _decimal(o.get("threshold"))} for o in d.get("outcomes", ()))
    visits = (v | {"window": _tuple(v.get("window"))} for v in d.get("visits", ()))
    models = dict(d.get("models", {}))
    for name in ("adjusted", "response", "imputation"):
        models[name] = tuple(models.get(name, ()))
    if "alpha" in models:
        models["alpha"] = float(models["alpha"])
    return Plan(
        **{
            key: d[key]
            for key in ("trial", "version", "title", "source", "seed", "data", "reference")
            if key in d
        },
        primary=d.get("primary", {}),
        published=d.get("published", ""),
        arms=tuple(Arm(**a) for a in d.get("arms", ())),
        contrasts=tuple((a, b) for a, b in d.get("contrasts", ())),
        visits=tuple(Visit(**v) for v in visits),
        outcomes=tuple(Outcome(**o) for o in outcomes),
        covariates=tuple(Covariate(**c) for c in d.get("covariates", ())),
        models=Models(**models),
        analyses=tuple(_analysis(a) for a in d.get("analyses", ())),
        baseline_table=tuple(d.get("baseline_table", ())),
    )


def _analysis(entry: dict) -> Analysis:
    entry = entry | {"outcomes": tuple(entry["outcomes"])}
    if entry.get("covariates") is not None:
        entry["covariates"] = tuple(entry["covariates"])
    if "bandwidth_factor" in entry:
        entry["bandwidth_factor"] = float(entry["bandwidth_factor"])
    return Analysis(**entry)


def _decimal(text):
    return None if text is None else Decimal(text)


def _tuple(values):
    return None if values is None else tuple(values)


# ---------------------------------------------------------------------------------- slicing


def digest(document: dict) -> str:
    """SHA-256 of the document as sorted JSON: the same for the same plan, whatever its comments."""
    return hashlib.sha256(_json(document).encode()).hexdigest()


def part(document: dict, *sections: str, analyses=None, labels: bool = False) -> str:
    """The named sections of `document` as sorted JSON; of `analyses`, those whose entry passes the
    given test. Labels are left out unless asked for: a new wording recomputes no estimate."""
    chosen = {key: document[key] for key in sections if key in document}
    if "analyses" in chosen and analyses is not None:
        chosen["analyses"] = [a for a in chosen["analyses"] if analyses(a)]
    return _json(chosen if labels else _without_labels(chosen))


def _without_labels(node):
    if isinstance(node, dict):
        return {k: _without_labels(v) for k, v in node.items() if k != "label"}
    if isinstance(node, list):
        return [_without_labels(v) for v in node]
    return node


def _json(document) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=True)


# ---------------------------------------------------------------------------------- checking


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
            (place, f"unknown key {key!r}{_nearest(key, allowed)}; allowed: {', '.join(allowed)}")
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
        near = _nearest(str(error.instance), allowed)
        return [(place, f"found {error.instance!r}{near}; allowed: {', '.join(allowed)}")]
    if error.validator == "type" and not isinstance(error.instance, (dict, list)):
        return [(place, f"found {error.instance!r}; expected {error.validator_value}")]
    return [(place, error.message)]


def _place(path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _nearest(word: str, allowed) -> str:
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _cross_field_faults(d: dict, sources: Sources) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []

    def known(place: str, names, declared, what: str) -> None:
        for name in names:
            if name not in declared:
                near = _nearest(name, declared)
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
    for place, names, what in (
        ("arms", arms, "arm"),
        ("visits", months, "month"),
        ("outcomes", outcomes, "outcome"),
        ("covariates", covariates, "covariate"),
        ("analyses", analyses, "analysis"),
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
        if outcome.get("threshold") is not None:
            threshold = Decimal(outcome["threshold"])
            if not 0 < threshold < 1:
                faults.append(
                    (f"{place}.threshold", f"found {threshold}; expected above 0, below 1")
                )
            if not outcome.get("baseline"):
                text = "a responder needs the baseline score it is measured from; add the key"
                faults.append((f"{place}.baseline", text))
        faults.extend(_source_faults(d, sources, outcome, place))

    if models.get("multiplicity") == "protected_lsd" and len(arms) != 3:
        text = f"protected LSD holds for exactly three arms, found {len(arms)}; use holm or hommel"
        faults.append(("models.multiplicity", text))

    for i, a in enumerate(d["analyses"]):
        place = f"analyses[{i}]"
        faults.extend((f"{place}.{key}", text) for key, text in _method_faults(a))
        known(f"{place}.outcomes", a["outcomes"], outcomes, "outcome")
        known(f"{place}.covariates", a.get("covariates") or [], covariates, "covariate")
        if a.get("companions"):
            known(f"{place}.companions", [a["companions"]], covariates, "covariate")
            if a["missing"] != "complete_case" or a.get("weights"):
                text = "tables count observed outcomes, unweighted: missing: complete_case only"
                faults.append((f"{place}.companions", text))
        if a.get("weights") == "response" and not models.get("response"):
            faults.append((f"{place}.weights", "response weights need models.response"))
        stacked = a.get("variance", "robust")
        if stacked != "robust" and a.get("weights") is None:
            text = f"variance {stacked!r} stacks the weight model; add weights: response"
            faults.append((f"{place}.variance", text))
        if stacked == "stacked" and a["missing"] != "pattern_mixture":
            text = "variance 'stacked' carries the imputation model of missing: pattern_mixture"
            faults.append((f"{place}.variance", text))
        if a["missing"] == "pattern_mixture":
            for id in a["outcomes"]:
                if id in outcomes and not d["outcomes"][outcomes.index(id)].get("threshold"):
                    text = f"pattern mixture imputes a score; outcome {id!r} has no threshold"
                    faults.append((f"{place}.missing", text))
        for key, value in a.get("population", {}).items():
            try:
                date.fromisoformat(value)
            except ValueError:
                text = f"found {value!r}; expected a date as YYYY-MM-DD"
                faults.append((f"{place}.population.{key}", text))
    return faults


def _method_faults(a: dict) -> list[tuple[str, str]]:
    """Choices of estimator, covariance and degrees of freedom that do not go together."""
    faults = []
    stacked, name = a.get("variance", "robust") != "robust", a.get("covariance", "cr0")
    rule, model = a.get("degrees_of_freedom", "z"), a.get("model", "modified_poisson")
    standardized = a.get("risks", "at_means") != "at_means"
    if stacked and name in ("hc0", "stata", "hc1", "hc2", "hc3", "mbn"):
        text = f"{name!r} has no stacked form; expected cr0, cr1, cr1s, cr2, cr3, kc, md or fg"
        faults.append(("covariance", text))
    if rule == "satterthwaite" and name in ("fg", "mbn"):
        text = f"{name!r} has no Satterthwaite df; use clusters_minus_parameters"
        faults.append(("degrees_of_freedom", text))
    if a.get("working") == "exchangeable":
        if model != "modified_poisson":
            faults.append(("working", f"exchangeable is for modified_poisson, not {model}"))
        if stacked or name not in ("cr0", "cr1", "cr1s") or rule == "satterthwaite":
            text = (
                "exchangeable goes with variance robust, covariance cr0, cr1 or cr1s, and df of z"
            )
            faults.append(("working", f"{text} or clusters_minus_parameters"))
    if model == "logistic" and not standardized:
        faults.append(("model", "logistic gives risks by `risks: standardized` only"))
    if model != "modified_poisson" and a.get("variance") == "stacked":
        text = f"the imputation model is stacked with modified_poisson only, not {model}"
        faults.append(("variance", text))
    if standardized and rule != "z":
        faults.append(
            ("risks", "standardized risks have normal intervals; use degrees_of_freedom: z")
        )
    if a.get("risks") == "standardized_random" and (
        stacked or name.startswith(("h", "stata", "mbn"))
    ):
        text = "random covariates are summed by cluster: variance robust and a cluster covariance"
        faults.append(("risks", text))
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
