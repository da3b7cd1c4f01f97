"""The procedure on many trials at once against the fit of each of them."""

import numpy as np
import pytest

from tests.changes import replace
from tests.resample.worlds import ARMS, MAIN, PLAN, people, world
from trialrr.analyses.procedure.model import fit
from trialrr.missing.pattern_mixture import silverman
from trialrr.resample.trials import Trials, draw
from trialrr.seeds import stream

LOG_RISK = 1e-8
STD_ERROR = 1e-6
SHIFT = np.array([0.5, 0.3, 0.0])


@pytest.fixture(scope="module")
def trials() -> Trials:
    w = world()
    scores = replace(w.scores, cluster_sd=0.5)
    return draw(stream(1, "test", "stacked"), 4, scores, w.visits, w.arm, SHIFT, w.cluster)


def as_data(trials, b, observed=None):
    """Trial b as analysis data."""
    observed = trials.observed[b] if observed is None else observed
    reduction = np.where(observed, trials.reduction[b], np.nan)
    responder = np.where(observed, reduction >= world().procedure.cutoff[:, None], np.nan)
    return replace(
        people(),
        seen=observed.any(axis=1),
        visits_completed=observed.sum(axis=1),
        reduction={"severity": reduction},
        responder={"severity": responder},
    )


def expected(entry, trial, month="3"):
    """(A,) log risks and (A, A) covariance of the fit."""
    result = fit(entry, "severity", PLAN, trial)
    rows = np.array([result.profiles[arm, month] for arm in ARMS])
    return rows @ result.fit.coef, rows @ result.covariance.matrix @ rows.T


@pytest.mark.parametrize("b", range(3))
def test_log_risks_and_both_covariances_are_those_of_the_fit(trials, b):
    found, trial = world().procedure(trials), as_data(trials, b)
    assert found.failure[b] == 0
    for clusters, ours in (("plan", found.by_cluster), ("person", found.by_person)):
        log_risk, covariance = expected(replace(MAIN, clusters=clusters), trial)
        assert found.log_risk[b] == pytest.approx(log_risk, abs=LOG_RISK)
        assert ours[b] == pytest.approx(covariance, rel=STD_ERROR)
    assert not np.allclose(found.by_cluster[b], found.by_person[b], rtol=1e-3)


def test_another_visit_and_bandwidth(trials):
    procedure = replace(world().procedure, visit=2, bandwidth=2.0)
    chosen = replace(MAIN, bandwidth_factor=2.0)
    log_risk, covariance = expected(chosen, as_data(trials, 0), "12")
    found = procedure(trials)
    assert found.log_risk[0] == pytest.approx(log_risk, abs=LOG_RISK)
    assert found.by_cluster[0] == pytest.approx(covariance, rel=STD_ERROR)


def test_people_without_a_responder_count_for_the_response_model_alone(trials):
    procedure, trial = world().procedure, as_data(trials, 1)
    gone = np.arange(0, len(procedure.cutoff), 40)
    table = trial.people.copy()
    table.loc[gone, "severity_0"] = 0.0
    zero = replace(trial, people=table)
    response, outcome = procedure.response.copy(), procedure.outcome.copy()
    imputation = procedure.imputation.copy()
    for design, column in ((response, len(ARMS)), (outcome, 0), (imputation, 0)):
        assert (design[:, column] == people().people["severity_0"].astype(float)).all()
        design[gone, column] = 0
    cutoff = procedure.cutoff.copy()
    cutoff[gone] = np.nan
    changed = replace(
        procedure,
        response=response,
        outcome=outcome,
        imputation=imputation,
        cutoff=cutoff,
        defined=~np.isnan(cutoff),
    )
    log_risk, covariance = expected(MAIN, zero)
    found = changed(trials)
    assert found.log_risk[1] == pytest.approx(log_risk, abs=LOG_RISK)
    assert found.by_cluster[1] == pytest.approx(covariance, rel=STD_ERROR)


def test_nobody_missing_is_the_outcome_model_alone(trials):
    everything = np.ones(trials.observed[2].shape, bool)
    plain = replace(MAIN, missing="complete_case", weights=None, variance="robust")
    log_risk, covariance = expected(plain, as_data(trials, 2, everything))
    found = world().procedure.complete(trials)
    assert found.log_risk[2] == pytest.approx(log_risk, abs=LOG_RISK)
    assert found.by_cluster[2] == pytest.approx(covariance, rel=STD_ERROR)


def test_shares_of_responders_among_the_missing(trials):
    found, procedure = world().procedure(trials), world().procedure
    result = fit(MAIN, "severity", PLAN, as_data(trials, 0))
    absent = trials.observed[0].any(axis=1) & ~trials.observed[0][:, 0]
    true = trials.reduction[0][:, 0] >= procedure.cutoff
    for a, arm in enumerate(ARMS):
        here = result.imputed & (result.visit == 0)
        here &= (people().people["arm"] == arm).to_numpy()[result.person]
        own = (people().people["arm"] == arm).to_numpy() & absent
        shares = result.outcome[here].mean(), true[own].mean()
        assert found.responses[0][:, a] == pytest.approx(shares)


def test_a_trial_without_an_estimate_is_coded_and_disturbs_no_other(trials):
    reduction, observed = trials.reduction.copy(), trials.observed.copy()
    observed[0][~observed[0].any(axis=1), 1] = True  # everybody seen: no response model
    in_pt = world().arm == 0
    observed[1][in_pt] = np.where(
        (observed[1].sum(axis=1) == 1)[in_pt, None], False, observed[1][in_pt]
    )  # nobody of PT seen just once: a column of the imputation model is empty
    reduction[2][world().arm == 2] = -1.0  # no responder in UC
    found = world().procedure(Trials(reduction, observed))
    assert found.failure.tolist() == [1, 2, 3, 0]
    plain = world().procedure(trials)
    assert found.log_risk[3] == pytest.approx(plain.log_risk[3], abs=LOG_RISK)
    assert found.by_cluster[3] == pytest.approx(plain.by_cluster[3], rel=STD_ERROR)
    assert np.isfinite(found.by_cluster[3]).all()


def test_the_bandwidth_is_that_of_silverman(trials):
    result = fit(MAIN, "severity", PLAN, as_data(trials, 0))
    margin = result.imputation.model.margin[result.imputed]
    assert result.imputation.bandwidth == pytest.approx(silverman(margin))
