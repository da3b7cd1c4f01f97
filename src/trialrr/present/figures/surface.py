"""Where the conclusion tips: relative risks over what is assumed of the unseen, arm by arm.

Each cell prints its relative risk. An interval above 1 is blue, one below 1 orange and lined,
darker the farther the estimate lies from 1; one that includes 1 is white and hatched. A heavy line
runs between cells that include 1 and cells that do not. A ring is another analysis, where each arm
has the risk that it gives: at the edge, if that lies beyond the grid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log, nan
from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Rectangle

from trialrr.present import numbers
from trialrr.present.figures import style
from trialrr.present.sentences import shift
from trialrr.present.source import Results, parts

LEFT, GAP, EDGE = 0.62, 0.3, 0.12  # inches
HEAD = 1.32  # inches around the panels of a line: names above, axis below
RING = 0.26, 0.13  # inches, width and height of a ring
RINGS = ((None, None), (1.2, 1.0), (4, 1.2))  # dashes of rings, one another analysis
CELL, HIGH = 0.42, 0.225  # a cell's greatest width, and its height, in inches
SMALL = style.SIZE - 1.5
RING_COLOR = "#8a1c5c"
ABOVE, BELOW = ("#d3e5f1", "#58a4d1"), ("#fbe0cc", "#e3924f")  # from 1 to the farthest ratio


@dataclass(frozen=True)
class Surface:
    """What a kind of analysis varies. names : parts of the subgroup, active arm and reference arm;
    neutral : where both say that data are missing at random; tip, equivalent : quantities of the
    tipping point and of other analyses' places; what : words for the axes."""

    kind: str
    figure: str
    names: tuple[str, str]
    neutral: float
    tip: str
    equivalent: str
    title: str
    what: str


TIPPING = Surface(
    "delta",
    "tipping",
    ("delta_active", "delta_control"),
    0.0,
    "tipping_delta",
    "equivalent_delta",
    "Relative risk by a shift of the imputed scores",
    "Shift of unseen scores, points (positive: worse)",
)
INFORMATIVE_ODDS = Surface(
    "informative_odds",
    "informative_odds",
    ("imor_active", "imor_control"),
    1.0,
    "tipping_imor",
    "equivalent_imor",
    "Relative risk by the odds of response among the unseen",
    "Odds of response, unseen against seen",
)


@dataclass(frozen=True)
class Grid:
    """Relative risks of one contrast: {(active, reference): row}, values in order; others : id of
    another analysis → its place on both axes, rows whose estimate is missing beyond the grid."""

    contrast: str
    rows: dict[tuple[float, float], SimpleNamespace]
    others: dict[str, tuple[SimpleNamespace, SimpleNamespace]]

    @property
    def estimated(self) -> bool:
        return any(not numbers.missing(row.estimate) for row in self.rows.values())

    @property
    def active(self) -> list[float]:
        return sorted({active for active, _ in self.rows})

    @property
    def control(self) -> list[float]:
        return sorted({control for _, control in self.rows})


def tipping(results: Results) -> style.Drawing:
    """Relative risks over shifts of the imputed scores."""
    return draw(results, TIPPING)


def informative_odds(results: Results) -> style.Drawing:
    """Relative risks over informative missingness odds ratios."""
    return draw(results, INFORMATIVE_ODDS)


def draw(results: Results, surface: Surface) -> style.Drawing:
    """A line of panels an analysis of the kind, a panel a contrast with the reference arm."""
    lines = []
    for entry in results.entries(surface.kind):
        found = [_grid(results, surface, entry["id"], c) for c in results.contrasts]
        if grids := [grid for grid in found if grid.estimated]:
            lines.append((entry["id"], grids))
    with style.house():
        return _draw(results, surface, lines)


