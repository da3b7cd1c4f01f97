"""The batched procedure is `model.fit` on resampled people, replicate by replicate."""

import dataclasses

import numpy as np
import pytest

from tests.analyses.oracle import MONTHS, PLAN, data, entry
from trialrr.analyses.procedure import model
from trialrr.analyses.procedure.arrays import arrays
from trialrr.analyses.procedure.batch import procedure
from trialrr.resample.draws import bootstrap_counts

ENTRIES = {
    "whole": {"missing": "pattern_mixture", "weights": "response"},
    "unweighted": {"missing": "pattern_mixture"},
    "complete_case": {"missing": "complete_case"},
    "weighted": {"missing": "complete_case", "weights": "response"},
    "worst_best_case": {"missing": "worst_best_case"},
    "unadjusted": {"missing": "complete_case", "covariates": ()},
}


def with_gaps(trial):
    """The same trial with covariates missing here and there, so that means stand in for them."""
    people = trial.people.copy()
    rng = np.random.default_rng(7)
    for column in ("education", "not_employed", "phq8", "site"):
        people.loc[rng.random(len(people)) < 0.02, column] = None
    return dataclasses.replace(trial, people=people)


def log_risks(result):
    rows = [[result.profiles[a.id, m] for m in MONTHS] for a in PLAN.arms]
    return np.array(rows) @ result.fit.coef


def resampled(trial, replicates, seed):
    own = arrays((), "severity", PLAN, trial)
    rng = np.random.default_rng(seed)
    return bootstrap_counts(rng, replicates, own.arm, own.cluster, set(own.nested))


@pytest.mark.parametrize("gaps", [False, True], ids=["complete", "covariates missing"])
@pytest.mark.parametrize("kind", ENTRIES)
def test_a_replicate_is_the_fit_on_the_people_drawn(kind, gaps):
    trial = with_gaps(data()) if gaps else data()
    chosen = entry(**ENTRIES[kind])
    counts = resampled(trial, 3, seed=4)
    found = procedure(chosen, "severity", PLAN, trial)(counts)
    assert not found.failure.any()
    for b in range(2):
        drawn = trial.take(np.repeat(np.arange(len(trial.people)), counts[b].astype(int)))
        reference = log_risks(model.fit(chosen, "severity", PLAN, drawn))
        np.testing.assert_allclose(found.log_risks[b], reference, rtol=0, atol=1e-10)


def test_everybody_once_is_the_analysis_itself():
    chosen = entry(**ENTRIES["whole"])
    found = procedure(chosen, "severity", PLAN, data())(np.ones((1, len(data().people))))
    reference = log_risks(model.fit(chosen, "severity", PLAN, data()))
    np.testing.assert_allclose(found.log_risks[0], reference, atol=1e-12)


def test_samples_that_cannot_be_fitted_are_counted_by_reason():
    trial = data()
    people, outcome = trial.people, trial.responder["severity"]
    counts = np.ones((4, len(people)))
    counts[1] = trial.seen  # nobody unseen: no response model
    one_visit = trial.visits_completed == 1
    counts[2, one_visit & (people["arm"] == "PT").to_numpy()] = 0  # an empty pattern
    counts[3, (people["arm"] == "UC").to_numpy() & (np.nan_to_num(outcome) == 1).any(axis=1)] = 0
    found = procedure(entry(**ENTRIES["whole"]), "severity", PLAN, trial)(counts)
    assert found.failure[:3].tolist() == [0, 1, 2]
    found = procedure(entry(**ENTRIES["complete_case"]), "severity", PLAN, trial)(counts)
    assert found.failure.tolist() == [0, 0, 0, 3]


def test_an_entry_of_another_model_is_refused():
    with pytest.raises(ValueError, match="cannot be resampled: expected modified_poisson"):
        procedure(entry(model="log_binomial"), "severity", PLAN, data())
