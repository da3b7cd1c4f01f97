"""What presentation reads: the results table (ARD) and the labels of the plan, nothing else."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from trialrr import ard, io, trials
from trialrr.plan import Entry, Outcome, Plan, Primary, parse
from trialrr.plan import read as read_document
from trialrr.present import shows
from trialrr.present.shows.base import FigureShow, Shows, TableShow
from trialrr.present.words import labels, numbers
from trialrr.trials.base import Words

SYNTHETIC_NOTICE = "Synthetic data: simulated people, no patient's data"
SYNTHETIC_SHORT = "Synthetic data"
ABOUT = (
    *("replicates", "draws", "imputations", "trials", "specifications"),
    *("clusters", "real_clusters", "smallest_cell", "max_leverage", "working_correlation"),
    *("robust_to_naive_max", "robust_to_naive_min", "fitted_above_1", "max_fitted", "bandwidth"),
    *("max_weight", "truncated", "unused_columns", "separation_dropped", "worst_best_case"),
    *("weights_only", "not_analyzed", "covariate_filled", "covariate_left_out"),
    *("replicates_failed", "draws_failed", "imputations_failed", "trials_failed"),
    *("specifications_failed", "ridged_scores", "ridged_covariates"),
)
"""Quantities that tell how an analysis was done and not what it found; `method` says what each
counts or measures. All others are what was found, and `labels.QUANTITIES` has words for each."""
TESTS = (
    *("omnibus_wald", "protected_test", "adjusted_test", "rerandomization_test"),
    *("interaction_wald", "interaction_wald_difference"),
)
"""Quantities that are a test without an estimate."""
TOLD_BESIDE = ("icer", "protected_test", "adjusted_test")
"""Quantities whose reason stands in the cell of their table: nothing failed there."""
BY_CLUSTER = "clusters"
"""Analysis of the table of results that counts by what people share, whatever the plan calls it."""
PROTECTED = "protected_lsd"
NOT_TESTED = "not tested"


class PresentError(ValueError):
    """The results do not hold what a table or figure must show; the message names the rows."""


@dataclass(frozen=True)
class Results:
    """The ARD with the plan's words for its ids.

    table : the ARD; plan : the plan, or a slice of it, each text as a line prints it.
    """

    table: pd.DataFrame
    plan: Plan

    @cached_property
    def _rows(self) -> dict[tuple, SimpleNamespace]:
        columns = {name: self.table[name].tolist() for name in self.table}
        for count in ard.COUNTS:
            columns[count] = [None if n is pd.NA else n for n in columns[count]]
        rows = zip(*columns.values(), strict=True)
        made = (dict(zip(columns, row, strict=True)) for row in rows)
        return {tuple(r[k] for k in ard.KEYS): SimpleNamespace(**r) for r in made}

    def rounded(self, digits: int = 10) -> "Results":
        """The same results, numbers with so many significant digits: further ones depend on the
        processor, and would move the last decimals of a drawing."""
        table = self.table.copy()
        for column in ard.NUMBERS:
            text = (np.format_float_scientific(v, digits - 1) for v in table[column])
            table[column] = [float(t) for t in text]
        return replace(self, table=table)

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return iter(self._rows.values())

    def get(self, analysis, quantity, level="", outcome="", month="", subgroup=""):
        """The row with these keys as a namespace of ARD columns, or None. A `level` may be a
        Contrast and a `subgroup` a Subgroup."""
        return self._rows.get((analysis, outcome, month, str(subgroup), quantity, str(level)))

    def need(self, analysis, quantity, level="", outcome="", month="", subgroup=""):
        """`get`, or PresentError naming the row that is missing."""
        found = self.get(analysis, quantity, level, outcome, month, subgroup)
        if found is None:
            keys = dict(analysis=analysis, outcome=outcome, month=month, subgroup=subgroup)
            keys |= dict(quantity=quantity, level=level)
            wanted = ", ".join(f"{k}={v}" for k, v in keys.items() if v)
            raise PresentError(
                f"the results (ARD) have no row {wanted}; run the analysis that"
                " makes it, or take it out of the plan"
            )
        return found

    @cached_property
    def _lists(self) -> dict[tuple, list[SimpleNamespace]]:
        lists: dict[tuple, list[SimpleNamespace]] = {}
        for row in self:
            lists.setdefault((row.analysis, row.quantity), []).append(row)
        return lists

    def rows(self, analysis: str, quantity: str, **keys: str) -> list[SimpleNamespace]:
        """Rows of an analysis and quantity that agree with further `keys`, in the ARD's order."""
        found = self._lists.get((analysis, quantity), ())
        return [r for r in found if all(getattr(r, k) == v for k, v in keys.items())]

    # ------------------------------------------------------------------ the plan's words

    @property
    def synthetic(self) -> bool:
        origin = self.plan.data.origin
        if origin not in ("synthetic", "real"):
            raise PresentError(
                f"plan: data.origin is {origin!r}, expected 'synthetic' or 'real': every table and"
                " figure must say which"
            )
        return origin == "synthetic"

    @cached_property
    def words(self) -> Words:
        """What the trial that the plan's route names calls its ids."""
        return trials.of(self.plan.data).words if self.plan.data.route else Words()

    @cached_property
    def shows(self) -> Shows:
        """What the families and the plan's extensions declare of how their analyses are shown."""
        return shows.of(self.plan)

    def kind(self, name: str) -> str:
        """Words for a kind of analysis."""
        label = next((kind.label for kind in self.shows.kinds if kind.name == name), "")
        return label or labels.words(name)

    def step_label(self, id: str) -> str:
        """Words for a step of the participant flow."""
        return self.words.steps.get(id) or labels.STEPS.get(id) or labels.words(id)

    def level_label(self, id: str) -> str:
        """Words for a level of a categorical variable."""
        return self.words.levels.get(id) or labels.LEVELS.get(id) or labels.words(id)

    @property
    def arms(self) -> list[str]:
        return [arm.id for arm in self.plan.arms]

    @property
    def contrasts(self) -> list[str]:
        """Levels of comparisons, first against second, as "drug:placebo"."""
        return [str(contrast) for contrast in ard.contrasts(self.plan)]

    @property
    def months(self) -> list[str]:
        return [visit.month for visit in self.plan.visits]

    @property
    def outcomes(self) -> list[str]:
        return [outcome.id for outcome in self.plan.outcomes]

    @property
    def headline_outcomes(self) -> list[str]:
        """Outcomes that the primary analysis covers, in the order of the plan."""
        return [id for id in self.outcomes if id in self.primary_entry.outcomes]

    def months_of(self, outcome: str) -> list[str]:
        """Months at which an outcome is measured: its own, else those of the plan."""
        own = self._outcome(outcome).visits or self.plan.visits
        return [visit.month for visit in own]

    @property
    def analyses(self) -> list[str]:
        return [analysis.id for analysis in self.plan.analyses]

    def entries(self, *kinds: str) -> list[Entry]:
        """Entries of the plan of these kinds, in its order."""
        return [entry for entry in self.plan.analyses if entry.kind in kinds]

    def entry(self, analysis: str) -> Entry | None:
        """The plan's entry of an analysis, None of one that it does not write."""
        return next((entry for entry in self.plan.analyses if entry.id == analysis), None)

    def outcome_of(self, entry: Entry) -> str:
        """The outcome by which an entry is shown: the primary one if it is done for it."""
        return self.foremost(entry.outcomes)

    def foremost(self, outcomes: Sequence[str]) -> str:
        """The primary outcome if it is among these, else the first of them."""
        return self.primary.outcome if self.primary.outcome in outcomes else outcomes[0]

    @property
    def against_reference(self) -> list[str]:
        """Contrasts with the reference arm, the reference second."""
        return [str(c) for c in ard.contrasts(self.plan) if c.second == self.plan.reference]

    @property
    def quick(self) -> bool:
        """True if the run did a fraction of the draws that the plan asks for."""
        return self.plan.quick

    @property
    def primary(self) -> Primary:
        """The plan's primary outcome, month and analysis."""
        return self.plan.primary

    @property
    def primary_entry(self) -> Any:
        """The plan's entry of the primary analysis, which is one fit."""
        return self.plan.analysis(self.primary.analysis)

    @property
    def seed(self) -> str:
        return str(self.plan.seed)

    @property
    def alpha(self) -> float:
        return self.plan.models.alpha

    @property
    def _alpha(self) -> Decimal:
        return Decimal(str(self.alpha)).normalize()

    @property
    def level(self) -> str:
        """Confidence level of every interval: "95%"."""
        return f"{(100 * (1 - self._alpha)).normalize():f}%"

    @property
    def ci(self) -> str:
        """What an interval is called: "95% CI"."""
        return f"{self.level} CI"

    @property
    def below(self) -> str:
        """The level of tests as it is printed: ".05"."""
        return f"{self._alpha:f}".removeprefix("0").ljust(3, "0")

    @cached_property
    def inferred(self) -> bool:
        """True if something that the plan's analyses compare has an interval or a test."""
        planned = self.table["analysis"].isin(self.analyses)
        return bool(self.table.loc[planned, ["lower", "p_value"]].notna().any(axis=None))

    @cached_property
    def tested(self) -> bool:
        """True if a comparison of two arms has a P value."""
        pairs = self.table["level"].isin(self.contrasts)
        return bool(self.table.loc[pairs, "p_value"].notna().any())

    def p(self, value) -> str:
        """A P value as text, with decimals that tell on which side of the plan's level it is."""
        return numbers.p_value(value, alpha=self.alpha)

    @property
    def multiplicity(self) -> str:
        """The plan's rule for several comparisons."""
        return self.plan.models.multiplicity

    @property
    def shared(self) -> dict[str, str]:
        """Arm → what its people share, by the plan's word, of the arms whose people share
        something."""
        return {arm.id: arm.clusters for arm in self.plan.arms if arm.clusters != "person"}

    def arm(self, id: str) -> str:
        return self._label("arms", id)

    def outcome(self, id: str) -> str:
        return self._label("outcomes", id)

    def score(self, id: str) -> str:
        """Words for the score of an outcome: its own, else the outcome's."""
        return self._outcome(id).score_label or self.outcome(id)

    def better(self, outcome: str) -> str:
        """Which scores of an outcome are better: "higher", "lower", or "" if nobody said."""
        return self._outcome(outcome).better

    def analysis(self, id: str) -> str:
        if id == BY_CLUSTER:
            return f"Observed, by {' and '.join(dict.fromkeys(self.shared.values()))}"
        return self._label("analyses", id)

    def visit(self, month: str, outcome: str = "") -> str:
        """Words for a visit: those of the outcome's own visits where it has such, else the
        plan's."""
        for visit in self._outcome(outcome).visits:
            if visit.month == month:
                return visit.label or labels.words(month)
        return self._label("visits", month, key="month")

    def covariate(self, id: str) -> str:
        return self._label("covariates", id)

    def of_arm(self, analysis: str, arm: str, outcome: str, month: str) -> SimpleNamespace | None:
        """The row of an arm by itself: its risk, mean change or mean, None without an estimate."""
        for quantity in ("risk", "mean_change", "mean"):
            row = self.get(analysis, quantity, arm, outcome, month)
            if row and not numbers.missing(row.estimate):
                return row
        return None

    def contrast(self, level: str, short: bool = False) -> str:
        """ "Drug vs Placebo" by the labels of the arms, or by their ids."""
        first, second = ard.arms_of(level)
        return f"{first} vs {second}" if short else f"{self.arm(first)} vs {self.arm(second)}"

    def status(self, analysis: str) -> str:
        """Words for the status of an analysis of the plan."""
        entry = self.entry(analysis)
        return labels.STATUSES[entry.status] if entry and entry.status else ""

    def statuses(self, analyses: Iterable[str]) -> str:
        """Analyses by status, in the order given: "Prespecified: a. Post hoc: b; c"."""
        of_status: dict[str, list[str]] = {}
        for analysis in analyses:
            of_status.setdefault(self.status(analysis), []).append(self.analysis(analysis))
        return ". ".join(f"{status}: {'; '.join(names)}" for status, names in of_status.items())

    def needed_words(self, outcome: str) -> tuple[str, str]:
        """Words for the sign of a number needed. An outcome by `threshold` is an improvement: treat
        or harm. Of another event nobody said whether it is good: the words take no side."""
        by_threshold = self._outcome(outcome).threshold is not None
        return numbers.BENEFIT if by_threshold else numbers.NEUTRAL

    def _outcome(self, id: str) -> Outcome:
        return next((o for o in self.plan.outcomes if o.id == id), Outcome())

    def _label(self, section: str, id: str, key: str = "id") -> str:
        found = (one.label for one in getattr(self.plan, section) if getattr(one, key) == id)
        return next(found, "") or self.words.outcomes.get(id) or labels.words(id)

    # ------------------------------------------------------------------ what several readers ask

    def has_flow(self) -> bool:
        """True if the route supplied a participant flow."""
        return self.get("flow", "n", "all", "randomized") is not None

    def analyses_of(self, outcome: str, month: str) -> list[str]:
        """Analyses, in the plan's order, with a relative risk of `outcome` at `month`, or with a
        range of them; but for those with a section of their own."""
        apart = {entry.id for entry in self.entries(*(k.name for k in self.shows.kinds if k.apart))}
        return [
            a
            for a in self.analyses
            if a not in apart and any(self._shown(a, c, outcome, month) for c in self.contrasts)
        ]

    def _shown(self, analysis, contrast, outcome, month) -> SimpleNamespace | None:
        if self.ranging(analysis):
            return self.span(analysis, contrast, outcome, month)
        return self.get(analysis, "risk_ratio", contrast, outcome, month)

    def grouped(self, outcome: str, month: str) -> list[tuple[str, list[str]]]:
        """`analyses_of` under their headings: those without one first, then by heading, in the
        order in which the plan first names it."""
        heads = {a.id: a.group for a in self.plan.analyses}
        groups: dict[str, list[str]] = {"": []}
        for analysis in self.analyses_of(outcome, month):
            groups.setdefault(heads[analysis], []).append(analysis)
        return [(head, members) for head, members in groups.items() if members]

    def span(self, analysis, contrast, outcome, month) -> SimpleNamespace | None:
        """Of an analysis that does the same many times over (`ranging`): the smallest and the
        largest relative risk, and how many fits there are. None for any other."""
        if not self.ranging(analysis):
            return None
        rows = self.rows(analysis, "risk_ratio", level=contrast, outcome=outcome, month=month)
        values = [r.estimate for r in rows if r.subgroup and not numbers.missing(r.estimate)]
        if not values:
            return None
        return SimpleNamespace(smallest=min(values), largest=max(values), fits=len(values))

    def ranging(self, analysis: str) -> bool:
        """True of an analysis whose relative risks are a range: over levels left out, assumptions,
        thresholds or specifications."""
        return analysis in self._ranging

    @cached_property
    def _ranging(self) -> set[str]:
        return {e.id for e in self.entries(*(k.name for k in self.shows.kinds if k.ranging))}

    def pairwise_p(
        self,
        analysis: str,
        outcome: str,
        month: str,
        contrast: str,
        quantity: str = "risk_ratio",
    ) -> str:
        """P of a comparison by the plan's rule of multiplicity. Without a rule, or with one
        comparison, that of `quantity`; by an adjustment that of the row `adjusted_test`; by
        Fisher's protection that of the row `protected_test`, without one that of `quantity` if the
        omnibus test at this month is significant at alpha, else "not tested"."""
        row = self.get(analysis, quantity, contrast, outcome, month)
        if row is None or numbers.missing(row.p_value):
            return numbers.MISSING
        if self.multiplicity == "none" or len(self.contrasts) == 1:
            return self.p(row.p_value)
        if self.multiplicity != PROTECTED:
            adjusted = self.get(analysis, "adjusted_test", contrast, outcome, month)
            return self.p(adjusted.p_value if adjusted else None)
        tested = self.get(analysis, "protected_test", contrast, outcome, month)
        if tested:
            missing = numbers.missing(tested.p_value)
            return NOT_TESTED if missing else self.p(tested.p_value)
        omnibus = self.get(analysis, "omnibus_wald", "all", outcome, month)
        if omnibus is None or not omnibus.p_value < self.alpha:
            return NOT_TESTED
        return self.p(row.p_value)

    def figures(self, published: Sequence | bool = ()) -> list[FigureShow]:
        """The figures that the plan asks for, in the order of the report; that of what is published
        if there is something to compare with, which a slice of the plan does not say."""
        compared = {"published": published}
        return [show for show in self.shows.figures if self._given(show, compared)]

    def tables(self, published: Sequence = (), calibration: Sequence = ()) -> list[TableShow]:
        """The tables that the plan asks for, in the order of the report; those of what is published
        or calibrated if there is something to compare with."""
        compared = {"published": published, "calibration": calibration}
        return [show for show in self.shows.tables if self._given(show, compared)]

    def _given(self, show: FigureShow | TableShow, compared: Mapping) -> bool:
        if show.given in compared:
            return bool(compared[show.given])
        there = show.given != "flow" or self.has_flow()
        return there and shows.asks(self.plan, show)

    def drawn(self, figure: FigureShow) -> bool:
        """True if the results have something to draw: an estimate or a test of its quantity or, in
        a figure of counts, anybody counted."""
        if not figure.quantity:
            return True
        analyses = figure.analyses or [entry.id for entry in self.entries(*figure.kinds)]
        return any(
            (row.n or 0) > 0 if figure.analyses else _told(row)
            for analysis in analyses
            for row in self.rows(analysis, figure.quantity)
            if row.subgroup.startswith(figure.start)
        )

    def failures(self) -> list[SimpleNamespace]:
        """Rows that say what failed, was left out or repaired, and of how much: those without an
        estimate or interval that have a `reason`, and those with a `flag`. A count of none is no
        failure."""
        return [row for row in self if _failed(row)]


