import re
import xml.etree.ElementTree as ET
from itertools import chain
from pathlib import Path

import matplotlib
import pytest
from matplotlib.font_manager import FontProperties, findfont

from tests.present import layout
from trialrr.ard import Subgroup
from trialrr.present.kit import intervals, style
from trialrr.present.page import figures
from trialrr.present.shows.missing import imputation
from trialrr.present.shows.model import forest
from trialrr.present.shows.resampling import specification_curve
from trialrr.present.words import numbers

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("svg", "png", "pdf")
SAVED = ("percentages", "missingness")


@pytest.fixture(scope="module")
def drawings(resolve, published, drawn):
    return {d.id: d for d in drawn(resolve, published)}


@pytest.fixture(scope="module")
def pairs(resolve, published, two_arms, sensitive, drawn):
    """(as wide as a page, as wide as a column): the figures of three trials, as published, with two
    arms, and with every kind of analysis."""
    trials = [(resolve, published), (two_arms, ()), (sensitive, ())]
    both = ((drawn(*trial), drawn(*trial, style.COLUMN)) for trial in trials)
    return [pair for page, column in both for pair in zip(page, column, strict=True)]


@pytest.fixture(scope="module")
def every_drawing(pairs):
    return [*chain.from_iterable(pairs)]


@pytest.fixture(scope="module")
def saved(drawings):
    return {id: drawings[id].files(*KINDS) for id in SAVED}


def test_every_figure_is_drawn(drawings, two_arms, drawn):
    assert [*drawings] == [
        *("participant_flow", "missingness", "percentages", "change_distribution", "forest"),
        *("forest_active", "clusters", "published_vs_reproduced"),
    ]
    assert [d.id for d in drawn(two_arms)] == ["percentages", "forest"]


def test_the_same_results_give_the_same_bytes(saved, resolve, published, drawings):
    """Of every figure of the release, test_figures_released.py tells."""
    makers = dict(zip(drawings, figures.makers(resolve, published), strict=True))
    for id in SAVED:  # in another order than they were saved
        again = makers[id](resolve, width=style.PAGE)
        assert again.id == id and again is not drawings[id]
        assert dict(reversed(again.files(*reversed(KINDS)).items())) == saved[id]


def test_files_say_what_they_are_and_nothing_of_when_or_where(drawings, saved):
    for id, files in saved.items():
        drawing, (svg, png, pdf) = drawings[id], files.values()
        root = ET.fromstring(svg)
        assert root.find(f"{SVG}title").text == drawing.title
        assert root.find(f"{SVG}desc").text == drawing.description
        assert b"<metadata" not in svg and b"Matplotlib" not in svg
        assert b"Software" not in png
        assert pdf.startswith(b"%PDF-") and b"/MediaBox [ 0 0 504 " in pdf
        assert b"/Title" in pdf and b"/Subject" in pdf
        assert not any(word in pdf for word in (b"Date", b"Producer", b"Creator", b"atplotlib"))
        assert b"/FontFile2" in pdf and b"/Type3" not in pdf
        assert float(root.get("width").removesuffix("pt")) == 72 * style.PAGE


def test_a_figure_is_as_wide_as_a_page_and_as_a_column(pairs):
    for pair in pairs:
        assert tuple(d.figure.get_size_inches()[0] for d in pair) == (7.0, 3.3)


def test_both_widths_show_the_same(pairs):
    """But for a long forest, whose column has the prespecified analyses (test_forest.py)."""
    for page, column in pairs:
        assert (page.id, page.title) == (column.id, column.title)
        if not page.id.startswith("forest"):
            assert (page.marks, page.description) == (column.marks, column.description), page.id


def test_synthetic_data_are_marked_and_real_ones_are_not(drawings, two_arms, drawn):
    for drawing in drawings.values():
        said = layout.written(drawing)
        assert layout.WATERMARK in said
        assert any(t.startswith("Synthetic data:") for t in said)
    for drawing in drawn(two_arms):
        assert not any("ynthetic" in text for text in layout.written(drawing))


def test_letters_are_those_that_matplotlib_brings_and_not_the_machine_s(drawings):
    """Both may be called DejaVu Sans, and which one a name finds depends on the machine."""
    looks = [dict(weight=w, style=s) for w in ("normal", "bold") for s in ("normal", "italic")]
    for look in looks:
        file = findfont(FontProperties(family=[style.LETTERS], **look), fallback_to_default=False)
        assert Path(file).is_relative_to(matplotlib.get_data_path())
    for drawing in drawings.values():
        assert {tuple(t.get_fontfamily()) for t in layout.labels(drawing)} == {(style.LETTERS,)}


def test_words_are_large_enough_and_nothing_stands_in_their_way(every_drawing):
    assert [fault for drawing in every_drawing for fault in layout.faults(drawing)] == []


def test_what_stands_in_the_way_of_words_would_be_named(resolve):
    drawing = style.note("faulty", resolve)
    sheet = drawing.figure.axes[0]
    sheet.text(6.9, 0.2, "Beyond the edge", size=7)
    sheet.text(0.3, 0.21, "Over it", size=7)
    sheet.text(5.0, 0.4, "Tiny", size=5)
    sheet.plot([4.5, 6], [0.39, 0.38])
    sheet.text(2.0, 0.42, "Under a mark", size=7)
    sheet.plot([2.2], [0.41], marker="o")
    said = " ".join(layout.faults(drawing))
    assert "'Beyond the edge' is clipped" in said and "covers 'Over it'" in said
    assert "'Tiny' is crossed" in said and "'Tiny' is too small" in said
    assert "'Under a mark' is crossed" in said and "'Over it' is crossed" not in said


