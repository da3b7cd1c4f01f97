"""Published beside reproduced: percentages and relative risks, predicted ones first."""

from itertools import groupby
from types import SimpleNamespace

from trialrr.present import labels
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results
from trialrr.present.tables.comparison import beside, by_role, group, what

PUBLISHED, REPRODUCED = style.COLORS[2], style.COLORS[1]


def draw(results: Results, published: list[SimpleNamespace]) -> style.Drawing:
    """Two axes, percentages above relative risks; a row an estimate, published open in black above
    reproduced filled in blue."""
    with style.house():
        return _draw(results, by_role(published))


def _draw(results: Results, published: list[SimpleNamespace]) -> style.Drawing:
    risks = [c for c in published if c.quantity == "risk"]
    ratios = [c for c in published if c.quantity in ("risk_ratio", "odds_ratio")]
    blocks = [(rows, percent) for rows, percent in ((risks, True), (ratios, False)) if rows]
    drawn = [(_rows(results, rows, 100 if percent else 1), percent) for rows, percent in blocks]
    height = 0.42 + sum(intervals.ROW * (len(rows) + 1) + 0.51 for rows, _ in drawn) + 0.3
    figure, sheet = style.page(height, results.synthetic)
    _key(sheet)
    texts = [t for rows, _ in drawn for row in rows for t in row.right]
    value = max(style.text_width(t) for t in (*texts, "Reproduced (95% CI)"))
    name = max(style.text_width(row.left[0]) for rows, _ in drawn for row in rows if row.marks)
    right = style.PAGE - 0.12 - value
    layout = intervals.Layout(
        (0.12,), (0.12 + max(name, 1.2) + 0.2, right - value - 0.3), (right - value - 0.15, right)
    )
    top = 0.42
    for rows, percent in drawn:
        values = [
            v for row in rows for m in row.marks for v in (m.lower, m.upper, m.estimate) if v == v
        ]
        if percent:
            low, high = 5 * int(min(values) / 5), 5 * (int(max(values) / 5) + 1)
            limits, ticks = (low, high), list(range(low, high + 1, 5))
            label, reference = "Percentage with the outcome", None
        else:
            limits, ticks = intervals.scale(values)
            label, reference = "Relative risk (log scale)", 1.0
        top = 0.05 + intervals.draw(
            figure,
            sheet,
            top,
            rows,
            layout,
            (("",), ("Published (95% CI)", "Reproduced (95% CI)")),
            limits,
            ticks,
            label,
            log=not percent,
            reference=reference,
        )
    marks = tuple(
        (c.role, c.analysis, c.outcome, c.month, c.quantity, c.level, c.published, c.reproduced)
        for rows, _ in blocks
        for c in rows
    )
    said = " ".join(
        f"{what(results, c)}, {labels.quantity(c.quantity).lower()}, {group(results, c)}: published"
        f" {beside(c, 'published')}, reproduced {beside(c, 'reproduced')}."
        for rows, _ in blocks
        for c in rows
    )
    title = f"Published beside reproduced results: {results.plan['title']}"
    return style.Drawing("published_vs_reproduced", title, said, figure, marks)


def _rows(results: Results, compared: list[SimpleNamespace], unit: float) -> list[intervals.Row]:
    """Rows with headings for role and analysis, then for outcome and visit."""
    rows = []
    for (role, analysis), block in groupby(compared, key=lambda c: (c.role, c.analysis)):
        head = f"{labels.ROLES.get(role, role)}. {results.analysis(analysis)}"
        rows.append(intervals.Row((head,), heading=True))
        for about, estimates in groupby(block, key=lambda c: what(results, c)):
            rows.append(intervals.Row((f" {about}",)))
            for c in estimates:
                marks = (
                    _mark(c, "published", unit, PUBLISHED, "o", False, -0.2),
                    _mark(c, "reproduced", unit, REPRODUCED, "s", True, 0.2),
                )
                texts = (beside(c, "published"), beside(c, "reproduced"))
                drawn = tuple(mark for mark in marks if mark)
                rows.append(intervals.Row((f"    {group(results, c)}",), texts, drawn))
    return rows


def _mark(c: SimpleNamespace, side: str, unit: float, color, marker, filled, shift):
    """The mark of one side of a comparison, None if this run did not compute it."""
    estimate, *limits = (getattr(c, f"{side}{part}") for part in ("", "_lower", "_upper"))
    if estimate != estimate:
        return None
    low, high = (unit * v for v in limits)
    return intervals.Mark(unit * estimate, low, high, color, marker, filled, shift)


def _key(sheet) -> None:
    x = 0.12
    for label, color, marker, filled in (
        ("Published", PUBLISHED, "o", False),
        ("Reproduced", REPRODUCED, "s", True),
    ):
        sheet.plot([x, x + 0.3], [0.2, 0.2], color=color, linewidth=1.0)
        sheet.plot(
            [x + 0.15],
            [0.2],
            color=color,
            marker=marker,
            markersize=4,
            markerfacecolor=color if filled else "white",
        )
        sheet.text(x + 0.37, 0.2, label, va="center")
        x += 0.37 + style.text_width(label) + 0.3
