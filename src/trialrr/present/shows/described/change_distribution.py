"""How far people's primary scores changed: a histogram an arm and visit, quartiles under it."""

import re
from math import ceil
from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.ard import FEWEST, Subgroup
from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.shows.described import change_grid
from trialrr.present.words import numbers

OUTLINE = {"dashes": (2.2, 1.2), "linewidth": 0.9}
QUARTILES = ("q1_change", "median_change", "q3_change")
BETTER, WORSE = "← better", "worse →"

Bins = list[tuple[float, float, SimpleNamespace]]


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A column a visit, a row an arm: the people seen by change in score, filled, as percent per
    point, so that areas are shares of people; the reference arm again as an outline; below, median
    and quartiles. Where histograms would be narrow the name of an arm stands above its row, and
    visits that do not fit side by side stand one above the other."""
    with style.house():
        return _draw(results, width)


def _draw(results: Results, width: float) -> style.Drawing:
    outcome, arms, reference = results.primary.outcome, results.arms, results.plan.reference
    bins = {(m, arm): _bins(results, outcome, m, arm) for m in results.months for arm in arms}
    bins = {at: found for at, found in bins.items() if found}
    months = [m for m in results.months if any(month == m for month, _ in bins)]
    limits, roof, note = _limits(bins), _roof(bins), _note(bins)
    across = change_grid.across([results.arm(arm) for arm in arms], len(months), width)
    texts = {at: _numbers(results, outcome, *at) for at in bins}
    lines = _captions(texts, across.width)
    head = style.wrap(f"Change in {results.score(outcome)}", width - 2 * style.EDGE, weight="bold")
    samples, keyed = [_key(results, width)], 0.19 + style.LINE * len(head)
    top = keyed + key.height(samples, width, style.SMALL) + 0.17
    over = 0.06 + style.LINE * max(map(len, lines.values())) + 0.2 * across.above
    under = 0.35 + style.LINE * (not _side_by_side(across, limits))
    bands, foot = ceil(len(months) / across.visits), style.notes_height(note, width) + 0.3
    down = change_grid.down(top, len(arms), bands, over, under, foot)
    bottom = top + bands * down.band
    figure, sheet = style.page(bottom + foot, results.synthetic, width)
    for i, line in enumerate(head):
        sheet.text(style.EDGE, 0.17 + style.LINE * i, line, weight="bold", va="center")
    key.draw(sheet, samples, keyed, width, style.SMALL)
    marks, said = [], []
    for place, month in enumerate(months):
        x, band, first = across.x(place), place // across.visits, place % across.visits == 0
        sheet.text(x, down.head(band), results.visit(month), weight="bold", va="center")
        _direction(sheet, across, x, down.y(band, len(arms)) - over + 0.2, limits)
        for rank, arm in enumerate(arms):
            y = down.y(band, rank)
            if first:
                middle = y - over + 0.1 if across.above else y + down.tall / 2
                name = style.cut(results.arm(arm), width - 2 * style.EDGE, weight="bold")
                _name(sheet, name if across.above else results.arm(arm), rank, middle, across.above)
            if (month, arm) not in bins:
                continue
            for i, line in enumerate(reversed(lines[month, arm])):
                sheet.text(x, y - 0.05 - style.LINE * i, line, va="bottom", size=style.SMALL)
            axes = style.axes(figure, x, y, across.width, down.tall)
            _panel(axes, bins[month, arm], rank, limits, roof, down.tall, first)
            if arm != reference and (month, reference) in bins:
                _outline(axes, bins[month, reference], arms.index(reference))
            strip = style.axes(figure, x, y + down.tall, across.width, change_grid.STRIP)
            marks += _quartiles(strip, results, outcome, month, arm, rank)
            _points(strip, limits, across.width, named=rank + 1 == len(arms))
            for low, high, row in bins[month, arm]:
                marks.append(("bin", month, arm, low, high, int(row.events), int(row.n)))
            said.append(f"{results.visit(month)}, {results.arm(arm)}: {texts[month, arm]}.")
    style.notes(sheet, bottom + 0.1, note, width)
    title = f"Distribution of the change: {results.score(outcome)}, negative is better"
    words = " ".join(["Median change (quartiles) of the people seen, negative is better.", *said])
    return style.Drawing("change_distribution", title, words, figure, tuple(marks))


def _limits(bins: dict) -> tuple[float, float]:
    """The lowest and the highest edge of all bins."""
    edges = [edge for found in bins.values() for low, high, _ in found for edge in (low, high)]
    return min(edges), max(edges)


def _roof(bins: dict) -> int:
    """Percent per point at which the axes end: above every bin, in tens."""
    return 10 * (int(max(_density(*each) for found in bins.values() for each in found) // 10) + 1)


def _note(bins: dict) -> str:
    wider = any(high - low > 1 for found in bins.values() for low, high, _ in found)
    rule = f", wider where an arm would have 1 to {FEWEST - 1} people in one" if wider else ""
    return (
        f"Change: points from baseline to follow-up of the people seen; negative is better. Bins of"
        f" one point{rule}. Above each histogram: median (quartiles) and people seen; under it"
        f" median and quartiles as a mark on a bar."
    )


def _bins(results: Results, outcome: str, month: str, arm: str) -> Bins:
    """(lower edge, upper edge, row) of an arm with somebody seen, the lowest first."""
    found = []
    for row in results.rows("observed", "events", outcome=outcome, month=month, level=arm):
        if (change := Subgroup.read(row.subgroup).get("change")) and row.n:
            low, _, high = change.partition("..")
            found.append((float(low), float(high), row))
    return sorted(found, key=lambda each: each[0])


def _density(low: float, high: float, row: SimpleNamespace) -> float:
    """Percent of the people seen, per point."""
    return 100 * row.events / row.n / (high - low)


def _numbers(results: Results, outcome: str, month: str, arm: str) -> str:
    q1, median, q3 = (
        results.need("observed", quantity, arm, outcome, month) for quantity in QUARTILES
    )
    text = numbers.interval(median.estimate, q1.estimate, q3.estimate, numbers.mean)
    return f"{numbers.minus(text)}, n\u00a0=\u00a0{numbers.count(median.n)}"


def _captions(texts: dict, width: float) -> dict:
    """Lines above each histogram: one, or the quartiles in a second one if that is too wide."""
    if max(style.text_width(text, style.SMALL) for text in texts.values()) <= width:
        return {at: [text] for at, text in texts.items()}
    cut = ((at, re.fullmatch(r"(\S+) (\(.*\)), (.*)", text)) for at, text in texts.items())
    return {at: [f"{found[1]}, {found[3]}", found[2]] for at, found in cut}


def _steps(found: Bins) -> tuple[list[float], list[float]]:
    """Corners of a histogram's outline, from the base back to it."""
    xs, ys = [found[0][0]], [0.0]
    for low, high, row in found:
        xs += [low, high]
        ys += [_density(low, high, row)] * 2
    return [*xs, found[-1][1]], [*ys, 0.0]


