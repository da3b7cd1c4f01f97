"""Forest plot of subgroups: relative risks by level of each moderator, counts and interactions."""

from dataclasses import dataclass
from functools import partial
from math import nan
from types import SimpleNamespace

from trialrr.present import numbers
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results
from trialrr.present.tables.estimates import events
from trialrr.present.tables.subgroups import Moderator, moderators

EDGE, GAP, TITLE = 0.12, 0.1, 0.135  # inches; TITLE of a line of a panel's title
SMALL = style.SIZE - 1.1
HEIGHT = 0.15  # of a row, inches
EVERYBODY = "Everybody"
HEADS = ("RR (95% CI)", "P")
NOTE = (
    "P: of the interaction, whether relative risks of all arms are alike in every level; levels are"
    " not tested. n/N: people with the event of people analyzed. Diamond, dashed line: everybody."
)


@dataclass(frozen=True)
class Line:
    """A row over all panels. name : at the left; counts : by arm; ratios : by contrast, a row of
    the results or None; p : of the interaction, in the row of a moderator, which is a heading."""

    name: str
    counts: tuple[str, ...] = ()
    ratios: tuple[SimpleNamespace | None, ...] = ()
    p: str = ""
    heading: bool = False


def draw(results: Results) -> style.Drawing:
    """A row a level under its moderator, with people who have the event of people analyzed, and one
    panel a comparison with the reference arm. P of the interaction stands at the moderator, none
    stands at a level. The first row and the dashed line: the analysis that is divided."""
    with style.house():
        return _draw(results)


def _draw(results: Results) -> style.Drawing:
    found = moderators(results)
    outcome = results.outcome_of({"outcomes": [m.outcome for m in found if m.levels]})
    found = [m for m in found if m.outcome == outcome]
    lines = _lines(results, found)
    contrasts = results.against_reference
    what = f"{results.outcome(outcome)}, {results.visit(found[0].month, outcome)}"

    left, x = _columns(results, lines)
    last = max(style.text_width(t, SMALL) for t in (HEADS[1], ">.99")) + GAP
    width = (style.PAGE - EDGE - last - x) / len(contrasts)
    ratios = [row for line in lines for row in line.ratios if row]
    text = max(style.text_width(t, SMALL) for t in (HEADS[0], *map(_text, ratios)))
    values = [v for row in ratios for v in (row.estimate, row.lower, row.upper)]
    limits, ticks = intervals.scale(values, tight=True)
    titles = [style.wrap(results.contrast(c), width - GAP, SMALL, "bold") for c in contrasts]
    top = 0.36 + TITLE * max(map(len, titles))
    figure, sheet = style.page(top + HEIGHT * (len(lines) + 1) + 0.9, results.synthetic)
    sheet.text(EDGE, 0.17, what, weight="bold", va="center")
    foot = top
    for i, title in enumerate(titles):
        start = x + i * width
        for k, line in enumerate(title):
            y = 0.38 + TITLE * k
            sheet.text(start, y, line, size=SMALL, weight="bold", va="center")
        end = start + width - text - GAP
        right = (end, start + width) if i + 1 == len(titles) else (end,)
        layout = intervals.Layout(
            left if i == 0 else (),
            (start, end - 0.07),
            right,
            "l" + "r" * len(results.arms),
            HEIGHT,
            SMALL,
        )
        names = ("", *(f"{arm}, n/N" for arm in results.arms)) if i == 0 else ()
        foot = intervals.draw(
            figure,
            sheet,
            top,
            [_row(line, i) for line in lines],
            layout,
            (names, HEADS[: len(right)]),
            limits,
            ticks,
            "Relative risk (log scale)",
            band=_dashed(lines, i),
        )
    size = style.SIZE - 0.75
    for k, line in enumerate(style.wrap(NOTE, style.PAGE - 2 * EDGE, size)):
        y = foot + 0.02 + 0.125 * k
        sheet.text(EDGE, y, line, va="center", color=style.GRAY, size=size)
    marks = [
        (row.subgroup, row.level, row.estimate, row.lower, row.upper)
        for i in range(len(contrasts))
        for line in lines
        if (row := _drawn(line, i))
    ]
    title = f"Relative risk by subgroup: {what}"
    return style.Drawing("subgroups", title, _said(results, lines), figure, tuple(marks))


