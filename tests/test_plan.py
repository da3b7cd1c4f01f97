"""A plan with a fault stops before anything is computed, and the message says what to do."""

import copy
import json
from pathlib import Path

import pytest

from trialrr import house, plan, trials
from trialrr.analyses.procedure.model import MODELS
from trialrr.estimate.covariance import NAMES
from trialrr.estimate.multiplicity import METHODS
from trialrr.plan import reference

ROOT = Path(__file__).parents[1]
SOURCES = trials.sources()
EXAMPLES = ["config/resolve.yaml", *map(str, sorted(Path("config/examples").glob("*.yaml")))]
SCHEMA = json.loads((ROOT / reference.SCHEMA).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def resolve() -> dict:
    return plan.read(ROOT / "config/resolve.yaml")


def faults(document) -> str:
    with pytest.raises(plan.PlanError) as caught:
        plan.check(document, SOURCES, name="plan.yaml")
    return str(caught.value)


def changed(document, *path, to):
    """The document with another value at `path`, whose steps are keys, indices or an entry's id."""
    document = copy.deepcopy(document)
    node = document
    for step in path[:-1]:
        if isinstance(node, list) and isinstance(step, str):
            step = [entry["id"] for entry in node].index(step)
        node = node[step]
    node[path[-1]] = to
    return document


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_plans_that_we_ship_are_right(path):
    loaded = plan.load(ROOT / path, SOURCES)
    assert loaded.trial == Path(path).stem
    assert loaded.analyses and loaded.models.alpha == 0.05


def test_a_misspelled_key_is_named_with_its_place_and_the_allowed_ones(resolve):
    text = faults(changed(resolve, "analyses", 1, "covariate", to=["site"]))
    assert "analyses[1]: unknown key 'covariate' (did you mean 'covariates'?)" in text
    assert "allowed: bandwidth_factor, clusters, companions, covariance, covariates" in text


def test_all_faults_at_once(resolve):
    document = changed(resolve, "mdoels", to={})
    document["data"]["orgin"] = "real"
    del document["seed"]
    document["visits"][0]["month"] = 3
    text = faults(document)
    for expected in (
        "4 fault(s)",
        "top level: unknown key 'mdoels' (did you mean 'models'?)",
        "top level: the key 'seed' is missing",
        "data: unknown key 'orgin' (did you mean 'origin'?)",
        "visits[0].month: found 3",
    ):
        assert expected in text


CROSS = [
    (("models", "adjusted"), ["severity", "gender"], "models.adjusted: unknown covariate 'gender'"),
    (("analyses", 0, "covariates"), ["seks"], "analyses[0].covariates: unknown covariate 'seks'"),
    (("contrasts", 0), ["PT", "UCC"], "contrasts[0]: unknown arm 'UCC' (did you mean 'UC'?)"),
    (("contrasts", 0), ["PT", "PT"], "contrasts[0]: 'PT' is compared with itself"),
    (("reference",), "XX", "reference: unknown arm 'XX'; declared: PT, HC, UC"),
    (("primary", "month"), "4", "primary.month: unknown month '4'; declared: 3, 6, 12"),
    (("primary", "analysis"), "mian", "primary.analysis: unknown analysis 'mian'"),
    (("visits", 1, "window"), [140, 230], "overlaps the window of month 3 [80, 140]"),
    (("visits", 1, "window"), [230, 170], "visits[1].window: [230, 170] ends before it begins"),
    (("outcomes", 0, "source"), "bpi", "outcomes[0].source: no source for outcome 'severity'"),
    (("outcomes", 0, "threshold"), "1.5", "outcomes[0].threshold: found 1.5"),
    (("outcomes", 1, "id"), "severity", "outcomes: outcome 'severity' is declared twice"),
    (("analyses", 0, "outcomes"), ["sleep"], "analyses[0].outcomes: unknown outcome 'sleep'"),
    (("analyses", 0, "missing"), "complete_case", "analyses[0].variance: variance 'stacked'"),
    (("analyses", 0, "companions"), "site", "analyses[0].companions: tables count observed"),
    (
        ("analyses", "unadjusted", "companions"),
        "sites",
        "unknown covariate 'sites' (did you mean 'site'?)",
    ),
    (("models", "multiplicity"), "lsd", "models.multiplicity: found 'lsd'"),
    (("analyses", 0, "model"), "logistic", "analyses[0].model: logistic gives risks by"),
    (("analyses", 0, "model"), "log_binomial", "is stacked with modified_poisson or linear"),
    (("analyses", 0, "working"), "exchangeable", "analyses[0].working: exchangeable goes with"),
    (("analyses", 2, "covariance"), "fg", "analyses[2].degrees_of_freedom: 'fg' has no Satter"),
    (("analyses", 2, "risks"), "standardized", "analyses[2].risks: standardized risks have normal"),
    (("analyses", 0, "risks"), "standardized_random", "random covariates are summed by cluster"),
    (("analyses", 0, "covariance"), "hc2", "analyses[0].covariance: 'hc2' has no stacked form"),
    (
        ("analyses", "unadjusted", "covariance"),
        "hc0",
        "'hc0' takes each row by itself, but arm HC has `clusters: coach`",
    ),
    (("analyses", 0, "inference"), "quasi_score", "analyses[0].inference: quasi_score goes with"),
    (
        ("analyses", "randomized_after_2021-08-09", "population"),
        {"randomized_from": "2021-13-09"},
        ".population.randomized_from: found '2021-13-09'",
    ),
    (
        ("analyses", "bootstrap_clusters", "of"),
        "mian",
        "unknown analysis of kind model 'mian' (did",
    ),
    (
        ("analyses", "bootstrap_clusters", "of"),
        "log_binomial",
        "analysis 'log_binomial' is not",
    ),
    (
        ("analyses", "bootstrap_clusters", "of"),
        "main_truncated",
        "analysis 'main_truncated' is not",
    ),
    (("analyses", "rerandomization", "of"), "exchangeable", "'exchangeable' has another model"),
    (("analyses", "delta", "points"), ["mian"], ".points: unknown analysis of kind model 'mian'"),
    (("analyses", "delta", "of"), "main", "unknown analysis of kind multiple_imputation 'main'"),
    (("analyses", "delta", "active"), ["1"], ".active: the shift 0, which is missing at random"),
    (("analyses", "informative_odds", "control"), ["2"], ".control: the ratio 1, which is missing"),
    (("analyses", "informative_odds", "active"), ["0", "1"], ".active: an odds ratio is above 0"),
    (
        ("analyses", "bootstrap_clusters", "replicates"),
        0,
        ".replicates: 0 is less than the minimum",
    ),
    (
        ("analyses", "bootstrap_clusters", "draws"),
        9,
        "unknown key 'draws'; allowed: clusters, estimand, group",
    ),
    (("analyses", "delta", "kind"), "detla", ".kind: found 'detla' (did you mean 'delta'?)"),
    (("analyses", "balance", "of"), "complete_case", "'complete_case' has no weights that could"),
    (("analyses", "power", "risks"), {"PT": "0.2", "UC": "0.1"}, "expected one of each arm"),
    (("analyses", "power", "loss"), "1", ".loss: found 1; expected a share from 0 to below 1"),
    (("analyses", "simulation", "of"), "complete_case", "the whole procedure is one with missing"),
    (("analyses", "without_site", "by"), "town", "unknown column 'town'; known: cluster, severity"),
    (("analyses", "responder_curve", "thresholds"), ["1.2"], ".thresholds: found 1.2; expected"),
    (("analyses", "selected_covariates", "candidates"), ["pegs"], "unknown covariate 'pegs'"),
    (("analyses", "windows_wide", "windows"), "huge", "unknown windows 'huge'; declared: narrow"),
    (
        ("analyses", "drop_1_point", "definition"),
        {"threshold": "2"},
        "definition.threshold: found 2",
    ),
    (("analyses", "main_truncated", "truncation"), "1.5", ".truncation: found 1.5; expected above"),
    (("windows", "wide", "3"), [155, 60], "windows.wide.3: [155, 60] ends before it begins"),
    (
        ("analyses", "specification_curve", "covariates"),
        {"plan": ["severty"]},
        ".covariates.plan: unknown covariate 'severty' (did you mean 'severity'?)",
    ),
    (
        ("analyses", "specification_curve", "definitions"),
        {"pain": {"outcome": "pain"}},
        ".definitions.pain: unknown outcome 'pain'; declared: severity",
    ),
    (("analyses", "main", "estimand"), "policy", "analyses[0].estimand: unknown estimand 'policy'"),
    (("analyses", "secondary", "inference"), "quasi_score", "is about a binary outcome; model"),
    (
        ("analyses", "secondary", "missing"),
        "worst_best_case",
        "'worst_best_case' is about a bin",
    ),
    (
        ("analyses", "exploratory_binary", "outcomes"),
        ["pgic_pain"],
        "outcome 'pgic_pain' has no binary form",
    ),
    (("outcomes", "phq8", "threshold"), "0.3", "a binary form has a threshold or an event, not"),
    (("outcomes", "phq8", "baseline"), "phq", ".baseline: unknown covariate 'phq' (did you mean"),
    (("primary", "outcome"), "pgic_pain", "primary.outcome: the primary outcome is binary"),
    (
        ("analyses", "subgroups", "moderators"),
        [{"id": "sex", "label": "Sex", "instead_of": "mal"}],
        ".moderators: unknown covariate 'mal' (did you mean 'male'?)",
    ),
    (("analyses", "subgroups", "of"), "main_kc", "subgroups is built on modified_poisson, working"),
    (("analyses", "mediation", "at"), "4", ".at: unknown month '4'; declared: 3, 6, 12"),
    (("analyses", "mediation", "mediators"), ["pgic_pain"], "'pgic_pain' is no outcome with a sco"),
    (("analyses", "mediation", "of"), "main", "mediation is of people seen, unweighted; analysis"),
    (("analyses", "economics", "utility"), "pgic_pain", "'pgic_pain' is no outcome with a base"),
    (("analyses", "economics", "of"), "complete_case", "people are filled and weighted as in `of`"),
    (("analyses", "economics", "winsorize"), "1.2", ".winsorize: found 1.2; expected above 0"),
]


def test_a_re_randomization_needs_to_know_how_the_trial_randomized(resolve):
    document = copy.deepcopy(resolve)
    del document["randomization"]
    assert faults(document).count("there is nothing to repeat; say how the trial randomized") == 2


def test_a_quick_run_does_a_part_of_everything_and_says_so(resolve):
    quick = plan.reduced(resolve | {"effort": "quick"})
    by_id = {a["id"]: a for a in quick["analyses"]}
    assert by_id["bootstrap_clusters"]["replicates"] == 100
    assert by_id["rerandomization"]["draws"] == 500
    assert plan.tree(quick) == f"resolve-{resolve['version']}-quick"
    assert [a["id"] for a in quick["analyses"]] == [a["id"] for a in resolve["analyses"]]
    assert plan.reduced(resolve) is resolve


@pytest.mark.parametrize(("path", "to", "expected"), CROSS, ids=[c[2][:40] for c in CROSS])
def test_fields_are_checked_against_each_other(resolve, path, to, expected):
    assert expected in faults(changed(resolve, *path, to=to))


def test_the_mapping_of_a_tidy_trial_is_checked_too():
    document = plan.read(ROOT / "config/examples/licorice_gargle.yaml")
    columns = document["data"]["participants"]["columns"]
    columns["arm"]["codes"]["1"] = "liquorice"
    del columns["participant_id"]
    mapping = document["data"]["visits"]["outcomes"]
    mapping["sore_throat"]["months"]["5h"] = mapping["sore_throat"]["months"].pop("4h")
    text = faults(document)
    assert "data.participants.columns: the column 'participant_id' is missing" in text
    assert "arm.codes: unknown arm 'liquorice' (did you mean 'licorice'?)" in text
    assert "data.visits.outcomes.sore_throat.months: unknown month '5h'" in text


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("trial: a\nseed: 1\nseed: 2\n", encoding="utf-8")
    with pytest.raises(plan.PlanError, match=r"plan.yaml:3: the key 'seed' stands twice"):
        plan.read(path)


def test_every_object_of_the_schema_is_closed():
    def walk(node, place):
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert "additionalProperties" in node, place
                # a mapping with free names still says what stands under them, and why
                assert node["additionalProperties"] is False or "$comment" in node, place
            for key, value in node.items():
                walk(value, f"{place}/{key}")
        elif isinstance(node, list):
            for k, value in enumerate(node):
                walk(value, f"{place}/{k}")

    walk(SCHEMA, "")


def test_every_key_is_in_the_documentation():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")

    def keys(node):
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict):
                yield from node["properties"]
            for value in node.values():
                yield from keys(value)
        elif isinstance(node, list):
            for value in node:
                yield from keys(value)

    assert [k for k in sorted(set(keys(SCHEMA))) if f"`{k}`" not in text] == []


