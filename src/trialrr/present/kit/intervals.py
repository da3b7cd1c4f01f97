"""Estimates with intervals in rows beside aligned columns of text: the body of a forest plot."""

from dataclasses import dataclass
from math import inf, log10

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialrr.present.kit import style
from trialrr.present.words import numbers

ROW = 0.175  # inches


@dataclass(frozen=True)
class Mark:
    """A point with its interval; filled or open, in a color, moved up or down within its row.
    Without an estimate (NaN) a range of estimates: a thin line with a tick at each end."""

    estimate: float
    lower: float
    upper: float
    color: str = style.INK
    marker: str = "s"
    filled: bool = True
    shift: float = 0.0


@dataclass(frozen=True)
class Row:
    """A line of the plot: texts left and right of the axis and its marks; a heading has none.
    color : of its texts."""

    left: tuple[str, ...]
    right: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    heading: bool = False
    color: str = style.INK


@dataclass(frozen=True)
class Layout:
    """Where columns stand, in inches: x of texts left of the axis, the axis, x of texts right;
    the height of a row, in inches, and the size of its texts, in points."""

    left: tuple[float, ...]
    axis: tuple[float, float]
    right: tuple[float, ...]
    aligned: str = ""  # a letter a left column: l or r
    row: float = ROW
    size: float = style.SIZE
    aligned_right: str = ""  # a letter a right column


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
    band: Mark | None = None,
) -> float:
    """Draw `rows` from `top` down; returns the y, in inches, under the axis label.

    An interval that leaves `limits` ends in an arrowhead at the edge. heads : headings of the left
    and right columns. band : what runs lightly through all rows, its interval as a band and its
    estimate as a line.
    """
    row_height, size = layout.row, layout.size
    height = row_height * len(rows)
    body = top + row_height
    start, end = layout.axis
    axes = style.axes(figure, start, body, end - start, height + 0.04)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_ylim(len(rows) + 0.04 / row_height, 0)
    if log:
        axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.xaxis.set_minor_locator(nothing())
    axes.set_xticks(ticks, labelled(ticks, limits, end - start, size, log))
    axes.tick_params(labelsize=size)
    axes.set_xlabel(label, labelpad=2, size=size)
    if band is not None:
        low, high = max(band.lower, limits[0]), min(band.upper, limits[1])
        if not numbers.missing(band.lower):
            axes.axvspan(low, high, color=style.BAND, linewidth=0, zorder=-2)
        axes.axvline(band.estimate, color=band.color, linewidth=0.6, dashes=(2, 2), zorder=-1)
    aligned = layout.aligned.ljust(len(layout.left), "l")
    aligned_right = layout.aligned_right.ljust(len(layout.right), "l")
    for words, places, sides in (
        (heads[0], layout.left, aligned),
        (heads[1], layout.right, aligned_right),
    ):
        for text, x, side in zip(words, places, sides, strict=False):
            y = top + row_height / 2
            sheet.text(x, y, text, va="center", ha=_SIDE[side], color=style.GRAY, size=size)
    for i, row in enumerate(rows):
        y = body + row_height * (i + 0.5)
        how = dict(va="center_baseline", size=size, color=row.color)
        weight = "bold" if row.heading else "normal"
        for text, x, side in zip(row.left, layout.left, aligned, strict=False):
            sheet.text(x, y, numbers.minus(text), ha=_SIDE[side], weight=weight, **how)
        for text, x, side in zip(row.right, layout.right, aligned_right, strict=False):
            sheet.text(x, y, numbers.minus(text), ha=_SIDE[side], **how)
        if reference is not None and (row.marks or band):
            axes.plot([reference] * 2, [i, i + 1], color=style.GRAY, linewidth=0.7, zorder=1)
        for mark in row.marks:
            _mark(axes, i + 0.5 + mark.shift, mark, limits, 4 * size / style.SIZE)
    return top + drawn_height(len(rows), row_height)


def drawn_height(rows: int, row: float = ROW) -> float:
    """Inches that `draw` takes for so many rows, with the line of headings, axis and label."""
    return row * (rows + 1) + 0.46


def _mark(axes: Axes, y: float, mark: Mark, limits: tuple[float, float], size: float) -> None:
    low, high = limits
    span = numbers.missing(mark.estimate)
    if not numbers.missing(mark.lower):
        ends = [max(mark.lower, low), min(mark.upper, high)]
        width = 0.6 if span else 1.0
        axes.plot(ends, [y, y], color=mark.color, linewidth=width, solid_capstyle="butt")
        for beyond, x, arrow in ((mark.lower < low, low, "<"), (mark.upper > high, high, ">")):
            if beyond:
                axes.plot(
                    [x], [y], marker=arrow, color=mark.color, markersize=0.85 * size, clip_on=False
                )
            elif span:
                x = mark.lower if arrow == "<" else mark.upper
                axes.plot([x], [y], marker="|", color=mark.color, markersize=1.1 * size)
    if not span and low <= mark.estimate <= high:
        axes.plot(
            [mark.estimate],
            [y],
            marker=mark.marker,
            markersize=size,
            color=mark.color,
            markerfacecolor=mark.color if mark.filled else "white",
            markeredgewidth=0.9,
            zorder=3,
        )


def labelled(
    ticks: list[float],
    limits: tuple[float, float],
    width: float,
    size: float = style.SIZE,
    log: bool = True,
) -> list[str]:
    """Labels of `ticks` on an axis `width` inches long: 1 first, then outer ones before inner
    ones, as many as stand apart; the others are ""."""
    place = log10 if log else float
    start, scale_ = place(limits[0]), width / (place(limits[1]) - place(limits[0]))
    middle = [t for t in ticks if t == 1]
    outer = sorted((t for t in ticks if t != 1), key=lambda t: -abs(place(t) - place(1)))
    kept: dict[float, tuple[float, float]] = {}
    for tick in [*middle, *outer]:
        at, half = (place(tick) - start) * scale_, style.text_width(f"{tick:g}", size) / 2 + 0.03
        if all(at + half <= low or at - half >= high for low, high in kept.values()):
            kept[tick] = (at - half, at + half)
    return [numbers.minus(f"{t:g}") if t in kept else "" for t in ticks]


def scale(values: list[float], tight: bool = False) -> tuple[tuple[float, float], list[float]]:
    """Limits and ticks of a log axis that holds `values` and 1; it ends at round ratios or, tight,
    a little beyond the values."""
    kept = [v for v in values if not numbers.missing(v) and 0.02 <= v <= 50] + [0.95, 1.05]
    width = max(kept) / min(kept)
    steps = next((steps for limit, steps in _STEPS.items() if width < limit), _STEPS[inf])
    low = max((t for t in steps if t <= min(kept)), default=min(steps))
    high = min((t for t in steps if t >= max(kept)), default=max(steps))
    if tight:
        low, high = min(kept) / 1.04, max(kept) * 1.04
    return (low, high), [t for t in steps if low <= t <= high]


# ticks of a ratio axis by how many times its end is its start
_STEPS = {
    4: (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 4),
    12: (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10),
    inf: (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
}


def nothing():
    """A locator of no ticks."""
    from matplotlib.ticker import NullLocator

    return NullLocator()


_SIDE = {"l": "left", "r": "right"}
