"""Random small trials and random plans, from the files to the page: no traceback, no interval
without a variance, no missing number without a reason, and a page that says what the plan chose."""

import random
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties import chain, claims
from tests.properties.trials import KINDS, trial

shared = dict(deadline=None, database=None, suppress_health_check=list(HealthCheck))
shared["report_multiple_bugs"] = False
PHASES = (Phase.explicit, Phase.generate)
"""Of the fast tests: a failure is told at once, not made smaller for minutes."""
fast = settings(phases=PHASES, max_examples=40, derandomize=True, **shared)
deep = settings(max_examples=3000, **shared)
MOST_REFUSED = 0.4
"""Share of random trials that may be refused; with more the test would see too little."""


def faults(made, folder) -> list[str]:
    """What is false of a trial's run, or of the words in which it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return claims.broken(chain.run(made.document, made.files, folder))
        except chain.REFUSALS as error:
            return [claims.wordless(error)] if claims.wordless(error) else []


@fast
@given(choices=st.randoms(use_true_random=False))
def test_nothing_false_of_small_trials(choices, tmp_path_factory):
    made = trial(choices)
    assert not faults(made, tmp_path_factory.mktemp("trial")), made.document


@pytest.mark.slow
@deep
@given(choices=st.randoms(use_true_random=False))
def test_nothing_false_of_many_trials(choices, tmp_path_factory):
    made = trial(choices)
    assert not faults(made, tmp_path_factory.mktemp("trial")), made.document


def test_trials_have_every_kind_and_most_are_not_refused(tmp_path):
    made = [trial(random.Random(seed)) for seed in range(60)]
    drawn = {entry["kind"] for one in made for entry in one.document["analyses"]}
    assert set(drawn) <= set(KINDS)
    assert {"model", "mmrm", "power", "subgroups"} <= drawn
    refused = 0
    for one in made:
        try:
            chain.analyze(one.document, one.files, tmp_path)
        except chain.REFUSALS:
            refused += 1
    assert refused < MOST_REFUSED * len(made)
