"""Kind `adherence`: what people took of their treatment, and the outcome by how much, described."""

from functools import partial

import numpy as np
import pandas as pd

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.analyses.treatment.entries import Adherence
from trialrr.analyses.treatment.treatment_received import Unusable, amount, arms_with
from trialrr.ard import Subgroup
from trialrr.estimate.proportion import wilson
from trialrr.levels import matches
from trialrr.plan import Plan

CHOSEN = "observed, no comparison: people chose how much they took"
MOST = 50
"""The largest value up to which people are counted by each whole number from 0 on."""


def jobs(entry: Adherence, plan: Plan, data: TrialData) -> list[Job]:
    """One pass over people."""
    return [partial(_rows, entry, plan, data)]


def _rows(entry: Adherence, plan: Plan, data: TrialData) -> list[dict]:
    """Of each arm with the column its distribution and who `took` the treatment, all people
    analyzed, under the column's name as outcome; then observed responders by groups of it. Where
    somebody took more than MOST, there are no counts by the number but the reason."""
    values = amount(entry, data.people)
    arms = arms_with(entry, plan, data.people)
    if not arms:
        raise Unusable(
            f"analysis {entry.id}: {entry.column} is blank for everybody; take the entry out"
        )
    of_arm = {arm: (data.people["arm"] == arm).to_numpy() for arm in arms}
    table = _distribution(entry, {arm: values[own] for arm, own in of_arm.items()})
    for outcome in entry.outcomes:
        for arm, own in of_arm.items():
            for group in entry.groups:
                among = own & matches(values, group).to_numpy()
                table += _responders(entry, outcome, arm, group, plan, data, among)
    return table


def _distribution(entry: Adherence, values: dict[str, pd.Series]) -> list[dict]:
    everybody = pd.concat(list(values.values()))
    if (everybody % 1 != 0).any() or (everybody < 0).any():
        raise Unusable(
            f"analysis {entry.id}: {entry.column} has values such as "
            f"{everybody[(everybody % 1 != 0) | (everybody < 0)].iloc[0]:g}; expected whole numbers"
        )
    table, most = [], int(everybody.max())
    for arm, own in values.items():
        cells = {"analysis": entry.id, "outcome": entry.column, "level": arm, "n": len(own)}
        cells["status"] = entry.status
        counted = {"quantity": "n", "method": "count of people analyzed", **cells}
        if most > MOST:
            told = (
                f"{entry.column} goes up to {most:,}, and people are counted by each whole number "
                f"up to {MOST}; mean, quartiles and groups stand instead"
            )
            table.append(ard.row(reason=told, **counted))
        else:
            table += [
                ard.row(
                    subgroup=Subgroup.where(entry.column, str(k)),
                    estimate=int((own == k).sum()),
                    **counted,
                )
                for k in range(most + 1)
            ]
        quartiles = np.quantile(own, [0.25, 0.5, 0.75])
        found = {"mean": own.mean()} | dict(zip(("q1", "median", "q3"), quartiles, strict=True))
        for quantity, value in found.items():
            text = "mean" if quantity == "mean" else "quantile, linear interpolation"
            table.append(ard.row(quantity=quantity, estimate=float(value), method=text, **cells))
        events = int(matches(own, entry.took).sum())
        table.append(
            ard.row(
                quantity="events",
                subgroup=Subgroup.where(entry.column, entry.took),
                estimate=events,
                events=events,
                method="count of people analyzed who took the treatment",
                **cells,
            )
        )
    return table


def _responders(entry, outcome, arm, group, plan, data, among) -> list[dict]:
    table = []
    for j, month in enumerate(plan.at_times_of(outcome).months):
        seen = data.responder[outcome][among, j]
        seen = seen[~np.isnan(seen)]
        cells = {
            "analysis": entry.id,
            "outcome": outcome,
            "month": month,
            "subgroup": Subgroup.where(entry.column, group),
            "level": arm,
            "n": len(seen),
            "events": int(seen.sum()),
            "status": entry.status,
        }
        if len(seen):
            found = numbers_of(wilson(cells["events"], len(seen), plan.models.alpha))
            text = f"share of those observed; Wilson interval; {CHOSEN}"
            table.append(ard.row(quantity="risk", method=text, **found, **cells))
        else:
            text = f"nobody of the group was observed; {CHOSEN}"
            table.append(ard.not_estimable(text, **cells))
    return table
