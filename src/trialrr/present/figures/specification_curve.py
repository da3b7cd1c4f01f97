"""Specification curve: every combination of choices, sorted by its relative risk, above a board of
the choices that it stands for (Simonsohn, Simmons & Nelson 2020)."""

from math import nan
from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.present import labels, numbers
from trialrr.present.figures import intervals, style
from trialrr.present.figures.surface import side
from trialrr.present.sentences import joint_test
from trialrr.present.source import Results, parts

EDGE, GAP = 0.12, 0.42  # inches
HEIGHT, LINE = 2.1, 0.125  # of the curve, and from one choice to the next, in inches
SMALL = style.SIZE - 1
# 1 above, 0 includes, -1 below 1: color, and width of intervals in points
LOOKS = {1: (style.COLORS[1], 0.45), 0: ("#b5b5b5", 0.45), -1: (style.COLORS[0], 0.45)}


SAME = 9  # decimals; estimates that agree so far stand by name, on any processor


def draw(results: Results) -> style.Drawing:
    """A column of curve and board a comparison. Of several such analyses the first that has
    estimates."""
    curves = (
        (entry["id"], {c: _specifications(results, entry["id"], c) for c in results.contrasts})
        for entry in results.entries("specification_curve")
    )
    analysis, columns = next((a, columns) for a, columns in curves if any(columns.values()))
    with style.house():
        return _draw(results, analysis, {c: rows for c, rows in columns.items() if rows})


def _specifications(results: Results, analysis: str, contrast: str) -> list[SimpleNamespace]:
    """Rows of a contrast that have an estimate, the smallest first."""
    rows = results.rows(analysis, "risk_ratio", level=contrast)
    kept = [r for r in rows if r.subgroup and not numbers.missing(r.estimate)]
    return sorted(kept, key=lambda row: (round(row.estimate, SAME), row.subgroup))


def _draw(results: Results, analysis: str, columns: dict) -> style.Drawing:
    rows = [row for found in columns.values() for row in found]
    choices = _choices(results.rows(analysis, "risk_ratio"))
    names = [labels.words(level) for levels in choices.values() for level in levels]
    wide = max(style.text_width(f"  {name}", SMALL) for name in names)
    left = EDGE + max(wide, 0.9) + 0.1
    width = (style.PAGE - EDGE - left - GAP * (len(columns) - 1)) / len(columns)
    board = LINE * sum(1 + len(levels) for levels in choices.values())
    words = {c: joint_test(results, analysis, c) for c in columns}
    lines = {c: [t for text in words[c] for t in style.wrap(text, width, SMALL)] for c in columns}
    top = 0.5 + style.LINE * max(map(len, lines.values()))
    figure, sheet = style.page(top + HEIGHT + board + 0.62, results.synthetic)
    limits, ticks = intervals.scale([v for row in rows for v in (row.lower, row.upper)], True)
    marks, said = [], []
    for place, (contrast, found) in enumerate(columns.items()):
        x = left + place * (width + GAP)
        sheet.text(x, 0.2, results.contrast(contrast), weight="bold", va="center")
        for i, line in enumerate(lines[contrast]):
            sheet.text(x, 0.4 + style.LINE * i, line, va="center", size=SMALL)
        curve = style.axes(figure, x, top, width, HEIGHT)
        _curve(curve, found, limits, ticks, first=place == 0)
        below = style.axes(figure, x, top + HEIGHT + 0.1, width, board)
        _board(below, found, choices)
        for rank, row in enumerate(found):
            marks.append((contrast, rank, row.subgroup, row.estimate, row.lower, row.upper))
        count = numbers.count(len(found))
        said.append(
            f"{results.contrast(contrast)}, {count} specifications. {' '.join(words[contrast])}"
        )
    _names(sheet, top + HEIGHT + 0.1, choices)
    _key(sheet, top + HEIGHT + board + 0.25)
    sheet.text(EDGE, 0.2, "Specifications", weight="bold", va="center")
    listed = (
        f"{labels.dimension(k)}: {', '.join(map(labels.words, v))}" for k, v in choices.items()
    )
    said.append(f"Choices. {'; '.join(listed)}.")
    title = f"{results.analysis(analysis)}: relative risk, {results.visit(results.primary.month)}"
    return style.Drawing("specification_curve", title, " ".join(said), figure, tuple(marks))


def _choices(rows: list[SimpleNamespace]) -> dict[str, list[str]]:
    """Dimension → its levels, in the order in which the results first name them."""
    choices: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, level in parts(row.subgroup).items():
            choices.setdefault(name, {})[level] = None
    return {name: list(levels) for name, levels in choices.items()}


def _curve(axes: Axes, rows: list[SimpleNamespace], limits, ticks, first: bool) -> None:
    axes.set_yscale("log")
    axes.set(xlim=(-0.5, len(rows) - 0.5), ylim=limits)
    axes.yaxis.set_minor_locator(intervals.nothing())
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    if first:
        axes.set_ylabel("Relative risk (95% CI, log scale)", labelpad=2, size=SMALL)
    axes.axhline(1, color=style.GRAY, linewidth=0.7, zorder=1)
    for which, (color, width) in LOOKS.items():
        xs, ys = [], []
        for rank, row in enumerate(rows):
            if side(row) == which and not numbers.missing(row.lower):
                xs += [rank, rank, nan]
                ys += [max(row.lower, limits[0]), min(row.upper, limits[1]), nan]
        axes.plot(xs, ys, color=color, linewidth=width, solid_capstyle="butt", alpha=0.75, zorder=2)
    estimates = [row.estimate for row in rows]
    axes.plot(range(len(rows)), estimates, color=style.INK, linewidth=1.1, zorder=3)


def _board(axes: Axes, rows: list[SimpleNamespace], choices: dict[str, list[str]]) -> None:
    """A tick where a specification makes a choice, in the color of its interval."""
    height = sum(1 + len(levels) for levels in choices.values())
    axes.set(xlim=(-0.5, len(rows) - 0.5), ylim=(height, 0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    at, line = {}, 0
    for name, levels in choices.items():
        axes.axhline(line + 0.12, color=style.PALE, linewidth=0.5)
        for step, level in enumerate(levels, start=1):
            at[name, level] = line + step
        line += 1 + len(levels)
    for which, (color, width) in LOOKS.items():
        xs, ys = [], []
        for rank, row in enumerate(rows):
            if side(row) == which:
                for choice in parts(row.subgroup).items():
                    xs += [rank, rank, nan]
                    ys += [at[choice] + 0.12, at[choice] + 0.88, nan]
        axes.plot(xs, ys, color=color, linewidth=width, solid_capstyle="butt")


def _names(sheet: Axes, top: float, choices: dict[str, list[str]]) -> None:
    y = top + LINE / 2
    for name, levels in choices.items():
        sheet.text(EDGE, y, labels.dimension(name), weight="bold", va="center", size=SMALL)
        for step, level in enumerate(levels, start=1):
            text = f"  {labels.words(level)}"
            sheet.text(EDGE, y + LINE * step, text, va="center", size=SMALL)
        y += LINE * (1 + len(levels))


def _key(sheet: Axes, y: float) -> None:
    x = EDGE
    for which, text in (
        (1, "95% CI above 1"),
        (0, "95% CI includes 1"),
        (-1, "95% CI below 1"),
        (None, "estimate"),
    ):
        color = style.INK if which is None else LOOKS[which][0]
        sheet.plot([x, x + 0.25], [y, y], color=color, linewidth=1.1 if which is None else 3)
        sheet.text(x + 0.31, y, text, va="center", size=SMALL)
        x += 0.31 + style.text_width(text, SMALL) + 0.25
