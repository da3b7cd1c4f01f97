"""Who was seen when: share of the people analyzed by the visits at which they were seen."""

from types import SimpleNamespace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialrr.ard import Subgroup
from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.shows.described.missingness_layout import (
    COUNTS,
    LINE,
    MissingnessLayout,
    height_of,
    layout_of,
    unit,
)
from trialrr.present.words import numbers

MOST = 24  # patterns drawn
TALLEST = 6.9  # inches of all patterns, a line an arm
BETWEEN = 0.09  # inches between groups of patterns

EVERY, GONE, BACK, NEVER = (
    "Seen at every visit",
    "Seen, then lost",
    "Missed, then seen",
    "Never seen",
)
GROUPS = (EVERY, GONE, BACK, NEVER)

Pattern = tuple[bool, ...]


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A row a pattern: filled where seen, open where not; beside it marks and counts by arm. Where
    it is narrow each count stands beside its mark and the name of a group above its patterns."""
    with style.house():
        return _draw(results, width)


def _draw(results: Results, width: float) -> style.Drawing:
    arms = results.arms
    found = _patterns(results)
    kept = _kept(found, len(arms))
    groups = {g: [p for p in found if p in kept and group(p) == g] for g in GROUPS}
    groups = {g: patterns for g, patterns in groups.items() if patterns}
    layout = layout_of(results, [*groups], width)
    samples = key.arms(results, 0.24, dashed=False, linewidth=0.7, markersize=4)
    note = _note(results, found, kept, layout)
    top = 0.55 + style.LINE + layout.over + key.height(samples, width)
    height = layout.row * len(kept) + layout.above * len(groups) + BETWEEN * (len(groups) - 1)
    foot = top + height + 0.52
    figure, sheet = style.page(
        foot + style.notes_height(note, width) + 0.195, results.synthetic, width
    )
    key.draw(sheet, samples, 0.25, width)
    _heads(results, sheet, layout, top - 0.07, found)
    shares = [r.events / r.n for p in kept for r in found[p].values()]
    axes = _axes(figure, layout, top, height, max(shares))
    marks, y = [], 0.0
    for name, patterns in groups.items():
        if y:
            y += BETWEEN
            sheet.plot([style.EDGE, width - style.EDGE], [top + y - BETWEEN / 2] * 2,
                       color=style.PALE, linewidth=0.6, zorder=0)  # fmt: skip
        line = layout.above or layout.row
        sheet.text(style.EDGE, top + y + line / 2, name, va="center_baseline")
        y += layout.above
        for pattern in patterns:
            middle = y + layout.row / 2
            _board(sheet, layout, top + middle, pattern)
            for arm, r in found[pattern].items():
                rank = arms.index(arm)
                _mark(axes, middle + layout.shift(rank), 100 * r.events / r.n, rank)
                _count(sheet, layout, top + middle, r, rank)
                marks.append((Subgroup.read(r.subgroup)["seen"], arm, int(r.events), int(r.n)))
            y += layout.row
    style.notes(sheet, foot, note, width)
    said = _said(results, groups, found)
    title = f"Who was seen when: {results.plan.title}"
    return style.Drawing("missingness", title, said, figure, tuple(marks))


def _patterns(results: Results) -> dict[Pattern, dict[str, SimpleNamespace]]:
    """Pattern → arm → row, patterns in the order of the results."""
    found: dict[Pattern, dict[str, SimpleNamespace]] = {}
    for row in results.rows("follow_up", "events", outcome="pattern"):
        seen = Subgroup.read(row.subgroup)["seen"].split("+")
        pattern = tuple(month in seen for month in results.months)
        found.setdefault(pattern, {})[row.level] = row
    return found


def group(pattern: Pattern) -> str:
    """The group of a pattern: seen throughout, until some visit, again after a miss, or never."""
    if not any(pattern):
        return NEVER
    if all(pattern):
        return EVERY
    return GONE if pattern == tuple(sorted(pattern, reverse=True)) else BACK


def _kept(found: dict[Pattern, dict], arms: int) -> set[Pattern]:
    """The patterns drawn: the most frequent ones, as many as a figure holds with a line an arm."""
    most = min(MOST, int(TALLEST / height_of(arms, LINE)))
    ranked = sorted(found, key=lambda p: -max(r.events / r.n for r in found[p].values()))
    return set(ranked[:most])


def _heads(results: Results, sheet: Axes, layout: MissingnessLayout, y: float, found) -> None:
    """Visits above the board and arms above their counts, on lines down to `y`."""
    how = dict(va="bottom", color=style.GRAY)
    for place, lines in enumerate(layout.heads):
        x = layout.left + layout.cell * (place + 0.5)
        for i, line in enumerate(reversed(lines)):
            turned = {"rotation": 90} if layout.upright else {}
            sheet.text(x, y - style.LINE * i, line, ha="center", **how, **turned)
    sheet.text(layout.left, y - layout.over, unit(results), **how)
    how |= dict(ha="right", size=style.SMALL)
    if layout.stacked:
        sheet.text(layout.counts[0], y, "n (%)", **how)
        return
    for rank, (arm, n) in enumerate(_people(results, found).items()):
        x, color = layout.counts[rank], style.dark(style.color(rank))
        short = style.wrap(arm, COUNTS - 0.05, weight="bold")[0]
        sheet.text(x, y - style.LINE, short, color=color, weight="bold", va="bottom", ha="right")
        sheet.text(x, y, f"n (%) of {numbers.count(n)}", **how)


def _people(results: Results, found: dict[Pattern, dict]) -> dict[str, int]:
    """People of each arm."""
    rows = [row for by_arm in found.values() for row in by_arm.values()]
    return {arm: next(row.n for row in rows if row.level == arm) for arm in results.arms}


def _axes(
    figure: Figure, layout: MissingnessLayout, top: float, height: float, highest: float
) -> Axes:
    """Axes of percent as high as all rows, `highest` the largest share."""
    start, end = layout.axis
    axes = style.axes(figure, start, top, end - start, height)
    roof = min(100, 10 * (int(10 * highest) + 1))
    axes.set(xlim=(0, roof), ylim=(height, 0))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks(range(0, roof + 1, 20 if roof > 40 else 10))
    axes.grid(axis="x", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("People, %", labelpad=2)
    return axes


def _board(sheet: Axes, layout: MissingnessLayout, y: float, pattern: Pattern) -> None:
    for i, seen in enumerate(pattern):
        sheet.plot(
            [layout.left + layout.cell * (i + 0.5)],
            [y],
            marker="o",
            markersize=5,
            color=style.INK,
            markerfacecolor=style.INK if seen else "white",
            markeredgewidth=0.7,
        )


def _mark(axes: Axes, y: float, percent: float, rank: int) -> None:
    color, marker = style.color(rank), style.marker(rank)
    axes.plot([0, percent], [y, y], color=color, linewidth=0.7, solid_capstyle="butt")
    axes.plot([percent], [y], color=color, marker=marker, markersize=3.2, clip_on=False)


def _count(
    sheet: Axes, layout: MissingnessLayout, y: float, row: SimpleNamespace, rank: int
) -> None:
    """People of an arm with a pattern, whose row is centered at `y`; beside a mark in its color."""
    text = numbers.share(row.events, row.n).replace(f"/{numbers.count(row.n)}", "")
    how = dict(ha="right", va="center_baseline")
    if layout.stacked:
        y += layout.shift(rank)
        how |= dict(size=style.SMALL, color=style.dark(style.color(rank)))
    sheet.text(layout.counts[rank], y, text, **how)


def _note(results: Results, found, kept: set[Pattern], layout: MissingnessLayout) -> str:
    people = _people(results, found)
    each = ", ".join(f"{arm}\u00a0{numbers.count(n)}" for arm, n in people.items())
    rare = len(found) - len(kept)
    return (
        f"Filled: seen. Open: not seen. Of the people analyzed{f': {each}' * layout.stacked}."
        f"{f' {rare} rarer patterns are not drawn.' * bool(rare)}"
    )


def _said(results: Results, groups, found) -> str:
    texts = []
    for patterns in groups.values():
        for pattern in patterns:
            seen = [
                results.visit(m) for m, there in zip(results.months, pattern, strict=True) if there
            ]
            counts = "; ".join(
                f"{results.arm(arm)} {numbers.share(r.events, r.n)}%"
                for arm, r in found[pattern].items()
            ).replace(")%", "%)")
            texts.append(f"Seen at {', '.join(seen) or 'no visit'}: {counts}.")
    return " ".join(texts)