def _told(row: SimpleNamespace) -> bool:
    return not (numbers.missing(row.estimate) and numbers.missing(row.p_value))


def _failed(row: SimpleNamespace) -> bool:
    if row.quantity.endswith("_failed") or row.quantity.startswith("ridged_"):
        return row.estimate != 0
    if row.quantity == "risk_ratio" and numbers.missing(row.estimate):
        return True
    return row.quantity not in TOLD_BESIDE and bool(row.reason or row.flag)


def read_results(table: str | Path, plan: str | Path) -> Results:
    """The ARD at path `table` with the slice of the plan in the JSON file `plan`."""
    return Results(ard.read(table), parse(printed(io.read_json(plan))))


_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def printed(node):
    """The document of a plan with each of its texts as a line prints it: without line breaks,
    characters that no format can hold, and spaces at its ends. `data` stays as it is: it holds
    names of columns."""
    if isinstance(node, dict):
        return {k: v if k == "data" else printed(v) for k, v in node.items()}
    if isinstance(node, list):
        return [printed(v) for v in node]
    return " ".join(_UNPRINTED.sub(" ", node).split()) if isinstance(node, str) else node


def read_comparison(path: str | Path | None) -> list[SimpleNamespace]:
    """Rows of published_vs_reproduced.csv or calibration.csv, texts as they stand, numbers as float
    (missing: NaN). No path, no rows."""
    if not path:
        return []
    table = io.read_strings(path)
    figures = [c for c in table if c.startswith(("published", "reproduced")) or c == "difference"]
    table[[f"{c}_text" for c in figures]] = table[figures]
    table[figures] = table[figures].apply(pd.to_numeric, errors="coerce").astype(float)
    return [SimpleNamespace(**r) for r in table.to_dict("records")]


def read_findings(path: str | Path | None) -> list[SimpleNamespace]:
    """Rows of findings_summary.csv: rule, file, field, severity, action, n. No path, no rows."""
    if not path:
        return []
    return [SimpleNamespace(**r) for r in io.read_strings(path).to_dict("records")]


def open_tree() -> tuple[Results, Path]:
    """Results and folder of a finished run, for notebooks.

    The environment names them: TRIALRR_RESULTS, the folder, and TRIALRR_PLAN, a JSON file with the
    slice of the plan, as plan.json of a run is. Without it, the default plan as `make results`
    leaves it, seen from the repository.
    """
    given = os.environ.get("TRIALRR_PLAN")
    document = io.read_json(given) if given else read_document("config/resolve.yaml")
    plan = parse(printed(document))
    folder = Path(os.environ.get("TRIALRR_RESULTS") or f"results/{plan.tree}")
    return Results(ard.read(folder / "ard.csv"), plan), folder
