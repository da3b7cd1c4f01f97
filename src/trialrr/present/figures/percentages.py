"""Percentages with the outcome by arm over the visits, with confidence intervals."""

from trialrr.present import numbers
from trialrr.present.figures import style
from trialrr.present.source import Results
from trialrr.present.tables.estimates import month_has_none

TOP, HEIGHT, LEFT, GAP = 0.72, 2.35, 0.5, 0.42  # inches


def draw(results: Results) -> style.Drawing:
    """One panel an outcome, one line an arm, from the rows `risk` of the primary analysis."""
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    analysis = results.primary.analysis
    panels = [
        (outcome, months)
        for outcome in results.headline_outcomes
        if (
            months := [
                m
                for m in results.months_of(outcome)
                if not month_has_none(results, analysis, outcome, m)
            ]
        )
    ]
    figure, sheet = style.page(TOP + HEIGHT + 0.76, results.synthetic)
    _key(results, sheet)
    margin = max(style.text_width(arm) for arm in results.arms) + 0.2  # room for direct labels
    room = style.PAGE - LEFT - margin - 0.05
    width = min((room - (GAP + margin - 0.2) * (len(panels) - 1)) / len(panels), 5.4)
    highest = max(
        row.upper if not numbers.missing(row.upper) else row.estimate
        for row in results
        if row.analysis == analysis and row.quantity == "risk"
    )
    roof = min(100, 10 * (int(highest * 10 + 0.999)))
    marks, said = [], []
    for place, (outcome, months) in enumerate(panels):
        left = LEFT + place * (width + GAP + margin - 0.2)
        axes = style.axes(figure, left, TOP + 0.22, width, HEIGHT - 0.22)
        axes.set_ylim(0, roof)
        axes.yaxis.set_major_locator(_every(10 if roof > 30 else 5))
        axes.grid(axis="y", color=style.PALE, linewidth=0.5)
        axes.set_axisbelow(True)
        at = _positions(months)
        step = min((b - a for a, b in zip(at, at[1:], strict=False)), default=1.0)
        axes.set_xlim(at[0] - 0.45 * step, at[-1] + 0.45 * step)
        ticks, unit = _ticks(results, outcome, months, width / max(len(months), 2))
        axes.set_xticks(at, ticks)
        axes.set_xlabel(unit, labelpad=2)
        if place == 0:
            axes.set_ylabel("People with the outcome, % (95% CI)")
        for i, line in enumerate(style.wrap(results.outcome(outcome), width + 0.3, weight="bold")):
            sheet.text(left - 0.05, TOP - 0.05 + i * style.LINE, line, weight="bold", va="center")
        ends = []
        for rank, arm in enumerate(results.arms):
            xs, rows = [], []
            shift = 0.1 * step * (rank - (len(results.arms) - 1) / 2)
            for x, month in zip(at, months, strict=True):
                row = results.get(analysis, "risk", arm, outcome, month)
                if row is None:
                    continue
                xs.append(x + shift)
                rows.append(row)
                marks.append((outcome, month, arm, row.estimate, row.lower, row.upper))
                where = f"{results.outcome(outcome)}, {results.visit(month, outcome)}"
                said.append(
                    f"{where}, {results.arm(arm)}: "
                    f"{numbers.interval(row.estimate, row.lower, row.upper, numbers.percent)}%."
                )
            color, y = style.COLORS[rank % 5], [100 * row.estimate for row in rows]
            axes.plot(
                xs,
                y,
                color=color,
                marker=style.MARKERS[rank % 5],
                markersize=4.5,
                dashes=style.DASHES[rank % 5],
                linewidth=1.4,
                clip_on=False,
            )
            for x, row in zip(xs, rows, strict=True):
                if not numbers.missing(row.lower):
                    axes.plot(
                        [x, x],
                        [100 * row.lower, 100 * row.upper],
                        color=color,
                        linewidth=1.0,
                        solid_capstyle="butt",
                    )
            if rows:
                ends.append((y[-1], arm, color))
        gap = roof * 0.135 / (HEIGHT - 0.22)
        moved = style.spread([y for y, *_ in ends], gap)
        for y, (_, arm, color) in zip(moved, ends, strict=True):
            axes.annotate(
                arm,
                (1, y),
                (5, 0),
                xycoords=axes.get_yaxis_transform(),
                color=style.dark(color),
                textcoords="offset points",
                va="center",
                weight="bold",
                annotation_clip=False,
            )
    sheet.text(
        LEFT,
        TOP + HEIGHT + 0.53,
        f"Analysis: {results.analysis(analysis)}. Bars: 95% CI.",
        color=style.GRAY,
        va="center",
        size=style.SIZE - 0.5,
    )
    title = f"People with the outcome by arm over time: {results.plan['title']}"
    return style.Drawing("percentages", title, " ".join(said), figure, tuple(marks))


def _key(results: Results, sheet) -> None:
    """Line, shape, short and long name of each arm in a row at the top."""
    x = LEFT - 0.05
    for rank, arm in enumerate(results.arms):
        color = style.COLORS[rank % 5]
        sheet.plot(
            [x, x + 0.4], [0.25, 0.25], color=color, dashes=style.DASHES[rank % 5], linewidth=1.4
        )
        sheet.plot([x + 0.2], [0.25], color=color, marker=style.MARKERS[rank % 5], markersize=4.5)
        label = results.arm(arm)
        text = arm if label.lower() == arm.lower() else f"{arm}: {label}"
        sheet.text(x + 0.47, 0.25, text, va="center")
        x += 0.47 + style.text_width(text) + 0.3


def _positions(months: list[str]) -> list[float]:
    """Months on their scale if all are numbers, else one after the other."""
    try:
        return [float(month) for month in months]
    except ValueError:
        return [float(i) for i in range(len(months))]


def _ticks(results: Results, outcome: str, months: list[str], room: float) -> tuple[list[str], str]:
    """Tick labels and the axis label: bare numbers where visits are so many months."""
    visits = [results.visit(month, outcome) for month in months]
    if all(visit == f"{month} months" for visit, month in zip(visits, months, strict=True)):
        return months, "Months after randomization"
    return ["\n".join(style.wrap(visit, room)) for visit in visits], ""


def _every(step: float):
    from matplotlib.ticker import MultipleLocator

    return MultipleLocator(step)