def _lines(results: Results, found: list[Moderator]) -> list[Line]:
    """Everybody, then each moderator and its levels."""
    of = {entry["id"]: entry["of"] for entry in results.entries("subgroups")}
    first = found[0]
    lines = [_line(results, EVERYBODY, of[first.analysis], first)]
    for m in found:
        test = results.get(m.analysis, "interaction_wald", "all", m.outcome, m.month, m.id)
        p = numbers.p_value(test.p_value if test else None) if m.levels else ""
        lines.append(Line(m.label, p=p, heading=True))
        for subgroup, level in m.levels:
            lines.append(_line(results, f"  {level}", m.analysis, m, subgroup))
        lines += [] if m.levels else [Line("  not estimable")]
    return lines


def _line(results: Results, name: str, analysis: str, m: Moderator, subgroup: str = "") -> Line:
    get = partial(results.get, analysis, outcome=m.outcome, month=m.month, subgroup=subgroup)
    counts = tuple(events(get("risk", arm)) for arm in results.arms)
    return Line(name, counts, tuple(get("risk_ratio", c) for c in results.against_reference))


def _columns(results: Results, lines: list[Line]) -> tuple[tuple[float, ...], float]:
    """Where names and counts stand, counts by their right edge, and where panels may begin."""
    x = EDGE + max(style.text_width(line.name, SMALL) for line in lines if line.counts)
    places = [EDGE]
    for i, arm in enumerate(results.arms):
        texts = (f"{arm}, n/N", *(line.counts[i] for line in lines if line.counts))
        x += GAP + max(style.text_width(text, SMALL) for text in texts)
        places.append(x)
    return tuple(places), x + 2 * GAP


def _row(line: Line, i: int) -> intervals.Row:
    """A line as a row of panel `i`; P stands where the panel has a column for it."""
    names = (line.name, *line.counts) if i == 0 else ()
    row = _drawn(line, i)
    text = _text(line.ratios[i]) if line.ratios else ""
    if row is None:
        return intervals.Row(names, (text, line.p), heading=line.heading)
    everybody = line.name == EVERYBODY
    look = dict(color=style.COLORS[1], marker="D") if everybody else {}
    mark = intervals.Mark(row.estimate, row.lower, row.upper, **look)
    return intervals.Row(names, (text, line.p), (mark,))


def _drawn(line: Line, i: int) -> SimpleNamespace | None:
    """The row that panel `i` draws in this line, if it has an estimate."""
    row = line.ratios[i] if line.ratios else None
    return None if row is None or numbers.missing(row.estimate) else row


def _dashed(lines: list[Line], i: int) -> intervals.Mark | None:
    """The estimate of everybody as a line through panel `i`."""
    row = _drawn(lines[0], i)
    return row and intervals.Mark(row.estimate, nan, nan, style.COLORS[1])


def _text(row: SimpleNamespace | None) -> str:
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING
    return numbers.interval(row.estimate, row.lower, row.upper)


def _said(results: Results, lines: list[Line]) -> str:
    """The figure in sentences: a level after its moderator."""
    said, moderator = [], ""
    for line in lines:
        if line.heading:
            moderator = f"{line.name}, "
            said += [f"{line.name}: interaction P {line.p}."] if line.p else []
        for contrast, row in zip(results.against_reference, line.ratios, strict=False):
            name = f"{moderator}{line.name.strip()}"
            said.append(f"{name}, {results.contrast(contrast)}: {_text(row)}.")
    return " ".join(said)
