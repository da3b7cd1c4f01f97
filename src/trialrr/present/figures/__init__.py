"""The figures of a trial, from its results (ARD)."""

from types import SimpleNamespace

from trialrr.present.figures import consort, forest, percentages, published
from trialrr.present.figures.style import Drawing
from trialrr.present.source import Results


def draw(results: Results, compared: list[SimpleNamespace] = ()) -> list[Drawing]:
    """Every figure that the results allow, in the order of the report."""
    drawings = [consort.draw(results)] if results.has_flow() else []
    drawings += [percentages.draw(results), forest.draw(results)]
    if compared:
        drawings.append(published.draw(results, compared))
    return drawings
