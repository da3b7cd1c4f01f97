import csv
import re

from tests.present.conftest import sketches
from trialrr.present.page import report
from trialrr.present.words import checklist

ITEMS = 30
"""Of CONSORT 2025; some are in parts (1a, 1b)."""


def test_every_item_of_consort_2025_is_there_once():
    found = [item.item for item in checklist.items({})]
    assert len(found) == len(set(found)) == 42
    assert sorted({int(re.match(r"\d+", id)[0]) for id in found}) == list(range(1, ITEMS + 1))


def test_an_item_is_answered_where_the_page_has_a_place_and_says_so_where_not():
    with checklist.PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    everything = {anchor: anchor.upper() for row in rows for anchor in row["sections"].split()}
    for row, all_, none in zip(rows, checklist.items(everything), checklist.items({}), strict=True):
        places = tuple((a, a.upper()) for a in row["sections"].split())
        assert all_.places == places and none.places == ()
        assert all_.answer == (row["answer"] if places else row["without"]) != ""
        assert bool(row["answer"]) == bool(places)
    some = {item.item: item for item in checklist.items({"table-safety": "Table 9"})}
    assert some["27"].places == (("table-safety", "Table 9"),)
    assert some["25"].places == ()


def test_parts_are_in_the_order_of_the_list():
    parts = [part for part, _ in checklist.parts({})]
    assert parts == ["Title and abstract", "Open science", "Introduction", "Methods", "Results"] + [
        "Discussion"
    ]


def test_what_has_no_place_on_the_page_is_said_of_every_trial(two_arms, resolve):
    for results in (two_arms, resolve):
        html = report.render(results, sketches(report.figures_of(results, published=False)))
        table = html[html.index('id="table-checklist"') :]
        table = table[: table.index("</table>")]
        answers = re.findall(r'<td class="text">([^<]*)</td></tr>', table)
        assert len(answers) == 42 and all(len(answer) > 1 for answer in answers)
        assert 'href="#table-baseline"' in table
        assert ('href="#table-flow"' in table) == results.has_flow()
