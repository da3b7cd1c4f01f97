"""Where the conclusion tips: relative risks over what is assumed of the unseen, arm by arm.

Each cell prints its relative risk. An interval above 1 is blue, one below 1 orange and lined,
darker the farther the estimate lies from 1; one that includes 1 is white and hatched. A heavy line
runs between cells that include 1 and cells that do not. Two triangles are another analysis: below
and left of the grid, at the values that give each arm the risk of that analysis, pointing away from
the grid where a value lies beyond it.
"""

from dataclasses import dataclass
from itertools import groupby
from math import log
from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from trialrr.ard import arms_of
from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.shows.missing.grid import (
    INFORMATIVE_ODDS,
    TIPPING,
    Grid,
    Surface,
    beyond,
    border,
    number,
    place,
    read,
    said,
    side,
)
from trialrr.present.words import numbers

LEFT, GAP, RIGHT = 0.45, 0.3, 0.18  # inches left of a panel, between two, right of the last
HEAD, UNDER = 0.24, 0.3  # inches of the name of an analysis, and under panels
LANE = 0.085  # inches that the triangles of an analysis take outside the grid
LEAST, GREATEST = 0.225, 0.42  # widths of a cell, in inches
HIGH = 0.225  # height of a cell
SMALL = style.SMALLEST
SIZE = style.SIZE - 0.5  # of labels and key
TRIANGLE = "#8a1c5c"
FACES = (TRIANGLE, "white", "#d9a3c2")  # of triangles, one another analysis
ABOVE, BELOW = ("#d3e5f1", "#58a4d1"), ("#fbe0cc", "#e3924f")  # from 1 to the farthest ratio
EXPLAINED = (
    "Triangles at two edges of a grid: the values that give both arms their risks in another"
    " analysis. Pointing away from the grid: beyond it."
)


@dataclass(frozen=True)
class Panel:
    """A grid, and the lines of words above and under it."""

    grid: Grid
    head: list[str]
    label: list[str]


def tipping(results: Results, width: float = style.PAGE) -> style.Drawing:
    """Relative risks over shifts of the imputed scores."""
    return draw(results, TIPPING, width)


def informative_odds(results: Results, width: float = style.PAGE) -> style.Drawing:
    """Relative risks over informative missingness odds ratios."""
    return draw(results, INFORMATIVE_ODDS, width)


def draw(results: Results, surface: Surface, width: float = style.PAGE) -> style.Drawing:
    """A panel a contrast with the reference arm, by analysis; as many side by side as leave room
    for the numbers in cells."""
    with style.house():
        return _draw(results, surface, read(results, surface), width)


def _draw(results: Results, surface: Surface, grids: list[Grid], width: float) -> style.Drawing:
    others = list(dict.fromkeys(id for grid in grids for id in grid.others))
    left, under = LEFT + LANE * len(others), UNDER + LANE * len(others)
    lines, room = _arranged(results, surface, grids, left, width)
    tall = [_above(line) + HIGH * _cells(line) + under + _below(line) for line in lines]
    rows = [row for grid in grids for row in grid.rows.values()]
    farthest = max(abs(log(row.estimate)) for row in rows if row.estimate > 0)
    items = _key(any(grid.worst_best for grid in grids))
    items += [_triangle(results.analysis(id), rank) for rank, id in enumerate(others)]
    foot = 0.12 + HEAD * len({grid.analysis for grid in grids}) + sum(tall)
    height = foot + key.height(items, width, SIZE) + 0.4
    height += style.notes_height(EXPLAINED, width) if others else 0.0
    figure, sheet = style.page(height, results.synthetic, width)
    top, marks, known = 0.12, [], ""
    for line, high in zip(lines, tall, strict=True):
        if line[0].grid.analysis != known:
            known = line[0].grid.analysis
            sheet.text(style.EDGE, top + 0.1, results.analysis(known), weight="bold", va="center")
            top += HEAD
        for index, panel in enumerate(line):
            x, grid = left + index * (room + left + GAP), panel.grid
            for i, text in enumerate(panel.head):
                weight = "normal" if text == grid.tips else "bold"
                sheet.text(x, top + 0.12 + style.LINE * i, text, weight=weight, va="center")
            cell = min(room / len(grid.active), GREATEST)
            size = cell * len(grid.active), HIGH * len(grid.control)
            axes = style.axes(figure, x, top + _above(line), *size)
            _panel(axes, panel, surface, farthest, cell, len(others))
            marks += _others(axes, grid, others, cell)
            for at, row in grid.rows.items():
                found = row.estimate, row.lower, row.upper
                marks.append((grid.analysis, grid.contrast, *at, *found))
        top += high
    last = key.draw(sheet, items, foot, width, SIZE)
    if others:
        style.notes(sheet, last + 0.2, EXPLAINED, width)
    outcome = results.outcome(results.primary.outcome)
    title = f"{surface.title}: {outcome}, {results.visit(results.primary.month)}"
    words = " ".join(text for grid in grids for text in said(results, surface, grid))
    return style.Drawing(surface.figure, title, words, figure, tuple(marks))


def _arranged(
    results: Results, surface: Surface, grids: list[Grid], left: float, width: float
) -> tuple[list[list[Panel]], float]:
    """Lines of panels, each of one analysis, and the inches that a panel may take."""
    least = LEAST * max(len(grid.active) for grid in grids)
    by_analysis = [[*found] for _, found in groupby(grids, lambda grid: grid.analysis)]
    fit = int((width - RIGHT + GAP) / (left + least + GAP))
    across = max(1, min(fit, max(map(len, by_analysis))))
    room = (width - RIGHT - across * left - (across - 1) * GAP) / across
    panels = ([_labelled(results, surface, grid, room) for grid in of] for of in by_analysis)
    return [of[i : i + across] for of in panels for i in range(0, len(of), across)], room