def _grid(results: Results, surface: Surface, analysis: str, contrast: str) -> Grid:
    rows = {}
    for row in results.rows(analysis, "risk_ratio", level=contrast, month=results.primary.month):
        at = parts(row.subgroup)
        if set(at) == set(surface.names):
            rows[tuple(float(at[name]) for name in surface.names)] = row
    others: dict[str, list[SimpleNamespace]] = {}
    for arm in contrast.split(":"):
        for row in results.rows(analysis, surface.equivalent, level=arm):
            others.setdefault(parts(row.subgroup)["of"], []).append(row)
    return Grid(contrast, rows, {id: tuple(two) for id, two in others.items() if len(two) == 2})


def _draw(results: Results, surface: Surface, lines) -> style.Drawing:
    across = max(len(grids) for _, grids in lines)
    others = list(dict.fromkeys(id for _, grids in lines for g in grids for id in g.others))
    edge = EDGE + (RING[0] / 2 if others else 0)
    width = (style.PAGE - edge - across * LEFT - (across - 1) * GAP) / across
    tall = [HIGH * max(len(grid.control) for grid in grids) for _, grids in lines]
    height = 0.12 + sum(tall) + HEAD * len(lines) + 0.42 + (0.2 if others else 0)
    figure, sheet = style.page(height, results.synthetic)
    values = [
        abs(log(row.estimate))
        for _, grids in lines
        for grid in grids
        for row in grid.rows.values()
        if row.estimate > 0
    ]
    top, marks, said = 0.12, [], []
    for (analysis, grids), high in zip(lines, tall, strict=True):
        sheet.text(EDGE, top + 0.1, results.analysis(analysis), weight="bold", va="center")
        for index, grid in enumerate(grids):
            left = LEFT + index * (width + LEFT + GAP)
            wide = min(width, CELL * len(grid.active))
            tip = results.rows(analysis, surface.tip, level=grid.contrast)
            words = tips_at(tip[0] if tip else None, surface.neutral)
            head = style.wrap(results.contrast(grid.contrast), width, weight="bold")
            for i, line in enumerate([*head, words]):
                weight = "bold" if i < len(head) else "normal"
                y = top + 0.36 + style.LINE * i
                sheet.text(left, y, line, weight=weight, va="center")
            axes = style.axes(figure, left, top + 0.72, wide, high)
            _panel(axes, grid, surface, max(values), wide / len(grid.active))
            size = RING[0] / wide * len(grid.active), RING[1] / high * len(grid.control)
            for id, (x, y) in grid.others.items():
                at = place(x, grid.active), place(y, grid.control)
                look = dict(zorder=4, clip_on=False, linestyle=_dashes(others.index(id)))
                axes.add_patch(_ring(at, size, **look))
                marks.append((analysis, grid.contrast, id, *at))
            first, second = grid.contrast.split(":")
            axes.set_xlabel(f"{surface.what}, {first}", labelpad=2, size=style.SIZE - 0.5)
            axes.set_ylabel(f"The same, {second}", labelpad=2, size=style.SIZE - 0.5)
            for at, row in grid.rows.items():
                marks.append((analysis, grid.contrast, *at, row.estimate, row.lower, row.upper))
            said += _said(results, surface, analysis, grid, words)
        top += high + HEAD
    special = any(_worst_best(r) for _, gs in lines for g in gs for r in g.rows.values())
    _key(sheet, top, special)
    _key_of_others(sheet, top + 0.2, [results.analysis(id) for id in others])
    outcome = results.outcome(results.primary.outcome)
    title = f"{surface.title}: {outcome}, {results.visit(results.primary.month)}"
    return style.Drawing(surface.figure, title, " ".join(said), figure, tuple(marks))


def place(row: SimpleNamespace, values: list[float]) -> float:
    """Where a value stands on an axis of cells 0…k: between their middles, or at the end that it is
    beyond."""
    if numbers.missing(row.estimate):
        return float(len(values)) if numbers.missing(row.upper) else 0.0
    k = next(i for i, value in enumerate(values) if value >= row.estimate)
    if values[k] == row.estimate:
        return k + 0.5
    return k - 0.5 + (row.estimate - values[k - 1]) / (values[k] - values[k - 1])


