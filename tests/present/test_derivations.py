import json

import pytest

from trialrr import plan
from trialrr.analyses import registry
from trialrr.present import shows
from trialrr.present.page import tables
from trialrr.present.page.catalog import Catalog
from trialrr.present.page.derivations import Derivations, written


@pytest.fixture(scope="module")
def derivations(sensitive):
    return Derivations(sensitive)


def test_a_figure_or_table_rests_on_analyses_that_have_rows(sensitive, derivations):
    made = {table.id for table in tables.make(sensitive) if table.rows} - {"estimands"}
    figures = set(shows.figures(sensitive.plan)) - {"published_vs_reproduced"}
    have = {row.analysis for row in sensitive}
    for id in (made | figures) - {"deviations"}:
        found = derivations.analyses(id)
        assert found and len(found) == len(set(found)), id
        assert id == "exploratory" or set(found) & have, id
    assert derivations.analyses("tipping") == [e.id for e in sensitive.entries("delta")]
    assert derivations.analyses("percentages") == ["main"]
    assert derivations.analyses("forest") == sensitive.analyses_of("severity", "3")


def test_published_numbers_rest_on_the_analyses_compared(resolve, published, calibration):
    derivations = Derivations(resolve, published=published, calibration=calibration)
    assert "main" in derivations.analyses("published_vs_reproduced")
    exact = derivations.analyses("calibration_counts")
    assert "flow" in exact and "main" not in exact
    assert derivations.analyses("calibration")


def test_what_is_told_of_an_analysis_stands_in_the_plan_and_the_results(sensitive, derivations):
    main = derivations.of("main")
    entry = sensitive.plan.analysis("main")
    assert main.label == entry.label and main.status == "Prespecified"
    assert main.estimand == "Effect of being offered the treatment on response"
    methods = {row.method for row in sensitive if row.analysis == "main"}
    assert main.methods and all(m.partition(" (the first")[0] in methods for _, m in main.methods)
    n = [sensitive.need("main", "risk", arm, "severity", "3").n for arm in sensitive.arms]
    counts = dict(main.counts)
    assert counts[
        "n analyzed (Pain severity responder (30 % drop or more), 3 months)"
    ] == "; ".join(f"{arm} {k}" for arm, k in zip(sensitive.arms, n, strict=True))
    assert main.random == "None drawn."


def test_draws_are_counted_and_their_seed_named(sensitive, derivations):
    entry = sensitive.entries("bootstrap")[0]
    told = derivations.of(entry.id)
    assert "Root seed 20250807" in told.random
    replicates = sensitive.rows(entry.id, "replicates")[0].estimate
    assert dict(told.counts)["Replicates"] == f"{replicates:.0f}"


def test_a_seed_is_named_where_the_kind_declares_streams_and_nowhere_else(sensitive, derivations):
    drawn = {entry.kind: derivations.of(entry.id).random for entry in sensitive.plan.analyses}
    assert len(drawn) > 15
    for kind, told in drawn.items():
        assert told.startswith("Root seed") == bool(registry.kinds()[kind].streams), kind
        assert told == "None drawn." or registry.kinds()[kind].streams


def test_an_analysis_without_entry_is_described(derivations):
    flow = derivations.of("flow")
    assert flow.entry == "" and flow.random == "" and flow.methods


def test_an_entry_is_written_a_line_a_key_and_reads_back():
    entry = {"active": ["-1", "0"], "label": "A: b", "kind": "delta", "id": "delta"}
    [parsed] = plan.parse({"analyses": [entry]}).analyses
    text = written(parsed)
    assert text.splitlines()[:3] == ['id: "delta"', 'kind: "delta"', 'label: "A: b"']
    pairs = (line.split(": ", 1) for line in text.splitlines())
    assert {key: json.loads(value) for key, value in pairs} == entry


def test_a_section_tells_of_an_analysis_once(derivations):
    catalog = Catalog(derivations)
    for section, first in (("a", True), ("a", False), ("b", True)):
        catalog.enter(section)
        assert [(t[0].id, *t[1:]) for t in catalog.derivations("primary")] == [
            ("main", f"computed-{section}-main", first)
        ]
    assert [catalog.figure("f", "F"), catalog.table("t", "T"), catalog.figure("g", "G")] == [
        "Figure 1",
        "Table 1",
        "Figure 2",
    ]