def test_a_correlation_within_a_person_needs_two_visits(resolve):
    document = changed(resolve, "analyses", "exchangeable", "outcomes", to=["severity"])
    plan.check(document, SOURCES)
    one = changed(document, "outcomes", 0, "visits", to=[document["visits"][0]])
    assert "working: exchangeable, but outcome 'severity' has one visit" in faults(one)
    assert "has one visit" in faults(changed(document, "visits", to=document["visits"][:1]))


def clustered(document, arms, **keys):
    """The plan with these words for what the people of each arm share, and keys of the scheme."""
    for k, word in enumerate(arms):
        document = changed(document, "arms", k, "clusters", to=word)
    return changed(document, "randomization", to=document["randomization"] | keys)


def test_a_plan_says_what_was_randomized_where_every_arm_is_clustered(resolve):
    text = faults(clustered(resolve, ["ward"] * 3))
    assert "randomization.unit: people of every arm share a ward, and " in text
    assert "say what was randomized, unit: cluster or unit: person" in text
    plan.check(clustered(resolve, ["ward"] * 3, unit="person"), SOURCES)
    plan.check(clustered(resolve, ["person", "ward", "ward"]), SOURCES)


def test_kinds_without_clusters_are_refused_where_clusters_were_randomized(resolve):
    document = clustered(resolve, ["ward"] * 3, unit="cluster")
    text = faults(document)
    assert "kind: whole clusters were randomized (randomization.unit), and the mixed model" in text
    assert "and simulated people are independent" in text and "2 fault(s)" in text
    kept = [a for a in document["analyses"] if a.get("kind") not in ("mmrm", "power")]
    plan.check(changed(document, "analyses", to=kept), SOURCES)


