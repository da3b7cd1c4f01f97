"""Faults of one entry of `analyses` against the rest of the plan: pairs (key, text)."""

from datetime import date
from decimal import Decimal

from trialrr.plan.mentions import COMPLETE_CASE, INDICATOR, MEAN
from trialrr.plan.near import nearest

Faults = list[tuple[str, str]]


def entry_faults(d: dict, a: dict) -> Faults:
    """Every fault of entry `a` of the document `d`."""
    return _model_faults(d, a) if a.get("kind", "model") == "model" else _kind_faults(d, a)


OF = {"delta": "multiple_imputation"}
"""Kind of the entry that an entry's `of` names, where it is not `model`."""

SCORED = ("multiple_imputation", "delta", "informative_odds", "reference_based", "responder_curve")
"""Kinds that need the score behind a responder."""


OTHER_COVARIATES = (
    "leave_one_out",
    "responder_curve",
    "subgroups",
    "mmrm",
    "adherence",
    "power",
)
"""Kinds beside `model` that follow `missing_covariates`, or have no covariates."""


OWN_FORM = ("mmrm", "power")
"""Kinds that do not ask for the binary form of their outcomes."""


def lacking(d: dict, ids, form: str = "binary") -> list[str]:
    """Those of the outcomes `ids` that have no `binary` form, or no `score`."""
    mapping = d["data"].get("visits", {}).get("outcomes", {})

    def has(outcome: dict) -> bool:
        if d["data"]["route"] == "tidy":
            spec = mapping.get(outcome["id"], {})
            return "event" in spec if form == "binary" else spec.get("type") in NUMBERS
        return form == "score" or bool(outcome.get("threshold") or outcome.get("event"))

    return [o["id"] for o in d["outcomes"] if o["id"] in ids and not has(o)]


NUMBERS = ("integer", "number")


def _form_faults(d: dict, a: dict, form: str) -> Faults:
    needs = "a threshold or an event" if form == "binary" else "a score, which is a number"
    return [
        ("outcomes", f"outcome {id!r} has no {form} form; this analysis needs {needs}")
        for id in lacking(d, a.get("outcomes", ()), form)
    ]


def _linear_faults(a: dict) -> Faults:
    """What a model of a change in score cannot be asked for."""
    asked = {
        "working": a.get("working", "independence") != "independence",
        "risks": a.get("risks", "at_means") != "at_means",
        "inference": a.get("inference", "wald") != "wald",
        "missing": a["missing"] == "worst_best_case",
        **{k: k in a for k in ("definition", "companions", "interval", "bandwidth_factor")},
    }
    text = "is about a binary outcome; model linear explains the change in score"
    return [(key, f"{key} {a.get(key)!r} {text}") for key, wrong in asked.items() if wrong]


def _working_faults(d: dict, a: dict) -> Faults:
    """A correlation within a person where outcomes have a single visit."""
    if a.get("working") != "exchangeable":
        return []
    single = [
        o["id"]
        for o in d["outcomes"]
        if o["id"] in a.get("outcomes", ()) and len(o.get("visits", d["visits"])) == 1
    ]
    text = "has one visit, so nobody has two rows that could correlate; say independence"
    return [("working", f"exchangeable, but outcome {id!r} {text}") for id in single]


BY_ROW = ("hc0", "stata", "hc1", "hc2", "hc3")
"""Covariances that take each row of the data by itself."""


def _row_faults(d: dict, a: dict) -> Faults:
    """A covariance by row where people of an arm share something."""
    shared = {arm["id"]: arm.get("clusters", "person") for arm in d["arms"]}
    words = [f"arm {id} has `clusters: {word}`" for id, word in shared.items() if word != "person"]
    if not words or a.get("covariance") not in BY_ROW or a.get("clusters") == "person":
        return []
    text = (
        f"{a['covariance']!r} takes each row by itself, but {' and '.join(words)}; expected a "
        "covariance by cluster such as cr0 or kc, or `clusters: person` in this entry"
    )
    return [("covariance", text)]


def randomization_faults(d: dict) -> Faults:
    """What was randomized, where an entry repeats it: (key, text)."""
    repeats = [a["id"] for a in d["analyses"] if a.get("kind") in REPEATING]
    rules = d.get("randomization")
    if not rules:
        return []
    unit = rules.get("unit")
    shared = {arm["id"]: arm.get("clusters", "person") for arm in d["arms"]}
    alone = [id for id, word in shared.items() if word == "person"]
    if unit == "cluster" and alone:
        text = (
            f"whole clusters were randomized, but arm {', '.join(alone)} has `clusters: person`; "
            "name what its people share, or say unit: person"
        )
        return [("randomization.unit", text)]
    if repeats and not unit and not alone:
        words = ", ".join(sorted(set(shared.values())))
        text = (
            f"people of every arm share a {words}, and {', '.join(repeats)} repeats the "
            "randomization; say what was randomized, unit: cluster or unit: person"
        )
        return [("randomization.unit", text)]
    return []