def _panel(axes: Axes, found: Bins, rank: int, limits, roof: int, tall: float, first: bool) -> None:
    axes.set(xlim=limits, ylim=(0, roof))
    axes.set_xticks([])
    close = next((step for step in (5, 10, 20) if step * tall >= 0.13 * roof), 50)
    axes.set_yticks(range(0, roof + 1, close if roof <= 10 else max(10, close)))
    axes.grid(axis="y", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    xs, ys = _steps(found)
    axes.fill_between(xs, ys, color=_tint(style.color(rank)), linewidth=0)
    axes.plot(xs, ys, color=style.color(rank), linewidth=1.0)
    axes.axvline(0, color=style.GRAY, linewidth=0.7)
    if first:
        axes.set_ylabel("% per point", labelpad=2, size=style.SMALL)
    else:
        axes.set_yticklabels([])


def _outline(axes: Axes, found: Bins, rank: int) -> None:
    xs, ys = _steps(found)
    axes.plot(xs, ys, color=style.color(rank), **OUTLINE)


def _quartiles(axes: Axes, results, outcome, month, arm, rank) -> list[tuple]:
    q1, median, q3 = (
        results.need("observed", quantity, arm, outcome, month).estimate for quantity in QUARTILES
    )
    color = style.color(rank)
    axes.plot([q1, q3], [0.5, 0.5], color=color, linewidth=2.2, solid_capstyle="butt")
    axes.plot([median], [0.5], color=color, marker=style.marker(rank), markersize=4,
              markerfacecolor="white", markeredgewidth=1)  # fmt: skip
    return [("quartiles", month, arm, q1, median, q3)]


def _points(axes: Axes, limits: tuple[float, float], width: float, named: bool) -> None:
    """The axis of a change under a histogram `width` inches wide, its ticks named or not."""
    low, high = limits
    axes.set(xlim=limits, ylim=(0, 1))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=style.GRAY, linewidth=0.7)
    widest = max(style.text_width(numbers.minus(f"{int(end)}")) for end in limits) + 0.06
    step = next((s for s in (2, 4, 10, 20, 40) if s * width >= widest * (high - low)), 100)
    ticks = range(-int(-low // step) * step, int(high) + 1, step)
    axes.set_xticks(ticks, [numbers.minus(f"{t}") if named else "" for t in ticks])


def _side_by_side(across: change_grid.Across, limits: tuple[float, float]) -> bool:
    """True if WORSE has room right of no change, beside BETTER."""
    part = max(0.0, limits[1]) / (limits[1] - limits[0])
    return part * across.width + style.EDGE - 0.1 >= style.text_width(WORSE, style.SMALL)


def _direction(sheet: Axes, across: change_grid.Across, x: float, y: float, limits) -> None:
    """Which side of no change is better, under the histograms of a visit."""
    zero = x + across.width * (0 - limits[0]) / (limits[1] - limits[0])
    how = dict(va="center", color=style.GRAY, size=style.SMALL)
    sheet.text(max(x, zero - 0.06), y, BETTER, ha="right", **how)
    if _side_by_side(across, limits):
        sheet.text(zero + 0.06, y, WORSE, **how)
    else:
        sheet.text(x + across.width, y + style.LINE, WORSE, ha="right", **how)


def _key(results: Results, width: float) -> key.Item:
    """The outline of the reference arm."""
    reference = results.plan.reference
    text = f"{results.arm(reference)}, again beside the other arms"
    text = style.cut(text, width - 2 * style.EDGE - 0.45, style.SMALL)
    return key.line(text, style.color(results.arms.index(reference)), 0.33, **OUTLINE)


def _name(sheet: Axes, name: str, rank: int, middle: float, above: bool) -> None:
    """The name of an arm above its row of histograms, in a line, or at their left."""
    lines, color = [name] if above else change_grid.name_lines(name), style.color(rank)
    for i, line in enumerate(lines):
        at = middle + style.LINE * (i - (len(lines) - 1) / 2)
        sheet.text(style.EDGE, at, line, va="center", weight="bold", color=style.dark(color))


def _tint(color: str) -> str:
    """A quarter of `color` on white."""
    return "#" + "".join(f"{255 - (255 - int(color[i : i + 2], 16)) // 4:02x}" for i in (1, 3, 5))
