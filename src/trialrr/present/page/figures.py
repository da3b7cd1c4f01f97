"""The figures of a trial, from its results (ARD)."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from trialrr.present.kit.style import PAGE, Drawing, note
from trialrr.present.results import Results
from trialrr.present.shows.base import FigureShow, found

Maker = Callable[[Results, float], Drawing]
"""What draws a figure, so many inches wide."""


def makers(results: Results, compared: list[SimpleNamespace] = ()) -> list[Maker]:
    """What draws each figure that the plan asks for, in the order of the report. One whose analysis
    has no estimate is a page that says so. No figure needs another one."""
    return [_maker(results, show, compared) for show in results.figures(published=compared)]


def draw(
    results: Results, compared: list[SimpleNamespace] = (), width: float = PAGE
) -> list[Drawing]:
    """Every figure of `makers`, `width` inches wide."""
    return [make(results, width=width) for make in makers(results, compared)]


def _maker(results: Results, show: FigureShow, compared: list[SimpleNamespace]) -> Maker:
    if not results.drawn(show):
        return partial(note, show.id)
    make = found(show.maker)
    return partial(make, published=compared) if show.given == "published" else make
