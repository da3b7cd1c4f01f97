import re
from html.parser import HTMLParser

import pytest

from tests.present.conftest import forms, sketches
from trialrr.present.page import report, tables
from trialrr.present.results import read_findings

NAMED = "aria-labelledby"


class Page(HTMLParser):
    """What a browser would ask for, headings, ids, and whether tags close."""

    VOID = {"meta", "link", "img", "br", "hr", "input"}  # tags without an end

    def __init__(self, text):
        super().__init__()
        self.requests, self.headings, self.ids, self.links = [], [], [], []
        self.tags, self.open, self.pictures, self.unnamed = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in self.VOID:
            self.open.append(tag)
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        for name in ("src", "href", "xlink:href", "data", "action", "srcset"):
            value = attrs.get(name, "")
            if value.startswith("#"):
                self.links.append(value[1:])
            elif value:
                self.requests.append((tag, value))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg" and not attrs.get("aria-hidden"):
            self.pictures.append(attrs)
            self.unnamed += [attrs] if not (attrs.get("role") and attrs.get(NAMED)) else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def svgs(resolve, published, drawn):
    return forms(resolve, published, drawn)


@pytest.fixture(scope="module")
def html(resolve, svgs, published, calibration, tree):
    findings = read_findings(tree["--findings"])
    more = {"Plan digest (SHA-256)": "0123abcd", "Software": "numpy 2.4"}
    return report.render(resolve, svgs, published, calibration, findings, more)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_nothing_outside_the_file_is_asked_for(html, page):
    assert page.requests == []
    assert not {"link", "iframe", "img", "object"} & {tag for tag, _ in page.tags}
    assert all("src" not in attrs for tag, attrs in page.tags if tag == "script")
    policy = next(a["content"] for tag, a in page.tags if "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"\b(eval|fetch|XMLHttpRequest|import)\b\(", html)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_the_page_is_whole_and_its_anchors_lead_somewhere(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.links) <= set(page.ids)


def test_it_can_be_read_aloud(page, svgs):
    tags = dict(page.tags)
    assert tags["html"]["lang"] == "en"
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(later - former <= 1 for former, later in steps)
    assert page.unnamed == [] and len(page.pictures) == 2 * len(svgs) > 6
    for a in page.pictures:
        assert a["role"] == "img"
        assert a[NAMED] in page.ids and a["aria-describedby"] in page.ids
    kinds = [tag for tag, _ in page.tags]
    assert kinds.count("table") == kinds.count("caption") == 14
    assert all("scope" in a for tag, a in page.tags if tag == "th")
    regions = [a for tag, a in page.tags if a.get("role") == "region"]
    assert all(a.get("tabindex") == "0" and a.get("aria-label") for a in regions)


def test_sections_and_provenance(html):
    for words in (
        "Synthetic data: simulated people",
        "Participant flow",
        "Baseline",
        "Primary results",
        "Sensitivity",
        "Published beside reproduced",
        "Calibration",
        "Findings in the raw data",
        "Methods in short",
        "0123abcd",
        "20250807",
        "numpy 2.4",
        "never used for tuning",
        "Health coach CBT: coach",
    ):
        assert words in html


def test_summary_is_made_of_the_results(resolve):
    text = report.summary(resolve)
    ratio = resolve.need("main", "risk_ratio", "HC:UC", "severity", "3")
    assert f"Health coach CBT vs Usual care {ratio.estimate:.2f} (95% CI," in text
    assert "P <.001" in text


def test_a_trial_without_flow_says_so(two_arms):
    svgs = sketches(report.figures_of(two_arms, published=False))
    html = report.render(two_arms, svgs)
    page = Page(html)
    assert "hold no flow of participants" in html
    assert page.requests == [] and page.open == []
    assert "ynthetic data" not in html
    assert 'data-comparison="' not in html
    assert [*svgs] == ["percentages", "forest"]


def test_figures_and_tables_are_numbered_as_they_come(html, page):
    for word, anchor, tag in (("Figure", "figure", "figcaption"), ("Table", "table", "caption")):
        shown = re.findall(rf'<(?:figure|table) id="({anchor}-\w+)"', html)
        captions = re.findall(rf"<{tag}><(?:b|span)>{word} (\d+)\.", html)
        assert captions == [str(k + 1) for k in range(len(shown))] and len(shown) > 3
        listed = re.findall(rf'<li><a href="#({anchor}-\w+)">{word} (\d+)</a>', html)
        assert listed == list(zip(shown, captions, strict=True))
    assert page.links[0] == "content"
    assert [tag for tag, attrs in page.tags if attrs.get("id") == "content"] == ["main"]


def test_each_figure_and_table_tells_how_it_was_computed(html):
    told = set(re.findall(r"<summary>How was (\w+ \d+) computed", html))
    shown = set(re.findall(r"<(?:b|span)>((?:Figure|Table) \d+)\.", html))
    checklist = re.search(r"<span>(Table \d+)\. Reporting checklist", html)[1]
    assert shown - told == {checklist}


def test_controls_are_hidden_until_the_script_finds_them(page):
    groups = [a for _, a in page.tags if "controls" in a.get("class", "").split()]
    assert len(groups) == 2 and all("hidden" in a for a in groups)
    tables = [a["data-table"] for a in groups]
    assert tables == ["table-primary", "table-sensitivity"] and set(tables) <= set(page.ids)
    names = [a["name"] for tag, a in page.tags if tag == "input"]
    assert names.count("scale-primary") == names.count("comparison-primary") == 3
    assert names.count("comparison-sensitivity") == 3
    rows = [a["data-comparison"] for tag, a in page.tags if tag == "tr" and "data-comparison" in a]
    assert len(rows) == 27 and set(rows) == {"PT vs UC", "HC vs UC", "HC vs PT"}
    scales = [a["data-scale"] for tag, a in page.tags if tag == "td" and "data-scale" in a]
    assert scales.count("ratio") == 27 and scales.count("difference") == 2 * 27


def test_text_of_the_data_is_escaped(resolve):
    table = tables.Table("t", "A <b> & c", ("<i>",), (("<script>",),), ("1 < 2",))
    html = report.render_table(resolve, table)
    assert "<script>" not in html and "&lt;script&gt;" in html and "&lt;i&gt;" in html
