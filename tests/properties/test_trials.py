"""Random small trials and random plans, from the files to the page: no traceback, no interval
without a variance, no missing number without a reason, and a page that says what the plan chose."""

import random
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties import chain, claims
from tests.properties.trials import KINDS, trial

FEW = 40
MOST_REFUSED = 0.4
"""Share of random trials that may be refused; with more the test would see too little."""
deep = settings(
    max_examples=3000,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


def faults(made, folder) -> tuple[bool, list[str]]:
    """Whether a trial is refused, and what is false of its run, or of the words of the refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return False, claims.broken(chain.run(made.document, made.files, folder))
        except chain.REFUSALS as error:
            return True, [claims.wordless(error)] if claims.wordless(error) else []


def test_nothing_false_of_small_trials_most_of_which_are_not_refused(tmp_path_factory):
    made = [trial(random.Random(seed)) for seed in range(FEW)]
    drawn = {entry["kind"] for one in made for entry in one.document["analyses"]}
    assert set(drawn) <= set(KINDS)
    assert {"model", "mmrm", "power", "subgroups"} <= drawn
    refused = 0
    for seed, one in enumerate(made):
        stopped, false = faults(one, tmp_path_factory.mktemp("trial"))
        assert not false, f"seed {seed}: {one.document}"
        refused += stopped
    assert refused < MOST_REFUSED * FEW


@pytest.mark.slow
@deep
@given(seed=st.integers(0, 2**32))
def test_nothing_false_of_many_trials(seed, tmp_path_factory):
    made = trial(random.Random(seed))
    assert not faults(made, tmp_path_factory.mktemp("trial"))[1], made.document
