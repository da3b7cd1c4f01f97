"""Specification curve: every combination of choices, sorted by its relative risk, above a board of
the choices that it stands for (Simonsohn, Simmons & Nelson 2020)."""

from dataclasses import dataclass
from math import nan
from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.ard import Subgroup
from trialrr.present.kit import intervals, key, style
from trialrr.present.results import Results
from trialrr.present.shows.missing.grid import side
from trialrr.present.words import labels, numbers
from trialrr.present.words.sentences import joint_test

GAP = 0.42  # inches between two columns
LEAST = 1.5  # inches of a column beside others
THICK = 0.45, 2.05  # of an interval: at most, in points, and as many times its share of the axis
# 1 above, 0 includes, -1 below 1
LOOKS = {1: style.COLORS[1], 0: "#b5b5b5", -1: style.COLORS[0]}
SAME = 9  # decimals; estimates that agree so far stand by name, on any processor
Choices = dict[str, list[str]]  # dimension → its levels


@dataclass(frozen=True)
class Sizes:
    """Of a curve with its words and its board: inches of the curve, from one choice to the next,
    from one line of words to the next; points of letters."""

    curve: float
    choice: float
    line: float
    letters: float


BESIDE = Sizes(2.1, 0.125, style.LINE, style.SIZE - 1)
STACKED = Sizes(0.95, 0.107, 0.12, style.SMALLEST)


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A curve and its board a comparison: side by side, with the names of choices once, or smaller
    and one above the other where they do not fit. Of several such analyses the first that has
    estimates."""
    curves = (
        (entry.id, {c: _specifications(results, entry.id, c) for c in results.contrasts})
        for entry in results.entries("specification_curve")
    )
    analysis, columns = next((a, columns) for a, columns in curves if any(columns.values()))
    with style.house():
        return _draw(results, analysis, {c: rows for c, rows in columns.items() if rows}, width)


def _specifications(results: Results, analysis: str, contrast: str) -> list[SimpleNamespace]:
    """Rows of a contrast that have an estimate, the smallest first."""
    rows = results.rows(analysis, "risk_ratio", level=contrast)
    kept = [r for r in rows if r.subgroup and not numbers.missing(r.estimate)]
    return sorted(kept, key=lambda row: (round(row.estimate, SAME), row.subgroup))


def _draw(results: Results, analysis: str, columns: dict, width: float) -> style.Drawing:
    rows = [row for found in columns.values() for row in found]
    scale = intervals.scale([v for row in rows for v in (row.lower, row.upper)], True)
    choices = _choices(results.rows(analysis, "risk_ratio"))
    room = width - style.EDGE - _left(choices, BESIDE) + GAP
    stacked = room < len(columns) * (LEAST + GAP)
    sizes = STACKED if stacked else BESIDE
    left, across = _left(choices, sizes), 1 if stacked else len(columns)
    room = (width - style.EDGE - left - GAP * (across - 1)) / across
    said = {c: joint_test(results, analysis, c) for c in columns}
    words = {c: _wrapped(said[c], room, sizes) for c in columns}
    if stacked:
        words = {c: _wrapped([" ".join(said[c])], width - 2 * style.EDGE, sizes) for c in columns}
    above = sizes.line * (2.1 + max(map(len, words.values())))
    board = above + sizes.curve + 0.7 * sizes.line
    apart = 1.4 * sizes.line
    each = board + sizes.choice * _rows(choices) + apart
    items, last = _key(results.ci), apart + each * len(columns) / across
    height = last + key.height(items, width, sizes.letters) + 2.4 * sizes.line
    figure, sheet = style.page(height, results.synthetic, width)
    marks = []
    for place, (contrast, found) in enumerate(columns.items()):
        row, column = divmod(place, across)
        top, x = apart + each * row, left + column * (room + GAP)
        start = style.EDGE if stacked else x
        sheet.text(start, top, results.contrast(contrast), weight="bold", va="center")
        for i, text in enumerate(words[contrast]):
            y = top + apart + sizes.line * i
            sheet.text(start, y, text, va="center", size=sizes.letters)
        thick = min(THICK[0], THICK[1] * 72 * room / len(found))
        curve = style.axes(figure, x, top + above, room, sizes.curve)
        _curve(curve, found, scale, thick, sizes, results.ci if column == 0 else "")
        below = style.axes(figure, x, top + board, room, sizes.choice * _rows(choices))
        _board(below, found, choices, thick)
        if column == 0:
            _names(sheet, top + board, choices, sizes)
        for rank, row in enumerate(found):
            marks.append((contrast, rank, row.subgroup, row.estimate, row.lower, row.upper))
    key.draw(sheet, items, last, width, sizes.letters)
    if not stacked:
        sheet.text(style.EDGE, apart, "Specifications", weight="bold", va="center")
    title = f"{results.analysis(analysis)}: relative risk, {results.visit(results.primary.month)}"
    description = _said(results, columns, said, choices)
    return style.Drawing("specification_curve", title, description, figure, tuple(marks))


def _said(results: Results, columns: dict, said: dict[str, list[str]], choices: Choices) -> str:
    texts = [
        f"{results.contrast(c)}, {numbers.count(len(found))} specifications. {' '.join(said[c])}"
        for c, found in columns.items()
    ]
    listed = (
        f"{labels.dimension(k)}: {', '.join(map(labels.words, v))}" for k, v in choices.items()
    )
    return " ".join([*texts, f"Choices. {'; '.join(listed)}."])


def _wrapped(texts: list[str], room: float, sizes: Sizes) -> list[str]:
    return [line for text in texts for line in style.wrap(text, room, sizes.letters)]


def _left(choices: Choices, sizes: Sizes) -> float:
    """Inches left of the curves, for the names of choices."""
    names = (f"  {labels.words(level)}" for levels in choices.values() for level in levels)
    wide = max(style.text_width(name, sizes.letters) for name in names)
    return style.EDGE + max(wide, 0.9) + 0.1


def _rows(choices: Choices) -> int:
    return sum(1 + len(levels) for levels in choices.values())


def _choices(rows: list[SimpleNamespace]) -> Choices:
    """Dimension → its levels, in the order in which the results first name them."""
    choices: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, level in Subgroup.read(row.subgroup).items():
            choices.setdefault(name, {})[level] = None
    return {name: list(levels) for name, levels in choices.items()}


def _curve(axes: Axes, rows: list[SimpleNamespace], scale, thick: float, sizes: Sizes, ci: str):
    limits, ticks = scale
    axes.set_yscale("log")
    axes.set(xlim=(-0.5, len(rows) - 0.5), ylim=limits)
    axes.yaxis.set_minor_locator(intervals.nothing())
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.tick_params(labelsize=sizes.letters + 1)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    if ci:
        label = f"Relative risk ({ci}, log scale)".replace(" ", "\u00a0").replace("\u00a0", " ", 2)
        words = _wrapped([label], sizes.curve, sizes)
        axes.set_ylabel("\n".join(words), labelpad=2, size=sizes.letters)
    axes.axhline(1, color=style.GRAY, linewidth=0.7, zorder=1)
    for which, color in LOOKS.items():
        xs, ys = [], []
        for rank, row in enumerate(rows):
            if side(row) == which and not numbers.missing(row.lower):
                xs += [rank, rank, nan]
                ys += [max(row.lower, limits[0]), min(row.upper, limits[1]), nan]
        axes.plot(xs, ys, color=color, linewidth=thick, solid_capstyle="butt", alpha=0.75, zorder=2)
    estimates = [row.estimate for row in rows]
    axes.plot(range(len(rows)), estimates, color=style.INK, linewidth=1.1, zorder=3)


def _board(axes: Axes, rows: list[SimpleNamespace], choices: Choices, thick: float) -> None:
    """A tick where a specification makes a choice, in the color of its interval."""
    axes.set(xlim=(-0.5, len(rows) - 0.5), ylim=(_rows(choices), 0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    at, line = {}, 0
    for name, levels in choices.items():
        axes.axhline(line + 0.12, color=style.PALE, linewidth=0.5)
        for step, level in enumerate(levels, start=1):
            at[name, level] = line + step
        line += 1 + len(levels)
    for which, color in (LOOKS | {None: style.PALE}).items():
        xs, ys = [], []
        for rank, row in enumerate(rows):
            if side(row) == which:
                for choice in Subgroup.read(row.subgroup).items():
                    xs += [rank, rank, nan]
                    ys += [at[choice] + 0.12, at[choice] + 0.88, nan]
        if xs or which is not None:
            axes.plot(xs, ys, color=color, linewidth=thick, solid_capstyle="butt")


def _names(sheet: Axes, top: float, choices: Choices, sizes: Sizes) -> None:
    y, how = top + sizes.choice / 2, dict(va="center", size=sizes.letters)
    for name, levels in choices.items():
        sheet.text(style.EDGE, y, labels.dimension(name), weight="bold", **how)
        for step, level in enumerate(levels, start=1):
            sheet.text(style.EDGE, y + sizes.choice * step, f"  {labels.words(level)}", **how)
        y += sizes.choice * (1 + len(levels))


def _key(ci: str) -> list[key.Item]:
    words = {1: f"{ci} above 1", 0: f"{ci} includes 1", -1: f"{ci} below 1"}
    items = [
        key.line(text, LOOKS[k], 0.25, linewidth=3, solid_capstyle="butt")
        for k, text in words.items()
    ]
    return [*items, key.line("estimate", style.INK, 0.25, linewidth=1.1)]
