import re
import xml.etree.ElementTree as ET

import pytest

from trialrr.present import figures, numbers
from trialrr.present.figures import forest, imputation, intervals, specification_curve, style
from trialrr.present.source import parts

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawings(resolve, published):
    return {d.id: d for d in figures.draw(resolve, published)}


@pytest.fixture(scope="module")
def every_drawing(drawings, two_arms, sensitive):
    """Figures of three trials: as published, with two arms, and with every kind of analysis."""
    return [*drawings.values(), *figures.draw(two_arms), *figures.draw(sensitive)]


@pytest.fixture(scope="module")
def saved(drawings):
    return {id: d.files() for id, d in drawings.items()}


def test_every_figure_is_drawn(drawings, two_arms):
    assert [*drawings] == [
        *("participant_flow", "missingness", "percentages", "change_distribution", "forest"),
        *("coaches", "published_vs_reproduced"),
    ]
    assert [d.id for d in figures.draw(two_arms)] == ["percentages", "forest"]


def test_the_same_results_give_the_same_bytes(saved, resolve, published):
    for again in figures.draw(resolve, published):
        pdf, png = again.pdf(), again.png()  # in another order than they were saved
        assert {"svg": again.svg(), "png": png, "pdf": pdf} == saved[again.id]


def test_files_say_what_they_are_and_nothing_of_when_or_where(drawings, saved):
    for drawing in drawings.values():
        svg, png, pdf = (saved[drawing.id][kind] for kind in ("svg", "png", "pdf"))
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


def texts(drawing):
    return [t for axes in drawing.figure.axes for t in axes.texts if t.get_text()]


def test_synthetic_data_are_marked_and_real_ones_are_not(drawings, two_arms):
    for drawing in drawings.values():
        said = [t.get_text() for t in texts(drawing)]
        assert "SYNTHETIC DATA" in said
        assert any(t.startswith("Synthetic data:") for t in said)
    for drawing in figures.draw(two_arms):
        assert not any("ynthetic" in t.get_text() for t in texts(drawing))


def boxes(drawing):
    """(text, its box in pixels) of everything written but the watermark."""
    drawing.figure.canvas.draw()  # labels of axes take their places
    renderer = drawing.figure.canvas.get_renderer()
    written = [t for t in texts(drawing) if t.get_text() != "SYNTHETIC DATA"]
    for axes in drawing.figure.axes[1:]:
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = sorted((low, high))
            written += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
        written += [axes.xaxis.label, axes.yaxis.label]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in written if t.get_text()]


def test_no_text_leaves_the_page_or_covers_another(every_drawing):
    for drawing in every_drawing:
        page, written = drawing.figure.bbox, boxes(drawing)
        for text, box in written:
            inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1
            assert inside, f"{drawing.id}: {text!r} is clipped"
        for i, (one, a) in enumerate(written):
            for other, b in written[i + 1 :]:
                wide = min(a.x1, b.x1) - max(a.x0, b.x0)
                high = min(a.y1, b.y1) - max(a.y0, b.y0)
                assert wide <= 0.5 or high <= 2, f"{drawing.id}: {one!r} covers {other!r}"


def test_every_description_says_numbers(every_drawing):
    for drawing in every_drawing:
        assert len(re.findall(r"\d+\.\d|\d{2,}", drawing.description)) >= 2, drawing.id


def test_the_description_of_chains_says_where_they_end(sensitive):
    entry = sensitive.entries("multiple_imputation")[0]
    rows = sensitive.rows(entry["id"], "chain_mean", month="6", level="HC", outcome="severity")
    steps = {r.subgroup: int(parts(r.subgroup)["iteration"]) for r in rows}
    ends = [r.estimate for r in rows if steps[r.subgroup] == max(steps.values())]
    said = imputation.draw(sensitive).description
    assert len(ends) > 1
    assert f"HC {numbers.ratio(min(ends))} to {numbers.ratio(max(ends))}" in said


def test_nothing_missing_is_written_as_nan(every_drawing):
    for drawing in every_drawing:
        said = [drawing.title, drawing.description, *(t.get_text() for t in texts(drawing))]
        assert not any(re.search(r"\b(nan|inf)\b", text) for text in said)


def test_every_figure_fits_a_printed_page(every_drawing):
    for drawing in every_drawing:
        width, height = drawing.figure.get_size_inches()
        assert height <= 10.6 * width / style.PAGE, drawing.id


def test_forest_draws_every_row_given_and_no_other(drawings, resolve):
    given = [
        (r.analysis, r.level, r.estimate, r.lower, r.upper)
        for r in resolve
        if r.quantity == "risk_ratio" and r.outcome == "severity" and r.month == "3"
    ]
    assert sorted(drawings["forest"].marks) == sorted(given)
    squares = [
        line
        for axes in drawings["forest"].figure.axes[1:]
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
    said = " ".join(t.get_text() for t in texts(drawings["participant_flow"]))
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
