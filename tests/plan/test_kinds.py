"""A kind of analysis that is defined elsewhere is one like every other."""

import json
from typing import ClassVar, Literal

import pytest

from tests.plan import tiny
from trialrr import house, plan
from trialrr.plan import reference
from trialrr.plan.base import Count, Name, key, must
from trialrr.plan.entry import Entry
from trialrr.plan.needs import ALL_MODES, Needs
from trialrr.plan.rules import Faults


class Halves(Entry):
    """An entry on each half of the people, in the order of a column."""

    needs: ClassVar[Needs] = Needs(missing_covariates=ALL_MODES)

    kind: Literal["halves"] = key("halves", "what is done")
    of: Name = must("", "the entry that it does again")
    halves: Count = key(2, "how many parts")

    def faults(self, plan: plan.Plan) -> Faults:
        return [] if self.halves % 2 == 0 else [("halves", f"found {self.halves}, which is odd")]


WITH = (*house.entries()[0].values(), Halves)


def document(**keys) -> dict:
    return tiny.changed("analyses", 2, to=tiny.entry("half", kind="halves", of="main", **keys))


def faults(made: dict) -> str:
    with pytest.raises(plan.PlanError) as caught:
        plan.check(made, {}, kinds=WITH)
    return str(caught.value)


def test_it_is_read_with_its_defaults():
    entry = plan.check(document(), {}, kinds=WITH).analyses[2]
    assert isinstance(entry, Halves) and entry.halves == 2
    assert plan.written(entry) == document()["analyses"][2]


def test_it_is_unknown_where_it_is_not_given():
    with pytest.raises(plan.PlanError, match=r"analyses\[2\].kind: found 'halves'"):
        plan.check(document(), {})


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"halves": 3}, "analyses[2].halves: found 3, which is odd"),
        ({"halves": 0}, "analyses[2].halves: 0 is less than the minimum of 1"),
        ({"halfs": 4}, "analyses[2]: unknown key 'halfs' (did you mean 'halves'?)"),
        ({"outcomes": ["pian"]}, "analyses[2].outcomes: unknown outcome 'pian'"),
    ],
)
def test_its_faults_are_told_like_those_of_others(keys, told):
    assert told in faults(document(**keys))


def test_what_every_entry_must_name_is_asked_of_it_too():
    made = document()
    made["analyses"][2]["of"] = "mian"
    assert "analyses[2].of: unknown analysis of kind model 'mian' (did you mean 'main'?)" in faults(
        made
    )


def test_it_is_in_the_schema_and_on_the_page():
    entry = reference.schema(WITH)["$defs"]["halves"]
    assert entry["properties"]["halves"]["default"] == 2 and "kind" in entry["required"]
    assert '"halves"' in json.dumps(
        reference.schema(WITH)["properties"]["analyses"]["items"]["properties"]["kind"]["enum"]
    )
    page = reference.page(WITH)
    assert "| `halves` | An entry on each half of the people" in page
    assert "| `halves` | a whole number from 1 | `2` | how many parts |" in page
