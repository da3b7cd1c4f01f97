"""Percentages with the outcome by arm over the visits, with confidence intervals."""

from itertools import pairwise
from math import ceil
from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.words import numbers

TOP, LEFT, GAP = 0.67, 0.5, 0.42  # inches
LEAST, MOST = 1.0, 5.4  # inches a panel is wide
ALONE, STACKED = 2.13, 1.5  # inches a panel is high, in one row of panels and at most in several
AROUND, TALLEST = 0.75, 8.2  # inches above and below a panel, and of all rows of panels


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """One panel an outcome, one line an arm, from the rows `risk` of the primary analysis; panels
    that do not fit side by side stand one above the other."""
    with style.house():
        return _draw(results, width)


def _draw(results: Results, width: float) -> style.Drawing:
    panels = _panels(results)
    if not panels:
        return style.note("percentages", results, width)
    margin = max(style.text_width(arm) for arm in results.arms) + 0.2  # room for direct labels
    between = GAP + margin - 0.2
    room = width - LEFT - margin - 0.05
    across = max(1, min(len(panels), int((room + between) // (LEAST + between))))
    rows = ceil(len(panels) / across)
    tall = ALONE if rows == 1 else min(STACKED, TALLEST / rows - AROUND)
    label = style.wrap(f"People with the outcome, % ({results.ci})", tall)
    left = LEFT + style.LINE * (len(label) - 1)
    room -= left - LEFT
    wide = min((room - between * (across - 1)) / across, MOST)
    stacked = across == 1 < rows
    head_room = width - 2 * style.EDGE if stacked else wide + 0.3
    heads = [style.wrap(results.outcome(o), head_room, weight="bold") for o, _ in panels]
    ticks = [_ticks(results, *panel, wide / max(len(panel[1]), 2)) for panel in panels]
    over = 0.125 + style.LINE * (max(map(len, heads)) - 1)
    under = 0.12 + style.LINE * max(text.count("\n") + 1 for texts, _ in ticks for text in texts)
    under += style.LINE * any(unit for _, unit in ticks)
    each = over + tall + under + 0.2
    arms = key.arms(results, 0.4, linewidth=1.4, markersize=4.5)
    top = TOP + key.height(arms, width)
    note = f"Analysis: {results.analysis(results.primary.analysis)}. {_bars(results, panels)}"
    foot = top + each * rows - 0.08
    height = foot + style.notes_height(note, width) + 0.14
    figure, sheet = style.page(height, results.synthetic, width)
    key.draw(sheet, arms, 0.25, width)
    roof = _roof(results)
    marks, said = [], []
    for place, (outcome, months) in enumerate(panels):
        x, y = left + place % across * (wide + between), top + place // across * each
        for i, line in enumerate(heads[place]):
            start = style.EDGE if stacked else x - 0.05
            sheet.text(start, y + i * style.LINE, line, weight="bold", va="center")
        axes = style.axes(figure, x, y + over, wide, tall)
        axes.set_xticks(_positions(months), ticks[place][0])
        axes.set_xlabel(ticks[place][1], labelpad=2)
        if place % across == 0:
            axes.set_ylabel("\n".join(label))
        _scales(axes, _positions(months), roof)
        ends = []
        for rank, arm in enumerate(results.arms):
            found = _rows(results, arm, outcome, months)
            marks += [(outcome, m, arm, r.estimate, r.lower, r.upper) for m, r in found.items()]
            said += [_said(results, arm, outcome, m, r) for m, r in found.items()]
            if found:
                _line(axes, months, found, rank, len(results.arms))
                ends.append((100 * [*found.values()][-1].estimate, arm, rank))
        _name(axes, ends, roof * 0.135 / tall)
    style.notes(sheet, foot, note, width)
    title = f"People with the outcome by arm over time: {results.plan.title}"
    return style.Drawing("percentages", title, " ".join(said), figure, tuple(marks))


def _panels(results: Results) -> list[tuple[str, list[str]]]:
    """(outcome, months at which it was estimated) of the outcomes that have any."""
    found = (
        (
            outcome,
            [
                month
                for month in results.months_of(outcome)
                if any(_rows(results, arm, outcome, [month]) for arm in results.arms)
            ],
        )
        for outcome in results.headline_outcomes
    )
    return [(outcome, months) for outcome, months in found if months]


def _roof(results: Results) -> int:
    """Percent at which the axes end: above every estimate and upper limit, in tens."""
    highest = max(
        row.upper if not numbers.missing(row.upper) else row.estimate
        for row in results.rows(results.primary.analysis, "risk")
        if not numbers.missing(row.estimate)
    )
    return min(100, max(10, 10 * int(highest * 10 + 0.999)))


def _rows(results: Results, arm: str, outcome: str, months: list[str]) -> dict:
    """Month → row of an arm, where there is an estimate."""
    analysis = results.primary.analysis
    found = {month: results.get(analysis, "risk", arm, outcome, month) for month in months}
    return {m: row for m, row in found.items() if row and not numbers.missing(row.estimate)}


def _bars(results: Results, panels: list[tuple[str, list[str]]]) -> str:
    """What the bars are, and whether every estimate has one."""
    there = [
        not numbers.missing(row.lower)
        for outcome, months in panels
        for arm in results.arms
        for row in _rows(results, arm, outcome, months).values()
    ]
    if not any(there):
        return "No estimate has an interval."
    return f"Bars: {results.ci}{'' if all(there) else ', where there is one'}."


def _scales(axes: Axes, at: list[float], roof: int) -> None:
    axes.set_xlim(at[0] - 0.45 * _step(at), at[-1] + 0.45 * _step(at))
    axes.set_ylim(0, roof)
    axes.yaxis.set_major_locator(MultipleLocator(10 if roof > 30 else 5))
    axes.grid(axis="y", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)


def _line(axes: Axes, months: list[str], found: dict, rank: int, several: int) -> None:
    """The line of an arm with its intervals, moved a little beside those of the other arms."""
    at, color = _positions(months), style.color(rank)
    shift = 0.1 * _step(at) * (rank - (several - 1) / 2)
    xs = [x + shift for x, month in zip(at, months, strict=True) if month in found]
    axes.plot(xs, [100 * row.estimate for row in found.values()], color=color, linewidth=1.4,
              marker=style.marker(rank), markersize=4.5, dashes=style.dashes(rank),
              clip_on=False)  # fmt: skip
    for x, row in zip(xs, found.values(), strict=True):
        if not numbers.missing(row.lower):
            ends = [100 * row.lower, 100 * row.upper]
            axes.plot([x, x], ends, color=color, linewidth=1.0, solid_capstyle="butt")


def _name(axes: Axes, ends: list[tuple[float, str, int]], gap: float) -> None:
    """Arms beside the ends of their lines, `gap` percent apart or more."""
    moved = style.spread([y for y, *_ in ends], gap)
    for y, (_, arm, rank) in zip(moved, ends, strict=True):
        axes.annotate(
            arm,
            (1, y),
            (5, 0),
            xycoords=axes.get_yaxis_transform(),
            color=style.dark(style.color(rank)),
            textcoords="offset points",
            va="center",
            weight="bold",
            annotation_clip=False,
        )


def _positions(months: list[str]) -> list[float]:
    """Months on their scale if all are numbers, else one after the other."""
    try:
        return [float(month) for month in months]
    except ValueError:
        return [float(i) for i in range(len(months))]


def _step(at: list[float]) -> float:
    """The smallest distance of neighbors."""
    return min((b - a for a, b in pairwise(at)), default=1.0)


def _ticks(results: Results, outcome: str, months: list[str], room: float) -> tuple[list[str], str]:
    """Tick labels and the axis label: bare numbers where visits are so many months."""
    visits = [results.visit(month, outcome) for month in months]
    if all(visit == f"{month} months" for visit, month in zip(visits, months, strict=True)):
        return months, "Months after randomization"
    return ["\n".join(style.wrap(visit, room)) for visit in visits], ""


def _said(results: Results, arm: str, outcome: str, month: str, row: SimpleNamespace) -> str:
    where = f"{results.outcome(outcome)}, {results.visit(month, outcome)}, {results.arm(arm)}"
    return f"{where}: {numbers.interval(row.estimate, row.lower, row.upper, numbers.percent)}%."
