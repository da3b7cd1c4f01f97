"""The page says what the plan chose: it is rendered for every value of every enumerated key of the
plan's schema. A value that the schema has and this test does not know is a fault."""

import json
import re
from functools import cache

import pytest

from tests.present import small_trial, written_trial
from tests.present.small_trial import WARD, document, with_models
from trialrr.plan.reference import SCHEMA

WEIGHTED = {"weights": "response"}
FILLED = {"missing": "pattern_mixture"}
LINEAR = {"model": "linear"}


def analyses(*entries: dict) -> dict:
    """The plan with further entries, each with a label of its own."""
    made = document()
    for entry in entries:
        words = {"id": entry["kind"], "label": f"Entry {entry['kind']}", "status": "post_hoc"}
        words |= {} if entry["kind"] == "power" else {"outcomes": ["ache"]}
        made["analyses"].append(words | {"estimand": "offer"} | entry)
    return made


def of_kind(kind: str, **keys) -> dict:
    """The plan with an entry of this kind, and those that it rests on."""
    filled = {"kind": "model", "id": "filled", **FILLED, **WEIGHTED, "variance": "stacked"}
    crude = {"kind": "model", "id": "crude", "missing": "complete_case", "covariates": []}
    imputed = dict(kind="multiple_imputation", iterations=2, pilot=5, maximum=5, cv="0.5")
    before = {"delta": [imputed], "simulation": [filled], "balance": [filled]}
    before |= {"economics": [filled], "selected_covariates": [crude]}
    return analyses(*before.get(kind, []), {"kind": kind} | KINDS[kind] | keys)


KINDS = {
    "model": dict(id="again", missing="complete_case", covariates=[]),
    "bootstrap": dict(of="main", replicates=100),
    "multiple_imputation": dict(iterations=2, pilot=5, maximum=5, cv="0.5"),
    "delta": dict(of="multiple_imputation", active=["0", "1"], control=["0"]),
    "informative_odds": dict(active=["0.5", "1"], control=["1"]),
    "reference_based": dict(
        rule="jump_to_reference", imputations=5, burn_in=20, bootstraps=10, per_bootstrap=2
    ),
    "rerandomization": dict(of="main", draws=1000),
    "leave_one_out": dict(of="main", by="region"),
    "responder_curve": dict(of="main", thresholds=["0.2", "0.4"]),
    "selected_covariates": dict(of="crude", candidates=["age"], level="0.10"),
    "balance": dict(of="filled"),
    "specification_curve": dict(
        populations={"all": {}},
        definitions={"third": {"outcome": "ache", "threshold": "0.30"}},
        missing=["complete_case"],
        covariates={"none": []},
        estimators=["modified_poisson"],
        draws=200,
    ),
    "power": dict(
        people=60, risks={"mint": "0.6", "salt": "0.6", "wait": "0.4"}, loss="0.1", trials=100
    ),
    "simulation": dict(of="filled", trials=50, scenarios={"null": "0"}),
    "mmrm": dict(),
    "subgroups": dict(of="main", moderators=[{"id": "region", "label": "Region"}]),
    "mediation": dict(
        of="main", month="8", mediators=["rest"], at="1", level="0.10", replicates=50
    ),
    "adherence": dict(column="took", took=">=2", groups=["0", ">=1"]),
    "compliers": dict(of="main", column="took", took=">=2"),
    "per_protocol": dict(of="main", column="took", took=">=2", covariates=["age"]),
    "economics": dict(
        of="filled", month="8", utility="rest", currency="pence",
        unit_costs={"visits_paid": "10"}, willingness_to_pay=["100"], winsorize="0.99",
        replicates=100,
    ),
}  # fmt: skip

OLD = "Observed outcomes, old model"
METHODS = "Methods in short"


def main(**keys) -> dict:
    return document(keys)


def strategy(value: str) -> dict:
    event = {"event": "Stopped", "strategy": value, "how": "As it is"}
    own = small_trial.DOCUMENT["estimands"][0] | {"intercurrent": [event]}
    return document(estimands=[own])


def outcome(**keys) -> dict:
    """The second outcome with other keys, analyzed as a score."""
    first, second = small_trial.DOCUMENT["outcomes"]
    made = analyses({"kind": "model", "id": "scores", "outcomes": ["rest"], **LINEAR})
    made["analyses"][-1] |= {"missing": "complete_case"}
    return made | {"outcomes": [first, second | keys]}


