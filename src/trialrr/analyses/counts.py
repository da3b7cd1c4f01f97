"""Who was seen and what was observed: counts of the visits table, by arm."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trialrr import ard

ALL = "all"


def count_rows(
    participants: pd.DataFrame,
    visits: pd.DataFrame,
    arms: Sequence[str],
    months: Sequence[str],
    outcomes: Sequence[str],
) -> list[dict]:
    """ARD rows of the analyses follow_up and observed, for the analyzed people.

    participants : participant_id, analyzed, arm, site (may be absent). visits : one row a person
    and month with completed, of an outcome with a binary form <outcome>_responder (1, 0, missing)
    and, where it is a drop in score, <outcome>_reduction. Change = follow-up - baseline: negative
    is better.
    """
    people = participants[participants["analyzed"] == 1]
    table = visits.merge(people[["participant_id", "arm"]], on="participant_id")
    completed = table.groupby("participant_id")["completed"].sum()
    people = people.assign(n_visits=people["participant_id"].map(completed).astype(int))
    return (
        _completed(people, table, arms, months)
        + _patterns(people, arms, len(months))
        + _no_follow_up(people)
        + _observed(table, arms, months, [o for o in outcomes if f"{o}_responder" in table])
    )


def randomized_rows(participants: pd.DataFrame, arms: Sequence[str]) -> list[dict]:
    """ARD rows of the analysis flow that every trial has: randomized (overall and by arm) and
    analyzed (by arm)."""
    rows = [_row("flow", "randomized", "n", ALL, len(participants), n=len(participants))]
    for arm in arms:
        group = participants[participants["arm"] == arm]
        for step, n in (("randomized", len(group)), ("analyzed", int(group["analyzed"].sum()))):
            rows.append(_row("flow", step, "n", arm, n, n=n))
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


def _patterns(people, arms, most: int) -> list[dict]:
    rows = []
    for arm in arms:
        n_visits = people.loc[people["arm"] == arm, "n_visits"]
        for k in range(most + 1):
            events, subgroup = int((n_visits == k).sum()), f"visits_completed={k}"
            cells = {"subgroup": subgroup, "events": events, "n": len(n_visits)}
            rows.append(_row("follow_up", "visits_completed", "events", arm, events, **cells))
    return rows


def _no_follow_up(people) -> list[dict]:
    if "site" not in people:
        return []
    rows = []
    for site, group in people.groupby("site"):
        events = int((group["n_visits"] == 0).sum())
        cells = {"subgroup": f"site={site}", "events": events, "n": len(group)}
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
