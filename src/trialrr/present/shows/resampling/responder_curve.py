"""Cumulative responder curve: who responds by how much, and what hangs on the threshold."""

from math import ceil, log10
from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.ard import Subgroup, arms_of
from trialrr.present.kit import intervals, key, style
from trialrr.present.results import Results
from trialrr.present.words import numbers

LEFT, GAP = 0.55, 0.4  # inches
LEAST, MOST = 1.2, 6.2  # inches a panel is wide
UPPER, LOWER, BETWEEN = 1.7, 1.5, 0.3  # inches of the two panels of a visit, and between them
NAME, AXIS = 0.25, 0.43  # inches of the name of a visit above, of the axis below
TALLEST = 9.6  # inches of all
SHARES = "People seen, %"
SHARE = "responder_share"


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """For each visit, above, the share of those seen that drops at least so much, by arm; below,
    the relative risk at each threshold. Visits that do not fit side by side stand one above the
    other. Of several such analyses the first that has estimates."""
    columns = (
        (entry, [m for m in results.months if _by_threshold(results, entry, "risk_ratio", m)])
        for entry in results.entries("responder_curve")
    )
    entry, months = next((entry, months) for entry, months in columns if months)
    with style.house():
        return _draw(results, entry, results.outcome_of(entry), months, width)


def _by_threshold(results: Results, entry, quantity: str, month: str, level="") -> list[tuple]:
    """(threshold in percent, row) in order, of the rows that have an estimate."""
    keys = {"outcome": results.outcome_of(entry), "month": month} | (
        {"level": level} if level else {}
    )
    rows = results.rows(entry.id, quantity, **keys)
    found = [
        (100 * float(at["threshold"]), row)
        for row in rows
        if "threshold" in (at := Subgroup.read(row.subgroup)) and not numbers.missing(row.estimate)
    ]
    return sorted(found, key=lambda pair: pair[0])


