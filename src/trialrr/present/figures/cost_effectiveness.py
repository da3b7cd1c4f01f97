"""Costs against effects: the plane of both differences, and how often a net benefit is positive.

A column an effect, per quality-adjusted life-year and per responder. Above, each comparison's point
with the ellipse that holds 95 % of its bootstrap distribution; below, acceptability of each
comparison and, of three arms or more, the share of samples in which an arm is the best.
"""

from dataclasses import dataclass
from functools import partial
from math import cos, log, pi, sin, sqrt
from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trialrr.present import money, numbers
from trialrr.present.figures import style
from trialrr.present.source import Results, parts

EDGE, LEFT, GAP = 0.12, 0.72, 0.78  # inches
PLANE, CURVES, TOP, BELOW = 1.9, 1.45, 0.92, 0.58  # of the panels, above them, and under each
LABEL = 0.62  # inches kept right of curves for their names
SMALL = style.SIZE - 0.5
EFFECTS = {
    "qaly": ("Quality-adjusted life-years", "QALY"),
    "responder": ("Responders", "responder"),
}
"""Outcome of the results → heading of its column, and one of it."""
STEPS = 72  # of an ellipse
PRICE = "willingness_to_pay"


@dataclass(frozen=True)
class Case:
    """The results of one analysis. entry : of the plan; results : all of them."""

    results: Results
    entry: dict

    def difference(self, outcome: str, level: str) -> SimpleNamespace | None:
        """Row of a difference with its bootstrap standard error, as costs are."""
        keys = dict(outcome=outcome, level=level, subgroup="")
        found = self.results.rows(self.entry["id"], "mean_difference_percentile", **keys)
        return next((r for r in found if not numbers.missing(r.estimate)), None)

    def correlation(self, effect: str, level: str) -> float:
        """Of cost and effect over the bootstrap samples; NaN if there is none."""
        keys = dict(outcome=effect, level=level, subgroup="")
        found = self.results.rows(self.entry["id"], "correlation", **keys)
        return found[0].estimate if found else float("nan")

    def curve(self, effect: str, level: str) -> list[tuple[float, SimpleNamespace]]:
        """(willingness to pay, row) of acceptability, costs as they are, in order."""
        rows = self.results.rows(self.entry["id"], "acceptability", outcome=effect, level=level)
        found = [
            (float(parts(row.subgroup)[PRICE]), row)
            for row in rows
            if set(parts(row.subgroup)) == {PRICE} and not numbers.missing(row.estimate)
        ]
        return sorted(found, key=lambda pair: pair[0])

    @property
    def effects(self) -> list[str]:
        """Effects that have a curve."""
        levels = [*self.results.contrasts, *self.results.arms]
        return [e for e in EFFECTS if any(self.curve(e, level) for level in levels)]

    @property
    def currency(self) -> str:
        return self.entry["currency"]


def draw(results: Results) -> style.Drawing:
    """Planes and curves of the first analysis of the kind that has estimates."""
    cases = (Case(results, entry) for entry in results.entries("economics"))
    with style.house():
        return _draw(next(case for case in cases if case.effects))


def _draw(case: Case) -> style.Drawing:
    results, effects = case.results, case.effects
    several = len(results.arms) > 2
    height = TOP + PLANE + BELOW + (CURVES + BELOW) * (1 + several) + 0.62
    figure, sheet = style.page(height, results.synthetic)
    width = (style.PAGE - EDGE - LEFT - LABEL - (GAP + LABEL) * (len(effects) - 1)) / len(effects)
    width = min(width, 3.4)
    sheet.text(EDGE, 0.17, results.analysis(case.entry["id"]), weight="bold", va="center")
    _key(results, sheet, 0.42)
    marks, said = [], []
    for place, effect in enumerate(effects):
        x = LEFT + place * (width + LABEL + GAP)
        sheet.text(x, TOP - 0.16, EFFECTS[effect][0], weight="bold", va="center")
        plane = style.axes(figure, x, TOP, width + LABEL, PLANE)
        marks += _plane(plane, case, effect)
        top = TOP + PLANE + BELOW
        pairs = [
            (c, results.contrast(c, short=True), *_look(results, c)) for c in results.contrasts
        ]
        marks += _curves(figure, (x, top, width), case, effect, pairs, "Net benefit > 0, %")
        if several:
            arms = [(a, a, k, style.DASHES[k % 5]) for k, a in enumerate(results.arms)]
            below = (x, top + CURVES + BELOW, width)
            marks += _curves(figure, below, case, effect, arms, "Highest net benefit, %")
        said += _said(case, effect)
    for i, line in enumerate(_notes(case)):
        y = height - 0.6 + style.LINE * i
        sheet.text(EDGE, y, line, va="center", color=style.GRAY, size=SMALL)
    title = f"{results.analysis(case.entry['id'])}: differences and acceptability"
    return style.Drawing("cost_effectiveness", title, " ".join(said), figure, tuple(marks))


