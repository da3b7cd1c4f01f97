"""Kinds of analyses beside a single fit: tasks that may run in any process, then rows of the ARD.

The module of a kind has three functions:

    tasks(entry, plan) -> list of names      pieces of work, each done by itself
    run(task, entry, plan, data) -> arrays   by name; draws come from streams named by the task
    rows(entry, plan, data, done) -> rows    of the ARD; done : task → what `run` returned

How tasks are shared among processes changes no result: a task opens its own streams, its arrays
have the same shape wherever it runs, and `rows` reads them by name.
"""

from collections.abc import Iterator
from types import ModuleType

import numpy as np

from trialrr.analyses.economics import economics
from trialrr.analyses.missing import (
    balance,
    delta,
    informative_odds,
    multiple_imputation,
    reference_based,
    selected_covariates,
)
from trialrr.analyses.model import mmrm, subgroups
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.naming import of_analysis
from trialrr.analyses.resampling import (
    bootstrap,
    leave_one_out,
    power,
    rerandomization,
    responder_curve,
    simulation,
    specification_curve,
)
from trialrr.analyses.treatment import adherence, compliers, mediation, per_protocol
from trialrr.plan import Entry, Plan

MODULES: dict[str, ModuleType] = {
    "adherence": adherence,
    "balance": balance,
    "bootstrap": bootstrap,
    "compliers": compliers,
    "delta": delta,
    "economics": economics,
    "informative_odds": informative_odds,
    "leave_one_out": leave_one_out,
    "mediation": mediation,
    "mmrm": mmrm,
    "multiple_imputation": multiple_imputation,
    "per_protocol": per_protocol,
    "power": power,
    "reference_based": reference_based,
    "rerandomization": rerandomization,
    "responder_curve": responder_curve,
    "selected_covariates": selected_covariates,
    "simulation": simulation,
    "specification_curve": specification_curve,
    "subgroups": subgroups,
}


def of_plan(plan: Plan) -> Iterator[tuple[Entry, ModuleType]]:
    """Entries of the plan that are no single fit, with their modules."""
    for entry in plan.analyses:
        if entry.kind != "model":
            yield entry, MODULES[entry.kind]


def run(task: str, entry: Entry, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """What a task of the entry computes. FitError names the analysis."""
    with of_analysis(entry.id):
        return MODULES[entry.kind].run(task, entry, plan, data)


def rows(
    entry: Entry, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """ARD rows of the entry from what its tasks computed. FitError names the analysis."""
    with of_analysis(entry.id):
        return MODULES[entry.kind].rows(entry, plan, data, done)


def share(plan: Plan, piece: int, pieces: int) -> list[tuple[Entry, ModuleType, str]]:
    """The tasks of piece 1…pieces: every `pieces`-th of all, so that kinds spread evenly."""
    every = [(e, module, task) for e, module in of_plan(plan) for task in module.tasks(e, plan)]
    return every[piece - 1 :: pieces]
