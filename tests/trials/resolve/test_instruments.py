"""The survey of RESOLVE: its own forms by hand, its dictionary beside what the forms declare."""

import numpy as np
import pandas as pd
import pytest

from trialrr import io, plan, trials
from trialrr.trials.base import CALIBRATED, INVENTED, REAL
from trialrr.trials.resolve.files import dictionary
from trialrr.trials.resolve.instruments import (
    FIRST,
    FORMS,
    LATER,
    PAIN_ITEMS,
    SCORES,
    SELF_EFFICACY,
    SUPPORT,
    every,
)

NA = np.nan


@pytest.mark.parametrize(
    ("name", "form", "items", "total"),
    [
        ("self_efficacy", SELF_EFFICACY, [0] * 4, 0),
        ("self_efficacy", SELF_EFFICACY, [6] * 4, 24),
        ("self_efficacy", SELF_EFFICACY, [6, 5, 0, 2], 13),
        ("self_efficacy", SELF_EFFICACY, [6, NA, 0, 2], NA),
        ("support", SUPPORT, [1] * 4, 4),
        ("support", SUPPORT, [5] * 4, 20),
        ("support", SUPPORT, [1, 5, 2, 3], 11),
        ("support", SUPPORT, [NA] * 4, NA),
    ],
)
def test_sums_by_hand(name, form, items, total):
    row = dict(zip(form.items, items, strict=True))
    np.testing.assert_array_equal(form.scores(pd.DataFrame([row]))[name].mean, [total])


def test_every_source_of_the_plan_has_a_score():
    row = dict.fromkeys([*PAIN_ITEMS, *(item for items in FORMS.values() for item in items)], 1.0)
    assert set(every(pd.DataFrame([row]))) == set(SCORES.values())


def test_the_dictionary_has_the_range_of_every_item():
    fields = {f.name: f for f in dictionary()["redcap_surveys"]}
    for form in (FIRST, *LATER.values()):
        for item, limits in form.items.items():
            assert (fields[item].minimum, fields[item].maximum) == limits, item


def test_items_are_asked_in_the_order_of_the_forms():
    asked = [item for items in FORMS.values() for item in items]
    names = [f.name for f in dictionary()["redcap_surveys"]]
    assert [n for n in names if n in {*PAIN_ITEMS, *asked}] == [*PAIN_ITEMS, *asked]


def test_outcomes_are_calibrated_where_something_is_published_of_follow_up():
    """Nothing else may be called so, and what is predicted is no outcome of its own."""
    parsed = plan.parse(plan.read("config/resolve.yaml"))
    published = io.read_strings("config/published/resolve.csv")
    used = published[published["role"].isin(["exact", "approximate"]) & (published["month"] != "")]
    known = {o.id for o in parsed.outcomes} & set(used["outcome"])
    found = trials.trial("resolve").provenance(parsed)
    assert {o for o, made in found.items() if made == CALIBRATED} == known
    assert {o for o, made in found.items() if made == INVENTED} == set(found) - known


def test_outcomes_of_real_exports_are_real():
    document = plan.read("config/resolve.yaml")
    document["data"]["origin"] = "real"
    found = trials.trial("resolve").provenance(plan.parse(document))
    assert set(found.values()) == {REAL} and len(found) == len(document["outcomes"])
