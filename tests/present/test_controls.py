import json
import re
from dataclasses import replace

import pytest

from trialrr import plan
from trialrr.present.page import controls, report, tables
from trialrr.present.page.tables import Table
from trialrr.present.shows.missing.grid import INFORMATIVE_ODDS, TIPPING
from trialrr.present.words import numbers


def test_cells_are_marked_by_scale_and_rows_by_comparison(resolve):
    marks = controls.marks(resolve, tables.primary(resolve))
    assert marks.scales and list(marks.comparisons) == ["PT vs UC", "HC vs UC", "HC vs PT"]
    assert marks.attribute("Relative risk (95% CI)") == ' data-scale="ratio"'
    assert marks.attribute("Number needed (95% CI)") == ' data-scale="difference"'
    assert marks.attribute("P") == ""
    row = tables.primary(resolve).rows[1]
    assert marks.comparison(list(row)) == "HC vs UC"
    assert marks.comparison(["all arms", "", "", "", ""]) == ""


def test_columns_of_a_comparison_are_marked(resolve):
    marks = controls.marks(resolve, tables.sensitivity(resolve))
    assert marks.row == 0 and not marks.scales
    assert marks.attribute("HC vs UC, RR (95% CI)") == ' data-comparison="HC vs UC"'


def test_a_table_with_nothing_to_choose_has_no_controls(resolve, two_arms):
    assert controls.marks(resolve, tables.baseline(resolve)) is None
    assert controls.marks(two_arms, tables.sensitivity(two_arms)) is None
    marks = controls.marks(two_arms, tables.primary(two_arms))
    assert marks.scales and marks.comparisons == {} and marks.row == 0


def test_every_cell_of_a_merged_table_carries_the_mark_of_its_own_column(resolve):
    marks = controls.Marks({"RR": ("scale", "ratio")}, 2, {"a vs b": ""}, True)
    rows = (("g", "3", "a vs b", "1"), ("g", "3", "a vs c", "2"))
    table = Table("t", "T", ("Group", "Visit", "Comparison", "RR"), rows, grouped=1, merged=(1,))
    module = report._environment().get_template("table.html.j2").module
    html = module.table(table, "Table 1", marks)
    assert re.findall(r'<td data-scale="ratio">(\d)</td>', html) == ["1", "2"]
    assert html.count('<tr data-comparison="a vs b">') == 1
    assert html.count("data-comparison") == 1


@pytest.mark.parametrize("surface", [TIPPING, INFORMATIVE_ODDS])
def test_a_map_holds_the_rows_of_the_results(sensitive, surface):
    figure, kind, names, neutral = surface.figure, surface.kind, surface.names, surface.neutral
    assert list(controls.maps(sensitive)) == ["tipping", "informative_odds"]
    panels = json.loads(str(controls.maps(sensitive)[figure].data).replace("\\u003c", "<"))
    assert panels == controls.grids(sensitive, surface) and panels
    (entry,) = sensitive.entries(kind)
    assert len(panels) == len(sensitive.against_reference)
    for panel, contrast in zip(panels, sensitive.against_reference, strict=True):
        active, control = panel["axes"]
        assert panel["name"] == sensitive.contrast(contrast)
        assert [axis[at] for axis, at in zip(panel["axes"], panel["start"], strict=True)] == [
            f"{neutral:g}",
            f"{neutral:g}",
        ]
        assert len(panel["cells"]) == len(active) * len(control)
        rows = {
            row.subgroup: row
            for row in sensitive.rows(entry.id, "risk_ratio", level=contrast, month="3")
        }
        for i, x in enumerate(active):
            for j, y in enumerate(control):
                key = "; ".join(
                    f"{name}={value.replace('−', '-')}"
                    for name, value in zip(names, (x, y), strict=True)
                )
                row = rows[key]
                text, p = panel["cells"][i * len(control) + j]
                assert text == numbers.interval(row.estimate, row.lower, row.upper)
                assert p.removeprefix("P ").removeprefix("= ") == numbers.p_value(row.p_value)


def test_data_of_a_map_cannot_close_their_element(sensitive):
    first, *others = sensitive.plan.arms
    arms = (plan.replace(first, label="</script><b>"), *others)
    odd = replace(sensitive, plan=plan.replace(sensitive.plan, arms=arms))
    data = controls.maps(odd)["tipping"].data
    assert "<" not in data and json.loads(data)[0]["arms"][0] == "</script><b>"
