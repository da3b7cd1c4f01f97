"""Caterpillar plot: the share of responders of each coach, sorted, beside that of the arm."""

from math import nan
from types import SimpleNamespace

from trialrr.present import numbers
from trialrr.present.figures import intervals, style
from trialrr.present.source import Results, parts

EDGE = 0.12  # inches
LOWEST = 0.12  # inches of a row in which its texts can still be read
TALLEST = 8.4  # inches of all rows together
OTHERS = "others"
FEWEST = 5  # people seen, with whom a coach has a row


def draw(results: Results) -> style.Drawing:
    """A block an arm with coaches, a row a coach with its interval, the smallest share first; the
    coaches with few people as one row, last; the arm's share as a line."""
    blocks = {arm: found for arm in _clustered(results) if (found := _coaches(results, arm))}
    with style.house():
        return _draw(results, blocks)


def _clustered(results: Results) -> dict[str, str]:
    """Arm → what its people share, of the arms with clusters."""
    shared = ((arm["id"], arm.get("clusters", "person")) for arm in results.plan["arms"])
    return {arm: of for arm, of in shared if of != "person"}


def _coaches(results: Results, arm: str) -> list[tuple[str, SimpleNamespace]]:
    """(coach, row), the smallest share first, the others last."""
    outcome, month = results.primary.outcome, results.primary.month
    rows = results.rows("coaches", "risk", outcome=outcome, month=month, level=arm)
    found = [(at["coach"], row) for row in rows if "coach" in (at := parts(row.subgroup))]
    return sorted(found, key=lambda each: (each[0] == OTHERS, each[1].estimate, each[0]))


def _draw(results: Results, blocks) -> style.Drawing:
    outcome, month = results.primary.outcome, results.primary.month
    row = min(intervals.ROW, TALLEST / sum(map(len, blocks.values())))
    size = style.SIZE if row == intervals.ROW else style.SIZE - 1
    layout = intervals.Layout((EDGE,), (1.1, 4.75), (4.95, 6.0), "l", row, size)
    notes = _notes(results, blocks)
    lines = style.wrap(notes, style.PAGE - 2 * EDGE, style.SIZE - 0.5)
    tall = [row * (len(found) + 1) + 1.02 for found in blocks.values()]
    height = 0.35 + sum(tall) + style.LINE * len(lines) + 0.22
    figure, sheet = style.page(height, results.synthetic)
    head = f"{results.outcome(outcome)}, {results.visit(month)}"
    sheet.text(EDGE, 0.17, head, weight="bold", va="center")
    highest = max(r.upper for found in blocks.values() for _, r in found)
    roof = min(100, 10 * (int(10 * highest) + 1))
    marks, said, y = [], [], 0.35
    for (arm, found), high in zip(blocks.items(), tall, strict=True):
        share = results.need("coaches", "risk", arm, outcome, month)
        shared = _clustered(results)[arm]
        rank = results.arms.index(arm)
        color, marker = style.COLORS[rank % 5], style.MARKERS[rank % 5]
        sheet.text(EDGE, y + 0.08, results.arm(arm), weight="bold", va="center",
                   color=style.dark(color))  # fmt: skip
        rows = []
        for coach, r in found:
            ends = [100 * v for v in (r.estimate, r.lower, r.upper)]
            mark = intervals.Mark(*ends, color, marker, filled=coach != OTHERS)
            shown = _texts(coach, r, shared) if row >= LOWEST else ((), ())
            rows.append(intervals.Row(*shown, (mark,)))
            marks.append((arm, coach, r.estimate, r.lower, r.upper, int(r.events), int(r.n)))
        heads = (shared.capitalize(),), ("n/N (%)", "95% CI, %")
        limits, ticks = (0, roof), list(range(0, roof + 1, 20 if roof > 50 else 10))
        line = intervals.Mark(100 * share.estimate, nan, nan, style.INK)
        label = "People with the outcome among those seen, % (95% CI)"
        place = dict(limits=limits, ticks=ticks, label=label, log=False, reference=None, band=line)
        intervals.draw(
            figure, sheet, y + 0.36, rows, layout, heads if row >= LOWEST else ((), ()), **place
        )
        start, end = layout.axis
        x = start + (end - start) * share.estimate * 100 / roof
        words = f"{arm}: {numbers.percent(share.estimate)}%"
        sheet.text(x, y + 0.36 + row / 2, words, ha="center", va="center")
        marks.append((arm, "", share.estimate, int(share.events), int(share.n)))
        said.append(_said(results, arm, shared, share, found))
        y += high
    for i, text in enumerate(lines):
        at = y + 0.02 + style.LINE * i
        sheet.text(EDGE, at, text, va="center", color=style.GRAY, size=style.SIZE - 0.5)
    title = (
        f"Response by {' and '.join(dict.fromkeys(map(_clustered(results).get, blocks)))}: {head}"
    )
    return style.Drawing("coaches", title, " ".join(said), figure, tuple(marks))


def _texts(coach: str, row: SimpleNamespace, shared: str) -> tuple[tuple[str], tuple[str, str]]:
    several = f" ({numbers.count(row.n_clusters)})" if coach == OTHERS else ""
    name = f"Others{several}" if coach == OTHERS else coach
    interval = f"{numbers.percent(row.lower)} to {numbers.percent(row.upper)}"
    return (name,), (numbers.share(row.events, row.n), interval)


def _notes(results: Results, blocks) -> str:
    words = (
        "Observed, of the people seen, not adjusted: who came to whom is part of it. Wilson"
        " intervals; with so many of them some leave the line by chance. Dashed line: the arm's"
        " share."
    )
    return f"{words} {' '.join(_pooled(results, arm, found) for arm, found in blocks.items())}"


def _pooled(results: Results, arm: str, found) -> str:
    shared = _clustered(results)[arm]
    few = next((numbers.count(r.n_clusters) for coach, r in found if coach == OTHERS), "none")
    rule = f"Every {shared} with fewer than {FEWEST} people seen stands in one row, Others"
    return f"{rule}: {few} here."


def _said(results: Results, arm: str, shared: str, share: SimpleNamespace, found) -> str:
    each = "; ".join(
        f"{coach} {numbers.interval(r.estimate, r.lower, r.upper, numbers.percent)}%, n {r.n}"
        for coach, r in found
    )
    whole = f"{numbers.share(share.events, share.n)}%".replace(")%", "%)")
    return f"{results.arm(arm)}: {whole} of all people seen. By {shared}: {each}."
