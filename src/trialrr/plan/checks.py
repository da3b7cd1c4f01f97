"""Every fault of a plan at once: JSON Schema, then fields against each other.

`check` is the entry; all else gathers (place, text) pairs.
"""

import difflib
import json
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from trialrr.plan.document import PlanError

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
        kind = a.get("kind", "model")
        place = f"analyses[{i}]"
        known(f"{place}.outcomes", a.get("outcomes", ()), outcomes, "outcome")
        for key in ("covariates", "candidates", "auxiliary"):
            if isinstance(a.get(key), list):
                known(f"{place}.{key}", a[key], covariates, "covariate")
        if "of" in a:
            wanted = OF.get(kind, "model")
            declared = [b["id"] for b in d["analyses"] if b.get("kind", "model") == wanted]
            known(f"{place}.of", [a["of"]], declared, f"analysis of kind {wanted}")
        checked = _model_faults(d, a) if kind == "model" else _kind_faults(d, a)
        faults.extend((f"{place}.{key}", text) for key, text in checked)
    for id, months_of in d.get("windows", {}).items():
        known(f"windows.{id}", months_of, months, "month")
        for month, (first, last) in months_of.items():
            if first > last:
                faults.append((f"windows.{id}.{month}", f"[{first}, {last}] ends before it begins"))
    if "windows" in d and d["data"]["route"] == "tidy":
        faults.append(("windows", "the route tidy reads no dates; leave the key out"))
    return faults


OF = {"delta": "multiple_imputation"}
"""Kind of the entry that an entry's `of` names, where it is not `model`."""

SCORED = ("multiple_imputation", "delta", "informative_odds", "reference_based", "responder_curve")
"""Kinds that need the score behind a responder."""


def _model_faults(d: dict, a: dict) -> list[tuple[str, str]]:
    """Faults of an entry of kind model: (key, text)."""
    faults = _method_faults(a)
    covariates = [c["id"] for c in d.get("covariates", [])]
    if a.get("companions"):
        if a["companions"] not in covariates:
            near = _nearest(a["companions"], covariates)
            text = f"unknown covariate {a['companions']!r}{near}; declared: "
            faults.append(("companions", text + (", ".join(covariates) or "none")))
        if a["missing"] != "complete_case" or a.get("weights"):
            text = "tables count observed outcomes, unweighted: missing: complete_case only"
            faults.append(("companions", text))
    if a.get("weights") and not d["models"].get("response"):
        faults.append(("weights", "response weights need models.response"))
    stacked = a.get("variance", "robust")
    if stacked != "robust" and a.get("weights") is None:
        text = f"variance {stacked!r} stacks the weight model; add weights: response"
        faults.append(("variance", text))
    if stacked == "stacked" and a["missing"] != "pattern_mixture":
        text = "variance 'stacked' carries the imputation model of missing: pattern_mixture"
        faults.append(("variance", text))
    if a["missing"] == "pattern_mixture":
        faults += _unscored(d, a, "missing", "pattern mixture imputes a score")
    for key, value in a.get("population", {}).items():
        faults += _date_fault(f"population.{key}", value)
    if "truncation" in a:
        if not a.get("weights"):
            faults.append(("truncation", "there are no weights to truncate; add weights"))
        faults += _share_faults("truncation", [a["truncation"]])
    if a.get("windows") and a["windows"] not in d.get("windows", {}):
        listed = ", ".join(d.get("windows", {})) or "none"
        faults.append(("windows", f"unknown windows {a['windows']!r}; declared: {listed}"))
    if "definition" in a:
        faults += _unscored(d, a, "definition", "another definition needs the score")
        if "threshold" in a["definition"]:
            faults += _share_faults("definition.threshold", [a["definition"]["threshold"]])
    return faults


