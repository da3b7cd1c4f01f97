"""Who was seen and what was observed: counts of the visits table, by arm."""

from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from trialrr import ard
from trialrr.ard import EVERYBODY, FEWEST, Subgroup
from trialrr.data import written
from trialrr.design.clusters import names
from trialrr.estimate.proportion import wilson
from trialrr.plan import Primary

ALL = "all"
HALF = 0.5
"""Bins of a change are one point wide and centered at whole points, before they are pooled."""
SAME = 9
"""Decimals to which a change is compared with an edge: -1.5 is -1.5 however it was subtracted."""


def count_rows(
    participants: pd.DataFrame,
    visits: pd.DataFrame,
    arms: Sequence[str],
    months: Sequence[str],
    outcomes: Sequence[str],
    primary: Primary | None = None,
    alpha: float = 0.05,
) -> list[dict]:
    """ARD rows of the analyses follow_up, observed and clusters, for the analyzed people.

    participants : participant_id, analyzed, arm; site, by name, and cluster may be absent. visits :
    one row a person and month with completed, of an outcome with a binary form <outcome>_responder
    (1, 0, missing) and, where it is a drop in score, <outcome>_reduction. Change = follow-up -
    baseline: negative is better. primary : the plan's primary outcome and month; of them alone are
    changes counted in bins and responders counted by cluster, with Wilson intervals at 1 - alpha.
    """
    people = participants[participants["analyzed"] == 1]
    table = visits.merge(people[["participant_id", "arm"]], on="participant_id")
    completed = table.groupby("participant_id")["completed"].sum()
    people = people.assign(n_visits=people["participant_id"].map(completed).astype(int))
    rows = _completed(people, table, arms, months) + _numbers_of_visits(people, arms, len(months))
    rows += _patterns(people, table, arms, months) + _no_follow_up(people)
    rows += _observed(table, arms, months, [o for o in outcomes if f"{o}_responder" in table])
    if primary:
        rows += _changes(table, arms, months, primary.outcome)
        rows += _clusters(people, table, arms, primary.outcome, primary.month, alpha)
    return rows


def _row(analysis: str, outcome: str, quantity: str, level: str, estimate, **cells) -> dict:
    cells = {"method": "count", "status": "prespecified"} | cells
    keys = {"analysis": analysis, "outcome": outcome, "quantity": quantity, "level": level}
    return ard.row(**keys, estimate=estimate, **cells)


def _completed(people, table, arms, months) -> list[dict]:
    done = table[table["completed"] == 1].groupby(["month", "arm"]).size()
    rows = []
    for month in months:
        for arm in arms:
            n = int(done.get((month, arm), 0))
            rows.append(_row("follow_up", "completed", "n", arm, n, month=month, n=n))
    return rows


def _numbers_of_visits(people, arms, most: int) -> list[dict]:
    rows = []
    for arm in arms:
        n_visits = people.loc[people["arm"] == arm, "n_visits"]
        for k in range(most + 1):
            events, subgroup = int((n_visits == k).sum()), Subgroup.of(visits_completed=str(k))
            cells = {"subgroup": subgroup, "events": events, "n": len(n_visits)}
            rows.append(_row("follow_up", "visits_completed", "events", arm, events, **cells))
    return rows


def _patterns(people, table, arms, months) -> list[dict]:
    """Which visits people completed ("seen=3+12", "seen=none"), in the order of the visits: every
    pattern that somebody has, in each arm. Of one visit there is nothing to tell."""
    if len(months) < 2:
        return []
    done = table[table["completed"] == 1].groupby("participant_id")["month"].agg(set)
    seen = [done.get(person, set()) for person in people["participant_id"]]
    counted = Counter(
        (arm, tuple(m in here for m in months))
        for arm, here in zip(people["arm"], seen, strict=True)
    )
    found = {flags for _, flags in counted}
    rows = []
    for flags in (f for f in product((True, False), repeat=len(months)) if f in found):
        names = [m for m, there in zip(months, flags, strict=True) if there]
        for arm in arms:
            events, n = counted[arm, flags], int((people["arm"] == arm).sum())
            cells = {
                "subgroup": Subgroup.of(seen="+".join(names) or "none"),
                "events": events,
                "n": n,
            }
            rows.append(_row("follow_up", "pattern", "events", arm, events, **cells))
    return rows


def _no_follow_up(people) -> list[dict]:
    """How many were never seen again, by site, if that is a column of names; sites of fewer than
    FEWEST people together as "others", and left out if these are too few as well."""
    if "site" not in people or is_numeric_dtype(people["site"]):
        return []
    site = written(people["site"]).fillna("")
    groups = [(f"{site}", group["n_visits"]) for site, group in people.groupby(site)]
    small = [n_visits for _, n_visits in groups if len(n_visits) < FEWEST]
    groups = [(site, n_visits) for site, n_visits in groups if len(n_visits) >= FEWEST]
    if sum(map(len, small)) >= FEWEST:
        groups.append(("others", pd.concat(small)))
    rows = []
    for site, n_visits in groups:
        events = int((n_visits == 0).sum())
        cells = {"subgroup": Subgroup.of(site=site), "events": events, "n": len(n_visits)}
        rows.append(_row("follow_up", "no_follow_up", "events", ALL, events, **cells))
    return rows


