"""The collector of findings."""

import pytest

from trialrr.ingest.findings import COLUMNS, DataError, Findings


def collected() -> Findings:
    findings = Findings()
    findings.add("b_rule", "repaired", "b.csv", 3, "x", "1 ", "1", "spaces removed", "P2", "first")
    findings.add("b_rule", "repaired", "b.csv", 2, "x", "2 ", "2", "spaces removed", "P1", "first")
    findings.error("a_rule", "a.csv", "one", "do this", line=9, field="y", raw="two")
    return findings


def test_findings_are_sorted_by_place_and_complete():
    table = collected().frame()
    assert tuple(table.columns) == COLUMNS
    assert table["line"].tolist() == [9, 2, 3]


def test_the_same_finding_twice_is_one():
    findings = collected()
    findings.error("a_rule", "a.csv", "one", "do this", line=9, field="y", raw="two")
    assert len(findings.rows()) == 3


def test_the_summary_counts_kinds_and_names_nobody():
    summary = collected().summary()
    assert summary["n"].tolist() == [1, 2]
    assert "participant" not in summary and "raw_value" not in summary


def test_errors_stop_with_place_expectation_and_remedy():
    with pytest.raises(DataError) as stop:
        collected().stop_if_errors()
    assert str(stop.value) == (
        "the raw data have 1 error; nothing was derived\n"
        "  a.csv:9:y: a_rule: found 'two'; expected one; do this"
    )


def test_without_errors_nothing_stops():
    findings = Findings()
    findings.add("rule", "note", "a.csv")
    findings.stop_if_errors()


def test_an_unknown_severity_is_refused():
    with pytest.raises(ValueError, match="severity 'bad', expected one of error"):
        Findings().add("rule", "bad", "a.csv")


def test_errors_of_one_cause_are_one_line_with_count_lines_and_values():
    findings = Findings()
    for line in range(2, 61):
        findings.error(
            "r", "a.csv", "an integer", "mend it", line=line, field="x", raw=f"{line % 5}.5"
        )
    findings.error(
        "r", "a.csv", "an integer", "mend it", line=3, field="y", raw="q", participant="P"
    )
    with pytest.raises(DataError) as stop:
        findings.stop_if_errors()
    assert str(stop.value) == (
        "the raw data have 60 errors; nothing was derived\n"
        "  a.csv:2:x: r: found '2.5', '3.5', '4.5' and 2 more "
        "(59 times, on lines 2, 3, 4 and 56 more); expected an integer; mend it\n"
        "  a.csv:3:y: r: found 'q' (P); expected an integer; mend it"
    )
    assert len(findings.frame()) == 60


def test_a_long_or_unprintable_value_is_shown_short_and_escaped():
    findings = Findings()
    findings.error("r", "a.csv", "one", "mend it", raw="\x1b[31m" + "w" * 100_000)
    with pytest.raises(DataError) as stop:
        findings.stop_if_errors()
    assert "\x1b" not in str(stop.value) and len(str(stop.value)) < 250