def baseline(value: str) -> dict:
    entry = {"id": "region" if value == "levels" else "age", "label": "Row", "kind": value}
    entry |= {"id": "sign"} if value == "flags" else {}
    return document(baseline_table=[entry])


def alone(covariance: str) -> dict:
    """What an entry must say beside a covariance by row, where people of an arm share a ward."""
    return {"clusters": "person"} if covariance in ("hc0", "stata", "hc1", "hc2", "hc3") else {}


def specified(key: str, value: str) -> dict:
    more = {"missing": [value], "estimators": ["modified_poisson"]}
    if key == "estimators":
        more = {"missing": ["complete_case"], "estimators": [value]}
    return of_kind("specification_curve", **more)


RULES = {
    "none": (["not adjusted for their number"], ["Fisher", "Holm"]),
    "protected_lsd": (["Fisher's protected comparisons", r"P < \.05"], ["Holm", "Hommel"]),
    "holm": ([r"P \(Holm\)", "Holm's method"], ["Fisher", "Hommel"]),
    "hochberg": ([r"P \(Hochberg\)", "Hochberg's method"], ["Fisher", "Holm"]),
    "hommel": ([r"P \(Hommel\)", "Hommel's method"], ["Fisher", "Holm"]),
    "bonferroni": ([r"P \(Bonferroni\)", "Bonferroni's method"], ["Fisher", "Holm"]),
    "fixed_sequence": ([r"P \(fixed sequence\)", "order of the plan"], ["Fisher", "Holm"]),
}
COVARIANCES = {
    name: ([rf"sandwich {name.upper()} by row", "each row of the data by itself"], [f"{WARD}/"])
    for name in ("hc0", "stata", "hc1", "hc2", "hc3")
} | {
    name: ([rf"sandwich {name.upper()} by {WARD}/person", f"Salt gargle: {WARD}; every"], ["row;"])
    for name in ("cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg", "mbn")
}
ROLES = {
    "primary": (["Scores at every visit"], ["Exploratory outcomes"]),
    "secondary": (["Scores at every visit", "Rest, 0 to 40"], ["Exploratory outcomes"]),
    "exploratory": (["Exploratory outcomes Post hoc", "Rest, 0 to 40"], ["Scores at every"]),
    "mediator": ([METHODS], ["Exploratory outcomes", "Scores at every visit"]),
    "economic": ([METHODS], ["Exploratory outcomes", "Scores at every visit"]),
}
STRATEGIES = {
    "treatment_policy": "Treatment policy",
    "hypothetical": "Hypothetical",
    "composite": "Composite variable",
    "while_on_treatment": "While on treatment",
    "principal_stratum": "Principal stratum",
}
STATUSES = {"prespecified": "Prespecified", "post_hoc": "Post hoc", "exploratory": "Exploratory"}
BASELINE = {
    "mean": r"Row, mean \(SD\); N",
    "median": r"Row, median \(quartiles\); N",
    "levels": r"Row, n/N \(%\)",
    "flags": r"Row, n/N \(%\)",
}

LACKED = written_trial.LACKING
LACKING = {
    "mean": (
        [
            "Missing covariates A missing covariate takes the mean of the people who have it."
            f" People of the primary analysis who lack one: Age in years {LACKED}",
            "observed outcomes; missing covariates at their means; sandwich",
            r"Analyzed 48 48 Analyzed:",
        ],
        ["is a covariate too", "Left out"],
    ),
    "indicator": (
        [
            "mean of the people who have it, and that it was missing is a covariate too. People of"
            f" the primary analysis who lack one: Age in years {LACKED}",
            "missing covariates at their means with indicators of missingness; sandwich",
            r"Analyzed 48 48 Analyzed:",
        ],
        ["Left out"],
    ),
    "complete_case": (
        [
            "People who lack a covariate are left out. Left out of the primary analysis:"
            rf" {LACKED} \(lacking Age in years {LACKED}\)",
            "observed outcomes; people with missing covariates left out; sandwich",
        ],
        ["takes the mean", "who lack one:", "Analyzed 48 48"],
    ),
    "stop": (
        ["Missing covariates None: a missing covariate would have stopped the run"],
        ["who lack", "takes the mean", "Left out"],
    ),
}
"""Rule on missing covariates → what the page of a trial in which people lack one says."""


