"""Responders by other definitions, decided on sums; what an entry's data are."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from tests.analyses import imputation, oracle, simulated
from tests.analyses.resampling import test_rerandomization
from tests.analyses.simulated import PLAN
from tests.changes import replace
from trialrr import data as stored
from trialrr.analyses.missing import multiple_imputation
from trialrr.analyses.procedure import data, model, rows
from trialrr.analyses.resampling import bootstrap, rerandomization
from trialrr.analyses.resampling.entries import Bootstrap, Rerandomization
from trialrr.data import Column, Schema
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


class Parses:
    """How often text is turned into numbers or dates while it is looked at."""

    def __init__(self, monkeypatch) -> None:
        self.count = 0
        for module, name in ((pd, "to_numeric"), (pd, "to_datetime"), (pd, "read_csv")):
            monkeypatch.setattr(module, name, self.counted(getattr(module, name)))
        monkeypatch.setattr(pd.Series, "astype", self.of_series(pd.Series.astype))

    def counted(self, function):
        def call(*args, **keys):
            self.count += 1
            return function(*args, **keys)

        return call

    def of_series(self, function):
        def call(column, dtype, *args, **keys):
            text = column.dtype == object or isinstance(column.dtype, pd.StringDtype)
            number = dtype in (int, float, "int64", "Int64", "float64", np.int64, np.float64)
            self.count += bool(text and number)
            return function(column, dtype, *args, **keys)

        return call


ENTRIES = {
    "a fit": (model, oracle.entry(missing="pattern_mixture", weights="response")),
    "a bootstrap block": (
        bootstrap,
        Bootstrap("b", "post_hoc", ("severity",), of="main", replicates=240),
    ),
    "an imputation": (multiple_imputation, imputation.entry(maximum=10)),
    "a permutation": (
        rerandomization,
        Rerandomization("r", "post_hoc", ("severity",), of="main", draws=10),
    ),
}


@pytest.mark.parametrize("what", ENTRIES)
def test_nothing_is_parsed_after_the_reading(what, monkeypatch):
    (module, entry), trial = ENTRIES[what], test_rerandomization.trial()
    plan = replace(test_rerandomization.plan(missing="pattern_mixture"), seed=3)
    parses = Parses(monkeypatch)
    if what == "a fit":
        rows.result_rows(model.fit(entry, "severity", plan, trial), entry, "severity", plan)
    else:
        module.run(module.tasks(entry, plan)[0], entry, plan, trial)
    assert parses.count == 0


def test_the_reading_parses_and_is_seen_to(tmp_path, monkeypatch):
    people = simulated.tables(30)[0][["participant_id", "arm", "severity", "severity_sum"]]
    types = ("text", "level", "number", "integer")
    schema = Schema(dict(zip(people, map(Column, types), strict=True)))
    stored.write(tmp_path / "participants.csv", people, schema)
    parses = Parses(monkeypatch)
    stored.read(tmp_path / "participants.csv")
    assert parses.count == 3  # the file, and its two columns of numbers
    people["severity"].astype(float)
    assert parses.count == 4
