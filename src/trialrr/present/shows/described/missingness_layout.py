"""Where board, marks and counts of the figure of patterns stand."""

from dataclasses import dataclass

from trialrr.present.kit import style
from trialrr.present.results import Results

GAP = 0.16  # inches
COUNTS = 0.82  # inches of a column "463 (59.7)", its heading above it
LEAST = 0.8  # inches the axis is long
CLOSE, LINE = 0.07, 0.125  # inches from one arm's mark to the next, alone and beside its count


@dataclass(frozen=True)
class MissingnessLayout:
    """Where things stand, in inches. left : of the board; cell : width of a visit on it; heads : a
    visit's lines, over : their height, upright : on end; axis : its ends; counts : right ends of
    those of each arm; step : from one arm's mark to the next; stacked : counts stand beside their
    marks and the name of a group above its patterns."""

    left: float
    cell: float
    heads: list[list[str]]
    over: float
    upright: bool
    axis: tuple[float, float]
    counts: tuple[float, ...]
    step: float
    stacked: bool

    @property
    def row(self) -> float:
        return height_of(len(self.counts), self.step)

    @property
    def above(self) -> float:
        return style.LINE if self.stacked else 0.0

    def shift(self, rank: int) -> float:
        """From the middle of a row down to the mark of an arm."""
        return self.step * (rank - (len(self.counts) - 1) / 2)


def height_of(arms: int, step: float) -> float:
    """Inches of a row with the marks of that many arms."""
    return max(0.2, step * arms + 0.045)


def layout_of(results: Results, groups: list[str], width: float) -> MissingnessLayout:
    """Names of groups, board, axis and a column an arm if the axis is long enough then."""
    arms, names = len(results.arms), max(map(style.text_width, groups))
    cell, heads = _visits(results)
    over = style.LINE * max(map(len, heads))
    left = style.EDGE + names + 0.12
    start, end = left + cell * len(heads) + GAP, width - style.EDGE - COUNTS * arms - GAP
    if end - start >= LEAST:
        counts = tuple(end + GAP + COUNTS * (rank + 1) for rank in range(arms))
        return MissingnessLayout(left, cell, heads, over, False, (start, end), counts, CLOSE, False)
    left, end = style.EDGE, width - style.EDGE - COUNTS + 0.1
    upright = end - left - cell * len(heads) - GAP < LEAST
    if upright:
        cell, heads = 0.2, [[results.visit(month)] for month in results.months]
        over = max(style.text_width(text) for (text,) in heads) + 0.03
    start = left + max(cell * len(heads) + GAP, names + 0.08)
    counts = (width - style.EDGE,) * arms
    return MissingnessLayout(left, cell, heads, over, upright, (start, end), counts, LINE, True)


def _visits(results: Results) -> tuple[float, list[list[str]]]:
    """Width of a column of the board, and the lines over each: bare numbers where visits are so
    many months."""
    months = results.months
    if unit(results).endswith("month"):
        return max(0.3, *(style.text_width(m) + 0.1 for m in months)), [[m] for m in months]
    lines = [style.wrap(results.visit(month), 0.5) for month in months]
    return max(0.3, *(style.text_width(t) + 0.1 for ls in lines for t in ls)), lines


def unit(results: Results) -> str:
    bare = all(results.visit(month) == f"{month} months" for month in results.months)
    return "Seen at month" if bare else "Seen at"