def test_every_description_says_numbers(every_drawing):
    for drawing in every_drawing:
        assert len(re.findall(r"\d+\.\d|\d{2,}", drawing.description)) >= 2, drawing.id


def test_the_description_of_chains_says_where_they_end(sensitive):
    entry = sensitive.entries("multiple_imputation")[0]
    rows = sensitive.rows(entry.id, "chain_mean", month="6", level="HC", outcome="severity")
    steps = {r.subgroup: int(Subgroup.read(r.subgroup)["iteration"]) for r in rows}
    ends = [r.estimate for r in rows if steps[r.subgroup] == max(steps.values())]
    said = imputation.draw(sensitive).description
    assert len(ends) > 1
    assert f"HC {numbers.ratio(min(ends))} to {numbers.ratio(max(ends))}" in said


def test_nothing_missing_is_written_as_nan(every_drawing):
    for drawing in every_drawing:
        said = [drawing.title, drawing.description, *layout.written(drawing)]
        assert not any(re.search(r"\b(nan|inf)\b", text) for text in said)


def test_every_figure_fits_a_printed_page(every_drawing):
    for drawing in every_drawing:
        width, height = drawing.figure.get_size_inches()
        assert height <= (10.6 if width == style.PAGE else 9.6), drawing.id


def test_forest_draws_every_row_given_and_no_other(resolve):
    given = [
        (r.analysis, r.level, r.estimate, r.lower, r.upper)
        for r in resolve
        if r.quantity == "risk_ratio" and r.outcome == "severity" and r.month == "3"
    ]
    both = (forest.draw(resolve), forest.draw_active(resolve))
    assert sorted(mark for drawing in both for mark in drawing.marks) == sorted(given)
    squares = [
        line
        for drawing in both
        for axes in drawing.figure.axes[1:]
        for line in axes.lines
        if line.get_marker() == "s"
    ]
    assert sorted(line.get_xdata()[0] for line in squares) == sorted(g[2] for g in given)


def test_percentages_are_those_of_the_results(drawings, resolve):
    marks = drawings["percentages"].marks
    assert len(marks) == 27
    for outcome, month, arm, estimate, lower, upper in marks:
        row = resolve.need("main", "risk", arm, outcome, month)
        assert (estimate, lower, upper) == (row.estimate, row.lower, row.upper)


def test_the_flow_diagram_shows_every_count(drawings):
    said = " ".join(layout.written(drawings["participant_flow"]))
    counts = [n for _, step, n in drawings["participant_flow"].marks]
    for n in counts:
        assert f"n\u00a0=\u00a0{n:,})" in said or f"n\u00a0=\u00a0{n})" in said
    assert len(counts) > 50


def test_published_figure_draws_both_sides(drawings, published):
    shown = drawings["published_vs_reproduced"].marks
    assert len(shown) == 33
    assert shown[0][:1] == ("predicted",)
    assert shown[-1][:1] == ("calibrated",)


def test_a_ratio_axis_holds_its_values_and_one():
    for values in ([0.93, 1.94], [0.35, 0.84], [0.5, 3.0], [0.03, 40.0], [1e-9, 5e8], [1.0]):
        (low, high), ticks = intervals.scale(values)
        kept = [v for v in values if 0.02 <= v <= 50]
        assert low < 1 < high and 1 in ticks and low <= min(kept, default=1)
        assert high >= max(kept, default=1)
        assert ticks[0] == low and ticks[-1] == high


def test_a_tight_ratio_axis_ends_near_its_values():
    for values in ([0.93, 1.94], [0.5, 3.2], [0.03, 40.0]):
        (low, high), ticks = intervals.scale(values, tight=True)
        assert 0.95 * values[0] < low < values[0] and values[1] < high < 1.05 * values[1]
        assert 1 in ticks and low <= ticks[0] < ticks[-1] <= high


def test_labels_move_apart_no_more_than_needed():
    assert style.spread([1.0, 5.0, 9.0], 2.0) == [1.0, 5.0, 9.0]
    moved = style.spread([3.0, 3.2, 9.0], 2.0)
    assert moved == pytest.approx([2.1, 4.1, 9.0])
    assert style.spread([4.0, 4.0, 4.0], 1.0) == [3.0, 4.0, 5.0]


def test_a_forest_of_one_comparison(two_arms):
    drawing = forest.draw(two_arms)
    assert len(drawing.marks) == 2
    assert "Indomethacin vs Placebo" in drawing.description


def test_coordinates_of_a_file_are_thousandths_of_a_point(sensitive):
    text = specification_curve.draw(sensitive).svg().decode()
    paths = re.findall(r' d="([^"]*)"', text)
    numbers = [n for path in paths for n in re.findall(r"-?\d+\.(\d+)", path)]
    assert len(numbers) > 1000 and max(map(len, numbers)) == 3
