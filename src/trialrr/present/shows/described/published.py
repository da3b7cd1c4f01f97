"""Published beside reproduced: percentages and relative risks, predicted ones first."""

from dataclasses import dataclass
from itertools import groupby
from types import SimpleNamespace

from trialrr.present.kit import intervals, key, style
from trialrr.present.results import Results
from trialrr.present.shows.described.comparison import beside, by_role, group, what
from trialrr.present.words import labels

PUBLISHED, REPRODUCED = style.COLORS[2], style.COLORS[1]
HEADS = ("Published", "Reproduced")
EDGE, GAP, BETWEEN = style.EDGE, 0.07, 0.05  # inches; BETWEEN two axes
BODY = 0.42  # inches from the top of the page to the first axis


@dataclass(frozen=True)
class Block:
    """Estimates on one axis: its rows, scale and words."""

    rows: list[intervals.Row]
    limits: tuple[float, float]
    ticks: list[float]
    label: str
    percent: bool


def draw(
    results: Results, published: list[SimpleNamespace], width: float = style.PAGE
) -> style.Drawing:
    """Two axes, percentages above relative risks; a row an estimate, published open in black above
    reproduced filled in blue. In a column letters are those of dense figures and headings wrap."""
    with style.house():
        return _draw(results, by_role(published), width)


def _draw(results: Results, published: list[SimpleNamespace], width: float) -> style.Drawing:
    risks = [c for c in published if c.quantity == "risk"]
    ratios = [c for c in published if c.quantity in ("risk_ratio", "odds_ratio")]
    narrow = width < style.PAGE
    size, row = (style.SIZE - 1.1, 0.15) if narrow else (style.SIZE, intervals.ROW)
    drawn = [_block(results, rows, width, size) for rows in (risks, ratios) if rows]
    layout = _layout(results, [row for block in drawn for row in block.rows], width, size, row)
    heights = [intervals.drawn_height(len(block.rows), row) + BETWEEN for block in drawn]
    figure, sheet = style.page(BODY + sum(heights) + 0.3, results.synthetic, width)
    key.draw(sheet, _key(), 0.2, width)
    for i, block in enumerate(drawn):
        intervals.draw(
            figure,
            sheet,
            BODY + sum(heights[:i]),
            block.rows,
            layout,
            (("",), _heads(results, narrow)),
            block.limits,
            block.ticks,
            block.label,
            log=not block.percent,
            reference=None if block.percent else 1.0,
        )
    marks = tuple(
        (c.role, c.analysis, c.outcome, c.month, c.quantity, c.level, c.published, c.reproduced)
        for c in (*risks, *ratios)
    )
    said = " ".join(
        f"{what(results, c)}, {labels.quantity(c.quantity).lower()}, {group(results, c)}: published"
        f" {beside(c, 'published')}, reproduced {beside(c, 'reproduced')}."
        for c in (*risks, *ratios)
    )
    title = f"Published beside reproduced results: {results.plan.title}"
    return style.Drawing("published_vs_reproduced", title, said, figure, marks)


def _block(results: Results, compared: list[SimpleNamespace], width: float, size: float) -> Block:
    """Percentages, or ratios, on an axis that holds them."""
    percent, narrow = compared[0].quantity == "risk", width < style.PAGE
    rows = _rows(results, compared, 100 if percent else 1, width, size)
    ends = (v for row in rows for m in row.marks for v in (m.lower, m.upper, m.estimate))
    values = [v for v in ends if v == v]
    if percent:
        low, high = 5 * int(min(values) / 5), 5 * (int(max(values) / 5) + 1)
        ticks = list(range(low, high + 1, 5))
        label = "Percentage with the outcome" + (" (CI)" if narrow else "")
        return Block(rows, (low, high), ticks, label, percent)
    limits, ticks = intervals.scale(values, tight=narrow)
    label = f"Relative risk ({'CI, ' if narrow else ''}log scale)"
    return Block(rows, limits, ticks, label, percent)


def _heads(results: Results, narrow: bool) -> tuple[str, ...]:
    """Headings of both columns. At which level an interval was published the data do not tell."""
    if narrow:
        return HEADS
    return f"{HEADS[0]} (CI)", f"{HEADS[1]} ({results.ci})"


def _layout(
    results: Results, rows: list[intervals.Row], width: float, size: float, row: float
) -> intervals.Layout:
    """Names, the axis, and published beside reproduced texts: loosely on a page."""
    narrow = width < style.PAGE
    heads = _heads(results, narrow)
    value = max(style.text_width(text, size) for r in rows for text in (*heads, *r.right))
    name = max(style.text_width(r.left[0], size) for r in rows if r.marks)
    loose = 0 if narrow else 0.08
    right = width - EDGE - value
    left = right - GAP - loose - value
    start = EDGE + name + GAP if narrow else EDGE + max(name, 1.2) + 0.2
    return intervals.Layout((EDGE,), (start, left - GAP - loose), (left, right), row=row, size=size)


def _rows(
    results: Results, compared: list[SimpleNamespace], unit: float, width: float, size: float
) -> list[intervals.Row]:
    """Rows with headings for role and analysis, then for outcome and visit, on a sheet `width`
    inches wide."""
    rows, room = [], width - 2 * EDGE
    inset, indent, longest = ("", "  ", 0.6) if width < style.PAGE else (" ", "    ", room)
    for (role, analysis), block in groupby(compared, key=lambda c: (c.role, c.analysis)):
        head = f"{labels.ROLES.get(role, role)}. {results.analysis(analysis)}"
        lines = style.wrap(head, room, size, "bold")
        rows += [intervals.Row((line,), heading=True) for line in lines]
        for about, estimates in groupby(block, key=lambda c: what(results, c)):
            rows += [intervals.Row((inset + line,)) for line in style.wrap(about, room, size)]
            for c in estimates:
                marks = (
                    _mark(c, "published", unit, PUBLISHED, "o", False, -0.2),
                    _mark(c, "reproduced", unit, REPRODUCED, "s", True, 0.2),
                )
                texts = (beside(c, "published"), beside(c, "reproduced"))
                drawn = tuple(mark for mark in marks if mark)
                name, *more = style.wrap(group(results, c), longest, size)
                rows.append(intervals.Row((indent + name,), texts, drawn))
                rows += [intervals.Row((indent + line,)) for line in more]
    return rows


def _mark(c: SimpleNamespace, side: str, unit: float, color, marker, filled, shift):
    """The mark of one side of a comparison, None if this run did not compute it."""
    estimate, *limits = (getattr(c, f"{side}{part}") for part in ("", "_lower", "_upper"))
    if estimate != estimate:
        return None
    low, high = (unit * v for v in limits)
    return intervals.Mark(unit * estimate, low, high, color, marker, filled, shift)


def _key() -> list[key.Item]:
    how = dict(sample=0.3, linewidth=1.0, markersize=4)
    return [
        key.line(HEADS[0], PUBLISHED, marker="o", markerfacecolor="white", **how),
        key.line(HEADS[1], REPRODUCED, marker="s", **how),
    ]
