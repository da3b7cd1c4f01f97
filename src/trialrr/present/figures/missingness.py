"""Who was seen when: share of the people analyzed by the visits at which they were seen."""

from types import SimpleNamespace

from matplotlib.axes import Axes

from trialrr.present import numbers
from trialrr.present.figures import style
from trialrr.present.source import Results, parts

EDGE, GAP = 0.12, 0.16  # inches
COUNTS = 0.82  # inches of a column "463 (59.7)"
MOST = 24  # patterns drawn
BETWEEN = 0.09  # inches between groups of patterns
STEP = 0.07  # inches from the mark of an arm to that of the next

EVERY, GONE, BACK, NEVER = (
    "Seen at every visit",
    "Seen, then lost",
    "Missed, then seen",
    "Never seen",
)
GROUPS = (EVERY, GONE, BACK, NEVER)

Pattern = tuple[bool, ...]


def draw(results: Results) -> style.Drawing:
    """A row a pattern: filled where seen, open where not; beside it marks and counts by arm."""
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    months, arms = results.months, results.arms
    found = _patterns(results)
    ranked = sorted(found, key=lambda p: -max(r.events / r.n for r in found[p].values()))
    kept = set(ranked[:MOST])
    groups = {g: [p for p in found if p in kept and group(p) == g] for g in GROUPS}
    groups = {g: patterns for g, patterns in groups.items() if patterns}
    names = max(style.text_width(g) for g in groups)
    left, cell, heads = EDGE + names + 0.12, *_heads(results, months)
    row = max(0.2, STEP * len(arms) + 0.045)
    top = 0.55 + style.LINE * (1 + max(map(len, heads)))
    height = row * sum(map(len, groups.values())) + BETWEEN * (len(groups) - 1)
    figure, sheet = style.page(top + height + 0.86, results.synthetic)
    _key(results, sheet)
    start = left + cell * len(months) + GAP
    width = style.PAGE - EDGE - COUNTS * len(arms) - GAP - start
    axes = style.axes(figure, start, top, width, height)
    shares = [r.events / r.n for p in kept for r in found[p].values()]
    roof = min(100, 10 * (int(10 * max(shares)) + 1))
    axes.set(xlim=(0, roof), ylim=(height, 0))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    step = 20 if roof > 40 else 10
    axes.set_xticks(range(0, roof + 1, step))
    axes.grid(axis="x", color=style.PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("People, %", labelpad=2)
    for place, lines in enumerate(heads):
        for i, line in enumerate(reversed(lines)):
            at = (left + cell * (place + 0.5), top - 0.07 - style.LINE * i)
            sheet.text(*at, line, ha="center", va="bottom", color=style.GRAY)
    over = top - 0.07 - style.LINE * max(map(len, heads))
    sheet.text(left, over, _unit(results, months), va="bottom", color=style.GRAY)
    for rank, arm in enumerate(arms):
        x = start + width + GAP + COUNTS * (rank + 1)
        of = next(r.n for rows in found.values() for a, r in rows.items() if a == arm)
        color = style.dark(style.COLORS[rank % 5])
        head = dict(ha="right", va="bottom")
        short = style.wrap(arm, COUNTS - 0.05, weight="bold")[0]
        sheet.text(x, top - 0.07 - style.LINE, short, color=color, weight="bold", **head)
        of = f"n (%) of {numbers.count(of)}"
        sheet.text(x, top - 0.07, of, color=style.GRAY, size=style.SIZE - 0.75, **head)
    marks, y = [], 0.0
    for name, patterns in groups.items():
        if y:
            y += BETWEEN
            sheet.plot([EDGE, style.PAGE - EDGE], [top + y - BETWEEN / 2] * 2, color=style.PALE,
                       linewidth=0.6, zorder=0)  # fmt: skip
        sheet.text(EDGE, top + y + row / 2, name, va="center_baseline")
        for pattern in patterns:
            _board(sheet, left, cell, top + y + row / 2, pattern)
            for rank, (arm, r) in enumerate(found[pattern].items()):
                shift = STEP * (rank - (len(arms) - 1) / 2)
                _mark(axes, y + row / 2 + shift, 100 * r.events / r.n, arms.index(arm))
                x = start + width + GAP + COUNTS * (arms.index(arm) + 1)
                text = numbers.share(r.events, r.n).replace(f"/{numbers.count(r.n)}", "")
                sheet.text(x, top + y + row / 2, text, ha="right", va="center_baseline")
                marks.append((r.subgroup.removeprefix("seen="), arm, int(r.events), int(r.n)))
            y += row
    notes = "Filled: seen. Open: not seen. Of the people analyzed."
    if left_out := len(found) - len(kept):
        notes += f" {left_out} rarer patterns are not drawn."
    at = top + height + 0.52
    sheet.text(EDGE, at, notes, va="center", color=style.GRAY, size=style.SIZE - 0.5)
    said = _said(results, groups, found)
    title = f"Who was seen when: {results.plan['title']}"
    return style.Drawing("missingness", title, said, figure, tuple(marks))


def _patterns(results: Results) -> dict[Pattern, dict[str, SimpleNamespace]]:
    """Pattern → arm → row, patterns in the order of the results."""
    found: dict[Pattern, dict[str, SimpleNamespace]] = {}
    for row in results.rows("follow_up", "events", outcome="pattern"):
        seen = parts(row.subgroup)["seen"].split("+")
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


def _heads(results: Results, months: list[str]) -> tuple[float, list[list[str]]]:
    """Width of a column of the board, and the lines over each: bare numbers where visits are so
    many months."""
    if _unit(results, months).endswith("month"):
        return max(0.3, *(style.text_width(m) + 0.1 for m in months)), [[m] for m in months]
    lines = [style.wrap(results.visit(month), 0.5) for month in months]
    return max(0.3, *(style.text_width(t) + 0.1 for ls in lines for t in ls)), lines


def _unit(results: Results, months: list[str]) -> str:
    bare = all(results.visit(month) == f"{month} months" for month in months)
    return "Seen at month" if bare else "Seen at"


def _board(sheet: Axes, left: float, cell: float, y: float, pattern: Pattern) -> None:
    for i, seen in enumerate(pattern):
        sheet.plot(
            [left + cell * (i + 0.5)],
            [y],
            marker="o",
            markersize=5,
            color=style.INK,
            markerfacecolor=style.INK if seen else "white",
            markeredgewidth=0.7,
        )


def _mark(axes: Axes, y: float, percent: float, rank: int) -> None:
    color, marker = style.COLORS[rank % 5], style.MARKERS[rank % 5]
    axes.plot([0, percent], [y, y], color=color, linewidth=0.7, solid_capstyle="butt")
    axes.plot([percent], [y], color=color, marker=marker, markersize=3.2, clip_on=False)


def _key(results: Results, sheet: Axes) -> None:
    x = EDGE
    for rank, arm in enumerate(results.arms):
        color = style.COLORS[rank % 5]
        sheet.plot([x, x + 0.2], [0.25, 0.25], color=color, linewidth=0.7)
        sheet.plot([x + 0.2], [0.25], color=color, marker=style.MARKERS[rank % 5], markersize=4)
        label = results.arm(arm)
        text = arm if label.lower() == arm.lower() else f"{arm}: {label}"
        sheet.text(x + 0.3, 0.25, text, va="center")
        x += 0.3 + style.text_width(text) + 0.3


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
