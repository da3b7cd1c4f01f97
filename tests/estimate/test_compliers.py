"""Effect among compliers against the vitamin A trial."""

import numpy as np
import pytest

from trialrr.estimate.compliers import principal_strata
from trialrr.estimate.tables import NotEstimable, crude_risk_ratio

VITAMIN_A = ((12, 9675), (34, 2419), (74, 11588))


def people(compliers=VITAMIN_A[0], never_takers=VITAMIN_A[1], controls=VITAMIN_A[2]):
    """assigned, took and outcome of people with these counts, weights 1, each a cluster."""
    parts = [(1, 1, *compliers), (1, 0, *never_takers), (0, 0, *controls)]
    columns = [
        np.repeat(np.array([[z, d, 1], [z, d, 0]]), [events, n - events], axis=0)
        for z, d, events, n in parts
    ]
    z, d, y = np.concatenate(columns).T.astype(float)
    return z, d, y, np.ones(len(z)), np.arange(len(z))


def of_counts(compliers, never_takers, controls) -> tuple[float, float, float, float]:
    """Risk ratio and difference among compliers, risk ratio of the arms, compliance, by hand."""
    treated = compliers[1] + never_takers[1]
    r1, r0 = (compliers[0] + never_takers[0]) / treated, controls[0] / controls[1]
    never, share = never_takers[0] / treated, compliers[1] / treated
    return (r1 - never) / (r0 - never), (r1 - r0) / share, r1 / r0, share


def test_vitamin_a_trial():
    strata = principal_strata(*people())
    ratio, difference, share = strata.risk_ratio(), strata.risk_difference(), strata.share()
    by_hand = of_counts(*VITAMIN_A)
    assert ratio.estimate == pytest.approx(0.277577, abs=5e-7)
    assert difference.estimate == pytest.approx(-0.00322804, abs=5e-9)
    assert share.estimate == pytest.approx(0.799983, abs=5e-7)
    assert strata.treated / strata.control == pytest.approx(0.595614, abs=5e-7)
    found = ratio.estimate, difference.estimate, strata.treated / strata.control, share.estimate
    assert found == pytest.approx(by_hand, rel=1e-12)
    assert share.std_error == pytest.approx(np.sqrt(0.799983 * 0.200017 / 12094), rel=1e-5)
    assert share.lower < 0.799983 < share.upper


def test_standard_errors_are_those_of_a_bootstrap():
    """The counts of each arm drawn again, multinomial: 4,000 samples, Monte Carlo error 1.1 %.
    More events than the trial had, so that the log ratio is nearly normal."""
    counts = ((120, 9675), (140, 2419), (500, 11588))
    strata = principal_strata(*people(*counts))
    (a, n1), (b, n2), (c, n0) = counts
    rng = np.random.default_rng(12)
    shares = np.array([a, n1 - a, b, n2 - b]) / (n1 + n2)
    drawn = rng.multinomial(n1 + n2, shares, 4000)
    controls = rng.binomial(n0, c / n0, 4000)
    found = [
        of_counts((d[0], d[0] + d[1]), (d[2], d[2] + d[3]), (k, n0))
        for d, k in zip(drawn.tolist(), controls.tolist(), strict=True)
    ]
    for own, values in (
        (strata.risk_ratio(), np.log([ratio for ratio, *_ in found])),
        (strata.risk_difference(), [difference for _, difference, *_ in found]),
        (strata.share(), [share for *_, share in found]),
    ):
        assert own.std_error == pytest.approx(np.std(values), rel=0.04)


def test_weights_are_copies_and_clusters_sum():
    z, d, y, w, c = people((12, 90), (8, 40), (40, 130))
    copies = np.random.default_rng(0).integers(1, 4, len(z))
    one = principal_strata(z, d, y, copies.astype(float), c)
    index = np.repeat(np.arange(len(z)), copies)
    other = principal_strata(z[index], d[index], y[index], w[index], c[index])
    for name in ("risk_ratio", "risk_difference", "share"):
        a, b = getattr(one, name)(), getattr(other, name)()
        assert (a.estimate, a.std_error) == pytest.approx((b.estimate, b.std_error), rel=1e-12)
    assert (
        one.risk_ratio().std_error
        > principal_strata(z[index], d[index], y[index], w[index], np.arange(len(index)))
        .risk_ratio()
        .std_error
    )


def test_full_compliance_of_people_is_the_crude_ratio():
    strata = principal_strata(*people((20, 100), (0, 0), (40, 100)))
    ratio = strata.risk_ratio()
    crude = crude_risk_ratio([[20, 80], [40, 60]])
    for name in ("estimate", "std_error", "lower", "upper", "p_value"):
        assert getattr(ratio, name) == pytest.approx(getattr(crude, name), rel=1e-12)
    share = strata.share()
    assert share.estimate == 1 and np.isnan([share.std_error, share.lower, share.upper]).all()
    assert share.reason == "everybody took the treatment, so the share does not vary: no interval"


def test_what_people_cannot_tell_is_said():
    with pytest.raises(NotEstimable, match="no positive risk is left for compliers"):
        principal_strata(*people((1, 10), (9, 10), (1, 20))).risk_ratio()
    with pytest.raises(NotEstimable, match="no event among takers"):
        principal_strata(*people((0, 10), (1, 10), (5, 20))).risk_ratio()
    nobody = principal_strata(*people((0, 0), (3, 10), (5, 20)))
    for quantity in (nobody.risk_ratio, nobody.risk_difference):
        with pytest.raises(NotEstimable, match="nobody took the treatment"):
            quantity()
    with pytest.raises(NotEstimable, match="does not vary"):
        principal_strata(*people((0, 10), (0, 10), (0, 20))).risk_difference()
    with pytest.raises(NotEstimable, match="does not vary"):
        principal_strata(*people((10, 10), (0, 0), (20, 20))).risk_ratio()
    with pytest.raises(NotEstimable, match="an arm has nobody"):
        principal_strata(*people((1, 10), (1, 10), (0, 0)))
    z, d, y, w, c = people((1, 10), (1, 10), (2, 10))
    with pytest.raises(ValueError, match="10 people of the control arm took"):
        principal_strata(z, np.where(z == 0, 1, d), y, w, c)
