"""The figures of a trial, from its results (ARD)."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from trialrr.present import shows
from trialrr.present.kit.style import PAGE, Drawing, note
from trialrr.present.results import Results
from trialrr.present.shows.described import (
    change_distribution,
    clusters,
    consort,
    missingness,
    published,
)
from trialrr.present.shows.economics import cost_effectiveness
from trialrr.present.shows.missing import balance, imputation, surface
from trialrr.present.shows.model import forest, percentages
from trialrr.present.shows.model import subgroups_figure as subgroups
from trialrr.present.shows.resampling import responder_curve, specification_curve

Maker = Callable[[Results, float], Drawing]
"""What draws a figure, so many inches wide."""

ALWAYS: dict[str, Maker] = {
    "percentages": percentages.draw,
    "forest": forest.draw,
    "forest_active": forest.draw_active,
}
"""Figure of the primary outcome → what draws it."""

OF_KINDS: dict[str, Maker] = {
    "specification_curve": specification_curve.draw,
    "tipping": surface.tipping,
    "informative_odds": surface.informative_odds,
    "imputation_diagnostics": imputation.draw,
    "balance": balance.draw,
    "responder_curve": responder_curve.draw,
    "subgroups": subgroups.draw,
    "cost_effectiveness": cost_effectiveness.draw,
}
"""Figure of a kind of analysis → what draws it."""

OF_COUNTS: dict[str, Maker] = {
    "missingness": missingness.draw,
    "change_distribution": change_distribution.draw,
    "clusters": clusters.draw,
}
"""Figure of counts → what draws it."""


def makers(results: Results, compared: list[SimpleNamespace] = ()) -> list[Maker]:
    """What draws each figure that the plan asks for, in the order of the report. One whose analysis
    has no estimate is a page that says so. No figure needs another one."""
    drawn = ALWAYS | OF_COUNTS | OF_KINDS
    every = [consort.draw] if results.has_flow() else []
    for figure in shows.figures(results.plan):
        if figure in drawn:
            there = figure in ALWAYS or results.drawn(figure)
            every.append(drawn[figure] if there else partial(note, figure))
    return every + ([partial(published.draw, published=compared)] if compared else [])


def draw(
    results: Results, compared: list[SimpleNamespace] = (), width: float = PAGE
) -> list[Drawing]:
    """Every figure of `makers`, `width` inches wide."""
    return [make(results, width=width) for make in makers(results, compared)]
