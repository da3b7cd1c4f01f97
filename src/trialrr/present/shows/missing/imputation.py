"""Diagnostics of multiple imputation: do the chains mix, and are imputed scores plausible?"""

from collections import defaultdict
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trialrr.ard import Subgroup
from trialrr.present.kit import key, style
from trialrr.present.results import Results
from trialrr.present.words import numbers

LEFT, GAP, NARROW = 0.55, 0.3, 0.12  # inches left of panels, and between two of a page, a column
TRACE, DENSITY = 0.9, 0.55  # heights of panels, in inches
ROOM = 0.13  # between panels one above the other
HEAD, UNDER = 0.33, 0.48  # above the traces, without the words of the block, and under them
SMALL = style.SIZE - 1


@dataclass(frozen=True)
class TracePlots:
    """The chains of an analysis at the visits that have any. words : above it, in lines."""

    analysis: str
    outcome: str
    months: list[str]
    words: list[str]


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A block an analysis, a column a visit: above, the mean of each chain over its iterations, all
    arms; below, an arm a row, densities of observed and imputed scores. Where it is narrow, the
    columns stand closer."""
    with style.house():
        return _draw(results, _blocks(results, width), width)


def _blocks(results: Results, width: float) -> list[TracePlots]:
    blocks = []
    for entry in results.entries("multiple_imputation"):
        id, outcome = entry.id, results.outcome_of(entry)
        rows = results.rows(id, "chain_mean", outcome=outcome)
        words = f"{results.analysis(id)}. {results.outcome(outcome)}"
        lines = style.wrap(words, width - 2 * style.EDGE, weight="bold")
        if months := [m for m in results.months if any(r.month == m for r in rows)]:
            blocks.append(TracePlots(id, outcome, months, lines))
    return blocks


def _draw(results: Results, blocks: list[TracePlots], width: float) -> style.Drawing:
    panels = TRACE + UNDER + len(results.arms) * (DENSITY + ROOM) + 0.3
    items = _key(results)
    tall = [style.LINE * len(block.words) + HEAD + panels for block in blocks]
    height = 0.1 + sum(tall) + 0.1 + key.height(items, width, SMALL) + 0.3
    figure, sheet = style.page(height, results.synthetic, width)
    top, marks = 0.1, []
    for block, high in zip(blocks, tall, strict=True):
        for i, text in enumerate(block.words):
            y = top + 0.08 + style.LINE * i
            sheet.text(style.EDGE, y, text, weight="bold", va="center")
        marks += _panels(figure, sheet, results, block, high - panels + top, width)
        top += high
    key.draw(sheet, items, top + 0.1, width, SMALL)
    title = "Imputed scores: chains over iterations, and densities beside those observed"
    said = " ".join(_said(results, block) for block in blocks)
    return style.Drawing("imputation_diagnostics", title, said, figure, tuple(marks))


def _panels(
    figure: Figure, sheet: Axes, results: Results, block: TracePlots, top: float, width: float
):
    """The columns of a block; all traces on one axis, and all densities on one."""
    gap = GAP if width == style.PAGE else NARROW
    wide = (width - style.EDGE - LEFT - gap * (len(block.months) - 1)) / len(block.months)
    marks, traces, densities = [], [], []
    for place, month in enumerate(block.months):
        x = LEFT + place * (wide + gap)
        sheet.text(x, top - 0.15, results.visit(month), weight="bold", va="center", size=SMALL)
        axes = style.axes(figure, x, top, wide, TRACE)
        marks += _trace(axes, results, block, month)
        traces.append(axes)
        for rank, arm in enumerate(results.arms):
            y = top + TRACE + UNDER + rank * (DENSITY + ROOM)
            panel = style.axes(figure, x, y, wide, DENSITY)
            marks += _density(panel, results, block, month, arm, rank)
            panel.tick_params(labelsize=SMALL)
            densities.append(panel)
            if place == 0:
                panel.set_ylabel(arm, labelpad=4, size=SMALL, weight="bold")
            if rank + 1 < len(results.arms):
                panel.set_xticklabels([])
            else:
                panel.set_xlabel("Score", labelpad=1, size=SMALL)
    _share(traces)
    highest = max(panel.get_ylim()[1] for panel in densities)
    for panel in densities:
        panel.set_ylim(0, highest)
    return marks


def _share(traces: list[Axes]) -> None:
    """One axis of scores for all, labelled left."""
    low = min(axes.get_ylim()[0] for axes in traces)
    high = max(axes.get_ylim()[1] for axes in traces)
    for place, axes in enumerate(traces):
        axes.set_ylim(low, high)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(labelsize=SMALL, labelleft=place == 0)
        axes.set_xlabel("Iteration", labelpad=1, size=SMALL)
    traces[0].set_ylabel("Mean of chain", labelpad=2, size=SMALL)


def _trace(axes: Axes, results: Results, block: TracePlots, month: str) -> list[tuple]:
    marks = []
    for rank, arm in enumerate(results.arms):
        keys = dict(outcome=block.outcome, month=month, level=arm)
        chains: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for row in results.rows(block.analysis, "chain_mean", **keys):
            at = Subgroup.read(row.subgroup)
            chains[int(at["chain"])].append((int(at["iteration"]), row.estimate))
        for chain, points in sorted(chains.items()):
            points.sort()
            axes.plot(
                [step for step, _ in points],
                [value for _, value in points],
                color=style.color(rank),
                dashes=style.dashes(rank),
                linewidth=0.6,
            )
            marks += [("chain_mean", block.analysis, month, arm, chain, *point) for point in points]
    return marks


def _density(
    axes: Axes, results: Results, block: TracePlots, month: str, arm: str, rank: int
) -> list[tuple]:
    """Observed gray and filled, imputed a line in the arm's color."""
    marks = []
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for quantity in ("density_observed", "density_imputed"):
        keys = dict(outcome=block.outcome, month=month, level=arm)
        rows = results.rows(block.analysis, quantity, **keys)
        points = sorted(
            (float(Subgroup.read(row.subgroup)["score"]), row.estimate)
            for row in rows
            if not numbers.missing(row.estimate)
        )
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if quantity == "density_observed":
            axes.fill_between(xs, ys, color=style.PALE, linewidth=0)
        else:
            color = style.color(rank)
            axes.plot(xs, ys, color=color, dashes=style.dashes(rank), linewidth=1.1)
        marks += [(quantity, block.analysis, month, arm, *point) for point in points]
    return marks


