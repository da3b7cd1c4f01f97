"""Caterpillar plot: the share of responders of each cluster, sorted, beside that of the arm."""

from math import nan
from types import SimpleNamespace

from trialrr.ard import FEWEST, Subgroup
from trialrr.present.kit import intervals, style
from trialrr.present.results import BY_CLUSTER, Results
from trialrr.present.words import numbers

LOWEST = 0.12  # inches of a row in which its texts can still be read
TALLEST = 9.5  # inches of a figure
AROUND = 1.02  # inches of a block beside its rows: name, axis, label
OTHERS = "others"


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A block an arm with clusters, a row a cluster with its interval, the smallest share first;
    the clusters with few people as one row, last; the arm's share as a line. Where it is narrow
    intervals are drawn and not written."""
    blocks = {arm: found for arm in results.shared if (found := _clusters(results, arm))}
    with style.house():
        return _draw(results, blocks, width)


def _clusters(results: Results, arm: str) -> list[tuple[str, SimpleNamespace]]:
    """(cluster, row), the smallest share first, the others last."""
    outcome, month = results.primary.outcome, results.primary.month
    rows = results.rows(BY_CLUSTER, "risk", outcome=outcome, month=month, level=arm)
    found = [
        (at["cluster"], row) for row in rows if "cluster" in (at := Subgroup.read(row.subgroup))
    ]
    return sorted(found, key=lambda each: (each[0] == OTHERS, each[1].estimate, each[0]))


def _draw(results: Results, blocks, width: float) -> style.Drawing:
    outcome, month = results.primary.outcome, results.primary.month
    words = f"{results.outcome(outcome)}, {results.visit(month)}"
    visit = results.visit(month).replace(" ", "\u00a0")
    head = style.wrap(f"{results.outcome(outcome)}, {visit}", width - 2 * style.EDGE, weight="bold")
    notes = _notes(results, blocks)
    start, foot = 0.2 + style.LINE * len(head), style.notes_height(notes, width) + 0.22
    layout, label = _layout(results, blocks, TALLEST - start - foot, width)
    around = AROUND + style.LINE * label.count("\n")
    tall = [layout.row * (len(found) + 1) + around for found in blocks.values()]
    figure, sheet = style.page(start + sum(tall) + foot, results.synthetic, width)
    for i, line in enumerate(head):
        sheet.text(style.EDGE, 0.17 + style.LINE * i, line, weight="bold", va="center")
    marks, said, y = [], [], start
    for (arm, found), high in zip(blocks.items(), tall, strict=True):
        share = results.need(BY_CLUSTER, "risk", arm, outcome, month)
        _block(results, figure, sheet, y, arm, share, found, layout, _roof(blocks), label)
        for cluster, r in found:
            marks.append((arm, cluster, r.estimate, r.lower, r.upper, int(r.events), int(r.n)))
        marks.append((arm, "", share.estimate, int(share.events), int(share.n)))
        said.append(_said(results, arm, share, found))
        y += high
    style.notes(sheet, y + 0.02, notes, width)
    shared = " and ".join(dict.fromkeys(map(results.shared.get, blocks)))
    title = f"Response by {shared}: {words}"
    return style.Drawing(BY_CLUSTER, title, " ".join(said), figure, tuple(marks))


def _layout(results: Results, blocks, room: float, width: float) -> tuple[intervals.Layout, str]:
    """Columns and rows, all blocks no higher than `room` inches, and the label of the axis, in
    lines; intervals have a column on a wide page."""
    rows = sum(len(found) + 1 for found in blocks.values())
    around = (AROUND + style.LINE) * len(blocks)
    row = min(intervals.ROW, (room - around) / rows)
    size = style.SIZE if row == intervals.ROW else style.SIZE - 1
    if width == style.PAGE:
        axis, right = (1.1, 4.75), (4.95, 6.0)
    else:
        texts = [_texts(cluster, r) for found in blocks.values() for cluster, r in found]
        names = [name for (name,), _ in texts] + [results.shared[arm] for arm in blocks]
        widest = [max(style.text_width(t, size) for t in column)
                  for column in (names, [share for _, (share, _) in texts])]  # fmt: skip
        right = (width - style.EDGE - widest[1] - 0.03,)
        axis = (style.EDGE + widest[0] + 0.12, right[0] - 0.12)
    middle = sum(axis) / 2
    label = f"People with the outcome among those seen, % ({results.ci})"
    lines = style.wrap(label, 2 * (min(middle, width - middle) - style.EDGE), size)
    return intervals.Layout((style.EDGE,), axis, right, "l", row, size), "\n".join(lines)


def _roof(blocks) -> int:
    """Percent at which the axes end: above every interval, in tens."""
    highest = max(r.upper for found in blocks.values() for _, r in found)
    return min(100, 10 * (int(10 * highest) + 1))


def _block(results, figure, sheet, y, arm, share, found, layout, roof: int, label: str) -> None:
    """An arm: its name, a row a cluster, the arm's share as a line with its number at the top."""
    shared, rank = results.shared[arm], results.arms.index(arm)
    color, marker = style.color(rank), style.marker(rank)
    sheet.text(style.EDGE, y + 0.08, results.arm(arm), weight="bold", va="center",
               color=style.dark(color))  # fmt: skip
    named = layout.row >= LOWEST
    rows = []
    for cluster, r in found:
        ends = [100 * v for v in (r.estimate, r.lower, r.upper)]
        mark = intervals.Mark(*ends, color, marker, filled=cluster != OTHERS)
        rows.append(intervals.Row(*(_texts(cluster, r) if named else ((), ())), (mark,)))
    heads = ((shared.capitalize(),), ("n/N (%)", f"{results.ci}, %")) if named else ((), ())
    limits, ticks = (0, roof), list(range(0, roof + 1, 20 if roof > 50 else 10))
    line = intervals.Mark(100 * share.estimate, nan, nan, style.INK)
    place = dict(limits=limits, ticks=ticks, label=label, log=False, reference=None, band=line)
    intervals.draw(figure, sheet, y + 0.36, rows, layout, heads, **place)
    words = f"{arm}: {numbers.percent(share.estimate)}%"
    half = style.text_width(words) / 2 + 0.08
    first = style.EDGE + style.text_width(shared.capitalize(), layout.size)
    (start, end), (after, *_) = layout.axis, layout.right
    x = start + (end - start) * share.estimate * 100 / roof
    x = min(max(x, first + half), after - half)
    sheet.text(x, y + 0.36 + layout.row / 2, words, ha="center", va="center")


def _texts(cluster: str, row: SimpleNamespace) -> tuple[tuple[str], tuple[str, str]]:
    several = f" ({numbers.count(row.n_clusters)})" if cluster == OTHERS else ""
    name = f"Others{several}" if cluster == OTHERS else cluster
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
    shared = results.shared[arm]
    few = next((numbers.count(r.n_clusters) for cluster, r in found if cluster == OTHERS), "none")
    rule = f"Every {shared} with fewer than {FEWEST} people seen stands in one row, Others"
    return f"{rule}: {few} here."


def _said(results: Results, arm: str, share: SimpleNamespace, found) -> str:
    each = "; ".join(
        f"{cluster} {numbers.interval(r.estimate, r.lower, r.upper, numbers.percent)}%, n {r.n}"
        for cluster, r in found
    )
    whole = f"{numbers.share(share.events, share.n)}%".replace(")%", "%)")
    return f"{results.arm(arm)}: {whole} of all people seen. By {results.shared[arm]}: {each}."
