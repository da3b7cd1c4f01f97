"""Love plot: how people seen differ from everybody, before and after weighting."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialrr.ard import Subgroup
from trialrr.present.kit import intervals, style
from trialrr.present.results import Results
from trialrr.present.words import labels, numbers
from trialrr.present.words.sentences import one

GAP = 0.16  # inches between two panels
LEAST = 0.6  # inches of a panel
USUAL = 0.1  # a standardized difference below it passes for balance (Austin 2009)
LONGEST = 1.9  # inches that the name of a covariate may take
ROW, STEP = 0.023, 0.0185  # from a covariate, and a line above, to the next: inches a point of text
HEAD, UNDER = 0.36, 0.46  # inches of the name of an analysis, and from rows to the next words
SIZE = style.SMALL
NOTE = (
    "Standardized difference of people seen from everybody. Open: unweighted. Filled: weighted."
    f" Band: within {USUAL:g}."
)

# {covariate: {weights: standardized difference}}
Columns = dict[str, dict[str, float]]


@dataclass(frozen=True)
class StandardizedDifferences:
    """Differences of an analysis, by arm, "" for everybody."""

    analysis: str
    outcome: str
    arms: dict[str, Columns]

    @property
    def farthest(self) -> float:
        return max(
            abs(value)
            for columns in self.arms.values()
            for at in columns.values()
            for value in at.values()
        )


@dataclass(frozen=True)
class PanelRow:
    """Panels that stand side by side. heads : arm → (text, weight) of the lines above its panel."""

    balance: StandardizedDifferences
    heads: dict[str, list[tuple[str, str]]]

    @property
    def order(self) -> list[str]:
        """The covariates that any of its arms has."""
        return list(dict.fromkeys(c for arm in self.heads for c in self.balance.arms[arm]))

    def above(self, size: float) -> float:
        """Inches that its heads take."""
        return STEP * size * max(map(len, self.heads.values()))

    def height(self, size: float) -> float:
        return self.above(size) + ROW * size * len(self.order) + UNDER


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """Panels of an analysis: everybody, then each arm, as many side by side as fit; a row a
    covariate, open before and filled after weighting, a line between them."""
    found = []
    for entry in results.entries("balance"):
        outcome = results.outcome_of(entry)
        rows = results.rows(entry.id, "standardized_difference", outcome=outcome)
        arms = {arm: _columns(rows, arm) for arm in ("", *results.arms)}
        if arms := {arm: columns for arm, columns in arms.items() if columns}:
            found.append(StandardizedDifferences(entry.id, outcome, arms))
    with style.house():
        return _draw(results, found, width)


def _columns(rows: list[SimpleNamespace], arm: str) -> Columns:
    """Differences among everybody, or in an arm."""
    columns: Columns = {}
    for row in rows:
        at = Subgroup.read(row.subgroup)
        if at.get("arm", "") == arm and not numbers.missing(row.estimate):
            columns.setdefault(row.level, {})[at["weights"]] = row.estimate
    return columns


def _draw(results: Results, found: list[StandardizedDifferences], width: float) -> style.Drawing:
    size = SIZE if width == style.PAGE else style.SMALLEST
    every = {c: _name(results, c) for b in found for columns in b.arms.values() for c in columns}
    names = {c: _cut(name, min(LONGEST, 0.48 * width), size) for c, name in every.items()}
    start = style.EDGE + max(style.text_width(text, size) for text in names.values()) + 0.12
    across = int((width - style.EDGE - start + GAP) / (LEAST + GAP))
    across = max(1, min(across, max(len(balance.arms) for balance in found)))
    room = (width - style.EDGE - start - GAP * (across - 1)) / across
    lines = [line for balance in found for line in _lines(results, balance, across, room, size)]
    tall = HEAD * len(found) + sum(line.height(size) for line in lines)
    height = tall + style.notes_height(NOTE, width) + 0.2
    figure, sheet = style.page(height, results.synthetic, width)
    end = max(1.2 * USUAL, *(1.1 * balance.farthest for balance in found))
    top, marks, said, known = 0.0, [], [], ""
    for line in lines:
        if line.balance.analysis != known:
            known = line.balance.analysis
            sheet.text(style.EDGE, top + 0.17, results.analysis(known), weight="bold", va="center")
            top += HEAD
        for place, (arm, head) in enumerate(line.heads.items()):
            x = start + place * (room + GAP)
            for i, (text, weight) in enumerate(head):
                sheet.text(x, top + STEP * size * i, text, size=size, weight=weight, va="center")
            layout = intervals.Layout((style.EDGE,), (x, x + room), (), "l", ROW * size, size)
            y = top + line.above(size) - ROW * size
            _panel(figure, sheet, y, line, arm, names if place == 0 else {}, layout, end)
            columns = line.balance.arms[arm]
            for column, at in columns.items():
                marks += [(known, arm, column, weights, value) for weights, value in at.items()]
            said.append(
                f"{results.analysis(known)}, {_who(results, arm)}: {_said(every, columns)}."
            )
        top += line.height(size)
    style.notes(sheet, top, NOTE, width)
    title = "Balance of people seen against everybody, before and after weighting"
    return style.Drawing("balance", title, " ".join(said), figure, tuple(marks))


def _lines(
    results: Results, balance: StandardizedDifferences, across: int, room: float, size: float
) -> Iterable[PanelRow]:
    arms = [*balance.arms]
    for i in range(0, len(arms), across):
        heads = {a: _head(results, balance, a, room, size) for a in arms[i : i + across]}
        yield PanelRow(balance, heads)


def _who(results: Results, arm: str) -> str:
    return results.arm(arm) if arm else "Everybody"


def _head(results: Results, balance: StandardizedDifferences, arm: str, room: float, size: float):
    """(text, weight) of the lines above a panel: whose it is, and how many they weigh as."""
    lines = [(t, "bold") for t in style.wrap(_who(results, arm), room + GAP / 2, size, "bold")]
    keys = dict(outcome=balance.outcome, level=arm or "all")
    if effective := one(results, balance.analysis, "effective_n", **keys):
        lines.append((f"effective n {numbers.fixed(effective.estimate, 0)}", "normal"))
    return lines


def _panel(
    figure: Figure,
    sheet: Axes,
    top: float,
    line: PanelRow,
    arm: str,
    names: dict[str, str],
    layout: intervals.Layout,
    end: float,
) -> None:
    columns = line.balance.arms[arm]
    rows = [
        intervals.Row((names.get(column, ""),), (), _marks(columns.get(column, {})))
        for column in line.order
    ]
    step = USUAL * ceil(end / (3 * USUAL))
    ticks = [step * k for k in range(-3, 4) if step * abs(k) <= end]
    band = intervals.Mark(0.0, -USUAL, USUAL, style.GRAY)
    how = dict(log=False, reference=0.0, band=band)
    intervals.draw(figure, sheet, top, rows, layout, ((), ()), (-end, end), ticks, "", **how)


def _marks(at: dict[str, float]) -> tuple[intervals.Mark, ...]:
    """An open mark before and a filled one after weighting, and the line between them."""
    ends = min(at.values(), default=0.0), max(at.values(), default=0.0)
    return tuple(
        intervals.Mark(value, *ends, style.INK, "o", weights != "none")
        for weights, value in at.items()
    )


def _said(names: dict[str, str], columns: Columns) -> str:
    return "; ".join(
        f"{names[column]} "
        + ", ".join(
            f"{numbers.minus(numbers.ratio(v))} {'unweighted' if w == 'none' else 'weighted'}"
            for w, v in at.items()
        )
        for column, at in columns.items()
    )


def _name(results: Results, column: str) -> str:
    """Words for a column of the design: the covariate's label and its level."""
    id, _, level = column.partition("=")
    known = {c.id: c.label for c in results.plan.covariates}
    name = known.get(id) or (results.arm(id) if id in results.arms else labels.words(id))
    return f"{name}: {results.level_label(level)}" if level else name


def _cut(name: str, longest: float, size: float) -> str:
    """A name, cut after a word if it is longer."""
    first, *more = style.wrap(name, longest, size)
    return f"{first} …" if more else first
