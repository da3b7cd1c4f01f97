"""What a plan names is held against its own mapping before any file is read."""

import copy

import pytest

from tests.plan import tiny
from tests.plan.test_values import faults
from trialrr import plan

COLUMNS = ("data", "participants", "columns")
OUTCOMES = ("data", "visits", "outcomes")
RESPONSE, PAIN = (*OUTCOMES, "response"), (*OUTCOMES, "pain")
ADJUSTED = ("models", "adjusted")
TEXT = {"from": "ward", "type": "text"}
TAKEN = {"estimand": "descriptive", "column": "sessions", "took": ">=4"}
RULES = {"strata": ["site"], "block_sizes": [2], "order": "sequence"}


def more(entry: dict, *edits) -> dict:
    """The plan with one analysis more, and other edits (path, value)."""
    document = tiny.changed("analyses", 2, to=entry)
    for path, to in edits:
        document = tiny.changed(*path, to=to, of=document)
    return document


def adherence(**keys) -> dict:
    groups = {"groups": ["0", "1-3", ">=4"]}
    return tiny.entry("taken", kind="adherence", **TAKEN | groups | keys)


def moderated(column: str) -> dict:
    moderators = [{"id": column, "label": "x"}]
    return tiny.entry("by", kind="subgroups", of="adjusted", moderators=moderators)


def without(by: str) -> dict:
    return tiny.entry("without", kind="leave_one_out", of="adjusted", by=by)


