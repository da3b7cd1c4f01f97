"""Responders by other definitions, decided on sums; what an entry's data are."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tests.analyses import oracle, simulated
from tests.analyses.simulated import PLAN
from trialrr.analyses import data, model, rows
from trialrr.plan import Definition

TRIAL = simulated.trial()
DEFINITIONS = [Definition(threshold=Decimal(t)) for t in ("0.1", "0.3", "0.5", "0.7")]
DEFINITIONS += [Definition(drop=Decimal(d)) for d in ("1", "2", "1.5")]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_responders_by_another_definition_person_by_person(definition):
    got = TRIAL.redefined("severity", definition).responder["severity"]
    people, visits = simulated.tables()
    baseline = dict(zip(people["participant_id"], people["severity_sum"].map(int), strict=True))
    rank = {p: i for i, p in enumerate(people["participant_id"])}
    expected = np.full(got.shape, np.nan)
    for v in visits.itertuples():
        b = Fraction(baseline[v.participant_id], 11)
        if v.severity_sum and b:
            drop = b - Fraction(int(float(v.severity_sum)), 11)
            limit = definition.drop or definition.threshold * 1
            reached = drop if definition.drop else drop / b
            j = PLAN.months.index(v.month)
            expected[rank[v.participant_id], j] = reached >= Fraction(str(limit))
    np.testing.assert_array_equal(got, expected)


def test_the_plan_s_own_threshold_changes_nothing():
    same = TRIAL.redefined("severity", Definition(threshold=Decimal("0.30")))
    np.testing.assert_array_equal(same.responder["severity"], TRIAL.responder["severity"])
    for part in (slice(None), np.arange(5)):
        one, other = (data.cutoff(d.take(np.arange(900)[part]), PLAN, "severity")
                      for d in (same, TRIAL))  # fmt: skip
        np.testing.assert_array_equal(one, other)


def test_the_cutoff_is_a_share_of_baseline_or_a_drop():
    by_drop = TRIAL.redefined("severity", Definition(drop=Decimal(2)))
    assert (data.cutoff(by_drop, PLAN, "severity") == 2).all()
    half = TRIAL.redefined("severity", Definition(threshold=Decimal("0.5")))
    baseline = TRIAL.people["severity"].astype(float)
    np.testing.assert_array_equal(data.cutoff(half, PLAN, "severity"), 0.5 * baseline)
    blank = replace(by_drop, people=TRIAL.people.assign(severity=np.nan))
    assert np.isnan(data.cutoff(blank, PLAN, "severity")).all()


@pytest.mark.parametrize("definition", [Definition(drop=Decimal(2)), DEFINITIONS[2]])
def test_imputed_people_are_held_to_the_entry_s_definition(definition):
    entry = replace(PLAN.analysis("main"), definition=definition)
    result = model.fit(entry, "severity", PLAN, TRIAL)
    imputation = result.imputation
    cutoff = data.cutoff(result.data, PLAN, "severity")[result.person]
    predicted = imputation.predictors.values @ imputation.model.fit.coef
    imputed = result.imputed
    np.testing.assert_array_equal(result.outcome[imputed], (predicted >= cutoff)[imputed])
    observed = result.data.responder["severity"][result.person, result.visit]
    np.testing.assert_array_equal(result.outcome[~imputed], observed[~imputed])
    assert 0 < result.outcome.mean() < 1


def test_a_definition_and_windows_are_said_in_the_method():
    entry = replace(PLAN.analysis("main"), windows="narrow", definition=DEFINITIONS[0])
    assert "; responder = drop of at least 10 % of baseline; visit windows narrow; " in (
        rows.method_text(entry, PLAN)
    )
    entry = replace(entry, definition=Definition(drop=Decimal("2.0")))
    assert "; responder = drop of at least 2 points; " in rows.method_text(entry, PLAN)


def test_data_without_sums_say_what_is_missing_and_what_to_do():
    entry = oracle.entry(definition=DEFINITIONS[0])
    with pytest.raises(ValueError, match="columns severity_sum and severity_items .* take the def"):
        model.fit(entry, "severity", oracle.PLAN, oracle.data())


def test_a_definition_holds_in_other_windows_too_and_for_people_taken():
    other = simulated.trial(seed=2)
    both = replace(TRIAL, windows={"narrow": replace(other, people=TRIAL.people)})
    entry = replace(PLAN.analysis("main"), windows="narrow", definition=DEFINITIONS[3])
    got = data.for_entry(entry, PLAN, both.take(np.arange(9)))
    expected = replace(other, people=TRIAL.people).redefined("severity", DEFINITIONS[3])
    np.testing.assert_array_equal(got.responder["severity"], expected.responder["severity"][:9])
    first = both.redefined("severity", DEFINITIONS[3]).windows["narrow"]
    np.testing.assert_array_equal(first.responder["severity"], expected.responder["severity"])