def _clustered_faults(d: dict, a: dict) -> Faults:
    """Kinds that take people as independent, where whole clusters were randomized."""
    text = CLUSTERLESS.get(a["kind"])
    if not text or d.get("randomization", {}).get("unit") != "cluster":
        return []
    return [("kind", f"whole clusters were randomized (randomization.unit), and {text}")]


CLUSTERLESS = {
    "mmrm": "the mixed model has people as independent units; use model: linear, which sums by "
    "cluster",
    "power": "simulated people are independent, so the power would be too high; leave the entry "
    "out",
}
"""Kinds without clusters → what to do instead."""


REPEATING = ("rerandomization", "specification_curve")
"""Kinds that repeat the trial's randomization."""


def _model_faults(d: dict, a: dict) -> Faults:
    """Faults of an entry of kind model: (key, text)."""
    linear = a.get("model") == "linear"
    faults = _method_faults(a) + _form_faults(d, a, "score" if linear else "binary")
    faults += _working_faults(d, a) + _row_faults(d, a)
    faults += _linear_faults(a) if linear else []
    covariates = [c["id"] for c in d.get("covariates", [])]
    if a.get("companions"):
        if a["companions"] not in covariates:
            near = nearest(a["companions"], covariates)
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
    if a["missing"] == "pattern_mixture" and not linear:
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


def _kind_faults(d: dict, a: dict) -> Faults:
    """Faults of an entry of any other kind: (key, text)."""
    kind, faults = a["kind"], []
    if kind == "mmrm":
        faults += _form_faults(d, a, "score")
    elif kind not in OWN_FORM:
        faults += _form_faults(d, a, "binary")
    covariates = [c["id"] for c in d.get("covariates", [])]
    of = next((b for b in d["analyses"] if b["id"] == a.get("of")), {})
    model, working = of.get("model", "modified_poisson"), of.get("working", "independence")
    faults += NEW.get(kind, lambda *_: [])(d, a, of)
    mode = d["models"].get("missing_covariates", MEAN)
    if kind not in OTHER_COVARIATES and mode in (INDICATOR, COMPLETE_CASE):
        able = ", ".join(("model", *OTHER_COVARIATES))
        text = f"{kind} takes missing covariates at their means only, and models.missing_covariates"
        faults.append(("kind", f"{text} is {mode!r}; kinds that follow it: {able}"))
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
            text = f"unknown analysis of kind model {id!r}{nearest(id, models)}"
            faults.append(("points", text))
    if kind in SCORED:
        faults += _unscored(d, a, "outcomes", f"{kind} needs the score behind a responder")
    faults += _clustered_faults(d, a)
    if kind in REPEATING and "randomization" not in d:
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
    if kind == "selected_covariates" and of:
        base = [*of.get("covariates", d["models"].get("adjusted", ()))]
        if d["models"].get("own_baseline") and "covariates" not in of:
            base += [o["baseline"] for o in d["outcomes"] if o["id"] in a["outcomes"] if
                     o.get("baseline")]  # fmt: skip
        for id in a["candidates"]:
            if id in base:
                text = f"{id!r} is among the covariates of {a['of']!r} already; a candidate is one"
                faults.append(("candidates", f"{text} that may join them"))
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
    if kind == "simulation":
        other = [key for key, value in SIMULATED.items() if of.get(key, value) != value]
        if of.get("missing") != "pattern_mixture" or of.get("variance") != "stacked" or other:
            text = "the whole procedure is one with missing: pattern_mixture, variance: stacked"
            and_all = ", ".join(f"{key}: {value}" for key, value in SIMULATED.items())
            faults.append(("of", f"{text}, {and_all}; analysis {a['of']!r} is not"))
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
                    text = f"unknown covariate {name!r}{nearest(name, covariates)}"
                    faults.append((f"covariates.{id}", text))
        for id, rules in a["populations"].items():
            for key, value in rules.items():
                faults += _date_fault(f"populations.{id}.{key}", value)
        if any("weighted" in m for m in a["missing"]) and not d["models"].get("response"):
            faults.append(("missing", "response weights need models.response"))
    return faults


def _plain(of: dict) -> bool:
    """Whether an entry is a modified Poisson model at the covariate means, with z."""
    return (
        of.get("model", "modified_poisson") == "modified_poisson"
        and of.get("working", "independence") == "independence"
        and of.get("risks", "at_means") == "at_means"
        and of.get("degrees_of_freedom", "z") == "z"
        and of.get("inference", "wald") == "wald"
    )


def _of_faults(a: dict, of: dict) -> Faults:
    text = "is built on modified_poisson, working independence, risks at_means and z; analysis "
    return [] if not of or _plain(of) else [("of", f"{a['kind']} {text}{a['of']!r} is not")]


def _subgroups_faults(d: dict, a: dict, of: dict) -> Faults:
    covariates, ids = [c["id"] for c in d.get("covariates", [])], [m["id"] for m in a["moderators"]]
    named = [m["instead_of"] for m in a["moderators"] if "instead_of" in m]
    faults = [
        ("moderators", f"unknown covariate {id!r}{nearest(id, covariates)}")
        for id in named
        if id not in covariates
    ]
    doubled = sorted({id for id in ids if ids.count(id) > 1})
    return faults + [("moderators", f"{id!r} stands twice") for id in doubled] + _of_faults(a, of)


