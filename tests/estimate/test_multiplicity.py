"""Adjusted p-values against reference values, statsmodels, and the closed tests they abbreviate."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from trialrr.estimate.multiplicity import (
    METHODS,
    adjust,
    benjamini_hochberg,
    fixed_sequence,
    hochberg,
    holm,
    hommel,
    protected_lsd,
)

ROUNDING = 1e-12  # products of the same few numbers in another order
P = (0.0113, 0.0004, 0.032, 0.21)
FAMILY = (0.0339, 0.0016, 0.064, 0.21)
SYMMETRIC = (holm, hochberg, hommel, benjamini_hochberg)
families = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", FAMILY),
        ("hochberg", FAMILY),
        ("hommel", FAMILY),
        ("benjamini_hochberg", (0.0226, 0.0016, 0.032 * 4 / 3, 0.21)),
        ("fixed_sequence", (0.0113, 0.0113, 0.032, 0.21)),
    ],
)
def test_reference_values(method, expected):
    assert adjust(P, method) == pytest.approx(expected, rel=ROUNDING)


@settings(max_examples=20)
@given(families)
def test_equal_to_statsmodels(p):
    for name, other in (
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("hommel", "hommel"),
        ("benjamini_hochberg", "fdr_bh"),
    ):
        expected = multipletests(p, method=other)[1]
        assert adjust(p, name) == pytest.approx(expected, rel=ROUNDING, abs=1e-300)


def closed(p, local) -> list[float]:
    """Largest local p-value of all intersections that contain each hypothesis."""
    sets = [s for m in range(1, len(p) + 1) for s in combinations(range(len(p)), m)]
    values = {s: local(np.sort(np.take(p, s))) for s in sets}
    return [max(v for s, v in values.items() if i in s) for i in range(len(p))]


@settings(max_examples=50)
@given(families)
def test_holm_and_hommel_are_closed_tests(p):
    def bonferroni(q):
        return min(1, len(q) * q[0])

    def simes(q):
        return (len(q) * q / np.arange(1, len(q) + 1)).min()

    assert holm(p) == pytest.approx(closed(p, bonferroni), rel=ROUNDING, abs=1e-300)
    assert hommel(p) == pytest.approx(closed(p, simes), rel=ROUNDING, abs=1e-300)


@given(families)
def test_never_below_raw_never_above_one_and_in_the_order_of_the_raw(p):
    for method in METHODS.values():
        got = method(p)
        assert (got >= np.asarray(p)).all() and (got <= 1).all()
    for method in SYMMETRIC:
        assert (np.diff(method(p)[np.argsort(p, kind="stable")]) >= 0).all()


@given(families)
def test_hommel_at_most_hochberg_at_most_holm(p):
    assert (hommel(p) <= hochberg(p) * (1 + ROUNDING)).all()
    assert (hochberg(p) <= holm(p) * (1 + ROUNDING)).all()
    assert (benjamini_hochberg(p) <= hochberg(p) * (1 + ROUNDING)).all()


@given(families, st.randoms(use_true_random=False))
def test_order_of_tests_changes_nothing(p, random):
    order = random.sample(range(len(p)), len(p))
    for method in SYMMETRIC:
        assert method(np.take(p, order)) == pytest.approx(method(p)[order], rel=ROUNDING)


@given(families, st.floats(0.001, 0.2))
def test_fixed_sequence_stops_at_the_first_that_does_not_reject(p, alpha):
    rejected = fixed_sequence(p) < alpha
    first = next((i for i, value in enumerate(p) if value >= alpha), len(p))
    assert rejected.tolist() == [i < first for i in range(len(p))]


@given(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_protected_lsd_opens_the_pairs_by_the_omnibus_test(omnibus, pairs):
    got = protected_lsd(omnibus, pairs, 3)
    assert got.tested == (omnibus < 0.05)
    assert got.rejected.tolist() == [got.tested and p < 0.05 for p in pairs]
    assert got.p_value.tolist() == [max(omnibus, p) for p in pairs]


def test_protected_lsd_is_for_three_arms():
    with pytest.raises(ValueError, match="4 arms does not hold.*Holm, Hommel, or closed testing"):
        protected_lsd(0.01, [0.01], 4)
    with pytest.raises(ValueError, match="nothing to protect"):
        protected_lsd(0.01, [0.01], 2)
    with pytest.raises(ValueError, match="three arms have three pairs"):
        protected_lsd(0.01, [0.01] * 4, 3)
    with pytest.raises(ValueError, match="alpha 5"):
        protected_lsd(0.01, [0.01], 3, alpha=5)
    with pytest.raises(ValueError, match="omnibus p-value 0 .* is missing"):
        protected_lsd(np.nan, [0.01], 3)


@pytest.mark.parametrize("method", METHODS.values())
def test_a_missing_or_impossible_p_value_is_named(method):
    with pytest.raises(ValueError, match="p-value 2 .* is missing"):
        method([0.1, 0.2, np.nan])
    with pytest.raises(ValueError, match="p-value 1 .* is 1.2, not between 0 and 1"):
        method([0.1, 1.2])
    with pytest.raises(ValueError, match="at least one"):
        method([])


def test_an_unknown_method_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'sidak'; known: holm, hochberg"):
        adjust(P, "sidak")
