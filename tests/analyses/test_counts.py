"""Baseline table and follow-up counts on a handful of people."""

import numpy as np
import pandas as pd
import pytest

from trialrr import ard
from trialrr.analyses.baseline import baseline_rows
from trialrr.analyses.counts import count_rows, randomized_rows


@pytest.fixture
def people() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "participant_id": ["P1", "P2", "P3", "P4", "P5"],
            "analyzed": [1, 1, 1, 1, 0],
            "arm": ["A", "A", "B", "B", "B"],
            "site": ["x", "y", "x", "y", "y"],
            "age": pd.array([40, 60, 50, None, 99], dtype="Int64"),
            "education": ["school", "college", "", "graduate", "college"],
            "pain_site_back": ["yes", "no", "", "yes", "yes"],
            "pain_site_neck": ["no", "no", "no", "yes", "yes"],
        }
    )


def table(rows) -> pd.DataFrame:
    return ard.check(ard.frame(rows)).set_index(["outcome", "subgroup", "quantity", "level"])


def test_a_number_has_its_spread(people):
    got = table(baseline_rows(people, [{"id": "age", "kind": "mean"}], ["A", "B"]))["estimate"]
    assert got["age", "", "mean", "A"] == 50
    assert got["age", "", "sd", "A"] == pytest.approx(200**0.5)
    assert got["age", "", "n", "B"] == 1
    assert np.isnan(got["age", "", "sd", "B"])
    assert got["age", "", "median", "all"] == 50
    assert got["age", "", "q3", "all"] == 55


@pytest.mark.parametrize(
    ("level", "events"), [("60", 1), (">=50", 2), ("<50", 1), ("<=50", 2), (">40", 2), ("45-60", 2)]
)
def test_levels_of_a_number(people, level, events):
    got = table(baseline_rows(people, [{"id": "age", "level": level}], ["A", "B"]))
    row = got.loc[("age", f"age={level}", "events", "all")]
    assert (row["events"], row["n"], row["estimate"]) == (events, 3, events)


def test_levels_flags_and_levels_together(people):
    entries = [
        {"id": "education", "kind": "levels"},
        {"id": "education", "level": "degree", "of": ["college", "graduate"]},
        {"id": "pain_site", "kind": "flags"},
    ]
    got = table(baseline_rows(people, entries, ["A", "B"]))[["events", "n"]]
    expected = {
        ("education", "education=college", "A"): (1, 2),
        ("education", "education=college", "B"): (0, 1),
        ("education", "education=missing", "all"): (1, 4),
        ("education", "education=degree", "all"): (2, 3),
        ("pain_site", "pain_site=back", "all"): (2, 3),
        ("pain_site", "pain_site=neck", "B"): (1, 2),
    }
    for (outcome, subgroup, level), counts in expected.items():
        assert tuple(got.loc[(outcome, subgroup, "events", level)]) == counts


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"id": "height", "kind": "mean"}, "no column height"),
        ({"id": "education", "kind": "mean"}, "the column education is no number"),
        ({"id": "mood", "kind": "flags"}, "no column mood_<level>"),
        ({"id": "age", "level": "old"}, "level 'old' of a number: expected a number"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(people, entry, fault):
    with pytest.raises(ValueError, match=fault):
        baseline_rows(people, [entry], ["A", "B"])


def test_follow_up_and_observed(people):
    visits = pd.DataFrame(
        {
            "participant_id": [p for p in people["participant_id"] for _ in range(2)],
            "month": ["3", "6"] * 5,
            "completed": [1, 1, 1, 0, 0, 0, 0, 1, 1, 1],
            "pain_responder": pd.array([1, 0, 0] + [None] * 4 + [1, 1, 1], dtype="Int64"),
            "pain_reduction": [2.0, -1.0, 1.0] + [np.nan] * 4 + [3.0, 5.0, 5.0],
        }
    )
    got = ard.check(ard.frame(count_rows(people, visits, ["A", "B"], ["3", "6"], ["pain"])))
    got = got.set_index(["outcome", "month", "subgroup", "quantity", "level"])
    assert got.loc[("completed", "3", "", "n", "A"), "estimate"] == 2
    assert got.loc[("completed", "3", "", "n", "B"), "estimate"] == 0
    patterns = [got.loc[("visits_completed", "", f"visits_completed={k}", "events", "B")]["events"]
                for k in range(3)]  # fmt: skip
    assert patterns == [1, 1, 0]
    assert tuple(got.loc[("no_follow_up", "", "site=x", "events", "all"), ["events", "n"]]) == (
        1,
        2,
    )
    seen = got.loc[("pain", "3", "", "events", "A"), ["events", "n"]]
    assert tuple(seen) == (1, 2)
    assert tuple(got.loc[("pain", "3", "", "events", "B"), ["events", "n"]]) == (0, 0)
    assert got.loc[("pain", "3", "", "median_change", "A"), "estimate"] == -1.5


def test_randomized_and_analyzed(people):
    got = ard.frame(randomized_rows(people, ["A", "B"])).set_index(["outcome", "level"])["estimate"]
    assert got["randomized", "all"] == 5
    assert (got["randomized", "B"], got["analyzed", "B"]) == (3, 2)
