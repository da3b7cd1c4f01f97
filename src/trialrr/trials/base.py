"""What a trial declares. Generic code asks for nothing else, and never which trial it has."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialrr.plan import Plan
from trialrr.plan.data import Section

if TYPE_CHECKING:  # pandas takes a third of a second, and looking a trial up needs none of it
    import pandas as pd

    from trialrr.data import Schema
    from trialrr.ingest.findings import Findings

NOT_FILES = ("__pycache__",)
REAL, CALIBRATED, PREDICTED, INVENTED = "real", "calibrated", "predicted", "invented"
"""Where the values of an outcome come from: patients; numbers published of it that the simulation
meets; a simulation that is never held against what is published of it; assumptions alone."""


@dataclass(frozen=True, slots=True)
class AnalysisData:
    """participants : one row per randomized person; visits : one row per person and visit, missed
    ones too; tables : further tables by name; schemas : by the name of each table its schema, by
    which it is typed. All sorted by id."""

    participants: "pd.DataFrame"
    visits: "pd.DataFrame"
    tables: "Mapping[str, pd.DataFrame]"
    schemas: "Mapping[str, Schema]"

    @classmethod
    def of(
        cls, made: "Mapping[str, pd.DataFrame]", schemas: "Mapping[str, Schema]"
    ) -> "AnalysisData":
        """Tables by name, among them `participants` and `visits`, typed by their schemas. Raises
        ValueError where a cell is not what its schema says."""
        from trialrr.data import typed

        tables = {name: typed(table, schemas[name], name) for name, table in made.items()}
        return cls(tables.pop("participants"), tables.pop("visits"), tables, schemas)

    def table(self, name: str) -> "pd.DataFrame":
        """A table by its name, be it one of the two or a further one."""
        return getattr(self, name) if name in ("participants", "visits") else self.tables[name]


@dataclass(frozen=True, slots=True)
class Words:
    """What a trial calls the ids that stand in its results.

    levels : level of a column, or reason → words, in the order in which they are shown; steps :
    step of the participant flow → words; outcomes : outcome of a described row → words; chain :
    step before randomization → steps at which people leave after it; parts : step → the steps that
    it is made of; sessions : steps of the sessions completed, most first; safety : kind of safety
    event → (outcome that counts people with any, outcome that counts events).
    """

    levels: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    chain: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"randomized": ()})
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sessions: tuple[str, ...] = ()
    safety: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Twin:
    """A simulated trial in the shape of the real one's raw exports.

    files : names of the files that it writes; simulate : (published numbers as strings, seed) →
    (file name → table, key of the faults planted in them).
    """

    files: tuple[str, ...]
    simulate: "Callable[[pd.DataFrame, int], tuple[dict[str, pd.DataFrame], pd.DataFrame]]"


class Trial(ABC):
    """A trial, as the `TRIAL` of its folder. Modules that need pandas are imported by the methods
    that read data, not by the folder's `__init__.py`."""

    name: str
    """The route by which a plan names it, which is the name of its folder."""
    section: type[Section] | None = None
    """Class of the section `data` of a plan on its route; None: it has the keys that all have."""
    sources: tuple[str, ...] = ()
    """What an outcome of the plan may name as its `source`; (): the plan's mapping says it."""
    columns: Mapping[str, dict] | None = None
    """Column of participants → its `type`, as in a mapping; None: the plan's mapping has them."""
    tables: tuple[str, ...] = ()
    """Names of the further tables that `derive` gives."""
    described: tuple[str, ...] = ()
    """Analyses beside the flow of which `flow` has rows, such as `safety`."""
    words: Words = Words()

    @property
    def folder(self) -> Path:
        """Where the trial is declared."""
        return Path(sys.modules[type(self).__module__].__file__).resolve().parent

    @property
    def files(self) -> list[Path]:
        """Every file of its folder: its code, and what the code reads, such as a dictionary."""
        found = (f for f in sorted(self.folder.rglob("*")) if f.is_file())
        return [f for f in found if not set(f.relative_to(self.folder).parts) & {*NOT_FILES}]

    @abstractmethod
    def raw_files(self, data: Section) -> list[Path]:
        """The files that `read` would look for by the section `data` of a plan; some may be
        absent. The workflow watches what they hold."""

    @abstractmethod
    def read(self, plan: Plan, directory: str | Path | None, findings: "Findings") -> Any:
        """Raw tables, as `check`, `derive` and `flow` take them; every oddity is a finding.
        directory : where the files are."""

    @abstractmethod
    def check(self, raw: Any, plan: Plan, findings: "Findings") -> None:
        """Hold the raw tables against each other and against the plan; every fault is a finding."""

    @abstractmethod
    def derive(self, raw: Any, plan: Plan, findings: "Findings") -> AnalysisData:
        """Analysis data of raw tables without an error. Raises DataError."""

    def flow(self, raw: Any, data: AnalysisData, plan: Plan) -> list[dict]:
        """ARD rows of the participant flow, and of what else is counted from the raw tables: here
        of the people randomized and analyzed. Raises DataError if the flow does not add up."""
        from trialrr.trials.flow import randomized_rows

        return randomized_rows(data.participants, [arm.id for arm in plan.arms])

    def provenance(self, plan: Plan) -> dict[str, str]:
        """Outcome of the plan → real, calibrated, predicted or invented. Synthetic data of which a
        trial says no more are invented."""
        made = REAL if plan.data.origin == "real" else INVENTED
        return {outcome.id: made for outcome in plan.outcomes}

    def twin(self) -> Twin | None:
        """The simulated trial that stands in where the plan names no directory of real exports."""
        return None
