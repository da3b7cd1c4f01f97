"""Tables in every format hold the same texts, and say where their data come from."""

import json
import re
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.enum.section import WD_ORIENT

from tests.present import readers
from trialrr import plan
from trialrr.present import shows
from trialrr.present.formats import edges, latex, rtf, shares, word
from trialrr.present.page import report, tables
from trialrr.present.page.tables import Table
from trialrr.present.results import SYNTHETIC_NOTICE
from trialrr.present.words import money, numbers

NUMBER = re.compile(r"[<>]?[−-]?[\d.,]*\d")
TRIAL = "A trial {of} 50 % & more"


@pytest.fixture(scope="module")
def every(resolve, sensitive, published, calibration):
    """(results, table) for every table that RESOLVE has."""
    made = {t.id: (resolve, t) for t in tables.make(resolve, published, calibration)}
    made |= {t.id: (sensitive, t) for t in tables.make(sensitive) if t.id not in made}
    assert set(made) == set(shows.tables(plan.replace(sensitive.plan, published="a")))
    assert {"primary", "secondary", "sensitivity", "safety", "deviations"} <= set(made)
    return list(made.values())


@pytest.fixture(scope="module")
def odd() -> Table:
    """A table with every sign that a format has a meaning for."""
    signs = "\\ { } # $ % & _ ~ ^ [ ] * < > | \" ` ' – — − ∞ ≥ ≤ ± λ é 𝛼"
    rows = (("", "[1] & 2", signs, "-0.1 (-1.0 to ∞)"), ("g_1", "*", signs, "<.001"))
    rows += (("g_1", "*", "", ""), ("", "*", signs, "—"))
    return Table("odd", "A & B", ("g", "a %", "b", "c"), rows, ("x_1 ≥ 2; 50 %.",), 1, (1, 2))


def expected(table: Table) -> readers.Read:
    """What people should read: the table's own texts, with minus signs."""
    rows = [
        [*row[: table.grouped], *map(numbers.minus, row[table.grouped :])] for row in table.rows
    ]
    return list(table.columns[table.grouped :]), rows


def test_cells_are_the_same_in_csv_html_word_and_rtf(every):
    found = 0
    for results, table in every:
        columns, rows = expected(table)
        assert readers.from_csv(table.csv()) == ([*table.columns], [[*row] for row in table.rows])
        page = report.render_table(results, table)
        assert readers.from_html(page, table.grouped) == (columns, rows), table.id
        assert readers.from_word(word.render(table), table.grouped) == (columns, rows), table.id
        assert readers.from_rtf(rtf.render(table), table.grouped)[0] == (columns, rows), table.id
        found += sum(len(NUMBER.findall(cell)) for row in rows for cell in row)
    assert found > 5000


def test_signs_with_a_meaning_survive(odd):
    assert readers.from_word(word.render(odd), 1) == expected(odd)
    read, paragraphs = readers.from_rtf(rtf.render(odd), 1)
    assert read == expected(odd)
    assert paragraphs == ["A & B.", "x_1 ≥ 2; 50 %."]


def latex_cells(text: str) -> list[list[str]]:
    body = text[text.index("\\endfoot\n") + 9 : text.index("\\end{longtable}")]
    lines = [line for line in body.splitlines() if line != "\\addlinespace"]
    assert all(line.endswith((" \\\\", " \\\\*")) for line in lines)
    lines = [line.removesuffix("*").removesuffix(" \\\\") for line in lines]
    return [re.split(r"(?<!\\)&", line) for line in lines]


def test_latex_holds_the_same_texts_and_merged_cells_once(every, odd):
    for table in [odd, *(table for _, table in every)]:
        wanted = []
        for heading, rows in table.blocks():
            wanted += [[heading]] if heading else []
            wanted += [[numbers.minus(c.text) if c.span else "" for c in row] for row in rows]
        found = latex_cells(latex.render(table))
        assert len(found) == len(wanted)
        for cells, texts in zip(found, wanted, strict=True):
            said = [cell.strip().removeprefix("\\leftskip1em\\relax").strip() for cell in cells]
            if len(texts) == 1 < len(table.columns) - table.grouped:
                assert said[0].endswith(f"{{\\raggedright\\bfseries {latex.escape(texts[0])}}}")
            else:
                assert said == [latex.escape(text).strip() for text in texts], table.id


def test_latex_has_balanced_braces_and_nothing_that_it_would_take_for_a_command(odd):
    text = latex.render(odd)
    plain = re.sub(r"\\[\\{}#$%&_]", "", text)
    assert plain.count("{") == plain.count("}")
    assert text.count("\\begin") == text.count("\\end{") + text.count("\\endgroup") == 2
    assert plain.count("$") % 2 == 0
    assert "{[}1{]} \\& 2" in text and "{*}" in text
    assert "%" not in plain.split("\n", 2)[2]
    assert latex.escape("a_b^c ~ 5 % < 6 & −1") == (
        "a\\_b\\textasciicircum{}c \\textasciitilde{} 5 \\% $<$ 6 \\& $-$1"
    )
    for part in ("\\endfirsthead", "\\endhead", "\\label{tab:odd}", "\\caption{A \\& B.}"):
        assert part in text