def lacking(rule: str) -> str:
    return written_trial.page(lacking=0 if rule == "stop" else LACKED, rule=rule)


READ_SO = [
    rf"mean \(SD\); N [\d.]+ \([\d.]+\); 48 [\d.]+ \([\d.]+\); 48 {written_trial.MEAN_AGE} ",
    r"Early lights out {early}% \(.*; Usual hours {usual}% \(".format(**written_trial.PERCENT),
    r"Analyzed 48 48 Analyzed:",
]
"""What the page says of the trial however its files are written."""


def read(table: str, key: str, value: str) -> str:
    own = {"delimiter": ";"} if value == "," and key == "decimal" else {}
    return written_trial.page(**{table: own | {key: value}})


CHOICES = {
    "effort": {
        "full": (document, [METHODS], ["Quick run"]),
        "quick": (lambda: document(effort="quick"), ["Quick run: replicates"], []),
    },
    "data.origin": {
        "synthetic": (document, ["Synthetic data: simulated people", "Data Synthetic"], []),
        "real": (
            lambda: document(data={"route": "resolve", "origin": "real"}),
            ["Data Real"],
            ["[Ss]ynthetic data:"],
        ),
    },
    "outcomes.role": {
        role: (lambda role=role: outcome(role=role), *said) for role, said in ROLES.items()
    },
    "outcomes.better": {
        "higher": (lambda: outcome(better="higher"), ["above 0 favor the first arm: Rest"], []),
        "lower": (lambda: outcome(better="lower"), ["below 0 favor the first arm: Rest"], []),
    },
    "models.multiplicity": {
        rule: (lambda rule=rule: with_models(multiplicity=rule), *said)
        for rule, said in RULES.items()
    },
    "models.missing_covariates": {
        rule: (lambda rule=rule: lacking(rule), *said) for rule, said in LACKING.items()
    },
    "randomization.unit": {
        "person": (
            lambda: written_trial.page(unit="person"),
            [
                "Randomization People were randomized in permuted blocks of 2 or 4, without strata",
                "Shuffled: people are permuted, as randomization.unit says, though those of every",
                "persons are units; permuted blocks without strata",
                r"Warning Ache eased, Day 1",
            ],
            ["[Ww]hole clusters", "strata of"],
        ),
        "cluster": (
            lambda: written_trial.page(unit="cluster"),
            [
                r"Randomization Whole clusters \(ward\) were randomized in permuted blocks of 2",
                "whole clusters are units; permuted blocks without strata",
                "Clusters of the variance Early lights out: ward; Usual hours: ward",
            ],
            ["[Pp]eople are permuted", "People were randomized", "every other arm", "Warning"],
        ),
    },
    **{
        f"data.{table}.source.{key}": {
            value: (lambda table=table, value=value, key=key: read(table, key, value), READ_SO, [])
            for value in values
        }
        for table in ("participants", "visits")
        for key, values in {"delimiter": (",", ";", "\t", "|"), "decimal": (".", ",")}.items()
    },
    "baseline_table.kind": {
        kind: (lambda kind=kind: baseline(kind), [said], []) for kind, said in BASELINE.items()
    },
    "estimands.intercurrent.strategy": {
        value: (lambda value=value: strategy(value), [f"Stopped {said}"], [])
        for value, said in STRATEGIES.items()
    },
    "analyses.kind": {
        kind: (lambda kind=kind: of_kind(kind), [f"Entry {kind}"], [r"Traceback"])
        for kind in KINDS
    },
    "model.status": {
        status: (lambda status=status: main(status=status), [f"As planned {said}"], [])
        for status, said in STATUSES.items()
    },
    "model.missing": {
        "pattern_mixture": (lambda: main(**FILLED), ["pattern-mixture", "Outcome imputed"], []),
        "complete_case": (document, ["People without the outcome are left out"], ["imputed 1"]),
        "worst_best_case": (
            lambda: main(missing="worst_best_case"),
            ["counts as none in the active arms", "Outcome imputed"],
            ["outcome are left out", r"Not analyzed \d"],
        ),
    },
    "model.weights": {
        "response": (
            lambda: main(**WEIGHTED),
            ["weighted by the inverse probability", "In weights only", "probability-of-response"],
            ["stabilized", "Not analyzed"],
        ),
        "response_stabilized": (
            lambda: main(weights="response_stabilized"),
            ["stabilized inverse-probability-of-response weights", "In weights only"],
            ["Not analyzed"],
        ),
    },
    "model.variance": {
        "robust": (lambda: main(**FILLED, **WEIGHTED, variance="robust"), [METHODS], ["stacked"]),
        "weights_stacked": (
            lambda: main(**WEIGHTED, variance="weights_stacked"),
            ["stacked with the weight model"],
            [],
        ),
        "stacked": (
            lambda: main(**FILLED, **WEIGHTED, variance="stacked"),
            ["stacked with the weight and imputation models"],
            [],
        ),
    },
    "model.clusters": {
        "plan": (document, [f"CR0 by {WARD}/person", f"Salt gargle: {WARD}; every other"], []),
        "person": (
            lambda: main(clusters="person"),
            ["CR0 by person", "Clusters of the variance Person"],
            [f"Salt gargle: {WARD}"],
        ),
    },
    "model.separation": {
        "stop": (lambda: main(separation="stop"), ["without an event stops the run"], []),
        "drop": (lambda: main(separation="drop"), ["are set aside, and counted"], []),
        "report": (lambda: main(separation="report"), ["no estimate but a reason"], []),
    },
    "model.covariance": {
        name: (lambda name=name: main(covariance=name, **alone(name)), *said)
        for name, said in COVARIANCES.items()
    },
    "model.degrees_of_freedom": {
        "z": (document, ["person; z"], ["Satterthwaite", "t with"]),
        "satterthwaite": (
            lambda: main(degrees_of_freedom="satterthwaite"), ["t with Satterthwaite df"], []
        ),
        "clusters_minus_parameters": (
            lambda: main(degrees_of_freedom="clusters_minus_parameters"),
            ["t with clusters - parameters df"],
            ["Satterthwaite"],
        ),
    },
    "model.interval": {
        "log": (lambda: main(interval="log"), ["95% confidence intervals"], ["logit scale"]),
        "logit": (lambda: main(interval="logit"), ["percentages are made on the logit"], []),
    },
    "model.model": {
        "modified_poisson": (document, ["Estimator modified Poisson"], ["log-binomial"]),
        "log_binomial": (
            lambda: main(model="log_binomial", covariates=[]), ["Estimator log-binomial"], []
        ),
        "logistic": (
            lambda: main(model="logistic", risks="standardized"),
            ["Estimator logistic"],
            ["Estimator modified"],
        ),
        "linear": (
            lambda: main(**LINEAR),
            ["Result Ache, 0 to 10, Day 1", "Mean difference: Mint gargle vs", "Analyzed 44 56 48"],
            ["Relative risk: Mint"],
        ),
    },
    "model.working": {
        "independence": (document, ["GEE independence"], ["exchangeable"]),
        "exchangeable": (lambda: main(working="exchangeable"), ["GEE exchangeable"], []),
    },
    "model.risks": {
        "at_means": (document, ["Estimator modified Poisson"], ["standardized, cov"]),
        "standardized": (
            lambda: main(risks="standardized"), ["risks standardized, covariates fixed"], []
        ),
        "standardized_random": (
            lambda: main(risks="standardized_random"), ["standardized, covariates random"], []
        ),
    },
    "model.inference": {
        "wald": (document, [METHODS], ["quasi-score"]),
        "quasi_score": (
            lambda: main(inference="quasi_score"), ["invert the robust quasi-score test"], []
        ),
    },
    "bootstrap.clusters": {
        "plan": (lambda: of_kind("bootstrap", clusters="plan"), ["clusters of the plan"], []),
        "person": (
            lambda: of_kind("bootstrap", clusters="person"), ["persons resampled"], []
        ),
    },
    "multiple_imputation.imputer": {
        "normal": (
            lambda: of_kind("multiple_imputation", imputer="normal"), ["normal draws"], ["donors"]
        ),
        "predictive_mean": (
            lambda: of_kind("multiple_imputation", imputer="predictive_mean"),
            ["predictive mean matching"],
            ["normal draws"],
        ),
    },
    "reference_based.rule": {
        "jump_to_reference": (
            lambda: of_kind("reference_based"), ["after drop-out jump"], []
        ),
        "copy_reference": (
            lambda: of_kind("reference_based", rule="copy_reference"),
            ["drop-out copy reference"],
            [],
        ),
        "copy_increments": (
            lambda: of_kind("reference_based", rule="copy_increments"),
            ["copy increments in reference"],
            [],
        ),
    },
    **{
        f"specification_curve.{key}": {
            value: (
                lambda key=key, value=value: specified(key, value),
                [rf'{key}: \["{value}"\]'],
                ["No estimate"],
            )
            for value in values
        }
        for key, values in {
            "missing": (
                *("complete_case", "weighted", "pattern_mixture", "weighted_pattern_mixture"),
                *("worst_best_case", "multiple_imputation"),
            ),
            "estimators": (
                *("modified_poisson", "standardized_poisson", "standardized_logistic"),
                "person_poisson",
            ),
        }.items()
    },
    "mmrm.degrees_of_freedom": {
        "satterthwaite": (
            lambda: of_kind("mmrm", degrees_of_freedom="satterthwaite"), ["t with Satter"], []
        ),
        "kenward_roger": (
            lambda: of_kind("mmrm", degrees_of_freedom="kenward_roger"), ["t with Kenward"], []
        ),
    },
}  # fmt: skip
"""Key of the plan → its values, each with a plan that has it or the page of one, what the page says
and what it does not say (regular expressions)."""

