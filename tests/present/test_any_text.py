"""Any text of a plan is text in every page and file: never markup, code or a formula."""

import csv
import io
import re
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest

from tests.present import small_trial
from trialrr.present.formats import latex, plain, rtf, word
from trialrr.present.kit.table import harmless
from trialrr.present.page import blocks, figures, notebook, report, tables

HOSTILE = (
    "<script>alert(1)</script>",
    "50% & more_than #1 ~x ^2 <b> \"q\" 's' {a} $5 \\cmd `t` [k] | A/B * @",
    "{{ plan }} {% raw %} </script><img src=x onerror=alert(2)>",
)


def named(label: str) -> dict:
    """The small trial with this label everywhere."""
    made = small_trial.document()
    made |= {"title": label, "source": label}
    for section in ("arms", "visits", "outcomes", "covariates", "estimands", "analyses"):
        for entry in made[section]:
            entry["label"] = label
    made["outcomes"][0]["score_label"] = label
    made["baseline_table"][0]["label"] = label
    return made


class Elements(HTMLParser):
    """Which elements and event handlers a page has, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.handlers, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("label", HOSTILE)
def test_it_is_text_on_every_page(label):
    found = small_trial.results(named(label))
    drawn = figures.draw(found)
    svgs = {d.id: (d.svg().decode(),) * 2 for d in drawn}
    pages = [report.render(found, svgs)]
    pages += [report.render_table(found, table) for table in tables.make(found)]
    pages += [blocks.heading(found).data, blocks.paragraph(report.summary(found)).data]
    pages += [blocks.listing([label]).data]
    for page in pages:
        elements = Elements(page)
        assert not elements.handlers and "img" not in elements.tags
        assert elements.tags.count("script") == (1 if page is pages[0] else 0)
        assert " ".join(label.split()) in " ".join(" ".join(elements.words).split())
    for drawing in drawn:
        title = re.search(r"<title>(.*?)</title>", drawing.svg().decode(), re.S)[1]
        assert "<" not in title and unescape(title) == drawing.title


def test_a_page_of_ours_may_run_nothing():
    found = small_trial.results(small_trial.document())
    cell = nbformat.v4.new_code_cell("1")
    pages = [report.render_table(found, tables.primary(found))]
    pages.append(notebook.to_html(nbformat.v4.new_notebook(cells=[cell]), "<b>"))
    for page in pages:
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
        assert policy.startswith("default-src 'none';") and "script-src" not in policy
    assert "<title>&lt;b&gt;</title>" in pages[1]


@pytest.mark.parametrize("label", HOSTILE)
def test_latex_and_rtf_escape_it(label):
    table = tables.primary(small_trial.results(named(label)))
    tex, rich = latex.render(table), rtf.render(table)
    ours = re.sub(r"\$(<|>|-|\\infty|\\[a-z]+)\$", "", tex)
    escaped = re.sub(r"\\[#$%&_{}\\]", "", ours)
    assert not re.search(r"[#$~^_]", re.sub(r"%.*", "", escaped, count=2))
    assert rich.isascii() and rich.count("{") - rich.count(r"\{") == (
        rich.count("}") - rich.count(r"\}")
    )


def test_signs_that_print_nothing_are_blanks():
    assert plain("a\x00b\x0bc\nd\u200e") == "a b c d "
    made = named("bell\x07 and feed\x0c")
    table = tables.primary(small_trial.results(made))
    assert word.render(table) and "\x07" not in latex.render(table) + rtf.render(table)


@pytest.mark.parametrize(("text", "kept"), [
    *((t, False) for t in ("=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "-1+1",
                           "-1 (=A1)", "-2 (cmd|'x'!A1)")),
    *((t, True) for t in ("-0.12", "-0.1 (-5.6 to 5.4)", "+1.5", "-12,345", "-1.2 (no interval)",
                          "1=1", "", "– – Other", "NNH 4")),
])  # fmt: skip
def test_a_formula_is_made_harmless_and_a_number_is_not_touched(text, kept):
    assert harmless(text) == (text if kept else f"'{text}")


def test_a_csv_has_no_formula():
    made = named("=HYPERLINK(1)")
    for table in tables.make(small_trial.results(made)):
        for row in csv.reader(io.StringIO(table.csv())):
            assert not [cell for cell in row if cell[:1] in ("=", "@")]
