"""What a plan names is held against the people that were read, before anything is estimated."""

import json

import pytest

from tests.plan import tiny
from trialrr import plan
from trialrr.ingest import against_plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.trials.prepare import derived

SLICE = ("data", "arms", "reference", "visits", "primary", "outcomes", "baseline_table", "mentions")
DATES = {"randomized_from": "2021-09-01"}
TAKEN = {"column": "sessions", "took": ">=4"}


def held(tmp_path, document, rows) -> Findings:
    """Findings of the data of `rows` read by the slice of the plan that the workflow passes on."""
    document = plan.read(tiny.write(tmp_path, document, rows))
    plan.check(document, {})
    parsed, findings = plan.parse(json.loads(plan.part(plan.parse(document), *SLICE))), Findings()
    _, data = derived(parsed, findings, tmp_path)
    against_plan.hold(data.participants, data.visits, parsed, findings)
    return findings


def errors(findings: Findings) -> list[str]:
    with pytest.raises(DataError) as caught:
        findings.stop_if_errors()
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def with_entry(entry, of=None) -> dict:
    return tiny.changed("analyses", 2, to=entry, of=of)


def everybody(**cells) -> list[dict]:
    return [row | cells for row in tiny.people()]


def where(test, **cells) -> list[dict]:
    return [row | (cells if test(row) else {}) for row in tiny.people()]


def text_of(column: str, source: str) -> dict:
    """The plan with a covariate that is mapped as text, whose levels no mapping tells."""
    document = tiny.changed(
        "data", "participants", "columns", column, to={"from": source, "type": "text"}
    )
    document["covariates"].append({"id": column, "label": "x", "reference": "a0"})
    document["models"]["adjusted"] = ["age", column]
    return document


CLUSTERED = tiny.changed("arms", 0, "clusters", to="ward")
SCHEME = {"strata": ["site"], "block_sizes": [2], "order": "sequence"}
COSTS = {"kind": "economics", "of": "main", "month": "6", "utility": "pain", "winsorize": "0.99"}


