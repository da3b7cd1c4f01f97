"""Declarations of kinds: they are found, they agree with the plan, and they tell the truth."""

import sys

import pytest

from tests.analyses import edges, simulated
from tests.changes import replace
from trialrr import plan, seeds
from trialrr.analyses import registry
from trialrr.analyses.base import ALL_MODES, BINARY, BY_MODEL, SCORE, Kind
from trialrr.plan import entry_checks, mentions

KINDS = registry.kinds()


def those(fact) -> set[str]:
    return {name for name, kind in KINDS.items() if fact(kind.needs)}


def test_every_kind_of_the_plan_is_declared_with_the_class_of_its_entries():
    assert {name: kind.entry for name, kind in KINDS.items()} == plan.KINDS


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_done_by_a_module_of_the_family_that_declares_it(kind):
    family, _, _ = kind.module.rpartition(".")
    assert kind in sys.modules[family].KINDS
    assert kind.implementation.__name__ == kind.module


def test_needs_are_those_that_the_check_of_the_plan_asks_for():
    assert those(lambda needs: needs.score) == set(entry_checks.SCORED)
    followers = {"model", *entry_checks.OTHER_COVARIATES}
    assert those(lambda needs: needs.missing_covariates == ALL_MODES) == followers
    assert those(lambda needs: needs.randomization) == set(entry_checks.REPEATING)
    told = {name: kind.needs.independent for name, kind in KINDS.items() if kind.needs.independent}
    assert told == entry_checks.CLUSTERLESS
    assert those(lambda needs: needs.form != BINARY) == {"model", *entry_checks.OWN_FORM}
    assert (KINDS["model"].needs.form, KINDS["mmrm"].needs.form) == (BY_MODEL, SCORE)


def test_an_entry_of_another_names_one_of_the_kind_declared():
    has_of = {name for name, kind in KINDS.items() if "of" in kind.entry.model_fields}
    assert those(lambda needs: needs.of) == has_of
    other = {name: KINDS[name].needs.of for name in has_of if KINDS[name].needs.of != "model"}
    assert other == entry_checks.OF


def test_what_must_hold_of_treatment_received_is_what_the_plan_mentions():
    received = {name for name, kind in KINDS.items() if hasattr(kind.entry, "took")}
    assert those(lambda needs: needs.took != ((), ())) == received
    for name in received:
        entry = {"id": "one", "kind": name, "column": "sessions", "took": ">=6"}
        document = {"arms": [], "models": {}, "outcomes": [], "reference": "b", "analyses": [entry]}
        found = tuple(mention.needs for mention in mentions.mentions(document))
        assert found == KINDS[name].needs.took


@pytest.mark.parametrize("name", [name for name in KINDS if name != "model"])
def test_streams_of_random_numbers_are_those_declared(name, monkeypatch):
    opened = []

    def stream(root, *parts):
        opened.append(parts)
        return seeds.stream(root, *parts)

    module = KINDS[name].implementation
    for loaded in list(sys.modules.values()):
        if loaded.__name__.startswith("trialrr.analyses") and hasattr(loaded, "stream"):
            monkeypatch.setattr(loaded, "stream", stream)
    own = edges.plan()
    entry = replace(edges.ENTRIES[name], kind=name)
    simulated.done(module, entry, own, edges.trial(own))
    for parts in opened:
        assert len(set(KINDS[name].streams) & set(parts[1:])) == 1, parts
    assert {part for parts in opened for part in parts} >= set(KINDS[name].streams)


def test_a_name_that_is_taken_is_refused_with_both_places():
    own = Kind("bootstrap", plan.Bootstrap, "elsewhere.bootstrap")
    told = r"named 'bootstrap' is there already, of trialrr\.analyses\.resampling\.bootstrap; give "
    with pytest.raises(ValueError, match=told + r"that of elsewhere\.bootstrap another name"):
        registry.register(own)
    registry.register(KINDS["bootstrap"])  # the same one again changes nothing
    assert registry.kinds() == KINDS


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no kind of analysis 'boostrap'; known: adherence, bal"):
        registry.kind("boostrap")


def test_a_module_without_the_functions_of_a_kind_is_refused():
    told = r"kind odd: trialrr\.seeds has no jobs; expected a function `jobs`, or `tasks`, `run`"
    with pytest.raises(AttributeError, match=told):
        _ = Kind("odd", plan.Entry, "trialrr.seeds").implementation
