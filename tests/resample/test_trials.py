"""Simulated trials: what they are drawn with comes back out of them, and the target is their
limit."""

import numpy as np
import pytest
from scipy.special import ndtr

from tests.changes import replace
from tests.resample.worlds import world
from trialrr.estimate.fit import FitError
from trialrr.resample.cells import Cells, poisson
from trialrr.resample.trials import (
    ScoreModel,
    VisitPatterns,
    draw,
    score_model,
    target,
    visit_model,
)
from trialrr.seeds import stream

PEOPLE, MONTHS, CLUSTERS = 6000, 3, 40
MONTE_CARLO = 4  # standard errors
ARM = np.repeat([0, 1, 2], PEOPLE // 3)
CLUSTER = np.where(ARM == 1, np.arange(PEOPLE) % CLUSTERS, -1)
X = np.random.default_rng(2).normal(size=(PEOPLE, 2))
SCORES = ScoreModel(np.array([0.5, 1.0, 1.5]) + (X @ np.array([0.4, -0.2]))[:, None], 1.2, 0.6, 0.8)
VISITS = VisitPatterns(
    np.where(X[:, 0] > 0, 0.9, 0.7),
    (np.arange(1, 8)[:, None] >> np.arange(3)) & 1 == 1,
    np.array([[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4]] * 2 + [[0.0, 0, 0, 0, 0, 0, 1.0]]),
)
NO_SHIFT = np.zeros(3)


def trials(count, shift=NO_SHIFT, name="trials"):
    return draw(stream(1, "test", name), count, SCORES, VISITS, ARM, shift, CLUSTER)


def test_the_model_of_scores_comes_back():
    drawn = trials(1)
    reduction = np.where(drawn.observed, drawn.reduction, np.nan)[0]
    found = score_model(reduction, X, ARM == 2, CLUSTER)
    assert np.abs(found.mean - SCORES.mean).mean() < 0.06
    assert found.person_sd == pytest.approx(1.2, abs=0.08)
    assert found.residual_sd == pytest.approx(0.8, abs=0.04)
    assert found.cluster_sd == pytest.approx(0.6, abs=0.2)


def test_every_arm_has_one_distribution_and_coaches_share():
    residual = trials(20).reduction - SCORES.mean
    for a in range(3):
        own = residual[:, a == ARM]
        assert own.mean() == pytest.approx(0, abs=0.06)
        assert own.std() == pytest.approx(SCORES.sd, rel=0.02)
        within = (own[:, :, 0] * own[:, :, 1]).mean()
        assert within == pytest.approx(1.2**2, rel=0.05)
    coached = residual[:, ARM == 1, 0].reshape(20, -1, CLUSTERS)  # people of a cluster in a column
    products = (coached.sum(axis=1) ** 2 - (coached**2).sum(axis=1)).mean()
    people = coached.shape[1]
    assert products / (people * (people - 1)) == pytest.approx(0.6**2, rel=0.15)
    alone = residual[:, ARM == 0, 0]
    assert np.mean(alone[:, ::2] * alone[:, 1::2]) == pytest.approx(0, abs=0.05)


def test_who_is_seen_follows_covariates_and_arm_alone():
    drawn = trials(20)
    seen = drawn.observed.any(axis=2)
    for above, share in ((True, 0.9), (False, 0.7)):
        assert seen[:, (X[:, 0] > 0) == above].mean() == pytest.approx(share, abs=0.01)
    times = drawn.observed.sum(axis=2)
    assert (times[:, ARM == 2][seen[:, ARM == 2]] == 3).all()
    assert (times[:, ARM == 0][seen[:, ARM == 0]] == 3).mean() == pytest.approx(0.4, abs=0.01)
    residual = (drawn.reduction - SCORES.mean)[:, :, 0]
    gap = residual[seen].mean() - residual[~seen].mean()
    assert abs(gap) < MONTE_CARLO * SCORES.sd / np.sqrt((~seen).sum())


def test_visits_come_back_by_arm():
    observed = trials(1).observed[0]
    found = visit_model(VISITS.seen, observed, ARM, 3)
    assert (found.patterns == VISITS.patterns).all()
    assert found.shares == pytest.approx(VISITS.shares, abs=0.05)
    assert found.shares.sum(axis=1) == pytest.approx(np.ones(3))
    with pytest.raises(FitError, match="nobody"):
        visit_model(VISITS.seen, observed & (ARM > 0)[:, None], ARM, 3)


def test_the_target_is_what_many_complete_trials_of_everybody_in_each_arm_estimate():
    shift = np.array([0.5, 0.2, 0.0])
    cutoff = np.full(PEOPLE, 1.5)
    truth = target(SCORES, cutoff, X, 3, shift)
    rng = stream(1, "test", "target")
    arm = np.repeat(np.arange(3), PEOPLE)
    cells = Cells(arm, 3, MONTHS, np.tile(X, (3, 1)))
    found = []
    for _ in range(12):
        person = rng.normal(size=(3, PEOPLE, 1)) * SCORES.person_sd
        noise = rng.normal(size=(3, PEOPLE, MONTHS)) * SCORES.residual_sd
        reduction = SCORES.mean + shift[:, None, None] + person + noise
        outcome = (reduction >= 1.5).astype(float).reshape(-1, MONTHS)
        found.append(poisson(cells, outcome).cells[0])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(12)
    assert (np.abs(mean - truth) < MONTE_CARLO * error).all()


def test_without_covariates_the_target_is_the_mean_probability():
    cutoff = np.linspace(0.5, 3, PEOPLE)
    cutoff[:10] = np.nan
    truth = target(SCORES, cutoff, np.empty((PEOPLE, 0)), 3, np.array([1.0, 0, 0]))
    margin = (SCORES.mean - cutoff[:, None])[10:]
    for a, shift in enumerate((1.0, 0.0, 0.0)):
        expected = np.log(ndtr((margin + shift) / SCORES.sd).mean(axis=0))
        assert truth[a] == pytest.approx(expected, abs=1e-9)


def test_no_shift_makes_the_target_a_ratio_of_one():
    w = world()
    truth = target(w.scores, w.procedure.cutoff, w.procedure.outcome, 3, NO_SHIFT)
    assert truth[1:] - truth[0] == pytest.approx(0, abs=1e-9)


def test_scores_that_cannot_be_modeled_are_refused():
    few = np.full((4, 3), np.nan)
    few[:, 0] = [1, 2, 3, 4]
    nobody = np.full(4, -1)
    with pytest.raises(FitError, match="fewer covariates"):
        score_model(few, np.eye(4), np.ones(4, bool), nobody)
    with pytest.raises(FitError, match="seen twice"):
        score_model(few[:, :1], np.arange(4.0)[:, None], np.ones(4, bool), nobody)


def test_clusters_that_differ_less_than_chance_have_no_variance():
    drawn = draw(
        stream(1, "test", "none"),
        1,
        replace(SCORES, cluster_sd=0.0),
        VISITS,
        ARM,
        NO_SHIFT,
        CLUSTER,
    )
    even = drawn.reduction[0] - SCORES.mean
    for c in range(CLUSTERS):
        even[c == CLUSTER] -= even[c == CLUSTER].mean()
    assert score_model(even + SCORES.mean, X, ARM == 2, CLUSTER).cluster_sd == 0
