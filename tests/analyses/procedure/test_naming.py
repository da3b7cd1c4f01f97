"""What cannot be fitted is said in the names of the plan: analysis, model, key, column."""

import numpy as np
import pytest

from tests.analyses import edges
from tests.changes import replace
from trialrr.analyses import registry, stages
from trialrr.analyses.procedure import model
from trialrr.estimate.fit import FitError
from trialrr.plan import Covariate


def with_twin(key: str):
    """The plan whose models.`key` names a second time, as `twin`, the covariate that it has."""
    plan, trial = edges.plan(), edges.trial(edges.plan())
    (name,) = getattr(plan.models, key)
    models = replace(plan.models, **{key: (name, "twin")})
    people = trial.people.assign(twin=trial.people[name].astype(float) * 3)
    plan = replace(plan, models=models, covariates=(*plan.covariates, Covariate("twin")))
    return plan, replace(trial, people=people)


@pytest.mark.parametrize(
    ("key", "whose"),
    [
        ("response", "response model of any follow-up"),
        ("imputation", "imputation model of outcome severity"),
    ],
)
def test_a_column_that_repeats_is_named_with_its_model_and_key(key, whose):
    told = rf"^analysis main: {whose} \(models\.{key}\): twin is constant or made of the columns"
    with pytest.raises(FitError, match=told):
        stages.rows(edges.MAIN, *with_twin(key))


def test_an_arm_of_which_everybody_was_seen_is_named():
    plan, trial = edges.plan(), edges.trial(edges.plan())
    arm = (trial.people["arm"] == "a").to_numpy()
    trial = replace(trial, seen=trial.seen | arm)
    told = r"any follow-up \(models\.response\): everybody of arm a was seen, .*take `weights` out"
    with pytest.raises(FitError, match=told):
        model.weights_of(edges.MAIN, plan, trial)


def test_adherence_names_arm_key_and_column():
    plan, trial = edges.plan(), edges.trial(edges.plan())
    entry = edges.ENTRIES["per_protocol"]
    people = trial.people.assign(noise=np.where(trial.people["arm"] == "a", 1, 2))
    trial = replace(trial, people=people)
    (job,) = registry.kind("per_protocol").implementation.jobs(entry, plan, trial)
    for row in job():
        start = "adherence in arm a (per_protocol.covariates): noise is constant"
        assert row["reason"].startswith(start)


def test_clusters_in_several_arms_are_refused_with_the_name_of_the_bootstrap():
    plan = edges.plan({"a": "ward", "b": "ward"})
    trial = edges.trial(plan)
    people = trial.people.assign(cluster=np.arange(len(trial.people)) % 5)
    entry = replace(edges.ENTRIES["bootstrap"], of="observed")
    plan = replace(plan, analyses=(*plan.analyses, replace(entry, kind="bootstrap")))
    with pytest.raises(FitError, match=r"^analysis bootstrap: 5 of 5 clusters have people in sev"):
        stages.piece(plan, replace(trial, people=people))
