"""What a kind of analysis declares of itself.

A declaration is data: it stands in the `__init__` of its family and imports no statistics, so that
the plan's check and the workflow may read all of them in a moment. It names the module that does
the work, which is imported when it is first asked for.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from trialrr.analyses.procedure.engines import Engine
from trialrr.plan.kinds import Entry
from trialrr.plan.mentions import COMPLETE_CASE, INDICATOR, MEAN, STOP

if TYPE_CHECKING:
    import numpy as np

    from trialrr.analyses.procedure.data import TrialData
    from trialrr.plan import Plan

    Arrays = dict[str, np.ndarray]

Job = Callable[[], list[dict]]
"""A piece of work that needs nothing more: rows of the ARD, made when it is called."""

BINARY, SCORE, BY_MODEL = "binary", "score", "by_model"
"""Form of its outcomes that a kind analyzes; BY_MODEL: the score if its `model` is linear."""
ALL_MODES = (MEAN, INDICATOR, COMPLETE_CASE, STOP)
"""Everything that `missing_covariates` may say."""
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
class Needs:
    """What a kind asks of a plan and its data.

    form : of its outcomes, "" if it asks for none; score : whether a responder must have the score
    behind it; of : kind of the entry that its `of` names, "" if it has none; engine : what that
    entry must keep to, None if it may be any; missing_covariates : the modes that it follows;
    randomization : whether it repeats that of the plan; independent : where people are taken as
    independent, what to do instead if whole clusters were randomized, "" if clusters are respected;
    took : what must hold of the people where it names a `column` of treatment received and who
    `took` it, as `needs` of `plan.mentions.Mention`: of the column, then of those who took it.
    """

    form: str = BINARY
    score: bool = False
    of: str = ""
    engine: Engine | None = None
    missing_covariates: tuple[str, ...] = (MEAN, STOP)
    randomization: bool = False
    independent: str = ""
    took: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of analysis.

    name : what an entry of the plan says as its `kind`; entry : class of such an entry; module :
    dotted name of the module that does the work, a `DoneByTasks` if it has `tasks`, else a
    `DoneByJobs`; stage : of the workflow; streams : what its streams of random numbers are for, the
    part of their names that is the same for all entries, () if it draws none; needs : of plan and
    data.

    How a kind is shown (section, table, figure, sentences) is declared in `present` by its name
    until its show is a module of its own, which is then named here.
    """

    name: str
    entry: type[Entry]
    module: str
    stage: str = RESAMPLE
    streams: tuple[str, ...] = ()
    needs: Needs = field(default_factory=Needs)

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
