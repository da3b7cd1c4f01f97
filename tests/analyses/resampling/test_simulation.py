"""Kind `simulation`: rows of the ARD from blocks of simulated trials."""

import numpy as np
import pytest
from scipy.special import ndtri

from tests.analyses.oracle import data
from tests.changes import replace
from tests.resample.worlds import ENTRY, MAIN, WHOLE, world
from trialrr import ard
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.resampling import simulation
from trialrr.estimate.fit import FitError

MONTE_CARLO = 4  # standard errors


@pytest.fixture(scope="module")
def done():
    names = simulation.tasks(ENTRY, WHOLE)
    assert names[:2] == ["severity/null/00000", "severity/null/00001"] and len(names) == 4
    return {name: simulation.run(name, ENTRY, WHOLE, data()) for name in names}


@pytest.fixture(scope="module")
def table(done):
    found = ard.check(ard.frame(simulation.rows(ENTRY, WHOLE, data(), done)))
    return found.set_index(["subgroup", "quantity", "level"])


def test_coverage_and_rejection_by_hand(done, table):
    parts = [done[f"severity/effect/{block}"] for block in ("00000", "00001")]
    log_risk = np.concatenate([p["log_risk"] for p in parts])
    cov = np.concatenate([p["by_cluster"] for p in parts])
    gap = log_risk[:, 0] - log_risk[:, 2]
    se = np.sqrt(cov[:, 0, 0] + cov[:, 2, 2] - 2 * cov[:, 0, 2])
    at = table.loc["scenario=effect"]
    truth = np.log(at.loc[("true_risk_ratio", "PT:UC"), "estimate"])
    z = ndtri(0.975)
    covered = (np.abs(gap - truth) <= z * se).mean()
    assert at.loc[("coverage", "PT:UC"), "estimate"] == pytest.approx(covered)
    rejected = (np.abs(gap) > z * se).mean()
    assert at.loc[("rejection", "PT:UC"), "estimate"] == pytest.approx(rejected)
    assert at.loc[("bias", "PT:UC"), "estimate"] == pytest.approx(gap.mean() - truth)
    assert at.loc[("mean_std_error", "PT:UC"), "estimate"] == pytest.approx(se.mean())
    sd = gap.std(ddof=1)
    assert at.loc[("empirical_std_error", "PT:UC"), "estimate"] == pytest.approx(sd)
    assert at.loc[("bias", "PT:UC"), "std_error"] == pytest.approx(sd / np.sqrt(len(gap)))


def test_the_null_is_a_ratio_of_one_and_its_rejections_are_errors(table):
    null = table.loc["scenario=null"]
    assert null.loc["true_risk_ratio", "estimate"].to_numpy() == pytest.approx(np.ones(3))
    assert null.loc[("rejection", "HC:UC"), "method"].startswith("type-I error: ")
    effect = table.loc["scenario=effect"]
    assert effect.loc[("true_risk_ratio", "PT:UC"), "estimate"] > 1.2
    assert not effect.loc[("rejection", "HC:UC"), "method"].startswith("type-I error")
    assert effect.loc[("rejection", "HC:PT"), "method"].startswith("type-I error: ")


def test_with_nobody_missing_the_outcome_model_keeps_its_promise(table):
    for scenario in ENTRY.scenarios:
        complete = table.loc[f"scenario={scenario}; missing=none"]
        for level in ("PT:UC", "HC:UC", "HC:PT"):
            bias = complete.loc[("bias", level)]
            assert abs(bias["estimate"]) < MONTE_CARLO * bias["std_error"]
            error = np.sqrt(0.05 * 0.95 / ENTRY.trials)
            assert abs(complete.loc[("coverage", level), "estimate"] - 0.95) < MONTE_CARLO * error
            mean, drawn = (
                complete.loc[(quantity, level), "estimate"]
                for quantity in ("mean_std_error", "empirical_std_error")
            )
            assert mean / drawn == pytest.approx(1, abs=MONTE_CARLO / np.sqrt(2 * ENTRY.trials))


def test_the_stacked_standard_error_is_that_over_trials(table):
    for scenario in ENTRY.scenarios:
        person = table.loc[f"scenario={scenario}; clusters=person"]
        for level in ("PT:UC", "HC:PT"):
            mean, drawn = (
                person.loc[(quantity, level), "estimate"]
                for quantity in ("mean_std_error", "empirical_std_error")
            )
            assert mean / drawn == pytest.approx(1, abs=MONTE_CARLO / np.sqrt(2 * ENTRY.trials))


def test_what_is_imputed_stands_beside_what_is_true(table):
    null = table.loc["scenario=null"]
    imputed, true = (null.loc[q, "estimate"] for q in ("imputed_response", "missing_response"))
    assert set(imputed.index) == {"PT", "HC", "UC"} == set(true.index)
    assert (imputed < true).all()
    assert ((true > 0) & (true < 1)).all()


def test_trials_without_an_estimate_are_counted(done):
    failed = {name: dict(arrays) for name, arrays in done.items()}
    failure = done["severity/null/00000"]["failure"].copy()
    failure[:7] = 3
    failed["severity/null/00000"]["failure"] = failure
    found = ard.frame(simulation.rows(ENTRY, WHOLE, data(), failed))
    found = found.set_index(["subgroup", "quantity", "level"])["estimate"]
    assert found["scenario=null", "trials_failed", "all"] == 7
    assert found["scenario=null", "trials", "all"] == 200
    failed["severity/null/00000"]["failure"] = np.full(100, 2)
    failed["severity/null/00001"]["failure"] = np.full(100, 2)
    with pytest.raises(FitError, match="200 imputation model without a solution"):
        simulation.rows(ENTRY, WHOLE, data(), failed)


def test_a_block_is_the_same_whoever_draws_it(done):
    again = simulation.run("severity/null/00001", replace(ENTRY, trials=900), WHOLE, data())
    for name, values in done["severity/null/00001"].items():
        assert np.array_equal(values, again[name], equal_nan=True), name


def test_means_of_scores_follow_what_the_weights_follow():
    """Otherwise the weights would have nothing to do."""
    peg = data().people["peg"].astype(float).to_numpy()
    order = np.argsort(data().people["arm"].map(["PT", "HC", "UC"].index), kind="stable")
    mean = world().scores.mean[:, 0]
    columns = np.column_stack([np.ones(len(peg)), world().procedure.outcome])
    left = mean - columns @ np.linalg.lstsq(columns, mean, rcond=None)[0]
    assert abs(np.corrcoef(left, peg[order])[0, 1]) > 0.05


def test_an_entry_that_is_another_procedure_is_refused():
    other = replace(WHOLE, analyses=(replace(MAIN, covariance="kc", weights=None), ENTRY))
    with pytest.raises(ValueError, match="weights None, not response; covariance kc, not cr0"):
        simulation.world(ENTRY, "severity", other, data())


def test_a_score_without_variance_of_persons_is_refused():
    once: TrialData = data()
    reduction = once.reduction["severity"].copy()
    reduction[:, 1:] = np.nan
    responder = np.where(np.isnan(reduction), np.nan, once.responder["severity"])
    once = replace(once, reduction={"severity": reduction}, responder={"severity": responder})
    with pytest.raises(FitError, match="seen twice"):
        simulation.world(ENTRY, "severity", WHOLE, once)
