"""Costs against effects: the plane of both differences, and how often a net benefit is positive.

A column an effect, per quality-adjusted life-year and per responder. Above, each comparison's point
with the ellipse that holds as much of its bootstrap distribution as an interval; below,
acceptability of each comparison and, of three arms or more, the share of samples in which an arm is
the best.
"""

from dataclasses import dataclass
from math import cos, log, pi, sin, sqrt

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.shows.economics.costs import EFFECTS, Case, look, note, said
from trialrr.present.words import money, numbers

STEPS = 72  # of an ellipse


@dataclass(frozen=True)
class IncrementalPoint:
    """Of an effect and of costs, their correlation, and the ellipse around them on the plane: the
    point itself without a correlation."""

    gain: float
    cost: float
    correlation: float
    outline: list[tuple[float, float]]


@dataclass(frozen=True)
class PlaneSizes:
    """Inches left of the first column, between two, and right of curves for their names; of planes,
    of curves, and under each; points of letters; ticks of the axes below planes and curves.
    shared : the second column has the axes of costs and of shares of the first."""

    left: float
    gap: float
    names: float
    plane: float
    curves: float
    under: float
    letters: float
    ticks: tuple[int, int]
    shared: bool


PAGE = PlaneSizes(0.72, 0.78, 0.62, 1.9, 1.45, 0.58, style.SIZE - 0.5, (5, 4), shared=False)
COLUMN = PlaneSizes(0.55, 0.14, 0.48, 1.65, 1.1, 0.62, style.SMALLEST, (4, 2), shared=True)


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """Planes and curves of the first analysis of the kind that has estimates. Where it is narrow,
    the columns share their axes of costs and of shares."""
    cases = (Case(results, entry) for entry in results.entries("economics"))
    with style.house():
        return _draw(next(case for case in cases if case.effects), width)


def _draw(case: Case, width: float) -> style.Drawing:
    results, effects = case.results, case.effects
    sizes = PAGE if width == style.PAGE else COLUMN
    pairs = [(c, results.contrast(c, short=True), *look(results, c)) for c in results.contrasts]
    arms = [(a, a, k, style.dashes(k)) for k, a in enumerate(results.arms)]
    curves = [(pairs, "Net benefit > 0, %")]
    if len(arms) > 2:
        curves.append((arms, "Highest net benefit, %"))
    room = (width - style.EDGE - sizes.left - sizes.gap * (len(effects) - 1)) / len(effects)
    room = min(room, 4.0)
    heads = [style.wrap(EFFECTS[effect][0], room, weight="bold") for effect in effects]
    items = _key(results)
    top = 0.42 + key.height(items, width) + 0.21 + style.LINE * max(map(len, heads))
    first = top + sizes.plane + sizes.under
    foot = first + (sizes.curves + sizes.under) * len(curves)
    height = foot + style.notes_height(note(case), width, sizes.letters) + 0.25
    figure, sheet = style.page(height, results.synthetic, width)
    sheet.text(style.EDGE, 0.17, results.analysis(case.entry.id), weight="bold", va="center")
    key.draw(sheet, items, 0.42, width)
    found = {effect: _differences(case, effect) for effect in effects}
    costs = [y for of in found.values() for d in of.values() for _, y in d.outline]
    marks = []
    for place, (effect, head) in enumerate(zip(effects, heads, strict=True)):
        x, named = sizes.left + place * (room + sizes.gap), place == 0 or not sizes.shared
        for i, text in enumerate(reversed(head)):
            sheet.text(x, top - 0.16 - style.LINE * i, text, weight="bold", va="center")
        axes = style.axes(figure, x, top, room, sizes.plane)
        marks += _plane(axes, case, effect, found[effect], costs)
        points = ", percentage points" if effect == "responder" else ""
        below = f"Difference in {EFFECTS[effect][0].lower()}{points}"
        left = f"Difference in cost, {case.currency}" if named else ""
        _label(axes, below, left, room, sizes, sizes.ticks[0])
        for k, (lines, label) in enumerate(curves):
            y = first + k * (sizes.curves + sizes.under)
            axes = style.axes(figure, x, y, room - sizes.names, sizes.curves)
            marks += _curves(axes, case, effect, lines, sizes)
            below = f"Willingness to pay per {EFFECTS[effect][1]}, {case.currency}"
            _label(axes, below, label if named else "", room, sizes, sizes.ticks[1])
    style.notes(sheet, foot, note(case), width, sizes.letters)
    title = f"{results.analysis(case.entry.id)}: differences and acceptability"
    words = " ".join(text for effect in effects for text in said(case, effect))
    return style.Drawing("cost_effectiveness", title, words, figure, tuple(marks))


def _unit(effect: str) -> int:
    return 100 if effect == "responder" else 1


def _differences(case: Case, effect: str) -> dict[str, IncrementalPoint]:
    """Comparison → its differences, of those that have both."""
    unit, found = _unit(effect), {}
    for contrast in case.results.contrasts:
        cost, gain = case.difference("cost", contrast), case.difference(effect, contrast)
        if cost and gain:
            outline = [(unit * gain.estimate, cost.estimate)]
            together = case.correlation(effect, contrast)
            if not numbers.missing(together):
                errors = unit * gain.std_error, cost.std_error
                outline = ellipse(outline[0], errors, together, 1 - case.results.alpha)
            found[contrast] = IncrementalPoint(gain.estimate, cost.estimate, together, outline)
    return found


