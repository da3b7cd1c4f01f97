"""Forest plot: relative risks of the primary outcome and visit over all analyses of the plan."""

from trialrr.present import numbers
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results
from trialrr.present.tables.estimates import events


def draw(results: Results) -> style.Drawing:
    """One block a comparison, one row an analysis of the plan that has its relative risk.

    Filled squares are prespecified analyses, open ones are not.
    """
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    outcome, month = results.primary.outcome, results.primary.month
    analyses = results.analyses_of(outcome, month)
    rows, marks, said = [], [], []
    for contrast in results.contrasts:
        first, second = contrast.split(":")
        rows.append(intervals.Row((results.contrast(contrast),), heading=True))
        for analysis in analyses:
            row = results.get(analysis, "risk_ratio", contrast, outcome, month)
            if row is None:
                continue
            text = numbers.interval(row.estimate, row.lower, row.upper)
            counts = [
                events(results.get(analysis, "risk", arm, outcome, month))
                for arm in (first, second)
            ]
            filled = results.status(analysis) == "Prespecified"
            mark = intervals.Mark(row.estimate, row.lower, row.upper, filled=filled)
            name = f"  {results.analysis(analysis)}"
            rows.append(intervals.Row((name, *counts), (text,), (mark,)))
            marks.append((analysis, contrast, row.estimate, row.lower, row.upper))
            said.append(f"{results.contrast(contrast)}, {results.analysis(analysis)}: {text}.")
    limits, ticks = intervals.scale([v for _, _, *numbers_ in marks for v in numbers_])
    name = max(style.text_width(row.left[0]) for row in rows if not row.heading)
    heads = ("Analysis", "First, n/N", "Second, n/N")
    count = max(style.text_width(t) for row in rows for t in (*row.left[1:], *heads[1:]))
    value = max(style.text_width(t) for row in rows for t in row.right)
    first = 0.12 + name + 0.1 + count
    second = first + 0.15 + count
    layout = intervals.Layout(
        (0.12, first, second),
        (second + 0.15, style.PAGE - 0.12 - value - 0.1),
        (style.PAGE - 0.12 - value,),
        "lrr",
    )
    height = 0.3 + intervals.ROW * (len(rows) + 1) + 0.75
    figure, sheet = style.page(height, results.synthetic)
    what = f"{results.outcome(outcome)}, {results.visit(month)}"
    sheet.text(0.12, 0.17, what, weight="bold", va="center")
    foot = intervals.draw(
        figure,
        sheet,
        0.3,
        rows,
        layout,
        (heads, ("RR (95% CI)",)),
        limits,
        ticks,
        "Relative risk, first against second (log scale)",
    )
    sheet.text(
        0.12,
        foot + 0.02,
        "Filled: prespecified. Open: post hoc or exploratory.",
        va="center",
        color=style.GRAY,
        size=style.SIZE - 0.5,
    )
    return style.Drawing(
        "forest", f"Relative risk by analysis: {what}", " ".join(said), figure, tuple(marks)
    )