def _mediation_faults(d: dict, a: dict, of: dict) -> Faults:
    months, faults = [v["month"] for v in d["visits"]], _of_faults(a, of)
    faults += [
        (key, f"unknown month {a[key]!r}; declared: {', '.join(months)}")
        for key in ("month", "at")
        if a[key] not in months
    ]
    measured = {
        o["id"]: [v["month"] for v in o.get("visits", d["visits"])]
        for o in d["outcomes"]
        if o.get("baseline") and not lacking(d, [o["id"]], "score")
    }
    for id in a["mediators"]:
        if a["at"] not in measured.get(id, []):
            text = f"{id!r} is no outcome with a score at baseline and at month {a['at']!r}"
            faults.append(("mediators", text))
    if of and (of.get("missing") != "complete_case" or of.get("weights")):
        text = f"mediation is of people seen, unweighted; analysis {a['of']!r} is not"
        faults.append(("of", text))
    return faults + _share_faults("level", [a["level"]])


def _per_protocol_faults(d: dict, a: dict, of: dict) -> Faults:
    faults = _of_faults(a, of)
    if of.get("covariance") == "mbn":
        text = "covariance 'mbn' cannot be stacked with the model of who took the treatment; "
        faults.append(("of", f"{text}analysis {a['of']!r} has it"))
    return faults


def _economics_faults(d: dict, a: dict, of: dict) -> Faults:
    months, outcomes = [v["month"] for v in d["visits"]], {o["id"]: o for o in d["outcomes"]}
    faults = []
    if a["month"] not in months:
        faults.append(("month", f"unknown month {a['month']!r}; declared: {', '.join(months)}"))
    if not outcomes.get(a["utility"], {}).get("baseline"):
        text = f"{a['utility']!r} is no outcome with a baseline; declared: {', '.join(outcomes)}"
        faults.append(("utility", text))
    if of and not (of.get("missing") == "pattern_mixture" and of.get("weights") == "response"):
        text = f"people are filled and weighted as in `of`; analysis {a['of']!r} is not"
        faults.append(("of", text))
    if len(a["outcomes"]) > 1:
        text = f"found {len(a['outcomes'])} outcomes; expected one, whose responders are the effect"
        faults.append(("outcomes", f"{text}; write an entry for each other"))
    for id in (*a["outcomes"], a["utility"]):
        own = [v["month"] for v in outcomes.get(id, {}).get("visits", d["visits"])]
        if a["month"] in months and a["month"] not in own:
            faults.append(("month", f"{id!r} is not measured at month {a['month']!r}"))
    if not 0 < Decimal(a["winsorize"]) <= 1:
        faults.append(("winsorize", f"found {a['winsorize']}; expected above 0, at most 1"))
    return faults


SIMULATED = {
    "model": "modified_poisson",
    "working": "independence",
    "risks": "at_means",
    "weights": "response",
    "truncation": None,
    "covariance": "cr0",
    "degrees_of_freedom": "z",
    "inference": "wald",
}
"""What a procedure that is simulated has, beside its imputation and its variance."""


NEW = {
    "subgroups": _subgroups_faults,
    "mediation": _mediation_faults,
    "per_protocol": _per_protocol_faults,
    "compliers": lambda d, a, of: _of_faults(a, of),
    "economics": _economics_faults,
}
"""Kind → its faults from the plan, the entry and the entry that it is of."""


def _unscored(d: dict, a: dict, key: str, why: str) -> Faults:
    named = [o for o in d["outcomes"] if o["id"] in a["outcomes"]]
    if d["data"]["route"] == "tidy":
        text = "the route tidy reads no items, so outcome {!r} has no sums of items"
        return [(key, f"{why}; {text.format(o['id'])}") for o in named]
    return [
        (key, f"{why}; outcome {o['id']!r} has no threshold")
        for o in named
        if not o.get("threshold")
    ]


def _share_faults(key: str, values) -> Faults:
    wrong = [v for v in values if not 0 < Decimal(v) < 1]
    return [(key, f"found {v}; expected above 0, below 1") for v in wrong]


def _date_fault(key: str, value: str) -> Faults:
    try:
        date.fromisoformat(value)
    except ValueError:
        return [(key, f"found {value!r}; expected a date as YYYY-MM-DD")]
    return []


def _method_faults(a: dict) -> Faults:
    """Choices of estimator, covariance and degrees of freedom that do not go together."""
    faults = []
    stacked, name = a.get("variance", "robust") != "robust", a.get("covariance", "cr0")
    rule, model = a.get("degrees_of_freedom", "z"), a.get("model", "modified_poisson")
    standardized = a.get("risks", "at_means") != "at_means"
    if stacked and name in (*BY_ROW, "mbn"):
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
    if model not in ("modified_poisson", "linear") and a.get("variance") == "stacked":
        text = f"the imputation model is stacked with modified_poisson or linear, not {model}"
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
