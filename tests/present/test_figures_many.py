"""Figures of plans that nobody drew them for: many arms and visits, labels that are long, of one
word, or in letters that the font lacks."""

import re
from itertools import combinations

import pytest

from tests.present import layout, small_trial
from trialrr.present.kit import pictures, style
from trialrr.present.page import figures, report

TWO, EIGHT = ("1", "8"), ("1", "8", "15", "22", "29", "36", "43", "50")
SENTENCE = (
    "Very long label of an arm that says everything about the dose, the schedule, the route, the"
    " duration and the manufacturer of the compound, 200 mg twice daily"
)
HAN = ("对照组", "治疗组 A", "Плацебо", "علاج")


def of_arms(*labels: str, months=TWO, outcome: str = "Ache eased") -> dict:
    """The small trial with these arms, the first the reference, and these visits."""
    made = small_trial.document()
    ids = [f"a{k}" for k in range(1, len(labels) + 1)]
    made["arms"] = [
        {"id": id, "label": label, "clusters": "person"}
        for id, label in zip(ids, labels, strict=True)
    ]
    made["reference"], made["contrasts"] = ids[0], [[id, ids[0]] for id in ids[1:]]
    made["visits"] = [{"month": month, "label": f"Day {month}"} for month in months]
    made["outcomes"][0]["label"] = outcome
    return made


@pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])
@pytest.mark.parametrize("document", [
    of_arms(*(f"Dose {k}" for k in range(6)), months=EIGHT),
    of_arms(*(f"{SENTENCE} {k}" for k in range(6)), outcome=SENTENCE),
    of_arms(*(letter * 200 for letter in "XYZ"), outcome="W" * 200),
], ids=["six arms, eight visits", "sentences", "one word"])  # fmt: skip
def test_nothing_is_clipped_or_covered(document, width):
    for drawing in figures.draw(small_trial.results(document), width=width):
        assert not layout.faults(drawing), drawing.id
        assert drawing.svg()


def test_a_name_that_is_cut_stands_whole_in_the_description():
    drawn = figures.draw(small_trial.results(of_arms("X" * 200, "Y" * 200)))
    cut = next(d for d in drawn if d.id == "change_distribution")
    assert "…" in " ".join(layout.written(cut)) and "X" * 200 in cut.description


def test_any_two_of_thirty_arms_differ_in_two_of_color_marker_and_dashes():
    looks = [(style.color(k), style.marker(k), style.dashes(k)) for k in range(30)]
    for one, other in combinations(looks, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) >= 2


def test_letters_that_the_font_lacks_are_named_beside_the_figure():
    found = small_trial.results(of_arms(*HAN))
    drawn = {d.id: d for d in figures.draw(found)}
    assert drawn["percentages"].lacking == "".join(sorted(set("对照组治疗")))
    svgs = {id: (d.svg().decode(),) * 2 for id, d in drawn.items()}
    html = report.render(found, svgs)
    beside = html[html.index('id="figure-percentages"') :]
    note = re.search(r'</figure>\s*<p class="note">(.*?)</p>', beside, re.S)[1]
    assert note == pictures.lacking(drawn["percentages"].lacking)
    assert all(letter in note for letter in "对照组治疗")


def test_letters_that_the_font_has_are_no_finding():
    """Cyrillic, Greek, accents and arrows are in the font."""
    found = small_trial.results(of_arms("Плацебо", "Übung ½ CO₂ ≥ 5 µg → β"))
    assert not [d.id for d in figures.draw(found) if d.lacking]
    svgs = {d.id: (d.svg().decode(),) * 2 for d in figures.draw(found)}
    assert "have no shape" not in report.render(found, svgs)


@pytest.mark.parametrize("first", ["علاج", "טיפול"])
def test_a_line_that_begins_from_right_to_left_still_reads_from_the_left(first):
    mark = "\u200e"
    assert style.wrap(f"{first} vs Wait", 5) == [f"{mark}{first} vs Wait"]
    assert style.wrap(f"Wait vs {first}", 5) == [f"Wait vs {first}"]
