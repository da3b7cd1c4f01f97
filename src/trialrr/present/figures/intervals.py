"""Estimates with intervals in rows beside aligned columns of text: the body of a forest plot."""

from dataclasses import dataclass
from math import inf

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialrr.present import numbers
from trialrr.present.figures import style

ROW = 0.175  # inches


@dataclass(frozen=True)
class Mark:
    """A point with its interval; filled or open, in a color, moved up or down within its row."""

    estimate: float
    lower: float
    upper: float
    color: str = style.INK
    marker: str = "s"
    filled: bool = True
    shift: float = 0.0


@dataclass(frozen=True)
class Row:
    """A line of the plot: texts left and right of the axis and its marks; a heading has none."""

    left: tuple[str, ...]
    right: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    heading: bool = False


@dataclass(frozen=True)
class Layout:
    """Where columns stand, in inches: x of texts left of the axis, the axis, x of texts right."""

    left: tuple[float, ...]
    axis: tuple[float, float]
    right: tuple[float, ...]
    aligned: str = ""  # a letter a left column: l or r


def draw(
    figure: Figure,
    sheet: Axes,
    top: float,
    rows: list[Row],
    layout: Layout,
    heads: tuple[tuple[str, ...], tuple[str, ...]],
    limits: tuple[float, float],
    ticks: list[float],
    label: str,
    log: bool = True,
    reference: float | None = 1.0,
) -> float:
    """Draw `rows` from `top` down; returns the y, in inches, under the axis label.

    An interval that leaves `limits` ends in an arrowhead at the edge. heads : headings of the left
    and right columns.
    """
    height = ROW * len(rows)
    body = top + ROW
    start, end = layout.axis
    axes = style.axes(figure, start, body, end - start, height + 0.04)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_ylim(len(rows) + 0.04 / ROW, 0)
    if log:
        axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.xaxis.set_minor_locator(_nothing())
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xlabel(label, labelpad=2)
    aligned = layout.aligned.ljust(len(layout.left), "l")
    for words, places, sides in (
        (heads[0], layout.left, aligned),
        (heads[1], layout.right, "l" * len(layout.right)),
    ):
        for text, x, side in zip(words, places, sides, strict=False):
            sheet.text(x, top + ROW / 2, text, va="center", ha=_SIDE[side], color=style.GRAY)
    for i, row in enumerate(rows):
        y = body + ROW * (i + 0.5)
        weight = "bold" if row.heading else "normal"
        for text, x, side in zip(row.left, layout.left, aligned, strict=False):
            sheet.text(
                x, y, numbers.minus(text), va="center_baseline", ha=_SIDE[side], weight=weight
            )
        for text, x in zip(row.right, layout.right, strict=False):
            sheet.text(x, y, numbers.minus(text), va="center_baseline")
        if reference is not None and row.marks:
            axes.plot([reference] * 2, [i, i + 1], color=style.GRAY, linewidth=0.7, zorder=1)
        for mark in row.marks:
            _mark(axes, i + 0.5 + mark.shift, mark, limits)
    return body + height + 0.04 + 0.42


def _mark(axes: Axes, y: float, mark: Mark, limits: tuple[float, float]) -> None:
    low, high = limits
    if not numbers.missing(mark.lower):
        ends = [max(mark.lower, low), min(mark.upper, high)]
        axes.plot(ends, [y, y], color=mark.color, linewidth=1.0, solid_capstyle="butt")
        for beyond, x, arrow in ((mark.lower < low, low, "<"), (mark.upper > high, high, ">")):
            if beyond:
                axes.plot([x], [y], marker=arrow, color=mark.color, markersize=3.5, clip_on=False)
    if low <= mark.estimate <= high:
        axes.plot(
            [mark.estimate],
            [y],
            marker=mark.marker,
            markersize=4,
            color=mark.color,
            markerfacecolor=mark.color if mark.filled else "white",
            markeredgewidth=0.9,
            zorder=3,
        )


def scale(values: list[float]) -> tuple[tuple[float, float], list[float]]:
    """Limits and ticks of a log axis that holds `values` and 1, ends and ticks at round ratios."""
    kept = [v for v in values if not numbers.missing(v) and 0.02 <= v <= 50] + [0.95, 1.05]
    width = max(kept) / min(kept)
    steps = next((steps for limit, steps in _STEPS.items() if width < limit), _STEPS[inf])
    low = max((t for t in steps if t <= min(kept)), default=min(steps))
    high = min((t for t in steps if t >= max(kept)), default=max(steps))
    return (low, high), [t for t in steps if low <= t <= high]


# ticks of a ratio axis by how many times its end is its start
_STEPS = {
    4: (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3),
    12: (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10),
    inf: (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
}


def _nothing():
    from matplotlib.ticker import NullLocator

    return NullLocator()


_SIDE = {"l": "left", "r": "right"}
