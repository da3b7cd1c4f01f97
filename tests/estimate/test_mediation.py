"""Mediation against statsmodels, and where the truth is known: everything or nothing through the
mediator, and nobody kept."""

import numpy as np
import pytest

from trialrr.estimate.fit import FitError
from trialrr.estimate.mediation import (
    MediationFit,
    arm_effect,
    arm_weights,
    log_risk_ratio,
    mediation,
)

ALL = 2.0  # a level that every mediator passes


def trial(n=1500, seed=4, through=-0.6, direct=0.0, shift=0.8):
    """log risk = -1.6 + through·m + direct·arm + 0.2 z, m ~ N(shift·arm, 1): log RR in all is
    direct + through·shift, its direct part `direct`."""
    rng = np.random.default_rng(seed)
    arm = (np.arange(n) % 2).astype(float)
    z = rng.normal(size=(n, 1))
    changes = np.column_stack([rng.normal(shift * arm, 1), rng.normal(size=n)])
    risk = np.exp(-1.6 + through * changes[:, 0] + direct * arm + 0.2 * z[:, 0])
    return arm, (rng.random(n) < np.minimum(risk, 1)).astype(float), changes, z


def chain(arm, responder, changes, z, level=0.10, clusters=None):
    clusters = np.arange(len(arm)) if clusters is None else clusters
    return mediation(arm, responder, changes, z, [z] * changes.shape[1], clusters, level)


def test_every_step_is_that_of_statsmodels():
    import statsmodels.api as sm

    arm, responder, changes, z = trial()
    clusters = np.where(arm == 1, np.arange(len(arm)) % 13, np.arange(len(arm)) + 100)
    found = chain(arm, responder, changes, z, ALL, clusters)
    x = np.column_stack([np.ones(len(arm)), arm, z])
    for effect, change in zip(found.arm_effects, changes.T, strict=True):
        keywords = {"groups": clusters, "use_correction": False}
        peer = sm.OLS(change, x).fit(cov_type="cluster", cov_kwds=keywords)
        assert effect.estimate == pytest.approx(peer.params[1], rel=1e-10)
        assert effect.std_error == pytest.approx(peer.bse[1], rel=1e-10)
        assert effect.p_value == pytest.approx(peer.pvalues[1], rel=1e-9)
    chance = sm.Logit(arm, sm.add_constant(changes)).fit(disp=0, tol=1e-12).predict()
    weights = np.where(arm == 1, 0.5 / chance, 0.5 / (1 - chance))
    assert found.weights == pytest.approx(weights, rel=1e-8)
    for own, w in ((found.log_total, None), (found.log_direct, weights)):
        peer = sm.GLM(responder, x, sm.families.Poisson(), var_weights=w).fit(tol=1e-13)
        assert own == pytest.approx(peer.params[1], abs=1e-8)


def test_no_mediator_kept_leaves_the_total():
    found = chain(*trial(), level=0.0)
    assert not found.kept.any()
    assert (found.weights == 1).all()
    assert found.log_direct == found.log_total
    assert (found.log_through, found.proportion) == (0, 0)


def test_a_mediator_is_kept_by_its_p_value():
    arm, responder, changes, z = trial(seed=5)
    p = [e.p_value for e in chain(arm, responder, changes, z).arm_effects]
    assert p[0] < 0.10 < p[1]
    found = chain(arm, responder, changes, z)
    assert found.kept.tolist() == [True, False]
    assert found.weights == pytest.approx(arm_weights(arm, changes[:, [0]]), rel=1e-12)
    assert chain(arm, responder, changes, z, p[1] * 1.001).kept.all()


@pytest.mark.parametrize(
    ("through", "direct"), [(-0.4, 0.0), (0.0, 0.4), (-0.5, 0.1), (-0.3, -0.2)]
)
def test_parts_are_recovered_where_they_are_known(through, direct):
    arm, responder, changes, z = trial(120_000, 11, through, direct, shift=0.7)
    found = chain(arm, responder, changes, z)
    assert found.log_total == pytest.approx(direct + 0.7 * through, abs=0.035)
    assert found.log_direct == pytest.approx(direct, abs=0.04)
    assert found.log_through == pytest.approx(0.7 * through, abs=0.03)
    total = direct + 0.7 * through
    assert found.proportion == pytest.approx(0.7 * through / total, abs=0.12)


def test_weighted_mediators_are_alike_in_both_arms():
    arm, _, changes, _ = trial(20_000)
    w = arm_weights(arm, changes)
    means = [np.average(changes, axis=0, weights=w * (arm == a)) for a in (0, 1)]
    assert np.abs(means[0] - means[1]).max() < 0.03
    assert (changes[arm == 1].mean(axis=0) - changes[arm == 0].mean(axis=0))[0] > 0.7
    assert w.mean() == pytest.approx(1, abs=0.02)


def test_the_order_of_people_does_not_matter():
    arm, responder, changes, z = trial()
    order = np.random.default_rng(0).permutation(len(arm))
    one = chain(arm, responder, changes, z)
    other = chain(arm[order], responder[order], changes[order], z[order])
    assert other.log_direct == pytest.approx(one.log_direct, abs=1e-10)


def test_a_total_of_zero_has_no_proportion():
    assert np.isnan(MediationFit((), np.zeros(0, bool), np.ones(3), 0.0, 0.1).proportion)
    assert MediationFit((), np.zeros(0, bool), np.ones(3), -0.2, -0.1).proportion == 0.5


def test_faults_are_told():
    arm, responder, changes, z = trial(200)
    with pytest.raises(FitError, match="separated"):
        arm_weights(arm, np.column_stack([arm * 10]))
    with pytest.raises(FitError, match="rank"):
        arm_effect(changes[:, 0], arm, np.ones((200, 1)), np.arange(200))
    with pytest.raises(FitError, match="Poisson"):
        log_risk_ratio(np.where(arm == 1, 0, responder), arm, z)
