"""Forest plot: relative risks of the primary outcome and visit over all analyses of the plan."""

from math import nan

from trialrr.present import numbers
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results
from trialrr.present.tables.estimates import events

EDGE, GAP = 0.12, 0.08  # inches
MANY = 20  # rows from which on they are set closer and smaller
LONGEST = 1.8  # inches that a name may take beside several comparisons, else it is wrapped


def draw(results: Results) -> style.Drawing:
    """A row an analysis of the plan with a relative risk, under the headings of the plan; side by
    side one panel a comparison. One that fits many times over shows the range of its estimates.

    Filled squares are prespecified analyses, open ones are not.
    """
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    outcome, month = results.primary.outcome, results.primary.month
    groups = results.grouped(outcome, month)
    contrasts = results.contrasts
    several = sum(len(members) for _, members in groups) > 1
    many = sum(1 + len(members) for _, members in groups) > MANY
    size, row = (style.SIZE - 1.1, 0.148) if many else (style.SIZE, intervals.ROW)
    alone = len(contrasts) == 1
    marks, said, spanned = [], [], False
    panels = []
    for contrast in contrasts:
        rows, first = [], not panels
        for head, members in groups:
            if head:
                rows.append(intervals.Row((head,) if first else (), heading=True))
            for analysis in members:
                text, mark, numbers_ = _estimate(results, analysis, contrast, outcome, month)
                name, *more = _name(results.analysis(analysis), bool(head), size, alone)
                left = (name,) if first else ()
                if alone:
                    left = (*left, *_counts(results, analysis, contrast, outcome, month))
                rows.append(intervals.Row(left, (text,), (mark,) if mark else ()))
                rows += [intervals.Row((line,) if first else ()) for line in more]
                if mark:
                    spanned |= mark.estimate != mark.estimate
                    marks.append((analysis, contrast, *numbers_))
                said.append(f"{results.contrast(contrast)}, {results.analysis(analysis)}: {text}.")
        panels.append(rows)
    limits, ticks = intervals.scale([v for mark in marks for v in mark[2:]], tight=many)
    left = [row.left[0] for row in panels[0] if row.left and not row.heading]
    name = max(style.text_width(text, size) for text in left)
    value = max(style.text_width(t, size) for rows in panels for r in rows for t in r.right)
    columns, heads, start = (EDGE,), ("Analysis",), EDGE + name + GAP
    if alone:
        heads = ("Analysis", "First, n/N", "Second, n/N")
        counts = (*heads[1:], *(t for r in panels[0] for t in r.left[1:]))
        count = max(style.text_width(text, size) for text in counts)
        columns = (EDGE, start + count, start + 2 * count + 0.15)
        start = columns[-1] + GAP
    width = (style.PAGE - EDGE - start) / len(contrasts)
    titles = [
        style.wrap(results.contrast(c), width - GAP, size, "bold") if not alone else []
        for c in contrasts
    ]
    top = 0.3 + 0.135 * max(map(len, titles))
    height = top + row * (len(panels[0]) + 1) + 0.75
    figure, sheet = style.page(height, results.synthetic)
    what = f"{results.outcome(outcome)}, {results.visit(month)}"
    about = f"{what}. {results.contrast(contrasts[0])}" if alone else what
    sheet.text(EDGE, 0.17, about, weight="bold", va="center")
    for i, (contrast, rows, title) in enumerate(zip(contrasts, panels, titles, strict=True)):
        x = start + i * width
        for line, text in enumerate(title):
            y = 0.33 + 0.135 * line
            sheet.text(x + GAP / 2, y, text, size=size, weight="bold", va="center")
        end = x + width - value
        layout = intervals.Layout(
            columns if i == 0 else (),
            (x + GAP / 2, end - 0.07 - (0 if alone else GAP / 2)),
            (end - (0 if alone else GAP / 2),),
            "lrr",
            row,
            size,
        )
        main = results.get(results.primary.analysis, "risk_ratio", contrast, outcome, month)
        band = main and intervals.Mark(main.estimate, main.lower, main.upper, style.COLORS[1])
        foot = intervals.draw(
            figure,
            sheet,
            top,
            rows,
            layout,
            (heads if i == 0 else (), ("RR (95% CI)",)),
            limits,
            ticks,
            "Relative risk (log scale)",
            band=band if several else None,
        )
    notes = ["Filled: prespecified. Open: post hoc or exploratory."]
    notes += ["Dashed line and band: primary analysis."] if several else []
    notes += ["Thin line: smallest to largest estimate."] if spanned else []
    how = dict(va="center", color=style.GRAY, size=style.SIZE - 0.75)
    sheet.text(EDGE, foot + 0.02, " ".join(notes), **how)
    title = f"Relative risk by analysis: {what}"
    return style.Drawing("forest", title, " ".join(said), figure, tuple(marks))


def _estimate(results: Results, analysis: str, contrast: str, outcome: str, month: str):
    """Text, mark and drawn numbers of a row: an estimate with its limits, a range of estimates, or
    nothing but a dash."""
    row = results.get(analysis, "risk_ratio", contrast, outcome, month)
    if results.ranging(analysis):
        row, span = None, results.span(analysis, contrast, outcome, month)
        if span is None:
            return numbers.MISSING, None, ()
        text = numbers.span(span.smallest, span.largest, span.fits)
        mark = intervals.Mark(nan, span.smallest, span.largest)
        return text, mark, (span.smallest, span.largest)
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING, None, ()
    filled = results.status(analysis) == "Prespecified"
    mark = intervals.Mark(row.estimate, row.lower, row.upper, filled=filled)
    text = numbers.interval(row.estimate, row.lower, row.upper)
    return text, mark, (row.estimate, row.lower, row.upper)


def _counts(results: Results, analysis: str, contrast: str, outcome: str, month: str) -> list[str]:
    arms = contrast.split(":")
    return [events(results.get(analysis, "risk", arm, outcome, month)) for arm in arms]


def _name(text: str, indented: bool, size: float, alone: bool) -> list[str]:
    """The name of an analysis in lines, indented under a heading."""
    lines = [text] if alone else style.wrap(text, LONGEST, size)
    indents = ["  " if indented else ""] + ["      "] * (len(lines) - 1)
    return [indent + line for indent, line in zip(indents, lines, strict=True)]
