"""What families declare of how their analyses are shown holds together."""

import inspect
from collections import Counter

import pytest

from trialrr import plan
from trialrr.analyses import registry
from trialrr.present import shows
from trialrr.present.shows.base import FigureShow, Shows, TableShow, found, named, together

OURS = together(*shows.families().values())
SHOWN = [*OURS.figures, *OURS.tables]


def test_every_folder_of_shows_is_a_family_and_declares_something():
    assert len(shows.families()) == 6
    for package, own in shows.families().items():
        assert isinstance(own, Shows) and list(own), package


@pytest.mark.parametrize("name", sorted({name for show in OURS for name in named(show)}))
def test_what_is_named_is_there_and_told(name):
    assert inspect.getdoc(found(name))


@pytest.mark.parametrize("group", ["figures", "tables", "parts"])
def test_each_has_a_name_and_a_place_of_its_own(group):
    own = getattr(OURS, group)
    for counted in (Counter(s.id for s in own), Counter(s.place for s in own)):
        assert set(counted.values()) == {1}, counted.most_common(1)


def test_methods_are_told_in_one_order():
    places = [kind.place for kind in OURS.kinds if kind.method]
    assert len(places) == len(set(places)) > 15


def test_kinds_are_those_of_the_registry_and_each_is_said_once():
    names = [kind.name for kind in OURS.kinds]
    assert len(names) == len(set(names))
    assert {*names, "model"} == set(registry.kinds())
    assert {kind for show in SHOWN for kind in show.kinds} <= set(names)


def test_each_is_asked_for_and_has_a_part_or_a_place_on_the_page():
    parts = {part.id for part in OURS.parts}
    for show in SHOWN:
        assert bool(show.kinds) != bool(show.asked), show.id
        assert show.part in parts or not show.kinds, show.id
    assert parts == {show.part for show in SHOWN if show.part}, "no part stays empty"


def test_makers_take_what_they_are_given():
    for show in SHOWN:
        first, *others = inspect.signature(found(show.maker)).parameters
        wanted = ["width"] if isinstance(show, FigureShow) else []
        wanted += [show.given] if show.given in ("published", "calibration") else []
        assert first == "results" and sorted(others) == sorted(wanted), show.id


def test_names_are_whole_from_the_package_that_declares_them():
    own = Shows(tables=(TableShow("mine", ".made:table", asked="elsewhere.asked:always"),))
    [table] = own.seen_from("some.where").tables
    assert (table.maker, table.asked) == ("some.where.made:table", "elsewhere.asked:always")
    with pytest.raises(ImportError):
        Shows(tables=(TableShow("mine", "...made:table"),)).seen_from("some.where")


def test_what_is_shown_by_kind_needs_an_entry_of_it(sensitive):
    entries = {entry.kind: entry for entry in sensitive.plan.analyses}
    alone = plan.replace(sensitive.plan, analyses=(entries["model"], entries["balance"]))
    kinds = {kind for show in shows.asked_figures(alone) for kind in show.kinds}
    assert kinds == {"balance"} and "balance" in shows.figures(alone)
    modules = shows.figure_modules(alone)
    assert "trialrr.present.shows.missing.balance" in modules
    assert "trialrr.present.shows.missing.surface" not in modules
    assert set(shows.families()) <= set(modules)
