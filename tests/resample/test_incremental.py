"""Costs and effects on samples: replicate by replicate what the fits give on the people drawn."""

import numpy as np
import pytest

from tests.changes import replace
from trialrr.estimate.fit import linear, logistic
from trialrr.resample.draws import bootstrap_counts
from trialrr.resample.incremental import (
    RESPONSES,
    CostEffectData,
    Costs,
    Prediction,
    Responders,
    Utilities,
    _quantile,
)

N, J, ARMS, MONTH, CUT = 420, 2, 3, 1, 2.0
WEIGHTS = np.array([0.125, 0.25, 0.125])


def filled(values):
    return np.where(np.isnan(values), np.nanmean(values, axis=0), values)


def world(seed=4):
    """Everything that may be missing is missing for somebody."""
    rng = np.random.default_rng(seed)
    arm = np.arange(N) % ARMS
    x = rng.normal(size=(N, 2))
    x[rng.random(N) < 0.03, 1] = np.nan
    base = 0.7 + 0.1 * x[:, 0] + rng.normal(0, 0.1, N)
    seen_visit = rng.random((N, J)) < 0.75
    seen_visit[rng.random(N) < 0.15] = False
    seen = seen_visit.any(axis=1)
    visits = np.stack([np.arange(J) == j for j in range(J)]).astype(float)
    one = (seen_visit.sum(axis=1) == 1).astype(float)
    cells = np.zeros((N, J, ARMS * J + 1))
    for a in range(ARMS):
        cells[arm == a, :, a * J : (a + 1) * J] = visits
    cells[:, :, -1] = one[:, None]
    drop = 2 + 0.5 * (arm > 0)[:, None] + x[:, :1] + rng.normal(0, 1.5, (N, J))
    utility = base[:, None] + 0.03 * (arm > 0)[:, None] + rng.normal(0, 0.1, (N, J))
    drop = np.where(seen_visit, drop, np.nan)
    utility = np.where(seen_visit & (rng.random((N, J)) < 0.95), utility, np.nan)
    baseline = np.where(rng.random(N) < 0.04, np.nan, base)
    cost = rng.gamma(1, 900, N) + 400 * (arm == 1)
    lacking = np.where(rng.random((N, 2)) < 0.06, np.nan, rng.poisson(3, (N, 2)) * 50.0)
    lacking[arm == 2, 1] = 10
    wanted = np.isnan(drop) & seen[:, None]
    z = np.column_stack([x, baseline])
    return CostEffectData(
        arm,
        ARMS,
        seen,
        z,
        Costs(cost, lacking),
        0.97,
        Utilities(
            baseline,
            utility,
            WEIGHTS,
            Prediction(cells, z, utility, np.isnan(utility) & seen[:, None]),
        ),
        Responders(
            np.where(seen_visit, drop >= CUT, np.nan)[:, MONTH],
            MONTH,
            np.full(N, CUT),
            Prediction(cells, x, drop, wanted),
        ),
        seen,
        np.column_stack([np.ones(N), arm == 1, arm == 2, x]),
    )


def slowly(chain, people):
    """(A, 4) of the same chain, one fit after the other, on the people listed (with repetition)."""
    arm, seen = chain.arm[people], chain.seen[people]
    cost = chain.costs.known[people].copy()
    for column in chain.costs.lacking[people].T:
        for a in range(ARMS):
            cost[arm == a] += filled(column[arm == a])
    cut = np.minimum(cost, np.quantile(cost, chain.winsorize))
    predicted = []
    for model in (chain.utilities.model, chain.responders.model):
        z, cells, score = (v[people] for v in (model.covariates, model.cells, model.score))
        z = np.repeat(filled(z)[:, None], J, axis=1)
        design, known = np.concatenate([cells, z], axis=2), ~np.isnan(score)
        coef = linear(score[known], design[known]).coef
        predicted.append(np.where(model.wanted[people], design @ coef, 0))
    base = filled(chain.utilities.baseline[people])
    utility = np.nan_to_num(chain.utilities.known[people]) + predicted[0]
    qaly = np.column_stack([base, utility]) @ WEIGHTS
    made = predicted[1][:, MONTH] >= CUT
    responder = chain.responders.observed[people]
    responder = np.where(np.isnan(responder), made, responder)
    weights = np.ones(len(people))
    if chain.response is not None:
        weights = 1 / logistic(seen.astype(float), filled(chain.response[people])).mu
    design = np.column_stack([arm[:, None] == np.arange(ARMS), filled(chain.covariates[people])])
    kept = chain.people[people]
    fits = [
        linear(y[kept], design[kept].astype(float), weights[kept]).coef[:ARMS]
        for y in (cost, cut, qaly, responder)
    ]
    return np.column_stack(fits)


