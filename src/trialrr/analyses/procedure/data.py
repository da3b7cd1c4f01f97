"""The analysis data as the analyses see them: one row a person, one column a visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from trialrr import data as tables
from trialrr import levels
from trialrr.analyses.procedure.entry import Analysis
from trialrr.data import levels_of, numbers
from trialrr.estimate.fit import FitError
from trialrr.plan import Definition, Outcome, Plan
from trialrr.responder import Score, drops_by_points, drops_by_share

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a responder is decided on. baseline : (n,), follow_up : (n, J), sums of items."""

    baseline: Score
    follow_up: Score


@dataclass(frozen=True, slots=True)
class TrialData:
    """people : n analyzed people, typed columns, sorted by id; seen : (n,) at least one follow-up;
    visits_completed : (n,) how many; responder : outcome with a binary form → (n, J) 1 or 0, NaN
    where missing, J the outcome's own visits; reduction : responder's outcome → (n, J) baseline -
    follow-up; origin : REAL or SYNTHETIC; sums : outcome → sums of items, where the data have them;
    definitions : outcome → definition of a responder, if it is not the plan's; windows : id of a
    set of visit windows → the data of the same people by it; score : outcome with a score → (n, J)
    at follow-up; change : the same less the baseline score, of an outcome without one the score.
    """

    people: pd.DataFrame
    months: tuple[str, ...]
    seen: NDArray[np.bool_]
    visits_completed: NDArray[np.int64]
    responder: dict[str, Array]
    reduction: dict[str, Array]
    origin: str
    sums: dict[str, Sums] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    windows: dict[str, "TrialData"] = field(default_factory=dict)
    score: dict[str, Array] = field(default_factory=dict)
    change: dict[str, Array] = field(default_factory=dict)

    def take(self, keep: NDArray) -> "TrialData":
        """The same data for some of the people: booleans, or positions (which may repeat)."""
        return replace(
            self,
            people=self.people.iloc[keep].reset_index(drop=True),
            seen=self.seen[keep],
            visits_completed=self.visits_completed[keep],
            responder={k: v[keep] for k, v in self.responder.items()},
            reduction={k: v[keep] for k, v in self.reduction.items()},
            sums={k: Sums(v.baseline[keep], v.follow_up[keep]) for k, v in self.sums.items()},
            windows={k: v.take(keep) for k, v in self.windows.items()},
            score={k: v[keep] for k, v in self.score.items()},
            change={k: v[keep] for k, v in self.change.items()},
        )

    def redefined(self, outcome: str, definition: Definition) -> "TrialData":
        """The same data with responders of `outcome` by another definition, decided on the sums.

        Raises ValueError where the data have no sums of items for the outcome.
        """
        sums = self.sums_of(outcome)
        baseline, follow_up = sums.baseline[:, None], sums.follow_up
        if definition.drop is not None:
            responder = drops_by_points(baseline, follow_up, definition.drop)
        else:
            responder = drops_by_share(baseline, follow_up, definition.threshold)
        return replace(
            self,
            responder=self.responder | {outcome: responder},
            definitions=self.definitions | {outcome: definition},
            windows={k: v.redefined(outcome, definition) for k, v in self.windows.items()},
        )

    def sums_of(self, outcome: str) -> Sums:
        """Sums of items of an outcome. Raises ValueError where the data have none."""
        if outcome not in self.sums:
            raise ValueError(
                f"outcome {outcome!r}: another definition of a responder needs the sums of items, "
                f"columns {outcome}_sum and {outcome}_items of visits and the same of its baseline "
                "in participants, which these data lack; take the definition out of the plan, or "
                "derive the data by a route that scores items"
            )
        return self.sums[outcome]


def cutoff(data: TrialData, plan: Plan, outcome: str) -> Array:
    """(n,) reduction in score that makes a responder, points: a share of baseline, or a drop that
    is the same for all. NaN without a baseline score."""
    declared = plan.outcome(outcome)
    definition = data.definitions.get(outcome, Definition(threshold=declared.threshold))
    baseline = numbers(data.people[declared.baseline])
    if definition.drop is not None:
        return np.where(np.isnan(baseline), np.nan, float(definition.drop))
    return float(definition.threshold) * baseline


def read(
    participants: str | Path,
    visits: str | Path,
    plan: Plan,
    further: Mapping[str, str | Path] | None = None,
) -> TrialData:
    """Analysis data of the people analyzed, from the tables `participants` and `visits`, and from
    the `further` tables of the trial by name: of these `other_windows` and `quarters`, as in
    `arrange`.

    Raises ValueError when a table is not what its schema says, when a visit belongs to nobody, or
    when the tables mix origins.
    """
    paths = further or {}
    others, records = (
        tables.read(paths[name]) if name in paths else None
        for name in ("other_windows", "quarters")
    )
    return arrange(tables.read(participants), tables.read(visits), plan, others, records)


def arrange(
    participants: pd.DataFrame,
    visits: pd.DataFrame,
    plan: Plan,
    other_windows: pd.DataFrame | None = None,
    quarters: pd.DataFrame | None = None,
) -> TrialData:
    """`read` on typed tables. other_windows : visits with a column `windows`; quarters : one
    row a person and month, for outcomes with visits of their own beyond the plan's."""
    data = _arranged(participants, visits, plan, quarters)
    if other_windows is None:
        return data
    others = {
        str(id): _arranged(participants, table, plan, quarters)
        for id, table in other_windows.groupby("windows", sort=False)
    }
    return replace(data, windows=others)


