"""Tables of counts against statsmodels, scipy, textbook values and the models they abbreviate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from trialrr.estimate.fit import modified_poisson
from trialrr.estimate.sandwich import covariance, influence
from trialrr.estimate.tables import (
    NotEstimable,
    cochran_mantel_haenszel,
    crude_risk_ratio,
    fisher_exact,
    mantel_haenszel_odds_ratio,
    mantel_haenszel_risk_ratio,
)

EXACT = 1e-12  # the same closed formula
ENUMERATED = 1e-9  # a sum of many small probabilities

# Deaths by receptor level in stages I, II, III, low against high (openly published counts)
BREAST = np.array([[[2, 10], [5, 50]], [[9, 13], [17, 57]], [[12, 2], [9, 6]]])
# Admissions to Berkeley's departments A to F, men against women (Bickel et al. 1975)
BERKELEY = np.array(
    [
        [[512, 313], [89, 19]],
        [[353, 207], [17, 8]],
        [[120, 205], [202, 391]],
        [[138, 279], [131, 244]],
        [[53, 138], [94, 299]],
        [[22, 351], [24, 317]],
    ]
)
TODAY = np.array([[109, 125], [90, 143], [120, 112]])
counts = st.integers(1, 12)


def tables(arms: int):
    row = st.tuples(counts, counts)
    return st.lists(st.lists(row, min_size=arms, max_size=arms), min_size=1, max_size=4)


def test_crude_ratio_has_zous_variance_and_equals_the_model():
    table = np.array([[27, 268], [52, 255]])
    got = crude_risk_ratio(table)
    assert got.estimate == pytest.approx((27 / 295) / (52 / 307), rel=EXACT)
    assert got.std_error**2 == pytest.approx(1 / 27 - 1 / 295 + 1 / 52 - 1 / 307, rel=EXACT)
    half = 1.959963984540054 * got.std_error
    assert (got.lower, got.upper) == pytest.approx(
        (got.estimate * np.exp(-half), got.estimate * np.exp(half)), rel=EXACT
    )
    y = np.repeat([1.0, 0, 1, 0], table.ravel())
    arm = np.repeat([1.0, 1, 0, 0], table.ravel())
    fit = modified_poisson(y, np.column_stack([np.ones(len(y)), arm]))
    cov = covariance(influence(fit.bread, fit.scores), np.arange(len(y)))
    assert got.std_error == pytest.approx(np.sqrt(cov[1, 1]), rel=1e-9)


@pytest.mark.parametrize("strata", [BREAST, BERKELEY])
def test_common_ratios_and_test_equal_statsmodels(strata):
    other = StratifiedTable(list(strata.astype(float)))
    odds, risk = mantel_haenszel_odds_ratio(strata), mantel_haenszel_risk_ratio(strata)
    assert odds.estimate == pytest.approx(other.oddsratio_pooled, rel=EXACT)
    assert odds.std_error == pytest.approx(other.logodds_pooled_se, rel=EXACT)
    assert (odds.lower, odds.upper) == pytest.approx(other.oddsratio_pooled_confint(), rel=1e-9)
    assert risk.estimate == pytest.approx(other.riskratio_pooled, rel=EXACT)
    for continuity in (False, True):
        test = other.test_null_odds(correction=continuity)
        got = cochran_mantel_haenszel(strata, continuity)
        assert (got.statistic, got.p_value) == pytest.approx((test.statistic, test.pvalue))
        assert (got.df, got.strata) == (1, len(strata))


def test_berkeley_as_in_the_textbooks():
    # Agresti, Categorical Data Analysis, and the help of R's mantelhaen.test
    assert mantel_haenszel_odds_ratio(BERKELEY).estimate == pytest.approx(0.9046968, rel=1e-6)
    got = cochran_mantel_haenszel(BERKELEY, continuity=True)
    assert (got.statistic, got.p_value) == pytest.approx((1.4269, 0.2323), abs=5e-5)


def test_one_stratum_is_the_crude_table():
    table = BREAST[1]
    got, crude = mantel_haenszel_risk_ratio(table[None]), crude_risk_ratio(table)
    assert (got.estimate, got.std_error) == pytest.approx((crude.estimate, crude.std_error))
    chi2 = stats.chi2_contingency(TODAY, correction=False)
    n = TODAY.sum()
    test = cochran_mantel_haenszel(TODAY[None])
    assert (test.statistic, test.df) == pytest.approx((chi2.statistic * (n - 1) / n, chi2.dof))


@given(tables(2))
def test_swapping_arms_turns_ratios_over_and_leaves_tests(strata):
    strata = np.array(strata)
    swapped = strata[:, ::-1]
    for ratio in (mantel_haenszel_risk_ratio, mantel_haenszel_odds_ratio):
        one, other = ratio(strata), ratio(swapped)
        assert one.estimate == pytest.approx(1 / other.estimate, rel=1e-9)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-9)
    one, other = cochran_mantel_haenszel(strata), cochran_mantel_haenszel(swapped)
    assert one.statistic == pytest.approx(other.statistic, rel=1e-9, abs=1e-12)


@given(tables(3), st.permutations(range(3)))
def test_three_arms_in_any_order(strata, order):
    strata = np.array(strata)
    one, other = cochran_mantel_haenszel(strata), cochran_mantel_haenszel(strata[:, order])
    assert one.statistic == pytest.approx(other.statistic, rel=1e-8, abs=1e-12)
    assert one.df == 2


def test_strata_without_information_add_nothing():
    empty = np.array([[[4, 3], [0, 0]], [[0, 5], [0, 6]], [[0, 0], [0, 0]]])
    padded = np.concatenate([BREAST, empty])
    assert cochran_mantel_haenszel(padded) == cochran_mantel_haenszel(BREAST)
    for ratio in (mantel_haenszel_risk_ratio, mantel_haenszel_odds_ratio):
        assert ratio(padded).estimate == pytest.approx(ratio(BREAST).estimate, rel=EXACT)
        assert ratio(padded).std_error == pytest.approx(ratio(BREAST).std_error, rel=EXACT)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_fisher_equals_scipy_for_two_arms(cells):
    table = np.array(cells).reshape(2, 2)
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    assert fisher_exact(table) == pytest.approx(stats.fisher_exact(table).pvalue, rel=ENUMERATED)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=4))
def test_fisher_equals_the_sum_over_all_assignments_of_events(rows):
    from itertools import product
    from math import comb

    table = np.array(rows)
    n, m = table.sum(axis=1), table[:, 0].sum()
    weight = {
        x: int(np.prod([comb(int(a), b) for a, b in zip(n, x, strict=True)]))
        for x in product(*(range(a + 1) for a in n))
        if sum(x) == m
    }
    seen = weight[tuple(int(x) for x in table[:, 0])]
    expected = sum(w for w in weight.values() if w <= seen) / sum(weight.values())
    assert fisher_exact(table) == pytest.approx(expected, rel=ENUMERATED)


def test_fisher_of_a_trial_of_three_arms_is_near_its_large_sample_test():
    p = fisher_exact(TODAY)
    assert p == pytest.approx(fisher_exact(TODAY[[2, 0, 1]]), rel=ENUMERATED)
    assert p == pytest.approx(cochran_mantel_haenszel(TODAY[None]).p_value, rel=0.05)


def test_tea():
    assert fisher_exact([[3, 1], [1, 3]]) == pytest.approx(34 / 70, rel=EXACT)


def test_what_is_not_estimable_is_said():
    with pytest.raises(NotEstimable, match="no event in the second arm"):
        crude_risk_ratio([[3, 4], [0, 7]])
    with pytest.raises(NotEstimable, match="everybody in both arms"):
        crude_risk_ratio([[3, 0], [4, 0]])
    with pytest.raises(NotEstimable, match="no event in the first arm of any stratum"):
        mantel_haenszel_risk_ratio([[[0, 4], [2, 7]], [[0, 3], [1, 1]]])
    with pytest.raises(NotEstimable, match="everybody in every stratum"):
        mantel_haenszel_risk_ratio([[[3, 0], [4, 0]]])
    with pytest.raises(NotEstimable, match="odds ratio is 0 or infinite"):
        mantel_haenszel_odds_ratio([[[3, 0], [4, 1]]])
    with pytest.raises(NotEstimable, match="no stratum has people in both arms"):
        mantel_haenszel_risk_ratio([[[3, 1], [0, 0]]])
    with pytest.raises(NotEstimable, match="1 of 2 strata"):
        cochran_mantel_haenszel([[[3, 1], [2, 2], [0, 0]], [[0, 1], [0, 2], [0, 3]]])
    with pytest.raises(NotEstimable, match="nobody has the event"):
        fisher_exact([[0, 4], [0, 7], [0, 2]])


def test_what_are_no_counts_is_refused():
    with pytest.raises(ValueError, match=r"count 1.5 at \(0, 1\)"):
        crude_risk_ratio([[3, 1.5], [1, 7]])
    with pytest.raises(ValueError, match=r"count -1 at \(0, 1, 0\)"):
        mantel_haenszel_risk_ratio([[[3, 1], [-1, 7]]])
    with pytest.raises(ValueError, match=r"shape \(2, 3\); expected \(any, 2\)"):
        fisher_exact([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(ValueError, match="arm 1 .* has no people"):
        fisher_exact([[1, 2], [0, 0]])
    with pytest.raises(ValueError, match="one arm has nothing to compare"):
        fisher_exact([[1, 2]])
    with pytest.raises(ValueError, match="continuity correction with 3 arms"):
        cochran_mantel_haenszel(TODAY[None], continuity=True)
    with pytest.raises(ValueError, match="cochran_mantel_haenszel with one stratum"):
        fisher_exact(np.full((4, 2), 5000))