EDITS = [
    # covariates and their reference levels
    (("covariates", 0, "id"), "bmi", "covariates[0]: no column 'bmi' of participants; they have"),
    (("covariates", 1, "id"), "Sex", "no column 'Sex' of participants (did you mean 'sex'?)"),
    (
        ("covariates", 1, "reference"),
        "F",
        "sex: 'F' is none of female, male (did you mean 'female'",
    ),
    (
        ("covariates", 1, "reference"),
        "Male",
        "sex: 'Male' is none of female, male (did you mean 'm",
    ),
    (("covariates", 2), {"id": "site", "label": "x"}, "'site' is a category (type code): name its"),
    (("covariates", 0, "reference"), "40", "'age' is of type integer and has no levels: leave the"),
    (
        ("covariates", 0, "id"),
        "randomized_on",
        "'randomized_on' is of type date; expected i",
    ),
    ((*COLUMNS, "age", "type"), "text", "'age' is a category (type text): name its reference"),
    (("models", "response_references"), {"site": "D"}, "response_references.site: site: 'D' is n"),
    (("models", "response_references"), {"arm": "x"}, "response_references.arm: unknown arm 'x'"),
    (ADJUSTED, ["age", "age"], "models.adjusted: 'age' stands twice; keep one"),
    # baseline table
    (("baseline_table", 1, "level"), "Female", "'Female' is none of female, male (did you mean 'f"),
    (("baseline_table", 1, "id"), "gender", "baseline_table[1]: no column 'gender' of participan"),
    (("baseline_table", 1, "of"), ["female", "other"], "'other' is none of female, male"),
    (
        ("baseline_table", 0),
        {"id": "age", "label": "x", "level": "old"},
        "expected a number, a range",
    ),
    (("baseline_table", 0), {"id": "age", "label": "x", "level": ">=91"}, "no value from 18 to 90"),
    (("baseline_table", 0), {"id": "age", "label": "x", "level": "9-5"}, "no value from 18 to 90"),
    (
        ("baseline_table", 0),
        {"id": "age", "label": "x", "level": "30.5"},
        "from 18 to 90, its limi",
    ),
    (
        ("baseline_table", 0),
        {"id": "sex", "label": "x", "kind": "mean"},
        "'sex' is of type c",
    ),
    (
        ("baseline_table", 0),
        {"id": "age", "label": "x", "kind": "levels"},
        "'age' is of type integer; expected code",
    ),
    (
        ("baseline_table", 0),
        {"id": "site", "label": "x", "kind": "flags"},
        "no column site_<level>",
    ),
    (("baseline_table", 0), {"id": "site", "label": "x"}, "say what the line counts: kind"),
    # events and outcomes
    (
        (*RESPONSE, "event"),
        "1",
        "'1' is none of no, yes (did you mean 'yes', which is what '1' bec",
    ),
    ((*RESPONSE, "event"), "Yes", "'Yes' is none of no, yes (did you mean 'yes'?)"),
    ((*RESPONSE, "event"), ">=1", "response.event: the event is impossible: '>=1' is none of no"),
    ((*RESPONSE, "codes"), {"0": "yes", "1": "yes"}, "every value within its limits is the event"),
    ((*RESPONSE, "codes"), tiny.GONE, "a column of type code lists its codes"),
    ((*PAIN, "event"), ">10", "pain.event: the event is impossible: no value from 0 to 10"),
    ((*PAIN, "event"), ">=0", "every value within its limits is the event '>=0'"),
    ((*PAIN, "event"), "yes", "level 'yes' of a number: expected a number, a range"),
    ((*PAIN, "event"), "nan", "level 'nan' of a number: expected a number, a range"),
    ((*PAIN, "minimum"), 11, "pain.minimum: found 11 above the maximum 10; swap them"),
    ((*PAIN, "months", "6"), tiny.GONE, "pain.months: no column for month '6'; add it, or give"),
    ((*PAIN, "months", "6"), "pain3", "months '3' and '6' are both the column 'pain3'"),
    ((*PAIN, "months"), tiny.GONE, "outcomes.pain: which column holds each visit? Add the key mon"),
    ((*PAIN, "from"), "pain3", "outcomes.pain.from: a wide table has a column of the outcome for"),
    (("data", "visits", "month"), "when", "a long table (data.visits.month) has one column of the"),
    (
        ("outcomes", 1, "baseline"),
        "pain0",
        "no column 'pain0' of participants (did you mean 'pain_",
    ),
    (
        ("outcomes", 1, "baseline"),
        "sex",
        "outcomes[1].baseline: 'sex' is of type code; expe",
    ),
    (("outcomes", 1, "threshold"), "0.30", "outcomes[1].threshold: the route tidy reads no items"),
    (
        ("outcomes", 1, "visits"),
        [{"month": "9", "label": "x"}],
        "the visits of the plan only, not 9",
    ),
    (
        ("outcomes", 0, "visits"),
        [{"month": "6", "label": "x"}],
        "'response' is not measured at mon",
    ),
    (("visits", 0, "window"), [80, 140], "visits[0].window: the route tidy reads no dates"),
    (("visits", 1, "month"), "3.0", "visits[1].month: month '3.0' is the same number as '3'"),
    # the mapping by itself
    ((*COLUMNS, "age", "minimum"), 91, "columns.age.minimum: found 91 above the maximum 90"),
    ((*COLUMNS, "age", "codes"), {"1": "a"}, "codes go with type code, found type integer"),
    ((*COLUMNS, "cluster", "maximum"), 9, "limits go with type integer or number, found type text"),
    ((*COLUMNS, "participant_id", "type"), "text", "columns.participant_id.type: found text; expe"),
    ((*COLUMNS, "arm", "codes"), {"active": "active"}, "no code becomes arm 'control', so nobody"),
    ((*COLUMNS, "years"), {"from": "age", "type": "number"}, "the column 'age' is read in another"),
    # the design
    (("contrasts", 1), ["control", "active"], "contrasts[1]: control and active are compared in"),
    (("contrasts", 1), ["active", "control"], "contrasts[1]: active and control are compared in"),
    (("randomization",), RULES | {"strata": ["ward"]}, "randomization.strata: no column 'ward'"),
    (
        ("randomization",),
        RULES | {"order": "randomized_on"},
        "'randomized_on' is of type date; exp",
    ),
    (("randomization",), RULES | {"order": "seq"}, "randomization.order: no column 'seq'"),
    (("randomization",), RULES | {"block_sizes": [2, 3]}, "randomization.block_sizes: found 3; a"),
    (("arms",), tiny.document()["arms"][:1], "arms: found 1 in it; expected at least 2"),
    (("contrasts", 0), ["active"], "contrasts[0]: found 1 in it; expected at least 2"),
    (("contrasts",), [], "contrasts: found nothing in it; fill it, or leave the key out if it is"),
    (("primary", "outcome"), "pain", "primary.analysis: 'main' is not done for the primary out"),
    # entries
    (("analyses", 0, "population"), {"randomized_from": "2021-02-30"}, "expected a date as YYYY-"),
    (("analyses", 0, "companions"), "age2", "companions: unknown covariate 'age2' (did you mean"),
    (("analyses", 0, "missing"), "pattern_mixture", "pattern mixture imputes a score; the route t"),
    (("analyses", 0, "definition"), {"drop": "1"}, "another definition needs the score; the route"),
    (("analyses", 0, "outcomes"), ["response", "response"], "'response' stands twice; keep one"),
]


@pytest.mark.parametrize(("path", "to", "told"), EDITS, ids=[told[:50] for *_, told in EDITS])
def test_one_edit_one_fault(path, to, told):
    assert told in faults(tiny.changed(*path, to=to))


def test_a_trial_may_have_been_randomized_without_strata():
    columns = {"from": "age", "type": "integer"}
    document = tiny.changed("randomization", to=RULES | {"strata": []})
    document = tiny.changed(*COLUMNS, "sequence", to=columns | {"from": "order"}, of=document)
    plan.check(document, {})