def _arranged(
    participants: pd.DataFrame, visits: pd.DataFrame, plan: Plan, quarters: pd.DataFrame | None
) -> TrialData:
    every = [participants, visits, *([] if quarters is None else [quarters])]
    origins = sorted({origin for table in every for origin in levels_of(table["data_origin"])})
    if len(origins) != 1:
        raise ValueError(f"the analysis data mix origins {origins}; a run uses one")
    people = participants[participants["analyzed"] == 1].sort_values("participant_id")
    people = people.reset_index(drop=True)
    unknown = sorted(set(visits["participant_id"]) - set(participants["participant_id"]))
    if unknown:
        raise ValueError(f"visits of people who are no participants: {', '.join(unknown[:5])}")
    by_visit = _Grid(people, visits)
    completed = by_visit("completed", plan.months) == 1
    data = TrialData(
        people, plan.months, completed.any(axis=1), completed.sum(axis=1), {}, {}, origins[0]
    )
    by_quarter = by_visit if quarters is None else _Grid(people, quarters)
    for outcome in plan.outcomes:
        months = plan.at_times_of(outcome.id).months
        grid = by_visit if set(months) <= set(plan.months) else by_quarter
        _add(data, outcome, grid, months)
    return data


class _Grid:
    """Columns of a table of one row a person and month, as arrays of people × months."""

    def __init__(self, people: pd.DataFrame, table: pd.DataFrame) -> None:
        row = pd.Series(people.index, index=people["participant_id"])
        self.table = table[table["participant_id"].isin(row.index)]
        self.n, self.row = len(people), row.loc[self.table["participant_id"]].to_numpy()
        self.places: dict[tuple[str, ...], tuple[NDArray, NDArray]] = {}

    def __contains__(self, column: str) -> bool:
        return column in self.table

    def is_score(self, column: str) -> bool:
        """Whether the table has such a column and it holds numbers, not codes."""
        return column in self.table and is_numeric_dtype(self.table[column])

    def __call__(self, column: str, months: tuple[str, ...]) -> Array:
        """(n, J), NaN where the table has no such column, row or value."""
        values = np.full((self.n, len(months)), np.nan)
        if column in self.table:
            here, at = self._place(months)
            values[self.row[here], at] = numbers(self.table[column])[here]
        return values

    def _place(self, months: tuple[str, ...]) -> tuple[NDArray, NDArray]:
        """Rows of the table at one of the months, and at which."""
        if months not in self.places:
            at = pd.Index(months).get_indexer(self.table["month"])
            here = at >= 0
            self.places[months] = here, at[here]
        return self.places[months]


def _add(data: TrialData, outcome: Outcome, grid: _Grid, months: tuple[str, ...]) -> None:
    """Put the forms of an outcome that the tables hold into the dictionaries of `data`."""
    id, people = outcome.id, data.people
    if f"{id}_responder" in grid:
        data.responder[id] = grid(f"{id}_responder", months)
        data.reduction[id] = grid(f"{id}_reduction", months)
    if grid.is_score(id):
        data.score[id] = score = grid(id, months)
        baseline = numbers(people[outcome.baseline])[:, None] if outcome.baseline else 0.0
        data.change[id] = score - baseline
        if outcome.event:
            hit = [levels.matches(pd.Series(column), outcome.event) for column in score.T]
            data.responder[id] = np.where(np.isnan(score), np.nan, np.array(hit, float).T)
    if f"{id}_sum" in grid and f"{outcome.baseline}_sum" in people:
        own = (numbers(people[f"{outcome.baseline}_{part}"]) for part in ("sum", "items"))
        later = (grid(f"{id}_{part}", months) for part in ("sum", "items"))
        data.sums[id] = Sums(_score(*own), _score(*later))


def _score(total: Array, answered: Array) -> Score:
    whole = [np.nan_to_num(v).astype(np.int64) for v in (total, answered)]
    return Score(*whole, ~np.isnan(total))


def for_entry(entry: Analysis, plan: Plan, data: TrialData) -> TrialData:
    """The data that an entry is about: its visit windows, its definition of a responder, its
    population. Raises ValueError where the data lack what the entry names."""
    if entry.windows:
        if entry.windows not in data.windows:
            listed = ", ".join(data.windows) or "none"
            raise ValueError(
                f"analysis {entry.id}: no visits by the windows {entry.windows!r}, found {listed}; "
                "derive the data with this plan, and read their table other_windows"
            )
        data = data.windows[entry.windows]
    if entry.definition:
        for outcome in (o.id for o in plan.outcomes if o.id in {*entry.outcomes, *data.sums}):
            data = data.redefined(outcome, entry.definition)
    return population(data, entry)


def population(data: TrialData, entry: Analysis) -> TrialData:
    """The people that the entry's `population` selects by date of randomization. Raises FitError
    if an arm has none of them."""
    if not entry.population.rules:
        return data
    days = data.people["randomized_on"].to_numpy("datetime64[D]")
    keep = np.ones(len(days), bool)
    for rule, text in entry.population.rules.items():
        day = np.datetime64(text, "D")
        keep &= {
            "randomized_before": days < day,
            "randomized_from": days >= day,
            "randomized_after": days > day,
        }[rule]
    chosen, everybody = data.people["arm"][keep], set(data.people["arm"])
    if lacking := sorted(everybody - set(chosen)):
        rules = ", ".join(f"{rule} {day}" for rule, day in entry.population.rules.items())
        raise FitError(
            f"analysis {entry.id}: the population {rules} leaves {len(chosen)} of {len(keep)} "
            f"people, nobody of arm {', '.join(lacking)}; people were randomized from {min(days)} "
            f"to {max(days)}; choose other dates, or take the entry out"
        )
    return data.take(keep)
