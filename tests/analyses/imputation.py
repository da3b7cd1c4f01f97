"""Entries and runs that the tests of imputation share, on the simulated trial of `oracle`."""

import numpy as np

from tests.analyses import oracle
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing.entries import Delta, MultipleImputation

PLAN = replace(oracle.PLAN, seed=20250807)


def entry(**keys) -> MultipleImputation:
    given = {
        "id": "imputed",
        "kind": "multiple_imputation",
        "outcomes": ("severity",),
        "status": "post_hoc",
        "auxiliary": oracle.EXTRA,
        "iterations": 5,
        "pilot": 10,
        "cv": 0.05,
        "maximum": 20,
    }
    return MultipleImputation(**(given | keys))


def delta(**keys) -> Delta:
    given = {
        "id": "shifted",
        "kind": "delta",
        "of": "imputed",
        "outcomes": ("severity",),
        "status": "post_hoc",
        "active": (0.0, 1.0),
        "control": (0.0,),
    }
    return Delta(**(given | keys))


def result(kind, entry, data=None, plan=PLAN):
    """The ARD of all tasks of an entry, as a table."""
    data = oracle.data() if data is None else data
    done = {task: kind.run(task, entry, plan, data) for task in kind.tasks(entry, plan)}
    return ard.check(ard.frame(kind.rows(entry, plan, data, done)))


def pick(table, quantity: str, level: str, month: str = "3", subgroup: str = ""):
    rows = table[
        (table["quantity"] == quantity)
        & (table["level"] == level)
        & table["month"].isin([month, ""])
        & (table["subgroup"] == subgroup)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def monotone(data):
    """The same people, visits after the first missed one left out."""
    gone = np.logical_or.accumulate(np.isnan(data.reduction["severity"]), axis=1)
    seen = ~gone
    return replace(
        data,
        seen=seen.any(axis=1),
        visits_completed=seen.sum(axis=1),
        reduction={"severity": np.where(gone, np.nan, data.reduction["severity"])},
        responder={"severity": np.where(gone, np.nan, data.responder["severity"])},
    )
