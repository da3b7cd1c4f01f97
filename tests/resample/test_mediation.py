"""The chain on many samples: its own estimate at counts of one, a slow loop, failures by code, and
intervals that cover."""

import numpy as np
import pytest

from trialrr.estimate import mediation as slow
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.mediation import MediationData, percentile


def people(n=700, seed=3, gaps=True):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 3, n)  # 2: a third arm, of whom only the covariates matter
    z = rng.normal(size=(n, 2)).round(2)
    if gaps:
        z[rng.random((n, 2)) < 0.1] = np.nan
    changes = np.column_stack([rng.normal(0.5 * arm, 1), rng.normal(0.15 * arm, 1)])
    hit = rng.random(n) < 0.3 * np.exp(-0.2 * changes[:, 0])
    among = (arm < 2) & (rng.random(n) < 0.9)
    shared = arm == 1
    clusters = np.where(shared, rng.integers(0, 9, n), np.arange(n) + 100)
    return among, arm, hit.astype(float), changes, z, clusters, shared


def chain(level=0.10, **keys):
    among, arm, hit, changes, z, clusters, shared = people(**keys)
    filled = MeanFilled(z)
    return MediationData(
        among, arm, hit, changes, filled, (filled, filled), clusters, shared, level
    )


def test_counts_of_one_are_the_sample_at_hand():
    own = chain(gaps=False)
    found = own(np.ones((1, len(own.arm)), int))
    m, z = own.among, own.covariates.values
    hand = slow.mediation(
        own.arm[m], own.responder[m], own.changes[m], z[m], [z[m]] * 2, own.clusters[m], 0.10
    )
    assert found.log_total[0] == pytest.approx(hand.log_total, abs=1e-9)
    assert found.log_direct[0] == pytest.approx(hand.log_direct, abs=1e-9)
    assert (found.kept[0] == hand.kept).all()
    assert found.failure[0] == 0


def drawn(own, b, seed=6):
    """Counts of b samples: shared clusters whole."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(own.arm), np.ones(len(own.arm)) / len(own.arm), b)
    for c in np.unique(own.clusters[own.shared]):
        counts[:, own.clusters == c] = rng.poisson(1, b)[:, None]
    return counts


@pytest.mark.parametrize("level", [0.10, 0.5, 0.0])
def test_each_sample_is_the_slow_chain_on_people_repeated(level):
    own = chain(level)
    counts = drawn(own, 30)
    found = own(counts)
    assert (found.failure == 0).all()
    for b, row in enumerate(counts):
        index = np.repeat(np.arange(len(row)), row)
        copy = np.concatenate([np.arange(k) for k in row])
        z = own.covariates.values[index]
        z = np.where(np.isnan(z), np.nanmean(z, axis=0), z)
        labels = own.clusters[index] * 1000 + copy
        m = own.among[index]
        arrays = (own.arm[index][m], own.responder[index][m], own.changes[index][m], z[m])
        hand = slow.mediation(*arrays, [z[m]] * 2, labels[m], level)
        assert found.log_total[b] == pytest.approx(hand.log_total, abs=1e-8)
        assert found.log_direct[b] == pytest.approx(hand.log_direct, abs=1e-8)
        assert (found.kept[b] == hand.kept).all()


@pytest.mark.filterwarnings("error")
def test_failures_have_codes_and_disturb_no_other_sample():
    own = chain()
    counts = drawn(own, 4)
    good = own(counts)
    bad = counts.copy()
    hits = (own.responder == 1) & (own.arm == 1)
    bad[1, hits] = 0  # an arm without an event
    bad[2] = 0
    bad[2, np.flatnonzero(own.among & (own.arm == 0))[:3]] = 1  # three people, one arm
    bad[3, own.responder == 1] = 0  # nobody has an event in either arm
    found = own(bad)
    assert found.failure.tolist() == [0, 3, 1, 3]
    assert np.isnan([found.log_total[[1, 3]], found.log_direct[[1, 3]]]).all()
    assert found.log_direct[0] == pytest.approx(good.log_direct[0], abs=1e-9)
    apart = np.column_stack([own.arm * 3.0 - 1, own.changes[:, 1]])
    apart[:, 0] += np.random.default_rng(1).normal(size=len(apart)) * 0.1
    filled = own.covariates
    given = (own.among, own.arm, own.responder, apart, filled, (filled, filled))
    assert MediationData(*given, own.clusters, own.shared, 0.10)(counts).failure.tolist() == [2] * 4
    nobody = own.among & (own.arm == 0)
    given = (nobody, own.arm, own.responder, own.changes, filled, (filled, filled))
    found = MediationData(*given, own.clusters, own.shared, 0.10)(counts)
    assert found.failure.tolist() == [3] * 4 and np.isnan(found.log_total).all()


def test_percentiles_by_hand():
    found = percentile(np.arange(1, 100) / 100, alpha=0.10)
    assert (found.lower, found.upper) == (pytest.approx(0.05), pytest.approx(0.95))
    assert found.std_error == pytest.approx(np.std(np.arange(1, 100), ddof=1) / 100)
    assert percentile(np.zeros(50)).std_error == 0
    with pytest.raises(ValueError, match="at least 40 finite ones"):
        percentile(np.zeros(39))
    with pytest.raises(ValueError, match="1 of them not finite"):
        percentile([*np.arange(99.0), np.nan])


def test_intervals_cover_both_parts():
    """80 trials of 600 people, direct .3 and through the mediator .25 on the log scale: of 95 %
    intervals 76 are expected to hold the truth, 70 at least with probability .99."""
    hits, n = np.zeros(2, int), 600
    for seed in range(80):
        rng = np.random.default_rng(1000 + seed)
        arm, z = np.arange(n) % 2, rng.normal(size=(n, 1))
        m = rng.normal(0.5 * arm, 1)[:, None]
        hit = rng.random(n) < np.minimum(0.2 * np.exp(0.5 * m[:, 0] + 0.3 * arm), 1)
        filled = MeanFilled(z)
        everybody = np.ones(n, bool)
        own = MediationData(everybody, arm, hit.astype(float), m, filled, (filled,), np.arange(n),
                    ~everybody, 0.10)  # fmt: skip
        counts = np.hstack([rng.multinomial(n // 2, np.full(n // 2, 2 / n), 200) for _ in "ab"])
        counts = counts[:, np.argsort(np.argsort(arm, kind="stable"), kind="stable")]
        found = own(counts)
        assert (found.failure == 0).all()
        for k, (values, truth) in enumerate(
            ((found.log_direct, 0.3), (found.log_total - found.log_direct, 0.25))
        ):
            limits = percentile(values)
            hits[k] += limits.lower <= truth <= limits.upper
    assert (hits >= 70).all(), hits