def _dashes(index: int):
    dashes = RINGS[index % len(RINGS)]
    return "solid" if dashes[0] is None else (0, dashes)


def _ring(at: tuple[float, float], size: tuple[float, float], **look) -> Ellipse:
    return Ellipse(at, *size, fill=False, edgecolor=RING_COLOR, linewidth=1.3, **look)


def tips_at(row: SimpleNamespace | None, neutral: float) -> str:
    """Words for a tipping point: where the interval comes to include 1."""
    if row is None:
        return ""
    reference = "reference unshifted" if neutral == 0 else f"reference at {_number(neutral)}"
    if numbers.missing(row.estimate):
        return f"Does not tip on the grid, {reference}."
    if row.estimate == neutral:
        return "Includes 1 already at missing at random."
    return f"Tips at {_number(row.estimate)}, {reference}."


def _panel(axes: Axes, grid: Grid, surface: Surface, farthest: float, room: float) -> None:
    active, control = grid.active, grid.control
    axes.set(xlim=(0, len(active)), ylim=(0, len(control)))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    if grid.others:  # room for rings at the edge
        axes.tick_params(axis="x", pad=36 * RING[1] + 1)
        axes.tick_params(axis="y", pad=36 * RING[0] + 1)
    axes.set_xticks([i + 0.5 for i in range(len(active))], list(map(_number, active)), size=SMALL)
    axes.set_yticks([i + 0.5 for i in range(len(control))], list(map(_number, control)), size=SMALL)
    small = min(SMALL, SMALL * 0.9 * room / style.text_width("0.00", SMALL))
    for i, x in enumerate(active):
        for j, y in enumerate(control):
            row = grid.rows.get((x, y))
            look = dict(facecolor=_face(row, farthest), edgecolor="white", linewidth=0.4)
            axes.add_patch(Rectangle((i, j), 1, 1, **look))
            if (hatch := _HATCH[side(row)]) and row is not None:
                kept = dict(hatch=hatch, edgecolor="#c4c4c4" if side(row) == 0 else "#f0a868")
                axes.add_patch(Rectangle((i, j), 1, 1, fill=False, linewidth=0, **kept))
            text = numbers.ratio(row.estimate) if row is not None else numbers.MISSING
            box = dict(facecolor="white", edgecolor="none", pad=0.6) if side(row) == 0 else None
            axes.text(
                *(i + 0.5, j + 0.5, text),
                size=small,
                ha="center",
                va="center_baseline",
                bbox=box,
            )
            if row is not None and _worst_best(row):
                _frame(axes, i, j, dashes=(1.5, 1.2))
    if (surface.neutral, surface.neutral) in grid.rows:
        _frame(axes, active.index(surface.neutral), control.index(surface.neutral))
    xs, ys = border([[side(grid.rows.get((x, y))) for x in active] for y in control])
    axes.plot(xs, ys, color=style.INK, linewidth=1.8, clip_on=False, solid_capstyle="projecting")


def side(row: SimpleNamespace | None) -> int:
    """1 or -1 where the interval lies above or below 1, 0 where it includes 1 or is not known."""
    if row is None or numbers.missing(row.lower):
        return 0
    return (row.lower > 1) - (row.upper < 1)


_HATCH = {1: "", 0: "////", -1: r"\\\\"}