def _look(results: Results, contrast: str) -> tuple[int, tuple]:
    """Which color and marker, and which dashes: of the first arm against the reference, else one
    that no arm has."""
    first, second = contrast.split(":")
    rank = results.arms.index(first)
    if second != results.plan["reference"]:
        others = [c for c in results.contrasts if c not in results.against_reference]
        rank = len(results.arms) + others.index(contrast)
    return rank, style.DASHES[rank % 5]


def _plane(axes: Axes, case: Case, effect: str) -> list[tuple]:
    """Points and ellipses of all comparisons; lines where the net benefit is zero."""
    unit = 100 if effect == "responder" else 1
    axes.axhline(0, color=style.GRAY, linewidth=0.7, zorder=1)
    axes.axvline(0, color=style.GRAY, linewidth=0.7, zorder=1)
    marks, xs, ys = [], [0.0], [0.0]
    for contrast in case.results.contrasts:
        cost, gain = case.difference("cost", contrast), case.difference(effect, contrast)
        if cost is None or gain is None:
            continue
        rank, dashes = _look(case.results, contrast)
        color, together = style.COLORS[rank % 5], case.correlation(effect, contrast)
        if not numbers.missing(together):
            outline = ellipse(
                (unit * gain.estimate, cost.estimate),
                (unit * gain.std_error, cost.std_error),
                together,
            )
            xs += [x for x, _ in outline]
            ys += [y for _, y in outline]
            axes.plot(*zip(*outline, strict=True), color=color, dashes=dashes, linewidth=1.1)
        axes.plot(
            [unit * gain.estimate],
            [cost.estimate],
            color=color,
            marker=style.MARKERS[rank % 5],
            markersize=4.5,
            linewidth=0,
            zorder=3,
        )
        xs, ys = [*xs, unit * gain.estimate], [*ys, cost.estimate]
        marks.append(("plane", effect, contrast, gain.estimate, cost.estimate, together))
    axes.set(xlim=_around(xs), ylim=_around(ys))
    for price in _ends(case, effect):
        slope = price / unit
        ends = _clipped(slope, axes.get_xlim(), axes.get_ylim())
        axes.plot(*zip(*ends, strict=True), color="#9a9a9a", linewidth=0.8, dashes=(1, 2), zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(lambda value, _: money.tick(value))
    axes.xaxis.set_major_formatter(lambda value, _: numbers.minus(f"{value:g}"))
    points = ", percentage points" if effect == "responder" else ""
    words = f"Difference in {EFFECTS[effect][0].lower()}{points}"
    axes.set_xlabel(words, labelpad=2, size=SMALL)
    axes.set_ylabel(f"Difference in cost, {case.currency}", labelpad=2, size=SMALL)
    return marks


def ellipse(center, errors, correlation: float, share: float = 0.95) -> list[tuple[float, float]]:
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


def _ends(case: Case, effect: str) -> list[float]:
    """Smallest and largest willingness to pay of the results."""
    levels = [*case.results.contrasts, *case.results.arms]
    prices = [price for level in levels for price, _ in case.curve(effect, level)]
    return sorted({min(prices), max(prices)})


def _around(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _clipped(slope: float, xlim, ylim) -> list[tuple[float, float]]:
    """Ends of the line y = slope x inside the limits, both of which hold 0."""
    low = max(xlim[0], ylim[0] / slope) if slope else xlim[0]
    high = min(xlim[1], ylim[1] / slope) if slope else xlim[1]
    return [(low, slope * low), (high, slope * high)]


def _curves(figure: Figure, where, case: Case, effect: str, lines, label: str) -> list[tuple]:
    """Lines of acceptability over the willingness to pay, their names at the right end."""
    x, top, width = where
    axes = style.axes(figure, x, top, width, CURVES)
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    marks, named = [], []
    for level, name, rank, dashes in lines:
        found = case.curve(effect, level)
        if not found:
            continue
        color = style.COLORS[rank % 5]
        axes.plot(
            [price for price, _ in found],
            [100 * row.estimate for _, row in found],
            color=color,
            dashes=dashes,
            linewidth=1.3,
            clip_on=False,
        )
        axes.plot(
            [price for price, _ in found],
            [100 * row.estimate for _, row in found],
            color=color,
            marker=style.MARKERS[rank % 5],
            markersize=2.6,
            linewidth=0,
            clip_on=False,
        )
        named.append((name, 100 * found[-1][1].estimate, color))
        marks += [("curve", effect, level, price, row.estimate) for price, row in found]
    low, high = _ends(case, effect)[0], _ends(case, effect)[-1]
    margin = 0.03 * (high - low) or 0.1 * high
    axes.set_xlim(low - margin, high + margin)
    apart = style.spread([y for _, y, _ in named], 100 * style.LINE / CURVES)
    lift = max(0.0, -min(apart, default=0.0) - 2)
    for (name, _, color), y in zip(named, apart, strict=True):
        look = dict(color=style.dark(color), va="center", size=SMALL)
        axes.text(1.03, y + lift, name, transform=axes.get_yaxis_transform(), **look)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: money.tick(value))
    words = f"Willingness to pay per {EFFECTS[effect][1]}, {case.currency}"
    axes.set_xlabel(words, labelpad=2, size=SMALL)
    axes.set_ylabel(label, labelpad=2, size=SMALL)
    return marks


def _key(results: Results, sheet: Axes, y: float) -> None:
    x = EDGE
    for contrast in results.contrasts:
        rank, dashes = _look(results, contrast)
        color, text = style.COLORS[rank % 5], results.contrast(contrast)
        wide = 0.62 + style.text_width(text)
        if x > EDGE and x + wide > style.PAGE - EDGE:
            x, y = EDGE, y + style.LINE
        sheet.plot([x, x + 0.35], [y, y], color=color, dashes=dashes, linewidth=1.2)
        marker = style.MARKERS[rank % 5]
        sheet.plot([x + 0.17], [y], color=color, marker=marker, markersize=4)
        sheet.text(x + 0.42, y, text, va="center")
        x += wide + 0.08


def _notes(case: Case) -> list[str]:
    prices = " and ".join(money.tick(p) for p in _ends(case, case.effects[0]))
    outcome = case.results.outcome(case.entry["outcomes"][0])
    month = case.results.visit(case.entry["month"])
    text = (
        f"{outcome}, {month}. Ellipses hold 95 % of the bootstrap distribution. Right of and below"
        f" a dotted line the net benefit is positive at a willingness to pay of {prices}"
        f" {case.currency}."
    )
    return style.wrap(text, style.PAGE - 2 * EDGE, SMALL)


def _said(case: Case, effect: str) -> list[str]:
    """The column in sentences: differences, then acceptability at both ends."""
    said = []
    for contrast in case.results.contrasts:
        cost, gain = case.difference("cost", contrast), case.difference(effect, contrast)
        texts = []
        if cost and gain:
            texts.append(
                f"cost {numbers.interval(cost.estimate, cost.lower, cost.upper, money.amount)}"
            )
            form = numbers.percent if effect == "responder" else partial(numbers.fixed, places=3)
            words = EFFECTS[effect][0].lower()
            texts.append(f"{words} {numbers.interval(gain.estimate, gain.lower, gain.upper, form)}")
        curve = case.curve(effect, contrast)
        if curve:
            ends = dict.fromkeys([curve[0][0], curve[-1][0]])
            found = dict(curve)
            at = (f"{numbers.percent(found[p].estimate)}% at {money.tick(p)}" for p in ends)
            texts.append(f"net benefit positive in {', '.join(at)} per {EFFECTS[effect][1]}")
        if texts:
            said.append(f"{case.results.contrast(contrast)}: {'; '.join(texts)}.")
    return said