def test_caption_notes_and_trial_stand_in_every_format(every):
    for _, table in every:
        document = docx.Document(BytesIO(word.render(table, TRIAL)))
        said = [p.text for p in document.paragraphs]
        assert said == [table.caption, *table.notes]
        head = document.sections[0].header.paragraphs[0].text
        assert head == f"{TRIAL}. {SYNTHETIC_NOTICE}"
        text = rtf.render(table, TRIAL)
        assert readers.from_rtf(text, table.grouped)[1] == [table.caption, *(table.notes or [""])]
        assert f"{rtf.escape(head)}\\par}}" in text
        tex = latex.render(table)
        for part in (table.caption, *table.notes):
            assert latex.escape(part) in tex
        assert "Continued. Synthetic data." in tex


def test_tables_of_real_people_do_not_say_synthetic(two_arms):
    for table in tables.make(two_arms):
        with ZipFile(BytesIO(word.render(table, "T"))) as stored:
            texts = [stored.read(name).decode() for name in stored.namelist()]
        for text in (*texts, rtf.render(table, "T"), latex.render(table)):
            assert "ynthetic" not in text


def test_pages_are_landscape_with_headings_on_each(odd):
    document = docx.Document(BytesIO(word.render(odd)))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width > section.page_height
    repeated = document.element.body.xpath(".//w:tr[w:trPr/w:tblHeader]")
    assert repeated == [document.tables[0].rows[0]._tr]
    text = rtf.render(odd)
    assert "\\landscape" in text and text.index("\\trhdr") < text.index("\\row")


def test_the_same_table_gives_the_same_bytes(odd, monkeypatch):
    first = word.render(odd)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert word.render(odd) == first
    with ZipFile(BytesIO(first)) as stored:
        assert {info.date_time for info in stored.infolist()} == {word.EPOCH}
        names = stored.namelist()
        properties = stored.read("docProps/core.xml").decode()
    assert names[0] == "[Content_Types].xml" and names[1:] == sorted(names[1:])
    assert not any("thumbnail" in name or "WithEffects" in name for name in names)
    assert "<dc:title>A &amp; B</dc:title>" in properties
    assert "20" not in re.sub(r"http\S+", "", properties)
    assert "creator" not in properties and "python" not in properties


def test_widths_fill_the_line_and_hold_the_longest_word(every):
    for _, table in every:
        widths = shares(table)
        assert sum(widths) == pytest.approx(1)
        assert edges(table, 14400)[-1] == 14400
        for j, width in enumerate(widths, table.grouped):
            words = [
                w for text in (table.columns[j], *(r[j] for r in table.rows)) for w in text.split()
            ]
            assert width * 180 > max(map(len, words)), (table.id, table.columns[j])


def test_a_long_text_is_wrapped_before_a_short_one():
    rows = (("a" * 10, "word " * 60, "word " * 50),)
    short, long, other = shares(Table("t", "T", ("a", "b", "c"), rows))
    assert short * 165 == pytest.approx(13, abs=0.5)
    assert long == other


def test_a_table_without_rows_is_one_in_every_format(odd):
    empty = replace(odd, rows=())
    assert readers.from_word(word.render(empty), 1)[1] == []
    assert readers.from_rtf(rtf.render(empty), 1)[0] == (["a %", "b", "c"], [])
    assert latex_cells(latex.render(empty)) == []


# ------------------------------------------------------------------------- against the results

FORMS = (*(partial(numbers.fixed, places=k) for k in range(5)), numbers.percent, money.amount)
SPREAD = {("mean", "sd"): "{} ({})", ("median", "q1", "q3"): "{} ({} to {})"}
WORDED = (
    *("Analysis", "Candidate", "Characteristic", "Comparison", "Definition", "Done", "Group"),
    *("Intercurrent event", "Level", "Measure", "Of", "Outcome", "Part", "Planned", "Reason"),
    *("Source", "Step", "Variable", "Visit", "What"),
)
"""Columns whose numbers are part of a name: of an outcome, a visit, a level."""


def of_row(row) -> set[str]:
    """Every text that one row of the results may be printed as, by `numbers`."""
    found = {numbers.p_value(row.p_value, places) for places in (2, 3)}
    limits = row.lower, row.upper
    if row.quantity == "nnt":
        words = (numbers.BENEFIT, numbers.NEUTRAL)
        found |= {numbers.nnt(row.estimate, *limits, words=w) for w in words}
    for form in FORMS:
        found |= {form(row.estimate), form(row.std_error), form(row.df), form(row.statistic)}
        found |= {numbers.interval(row.estimate, *limits, form), " to ".join(map(form, limits))}
        found |= {f"{form(row.estimate)} ({form(row.std_error)})", *map(form, limits)}
    found |= {f"{row.estimate:g}"}
    for k in (row.estimate, row.events, row.n):
        if not numbers.missing(k) and k == int(k):
            share = numbers.share(k, row.n)
            found |= {numbers.count(k), share, share.split(" (")[0]}
    return found