def _face(row: SimpleNamespace | None, farthest: float) -> str:
    """Color of a cell; its text is legible in ink on every one."""
    which = side(row)
    if which == 0:
        return "white"
    share = min(1.0, abs(log(row.estimate)) / farthest)
    ends = (
        [int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in (ABOVE if which > 0 else BELOW)
    )
    mixed = (round(a + (b - a) * share) for a, b in zip(*ends, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def border(sides: list[list[int]]) -> tuple[list[float], list[float]]:
    """Line between neighboring cells of which one includes 1 (0) and the other does not, as
    segments separated by NaN. sides : rows of cells from below."""
    xs, ys = [], []
    for j, line in enumerate(sides):
        for i, here in enumerate(line):
            if i + 1 < len(line) and (here == 0) != (line[i + 1] == 0):
                xs += [i + 1, i + 1, nan]
                ys += [j, j + 1, nan]
            if j + 1 < len(sides) and (here == 0) != (sides[j + 1][i] == 0):
                xs += [i, i + 1, nan]
                ys += [j + 1, j + 1, nan]
    return xs, ys


def _frame(axes: Axes, i: float, j: float, dashes=(None, None), by: float = 0.07) -> None:
    xs, ys = [i + by, i + 1 - by], [j + by, j + 1 - by]
    around = [xs[0], xs[1], xs[1], xs[0], xs[0]], [ys[0], ys[0], ys[1], ys[1], ys[0]]
    axes.plot(*around, color=style.INK, linewidth=0.9, dashes=dashes)


def _worst_best(row: SimpleNamespace) -> bool:
    return "worst/best case" in row.method


def _number(value: float) -> str:
    return numbers.minus(f"{value:g}")


def _key(sheet: Axes, y: float, special: bool) -> None:
    """Swatches and words under the panels."""
    items = [
        ("RR above 1", dict(facecolor=ABOVE[1])),
        ("interval includes 1", dict(facecolor="white", hatch="//////", edgecolor="#9a9a9a")),
        ("RR below 1", dict(facecolor=BELOW[0], hatch=r"\\\\\\", edgecolor="#f0a868")),
        ("missing at random", dict(facecolor="white", edgecolor=style.INK)),
    ]
    if special:
        items.append(("worst/best", dict(facecolor="white", edgecolor=style.INK, linestyle=":")))
    x, size = EDGE, style.SIZE - 0.5
    for text, look in items:
        sheet.add_patch(Rectangle((x, y - 0.055), 0.2, 0.11, linewidth=0.8, **look))
        sheet.text(x + 0.26, y, text, va="center", size=size)
        x += 0.26 + style.text_width(text, size) + 0.2
    sheet.plot([x, x + 0.25], [y, y], color=style.INK, linewidth=1.8)
    sheet.text(x + 0.31, y, "conclusion tips", va="center", size=size)


def _key_of_others(sheet: Axes, y: float, names: list[str]) -> None:
    """Rings and names of other analyses, in a line of their own."""
    x, size = EDGE, style.SIZE - 0.5
    for k, name in enumerate(names):
        sheet.add_patch(_ring((x + 0.1, y), (0.2, 0.13), linestyle=_dashes(k)))
        text = f"{name}, at the edge: beyond the grid" if k == len(names) - 1 else name
        sheet.text(x + 0.26, y, text, va="center", size=size)
        x += 0.26 + style.text_width(text, size) + 0.2


def _said(results: Results, surface, analysis: str, grid: Grid, words: str) -> Iterable[str]:
    """The grid in sentences: its special points and corners."""
    yield f"{results.contrast(grid.contrast)}, {results.analysis(analysis)}. {words}"
    neutral = (surface.neutral, surface.neutral)
    ends = ((a, c) for a in (min(grid.active), max(grid.active)) for c in _ends(grid.control))
    first, second = grid.contrast.split(":")
    for at in dict.fromkeys([neutral, *ends]):
        if row := grid.rows.get(at):
            text = numbers.interval(row.estimate, row.lower, row.upper)
            yield f"{first} {_number(at[0])}, {second} {_number(at[1])}: {text}."
    for id, (one, other) in grid.others.items():
        where = f"{first} {shift(one)}, {second} {shift(other)}"
        yield f"{results.analysis(id)} stands at {where}."


def _ends(values: list[float]) -> tuple[float, float]:
    return values[0], values[-1]
