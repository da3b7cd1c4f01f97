"""Baseline table and follow-up counts on a handful of people."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.typed import typed
from trialrr import ard
from trialrr.analyses.described import counts
from trialrr.analyses.described.baseline import baseline_rows
from trialrr.analyses.described.counts import count_rows
from trialrr.plan import BaselineLine, Primary
from trialrr.trials.flow import randomized_rows


@pytest.fixture
def people() -> pd.DataFrame:
    table = pd.DataFrame(
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
    return typed(table)


def table(rows) -> pd.DataFrame:
    return ard.check(ard.frame(rows)).set_index(["outcome", "subgroup", "quantity", "level"])


def test_a_number_has_its_spread(people):
    got = table(baseline_rows(people, [BaselineLine(id="age", kind="mean")], ["A", "B"]))[
        "estimate"
    ]
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
    got = table(baseline_rows(people, [BaselineLine(id="age", level=level)], ["A", "B"]))
    row = got.loc[("age", f"age={level}", "events", "all")]
    assert (row["events"], row["n"], row["estimate"]) == (events, 3, events)


def test_levels_flags_and_levels_together(people):
    entries = [
        BaselineLine(id="education", kind="levels"),
        BaselineLine(id="education", level="degree", of=["college", "graduate"]),
        BaselineLine(id="pain_site", kind="flags"),
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
    for (outcome, subgroup, level), cells in expected.items():
        assert tuple(got.loc[(outcome, subgroup, "events", level)]) == cells


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
        baseline_rows(people, [BaselineLine(**entry)], ["A", "B"])


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
    seen = got.loc[("pain", "3", "", "events", "A"), ["events", "n"]]
    assert tuple(seen) == (1, 2)
    assert tuple(got.loc[("pain", "3", "", "events", "B"), ["events", "n"]]) == (0, 0)
    assert got.loc[("pain", "3", "", "median_change", "A"), "estimate"] == -1.5


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        (["x"] * 6 + ["y"] * 5 + ["w"], {"site=x": (2, 6), "site=y": (2, 5)}),
        (["x"] * 5 + ["a"] * 3 + ["b"] * 4, {"site=x": (2, 5), "site=others": (2, 7)}),
        ([23.5] * 6 + [17.25] * 6, {}),
        ([1] * 6 + [2] * 6, {}),
    ],
)
def test_who_was_never_seen_is_counted_of_sites_of_several_people(sites, told):
    """Every third person of twelve has no visit."""
    ids = [f"P{k}" for k in range(12)]
    people = pd.DataFrame({"participant_id": ids, "analyzed": 1, "arm": "A", "site": sites})
    completed = [int(k % 3 > 0) for k in range(12)]
    visits = pd.DataFrame({"participant_id": ids, "month": "3", "completed": completed})
    rows = count_rows(people, visits, ["A"], ["3"], [])
    found = {r["subgroup"]: (r["events"], r["n"]) for r in rows if r["outcome"] == "no_follow_up"}
    assert found == told


def test_randomized_and_analyzed(people):
    got = ard.frame(randomized_rows(people, ["A", "B"])).set_index(["outcome", "level"])["estimate"]
    assert got["randomized", "all"] == 5
    assert (got["randomized", "B"], got["analyzed", "B"]) == (3, 2)


def visits_of(changes: dict[str, tuple]) -> pd.DataFrame:
    """Two visits a person: drops in score, NaN where not seen; a responder drops by 2 or more."""
    rows = [
        {"participant_id": person, "month": month, "pain_reduction": drop}
        for person, drops in changes.items()
        for month, drop in zip(("3", "6"), drops, strict=True)
    ]
    table = pd.DataFrame(rows)
    seen = table["pain_reduction"].notna()
    hit = (table["pain_reduction"] >= 2).astype("Int64").where(seen)
    return table.assign(completed=seen.astype(int), pain_responder=hit)


def counted(people, visits, months=("3", "6")) -> pd.DataFrame:
    primary = Primary("pain", "3", "main")
    return ard.check(ard.frame(count_rows(people, visits, ["A", "B"], months, ["pain"], primary)))


NONE = np.nan


def test_patterns_of_visits_are_counted_for_the_people_analyzed(people):
    visits = visits_of(
        {"P1": (2, 1), "P2": (NONE, 1), "P3": (NONE, NONE), "P4": (1, 1), "P5": (1, NONE)}
    )
    got = counted(people, visits)
    got = got[got["outcome"] == "pattern"]
    cells = [tuple(row) for row in got[["subgroup", "level", "events", "n"]].to_numpy()]
    assert cells == [  # P5, seen at 3 alone, is not analyzed
        *(("seen=3+6", "A", 1, 2), ("seen=3+6", "B", 1, 2)),
        *(("seen=6", "A", 1, 2), ("seen=6", "B", 0, 2)),
        *(("seen=none", "A", 0, 2), ("seen=none", "B", 1, 2)),
    ]
    assert (got["analysis"] == "follow_up").all() and (got["estimate"] == got["events"]).all()
    assert "pattern" not in set(counted(people, visits[visits["month"] == "3"], ["3"])["outcome"])


def test_patterns_add_up_to_numbers_of_visits(people):
    visits = visits_of({p: (2, NONE) if p < "P3" else (NONE, 1) for p in people["participant_id"]})
    got = counted(people, visits)
    for arm in ("A", "B"):
        one = got[(got["level"] == arm) & got["subgroup"].isin(["seen=3", "seen=6"])]
        row = got[(got["level"] == arm) & (got["subgroup"] == "visits_completed=1")]
        assert one["events"].sum() == row["events"].item() == 2


def test_changes_are_counted_in_bins_of_a_point(people, monkeypatch):
    monkeypatch.setattr(counts, "FEWEST", 1)
    # 2.7 - 1.2 is a bit more than 1.5: an edge stays an edge
    visits = visits_of(
        {
            "P1": (2.7 - 1.2, -0.5),
            "P2": (1.4, NONE),
            "P3": (-0.4, NONE),
            "P4": (0.0, 3.6),
            "P5": (9, 9),
        }
    )
    got = counted(people, visits)
    got = got[got["subgroup"].str.startswith("change=")]
    assert set(got["outcome"]) == {"pain"} and set(got["analysis"]) == {"observed"}
    wholes = {"3": range(-1, 1), "6": range(-4, 2)}
    for (month, arm), cells in got.groupby(["month", "level"]):
        bins = [f"change={k - 0.5:g}..{k + 0.5:g}" for k in wholes[month]]
        assert [*cells["subgroup"]] == bins, (month, arm)
        assert cells["events"].sum() == cells["n"].iloc[0]
    count = got.set_index(["month", "level", "subgroup"])["events"]
    assert count["3", "A", "change=-1.5..-0.5"] == 2
    assert count["3", "B", "change=-0.5..0.5"] == 2
    assert count["6", "A", "change=0.5..1.5"] == 1
    assert count["6", "B", "change=-4.5..-3.5"] == 1


def changed(*arms: dict[int, int]) -> pd.DataFrame:
    """Rows of bins of people who changed by so much at month 3: {change: people} of each arm."""
    drops = [(arm, -change) for arm, of in zip("AB", arms, strict=False)
             for change, k in of.items() for _ in range(k)]  # fmt: skip
    ids = [f"P{i}" for i in range(len(drops))]
    people = pd.DataFrame({"participant_id": ids, "analyzed": 1, "arm": [arm for arm, _ in drops]})
    visits = visits_of({p: (float(drop), NONE) for p, (_, drop) in zip(ids, drops, strict=True)})
    got = counted(people, visits)
    return got[got["subgroup"].str.startswith("change=")]


def bins_of(rows: pd.DataFrame, arm: str) -> dict[str, int]:
    rows = rows[rows["level"] == arm]
    return dict(zip(rows["subgroup"].str.removeprefix("change="), rows["events"], strict=True))


def test_a_bin_holds_nobody_or_five_people_or_more_of_each_arm():
    got = changed(
        {-9: 1, -6: 2, -5: 3, -3: 8, -2: 6, -1: 9, 0: 4, 1: 6, 2: 7, 3: 2},
        {-6: 5, -5: 1, -4: 1, -3: 3, -2: 7, -1: 0, 0: 8, 1: 9, 2: 8, 5: 1},
    )
    assert bins_of(got, "A") == {
        "-9.5..-4.5": 6,
        "-4.5..-1.5": 14,  # for B has 1 and 3, and 7 with the third point
        "-1.5..-0.5": 9,  # where B has nobody
        "-0.5..1.5": 10,
        "1.5..5.5": 9,  # 7 would do, but the highest are left over
    }
    assert [*bins_of(got, "B").values()] == [6, 11, 0, 17, 9]


@pytest.mark.parametrize("seed", range(20))
def test_pooled_bins_are_next_to_each_other_and_hold_everybody(seed):
    rng = np.random.default_rng(seed)
    groups = [rng.normal(shift, 2, n).round().astype(int) for shift, n in ((-1, 40), (1, 25))]
    bins = counts._pooled(groups)
    every = np.concatenate(groups)
    assert (bins[0][0], bins[-1][1]) == (every.min(), every.max())
    assert all(after[0] == before[1] + 1 for before, after in pairwise(bins))
    for of in groups:
        found = [int(np.isin(of, range(low, high + 1)).sum()) for low, high in bins]
        assert sum(found) == len(of) and not set(found) & {1, 2, 3, 4}


def test_where_nobody_was_seen_there_are_no_bins(people):
    nobody = visits_of({p: (NONE, NONE) for p in people["participant_id"]})
    assert not counted(people, nobody)["subgroup"].str.startswith("change=").any()


def test_an_arm_of_few_people_has_no_bins_and_takes_none_from_the_others():
    got = changed({-1: 5, 0: 6}, {-3: 2, 0: 2})
    assert set(got["level"]) == {"A"} and bins_of(got, "A") == {"-1.5..-0.5": 5, "-0.5..0.5": 6}


def test_without_a_primary_outcome_or_its_score_there_are_no_bins_and_no_clusters(people):
    people = people.assign(cluster="c")
    visits = visits_of({p: (2.0, 1.0) for p in people["participant_id"]})
    rows = count_rows(people, visits, ["A", "B"], ["3", "6"], ["pain"])
    assert not any(row["analysis"] == "clusters" or "change=" in row["subgroup"] for row in rows)
    got = counted(people, visits.drop(columns="pain_reduction"))
    assert not got["subgroup"].str.startswith("change=").any()
    assert (got["analysis"] == "clusters").any()


def test_responders_by_cluster():
    sizes = {"C1": (4, 6), "C2": (0, 5), "C3": (3, 4), "C4": (0, 1)}
    cluster = [c for c, (_, n) in sizes.items() for _ in range(n)]
    drop = [2.0 if i < k else 0.0 for k, n in sizes.values() for i in range(n)]
    ids = [f"P{i:02}" for i in range(len(cluster) + 2)]
    people = pd.DataFrame(
        {
            "participant_id": ids,
            "analyzed": [1] * len(cluster) + [0, 1],
            "arm": ["A"] * (len(cluster) + 1) + ["B"],
            "cluster": [*cluster, "C1", None],
        }
    )
    visits = visits_of({p: (d, NONE) for p, d in zip(ids, [*drop, 2.0, 2.0], strict=True)})
    got = counted(people, visits)
    got = got[got["analysis"] == "clusters"].set_index("subgroup")
    assert set(got["level"]) == {"A"} and set(got["month"]) == {"3"}
    cells = {name: tuple(row) for name, row in got[["events", "n", "n_clusters"]].iterrows()}
    assert cells == {
        "cluster=1": (4, 6, 1),
        "cluster=2": (0, 5, 1),
        "cluster=others": (3, 5, 2),
        "": (7, 16, 4),
    }
    assert got["estimate"].to_dict() == pytest.approx(
        {n: k / of for n, (k, of, _) in cells.items()}
    )
    # Wilson (1927) for 4 of 6 as R's prop.test(4, 6, correct = FALSE) has it
    limits = got.loc["cluster=1", ["lower", "upper"]].astype(float)
    assert [*limits] == pytest.approx([0.299993315, 0.903228589])
    assert got.loc["cluster=2", "lower"] == 0 and np.isnan(got.loc["", "lower"])
