"""The table of what engines can do: engines and the plan's check agree with it."""

import itertools
import subprocess
import sys
from functools import partial

import pytest

from tests.analyses import edges
from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr import house, plan
from trialrr.analyses import registry
from trialrr.analyses.procedure import engines
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import fit
from trialrr.plan.checks import _entry_faults
from trialrr.plan.entry import Entry
from trialrr.plan.needs import Engine

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
RESOLVE = plan.read("config/resolve.yaml")


def every() -> list[dict]:
    return [
        dict(zip(VALUES, chosen, strict=True)) for chosen in itertools.product(*VALUES.values())
    ]


def faults(choices: dict, *others: Entry) -> list[tuple[str, str]]:
    """What the plan's check tells of the last of `others`, or else of an entry with the choices, in
    a trial that has all that they could ask for."""
    entries = (replace(MAIN, **choices), *(replace(a, estimand="descriptive") for a in others))
    return list(_entry_faults(replace(TRIAL, analyses=entries), entries[-1], ALL))


MAIN = Analysis("main", "prespecified", ("severity",), estimand="descriptive")
ALL = tuple(house.entries()[0].values())
TRIAL = plan.parse(RESOLVE | {"analyses": []})
TRIAL = replace(TRIAL, arms=tuple(replace(arm, clusters="person") for arm in TRIAL.arms))


def test_the_check_of_the_plan_says_what_the_table_says():
    wrong = [c for c in every() if bool(faults(c)) != bool(engines.refused(c.get))]
    assert not wrong, wrong[:3]


def test_some_choices_pass_and_some_do_not():
    verdicts = [bool(engines.refused(choices.get)) for choices in every()]
    assert 300 < sum(not refused for refused in verdicts) < len(verdicts) - 300


KINDS = [kind for kind in registry.kinds().values() if kind.needs.engine]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_the_check_of_an_entry_of_another_follows_the_table(kind):
    a = replace(edges.ENTRIES[kind.name], kind=kind.name, of="main")
    verdicts = set()
    able = {key: values[0] for key, values in kind.needs.engine.takes.items()}
    able = {key: value for key, value in able.items() if key in VALUES}
    for choices in [able, *every()[::11]]:
        get = partial(getattr, replace(MAIN, **choices))
        found = [text for key, text in faults(choices, a) if key == "of"]
        assert bool(found) == bool(kind.needs.engine.refuses(get)), (choices, found)
        verdicts.add(bool(found))
    assert verdicts == {True, False}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_an_engine_refuses_what_its_kind_is_told_not_to_ask_for(kind):
    """Whatever an engine cannot do is told by the check, key by key."""
    engine = kind.needs.engine
    good = {key: able[0] for key, able in engine.takes.items()}
    assert engine.faults(good.get, of="main", kind=kind.name) == []
    for key in engine.takes:
        assert engine.faults((good | {key: object()}).get, of="main", kind=kind.name), key


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
    whole = [engine for engine in vars(engines).values() if isinstance(engine, Engine)]
    for engine in (*whole, *engines.CHOICES.values()):
        for key, able in engine.takes.items():
            assert key in Analysis.model_fields
            assert engine.can_do(replace(entry(), **{k: v[0] for k, v in engine.takes.items()}))
            assert len(set(able)) == len(able)


@pytest.mark.parametrize("choice", engines.CHOICES)
def test_each_key_that_a_choice_cannot_do_is_told(choice):
    (key, value), engine = choice, engines.CHOICES[choice]
    good = {k: able[0] for k, able in engine.takes.items()}
    assert engine.faults(good.get, **{key: value}) == []
    for k in engine.takes:
        assert engine.faults((good | {k: object()}).get, **{key: value}), k


def test_reading_table_and_declarations_imports_no_statistics():
    code = (
        "import sys; from trialrr import analyses; from trialrr.analyses import registry; "
        "assert len(registry.kinds()) > 20; "
        "print(*sorted({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
