"""Every number in a table is one of the results, printed by the rule."""

import csv
import re
from fractions import Fraction
from math import ceil, isnan

import pandas as pd
import pytest

from trialrr import plan
from trialrr.present.page import tables
from trialrr.present.page.tables import Table

OUTCOMES = ("severity", "intensity", "interference")  # of the primary analysis
CI = re.compile(r"(-?[\d.]+) \((-?[\d.]+) to (-?[\d.]+)\)")


def printed(value, places: int, scale: int = 1) -> Fraction:
    """`scale` times `value`, half up on its decimal value, computed apart from `numbers`."""
    exact, unit = Fraction(repr(float(value))) * scale, Fraction(1, 10**places)
    size = (abs(exact) / unit + Fraction(1, 2)) // 1 * unit
    return size if exact >= 0 else -size


def check_interval(text: str, row, places: int, scale: int = 1) -> None:
    found = [Fraction(t) for t in CI.fullmatch(text).groups()]
    assert found == [printed(v, places, scale) for v in (row.estimate, row.lower, row.upper)]


def check_needed(text: str, row) -> None:
    whole = [ceil(abs(v)) for v in (row.estimate, row.lower, row.upper)]
    found = [int(t.replace(",", "")) for t in re.findall(r"[\d,]+", text)]
    assert found[0] == whole[0]
    assert sorted(found[1:]) == sorted(whole[1:])
    assert ("∞" in text) == (row.lower > 0 > row.upper)
    assert text.startswith("NNH") == (row.estimate < 0)


