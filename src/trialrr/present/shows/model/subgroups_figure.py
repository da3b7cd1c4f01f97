"""Forest plot of subgroups: relative risks by level of each moderator, counts and interactions."""

from dataclasses import replace
from functools import partial
from math import nan
from types import SimpleNamespace

from trialrr.present.kit import intervals, style
from trialrr.present.kit.panels import Line, Panels
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import events
from trialrr.present.shows.model.subgroups import ModeratorResults, moderators
from trialrr.present.words import numbers

Ratios = dict[str, SimpleNamespace | None]
"""Comparison → row of its relative risk."""

EVERYBODY = "Everybody"
NOTE = (
    "P: of the interaction, whether relative risks of all arms are alike in every level; levels are"
    " not tested. n/N: people with the event of people analyzed. Diamond, dashed line: everybody."
)


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A row a level under its moderator, with people who have the event of people analyzed, and one
    panel a comparison with the reference arm. P of the interaction stands at the moderator, none
    stands at a level. The first row and the dashed line: the analysis that is divided. In a column
    panels stand below each other, each beside the counts of its two arms."""
    with style.house():
        return _draw(results, width)


def _draw(results: Results, width: float) -> style.Drawing:
    found = moderators(results)
    outcome = results.foremost([m.outcome for m in found if m.levels])
    found = [m for m in found if m.outcome == outcome]
    contrasts, rows = results.against_reference, _rows(results, found)
    lines = [line for line, _ in rows]
    everybody = {c: mark for c, (_, mark) in lines[0].cells.items() if mark}
    panels = Panels(
        results,
        contrasts,
        lines,
        {c: replace(mark, lower=nan, upper=nan) for c, mark in everybody.items()},
        width,
        size=style.SIZE - 1.1,
        row=0.15 if width == style.PAGE else 0.13,
        axis=0.7,
    )
    what = f"{results.outcome(outcome)}, {results.visit(found[0].month, outcome)}"
    marks = [
        (row.subgroup, row.level, row.estimate, row.lower, row.upper)
        for contrast in contrasts
        for _, ratios in rows
        if (row := ratios.get(contrast)) and not numbers.missing(row.estimate)
    ]
    title = f"Relative risk by subgroup: {what}"
    figure = panels.figure(what, NOTE)
    return style.Drawing("subgroups", title, _said(results, lines), figure, tuple(marks))


def _rows(results: Results, found: list[ModeratorResults]) -> list[tuple[Line, Ratios]]:
    """Everybody, then each moderator and its levels, with their relative risks."""
    of = {entry.id: entry.of for entry in results.entries("subgroups")}
    first = found[0]
    look = dict(color=style.COLORS[1], marker="D")
    rows = [_row(results, Line(EVERYBODY), of[first.analysis], first, **look)]
    for m in found:
        test = results.get(m.analysis, "interaction_wald", "all", m.outcome, m.month, m.id)
        p = results.p(test.p_value if test else None) if m.levels else ""
        rows.append((Line(m.label, p=p, heading=True), {}))
        for subgroup, level in m.levels:
            rows.append(_row(results, Line(level, indent="  "), m.analysis, m, subgroup))
        rows += [] if m.levels else [(Line("not estimable", indent="  "), {})]
    return rows


def _row(
    results: Results,
    line: Line,
    analysis: str,
    m: ModeratorResults,
    subgroup: str = "",
    **look: str,
) -> tuple[Line, Ratios]:
    """`line` with its counts and estimates; look : of its marks."""
    get = partial(results.get, analysis, outcome=m.outcome, month=m.month, subgroup=subgroup)
    counts = {arm: events(get("risk", arm)) for arm in results.arms}
    ratios = {contrast: get("risk_ratio", contrast) for contrast in results.against_reference}
    cells = {contrast: _cell(row, **look) for contrast, row in ratios.items()}
    return replace(line, counts=counts, cells=cells), ratios


def _cell(row: SimpleNamespace | None, **look: str) -> tuple[str, intervals.Mark | None]:
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING, None
    mark = intervals.Mark(row.estimate, row.lower, row.upper, **look)
    return numbers.interval(row.estimate, row.lower, row.upper), mark


def _said(results: Results, lines: list[Line]) -> str:
    """The figure in sentences: a level after its moderator."""
    said, moderator = [], ""
    for line in lines:
        if line.heading:
            moderator = f"{line.name}, "
            said += [f"{line.name}: interaction P {line.p}."] if line.p else []
        for contrast, (text, _) in line.cells.items():
            said.append(f"{moderator}{line.name}, {results.contrast(contrast)}: {text}.")
    return " ".join(said)