def _key(results: Results) -> list[key.Item]:
    items = []
    for rank, arm in enumerate(results.arms):
        color, dashes = style.color(rank), style.dashes(rank)
        words = f"{results.arm(arm)}, imputed"
        items.append(key.line(words, color, dashes=dashes, linewidth=1.1))
    return [*items, key.swatch("observed", 0.3, color=style.PALE, linewidth=0)]


def _said(results: Results, block: TracePlots) -> str:
    chains = {
        Subgroup.read(row.subgroup)["chain"]
        for row in results.rows(block.analysis, "chain_mean", outcome=block.outcome)
    }
    visits = ", ".join(map(results.visit, block.months))
    ends = "; ".join(_ends(results, block, month) for month in block.months)
    return (
        f"{results.analysis(block.analysis)}, {results.outcome(block.outcome)}: means of"
        f" {numbers.count(len(chains))} chains by arm over their iterations, and densities of"
        f" observed and imputed scores by arm, at {visits}. At the last iteration the chains end"
        f" at means of {ends}."
    )


def _ends(results: Results, block: TracePlots, month: str) -> str:
    """Smallest and largest mean of a chain at its last iteration, by arm."""
    texts = []
    for arm in results.arms:
        keys = dict(outcome=block.outcome, month=month, level=arm)
        rows = results.rows(block.analysis, "chain_mean", **keys)
        at = [(int(Subgroup.read(row.subgroup)["iteration"]), row.estimate) for row in rows]
        ends = [value for step, value in at if step == max(step for step, _ in at)]
        if ends:
            texts.append(f"{arm} {numbers.ratio(min(ends))} to {numbers.ratio(max(ends))}")
    return f"{results.visit(month)} {', '.join(texts)}"