def test_clusters_that_are_no_clusters_cannot_have_been_randomized(resolve):
    text = faults(clustered(resolve, ["ward", "person", "ward"], unit="cluster"))
    assert "randomization.unit: whole clusters were randomized, but arm HC has" in text


def test_protected_lsd_is_for_exactly_three_arms():
    document = plan.read(ROOT / "config/examples/indo_rct.yaml")
    document["models"]["multiplicity"] = "protected_lsd"
    assert "models.multiplicity: protected LSD holds for exactly three arms, found 2" in faults(
        document
    )


def test_every_analysis_names_an_estimand(resolve):
    document = copy.deepcopy(resolve)
    del document["analyses"][3]["estimand"]
    assert "analyses[3]: the key 'estimand' is missing; add it" in faults(document)


def test_deviations_are_complete_and_have_one_id_each(resolve):
    document = copy.deepcopy(resolve)
    document["deviations"][1]["id"] = document["deviations"][0]["id"]
    assert "deviations: deviation 'data' is declared twice" in faults(document)
    del document["deviations"][2]["reason"]
    document["deviations"][3]["why"] = "no reason"
    text = faults(document)
    assert "deviations[2]: the key 'reason' is missing; add it" in text
    assert "deviations[3]: unknown key 'why'; allowed: done, id, planned, reason" in text


