"""The tables of a trial, from its results (ARD): texts in cells, ready for CSV and HTML.

A table computes no statistic; every number in it is one of the ARD (or, for what was published, of
the comparison files), printed by `numbers`.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from io import StringIO
from itertools import groupby, takewhile
from types import SimpleNamespace

from trialrr.present import flow as flows
from trialrr.present import labels, numbers
from trialrr.present.source import SYNTHETIC_NOTICE, WARNINGS, Results

COMPARISON = (
    "Predicted results were never used to make or tune the synthetic trial; calibrated ones were.",
    "Agreement of a predicted result says that the published inputs and plan lead there; agreement"
    " of a calibrated one was built in.",
)
ESTIMATED = (
    "risk",
    "risk_ratio",
    "risk_difference",
    "nnt",
    "odds_ratio",
    "omnibus_wald",
    "protected_test",
)


@dataclass(frozen=True)
class Cell:
    """A cell of an HTML table: its text, how many rows it spans, whether it heads its rows."""

    text: str
    span: int
    head: bool


@dataclass(frozen=True)
class Table:
    """Texts in rows under columns.

    id : name of the file; columns : headings; rows : tuples as long as columns. The first
    `grouped` columns (0 or 1) become headings across the table in HTML; of the next ones, those in
    `merged` show a value once for consecutive rows that agree in all of them.
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    grouped: int = 0
    merged: tuple[int, ...] = ()
    synthetic: bool = False

    def csv(self) -> str:
        """The table as CSV, with a column `data_origin` that says SYNTHETIC or REAL."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*self.columns, "data_origin"))
        origin = "SYNTHETIC" if self.synthetic else "REAL"
        writer.writerows((*row, origin) for row in self.rows)
        return text.getvalue()

    def groups(self) -> list[tuple[str, list[list[Cell]]]]:
        """Heading and rows of cells of each group, repeated cells merged (for HTML)."""
        made: list[tuple[str, list[list[Cell]]]] = []
        for heading, block in groupby(self.rows, key=lambda row: row[: self.grouped]):
            rows = list(block)
            made.append((heading[0] if heading else "", self._cells(rows)))
        return made

    def _cells(self, rows: list[tuple[str, ...]]) -> list[list[Cell]]:
        lines = []
        for i, row in enumerate(rows):
            line = []
            for j in range(self.grouped, len(row)):
                upto = [c for c in self.merged if c <= j] if j in self.merged else []
                if upto and i and all(rows[i - 1][c] == row[c] for c in upto):
                    continue
                same = (all(later[c] == row[c] for c in upto) for later in rows[i:])
                span = sum(1 for _ in takewhile(bool, same)) if upto else 1
                line.append(Cell(row[j], span, head=j == self.grouped))
            lines.append(line)
        return lines

    @property
    def caption(self) -> str:
        return f"{self.title}. {SYNTHETIC_NOTICE}." if self.synthetic else f"{self.title}."


def make(
    results: Results,
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
) -> list[Table]:
    """Every table that the results allow, in the order of the report."""
    tables = [flow_table(results)] if results.has_flow() else []
    tables += [baseline(results), primary(results), sensitivity(results)]
    if (table := safety(results)).rows:
        tables.append(table)
    if published:
        tables.append(published_table(results, published))
    if calibration:
        tables += [
            calibration_counts(results, calibration),
            calibration_table(results, calibration),
        ]
    return tables


# ---------------------------------------------------------------------------------- the trial


def flow_table(results: Results) -> Table:
    """Steps of the participant flow, overall and by arm. Raises FlowError if they do not add up."""
    flow = flows.read(results)
    rows = []

    def add(group: str, label: str, overall=None, by_arm: dict | None = None) -> None:
        by_arm = by_arm or {}
        cells = [numbers.count(v) if v is not None else "" for v in
                 (overall, *(by_arm.get(arm) for arm in results.arms))]  # fmt: skip
        if any(cells):
            rows.append((group, label, *cells))

    for step in flow.chain:
        if step == "randomized":
            break
        add("Screening", labels.step(step), flow.overall[step])
        for lost in flows.CHAIN[step]:
            add("Screening", f"– {labels.step(lost)}", flow.overall.get(lost))
            if lost != "ineligible":
                continue
            for kind in flows.INELIGIBLE:
                add("Screening", f"– – {labels.step(kind)}", flow.overall.get(kind))
                if kind == "ineligible_other":
                    for reason, n in flow.reasons.items():
                        add("Screening", f"– – – {labels.level(reason)}", n)
    arms = flow.by_arm

    def by_arm(step: str) -> dict:
        return {arm: counts[step] for arm, counts in arms.items() if step in counts}

    for group, steps in (
        ("Allocation", ("randomized",)),
        ("Sessions completed", flows.SESSIONS),
        ("Follow-up", ("any_follow_up",)),
    ):
        for step in steps:
            add(group, labels.step(step), flow.overall.get(step), by_arm(step))
    for month in results.months:
        seen = {arm: flow.completed[arm].get(month) for arm in results.arms}
        add("Follow-up", f"Seen: {results.visit(month)}", None, seen)
    for step in flows.LOST:
        add("Follow-up", labels.step(step), flow.overall.get(step), by_arm(step))
    for step in ("randomized_in_error", "analyzed"):
        add("Analysis", labels.step(step), flow.overall.get(step), by_arm(step))
    notes = ()
    if flow.reasons:
        notes = ("Not everyone excluded by other criteria has a recorded reason, so that the"
                 " reasons may sum to less.",)  # fmt: skip
    columns = ("Part", "Step", "All", *map(results.arm, results.arms))
    return _table(results, "flow", "Participant flow", columns, rows, notes, grouped=1)


def baseline(results: Results) -> Table:
    """Characteristics at baseline by arm and overall, denominators in every cell, no tests."""
    levels = [*results.arms, "all"]
    plan = results.plan.get("baseline_table", ())
    get = partial(results.get, "baseline")
    rows = []

    def counts(label: str, id: str, level: str, group: str = "") -> None:
        cells = [get("events", arm, id, subgroup=f"{id}={level}") for arm in levels]
        if any(cells):
            texts = (numbers.share(c.estimate, c.n) if c else "" for c in cells)
            rows.append((group, label, *texts))

    for entry in plan:
        id, label = entry["id"], entry.get("label") or labels.words(entry["id"])
        kind = entry.get("kind", "")
        if kind in ("levels", "flags"):
            for level in _levels(results, plan, id):
                counts(labels.level(level), id, level, group=f"{label}, n/N (%)")
        elif kind in ("mean", "median"):
            texts = [_spread(results, kind, id, arm) for arm in levels]
            shown = "mean (SD)" if kind == "mean" else "median (quartiles)"
            if any(texts):
                rows.append(("", f"{label}, {shown}; N", *texts))
        else:
            counts(f"{label}, n/N (%)", id, str(entry["level"]))
    return _table(
        results,
        "baseline",
        "Characteristics at baseline",
        ("Group", "Characteristic", *map(results.arm, results.arms), "All"),
        rows,
        ("N counts people with a recorded value.",),
        grouped=1,
    )


def _levels(results: Results, plan: Iterable[dict], id: str) -> list[str]:
    """Levels of `id` in the order of `labels.LEVELS`, else of the ARD, without those that are
    unions of others and without `missing` where nobody is."""
    unions = {str(e["level"]) for e in plan if e["id"] == id and "of" in e}
    found = dict.fromkeys(
        row.subgroup.removeprefix(f"{id}=")
        for row in results
        if row.analysis == "baseline" and row.outcome == id and row.quantity == "events"
    )
    if not any(_missing_people(results, id)):
        found.pop("missing", None)
    order = [*labels.LEVELS]
    rank = {level: order.index(level) if level in order else -1 for level in found}
    return sorted((level for level in found if level not in unions), key=rank.__getitem__)


def _missing_people(results: Results, id: str) -> list[float]:
    rows = (results.get("baseline", "events", level, id, subgroup=f"{id}=missing")
            for level in (*results.arms, "all"))  # fmt: skip
    return [row.estimate for row in rows if row]


def _spread(results: Results, kind: str, id: str, level: str) -> str:
    get = partial(results.get, "baseline", level=level, outcome=id)
    middle, form = get(kind), numbers.mean
    if middle is None:
        return ""
    n = f"; {numbers.count(middle.n)}"
    if kind == "mean":
        sd = get("sd")
        return f"{form(middle.estimate)} ({form(sd.estimate)}){n}"
    low, high = get("q1"), get("q3")
    return f"{form(middle.estimate)} ({form(low.estimate)} to {form(high.estimate)}){n}"


# ---------------------------------------------------------------------------------- estimates


def primary(results: Results) -> Table:
    """The primary analysis of each outcome at each visit: percentages by arm, omnibus test, and
    relative risk, risk difference, number needed and P of each comparison."""
    analysis = results.primary.analysis
    several = len(results.contrasts) > 1
    rows = []
    for outcome in results.outcomes:
        words = results.needed_words(outcome)
        for month in results.months:
            if month_has_none(results, analysis, outcome, month):
                continue
            get = partial(results.get, analysis, outcome=outcome, month=month)
            risks = [estimate(get("risk", arm)) for arm in results.arms]
            omnibus = get("omnibus_wald", "all")
            test = [numbers.p_value(omnibus.p_value) if omnibus else ""] if several else []
            for contrast in results.contrasts:
                rows.append(
                    (
                        results.outcome(outcome),
                        results.visit(month),
                        *risks,
                        *test,
                        results.contrast(contrast, short=True),
                        estimate(get("risk_ratio", contrast)),
                        estimate(get("risk_difference", contrast)),
                        estimate(get("nnt", contrast), words),
                        results.pairwise_p(analysis, outcome, month, contrast),
                    )
                )
    columns = (
        "Outcome",
        "Visit",
        *(f"{results.arm(arm)}, % (95% CI)" for arm in results.arms),
        *(["Omnibus P"] if several else []),
        "Comparison",
        "Relative risk (95% CI)",
        "Risk difference, points (95% CI)",
        "Number needed (95% CI)",
        "P",
    )
    shared = 1 + len(results.arms) + several
    return _table(
        results,
        "primary",
        f"Primary results. {results.analysis(analysis)}",
        columns,
        rows,
        (
            *_arm_note(results),
            _needed_note(results),
            _protection_note(results) if several else "",
        ),
        grouped=1,
        merged=tuple(range(1, 1 + shared)),
    )


def sensitivity(results: Results) -> Table:
    """Relative risks of every analysis of the plan, the primary outcome and visit first."""
    first = results.primary
    outcomes = sorted(results.outcomes, key=lambda o: o != first.outcome)
    months = sorted(results.months, key=lambda m: m != first.month)
    rows = []
    for outcome in outcomes:
        for month in months:
            for analysis in results.analyses_of(outcome, month):
                risks = [results.get(analysis, "risk", arm, outcome, month) for arm in results.arms]
                ratios = [
                    results.get(analysis, "risk_ratio", contrast, outcome, month)
                    for contrast in results.contrasts
                ]
                rows.append(
                    (
                        f"{results.outcome(outcome)}, {results.visit(month)}",
                        results.analysis(analysis),
                        results.status(analysis),
                        *(events(row) for row in risks),
                        *(estimate(row) for row in ratios),
                    )
                )
    columns = (
        "Outcome",
        "Analysis",
        "Status",
        *(f"{arm}, n/N" for arm in results.arms),
        *(f"{results.contrast(c, short=True)}, RR (95% CI)" for c in results.contrasts),
    )
    notes = (*_arm_note(results),
             "n/N: people with the event of people analyzed, imputed outcomes included.",
             *(f"{results.analysis(w.analysis)}{_where(results, w)}: "
                f"{w.method.removeprefix('diagnostic: ')}."
               for w in results.warnings()))  # fmt: skip
    return _table(
        results, "sensitivity", "Relative risk by analysis", columns, rows, notes, grouped=1
    )


def safety(results: Results) -> Table:
    """Counts of safety events by arm, without tests."""
    found = dict.fromkeys(row.outcome for row in results if row.analysis == "safety")
    rows = []
    for outcome in found:
        cells = [results.get("safety", "n", arm, outcome) for arm in results.arms]
        texts = (numbers.count(c.estimate) if c else numbers.MISSING for c in cells)
        rows.append((labels.words(outcome), *texts))
    columns = ("Event", *map(results.arm, results.arms))
    return _table(results, "safety", "Safety", columns, rows, ("Descriptive: not tested.",))


def month_has_none(results: Results, analysis: str, outcome: str, month: str) -> bool:
    """True if `analysis` estimated nothing for this outcome and visit."""
    return not any(results.get(analysis, "risk", arm, outcome, month) for arm in results.arms)


def estimate(row: SimpleNamespace | None, words: tuple[str, str] = numbers.BENEFIT) -> str:
    """The text of an ARD row by its quantity; an absent row is a dash."""
    if row is None:
        return numbers.MISSING
    if row.quantity == "nnt":
        return numbers.nnt(row.estimate, row.lower, row.upper, words)
    return numbers.interval(row.estimate, row.lower, row.upper, form(row.quantity))


def form(quantity: str) -> Callable[[float], str]:
    """How a quantity is printed: percentages one decimal, ratios and coefficients two, …"""
    if quantity in ("risk", "risk_difference"):
        return numbers.percent
    if quantity in ("risk_ratio", "odds_ratio", "coefficient"):
        return numbers.ratio
    if quantity in ("n", "events"):
        return numbers.count
    return numbers.mean


def events(row: SimpleNamespace | None) -> str:
    """Events of n that a risk rests on: 179/542."""
    if row is None or numbers.missing(row.n):
        return numbers.MISSING
    if numbers.missing(row.events):
        return numbers.count(row.n)
    return f"{numbers.count(row.events)}/{numbers.count(row.n)}"


# ---------------------------------------------------------------------------------- comparison


def published_table(results: Results, published: list[SimpleNamespace]) -> Table:
    """Published and reproduced estimates side by side with their difference."""
    rows = [
        (
            f"{labels.ROLES.get(c.role, c.role)}. {results.analysis(c.analysis)}",
            what(results, c),
            labels.quantity(c.quantity),
            group(results, c),
            beside(c, "published"),
            beside(c, "reproduced"),
            difference(c),
            beside_p(c, "published"),
            beside_p(c, "reproduced"),
            c.source,
        )
        for c in by_role(published)
    ]
    return _table(
        results,
        "published_vs_reproduced",
        "Published beside reproduced results",
        (
            *("Role", "Outcome", "Quantity", "Group"),
            *("Published", "Reproduced", "Difference", "Published P", "Reproduced P", "Source"),
        ),
        rows,
        (
            f"Published: {results.plan.get('source', '')}.",
            "Differences are reproduced minus published; of percentages, in percentage points.",
            *COMPARISON,
        ),
        grouped=1,
        merged=(1, 2),
    )


def calibration_counts(results: Results, calibration: list[SimpleNamespace]) -> Table:
    """Of the counts that the synthetic trial must meet exactly, how many it does, by source."""
    tally: dict[tuple[str, str], list[int]] = {}
    for c in calibration:
        if c.role == "exact":
            cell = tally.setdefault((c.analysis, c.source), [0, 0])
            cell[0] += c.equal == "yes"
            cell[1] += 1
    rows = [
        (results.analysis(analysis), source, numbers.count(equal), numbers.count(all_of))
        for (analysis, source), (equal, all_of) in tally.items()
    ]
    return _table(
        results,
        "calibration_counts",
        "Counts that the synthetic trial meets exactly",
        ("Part", "Source", "Equal", "Of"),
        rows,
    )


def calibration_table(results: Results, calibration: list[SimpleNamespace]) -> Table:
    """Targets that the synthetic trial meets approximately, and every exact count that it misses:
    target, got, difference."""
    rows = [
        (
            f"{results.analysis(c.analysis)}: {labels.ROLES.get(c.role, c.role).lower()}",
            what(results, c),
            labels.quantity(c.quantity),
            group(results, c),
            beside(c, "published"),
            beside(c, "reproduced") or numbers.MISSING,
            difference(c),
            c.source,
        )
        for c in calibration
        if c.role == "approximate" or (c.role == "exact" and c.equal == "no")
    ]
    return _table(
        results,
        "calibration",
        "Targets that the synthetic trial meets approximately",
        ("Part", "Of", "Quantity", "Group", "Target", "Got", "Difference", "Source"),
        rows,
        ("A dash under Got says that this run did not compute it.",),
        grouped=1,
        merged=(1, 2),
    )


def diagnostics(results: Results) -> Table:
    """What the primary analysis says about itself: rows of quantities that are not estimates."""
    rows = [
        (
            ", ".join(filter(None, [row.outcome and results.outcome(row.outcome),
                                    row.month and results.visit(row.month)])),
            row.method.partition("diagnostic: ")[2] or labels.words(row.quantity),
            row.level if row.level in results.arms else labels.words(row.level),
            numbers.fixed(row.estimate, 0 if float(row.estimate).is_integer() else 3),
        )
        for row in results
        if row.analysis == results.primary.analysis
        and row.quantity not in (*ESTIMATED, *WARNINGS)
        and not numbers.missing(row.estimate)
    ]  # fmt: skip
    columns = ("Outcome", "Quantity", "Group", "Value")
    return _table(results, "diagnostics", "Diagnostics", columns, rows, grouped=1)


def findings_table(results: Results, findings: Iterable[SimpleNamespace]) -> Table:
    """Oddities in the raw data: rule, file, field, severity, action and how many."""
    rows = [
        (labels.words(f.rule), f.file, f.field, f.severity, f.action, numbers.count(int(f.n)))
        for f in findings
    ]
    columns = ("Rule", "File", "Field", "Severity", "Action", "Rows")
    return _table(results, "findings", "Findings in the raw data", columns, rows)


def what(results: Results, c: SimpleNamespace) -> str:
    """Words for what a comparison row is about: outcome, level and visit."""
    plan, id, level = results.plan, c.outcome, c.subgroup.partition("=")[2]
    parts = []
    if c.analysis == "baseline":
        entries = [e for e in plan.get("baseline_table", ()) if e["id"] == id]
        exact = [e for e in entries if str(e.get("level")) == level]
        entry = (exact or [e for e in entries if "level" not in e] or [{}])[0]
        parts.append(entry.get("label") or labels.words(id))
        parts += [labels.level(level)] if level and not exact else []
    else:
        if c.analysis == "flow":
            parts.append(labels.step(id))
        elif id:
            parts.append(results.outcome(id))
        parts += [labels.level(level)] if level else []
    return ", ".join([*parts, *([results.visit(c.month)] if c.month else [])])


def group(results: Results, c: SimpleNamespace) -> str:
    """Words for the arm, comparison or term of a comparison row."""
    if ":" in c.level and all(part in results.arms for part in c.level.split(":")):
        return results.contrast(c.level, short=True)
    return {"all": "All"}.get(c.level) or (c.level if c.level in results.arms
                                           else labels.words(c.level))  # fmt: skip


def beside(c: SimpleNamespace, side: str) -> str:
    """Published or reproduced value of a comparison row, with its limits if it has them."""
    value, lower, upper = (getattr(c, f"{side}{part}") for part in ("", "_lower", "_upper"))
    if numbers.missing(value):
        return getattr(c, f"{side}_text")
    if c.quantity == "nnt":
        return numbers.nnt(value, lower, upper)
    return numbers.interval(value, lower, upper, form(c.quantity))


def beside_p(c: SimpleNamespace, side: str) -> str:
    """Published P as it was printed, reproduced P with as many decimals; "" where none was."""
    printed, text = c.published_p_value_text, getattr(c, f"{side}_p_value_text")
    if side == "published" or not text:
        return text
    return numbers.p_value(float(text), len(printed.partition(".")[2]))


def difference(c: SimpleNamespace) -> str:
    """Reproduced minus published, signed; "" where there is none."""
    if numbers.missing(c.difference):
        return ""
    text = numbers.mean(c.difference) if c.quantity == "nnt" else form(c.quantity)(c.difference)
    return text if text.startswith("-") or not text.strip("0.") else f"+{text}"


def by_role(rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Estimates that were published, predicted ones first."""
    order = ["predicted", "calibrated"]
    kept = [c for c in rows if c.published_text or c.published_p_value_text]
    return sorted(kept, key=lambda c: order.index(c.role) if c.role in order else len(order))


