"""Relative risks over what is assumed of the unseen, arm by arm: the grid, its border and words."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from types import SimpleNamespace

from trialrr.ard import Subgroup, arms_of
from trialrr.present.results import Results
from trialrr.present.words import numbers
from trialrr.present.words.sentences import shift


@dataclass(frozen=True)
class Surface:
    """What a kind of analysis varies. names : parts of the subgroup, active arm and reference arm;
    neutral : where both say that data are missing at random; tip, equivalent : quantities of the
    tipping point and of other analyses' places; what : words for the axes."""

    kind: str
    figure: str
    names: tuple[str, str]
    neutral: float
    tip: str
    equivalent: str
    title: str
    what: str


TIPPING = Surface(
    "delta",
    "tipping",
    ("delta_active", "delta_control"),
    0.0,
    "tipping_delta",
    "equivalent_delta",
    "Relative risk by a shift of the imputed scores",
    "Shift of unseen scores, points (positive: worse)",
)
INFORMATIVE_ODDS = Surface(
    "informative_odds",
    "informative_odds",
    ("imor_active", "imor_control"),
    1.0,
    "tipping_imor",
    "equivalent_imor",
    "Relative risk by the odds of response among the unseen",
    "Odds of response, unseen against seen",
)


@dataclass(frozen=True)
class Grid:
    """Relative risks of one contrast: {(active, reference): row}, values in order; others : id of
    another analysis → its place on both axes, rows whose estimate is missing beyond the grid;
    tips : words for the tipping point; worst_best : places of the worst and best case."""

    analysis: str
    contrast: str
    rows: dict[tuple[float, float], SimpleNamespace]
    others: dict[str, tuple[SimpleNamespace, SimpleNamespace]]
    tips: str
    worst_best: frozenset[tuple[float, float]]

    @property
    def estimated(self) -> bool:
        return any(not numbers.missing(row.estimate) for row in self.rows.values())

    @property
    def active(self) -> list[float]:
        return sorted({active for active, _ in self.rows})

    @property
    def control(self) -> list[float]:
        return sorted({control for _, control in self.rows})


def read(results: Results, surface: Surface) -> list[Grid]:
    """The grids that have estimates, by analysis, then contrast."""
    every = (
        _grid(results, surface, entry.id, contrast)
        for entry in results.entries(surface.kind)
        for contrast in results.contrasts
    )
    return [grid for grid in every if grid.estimated]


def _grid(results: Results, surface: Surface, analysis: str, contrast: str) -> Grid:
    rows = _placed(results, surface, analysis, contrast, "risk_ratio")
    others: dict[str, list[SimpleNamespace]] = {}
    for arm in arms_of(contrast):
        for row in results.rows(analysis, surface.equivalent, level=arm):
            others.setdefault(Subgroup.read(row.subgroup)["of"], []).append(row)
    placed = {id: tuple(two) for id, two in others.items() if len(two) == 2}
    tip = results.rows(analysis, surface.tip, level=contrast)
    return Grid(
        contrast=contrast,
        analysis=analysis,
        rows=rows,
        others=placed,
        tips=tips_at(tip[0] if tip else None, surface.neutral),
        worst_best=frozenset(_placed(results, surface, analysis, contrast, "worst_best_case")),
    )


def _placed(
    results: Results, surface: Surface, analysis: str, contrast: str, quantity: str
) -> dict[tuple[float, float], SimpleNamespace]:
    """Rows of a quantity by their place on both axes."""
    rows = {}
    for row in results.rows(analysis, quantity, level=contrast, month=results.primary.month):
        at = Subgroup.read(row.subgroup)
        if set(at) == set(surface.names):
            rows[tuple(float(at[name]) for name in surface.names)] = row
    return rows


def place(row: SimpleNamespace, values: list[float]) -> float:
    """Where a value stands on an axis of cells 0…k: between their middles, or at the end that it is
    beyond."""
    if side := beyond(row):
        return float(len(values)) if side > 0 else 0.0
    k = next(i for i, value in enumerate(values) if value >= row.estimate)
    if values[k] == row.estimate:
        return k + 0.5
    return k - 0.5 + (row.estimate - values[k - 1]) / (values[k] - values[k - 1])


def beyond(row: SimpleNamespace) -> int:
    """1 or -1 where a value lies above or below the grid, 0 on it."""
    if not numbers.missing(row.estimate):
        return 0
    return 1 if numbers.missing(row.upper) else -1


def side(row: SimpleNamespace | None) -> int | None:
    """1 or -1 where the interval lies above or below 1, 0 where it includes 1, None without one."""
    if row is None or numbers.missing(row.lower):
        return None
    return (row.lower > 1) - (row.upper < 1)


def border(sides: list[list[int]]) -> tuple[list[float], list[float]]:
    """Line between neighboring cells of which one includes 1 (0) and the other does not, as
    segments separated by NaN. sides : rows of cells from below."""
    xs, ys = [], []
    for j, line in enumerate(sides):
        for i, here in enumerate(line):
            if i + 1 < len(line) and (here == 0) != (line[i + 1] == 0):
                xs += [i + 1, i + 1, nan]
                ys += [j, j + 1, nan]
            if j + 1 < len(sides) and (here == 0) != (sides[j + 1][i] == 0):
                xs += [i, i + 1, nan]
                ys += [j + 1, j + 1, nan]
    return xs, ys


def number(value: float) -> str:
    return numbers.minus(f"{value:g}")


def tips_at(row: SimpleNamespace | None, neutral: float) -> str:
    """Words for a tipping point: where the interval comes to include 1."""
    if row is None:
        return ""
    reference = "reference unshifted" if neutral == 0 else f"reference at {number(neutral)}"
    if numbers.missing(row.estimate):
        return f"Does not tip on the grid, {reference}."
    if row.estimate == neutral:
        return "Includes 1 already at missing at random."
    return f"Tips at {number(row.estimate)}, {reference}."


def said(results: Results, surface: Surface, grid: Grid) -> Iterable[str]:
    """The grid in sentences: its special points and corners, and the triangles at its edges."""
    yield f"{results.contrast(grid.contrast)}, {results.analysis(grid.analysis)}. {grid.tips}"
    neutral = (surface.neutral, surface.neutral)
    ends = ((a, c) for a in _ends(grid.active) for c in _ends(grid.control))
    first, second = arms_of(grid.contrast)
    for at in dict.fromkeys([neutral, *ends]):
        if row := grid.rows.get(at):
            text = numbers.interval(row.estimate, row.lower, row.upper)
            yield f"{first} {number(at[0])}, {second} {number(at[1])}: {text}."
    for id, (one, other) in grid.others.items():
        where = f"{first} {shift(one)}, {second} {shift(other)}"
        yield f"Triangles at the edges: {results.analysis(id)} stands at {where}."


def _ends(values: list[float]) -> tuple[float, float]:
    return values[0], values[-1]