@pytest.mark.parametrize(
    ("document", "rows", "told"),
    [
        (None, everybody(age="50"), "covariates.age: plan_and_data: found \"everybody has age '50"),
        (None, everybody(age=""), "covariates.age: plan_and_data: found 'age is blank for everybo"),
        (None, everybody(gender="M"), "found \"nobody has sex 'female'\"; expected one of male; c"),
        (None, everybody(gender="M"), "covariates.sex: plan_and_data: found \"everybody has sex '"),
        (text_of("town", "ward"), where(lambda r: r["ward"] == "a0", ward="A0"), "nobody has town"),
        (text_of("town", "ward"), where(lambda r: r["ward"] == "a0", ward="A0"), "mean 'A0'?)"),
        (CLUSTERED, where(lambda r: r["record_id"] in ("R01", "R03"), ward=""), "cluster is blank"),
        (CLUSTERED, where(lambda r: r["record_id"] == "R05", ward=""), "1 people of arm active, f"),
        (CLUSTERED, everybody(ward=""), "arms: plan_and_data: found 'cluster is blank for everybo"),
        (
            with_entry(tiny.entry("by", kind="leave_one_out", of="adjusted", by="site")),
            everybody(centre="A"),
            "analyses.by.by: plan_and_data: found \"everybody has site 'A'\"; expected at least tw",
        ),
        (
            with_entry(
                tiny.entry(
                    "kinds", kind="subgroups", of="adjusted",
                    moderators=[{"id": "site", "label": "Site"}],
                )
            ),
            everybody(centre="B"),
            "analyses.kinds.moderators: plan_and_data: found \"everybody has site 'B'\"",
        ),
        (
            tiny.changed("randomization", to=SCHEME),
            where(lambda r: r["record_id"] == "R09", place=""),
            "randomization.order: plan_and_data: found 'sequence is blank for 1 people analy",
        ),
        (
            tiny.changed("analyses", 1, "population", to={"randomized_from": "2030-01-01"}),
            tiny.people(),
            "analyses.adjusted.population: plan_and_data: found 'randomized_from 2030-01-01: 0 of ",
        ),
        (
            tiny.changed("analyses", 1, "population", to={"randomized_before": "2021-05-01"}),
            where(lambda r: r["group"] == "control", day="2021-12-01"),
            "nobody of arm control'; expected people of every arm; days of randomization go from 2",
        ),
        (
            tiny.changed("analyses", 1, "population", to=DATES),
            where(lambda r: r["record_id"] == "R02", day=""),
            "found 'randomized_on is blank for 1 people analyzed, first R02'",
        ),
        (
            with_entry(tiny.entry("ca", kind="compliers", of="main", **TAKEN)),
            where(lambda r: r["group"] == "control", sessions="5"),
            "analyses.ca.took: plan_and_data: found '24 people of the reference arm have sessions ",
        ),
        (
            with_entry(tiny.entry("ca", kind="compliers", of="main", **TAKEN)),
            where(lambda r: r["record_id"] in ("R01", "R07"), sessions=""),
            "analyses.ca.column: plan_and_data: found 'sessions is blank for 2 of 24 people of arm",
        ),
        (
            tiny.changed("randomization", to=SCHEME),
            where(lambda r: r["record_id"] in ("R01", "R02", "R03", "R04"), place="7", centre="B"),
            "found '4 people share their sequence with another of their stratum, first R01, R02'",
        ),
        (
            with_entry(
                tiny.entry(
                    "taken", kind="adherence", column="stay", took=">=1", groups=["0", ">=1"],
                    estimand="descriptive",
                )
            ),
            where(lambda r: r["record_id"] == "R06", stay="1.5"),
            "analyses.taken.column: plan_and_data: found 'stay is 1.5 of R06'; expected whole num",
        ),
        (
            tiny.changed("baseline_table", 1, to={"id": "cluster", "label": "x", "level": "z9"}),
            tiny.people(),
            "baseline_table.cluster: plan_and_data: found \"nobody has cluster 'z9'\"",
        ),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_nobody_has_stops_before_any_estimate(tmp_path, document, rows, told):
    lines = errors(held(tmp_path, document or tiny.document(), rows))
    assert any(told in line for line in lines), lines
    assert all(line.startswith("plan:") for line in lines)


def test_all_faults_are_told_together(tmp_path):
    document = tiny.changed("analyses", 1, "population", to={"randomized_from": "2030-01-01"})
    lines = errors(held(tmp_path, document, everybody(age="50", gender="M")))
    assert len(lines) == 4 and sum("covariates.sex" in line for line in lines) == 2


def test_the_healthy_trial_has_nothing_to_tell(tmp_path):
    assert held(tmp_path, tiny.document(), tiny.people()).rows() == []


def test_a_level_of_the_mapping_that_nobody_has_is_a_count_of_none(tmp_path):
    document = tiny.changed("baseline_table", 0, to={"id": "age", "label": "x", "level": ">=85"})
    document["models"]["adjusted"], document["covariates"] = ["age"], document["covariates"][:1]
    assert held(tmp_path, document, everybody(gender="M")).rows() == []


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (None, "takes the mean of everybody analyzed"),
        ("indicator", "takes the mean, with an indicator"),
        ("complete_case", "the person is left out of models with it"),
    ],
)
def test_each_missing_covariate_is_a_note_that_says_what_is_done(tmp_path, choice, words):
    document = tiny.document()
    if choice:
        document["models"]["missing_covariates"] = choice
    rows = where(lambda r: r["record_id"] in ("R02", "R11"), age="", centre="")
    found = held(tmp_path, document, rows)
    assert [(r["field"], r["participant"], r["severity"]) for r in found.rows()] == [
        ("covariates.age", "R02", "note"),
        ("covariates.age", "R11", "note"),
    ]
    assert words in found.rows()[0]["action"]
    assert found.summary()["n"].tolist() == [2]


def test_stop_stops_with_the_numbers(tmp_path):
    document = tiny.changed("models", "missing_covariates", to="stop")
    rows = where(lambda r: r["record_id"] in ("R02", "R11"), age="")
    rows = [row | ({"gender": ""} if row["record_id"] == "R03" else {}) for row in rows]
    lines = errors(held(tmp_path, document, rows))
    assert "found 'age is missing for 2 of 48 people'; expected nobody to lack" in lines[0]
    assert "found 'sex is missing for 1 of 48 people'" in lines[1]


def test_an_event_that_nobody_has_is_a_note(tmp_path):
    found = held(tmp_path, tiny.document(), where(lambda r: r["resp6"] != "", resp3="0", resp6="0"))
    rows = held(tmp_path, tiny.document(), everybody(resp3="0", resp6="0")).rows()
    assert [(r["rule"], r["field"]) for r in rows] == [("event_of_nobody", "outcomes.response")]
    assert found.errors == 0


def test_a_place_does_not_move_with_another_entry(tmp_path):
    one = with_entry(tiny.entry("by", kind="leave_one_out", of="adjusted", by="site"))
    other = tiny.changed("analyses", 3, to=tiny.entry("more", missing="complete_case"), of=one)
    other["analyses"].insert(0, other["analyses"].pop())
    assert plan.part(plan.parse(one), "mentions") == plan.part(plan.parse(other), "mentions")