def test_an_outcome_may_have_visits_of_its_own(resolve):
    whole = plan.parse(resolve)
    assert whole.at_times_of("long_term_opioid").months == ("3", "6", "9", "12")
    assert whole.at_times_of("pcs").months == ("3",)
    assert whole.at_times_of("severity") is whole
    twice = changed(
        resolve, "outcomes", "pcs", "visits", to=2 * [{"month": "3", "label": "3 months"}]
    )
    assert "visits: month '3' is declared twice" in faults(twice)


def test_a_slice_ignores_labels_and_comments_and_follows_what_it_names(resolve):
    sections = ("arms", "models", "analyses")

    def cut(d):
        return plan.part(plan.parse(d), *sections, analyses=lambda a: a.id == "main")

    same = changed(resolve, "analyses", 0, "label", to="other words")
    elsewhere = changed(resolve, "analyses", 5, "status", to="post_hoc")
    here = changed(resolve, "analyses", 0, "status", to="post_hoc")
    assert cut(resolve) == cut(same) == cut(elsewhere) != cut(here)
    assert plan.parse(json.loads(cut(resolve))).analyses[0].id == "main"
    assert plan.digest(resolve) != plan.digest(same)


def test_the_schema_offers_what_the_library_has():
    entry = SCHEMA["$defs"]["model"]["properties"]
    assert entry["covariance"]["enum"] == list(NAMES)
    assert set(entry["model"]["enum"]) == set(MODELS)
    rules = SCHEMA["properties"]["models"]["properties"]["multiplicity"]["enum"]
    assert set(rules) - {"none", "protected_lsd"} <= set(METHODS)
    kinds, _ = house.entries()
    assert list(SCHEMA["$defs"]) == list(kinds)
    for kind, entry in kinds.items():
        assert set(SCHEMA["$defs"][kind]["properties"]) <= set(entry.attributes()), kind
