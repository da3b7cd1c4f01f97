"""The table of what engines can do: engines and the plan's check agree with it."""

import itertools
import subprocess
import sys

import pytest

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr.analyses.procedure import engines
from trialrr.analyses.procedure.model import fit
from trialrr.plan import entry_checks
from trialrr.plan.kinds import Analysis

VALUES = {
    "model": ("modified_poisson", "log_binomial", "logistic", "linear"),
    "working": ("independence", "exchangeable"),
    "risks": ("at_means", "standardized", "standardized_random"),
    "inference": ("wald", "quasi_score"),
    "missing": ("complete_case", "worst_best_case", "pattern_mixture"),
    "weights": (None, "response", "response_stabilized"),
    "variance": ("robust", "weights_stacked", "stacked"),
    "covariance": ("hc1", "cr0", "cr1s", "kc", "fg", "mbn"),
    "degrees_of_freedom": ("z", "satterthwaite", "clusters_minus_parameters"),
}
DOCUMENT = {
    "outcomes": [{"id": "severity", "threshold": "0.3", "baseline": "severity"}],
    "arms": [{"id": "a"}, {"id": "b"}],
    "visits": [{"month": "3"}, {"month": "6"}],
    "models": {"response": ["site"]},
    "data": {"route": "resolve"},
    "analyses": [],
}


def every() -> list[dict]:
    return [
        dict(zip(VALUES, chosen, strict=True)) for chosen in itertools.product(*VALUES.values())
    ]


def checked(choices: dict) -> bool:
    """Whether the plan's check lets an entry pass."""
    said = {key: value for key, value in choices.items() if value is not None}
    a = {"id": "one", "outcomes": ["severity"]} | said
    return not entry_checks.entry_faults(DOCUMENT, a)


def test_the_check_of_the_plan_says_what_the_table_says():
    wrong = [c for c in every() if checked(c) == bool(engines.refused(c.get))]
    assert not wrong, wrong[:3]


def test_some_choices_pass_and_some_do_not():
    verdicts = [bool(engines.refused(choices.get)) for choices in every()]
    assert 300 < sum(not refused for refused in verdicts) < len(verdicts) - 300


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        ("bootstrap", engines.RESAMPLED),
        ("rerandomization", engines.SCORES),
        ("compliers", engines.RISKS_AT_MEANS),
        ("per_protocol", engines.RISKS_OF_WHO_TOOK_IT),
    ],
)
def test_the_check_of_an_entry_of_another_follows_the_table(kind, engine):
    for choices in every()[::11]:
        said = {key: value for key, value in choices.items() if value is not None}
        of = {"id": "main", "outcomes": ["severity"]} | said
        a = {"id": "one", "kind": kind, "of": "main", "outcomes": ["severity"], "replicates": 9}
        document = DOCUMENT | {"analyses": [of, a], "randomization": {"strata": []}}
        faults = [text for key, text in entry_checks.entry_faults(document, a) if key == "of"]
        assert bool(faults) == bool(engine.refuses(choices.get)), (choices, faults)


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"model": "linear", "working": "exchangeable"}, "model linear takes a change in score"),
        ({"variance": "stacked"}, "variance stacked takes modified_poisson or linear, missing"),
        ({"inference": "quasi_score", "covariance": "kc"}, "inference quasi_score takes"),
    ],
)
def test_a_fit_refuses_choices_that_do_not_go_together(choices, told):
    with pytest.raises(ValueError, match=told):
        fit(entry(**choices), "severity", PLAN, data())


def test_the_table_knows_no_key_and_no_value_that_an_entry_has_not():
    whole = [engine for engine in vars(engines).values() if isinstance(engine, engines.Engine)]
    for engine in (*whole, *engines.CHOICES.values()):
        for key, able in engine.takes.items():
            assert key in Analysis.__dataclass_fields__
            assert engine.can_do(replace(entry(), **{k: v[0] for k, v in engine.takes.items()}))
            assert len(set(able)) == len(able)


def test_reading_table_and_declarations_imports_no_statistics():
    code = (
        "import sys; from trialrr import analyses; from trialrr.analyses import registry; "
        "assert len(registry.kinds()) > 20; "
        "print(*sorted({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
