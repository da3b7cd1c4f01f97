"""Forest plot: relative risks of the primary outcome and visit over all analyses of the plan."""

from dataclasses import replace
from math import nan

from trialrr.present.kit import intervals, style
from trialrr.present.kit.panels import Line, Panels
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import events
from trialrr.present.words import numbers

MANY = 20  # rows from which on they are set closer and smaller
TALLEST = 8.6  # inches of all rows in a column
PRESPECIFIED = "Prespecified"

Groups = list[tuple[str, list[str]]]
"""Analyses under their headings."""


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A row an analysis of the plan with a relative risk, under the headings of the plan, with
    people who have the event of people analyzed; one panel a comparison with the reference arm, or
    any comparison if the plan has none of these. An analysis that fits many times over shows the
    range of its estimates.

    Filled squares are prespecified analyses, open ones are not. In a column counts stand under the
    names, panels below each other; where all rows would be too tall the prespecified ones stand
    alone, and a note says so.
    """
    return _draw("forest", results, results.against_reference or results.contrasts, width)


def draw_active(results: Results, width: float = style.PAGE) -> style.Drawing:
    """The figure of `draw` for the other comparisons, those between active arms."""
    against = results.against_reference or results.contrasts
    active = [c for c in results.contrasts if c not in against]
    return _draw("forest_active", results, active, width, " between active arms")


def _draw(
    id: str, results: Results, contrasts: list[str], width: float, between: str = ""
) -> style.Drawing:
    groups = results.grouped(**_at(results))
    if not contrasts or not groups:
        return style.note(id, results, width)
    with style.house():
        shown, panels = groups, _panels(results, contrasts, groups, width)
        if panels.narrow and panels.height() > TALLEST:
            shown = _prespecified(results, groups) or groups
            panels = _panels(results, contrasts, shown, width)
        notes = _notes(panels, _listed(shown), len(_listed(groups)))
        what = f"{results.outcome(results.primary.outcome)}, {results.visit(results.primary.month)}"
        alone = len(contrasts) == 1 and not panels.narrow
        heading = f"{what}. {results.contrast(contrasts[0])}" if alone else what
        figure = panels.figure(heading, notes)
    estimates = [(a, c, *_estimate(results, a, c)) for c in contrasts for a in _listed(shown)]
    said = (f"{results.contrast(c)}, {results.analysis(a)}: {text}." for a, c, text, _ in estimates)
    marks = tuple((a, c, *_drawn(mark)) for a, c, _, mark in estimates if mark)
    title = f"Relative risk by analysis{between}: {what}"
    return style.Drawing(id, title, " ".join(said), figure, marks)


def _listed(groups: Groups) -> list[str]:
    return [analysis for _, members in groups for analysis in members]


def _prespecified(results: Results, groups: Groups) -> Groups:
    kept = ((head, [a for a in m if results.status(a) == PRESPECIFIED]) for head, m in groups)
    return [(head, members) for head, members in kept if members]


def _panels(results: Results, contrasts: list[str], groups: Groups, width: float) -> Panels:
    lines = []
    for head, members in groups:
        lines += [Line(head, heading=True)] if head else []
        lines += [_line(results, a, contrasts, "  " if head else "") for a in members]
    bands = {}
    if len(_listed(groups)) > 1:
        primary = {c: _estimate(results, results.primary.analysis, c)[1] for c in contrasts}
        bands = {c: replace(mark, color=style.COLORS[1]) for c, mark in primary.items() if mark}
    narrow, many = width < style.PAGE, len(lines) > MANY
    return Panels(
        results,
        contrasts,
        lines,
        bands,
        width,
        size=style.SIZE - 1.1 if many or narrow else style.SIZE,
        row=0.13 if narrow else 0.148 if many else intervals.ROW,
        axis=0.95 if narrow else 0.8,
        tight=many or narrow,
        head="Analysis",
    )


def _line(results: Results, analysis: str, contrasts: list[str], indent: str) -> Line:
    counts, fits = {}, ""
    if results.ranging(analysis):
        spans = (results.span(analysis, c, **_at(results)) for c in contrasts)
        found = sorted({span.fits for span in spans if span})
        fits = _fits(found[0], found[-1]) if found else ""
    else:
        risks = {arm: results.get(analysis, "risk", arm, **_at(results)) for arm in results.arms}
        counts = {arm: events(row) for arm, row in risks.items()}
    cells = {}
    for contrast in contrasts:
        text, mark = _estimate(results, analysis, contrast)
        cells[contrast] = (text.partition(" (")[0] if fits else text, mark)
    return Line(results.analysis(analysis), counts, fits, cells, indent=indent)


def _fits(fewest: int, most: int) -> str:
    ends = " to ".join(dict.fromkeys((numbers.count(fewest), numbers.count(most))))
    return f"range of {ends} {'fit' if most == 1 else 'fits'}"


def _estimate(results: Results, analysis: str, contrast: str) -> tuple[str, intervals.Mark | None]:
    """Text and mark of a row: an estimate with its limits, a range of estimates, or nothing but a
    dash."""
    if results.ranging(analysis):
        span = results.span(analysis, contrast, **_at(results))
        if span is None:
            return numbers.MISSING, None
        text = numbers.span(span.smallest, span.largest, span.fits)
        return text, intervals.Mark(nan, span.smallest, span.largest)
    row = results.get(analysis, "risk_ratio", contrast, **_at(results))
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING, None
    filled = results.status(analysis) == PRESPECIFIED
    mark = intervals.Mark(row.estimate, row.lower, row.upper, filled=filled)
    return numbers.interval(row.estimate, row.lower, row.upper), mark


def _at(results: Results) -> dict[str, str]:
    """Where the figure looks: the primary outcome and month."""
    return dict(outcome=results.primary.outcome, month=results.primary.month)


def _drawn(mark: intervals.Mark) -> tuple[float, ...]:
    """The numbers that a mark shows."""
    ends = (mark.lower, mark.upper)
    return ends if numbers.missing(mark.estimate) else (mark.estimate, *ends)


def _notes(panels: Panels, shown: list[str], every: int) -> str:
    notes = ["n/N: people with the event of people analyzed."]
    alone = any(text.isdigit() for line in panels.lines for text in line.counts.values())
    notes += ["N alone: imputed many times."] if alone else []
    if len(shown) < every:
        notes.append(f"{len(shown)} prespecified of {every} analyses; all: page-wide figure.")
    else:
        notes.append("Filled: prespecified. Open: post hoc or exploratory.")
    notes += ["Dashed line and band: primary analysis."] if panels.bands else []
    spanned = any(line.fits for line in panels.lines)
    notes += ["Thin line: smallest to largest estimate."] if spanned else []
    return " ".join(notes)
