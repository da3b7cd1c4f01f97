"""The variance stacked with weights and imputation against a bootstrap of the whole procedure.

The dichotomized prediction is a step function of the imputation model, so there is no reference
value to copy: what the stack claims is what happens when everything is done again on resampled
people, coaches resampled in HC and persons elsewhere.
"""

import numpy as np
import pytest

from tests.analyses.oracle import MONTHS, PLAN, data, entry
from trialrr.analyses.modified_poisson import fit
from trialrr.seeds import stream

REPLICATES = 200  # Monte Carlo error of a bootstrap SE about 1/√(2·200) = 5 %
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
    people = data().people
    arm, coach = people["arm"].to_numpy(), people["cluster"].to_numpy()
    members = [np.flatnonzero(coach == c) for c in sorted(set(coach) - {""})]
    rng = stream(1, "test", "bootstrap of the stacked variance")
    draws = []
    for _ in range(REPLICATES):
        index = [rng.choice(np.flatnonzero(arm == a), (arm == a).sum()) for a in ("PT", "UC")]
        index += [members[c] for c in rng.integers(0, len(members), len(members))]
        result = fit(entry(**FILLED), "severity", PLAN, data().take(np.concatenate(index)))
        draws.append(log_risks_and_ratios(result) @ result.fit.coef)
    return np.std(draws, axis=0, ddof=1)


def test_the_stack_agrees_with_the_bootstrap(bootstrap):
    ratio = std_errors(variance="stacked") / bootstrap
    assert 0.93 < ratio.mean() < 1.07
    assert (ratio > 0.8).all() and (ratio < 1.25).all()


def test_imputations_held_fixed_are_too_sure(bootstrap):
    assert (std_errors(variance="weights_stacked") / bootstrap).mean() < 0.92


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_bandwidth_matters_little(factor):
    ratio = std_errors(variance="stacked", bandwidth_factor=factor) / std_errors(variance="stacked")
    assert np.abs(np.log(ratio)).max() < 0.15
    assert np.abs(np.log(ratio)).mean() < 0.08