def _observed(table, arms, months, outcomes) -> list[dict]:
    rows = []
    groups = dict(list(table.groupby(["month", "arm"])))
    for outcome in outcomes:
        for month in months:
            for arm in arms:
                seen = groups.get((month, arm), table.iloc[:0])
                known = seen[f"{outcome}_responder"].dropna().astype(float)
                events = int(known.sum())
                cells = {"month": month, "events": events, "n": len(known)}
                rows.append(_row("observed", outcome, "events", arm, events, **cells))
                if f"{outcome}_reduction" in seen:
                    rows += _change(outcome, month, arm, seen[f"{outcome}_reduction"])
    return rows


def _change(outcome: str, month: str, arm: str, reduction: pd.Series) -> list[dict]:
    change = 0.0 - reduction.dropna().to_numpy(dtype=float)
    if not len(change):
        return []
    quartiles = np.quantile(change, [0.25, 0.5, 0.75])
    names = ("q1_change", "median_change", "q3_change")
    cells = {"month": month, "n": len(change), "method": "quantile, linear interpolation"}
    return [
        _row("observed", outcome, name, arm, float(value), **cells)
        for name, value in zip(names, quartiles, strict=True)
    ]


def _changes(table, arms, months, outcome: str) -> list[dict]:
    """How many people changed by how much: counts in bins from k - 0.5 (inside) to k + 0.5
    (outside), k whole, of a visit from the first to the last with anybody in it, the same in each
    arm. Neighboring bins are pooled into a wider one until nobody or FEWEST people or more of each
    arm are in it. An arm with fewer than FEWEST people seen has no bins."""
    column = f"{outcome}_reduction"
    if column not in table:
        return []
    seen = table.loc[table[column].notna(), ["month", "arm", column]]
    change = 0.0 - seen[column].astype(float).round(SAME)
    whole = np.floor(change + HALF).astype(int).groupby([seen["month"], seen["arm"]])
    points = {at: group.to_numpy() for at, group in whole if len(group) >= FEWEST}
    rows = []
    for month in months:
        here = {arm: points[month, arm] for arm in arms if (month, arm) in points}
        bins = _pooled([*here.values()])
        for arm, of in here.items():
            cells = {"month": month, "n": len(of), "method": "count, lower edge inside"}
            for low, high in bins:
                events = _within(of, low, high)
                subgroup = Subgroup.of(change=f"{low - HALF:g}..{high + HALF:g}")
                cells |= {"subgroup": subgroup, "events": events}
                rows.append(_row("observed", outcome, "events", arm, events, **cells))
    return rows


def _pooled(groups: list[np.ndarray]) -> list[tuple[int, int]]:
    """(first, last) whole point of each bin, from the lowest up: a point joins the next until each
    group has nobody or FEWEST people or more in the bin; the highest join those below, as far as
    that takes."""
    if not groups:
        return []
    every = np.concatenate(groups)
    bins, first, top = [], int(every.min()), int(every.max())

    def enough(low: int, high: int) -> bool:
        return not any(0 < _within(of, low, high) < FEWEST for of in groups)

    for point in range(first, top + 1):
        if enough(first, point):
            bins.append((first, point))
            first = point + 1
    if first <= top:
        while not enough(first, top):
            first, _ = bins.pop()
        bins.append((first, top))
    return bins


def _within(points: np.ndarray, low: int, high: int) -> int:
    return int(np.count_nonzero((low <= points) & (points <= high)))


def _clusters(people, table, arms, outcome: str, month: str, alpha: float) -> list[dict]:
    """Share of responders by cluster, named by its rank, of the arms that have clusters, of people
    seen at `month`; the clusters with fewer than FEWEST people seen together as "others"; the arm's
    share."""
    column = f"{outcome}_responder"
    if "cluster" not in people or column not in table:
        return []
    clustered = people[["participant_id"]].assign(
        cluster=written(people["cluster"]).map(names(people["cluster"]))
    )
    clustered = clustered[clustered["cluster"].notna()]
    seen = table[(table["month"] == month) & table[column].notna()]
    seen = seen.merge(clustered, on="participant_id")
    rows = []
    for arm in arms:
        group = seen[seen["arm"] == arm]
        if group.empty:
            continue
        hits = dict(list(group.groupby("cluster")[column]))
        few = [name for name, of in hits.items() if len(of) < FEWEST]
        for name in (name for name in hits if name not in few):  # in order: groupby sorts
            one = Subgroup.of(cluster=name)
            rows.append(_share(outcome, month, arm, one, hits[name], 1, alpha))
        if few:
            others, rest = Subgroup.of(cluster="others"), pd.concat([hits[name] for name in few])
            rows.append(_share(outcome, month, arm, others, rest, len(few), alpha))
        whole = _share(outcome, month, arm, EVERYBODY, group[column], len(hits), alpha)
        whole |= {"lower": np.nan, "upper": np.nan, "method": "share of people seen"}
        whole["reason"] = (
            "people of a cluster are alike, so an interval as of separate people is too narrow"
        )
        rows.append(whole)
    return rows


def _share(
    outcome: str,
    month: str,
    arm: str,
    subgroup: Subgroup,
    hits: pd.Series,
    clusters: int,
    alpha: float,
) -> dict:
    events, n = int(hits.sum()), len(hits)
    share = wilson(events, n, alpha)
    cells = {"month": month, "subgroup": subgroup, "events": events, "n": n, "n_clusters": clusters}
    cells |= {"lower": share.lower, "upper": share.upper}
    cells["method"] = f"share of people seen, Wilson {100 * (1 - alpha):g}% interval"
    return _row("clusters", outcome, "risk", arm, share.estimate, **cells)
