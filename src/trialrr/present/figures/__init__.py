"""The figures of a trial, from its results (ARD)."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from trialrr.present import shown
from trialrr.present.figures import (
    balance,
    consort,
    cost_effectiveness,
    forest,
    imputation,
    percentages,
    published,
    responder_curve,
    specification_curve,
    subgroups,
    surface,
)
from trialrr.present.figures.style import Drawing, note
from trialrr.present.source import Results

OF_KINDS: dict[str, Callable[[Results], Drawing]] = {
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


def draw(results: Results, compared: list[SimpleNamespace] = ()) -> list[Drawing]:
    """Every figure that the plan asks for, in the order of the report. One whose analysis has no
    estimate is a page that says so."""
    drawings = [consort.draw(results)] if results.has_flow() else []
    drawings += [percentages.draw(results), forest.draw(results)]
    for figure, kind in shown.FIGURES.items():
        if results.entries(kind):
            make = OF_KINDS[figure] if results.drawn(figure) else partial(note, figure)
            drawings.append(make(results))
    if compared:
        drawings.append(published.draw(results, compared))
    return drawings
