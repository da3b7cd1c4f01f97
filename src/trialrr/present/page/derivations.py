"""How the numbers of a figure or table were computed, told from the plan and the ARD alone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from trialrr import ard, plan
from trialrr.analyses import registry
from trialrr.plan import Entry
from trialrr.present.results import ABOUT, Results
from trialrr.present.shows.base import FigureShow, TableShow, found
from trialrr.present.words import labels, numbers

NUMBERS = ("replicates", "draws", "imputations", "trials")
"""Quantities that say how many were drawn."""

FINDINGS = (
    "Rows of findings_summary.csv: what the cleaning of the raw exports found, counted by rule,"
    " file, field and action."
)
"""Where the words of the table `findings` come from, which the page adds by itself."""


@dataclass(frozen=True)
class Derivation:
    """How one analysis was done.

    methods : quantities and the text of the column `method`; counts : what and how many; random :
    where its random numbers come from; entry : the analysis in the plan, a line a key (YAML), or ""
    where the plan has none.
    """

    id: str
    label: str
    status: str
    estimand: str
    methods: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, str], ...]
    random: str
    entry: str


class Derivations:
    """What each figure and table rests on. compared : file (published, calibration) → its rows."""

    def __init__(self, results: Results, **compared: Iterable[SimpleNamespace]):
        self.results = results
        self.compared = compared

    def analyses(self, id: str) -> list[str]:
        """Analyses of the ARD that the figure or table `id` rests on, in the order of the plan."""
        results = self.results
        if id == "diagnostics":
            return [results.primary.analysis]
        if id == "failures":
            return list(dict.fromkeys(row.analysis for row in results.failures()))
        for show in (*results.shows.figures, *results.shows.tables):
            if show.id == id:
                return self._shown(show)
        return []

    def _shown(self, show: FigureShow | TableShow) -> list[str]:
        if show.given == "published":
            return self._compared("published")
        if show.given == "calibration":
            return self._compared("calibration", exact=show.id == "calibration_counts")
        if show.rests:
            return found(show.rests)(self.results)
        if show.analyses:
            return [analysis for analysis in show.analyses if analysis in self._rows]
        return [entry.id for entry in self.results.entries(*show.kinds)]

    def written(self, id: str) -> str:
        """Where the words of a table without numbers of the ARD come from, "" of any other."""
        texts = {show.id: show.written for show in self.results.shows.tables}
        return FINDINGS if id == "findings" else texts.get(id, "")

    def of(self, analysis: str) -> Derivation:
        """How an analysis of the ARD was done."""
        results, rows = self.results, self._rows.get(analysis, [])
        entry = results.entry(analysis)
        of_plan = {e.id: e.label for e in results.plan.estimands}
        named = entry.estimand if entry else ""
        return Derivation(
            analysis,
            results.analysis(analysis),
            results.status(analysis),
            of_plan.get(named) or labels.words(named),
            tuple(_methods(rows)),
            tuple(self._counts(entry, rows)),
            self._random(entry),
            written(entry) if entry else "",
        )

    def _compared(self, file: str, exact: bool | None = None) -> list[str]:
        rows = self.compared.get(file, ())
        kept = (r for r in rows if exact is None or (r.role == "exact") == exact)
        return [a for a in dict.fromkeys(row.analysis for row in kept) if a in self._rows]

    @cached_property
    def _rows(self) -> dict[str, list[SimpleNamespace]]:
        of_analysis: dict[str, list[SimpleNamespace]] = {}
        for row in self.results:
            of_analysis.setdefault(row.analysis, []).append(row)
        return of_analysis

    def _counts(
        self, entry: Entry | None, rows: list[SimpleNamespace]
    ) -> Iterable[tuple[str, str]]:
        """People analyzed by arm where that stands in the rows, and how many were drawn."""
        results = self.results
        if entry and entry.outcomes:
            outcome = results.outcome_of(entry)
            months = results.months_of(outcome)
            month = results.primary.month if results.primary.month in months else months[0]
            for quantity in ("risk", "mean_change", "mean"):
                at = [results.get(entry.id, quantity, a, outcome, month) for a in results.arms]
                if all(row and not numbers.missing(row.n) for row in at):
                    name = results.outcome if quantity == "risk" else results.score
                    where = f"{name(outcome)}, {results.visit(month, outcome)}"
                    n = "; ".join(f"{row.level} {numbers.count(row.n)}" for row in at)
                    yield f"n analyzed ({where})", n
                    break
        for quantity in NUMBERS:
            told = dict.fromkeys(r.estimate for r in rows if r.quantity == quantity)
            if told:
                yield labels.words(quantity), "; ".join(map(numbers.count, told))

    def _random(self, entry: Entry | None) -> str:
        if entry is None:
            return ""
        if not registry.kind_of(entry).streams:
            return "None drawn."
        return (
            f"Root seed {self.results.seed}; streams named by the analysis and each piece of its"
            " work, so no other analysis moves them."
        )


def _methods(rows: list[SimpleNamespace]) -> list[tuple[str, str]]:
    """Quantities and method; quantities of the same method in one line, the first of several
    methods of a quantity for all of them."""
    of: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.quantity not in ABOUT and row.quantity != ard.ABSENT:
            of.setdefault(row.quantity, {})[row.method] = None
    lines: dict[str, list[str]] = {}
    for quantity, methods in of.items():
        more = f" (the first of {len(methods)} such texts)" if len(methods) > 1 else ""
        lines.setdefault(next(iter(methods)) + more, []).append(labels.quantity(quantity))
    return [("; ".join(dict.fromkeys(of)), method) for method, of in lines.items()]


def written(entry: Entry) -> str:
    """An entry of the plan as YAML, a line a key."""
    keys = plan.written(entry)
    first = [key for key in ("id", "kind", "label") if key in keys]
    ordered = [*first, *(key for key in keys if key not in first)]
    return "\n".join(f"{key}: {json.dumps(keys[key], ensure_ascii=False)}" for key in ordered)