def of_results(results) -> set[str]:
    """Every text that the results may be printed as: of single rows, of middle and spread together,
    and of the range of many fits."""
    found, together = set(), {}
    for row in results:
        found |= of_row(row)
        key = (row.analysis, row.outcome, row.month, row.subgroup, row.level)
        together.setdefault(key, {})[row.quantity] = row.estimate
        if span := results.span(row.analysis, row.level, row.outcome, row.month):
            found.add(numbers.span(span.smallest, span.largest, span.fits))
    for values in together.values():
        for quantities, text in SPREAD.items():
            if set(quantities) <= set(values):
                found.add(text.format(*(numbers.mean(values[q]) for q in quantities)))
    return found


def of_comparison(rows) -> set[str]:
    """Every text that published numbers may be printed as: value, P, difference, and how many of a
    source there are."""
    found = set()
    for c in rows:
        for form in FORMS:
            found.add(form(c.published))
            found.add(numbers.interval(c.published, c.published_lower, c.published_upper, form))
            found.add(numbers.interval(c.reproduced, c.reproduced_lower, c.reproduced_upper, form))
            found |= {form(c.difference), f"+{form(c.difference)}"}
        found |= {c.published_text, c.published_p_value_text}
    exact = [c for c in rows if c.role == "exact"]
    for kept in (exact, [c for c in exact if c.equal == "yes"]):
        found |= {str(n) for n in Counter((c.analysis, c.source) for c in kept).values()}
    return found


def of_words(results) -> set[str]:
    """Numbers in the words that name things: the plan's, the labels', and levels of the results."""
    texts = [
        json.dumps(plan.written(results.plan), ensure_ascii=False),
        json.dumps([*results.words.steps.values(), *results.words.levels.values()]),
    ]
    texts += ["95% CI, Table 1, 2, 3, eTable 9, Figure 1"]
    texts += results.table[["subgroup", "level", "month", "outcome"]].stack().unique().tolist()
    found = set(re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d)", "", " ".join(texts))))
    shares = re.findall(r"0\.\d+", " ".join(texts))
    return found | {numbers.percent(float(share), 0) for share in shares}


def pieces(text: str) -> list[str]:
    """Parts of a cell, without the words that stand around a number."""
    parts = text.replace("−", "-").replace(" saved, for less effect", "").split("; ")
    return [re.sub(r"^P (= )?", "", part) for part in parts if re.search(r"\d", part)]


def test_every_number_in_a_file_is_one_of_the_results(every, resolve, sensitive, published,
                                                      calibration):  # fmt: skip
    compared = of_comparison([*published, *calibration])
    printed = {id(results): of_results(results) | compared for results in (resolve, sensitive)}
    named = {id(results): of_words(results) for results in (resolve, sensitive)}
    found = 0
    for results, table in every:
        _, rows = readers.from_rtf(rtf.render(table), table.grouped)[0]
        for row in rows:
            for column, text in zip(table.columns, row, strict=True):
                for piece in pieces(text):
                    if piece in printed[id(results)]:
                        found += 1
                        continue
                    assert column in WORDED, f"{table.id}, {column}: {piece!r} of {text!r}"
                    tokens = {t.replace(",", "") for t in re.findall(r"\d[\d,]*", piece)}
                    assert tokens <= named[id(results)] | {""}, f"{table.id}, {column}: {piece!r}"
    assert found > 3500
    assert not {"1.2799", "26.61", "0.05 (0.01 to 0.09)", ".0321"} & printed[id(resolve)]


JAMA = re.compile(r"<\.001|\.00[1-9]|\.010|\.0[1-4]\d*|\.(0[5-9]|[1-9]\d)|>\.99|not tested|—|")
"""A P value, or what stands in its place."""
BESIDE = re.compile(r"\.\d{3}")
"""A P value beside a published one of three decimals."""


def test_numbers_are_in_the_style_of_jama(every):
    cells = [
        (column, text)
        for _, table in every
        for row in table.rows
        for column, text in zip(table.columns, row, strict=True)
    ]
    headed = re.compile(r"(Omnibus |Published |Reproduced )?P( \(\d\)|, .*|)")
    tests = [text for column, text in cells if headed.fullmatch(column)]
    beside = {text for column, text in cells if column == "Reproduced P" and BESIDE.match(text)}
    tests += [re.sub("^P (= )?", "", text) for _, text in cells if text.startswith("P ")]
    wrong = [text for text in tests if not JAMA.fullmatch(text) and text not in beside]
    assert not wrong and len(tests) > 200 and "<.001" in tests
    percents = [text for column, text in cells if re.search(r"(%|points) \(95% CI\)$", column)]
    shares = [found[0] for text in percents if (found := re.match(r"-?[\d.]+(?= \()", text))]
    assert len(shares) > 100
    assert all(re.fullmatch(r"-?\d+\.\d", share) for share in shares)
    counted = [text for _, text in cells if re.fullmatch(r"\d+/\d+ \(.*\)", text)]
    assert len(counted) > 100
    assert all(re.fullmatch(r"\d+/\d+ \(\d+\.\d\)", text) for text in counted)
