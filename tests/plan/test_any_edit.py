"""Whatever is written in one place of a plan, the check ends in words or the plan is right."""

import copy

import pytest

from tests.plan import tiny
from trialrr import plan

VALUES = (
    None, "", " ", "x", "a:b", "1", "-1", 0, -1, 1.5, True, float("nan"), 10**400,
    [], ["x"], [["x", "y"]], {}, {"x": "y"}, {1: 2}, [{"id": "x"}], "x\n",
)  # fmt: skip
KINDS = [
    tiny.entry("by", kind="leave_one_out", of="adjusted", by="site"),
    tiny.entry("kinds", kind="subgroups", of="adjusted", moderators=[{"id": "sex", "label": "S"}]),
    tiny.entry(
        "taken", kind="adherence", estimand="descriptive", column="sessions", took=">=4",
        groups=["0", ">=4"],
    ),
    tiny.entry("again", kind="rerandomization", of="main", draws=10),
    tiny.entry("mixed", kind="mmrm", outcomes=["pain"]),
]  # fmt: skip


def rich() -> dict:
    """The tiny plan with kinds, a scheme of randomization and a population."""
    document = tiny.document()
    document["analyses"] += copy.deepcopy(KINDS)
    document["analyses"][1]["population"] = {"randomized_from": "2021-01-01"}
    document["models"] |= {"response": ["age"], "response_references": {"arm": "active"}}
    document["randomization"] = {"strata": ["site"], "block_sizes": [2], "order": "sequence"}
    document["arms"][0]["clusters"] = "ward"
    return document


def places(node, path=()):
    if isinstance(node, (dict, list)):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            yield (*path, key)
            yield from places(node[key], (*path, key))


PLACES = list(places(rich()))


def test_the_rich_plan_is_right():
    plan.check(rich(), {})


@pytest.mark.parametrize("first", range(8))
def test_an_edit_anywhere_is_told_in_words(first):
    """Each place with three of the values, which are dealt to the places in turn, and without."""
    for k in range(first, len(PLACES), 8):
        chosen = [VALUES[(3 * k + j) % len(VALUES)] for j in range(3)]
        for value in (tiny.GONE, *chosen):
            document = tiny.changed(*PLACES[k], to=value, of=rich())
            try:
                plan.check(document, {})
            except plan.PlanError as error:
                assert "fault(s)" in str(error) and "Traceback" not in str(error)
                assert all(len(line) < 2000 for line in str(error).splitlines()), PLACES[k]