PLANS = [
    (without("ward"), "unknown column 'ward'; known: cluster, age, sex, site"),
    (moderated("ward"), "analyses[2].moderators: no column 'ward' of participants"),
    (moderated("arm"), "analyses[2].moderators: 'arm' is reserved: it is the arm; choose"),
    (moderated("stay"), "analyses[2].moderators: 'stay' is of type number"),
    (adherence(column="visits"), "analyses[2].column: no column 'visits' of participants"),
    (adherence(column="site"), "analyses[2].column: 'site' is of type code; expected integ"),
    (
        adherence(took=">=9"),
        "analyses[2].took: sessions: no value from 0 to 8, its limits, is '>=9'",
    ),
    (adherence(groups=["0", "many"]), "analyses[2].groups: sessions: level 'many' of a number"),
    (
        tiny.entry("again", kind="rerandomization", of="main", draws=10),
        "there is nothing to repeat; say how the trial randomized",
    ),
    (
        tiny.entry(
            "more", kind="selected_covariates", of="adjusted", candidates=["sex"], level="0.1"
        ),
        "analyses[2].candidates: 'sex' is among the covariates of 'adjusted' already",
    ),
    (
        tiny.entry("curve", kind="responder_curve", of="main", thresholds=["0.3"]),
        "responder_curve needs the score behind a responder; the route tidy reads no items",
    ),
]


@pytest.mark.parametrize(("entry", "told"), PLANS, ids=[told[:50] for _, told in PLANS])
def test_what_an_entry_needs_is_asked_of_the_mapping(entry, told):
    assert told in faults(more(entry))


def test_the_primary_analysis_is_one_fit():
    document = more(without("site"), (("primary", "analysis"), "without"))
    assert "primary.analysis: the primary analysis is one fit, and 'without' is of kind" in faults(
        document
    )


@pytest.mark.parametrize("column", ["cluster", "randomized_on"])
def test_a_column_that_the_design_needs_is_mapped(column):
    document = tiny.changed(*COLUMNS, column, to=tiny.GONE)
    plan.check(document, {})
    if column == "cluster":
        document["arms"][0]["clusters"] = "ward"
        text = faults(document)
        assert "arms: no column 'cluster' of participants" in text
        assert "; map cluster (data.participants.columns)" in text
    else:
        document["analyses"][1]["population"] = {"randomized_from": "2021-03-01"}
        assert "analyses[1].population: no column 'randomized_on'" in faults(document)


def test_two_covariates_of_a_model_are_not_the_same_column():
    twin = copy.deepcopy(tiny.COLUMNS["age"])
    document = tiny.changed(*COLUMNS, "years", to=twin)
    document["covariates"].append({"id": "years", "label": "Years"})
    plan.check(document, {})
    document["models"]["adjusted"] = ["age", "years"]
    assert "models.adjusted: 'age' and 'years' are the same column 'age'; keep one" in faults(
        document
    )
    grouped = {"from": "centre", "type": "code", "codes": {"A": "one", "B": "other", "C": "other"}}
    document = tiny.changed(*COLUMNS, "kind_of_site", to=grouped)
    document["covariates"].append({"id": "kind_of_site", "label": "x", "reference": "one"})
    document["models"]["adjusted"] = ["site", "kind_of_site"]
    plan.check(document, {})


@pytest.mark.parametrize(
    "document",
    [
        tiny.document(),
        more(adherence()),
        more(without("cluster")),
        more(without("site")),
        more(moderated("site")),
        more(moderated("sessions")),
        tiny.changed("randomization", to=RULES),
        tiny.changed("baseline_table", 0, to={"id": "age", "label": "x", "level": "40-50"}),
        tiny.changed("baseline_table", 0, to={"id": "stay", "label": "x", "level": "<0.5"}),
        tiny.changed(*COLUMNS, "town", to=TEXT),
    ],
    ids=range(10),
)
def test_plans_that_are_right(document):
    plan.check(document, {})


def test_all_faults_of_all_rules_at_once():
    document = tiny.changed("covariates", 0, "id", to="bmi")
    document["data"]["visits"]["outcomes"]["response"]["event"] = "1"
    document["baseline_table"][1]["level"] = "Female"
    document["models"]["alpha"] = "0.9"
    document["arms"][0]["clusters"] = "ward"
    del document["data"]["participants"]["columns"]["cluster"]
    text = faults(document)
    for told in ("'bmi'", "'1' is none", "'Female'", "found 0.9", "no column 'cluster'"):
        assert told in text
    assert "unknown covariate 'age'" in text