def cells(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_primary_table_holds_the_rows_of_the_primary_analysis(resolve):
    table = tables.primary(resolve)
    keys = [(o, m, c) for o in OUTCOMES for m in resolve.months for c in resolve.contrasts]
    assert len(table.rows) == len(keys) == 27
    for (outcome, month, contrast), line in zip(keys, cells(table), strict=True):
        where = dict(outcome=outcome, month=month)
        for arm in resolve.arms:
            risk = resolve.need("main", "risk", arm, **where)
            check_interval(line[f"{resolve.arm(arm)}, % (95% CI)"], risk, 1, 100)
        get = lambda quantity: resolve.need("main", quantity, contrast, **where)  # noqa: B023, E731
        check_interval(line["Relative risk (95% CI)"], get("risk_ratio"), 2)
        check_interval(line["Risk difference, points (95% CI)"], get("risk_difference"), 1, 100)
        check_needed(line["Number needed (95% CI)"], get("nnt"))


def test_pairs_are_not_tested_where_the_omnibus_test_is_not_significant(resolve):
    lines = [
        line
        for line in cells(tables.primary(resolve))
        if line["Outcome"].startswith("Pain intensity") and line["Visit"] == "12 months"
    ]
    assert [line["P"] for line in lines] == ["not tested"] * 3
    assert {line["Omnibus P"] for line in lines} == {".20"}
    others = [line["P"] for line in cells(tables.primary(resolve)) if line not in lines]
    assert "not tested" not in others


def test_sensitivity_table_has_every_analysis_at_the_primary_visit_first(resolve):
    lines = cells(tables.sensitivity(resolve))
    names = [resolve.analysis(a) for a in resolve.analyses]
    assert [line["Analysis"] for line in lines[: len(names)]] == names
    for analysis, line in zip(resolve.analyses, lines, strict=False):
        for contrast in resolve.contrasts:
            row = resolve.need(analysis, "risk_ratio", contrast, "severity", "3")
            check_interval(line[f"{resolve.contrast(contrast, short=True)}, RR (95% CI)"], row, 2)
        assert line["PT, n/N"] == "179/542"
    done_for = [len(a.outcomes) for a in resolve.plan.analyses]
    assert len(lines) == sum(done_for) * len(resolve.months)


def test_warnings_of_an_analysis_stand_under_the_table(resolve):
    notes = " ".join(tables.sensitivity(resolve).notes)
    assert "no event among 3 people of site C: not estimated" in notes


def decimals(value, places: int, scale: int = 1) -> str:
    exact = printed(value, places, scale)
    return f"{float(exact):.{places}f}".replace("-0.00", "0.00") if places else str(int(exact))


def numbers_of(results) -> set[str]:
    """Every text that a number of the results may be printed as."""
    texts = set()
    for row in results:
        for value in (row.estimate, row.lower, row.upper):
            if not isnan(value):
                texts |= {decimals(value, 1, 100), decimals(value, 2), decimals(value, 1)}
                texts |= {decimals(value, 3), str(ceil(abs(value))), f"{ceil(abs(value)):,}"}
        for count in (row.n, row.events):
            if not pd.isna(count):
                texts.add(str(int(count)))
        if not isnan(row.p_value):
            texts |= {decimals(row.p_value, k).removeprefix("0") for k in (2, 3, 4)}
            texts |= {"<.001"} if row.p_value < 0.001 else {">.99"} if row.p_value > 0.99 else set()
    return texts


def test_every_number_in_a_cell_is_one_of_the_results(resolve):
    known = numbers_of(resolve)
    shares = {
        f"{int(r.events)}/{int(r.n)}" for r in resolve if not pd.isna(r.events) and not pd.isna(r.n)
    }
    made = [t for t in tables.make(resolve) if t.id != "flow"] + [tables.diagnostics(resolve)]
    seen = 0
    for table in made:
        for row in table.rows:
            for text in row[2:]:
                if re.match(r"(-?[\d<>.]|NN[TH] )", text):
                    if found := re.match(r"\d+/\d+", text):
                        assert found[0] in shares
                        continue
                    for token in re.findall(r"[<>]?-?[\d.,]*\d", text):
                        assert token in known, f"{table.id}: {token} of {text!r}"
                        seen += 1
    assert seen > 1000


def test_baseline_cells_have_denominators_and_no_p(resolve):
    table = tables.baseline(resolve)
    assert not any(c == "P" or "p value" in c.lower() for c in table.columns)
    shown = 0
    for line in cells(table):
        for arm in resolve.arms:
            text = line[resolve.arm(arm)]
            if found := re.fullmatch(r"(\d+)/(\d+) \(([\d.]+)\)", text):
                events, n, percent = (Fraction(t) for t in found.groups())
                assert abs(100 * events / n - percent) <= Fraction(1, 20)
                shown += 1
    assert shown > 100
    female = next(line for line in cells(table) if line["Characteristic"].startswith("Female"))
    assert female["Usual care"] == "569/777 (73.2)"
    age = next(line for line in cells(table) if line["Characteristic"].startswith("Age, y"))
    assert age["Usual care"] == "58.9 (14.3); 776"


def test_baseline_levels_leave_out_unions(resolve):
    lines = [line for line in cells(tables.baseline(resolve)) if "Education" in line["Group"]]
    assert [line["Characteristic"] for line in lines][:2] == [
        "High school or less",
        "Associate or technical degree",
    ]
    assert not any("College degree or more" in line["Characteristic"] for line in lines)


def test_flow_table_holds_every_count_of_the_flow(resolve):
    text = tables.flow_table(resolve).csv()
    for row in resolve:
        if row.analysis == "flow":
            number = f"{int(row.estimate):,}" if row.estimate >= 10000 else str(int(row.estimate))
            assert number in text


def test_published_beside_reproduced(resolve, published):
    table = tables.published_table(resolve, published)
    assert len(table.rows) == len(published) == 37
    roles = [line["Role"].split(".")[0] for line in cells(table)]
    assert roles == ["Predicted: never used for tuning"] * 10 + ["Calibrated"] * 27
    for c, line in zip(tables.by_role(published), cells(table), strict=True):
        if c.quantity == "risk_ratio":
            row = resolve.need(c.analysis, "risk_ratio", c.level, c.outcome, c.month)
            check_interval(line["Reproduced"], row, 2)
            wanted = [
                Fraction(repr(v)) for v in (c.published, c.published_lower, c.published_upper)
            ]
            assert [Fraction(t) for t in CI.fullmatch(line["Published"]).groups()] == wanted
            assert Fraction(line["Difference"]) == printed(c.difference, 2)
    assert [line["Published P"] for line in cells(table)].count("<.001") == 1


def test_calibration_counts_say_how_many_of_how_many(resolve, calibration):
    table = tables.calibration_counts(resolve, calibration)
    exact = [c for c in calibration if c.role == "exact"]
    assert sum(int(line["Of"]) for line in cells(table)) == len(exact)
    assert sum(int(line["Equal"]) for line in cells(table)) == sum(c.equal == "yes" for c in exact)
    approximate = [c for c in calibration if c.role == "approximate"]
    missed = [c for c in exact if c.equal == "no"]
    assert len(tables.calibration_table(resolve, calibration).rows) == len(approximate + missed)


def test_every_table_says_that_its_data_are_synthetic(resolve, published, calibration):
    made = tables.make(resolve, published, calibration)
    assert [t.id for t in made] == [
        "flow",
        "baseline",
        "primary",
        "sensitivity",
        "safety",
        "published_vs_reproduced",
        "calibration_counts",
        "calibration",
        "estimands",
        "deviations",
    ]
    for table in made:
        lines = list(csv.DictReader(table.csv().splitlines()))
        assert {line["data_origin"] for line in lines} == {"SYNTHETIC"}
        assert "Synthetic data" in table.caption
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_two_arm_trial_on_real_data(two_arms):
    made = {t.id: t for t in tables.make(two_arms)}
    assert set(made) == {"baseline", "primary", "sensitivity", "estimands"}
    [line] = cells(made["primary"])
    assert "Omnibus P" not in line
    assert line["Relative risk (95% CI)"].startswith("0.54 (")
    assert line["Number needed (95% CI)"].startswith("1 fewer in 13")
    assert line["P"] != "not tested"
    assert "REAL" in made["primary"].csv()
    assert "Synthetic" not in made["primary"].caption


def test_merged_cells_span_rows_that_agree():
    lines = [("x", "1", "p", "u"), ("x", "1", "p", "v"), ("x", "2", "p", "w"), ("y", "2", "p", "w")]
    table = Table("t", "T", ("g", "a", "b", "c"), tuple(lines), grouped=1, merged=(1, 2))
    (x, rows), (y, more) = table.groups()
    assert (x, y) == ("x", "y")
    assert [[(c.text, c.span) for c in row] for row in rows] == [
        [("1", 2), ("p", 2), ("u", 1)],
        [("v", 1)],
        [("2", 1), ("p", 1), ("w", 1)],
    ]
    assert [[c.text for c in row] for row in more] == [["2", "p", "w"]]
    whole = [[c.span for c in row] for _, block in table.blocks() for row in block]
    assert whole == [[2, 2, 1], [0, 0, 1], [1, 1, 1], [1, 1, 1]]


def test_deviations_are_the_plans_own_words_in_its_order(resolve, two_arms):
    table = tables.make(resolve)[-1]
    assert (table.id, table.columns) == ("deviations", ("What", "Planned", "Done", "Reason"))
    listed = resolve.plan.deviations
    assert [row[1:] for row in table.rows] == [
        (entry.planned, entry.done, entry.reason) for entry in listed
    ]
    names = [row[0] for row in table.rows]
    assert len(set(names)) == len(names) >= 10
    assert {"Data", "T scores", "GCPS-R", "Unit costs", "Randomized in error"} <= set(names)
    assert not two_arms.plan.deviations
    assert all(table.id != "deviations" for table in tables.make(two_arms))


def test_the_origin_of_the_data_must_be_said(resolve):
    from trialrr.present.results import PresentError, Results

    silent = Results(resolve.table, plan.replace(resolve.plan, data=plan.Plan().data))
    with pytest.raises(PresentError, match="expected 'synthetic' or 'real'"):
        tables.primary(silent)


def test_a_missing_row_is_named(resolve):
    from trialrr.present.results import PresentError

    with pytest.raises(PresentError, match="analysis=main, outcome=severity, month=9"):
        resolve.need("main", "risk", "PT", "severity", "9")
    assert isnan(resolve.need("main", "omnibus_wald", "all", "severity", "3").estimate)