def _plane(
    axes: Axes, case: Case, effect: str, found: dict[str, IncrementalPoint], costs: list[float]
) -> list[tuple]:
    """Points and ellipses of all comparisons; lines where the net benefit is zero. costs : that the
    axis of costs holds."""
    unit, marks = _unit(effect), []
    axes.axhline(0, color=style.GRAY, linewidth=0.7, zorder=1)
    axes.axvline(0, color=style.GRAY, linewidth=0.7, zorder=1)
    for contrast, of in found.items():
        rank, dashes = look(case.results, contrast)
        color, marker = style.color(rank), style.marker(rank)
        axes.plot(*zip(*of.outline, strict=True), color=color, dashes=dashes, linewidth=1.1)
        how = dict(marker=marker, markersize=4.5, linewidth=0, zorder=3)
        axes.plot([unit * of.gain], [of.cost], color=color, **how)
        marks.append(("plane", effect, contrast, of.gain, of.cost, of.correlation))
    gains = [x for of in found.values() for x, _ in of.outline]
    axes.set(xlim=_around([0.0, *gains]), ylim=_around([0.0, *costs]))
    for price in case.prices(effect):
        ends = _clipped(price / unit, axes.get_xlim(), axes.get_ylim())
        axes.plot(*zip(*ends, strict=True), color="#9a9a9a", linewidth=0.8, dashes=(1, 2), zorder=1)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(lambda value, _: money.tick(value))
    axes.xaxis.set_major_formatter(lambda value, _: numbers.minus(f"{value:g}"))
    return marks


def ellipse(center, errors, correlation: float, share: float) -> list[tuple[float, float]]:
    """Outline that holds `share` of a bivariate normal with this center (x, y), standard errors and
    correlation: radius √(-2 ln(1 - share)) of the standardized circle."""
    radius, rest = sqrt(-2 * log(1 - share)), sqrt(max(0.0, 1 - correlation**2))
    angles = [2 * pi * step / STEPS for step in range(STEPS + 1)]
    return [
        (
            center[0] + radius * errors[0] * cos(angle),
            center[1] + radius * errors[1] * (correlation * cos(angle) + rest * sin(angle)),
        )
        for angle in angles
    ]


def _around(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _clipped(slope: float, xlim, ylim) -> list[tuple[float, float]]:
    """Ends of the line y = slope x inside the limits, both of which hold 0."""
    low = max(xlim[0], ylim[0] / slope) if slope else xlim[0]
    high = min(xlim[1], ylim[1] / slope) if slope else xlim[1]
    return [(low, slope * low), (high, slope * high)]


def _curves(axes: Axes, case: Case, effect: str, lines: list, sizes: PlaneSizes) -> list[tuple]:
    """Lines of acceptability over the willingness to pay, their names at the right end."""
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    marks, named = [], []
    for level, name, rank, dashes in lines:
        found = case.curve(effect, level)
        if not found:
            continue
        prices, shares = [price for price, _ in found], [100 * row.estimate for _, row in found]
        how = dict(color=style.color(rank), clip_on=False)
        axes.plot(prices, shares, dashes=dashes, linewidth=1.3, **how)
        marker = style.marker(rank)
        axes.plot(prices, shares, marker=marker, markersize=2.6, linewidth=0, **how)
        named.append((name, shares[-1], how["color"]))
        marks += [("curve", effect, level, price, row.estimate) for price, row in found]
    low, high = case.prices(effect)[0], case.prices(effect)[-1]
    margin = 0.03 * (high - low) or 0.1 * high
    axes.set_xlim(low - margin, high + margin)
    apart = style.spread([y for _, y, _ in named], 100 * style.LINE / sizes.curves)
    lift = max(0.0, -min(apart, default=0.0) - 2)
    beside = 1 + 0.06 / _inches(axes)[0]
    for (name, _, color), y in zip(named, apart, strict=True):
        how = dict(color=style.dark(color), va="center", size=sizes.letters)
        axes.text(beside, y + lift, name, transform=axes.get_yaxis_transform(), **how)
    axes.xaxis.set_major_formatter(lambda value, _: money.tick(value))
    return marks


def _label(axes: Axes, below: str, left: str, room: float, sizes: PlaneSizes, ticks: int) -> None:
    """Words along the axes, in lines no longer than `room` and than the axis of costs or shares,
    which has numbers only beside words."""
    tall = _inches(axes)[1]
    for words, long, write in ((below, room, axes.set_xlabel), (left, tall, axes.set_ylabel)):
        lines = style.wrap(words, long, sizes.letters)
        write("\n".join(lines), labelpad=2, size=sizes.letters)
    axes.tick_params(labelsize=sizes.letters + 0.5, labelleft=bool(left))
    axes.xaxis.set_major_locator(MaxNLocator(ticks))


def _inches(axes: Axes) -> tuple[float, float]:
    return tuple(axes.get_position().size * axes.figure.get_size_inches())


def _key(results: Results) -> list[key.Item]:
    items = []
    for contrast in results.contrasts:
        rank, dashes = look(results, contrast)
        how = dict(dashes=dashes, linewidth=1.2, markersize=4)
        color, marker = style.color(rank), style.marker(rank)
        items.append(key.line(results.contrast(contrast), color, marker=marker, **how))
    return items
