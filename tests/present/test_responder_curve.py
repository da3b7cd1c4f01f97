"""The cumulative responder curve: panels of one visit and of several."""

from dataclasses import replace

import pytest

from tests.present import layout
from trialrr import ard
from trialrr.present.kit import style
from trialrr.present.results import Results
from trialrr.present.shows.resampling import responder_curve


def at_visits(results: Results, months: tuple[str, ...]) -> Results:
    """The curve's rows once for each of these months."""
    entry, *_ = results.entries("responder_curve")
    of_curve = results.table["analysis"] == entry.id
    rows, others = results.table[of_curve], results.table[~of_curve]
    [month] = set(rows["month"])
    again = [rows[rows["month"] == month].assign(month=m) for m in months]
    return replace(results, table=ard.concat([others, *again]))


def test_a_column_shows_what_the_page_shows_with_fewer_ticks(sensitive):
    column, wide = responder_curve.draw(sensitive, style.COLUMN), responder_curve.draw(sensitive)
    assert column.marks == wide.marks and column.description == wide.description
    assert not layout.faults(column)
    ticks = [len(drawing.figure.axes[1].get_xticks()) for drawing in (column, wide)]
    assert ticks[0] < ticks[1]


@pytest.mark.parametrize(("width", "across"), [(style.PAGE, 3), (style.COLUMN, 1)])
def test_visits_stand_side_by_side_if_they_fit(sensitive, width, across):
    drawing = responder_curve.draw(at_visits(sensitive, ("3", "6", "12")), width)
    assert not layout.faults(drawing) and drawing.figure.get_size_inches()[1] <= 9.6
    panels = drawing.figure.axes[1:]
    assert len(panels) == 6
    assert len({round(axes.get_position().x0, 6) for axes in panels}) == across
    for shares, ratios in zip(panels[::2], panels[1::2], strict=True):
        assert shares.get_xlim() == ratios.get_xlim() and ratios.get_yscale() == "log"
        assert [*shares.get_xticks()] == [*ratios.get_xticks()]
    assert len({axes.get_ylim() for axes in panels[1::2]}) == 1


@pytest.mark.parametrize(("low", "high", "width"), [(10, 70, 2.6), (-50, 100, 1.2), (0, 100, 6.2)])
def test_ticks_are_round_and_labels_stand_apart(low, high, width):
    ticks = responder_curve._thresholds(low, high, width)
    assert all(low <= tick <= high and tick % 10 == 0 for tick in ticks) and len(ticks) > 1
    label = style.text_width(f"{min(low, -high / 10):.0f}")
    assert ticks.step * width / (high - low + 8) > label
