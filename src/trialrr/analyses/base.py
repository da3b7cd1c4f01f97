"""What a kind of analysis declares of itself.

A declaration is data: it stands in the `__init__` of its family, or of a folder elsewhere, and
imports no statistics, so that the plan's check and the workflow may read all of them in a moment.
It names the module that does the work, which is imported when it is first asked for.
"""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from trialrr.plan.entry import Entry
from trialrr.plan.needs import Needs

if TYPE_CHECKING:
    import numpy as np

    from trialrr.analyses.procedure.data import TrialData
    from trialrr.plan import Plan

    Arrays = dict[str, np.ndarray]

Job = Callable[[], list[dict]]
"""A piece of work that needs nothing more: rows of the ARD, made when it is called."""

ESTIMATE, RESAMPLE = "estimate", "resample"
"""Stages of the workflow: entries one after the other in one process, or shared among several."""


class DoneByJobs(Protocol):
    """A module that fits, or describes, and has rows at once. How jobs are shared among processes
    changes neither a row nor its place: rows stand in the order of the jobs."""

    def jobs(self, entry: Entry, plan: "Plan", data: "TrialData") -> list[Job]:
        """The entry's work, cut where it may be shared. Listing it is cheap."""


class DoneByTasks(Protocol):
    """A module that computes many numbers, most of them from random ones, of which `rows` makes
    few. A task opens its own streams, named by itself, and its arrays have the same shape wherever
    it runs, so how tasks are shared changes no result."""

    def tasks(self, entry: Entry, plan: "Plan") -> list[str]:
        """Names of the pieces of work."""

    def run(self, task: str, entry: Entry, plan: "Plan", data: "TrialData") -> "Arrays":
        """What one piece computes: arrays by name."""

    def rows(
        self, entry: Entry, plan: "Plan", data: "TrialData", done: "dict[str, Arrays]"
    ) -> list[dict]:
        """Rows of the ARD; done : task → what `run` returned."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of analysis.

    entry : class of its entries in a plan, which has its name, keys, needs and faults; work : the
    module that does the work, a `DoneByTasks` if it has `tasks`, else a `DoneByJobs`: a dotted
    name, with a dot first from the package of the entry; stage : of the workflow; streams : what
    its streams of random numbers are for, the part of their names that is the same for all entries,
    () if it draws none.

    How a kind is shown (table, figure, part of the report, sentences) is declared by its name as
    `present.shows.base.Shows`: in a family of shows here, or beside `KINDS` in a folder elsewhere.
    """

    entry: type[Entry]
    work: str
    stage: str = RESAMPLE
    streams: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What an entry of a plan says as its `kind`."""
        return self.entry.kind_declared()

    @property
    def needs(self) -> Needs:
        """What it asks of a plan and its data."""
        return self.entry.needs

    @property
    def module(self) -> str:
        """Dotted name of the module that does the work."""
        package = sys.modules[self.entry.__module__].__package__
        return f"{package}{self.work}" if self.work.startswith(".") else self.work

    @property
    def has_tasks(self) -> bool:
        """Whether it is a `DoneByTasks`."""
        return hasattr(importlib.import_module(self.module), "tasks")

    @property
    def implementation(self) -> ModuleType:
        """The module that does the work. Raises ImportError, AttributeError if it is none."""
        found = importlib.import_module(self.module)
        wanted = ("tasks", "run", "rows") if self.has_tasks else ("jobs",)
        lacking = [name for name in wanted if not hasattr(found, name)]
        if lacking:
            raise AttributeError(
                f"kind {self.name}: {self.module} has no {', '.join(lacking)}; expected a function "
                "`jobs`, or `tasks`, `run` and `rows`"
            )
        return found