# ---------------------------------------------------------------------------------- shared


def _table(results: Results, id, title, columns, rows, notes=(), **looks) -> Table:
    return Table(id, title, tuple(columns), tuple(map(tuple, rows)), tuple(filter(None, notes)),
                 synthetic=results.synthetic, **looks)  # fmt: skip


def _where(results: Results, row: SimpleNamespace) -> str:
    parts = [results.outcome(row.outcome)] if row.outcome else []
    parts += [results.visit(row.month)] if row.month else []
    return f" ({', '.join(parts)})" if parts else ""


def _arm_note(results: Results) -> tuple[str, ...]:
    """What the short names of the arms stand for, where they differ from the labels."""
    pairs = [f"{arm}: {results.arm(arm)}" for arm in results.arms
             if results.arm(arm).lower() != arm.lower()]  # fmt: skip
    return ("; ".join(pairs) + ".",) if pairs else ()


def _needed_note(results: Results) -> str:
    benefit = any(results.needed_words(o) == numbers.BENEFIT for o in results.outcomes)
    what = "to treat (NNT) or to harm (NNH)" if benefit else "for one event more or one fewer"
    return (
        f"Number needed {what}: rounded away from zero. Where the interval of the risk difference"
        " covers 0 it runs through infinity (∞)."
    )


def _protection_note(results: Results) -> str:
    alpha = f"{results.alpha:g}".removeprefix("0")
    return (
        "Fisher's protected comparisons: P of a pair is given where the omnibus test at that visit"
        f" has P < {alpha}; elsewhere it was not tested."
    )
