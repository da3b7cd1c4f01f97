"""Effect among compliers against the vitamin A trial."""

import pytest

from trialrr.estimate.compliers import complier_effect


def test_vitamin_a_trial():
    got = complier_effect((12, 9675), (34, 2419), (74, 11588))
    assert got.risk_ratio == pytest.approx(0.277577, abs=5e-7)
    assert got.intention_to_treat == pytest.approx(0.595614, abs=5e-7)
    assert got.risk_difference == pytest.approx(-0.00322804, abs=5e-9)
    assert got.compliance == pytest.approx(0.799983, abs=5e-7)


def test_full_compliance_is_intention_to_treat():
    got = complier_effect((20, 100), (0, 0), (40, 100))
    assert got.risk_ratio == got.intention_to_treat == pytest.approx(0.5)
    assert (got.risk_difference, got.compliance) == (pytest.approx(-0.2), 1)


def test_refusals():
    with pytest.raises(ValueError, match="controls: 5 events in 4 people"):
        complier_effect((1, 10), (1, 10), (5, 4))
    with pytest.raises(ValueError, match="nobody complied"):
        complier_effect((0, 0), (1, 10), (2, 10))
    with pytest.raises(ValueError, match="exclusion does not hold"):
        complier_effect((1, 10), (9, 10), (1, 20))
