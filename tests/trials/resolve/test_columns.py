"""The list of derived columns that plans are checked against is what the derivation makes."""

import pandas as pd
import pytest

from trialrr import plan, trials
from trialrr.ingest import against_plan
from trialrr.ingest.findings import Findings
from trialrr.trials.resolve.columns import COLUMNS

NUMBERS = ("integer", "number")


def test_the_twin_has_everything_that_its_plan_names(ingested):
    parsed, data, findings = (
        plan.load("config/resolve.yaml", trials.sources()),
        ingested.data,
        Findings(),
    )
    parsed = plan.replace(parsed, mentions=plan.mentions(parsed, by_id=True))
    against_plan.hold(data.participants, data.visits, parsed, findings)
    findings.stop_if_errors()
    notes = findings.summary()
    lacking = data.participants["education"].isna() & (data.participants["analyzed"] == 1)
    education = notes[notes["field"] == "covariates.education"]
    assert education["n"].tolist() == [lacking.sum()] and lacking.any()


def test_the_columns_are_those_that_are_derived(ingested):
    people = ingested.data.participants
    assert sorted(COLUMNS) == sorted(people)
    numeric = {c for c in people if pd.api.types.is_numeric_dtype(people[c])}
    assert {c for c, spec in COLUMNS.items() if spec.type in NUMBERS} == numeric


@pytest.fixture
def document():
    return plan.read("config/resolve.yaml")


def faults(document) -> str:
    with pytest.raises(plan.PlanError) as caught:
        plan.check(document, trials.sources(), columns=trials.columns())
    return str(caught.value)


def test_the_plan_of_resolve_names_what_is_derived(document):
    plan.check(document, trials.sources(), columns=trials.columns())


def test_a_column_that_is_not_derived_is_told_before_anything_is_read(document):
    document["covariates"].append({"id": "bmi", "label": "BMI"})
    document["randomization"]["strata"][0] = "Site"
    document["baseline_table"][0]["kind"] = "levels"
    text = faults(document)
    assert "no column 'bmi' of participants; they have participant_id" in text
    assert "randomization.strata: no column 'Site' of participants (did you mean 'site'?)" in text
    assert "baseline_table[0]: 'age' is of type integer; expected code or text" in text


def test_a_category_without_reference_and_a_number_with_one_are_told(document):
    by_id = {c["id"]: c for c in document["covariates"]}
    del by_id["education"]["reference"]
    by_id["male"]["reference"] = "1"
    text = faults(document)
    assert "'education' is a category (type text): name its reference level in the key" in text
    assert "'male' is of type integer and has no levels: leave the key reference out" in text