def differences(arms):
    return arms[..., 1:, :] - arms[..., :1, :]


@pytest.mark.parametrize("weighted", [True, False], ids=["weighted", "unweighted"])
def test_a_replicate_is_the_chain_on_the_people_drawn(weighted):
    chain = world() if weighted else replace(world(), response=None)
    rng = np.random.default_rng(2)
    cluster = np.where(chain.arm == 1, np.arange(N) % 7, np.arange(N))
    counts = bootstrap_counts(rng, 5, chain.arm, cluster, {1})
    found = chain(counts)
    assert not found.failure.any() and found.arms.shape == (5, ARMS, len(RESPONSES))
    for b in range(5):
        people = np.repeat(np.arange(N), counts[b])
        expected = differences(slowly(chain, people))
        np.testing.assert_allclose(differences(found.arms[b]), expected, rtol=1e-8, atol=1e-10)


def test_the_trial_at_hand_is_everybody_once():
    chain = world()
    found = differences(chain(chain.everybody).arms[0])
    np.testing.assert_allclose(found, differences(slowly(chain, np.arange(N))), rtol=1e-9)
    responses = np.column_stack([one[0] for one in chain.filled(chain.everybody).responses])
    weights = chain.filled(chain.everybody).weights[0]
    fits = [linear(y, chain.design, weights).coef[:ARMS] for y in responses.T]
    np.testing.assert_allclose(differences(np.column_stack(fits)), found, rtol=1e-9)


def test_winsorizing_at_quantile_1_changes_nothing():
    chain = replace(world(), winsorize=1.0)
    arms = chain(chain.everybody).arms
    np.testing.assert_array_equal(arms[..., 0], arms[..., 1])


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 1.0])
def test_quantiles_by_counts_are_those_of_the_values_repeated(share):
    rng = np.random.default_rng(6)
    values, counts = rng.normal(size=(4, 60)).round(1), rng.poisson(1, (4, 60)).astype(float)
    pairs = zip(values, counts, strict=True)
    expected = [np.quantile(np.repeat(v, c.astype(int)), share) for v, c in pairs]
    np.testing.assert_allclose(_quantile(values, counts, share), expected, rtol=1e-12)
    shared = [np.quantile(np.repeat(values[0], c.astype(int)), share) for c in counts]
    np.testing.assert_allclose(_quantile(values[:1], counts, share), shared, rtol=1e-12)


def test_samples_without_an_estimate_are_told_by_reason_and_disturb_no_other():
    chain = world()
    counts = np.ones((5, N))
    once = chain.seen & (chain.utilities.model.cells[:, 0, -1] == 1)
    counts[1, ~chain.seen] = 0  # nobody unseen: no response model
    counts[2, once] = 0  # a pattern that nobody has
    first = ~np.isnan(chain.utilities.model.score[:, 0]) & (chain.arm == 2)
    counts[3, first] = 0  # an arm without utility at the first visit; some of it have a drop there
    constant = np.nan_to_num(chain.costs.lacking[:, 0], nan=-1) >= 0
    counts[4, constant & (chain.arm == 1)] = 0  # an arm of whom nobody's costs are known
    found = chain(counts)
    assert found.failure.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(found.arms[0], chain(chain.everybody).arms[0], rtol=1e-9)


def test_where_nothing_is_wanted_no_model_needs_a_solution():
    chain = world()
    model = replace(chain.utilities.model, wanted=np.zeros((N, J), bool))
    counts = np.zeros((2, N))
    predicted, ok = model(counts)
    assert predicted.shape == (2, 0) and ok.all()
    assert not chain.utilities.model(counts)[1].any()


def test_what_nobody_lacks_is_the_same_in_every_sample():
    costs = Costs(np.arange(6.0), np.empty((6, 0)))
    assert costs(np.ones((3, 6)), np.zeros(6, int), 1).shape == (1, 6)
