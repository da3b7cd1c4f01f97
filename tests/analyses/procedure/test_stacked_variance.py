"""The variance stacked with weights and imputation against a bootstrap of the whole procedure.

The dichotomized prediction is a step function of the imputation model, so there is no reference
value to copy: what the stack claims is what happens when everything is done again on resampled
people, coaches resampled in HC and persons elsewhere.
"""

import numpy as np
import pytest

from tests.analyses.oracle import MONTHS, PLAN, data, entry
from trialrr.analyses.procedure.arrays import arrays
from trialrr.analyses.procedure.batch import procedure
from trialrr.analyses.procedure.model import fit
from trialrr.resample.draws import bootstrap_counts
from trialrr.seeds import stream

REPLICATES = 2000  # Monte Carlo error of a bootstrap SE about 1/√(2·2000) = 1.6 %
FILLED = {"missing": "pattern_mixture", "weights": "response"}


def log_risks_and_ratios(result) -> np.ndarray:
    """Design rows of 9 log risks and 9 log risk ratios: (18, p)."""
    rows = {key: profile for key, profile in result.profiles.items()}
    arms = [np.array([rows[a.id, m] for m in MONTHS]) for a in PLAN.arms]
    at = dict(zip((a.id for a in PLAN.arms), arms, strict=True))
    return np.vstack([*arms, *(at[a] - at[b] for a, b in PLAN.contrasts)])


def std_errors(**keys) -> np.ndarray:
    result = fit(entry(**FILLED, **keys), "severity", PLAN, data())
    rows = log_risks_and_ratios(result)
    return np.sqrt(np.einsum("ij,jk,ik->i", rows, result.covariance.matrix, rows))


@pytest.fixture(scope="module")
def bootstrap() -> np.ndarray:
    own = arrays((), "severity", PLAN, data())
    rng = stream(1, "test", "bootstrap of the stacked variance")
    whole = procedure(entry(**FILLED), "severity", PLAN, data())
    draws = []
    for _ in range(REPLICATES // 50):
        found = whole(bootstrap_counts(rng, 50, own.arm, own.cluster, set(own.nested))).log_risks
        at = dict(zip((a.id for a in PLAN.arms), found.transpose(1, 0, 2), strict=True))
        draws.append(np.hstack([*at.values(), *(at[a] - at[b] for a, b in PLAN.contrasts)]))
    return np.std(np.concatenate(draws), axis=0, ddof=1)


def test_the_stack_agrees_with_the_bootstrap(bootstrap):
    ratio = std_errors(variance="stacked") / bootstrap
    assert 0.97 < ratio.mean() < 1.04
    assert (ratio > 0.88).all() and (ratio < 1.15).all()


def test_imputations_held_fixed_are_too_sure(bootstrap):
    assert (std_errors(variance="weights_stacked") / bootstrap).mean() < 0.92


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_bandwidth_matters_little(factor):
    ratio = std_errors(variance="stacked", bandwidth_factor=factor) / std_errors(variance="stacked")
    assert np.abs(np.log(ratio)).max() < 0.15
    assert np.abs(np.log(ratio)).mean() < 0.08
