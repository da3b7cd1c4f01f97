"""Declarations of kinds: they are found, and they tell the truth."""

import sys

import pytest

from tests.analyses import edges, simulated
from tests.changes import replace
from trialrr import house, seeds
from trialrr.analyses import registry, treatment
from trialrr.analyses.base import Kind
from trialrr.plan.entry import Entry
from trialrr.plan.needs import ALL_MODES, FIT

KINDS = registry.kinds()


def test_every_kind_is_found_in_a_plan_by_the_class_of_its_entries():
    own, faults = house.entries()
    assert own == {name: kind.entry for name, kind in KINDS.items()} and not faults
    assert len(set(own.values())) == len(own) > 20
    for name, kind in KINDS.items():
        assert kind.entry.kind_declared() == kind.name == name
        assert registry.kind_of(kind.entry()) is kind


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_done_by_a_module_of_the_family_that_declares_it(kind):
    family, _, _ = kind.module.rpartition(".")
    assert kind in sys.modules[family].KINDS
    assert kind.implementation.__name__ == kind.module


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_needed_of_another_entry_is_of_a_kind_that_has_one(kind):
    assert kind.needs.of in KINDS
    other = kind.needs.of != FIT or kind.needs.engine is not None
    assert not other or "of" in kind.entry.model_fields
    assert set(kind.needs.missing_covariates) <= set(ALL_MODES)
    assert not kind.needs.randomization or "draws" in kind.entry.model_fields


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


def test_a_name_that_is_taken_is_refused_with_both_places(monkeypatch):
    own = Kind(KINDS["bootstrap"].entry, "elsewhere.bootstrap")
    monkeypatch.setattr(treatment, "KINDS", (*treatment.KINDS, own))
    told = r"named 'bootstrap' is there already, of trialrr\.analyses\.resampling\.bootstrap; give "
    with pytest.raises(ValueError, match=told + r"that of elsewhere\.bootstrap another name"):
        registry.kinds.__wrapped__()


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no kind of analysis 'boostrap'; known: adherence, bal"):
        registry.kind("boostrap")
    with pytest.raises(KeyError, match="no kind of analysis 'boostrap'"):
        registry.kind_of(Entry(id="odd", kind="boostrap"))


def test_a_module_without_the_functions_of_a_kind_is_refused():
    told = r"kind model: trialrr\.seeds has no jobs; expected a function `jobs`, or `tasks`, `run`"
    with pytest.raises(AttributeError, match=told):
        _ = Kind(Entry, "trialrr.seeds").implementation
