"""Kind `bootstrap`: reproducible by task, agrees with the stacked variance, counts failures."""

import json

import numpy as np
import pytest

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure import model, rows
from trialrr.analyses.resampling import bootstrap
from trialrr.analyses.resampling.entries import Bootstrap
from trialrr.estimate.fit import FitError

WHOLE = {"missing": "pattern_mixture", "weights": "response", "variance": "stacked"}
REPLICATES = 2000


def kind(**keys) -> Bootstrap:
    base = {"id": "boot", "kind": "bootstrap", "status": "post_hoc", "outcomes": ("severity",)}
    return Bootstrap(**(base | {"of": "main", "replicates": REPLICATES} | keys))


def plan_of(chosen, **whole):
    return replace(PLAN, seed=1, analyses=(entry(**(WHOLE | whole)), chosen))


def everything(chosen, plan, trial):
    done = {
        task: bootstrap.run(task, chosen, plan, trial) for task in bootstrap.tasks(chosen, plan)
    }
    return ard.check(ard.frame(bootstrap.rows(chosen, plan, trial, done)))


@pytest.fixture(scope="module")
def table():
    return everything(kind(), plan_of(kind()), data())


def pick(table, quantity, **keys):
    chosen = table["quantity"] == quantity
    for name, value in keys.items():
        chosen &= table[name] == value
    return table[chosen]


@pytest.mark.parametrize("clusters", ["plan", "person"])
def test_its_standard_errors_are_those_of_the_stacked_variance(clusters, table):
    """Two different routes to one number: 2,000 replicates have a Monte Carlo error of 1.6 %."""
    if clusters == "person":
        table = everything(kind(clusters="person"), plan_of(kind(clusters="person")), data())
    plan = plan_of(kind())
    of = entry(**WHOLE, clusters=clusters)
    fitted = model.fit(of, "severity", plan, data())
    stacked = ard.frame(rows.result_rows(fitted, of, "severity", plan))
    ratios = []
    for quantity in ("risk", "risk_ratio", "risk_difference"):
        one, other = (
            pick(t, quantity).set_index(["month", "level"])["std_error"] for t in (stacked, table)
        )
        ratios.append((one / other).dropna())
        assert len(ratios[-1]) == 9
    ratios = np.concatenate(ratios)
    assert abs(ratios.mean() - 1) < 0.05
    assert (np.abs(ratios - 1) < 0.2).all()


def test_estimates_are_those_of_the_entry_and_intervals_hold_them(table):
    plan = plan_of(kind())
    fitted = model.fit(plan.analyses[0], "severity", plan, data())
    own = ard.frame(rows.result_rows(fitted, plan.analyses[0], "severity", plan))
    for quantity in ("risk", "risk_ratio", "risk_difference"):
        a, b = (pick(t, quantity).set_index(["month", "level"]) for t in (own, table))
        np.testing.assert_allclose(a["estimate"], b["estimate"].loc[a.index], rtol=1e-12)
        for name in ("", "_percentile", "_basic"):
            limits = pick(table, quantity + name)
            assert (limits["lower"] < limits["estimate"]).all()
            assert (limits["estimate"] < limits["upper"]).all()


def test_a_task_is_the_same_whoever_runs_it_and_however_many_there_are():
    few, many = kind(replicates=300), kind(replicates=900)
    task = bootstrap.tasks(few, PLAN)[1]
    one = bootstrap.run(task, few, plan_of(few), data())
    other = bootstrap.run(task, many, plan_of(many), data())
    assert one["log_risk"].shape == (bootstrap.BLOCK, 3, 3)
    np.testing.assert_array_equal(one["log_risk"], other["log_risk"])
    elsewhere = bootstrap.run(bootstrap.tasks(few, PLAN)[0], few, plan_of(few), data())
    assert (one["log_risk"] != elsewhere["log_risk"]).any()


def test_a_last_block_counts_only_what_was_asked_for():
    table = everything(kind(replicates=300), plan_of(kind(replicates=300)), data())
    assert pick(table, "replicates")["estimate"].item() == 300


def test_samples_without_events_are_counted_with_the_reason():
    """Two responders of one arm at 3 months: every seventh sample (1/e²) has neither."""
    trial = data()
    outcome = trial.responder["severity"].copy()
    reference = (trial.people["arm"] == "UC").to_numpy()
    outcome[reference, 0] = np.where(np.isnan(outcome[reference, 0]), np.nan, 0)
    outcome[np.flatnonzero(reference & ~np.isnan(outcome[:, 0]))[:2], 0] = 1
    trial = replace(trial, responder={"severity": outcome})
    plan = plan_of(kind(), missing="complete_case", weights=None, variance="robust", covariates=())
    table = everything(kind(replicates=500), plan, trial)
    failed = pick(table, "replicates_failed")
    assert failed["estimate"].item() == pytest.approx(500 * np.exp(-2), abs=4 * np.sqrt(59))
    assert "an arm without an event" in failed["reason"].item()


def test_when_most_samples_fail_the_analysis_stops_and_says_why():
    plan = plan_of(kind(replicates=300))
    done = {
        task: bootstrap.run(task, kind(), plan, data())
        for task in bootstrap.tasks(kind(replicates=300), plan)
    }
    for found in done.values():
        found["failure"][:] = 3
    with pytest.raises(FitError, match="300 of 300 bootstrap samples have no estimate"):
        bootstrap.rows(kind(replicates=300), plan, data(), done)


def test_rows_survive_as_text(table):
    assert json.loads(table.to_json())  # plain numbers and texts only
    assert set(table["status"]) == {"post_hoc"}
    assert pick(table, "mc_error", subgroup="of=std_error")["estimate"].between(1e-4, 0.01).all()