def _kind_faults(d: dict, a: dict) -> list[tuple[str, str]]:
    """Faults of an entry of any other kind: (key, text)."""
    kind, faults = a["kind"], []
    covariates = [c["id"] for c in d.get("covariates", [])]
    of = next((b for b in d["analyses"] if b["id"] == a.get("of")), {})
    model, working = of.get("model", "modified_poisson"), of.get("working", "independence")
    if kind == "bootstrap" and (
        model != "modified_poisson"
        or working != "independence"
        or of.get("risks", "at_means") != "at_means"
        or of.get("weights", "response") != "response"
        or "truncation" in of
    ):
        text = "what is resampled is modified_poisson, working independence, risks at_means and "
        faults.append(("of", f"{text}weights response or none; analysis {a['of']!r} is not"))
    if kind == "rerandomization" and (
        model not in ("modified_poisson", "logistic") or working != "independence"
    ):
        text = "the test has scores of modified_poisson and logistic, working independence; "
        faults.append(("of", f"{text}analysis {a['of']!r} has another model"))
    for id in a.get("points", ()):
        models = [b["id"] for b in d["analyses"] if b.get("kind", "model") == "model"]
        if id not in models:
            text = f"unknown analysis of kind model {id!r}{_nearest(id, models)}"
            faults.append(("points", text))
    if kind in SCORED:
        faults += _unscored(d, a, "outcomes", f"{kind} needs the score behind a responder")
    if kind in ("rerandomization", "specification_curve") and "randomization" not in d:
        text = "there is nothing to repeat; say how the trial randomized: randomization"
        faults.append(("draws", text))
    if kind == "leave_one_out" and a["by"] not in ("cluster", *covariates):
        listed = ", ".join(["cluster", *covariates])
        faults.append(("by", f"unknown column {a['by']!r}; known: {listed}"))
    if kind == "responder_curve":
        faults += _share_faults("thresholds", a["thresholds"])
    if kind == "delta":
        for key in ("active", "control"):
            if 0.0 not in map(float, a[key]):
                faults.append((key, "the shift 0, which is missing at random, is not among them"))
    if kind == "informative_odds":
        for key in ("active", "control"):
            if 1.0 not in map(float, a[key]):
                faults.append((key, "the ratio 1, which is missing at random, is not among them"))
            if min(map(float, a[key])) <= 0:
                faults.append((key, "an odds ratio is above 0; write 0.001 for almost none"))
    if kind == "balance" and not of.get("weights"):
        faults.append(("of", f"analysis {a['of']!r} has no weights that could balance"))
    if kind == "power":
        arms = [arm["id"] for arm in d["arms"]]
        if set(a["risks"]) != set(arms):
            text = f"found risks of {', '.join(a['risks'])}; expected one of each arm: "
            faults.append(("risks", text + ", ".join(arms)))
        faults += _share_faults("risks", a["risks"].values())
        if not 0 <= float(a["loss"]) < 1:
            faults.append(("loss", f"found {a['loss']}; expected a share from 0 to below 1"))
    if kind == "simulation" and (
        of.get("missing") != "pattern_mixture" or of.get("variance") != "stacked"
    ):
        text = "the whole procedure is one with missing: pattern_mixture, variance: stacked"
        faults.append(("of", text))
    if kind == "specification_curve":
        outcomes = [o["id"] for o in d["outcomes"]]
        for id, chosen in a["definitions"].items():
            key = f"definitions.{id}"
            if chosen["outcome"] not in outcomes:
                listed = ", ".join(outcomes)
                faults.append((key, f"unknown outcome {chosen['outcome']!r}; declared: {listed}"))
            else:
                own = {"outcomes": [chosen["outcome"]]}
                faults += _unscored(d, own, key, "a definition needs the score")
            if "threshold" in chosen:
                faults += _share_faults(f"{key}.threshold", [chosen["threshold"]])
            if "threshold" in chosen and "drop" in chosen:
                faults.append((key, "a responder is defined by threshold or by drop, not by both"))
        for id, names in a["covariates"].items():
            for name in names:
                if name not in covariates:
                    text = f"unknown covariate {name!r}{_nearest(name, covariates)}"
                    faults.append((f"covariates.{id}", text))
        for id, rules in a["populations"].items():
            for key, value in rules.items():
                faults += _date_fault(f"populations.{id}.{key}", value)
        if any("weighted" in m for m in a["missing"]) and not d["models"].get("response"):
            faults.append(("missing", "response weights need models.response"))
    return faults


def _unscored(d: dict, a: dict, key: str, why: str) -> list[tuple[str, str]]:
    return [
        (key, f"{why}; outcome {o['id']!r} has no threshold")
        for o in d["outcomes"]
        if o["id"] in a["outcomes"] and not o.get("threshold")
    ]


def _share_faults(key: str, values) -> list[tuple[str, str]]:
    wrong = [v for v in values if not 0 < Decimal(v) < 1]
    return [(key, f"found {v}; expected above 0, below 1") for v in wrong]


def _date_fault(key: str, value: str) -> list[tuple[str, str]]:
    try:
        date.fromisoformat(value)
    except ValueError:
        return [(key, f"found {value!r}; expected a date as YYYY-MM-DD")]
    return []


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
    if a.get("inference") == "quasi_score":
        plain = model == "modified_poisson" and a.get("working", "independence") == "independence"
        if not plain or stacked or standardized or name != "cr0" or rule != "z":
            text = (
                "quasi_score goes with modified_poisson, working independence, risks at_means, "
                "variance robust, covariance cr0 and degrees_of_freedom z"
            )
            faults.append(("inference", text))
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
