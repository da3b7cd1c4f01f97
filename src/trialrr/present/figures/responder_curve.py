"""Cumulative responder curve: who responds by how much, and what hangs on the threshold."""

from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.present import numbers
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results, parts

LEFT, GAP, EDGE = 0.55, 0.4, 0.12  # inches
UPPER, LOWER, TOP = 1.7, 1.5, 0.75  # of the panels, and of what stands above them
SHARE = "responder_share"


def draw(results: Results) -> style.Drawing:
    """A column a visit: above, the share of those seen that drops at least so much, by arm; below,
    the relative risk at each threshold. Of several such analyses the first that has estimates."""
    columns = (
        (entry, [m for m in results.months if _by_threshold(results, entry, "risk_ratio", m)])
        for entry in results.entries("responder_curve")
    )
    entry, months = next((entry, months) for entry, months in columns if months)
    with style.house():
        return _draw(results, entry, results.outcome_of(entry), months)


def _by_threshold(results: Results, entry, quantity: str, month: str, level="") -> list[tuple]:
    """(threshold in percent, row) in order, of the rows that have an estimate."""
    keys = {"outcome": results.outcome_of(entry), "month": month} | (
        {"level": level} if level else {}
    )
    rows = results.rows(entry["id"], quantity, **keys)
    found = [
        (100 * float(at["threshold"]), row)
        for row in rows
        if "threshold" in (at := parts(row.subgroup)) and not numbers.missing(row.estimate)
    ]
    return sorted(found, key=lambda pair: pair[0])


def _draw(results: Results, entry, outcome: str, months: list[str]) -> style.Drawing:
    width = (style.PAGE - EDGE - LEFT - GAP * (len(months) - 1)) / len(months)
    width = min(width, 6.2)
    figure, sheet = style.page(TOP + UPPER + 0.3 + LOWER + 0.75, results.synthetic)
    sheet.text(EDGE, 0.17, results.outcome(outcome), weight="bold", va="center")
    _key(results, sheet, 0.39)
    ratios = {
        (m, c): _by_threshold(results, entry, "risk_ratio", m, c)
        for m in months
        for c in results.against_reference
    }
    ends = [v for found in ratios.values() for _, r in found for v in (r.lower, r.upper)]
    limits, ticks = intervals.scale(ends, tight=True)
    raw = [r.estimate for m in months for _, r in _by_threshold(results, entry, SHARE, m)]
    roof = min(100, 10 * int(10 * max(raw, default=1.0) + 1))
    marks, said = [], []
    for place, month in enumerate(months):
        x = LEFT + place * (width + GAP)
        sheet.text(x, TOP - 0.1, results.visit(month), weight="bold", va="center")
        shares = style.axes(figure, x, TOP, width, UPPER)
        shares.set_ylim(0, roof)
        shares.grid(axis="y", color=style.PALE, linewidth=0.5)
        shares.set_axisbelow(True)
        below = style.axes(figure, x, TOP + UPPER + 0.3, width, LOWER)
        below.set_yscale("log")
        below.yaxis.set_minor_locator(intervals.nothing())
        below.set_ylim(*limits)
        below.set_yticks(ticks, [f"{t:g}" for t in ticks])
        below.axhline(1, color=style.GRAY, linewidth=0.7)
        below.set_xlabel("Drop from baseline of at least, %", labelpad=2)
        if place == 0:
            shares.set_ylabel("People seen, %", labelpad=2)
            below.set_ylabel("RR (95% CI, log scale)", labelpad=2)
        every = []
        for rank, arm in enumerate(results.arms):
            found = _by_threshold(results, entry, SHARE, month, arm)
            every += [threshold for threshold, _ in found]
            _steps(shares, found, rank)
            marks += [("share", month, arm, at, row.estimate) for at, row in found]
        for place_, contrast in enumerate(results.against_reference):
            found = ratios[month, contrast]
            every += [threshold for threshold, _ in found]
            rank = results.arms.index(contrast.split(":")[0])
            _ratios(below, found, rank, place_, len(results.against_reference), limits)
            for at, row in found:
                marks.append(("ratio", month, contrast, at, row.estimate, row.lower, row.upper))
            if found:
                said.append(_said(results, month, contrast, found))
        for axes in (shares, below):
            axes.set_xlim(min(every) - 4, max(every) + 4)
            axes.set_xticks(range(10 * int(min(every) // 10), int(max(every)) + 1, 10))
    note = f"Below: relative risk against {results.arm(results.plan['reference'])}."
    at = TOP + UPPER + 0.3 + LOWER + 0.52
    sheet.text(EDGE, at, note, va="center", color=style.GRAY, size=style.SIZE - 0.5)
    title = f"Cumulative responder curve: {results.outcome(outcome)}"
    return style.Drawing("responder_curve", title, " ".join(said), figure, tuple(marks))


def _steps(axes: Axes, found: list[tuple[float, SimpleNamespace]], rank: int) -> None:
    axes.plot(
        [at for at, _ in found],
        [100 * row.estimate for _, row in found],
        color=style.COLORS[rank % 5],
        dashes=style.DASHES[rank % 5],
        linewidth=1.3,
        drawstyle="steps-post",
    )


def _ratios(axes: Axes, found, rank: int, place: int, several: int, limits) -> None:
    color, marker = style.COLORS[rank % 5], style.MARKERS[rank % 5]
    shift = 0.9 * (place - (several - 1) / 2)
    for at, row in found:
        if not numbers.missing(row.lower):
            ends = [max(row.lower, limits[0]), min(row.upper, limits[1])]
            axes.plot([at + shift] * 2, ends, color=color, linewidth=0.9, solid_capstyle="butt")
    axes.plot(
        [at + shift for at, _ in found],
        [row.estimate for _, row in found],
        color=color,
        marker=marker,
        markersize=3,
        linewidth=0,
    )


def _key(results: Results, sheet: Axes, y: float) -> None:
    x = EDGE
    for rank, arm in enumerate(results.arms):
        color = style.COLORS[rank % 5]
        sheet.plot([x, x + 0.35], [y, y], color=color, dashes=style.DASHES[rank % 5], linewidth=1.3)
        text = results.arm(arm)
        x += 0.42
        if any(c.startswith(f"{arm}:") for c in results.against_reference):
            sheet.plot([x + 0.05], [y], color=color, marker=style.MARKERS[rank % 5], markersize=3.5)
            x += 0.15
        sheet.text(x, y, text, va="center")
        x += style.text_width(text) + 0.3


def _said(results: Results, month: str, contrast: str, found) -> str:
    texts = (f"{at:g}% {numbers.interval(row.estimate, row.lower, row.upper)}" for at, row in found)
    return (
        f"{results.contrast(contrast)}, {results.visit(month)}, by threshold: {'; '.join(texts)}."
    )
