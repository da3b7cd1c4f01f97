"""What an entry of RESOLVE cannot be asked for is told at the check, not by the analysis."""

import pytest

from tests.test_plan import changed, faults
from trialrr import plan, trials


@pytest.fixture(scope="module")
def resolve() -> dict:
    return plan.read("config/resolve.yaml")


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (
            ("main", "covariance"),
            "mbn",
            ".of: covariance 'mbn' cannot be stacked with the model of",
        ),
        (
            ("main", "covariance"),
            "cr1",
            ".of: the whole procedure is one with missing: pattern_mix",
        ),
        (
            ("main", "truncation"),
            "0.9",
            "covariance: cr0, degrees_of_freedom: z, inference: wald; ",
        ),
        (("economics", "outcomes"), ["severity", "intensity"], ".outcomes: found 2 outcomes; expe"),
        (("economics", "utility"), "pcs", ".month: 'pcs' is not measured at month '12'"),
        (
            ("selected_covariates", "candidates"),
            ["severity", "peg"],
            ".candidates: 'severity' is among the covariates of ",
        ),
    ],
)
def test_the_check_tells_what_the_analysis_would_refuse(resolve, path, to, told):
    assert told in faults(changed(resolve, "analyses", *path, to=to))


@pytest.mark.parametrize("choice", ["indicator", "complete_case"])
def test_every_kind_that_fills_samples_anew_is_named(resolve, choice):
    text = faults(changed(resolve, "models", "missing_covariates", to=choice))
    others = {a["kind"] for a in resolve["analyses"] if "kind" in a}
    able = {"leave_one_out", "responder_curve", "subgroups", "mmrm", "adherence", "power"}
    for kind in others:
        assert (f"{kind} takes missing covariates at their means only" in text) == (
            kind not in able
        )


@pytest.mark.parametrize("choice", ["mean", "stop"])
def test_the_other_choices_are_for_every_kind(resolve, choice):
    plan.check(changed(resolve, "models", "missing_covariates", to=choice), trials.sources())
