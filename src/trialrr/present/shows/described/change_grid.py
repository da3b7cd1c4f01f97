"""Where the histograms of a change stand: a column a visit, a row an arm."""

from dataclasses import dataclass
from math import ceil

from trialrr.present.kit import style

PANEL, STRIP = 0.78, 0.16  # inches of height of a histogram, and of the quartiles under it
SCALE = 0.46  # inches left of a histogram, of ticks and their label
BESIDE, LEAST = 0.9, 0.75  # inches a histogram is wide beside the name of its arm, and at least
TALLEST = 9.6  # inches of a figure
WIDEST, LINES = 0.95, 5  # inches and lines of a name at the left
SHORTEST = 0.3  # inches of height in which a histogram can still be read


@dataclass(frozen=True)
class Across:
    """From left to right, in inches. left : of the first histogram; width : of each; gap : from one
    to the next; visits : how many stand side by side; above : names of arms stand above rows."""

    left: float
    width: float
    gap: float
    visits: int
    above: bool

    def x(self, place: int) -> float:
        return self.left + place % self.visits * (self.width + self.gap)


@dataclass(frozen=True)
class Down:
    """From top to bottom, in inches: bands of visits that stand side by side, in each a row an arm.
    top : of the first band; band, row : heights; over : of what stands above a histogram in its
    row; tall : of a histogram."""

    top: float
    band: float
    row: float
    over: float
    tall: float

    def head(self, band: int) -> float:
        """Center of the names of visits."""
        return self.top + band * self.band + 0.08

    def y(self, band: int, rank: int) -> float:
        """Top of the histograms of an arm."""
        return self.top + band * self.band + 0.25 + rank * self.row + self.over


def across(names: list[str], several: int, width: float) -> Across:
    """Names at the left if the histograms of all visits are wide enough beside them, else above;
    as many visits side by side as fit, in bands of one length."""
    lines = [line for name in names for line in name_lines(name)]
    widest = max(style.text_width(line, weight="bold") for line in lines)
    left, gap = style.EDGE + widest + SCALE, 0.24
    each = (width - style.EDGE - left + gap) / several - gap
    if each >= BESIDE:
        return Across(left, each, gap, several, above=False)
    left, gap = style.EDGE + SCALE, 0.12
    room = width - style.EDGE - left + gap
    bands = ceil(several / max(1, int(room / (LEAST + gap))))
    visits = ceil(several / bands)
    return Across(left, room / visits - gap, gap, visits, above=True)


def down(top: float, arms: int, bands: int, over: float, under: float, foot: float) -> Down:
    """Histograms as tall as `foot` inches under all bands leave them, at most PANEL; of so many
    arms and visits that this is less than SHORTEST, the figure is higher than a page. over : inches
    above each histogram; under : below the last row of a band."""
    around = over + STRIP + 0.1
    room = (TALLEST - top - foot) / bands - 0.25 - under
    tall = max(SHORTEST, min(PANEL, room / arms - around))
    row = around + tall
    return Down(top, 0.25 + arms * row + under, row, over, tall)


def name_lines(name: str) -> list[str]:
    """The name of an arm as it stands at the left, in at most LINES lines."""
    lines = style.wrap(name, WIDEST, weight="bold")
    if len(lines) > LINES:
        last = style.cut(" ".join(lines[LINES - 1 :]), WIDEST, weight="bold")
        return [*lines[: LINES - 1], last]
    return lines
