"""The table of estimands has every attribute of the plan and every analysis in one place."""

from pathlib import Path

import pytest

from tests.present.conftest import filled, results_of
from tests.present.test_tables import cells
from trialrr import plan
from trialrr.present.shows.described.estimands import estimands
from trialrr.present.words import labels

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def whole():
    """The whole plan of RESOLVE; the table asks nothing of the results."""
    return results_of(filled([]), plan.read(ROOT / "config/resolve.yaml"))


def test_every_attribute_of_every_estimand_is_shown(whole):
    lines = cells(estimands(whole))
    wanted = [
        (e.label, e.population, e.treatment, e.variable, e.summary, i)
        for e in whole.plan.estimands
        for i in e.intercurrent
    ]
    assert len(lines) == len(wanted) >= 20
    for line, (*attributes, event) in zip(lines, wanted, strict=True):
        shown = [line[k] for k in ("Estimand", "Population", "Treatment", "Variable", "Summary")]
        assert shown == attributes
        assert line["Intercurrent event"] == event.event
        assert line["Strategy"] == f"{labels.STRATEGIES[event.strategy]}: {event.how}"


def test_every_analysis_stands_at_its_estimand(whole):
    table = estimands(whole)
    by = {line["Estimand"]: line["Analyses"].split("; ") for line in cells(table)}
    described = (
        table.notes[0].removeprefix("Described, no effect estimated: ").strip(".").split("; ")
    )
    label = {e.id: e.label for e in whole.plan.estimands}
    for entry in whole.plan.analyses:
        names = {entry.label, entry.group}
        listed = described if entry.estimand == "descriptive" else by[label[entry.estimand]]
        assert names & set(listed), entry.id
        for other, analyses in by.items():
            if other != label.get(entry.estimand):
                assert entry.label not in analyses


def test_a_heading_stands_only_for_all_of_its_analyses(whole):
    groups: dict[str, set[str]] = {}
    for entry in whole.plan.analyses:
        groups.setdefault(entry.group, set()).add(entry.estimand)
    label = {e.id: e.label for e in whole.plan.estimands}
    listed = {
        (line["Estimand"], name)
        for line in cells(estimands(whole))
        for name in line["Analyses"].split("; ")
    }
    single = {entry.label for entry in whole.plan.analyses}
    for estimand, name in listed:
        if name not in single:
            assert {label[id] for id in groups[name]} == {estimand}
    assert (label["treatment_policy"], "Standard error") in listed
    assert not any(name == "Missing not at random" for _, name in listed)


def test_an_estimand_without_intercurrent_events_has_a_row(two_arms):
    [line] = cells(estimands(two_arms))
    assert (line["Intercurrent event"], line["Strategy"]) == ("None", "")
    assert "Crude" in line["Analyses"]


def test_strategies_are_those_that_the_plan_may_name():
    schema = (ROOT / "workflow/schemas/config.schema.json").read_text()
    for strategy in labels.STRATEGIES:
        assert f'"{strategy}"' in schema