CHOICES |= {
    f"{kind}.status": {
        status: (
            lambda kind=kind, status=status: of_kind(kind, status=status),
            [rf"Entry {kind} \( {kind} ; {said.lower()}"],
            [],
        )
        for status, said in STATUSES.items()
    }
    for kind in KINDS
    if kind != "model"
}

READ = ("data.participants.columns.type", "data.visits.outcomes.type", "data.route")
"""Keys that say how data are read: their values are tried in `test_optional`."""


def enumerated() -> dict[str, list]:
    """Key → its values, of every enumeration of the schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found: dict[str, dict] = {}

    def walk(node, path: tuple[str, ...]) -> None:
        if isinstance(node, dict):
            values = node.get("enum") or ([node["const"]] if "const" in node else [])
            if values and "if" not in path and path[-2:] != ("source", "package"):
                found.setdefault(".".join(path), {}).update(dict.fromkeys(values))
            for key, inner in node.items():
                silent = key in ("properties", "items", "oneOf", "$defs", "additionalProperties")
                silent |= key.isdigit()
                walk(inner, path if silent else (*path, key))
        elif isinstance(node, list):
            for inner in node:
                walk(inner, path)

    walk(schema, ())
    own = {key: [*values] for key, values in found.items()}
    return {key: values for key, values in own.items() if not re.fullmatch(r"\w+\.kind", key)
            or key in ("analyses.kind", "baseline_table.kind")}  # fmt: skip


CASES = [
    (key, value) for key, values in enumerated().items() if key not in READ for value in values
]


def test_every_value_of_every_enumeration_is_known():
    unknown = [f"{key}: {value}" for key, value in CASES if value not in CHOICES.get(key, {})]
    assert not unknown, "say in CHOICES what the page tells of these"
    assert len(CASES) > 150


def words(html: str) -> str:
    """What stands on the page, without tags, a blank between any two words."""
    bare = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", bare)
    for sign, letter in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(sign, letter)
    return " ".join(text.replace("&amp;", "&").split())


@cache
def said_of(key: str, value: str) -> str:
    made = CHOICES[key][value][0]()
    html = made if isinstance(made, str) else small_trial.page(small_trial.results(made))
    return words(html)


BY_HABIT = (
    r"\b(nan|NaN|inf)\b|\bNone (to|vs|%)",
    r"\b[Cc]oach",
    r"painTRAINER|RESOLVE|chronic pain|usual care",
    r"\d(,\d{3}){4}",
)
"""What no page of this trial says."""


@pytest.mark.parametrize(("key", "value"), CASES)
def test_the_page_says_what_the_plan_chose(key, value):
    _, present, absent = CHOICES[key][value]
    text = said_of(key, value)
    for pattern in present:
        assert re.search(pattern, text), f"{pattern!r} is not on the page"
    for pattern in (*absent, *BY_HABIT):
        found = re.search(pattern, text)
        around = found and text[max(0, found.start() - 60) : found.end() + 60]
        assert not found, f"{pattern!r} is on the page: {around}"
