"""Diagnostics of multiple imputation: do the chains mix, and are imputed scores plausible?"""

from collections import defaultdict

from matplotlib.axes import Axes

from trialrr.present import numbers
from trialrr.present.figures import style
from trialrr.present.source import Results, parts

LEFT, GAP, EDGE = 0.55, 0.3, 0.12  # inches
TRACE, DENSITY = 0.9, 0.55  # heights of panels, in inches
ROOM = 0.13  # between panels one above the other
SMALL = style.SIZE - 1


def draw(results: Results) -> style.Drawing:
    """A block an analysis, a column a visit: above, the mean of each chain over its iterations, all
    arms; below, an arm a row, densities of observed and imputed scores."""
    blocks = []
    for entry in results.entries("multiple_imputation"):
        outcome = results.outcome_of(entry)
        rows = results.rows(entry["id"], "chain_mean", outcome=outcome)
        if months := [m for m in results.months if any(r.month == m for r in rows)]:
            blocks.append((entry["id"], outcome, months))
    with style.house():
        return _draw(results, blocks)


def _draw(results: Results, blocks) -> style.Drawing:
    each = 0.55 + TRACE + 0.48 + len(results.arms) * (DENSITY + ROOM) + 0.3
    figure, sheet = style.page(each * len(blocks) + 0.5, results.synthetic)
    marks, said = [], []
    for number, (analysis, outcome, months) in enumerate(blocks):
        top = 0.1 + number * each
        width = (style.PAGE - EDGE - LEFT - GAP * (len(months) - 1)) / len(months)
        what = f"{results.analysis(analysis)}. {results.outcome(outcome)}"
        sheet.text(EDGE, top + 0.08, what, weight="bold", va="center")
        drawn = []
        for place, month in enumerate(months):
            x = LEFT + place * (width + GAP)
            sheet.text(x, top + 0.33, results.visit(month), weight="bold", va="center", size=SMALL)
            axes = style.axes(figure, x, top + 0.48, width, TRACE)
            marks += _trace(axes, results, analysis, outcome, month)
            axes.set_xlabel("Iteration", labelpad=1, size=SMALL)
            axes.tick_params(labelsize=SMALL)
            below = top + 0.48 + TRACE + 0.48
            for rank, arm in enumerate(results.arms):
                y = below + rank * (DENSITY + ROOM)
                panel = style.axes(figure, x, y, width, DENSITY)
                marks += _density(panel, results, analysis, outcome, month, arm, rank)
                panel.tick_params(labelsize=SMALL)
                drawn.append(panel)
                if place == 0:
                    panel.set_ylabel(arm, labelpad=4, size=SMALL, weight="bold")
                if rank + 1 < len(results.arms):
                    panel.set_xticklabels([])
                else:
                    panel.set_xlabel("Score", labelpad=1, size=SMALL)
            if place == 0:
                axes.set_ylabel("Mean of chain", labelpad=2, size=SMALL)
        highest = max(panel.get_ylim()[1] for panel in drawn)
        for panel in drawn:
            panel.set_ylim(0, highest)
        said.append(_said(results, analysis, outcome, months))
    _key(results, sheet, each * len(blocks) + 0.2)
    title = "Imputed scores: chains over iterations, and densities beside those observed"
    return style.Drawing("imputation_diagnostics", title, " ".join(said), figure, tuple(marks))


def _trace(axes: Axes, results: Results, analysis: str, outcome: str, month: str) -> list[tuple]:
    marks = []
    for rank, arm in enumerate(results.arms):
        keys = dict(outcome=outcome, month=month, level=arm)
        chains: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for row in results.rows(analysis, "chain_mean", **keys):
            at = parts(row.subgroup)
            chains[int(at["chain"])].append((int(at["iteration"]), row.estimate))
        for chain, points in sorted(chains.items()):
            points.sort()
            axes.plot(
                [step for step, _ in points],
                [value for _, value in points],
                color=style.COLORS[rank % 5],
                dashes=style.DASHES[rank % 5],
                linewidth=0.6,
            )
            marks += [("chain_mean", analysis, month, arm, chain, *point) for point in points]
    return marks


def _density(axes: Axes, results: Results, analysis, outcome, month, arm, rank) -> list[tuple]:
    """Observed gray and filled, imputed a line in the arm's color."""
    marks = []
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for quantity in ("density_observed", "density_imputed"):
        rows = results.rows(analysis, quantity, outcome=outcome, month=month, level=arm)
        points = sorted(
            (float(parts(row.subgroup)["score"]), row.estimate)
            for row in rows
            if not numbers.missing(row.estimate)
        )
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if quantity == "density_observed":
            axes.fill_between(xs, ys, color=style.PALE, linewidth=0)
        else:
            color = style.COLORS[rank % 5]
            axes.plot(xs, ys, color=color, dashes=style.DASHES[rank % 5], linewidth=1.1)
        marks += [(quantity, analysis, month, arm, *point) for point in points]
    return marks


def _key(results: Results, sheet: Axes, y: float) -> None:
    x = EDGE
    for rank, arm in enumerate(results.arms):
        color, dashes = style.COLORS[rank % 5], style.DASHES[rank % 5]
        sheet.plot([x, x + 0.35], [y, y], color=color, dashes=dashes, linewidth=1.1)
        text = f"{results.arm(arm)}, imputed"
        sheet.text(x + 0.42, y, text, va="center", size=SMALL)
        x += 0.42 + style.text_width(text, SMALL) + 0.22
    sheet.fill_between([x, x + 0.3], y - 0.05, y + 0.05, color=style.PALE, linewidth=0)
    sheet.text(x + 0.36, y, "observed", va="center", size=SMALL)


def _said(results: Results, analysis: str, outcome: str, months: list[str]) -> str:
    chains = {
        parts(row.subgroup)["chain"]
        for row in results.rows(analysis, "chain_mean", outcome=outcome)
    }
    visits = ", ".join(map(results.visit, months))
    return (
        f"{results.analysis(analysis)}, {results.outcome(outcome)}: means of"
        f" {numbers.count(len(chains))} chains by arm over their iterations, and densities of"
        f" observed and imputed scores by arm, at {visits}. At the last iteration the chains end"
        f" at means of {'; '.join(_ends(results, analysis, outcome, month) for month in months)}."
    )


def _ends(results: Results, analysis: str, outcome: str, month: str) -> str:
    """Smallest and largest mean of a chain at its last iteration, by arm."""
    texts = []
    for arm in results.arms:
        rows = results.rows(analysis, "chain_mean", outcome=outcome, month=month, level=arm)
        at = [(int(parts(row.subgroup)["iteration"]), row.estimate) for row in rows]
        ends = [value for step, value in at if step == max(step for step, _ in at)]
        if ends:
            texts.append(f"{arm} {numbers.ratio(min(ends))} to {numbers.ratio(max(ends))}")
    return f"{results.visit(month)} {', '.join(texts)}"