def _draw(results: Results, entry, outcome: str, months: list[str], width: float) -> style.Drawing:
    head = style.wrap(results.outcome(outcome), width - 2 * style.EDGE, weight="bold")
    arms = _key(results)
    top = 0.5 + style.LINE * (len(head) - 1) + key.height(arms, width)
    note = f"Below: relative risk against {results.arm(results.plan.reference)}."
    across = max(1, min(len(months), int((width - style.EDGE - LEFT + GAP) // (LEAST + GAP))))
    rows, around = ceil(len(months) / across), NAME + BETWEEN + AXIS
    foot = 0.09 + style.notes_height(note, width) + 0.14
    flat = min(1, ((TALLEST - top - foot) / rows - around) / (UPPER + LOWER))
    upper, lower = flat * UPPER, flat * LOWER
    each = upper + lower + around
    words = style.wrap(SHARES, upper), style.wrap(f"RR ({results.ci}, log scale)", lower)
    left = LEFT + style.LINE * (max(map(len, words)) - 1)
    wide = min((width - style.EDGE - left - GAP * (across - 1)) / across, MOST)
    figure, sheet = style.page(top + each * rows + foot, results.synthetic, width)
    for i, line in enumerate(head):
        sheet.text(style.EDGE, 0.17 + style.LINE * i, line, weight="bold", va="center")
    key.draw(sheet, arms, 0.39 + style.LINE * (len(head) - 1), width)
    limits, ticks = _ratio_scale(results, entry, months)
    raw = [r.estimate for m in months for _, r in _by_threshold(results, entry, SHARE, m)]
    roof = min(100, 10 * int(10 * max(raw, default=1.0) + 1))
    marks, said = [], []
    for place, month in enumerate(months):
        x, y = left + place % across * (wide + GAP), top + place // across * each + NAME
        sheet.text(x, y - 0.1, results.visit(month), weight="bold", va="center")
        shares = style.axes(figure, x, y, wide, upper)
        shares.set_ylim(0, roof)
        shares.grid(axis="y", color=style.PALE, linewidth=0.5)
        shares.set_axisbelow(True)
        below = style.axes(figure, x, y + upper + BETWEEN, wide, lower)
        below.set_yscale("log")
        below.yaxis.set_minor_locator(intervals.nothing())
        below.set_ylim(*limits)
        below.set_yticks(ticks, _named(ticks, limits, lower))
        below.axhline(1, color=style.GRAY, linewidth=0.7)
        below.set_xlabel("Drop from baseline of at least, %", labelpad=2)
        if place % across == 0:
            for axes, lines in zip((shares, below), words, strict=True):
                axes.set_ylabel("\n".join(lines), labelpad=2)
        every = []
        for rank, arm in enumerate(results.arms):
            found = _by_threshold(results, entry, SHARE, month, arm)
            every += [threshold for threshold, _ in found]
            _steps(shares, found, rank)
            marks += [("share", month, arm, at, row.estimate) for at, row in found]
        for place_, contrast in enumerate(results.against_reference):
            found = _by_threshold(results, entry, "risk_ratio", month, contrast)
            every += [threshold for threshold, _ in found]
            rank = results.arms.index(arms_of(contrast)[0])
            _ratios(below, found, rank, place_, len(results.against_reference), limits)
            for at, row in found:
                marks.append(("ratio", month, contrast, at, row.estimate, row.lower, row.upper))
            if found:
                said.append(_said(results, month, contrast, found))
        for axes in (shares, below):
            axes.set_xlim(min(every) - 4, max(every) + 4)
            axes.set_xticks(_thresholds(min(every), max(every), wide))
    style.notes(sheet, top + each * rows + 0.09, note, width)
    title = f"Cumulative responder curve: {results.outcome(outcome)}"
    return style.Drawing("responder_curve", title, " ".join(said), figure, tuple(marks))


def _ratio_scale(results: Results, entry, months: list[str]):
    """Limits and ticks of the axes of ratios, the same for each visit."""
    pairs = [(month, contrast) for month in months for contrast in results.against_reference]
    found = (row for at in pairs for _, row in _by_threshold(results, entry, "risk_ratio", *at))
    return intervals.scale([v for row in found for v in (row.lower, row.upper)], tight=True)


def _named(ticks: list[float], limits: tuple[float, float], height: float) -> list[str]:
    """Labels of ratios on an axis `height` inches high: 1 first, then those nearest to it first,
    as many as stand a line apart; the others are ""."""
    inch = height / log10(limits[1] / limits[0])
    kept: list[float] = []
    for tick in sorted(ticks, key=lambda t: abs(log10(t))):
        if all(abs(log10(tick / other)) * inch >= 0.12 for other in kept):
            kept.append(tick)
    return [f"{t:g}" if t in kept else "" for t in ticks]


def _thresholds(low: float, high: float, width: float) -> range:
    """Ticks at multiples of 10, 20, 50 or 100 percent, as close as their labels stand apart."""
    room = width / (high - low + 8)
    widest = style.text_width(numbers.minus(f"{min(low, -high / 10):.0f}")) + 0.06
    step = next((s for s in (10, 20, 50) if s * room >= widest), 100)
    return range(step * ceil(low / step), int(high) + 1, step)


def _steps(axes: Axes, found: list[tuple[float, SimpleNamespace]], rank: int) -> None:
    axes.plot(
        [at for at, _ in found],
        [100 * row.estimate for _, row in found],
        color=style.color(rank),
        dashes=style.dashes(rank),
        linewidth=1.3,
        drawstyle="steps-post",
    )


def _ratios(axes: Axes, found, rank: int, place: int, several: int, limits) -> None:
    color, marker = style.color(rank), style.marker(rank)
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


def _key(results: Results) -> list[key.Item]:
    """Line and shape of each arm; the reference arm has no ratio and no shape."""
    compared = {arms_of(contrast)[0] for contrast in results.against_reference}
    items = []
    for rank, arm in enumerate(results.arms):
        look = dict(dashes=style.dashes(rank), linewidth=1.3, markersize=3.5)
        marker = style.marker(rank) if arm in compared else ""
        items.append(key.line(results.arm(arm), style.color(rank), marker=marker, **look))
    return items


def _said(results: Results, month: str, contrast: str, found) -> str:
    texts = (f"{at:g}% {numbers.interval(row.estimate, row.lower, row.upper)}" for at, row in found)
    return (
        f"{results.contrast(contrast)}, {results.visit(month)}, by threshold: {'; '.join(texts)}."
    )
