"""What a plan asks for, carried out: in one process, or in pieces that change no result.

Kinds that have rows at once give jobs, kinds that compute many numbers give tasks (`base`). A piece
has its share of both: of all tasks every so-manieth, so that kinds spread evenly, and of all jobs a
run of neighbours, so that the rows of the pieces one after the other are the rows of the plan.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialrr import ard
from trialrr.analyses import registry
from trialrr.analyses.base import RESAMPLE, Job
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.naming import of_analysis
from trialrr.plan import Entry, Plan

Arrays = dict[tuple[str, str], dict[str, np.ndarray]]


@dataclass(frozen=True, slots=True)
class PieceResult:
    """arrays : (analysis, task) → arrays by name; rows : of the ARD, by the jobs."""

    arrays: Arrays
    rows: pd.DataFrame


def of_stage(plan: Plan, stage: str) -> list[Entry]:
    """Entries of the plan whose kinds run in a stage of the workflow."""
    return [entry for entry in plan.analyses if registry.kind_of(entry).stage == stage]


def rows(entry: Entry, plan: Plan, data: TrialData) -> list[dict]:
    """Rows of the ARD of one entry, all its work done here. FitError names the analysis."""
    kind = registry.kind_of(entry)
    with of_analysis(entry.id):
        if not kind.has_tasks:
            return [row for job in kind.implementation.jobs(entry, plan, data) for row in job()]
        done = {task: _run(task, entry, plan, data) for task in _tasks_of(entry, plan)}
        return kind.implementation.rows(entry, plan, data, done)


def piece(plan: Plan, data: TrialData, number: int = 1, pieces: int = 1) -> PieceResult:
    """Piece 1…pieces of the work on what resamples or refits. FitError names the analysis.

    Raises ValueError where a job makes rows of another analysis: their place would be lost.
    """
    by_tasks, by_jobs = _by_protocol(plan)
    tasks = [(entry, task) for entry in by_tasks for task in _tasks_of(entry, plan)]
    jobs = [(entry, job) for entry in by_jobs for job in _jobs_of(entry, plan, data)]
    arrays, table = {}, []
    for entry, task in tasks[number - 1 :: pieces]:
        arrays[entry.id, task] = _run(task, entry, plan, data)
    first, last = ((k * len(jobs)) // pieces for k in (number - 1, number))
    for entry, job in jobs[first:last]:
        with of_analysis(entry.id):
            own = job()
        strange = sorted({row["analysis"] for row in own} - {entry.id})
        if strange:
            raise ValueError(f"kind {entry.kind}: rows of {entry.id} name the analysis {strange}")
        table += own
    return PieceResult(arrays, ard.frame(table))


def gathered(plan: Plan, data: TrialData, pieces: list[PieceResult]) -> pd.DataFrame:
    """The ARD of what resamples or refits from all pieces, in their order; entries in the order of
    the plan. FitError names the analysis."""
    arrays = {key: found for piece in pieces for key, found in piece.arrays.items()}
    refitted = pd.concat([piece.rows for piece in pieces], ignore_index=True)
    by_tasks, by_jobs = _by_protocol(plan)
    tables = {entry.id: refitted[refitted["analysis"] == entry.id] for entry in by_jobs}
    for entry in by_tasks:
        done = {task: arrays[entry.id, task] for task in _tasks_of(entry, plan)}
        with of_analysis(entry.id):
            found = registry.kind_of(entry).implementation.rows(entry, plan, data, done)
        tables[entry.id] = ard.frame(found)
    return ard.concat(tables[entry.id] for entry in of_stage(plan, RESAMPLE))


def _by_protocol(plan: Plan) -> tuple[list[Entry], list[Entry]]:
    """Entries that resample or refit: those done by tasks, those done by jobs."""
    entries = of_stage(plan, RESAMPLE)
    by_tasks = [entry for entry in entries if registry.kind_of(entry).has_tasks]
    return by_tasks, [entry for entry in entries if entry not in by_tasks]


def _tasks_of(entry: Entry, plan: Plan) -> list[str]:
    return registry.kind_of(entry).implementation.tasks(entry, plan)


def _run(task: str, entry: Entry, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    with of_analysis(entry.id):
        return registry.kind_of(entry).implementation.run(task, entry, plan, data)


def _jobs_of(entry: Entry, plan: Plan, data: TrialData) -> list[Job]:
    with of_analysis(entry.id):
        return registry.kind_of(entry).implementation.jobs(entry, plan, data)
