"""How far people's primary scores changed: a histogram an arm and visit, quartiles under it."""

from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.present import numbers
from trialrr.present.figures import style
from trialrr.present.source import Results, parts

EDGE, GAP = 0.12, 0.24  # inches
PANEL, STRIP = 0.78, 0.16  # heights, in inches, of a histogram and of the quartiles under it
SMALL = style.SIZE - 0.75
OUTLINE = {"dashes": (2.2, 1.2), "linewidth": 0.9}
QUARTILES = ("q1_change", "median_change", "q3_change")

Bins = list[tuple[float, float, SimpleNamespace]]


def draw(results: Results) -> style.Drawing:
    """A column a visit, a row an arm: share of the people seen by change in score, filled; the
    reference arm again as an outline; below, median and quartiles."""
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    outcome, arms = results.primary.outcome, results.arms
    bins = {(m, arm): _bins(results, outcome, m, arm) for m in results.months for arm in arms}
    bins = {key: found for key, found in bins.items() if found}
    months = [m for m in results.months if any(month == m for month, _ in bins)]
    labels = {arm: style.wrap(results.arm(arm), 0.95, weight="bold") for arm in arms}
    names = max(style.text_width(t, weight="bold") for ls in labels.values() for t in ls)
    left = EDGE + names + 0.5
    width = (style.PAGE - EDGE - left - GAP * (len(months) - 1)) / len(months)
    texts = {key: style.wrap(_numbers(results, outcome, *key), width, SMALL) for key in bins}
    caption = 0.06 + style.LINE * max(map(len, texts.values()))
    each = caption + PANEL + STRIP + 0.1
    top = 0.62
    figure, sheet = style.page(top + each * len(arms) + 0.98, results.synthetic)
    sheet.text(EDGE, 0.17, f"Change in {results.score(outcome)}", weight="bold", va="center")
    ends = [edge for found in bins.values() for low, high, _ in found for edge in (low, high)]
    limits = (min(ends), max(ends))
    _key(results, sheet)
    tallest = max(100 * _share(row) for found in bins.values() for *_, row in found)
    roof = 10 * (int(tallest // 10) + 1)
    marks, said = [], []
    for place, month in enumerate(months):
        x = left + place * (width + GAP)
        sheet.text(x, 0.45, results.visit(month), weight="bold", va="center")
        for rank, arm in enumerate(arms):
            y = top + rank * each + caption
            if place == 0:
                _name(sheet, labels[arm], y, rank)
            if (month, arm) not in bins:
                continue
            for i, line in enumerate(reversed(texts[month, arm])):
                sheet.text(x, y - 0.05 - style.LINE * i, line, va="bottom", size=SMALL)
            axes = style.axes(figure, x, y, width, PANEL)
            _panel(axes, bins[month, arm], rank, limits, roof, first=place == 0)
            reference = results.plan["reference"]
            if arm != reference and (month, reference) in bins:
                _outline(axes, bins[month, reference], arms.index(reference))
            strip = style.axes(figure, x, y + PANEL, width, STRIP)
            last = rank + 1 == len(arms)
            marks += _quartiles(strip, results, outcome, month, arm, rank, limits, last)
            for low, high, row in bins[month, arm]:
                marks.append(("bin", month, arm, low, high, int(row.events), int(row.n)))
            where = f"{results.visit(month)}, {results.arm(arm)}"
            said.append(f"{where}: {_numbers(results, outcome, month, arm)}.")
    base = top + each * len(arms)
    for place in range(len(months)):
        x = left + place * (width + GAP)
        zero = x + width * (0 - limits[0]) / (limits[1] - limits[0])
        better, worse = "← better", "worse →"
        how = dict(va="center", color=style.GRAY, size=SMALL)
        sheet.text(max(x, zero - 0.06), base + 0.2, better, ha="right", **how)
        sheet.text(min(zero + 0.06, style.PAGE - EDGE), base + 0.2, worse, **how)
    notes = (
        "Change: points from baseline to follow-up of the people seen; negative is better. Bins of"
        " one point. Above each histogram: median (quartiles) and people seen; under it median and"
        " quartiles as a mark on a bar."
    )
    for i, line in enumerate(style.wrap(notes, style.PAGE - 2 * EDGE, style.SIZE - 0.5)):
        at = base + 0.45 + style.LINE * i
        sheet.text(EDGE, at, line, va="center", color=style.GRAY, size=style.SIZE - 0.5)
    title = f"Distribution of the change: {results.score(outcome)}, negative is better"
    words = " ".join(["Median change (quartiles) of the people seen, negative is better.", *said])
    return style.Drawing("change_distribution", title, words, figure, tuple(marks))


def _bins(results: Results, outcome: str, month: str, arm: str) -> Bins:
    """(lower edge, upper edge, row) of an arm with somebody seen, the lowest first."""
    found = []
    for row in results.rows("observed", "events", outcome=outcome, month=month, level=arm):
        if (change := parts(row.subgroup).get("change")) and row.n:
            low, _, high = change.partition("..")
            found.append((float(low), float(high), row))
    return sorted(found, key=lambda each: each[0])


def _share(row: SimpleNamespace) -> float:
    return row.events / row.n


def _numbers(results: Results, outcome: str, month: str, arm: str) -> str:
    q1, median, q3 = (
        results.need("observed", quantity, arm, outcome, month) for quantity in QUARTILES
    )
    text = numbers.interval(median.estimate, q1.estimate, q3.estimate, numbers.mean)
    return f"{numbers.minus(text)}, n\u00a0=\u00a0{numbers.count(median.n)}"


def _steps(found: Bins) -> tuple[list[float], list[float]]:
    """Corners of a histogram's outline, from the base back to it."""
    xs, ys = [found[0][0]], [0.0]
    for low, high, row in found:
        xs += [low, high]
        ys += [100 * _share(row)] * 2
    return [*xs, found[-1][1]], [*ys, 0.0]


def _panel(axes: Axes, found: Bins, rank: int, limits, roof: int, first: bool) -> None:
    axes.set(xlim=limits, ylim=(0, roof))
    axes.set_xticks([])
    axes.set_yticks(range(0, roof + 1, 10 if roof > 10 else 5))
    axes.grid(axis="y", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    xs, ys = _steps(found)
    axes.fill_between(xs, ys, color=_tint(style.COLORS[rank % 5]), linewidth=0)
    axes.plot(xs, ys, color=style.COLORS[rank % 5], linewidth=1.0)
    axes.axvline(0, color=style.GRAY, linewidth=0.7)
    if first:
        axes.set_ylabel("%", labelpad=2, rotation=0, ha="right", va="center")
    else:
        axes.set_yticklabels([])


def _outline(axes: Axes, found: Bins, rank: int) -> None:
    xs, ys = _steps(found)
    axes.plot(xs, ys, color=style.COLORS[rank % 5], **OUTLINE)


def _quartiles(axes: Axes, results, outcome, month, arm, rank, limits, last: bool) -> list[tuple]:
    q1, median, q3 = (
        results.need("observed", quantity, arm, outcome, month).estimate for quantity in QUARTILES
    )
    color = style.COLORS[rank % 5]
    axes.set(xlim=limits, ylim=(0, 1))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=style.GRAY, linewidth=0.7)
    axes.plot([q1, q3], [0.5, 0.5], color=color, linewidth=2.2, solid_capstyle="butt")
    axes.plot([median], [0.5], color=color, marker=style.MARKERS[rank % 5], markersize=4,
              markerfacecolor="white", markeredgewidth=1)  # fmt: skip
    span = limits[1] - limits[0]
    step = 2 if span <= 24 else 10 * int(span // 80 + 1)
    first = -int(-limits[0] // step) * step
    ticks = [first + step * i for i in range(int((limits[1] - first) // step) + 1)]
    axes.set_xticks(ticks, [numbers.minus(f"{t:g}") if last else "" for t in ticks])
    return [("quartiles", month, arm, q1, median, q3)]


def _key(results: Results, sheet: Axes) -> None:
    """The outline of the reference arm, at the right of the first line."""
    text = f"{results.arm(results.plan['reference'])}, again beside the other arms"
    x = style.PAGE - EDGE - style.text_width(text, SMALL)
    rank = results.arms.index(results.plan["reference"])
    sheet.plot([x - 0.4, x - 0.07], [0.17, 0.17], color=style.COLORS[rank % 5], **OUTLINE)
    sheet.text(x, 0.17, text, va="center", size=SMALL)


def _name(sheet: Axes, lines: list[str], y: float, rank: int) -> None:
    color = style.dark(style.COLORS[rank % 5])
    for i, line in enumerate(lines):
        at = y + PANEL / 2 + style.LINE * (i - (len(lines) - 1) / 2)
        sheet.text(EDGE, at, line, va="center", weight="bold", color=color)


def _tint(color: str) -> str:
    """A quarter of `color` on white."""
    return "#" + "".join(f"{255 - (255 - int(color[i : i + 2], 16)) // 4:02x}" for i in (1, 3, 5))
