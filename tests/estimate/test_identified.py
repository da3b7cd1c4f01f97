"""When a variance says something, by hand and by identities."""

import re

import numpy as np
import pytest

from trialrr.estimate import adjusted
from trialrr.estimate.identified import bare, unidentified

TEN = {"active": 10, "control": 10}
ONE_CLUSTER = re.compile(r"arm active has one cluster: .*at least two clusters per arm")


def test_a_variance_of_many_clusters_is_identified():
    assert unidentified(0.1, 0.2, TEN, parameters=4) == ""


def test_an_arm_that_is_one_cluster_is_named_whatever_the_variance():
    for variance in (0.0, 0.1, np.nan):
        assert ONE_CLUSTER.search(unidentified(variance, 0.1, {"active": 1, "control": 30}))
    both = unidentified(0.1, 0.1, {"active": 1, "control": 1})
    assert "arm active has one cluster and arm control has one cluster" in both


def test_no_more_clusters_than_coefficients():
    shared = {"active": 3, "control": 3}
    found = unidentified(0.1, 0.1, shared, parameters=6, total=3)
    assert found.startswith("3 clusters for 6 coefficients")
    assert unidentified(0.1, 0.1, shared, parameters=3, total=3) != ""
    assert unidentified(0.1, 0.1, shared, parameters=2, total=3) == ""
    assert unidentified(0.1, 0.1, shared, parameters=5) == ""  # six clusters of one arm each


@pytest.mark.parametrize("variance", [0.0, -1e-18, 1e-31, 1e-12])
def test_a_variance_of_rounding_is_none(variance):
    assert "rounding" in unidentified(variance, 1 / 30, TEN)


def test_a_single_person_without_the_event_is_variance_enough():
    """Of n people n - 1 have the event: the log risk has variance 1/(n-1) - 1/n, 1/n of the
    model's own 1/(n-1)."""
    n = 1_000_000
    assert unidentified(1 / (n - 1) - 1 / n, 1 / (n - 1), {"active": n}) == ""


def test_without_a_variance_of_the_model_only_zero_and_infinity_are_refused():
    assert unidentified(1e-20, None, TEN) == ""
    assert unidentified(1e-20, np.nan, TEN) == ""
    assert unidentified(0.0, None, TEN) != ""
    assert "does not exist" in unidentified(np.inf, 0.1, TEN)
    assert "does not exist" in unidentified(np.nan, 0.1, TEN)


def test_bare_keeps_the_estimate_alone():
    ratio = adjusted.risk_ratio([1.0], [0.0], np.array([0.5]), np.array([[0.04]]), df=7.0)
    assert bare(ratio, "") is ratio
    alone = bare(ratio, "one cluster")
    assert (alone.estimate, alone.reason) == (ratio.estimate, "one cluster")
    for name in ("std_error", "lower", "upper", "statistic", "p_value"):
        assert np.isnan(getattr(alone, name)), name
    assert np.isinf(alone.df)