def _labelled(results: Results, surface: Surface, grid: Grid, room: float) -> Panel:
    head = style.wrap(results.contrast(grid.contrast), room, weight="bold")
    label = style.wrap(f"{surface.what}, {arms_of(grid.contrast)[0]}", room, SIZE)
    return Panel(grid, [*head, grid.tips], label)


def _above(line: list[Panel]) -> float:
    return 0.19 + style.LINE * max(len(panel.head) for panel in line)


def _below(line: list[Panel]) -> float:
    return style.LINE * max(len(panel.label) for panel in line)


def _cells(line: list[Panel]) -> int:
    return max(len(panel.grid.control) for panel in line)


def _panel(axes: Axes, panel: Panel, surface: Surface, farthest: float, cell: float, lanes: int):
    """The cells of a grid and its axes. cell : its width; lanes : of triangles outside."""
    grid, active, control = panel.grid, panel.grid.active, panel.grid.control
    axes.set(xlim=(0, len(active)), ylim=(0, len(control)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=72 * LANE * lanes + 2)
    axes.set_xticks([i + 0.5 for i in range(len(active))], list(map(number, active)), size=SMALL)
    axes.set_yticks([i + 0.5 for i in range(len(control))], list(map(number, control)), size=SMALL)
    axes.set_xlabel("\n".join(panel.label), labelpad=2, size=SIZE)
    axes.set_ylabel(f"The same, {arms_of(grid.contrast)[1]}", labelpad=2, size=SIZE)
    written = cell > style.text_width("0.00", SMALL)
    for i, x in enumerate(active):
        for j, y in enumerate(control):
            _cell(axes, i, j, grid.rows.get((x, y)), farthest, written)
            if (x, y) in grid.worst_best:
                _frame(axes, i, j, dashes=(1.5, 1.2))
    if (surface.neutral, surface.neutral) in grid.rows:
        _frame(axes, active.index(surface.neutral), control.index(surface.neutral))
    xs, ys = border([[side(grid.rows.get((x, y))) for x in active] for y in control])
    axes.plot(xs, ys, color=style.INK, linewidth=1.8, clip_on=False, solid_capstyle="projecting")


def _cell(axes: Axes, i: int, j: int, row: SimpleNamespace | None, farthest: float, written: bool):
    look = dict(facecolor=_face(row, farthest), edgecolor="white", linewidth=0.4)
    axes.add_patch(Rectangle((i, j), 1, 1, **look))
    if hatch := _HATCH[side(row)]:
        kept = dict(hatch=hatch, edgecolor="#c4c4c4" if side(row) == 0 else "#f0a868")
        axes.add_patch(Rectangle((i, j), 1, 1, fill=False, linewidth=0, **kept))
    if written:
        text = numbers.ratio(row.estimate) if row is not None else numbers.MISSING
        box = dict(facecolor="white", edgecolor="none", pad=0.6) if side(row) == 0 else None
        how = dict(size=SMALL, ha="center", va="center_baseline", bbox=box)
        axes.text(i + 0.5, j + 0.5, text, **how)


def _others(axes: Axes, grid: Grid, others: list[str], cell: float) -> list[tuple]:
    """Two triangles an analysis, those of one as far from the grid as all of its own."""
    marks = []
    for id, (x, y) in grid.others.items():
        rank = others.index(id)
        out, at = LANE * (rank + 0.6), (place(x, grid.active), place(y, grid.control))
        look = _look(rank) | dict(linewidth=0, color=TRIANGLE, clip_on=False)
        axes.plot([at[0]], [-out / HIGH], marker="<^>"[beyond(x) + 1], **look)
        axes.plot([-out / cell], [at[1]], marker="v>^"[beyond(y) + 1], **look)
        marks.append((grid.analysis, grid.contrast, id, *at))
    return marks


def _look(rank: int) -> dict:
    return dict(markersize=4.2, markerfacecolor=FACES[rank % len(FACES)])


_HATCH = {1: "", 0: "////", -1: r"\\\\", None: ""}


def _face(row: SimpleNamespace | None, farthest: float) -> str:
    """Color of a cell; its text is legible in ink on every one."""
    which = side(row)
    if not which:
        return "white"
    share = min(1.0, abs(log(row.estimate)) / farthest)
    ends = (
        [int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in (ABOVE if which > 0 else BELOW)
    )
    mixed = (round(a + (b - a) * share) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _frame(axes: Axes, i: float, j: float, dashes=(None, None), by: float = 0.04) -> None:
    xs, ys = [i + by, i + 1 - by], [j + by, j + 1 - by]
    around = [xs[0], xs[1], xs[1], xs[0], xs[0]], [ys[0], ys[0], ys[1], ys[1], ys[0]]
    axes.plot(*around, color=style.INK, linewidth=0.9, dashes=dashes)


def _key(special: bool) -> list[key.Item]:
    """Samples of cells and of the line between them."""
    items = [
        key.swatch("RR above 1", facecolor=ABOVE[1]),
        key.swatch("interval includes 1", facecolor="white", hatch="//////", edgecolor="#9a9a9a"),
        key.swatch("RR below 1", facecolor=BELOW[0], hatch=r"\\\\\\", edgecolor="#f0a868"),
        key.swatch("missing at random", facecolor="white", edgecolor=style.INK),
    ]
    if special:
        dotted = dict(facecolor="white", edgecolor=style.INK, linestyle=":")
        items.append(key.swatch("worst/best", **dotted))
    return [*items, key.line("conclusion tips", style.INK, 0.25, linewidth=1.8)]


def _triangle(text: str, rank: int) -> key.Item:
    return key.line(text, TRIANGLE, 0.12, "^", linewidth=0, **_look(rank))
