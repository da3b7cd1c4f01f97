"""The figures of a trial, from its results (ARD)."""

from collections.abc import Callable
from types import SimpleNamespace

from trialrr.present import shown
from trialrr.present.figures import (
    balance,
    consort,
    forest,
    imputation,
    percentages,
    published,
    responder_curve,
    specification_curve,
    surface,
)
from trialrr.present.figures.style import Drawing, note
from trialrr.present.source import Results

OF_KINDS: dict[str, Callable[[Results], Drawing]] = {
    "specification_curve": specification_curve.draw,
    "delta": surface.tipping,
    "informative_odds": surface.informative_odds,
    "multiple_imputation": imputation.draw,
    "balance": balance.draw,
    "responder_curve": responder_curve.draw,
}
"""Kind of analysis → what draws its figure."""


def draw(results: Results, compared: list[SimpleNamespace] = ()) -> list[Drawing]:
    """Every figure that the plan asks for, in the order of the report. One whose analysis has no
    estimate is a page that says so."""
    drawings = [consort.draw(results)] if results.has_flow() else []
    drawings += [percentages.draw(results), forest.draw(results)]
    for kind, figure in shown.FIGURES.items():
        if results.entries(kind):
            drawings.append(
                OF_KINDS[kind](results) if results.drawn(kind) else note(figure, results)
            )
    if compared:
        drawings.append(published.draw(results, compared))
    return drawings
