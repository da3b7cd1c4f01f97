"""The notebooks, run cell by cell in this process on results made for the test."""

import ast
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import IPython.display
import nbformat
import pytest

from tests.present import written_trial
from tests.present.conftest import filled
from tests.present.estimates import estimates
from trialrr import ard, io, plan
from trialrr.present import shows
from trialrr.present.page import blocks, notebook
from trialrr.prove import compare

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
FINDINGS = (
    "rule,file,field,severity,action,n\n"
    "paper_code,synthetic_redcap_surveys.csv,phqsleepimpairscore,repaired,set to missing,31\n"
    "paper_code,synthetic_redcap_surveys.csv,pgic_pain,repaired,set to missing,11\n"
    "out_of_window,synthetic_redcap_surveys.csv,survey_on,excluded,not used,100\n"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>Figure {0}</title><desc>-</desc></svg>'


def cells(name: str) -> list[str]:
    """Sources of the code cells of a notebook."""
    document = json.loads((ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == "code"]


def written(folder: Path, results, plan_document: dict | None = None) -> Path:
    """A results folder with everything that a notebook reads; figures are stubs."""
    document = plan_document or plan.written(results.plan)
    ard.write(folder / "ard.csv", results.table)
    io.write_text(folder / "plan.json", json.dumps(document, sort_keys=True))
    io.write_text(folder / "findings_summary.csv", FINDINGS)
    if document.get("published"):
        published = io.read_strings(ROOT / "config/published/resolve.csv")
        rows = compare.compare(published, results.table)
        io.write_frame(folder / "published_vs_reproduced.csv", compare.estimates(rows))
        io.write_frame(folder / "calibration.csv", compare.calibration(rows))
    for id, ending in product(shows.figures(plan.parse(document)), shows.WIDTHS):
        io.write_text(folder / f"figures/{id}{ending}.svg", SVG.format(id))
    return folder


def run(name: str, folder: Path, edits: dict[str, str] | None = None) -> str:
    """Everything that the notebook shows of the results in `folder`, as one text. edits : old text
    of a cell → new, each of which must be there once."""
    parts: list[str] = []

    def display(*objects) -> None:
        parts.extend(str(getattr(o, "data", o)) for o in objects if o is not None)

    source = "\0".join(cells(name))
    for old, new in (edits or {}).items():
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    scope = {"print": lambda *words, end="\n": parts.append(" ".join(map(str, words)) + end)}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(IPython.display, "display", display)
        patch.setenv("TRIALRR_RESULTS", str(folder))
        patch.setenv("TRIALRR_PLAN", str(folder / "plan.json"))
        for cell in source.split("\0"):
            tree = ast.parse(cell)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), scope)
            if last:
                display(eval(compile(ast.Expression(last.value), name, "eval"), scope))
    return re.sub(r"</?[a-z][^>]*>", " ", "\n".join(parts))


def changed(results, change):
    """`results` with `change(row)`, a dict of new cells or None, put over each of its rows."""
    rows = [row | (change(row) or {}) for row in results.table.to_dict("records")]
    return replace(results, table=ard.check(ard.frame(rows)))


def at(row, analysis, quantity, level=None) -> bool:
    """Whether it is a row of the primary outcome and visit with these keys."""
    keys = row["analysis"], row["quantity"], row["outcome"], row["month"]
    wanted = analysis, quantity, "severity", "3"
    return keys == wanted and level in (None, row["level"])


def agreeing(results):
    """`results`, made of formulas, where rows that are one number in a real run are one number."""
    where = "severity", "3"
    counts = {
        arm: (int(row.events), int(row.n))
        for arm in results.arms
        for row in [results.need("observed", "events", arm, *where)]
    }
    pairs = [tuple(c.split(":")) for c in results.contrasts]
    crude = estimates("unadjusted", *where, counts, pairs)
    by_key = {(r["quantity"], r["level"]): r for r in crude}
    numbers = ("estimate", "std_error", "lower", "upper")
    start = next((e.of for e in results.entries("delta")), "")
    specification = "definition=severity_30_percent; missing=weighted_pattern_mixture"
    one = f"population=all; {specification}; covariates=plan; estimator=modified_poisson"
    same = {one: "main", "threshold=0.3": "main", "delta_active=0; delta_control=0": start}

    def change(row):
        if row["outcome"] == "visits_completed":
            return {"n": results.need("flow", "n", row["level"], "analyzed").estimate}
        if row["analysis"] == "baseline" and row["level"] == "all":
            return {"n": 2331 - len(row["outcome"])}
        if row["quantity"] != "risk_ratio":
            return None
        if at(row, "unadjusted", "risk_ratio"):
            return {n: by_key["risk_ratio", row["level"]][n] for n in numbers}
        if at(row, "main_weights_known", "risk_ratio"):
            return {"estimate": results.need("main", "risk_ratio", row["level"], *where).estimate}
        if row["subgroup"] in same and at(row, row["analysis"], "risk_ratio"):
            level, analysis = row["level"], same[row["subgroup"]]
            found = results.need(analysis, "risk_ratio", level, *where)
            return {n: getattr(found, n) for n in numbers}
        return None

    none = dict(outcome="visits_completed", subgroup="visits_completed=0")
    more = [
        dict(analysis="flow", quantity="n", outcome="no_follow_up", level=arm, estimate=row.events)
        for arm in results.arms
        for row in [results.need("follow_up", "events", arm, **none)]
    ]
    rows = changed(results, change).table.to_dict("records")
    return replace(results, table=ard.check(ard.frame([*rows, *filled(more)])))


@pytest.fixture(scope="module")
def fits(resolve, tmp_path_factory) -> Path:
    """RESOLVE with every fit that stands beside the primary analysis."""
    return written(tmp_path_factory.mktemp("fits"), agreeing(resolve))


@pytest.fixture(scope="module")
def everything(sensitive, tmp_path_factory) -> Path:
    """RESOLVE with every kind of analysis."""
    return written(tmp_path_factory.mktemp("everything"), agreeing(sensitive))


# ---------------------------------------------------------------------------- as they are kept


def test_each_trial_has_the_notebooks_that_make_sense():
    resolve = plan.parse(plan.read(ROOT / "config/resolve.yaml"))
    assert sorted(shows.notebooks(resolve)) == NAMES
    assert shows.notebooks(plan.replace(resolve, effort="quick")) == ["primary_result"]
    real = plan.parse(plan.read(ROOT / "config/examples/indo_rct.yaml"))
    assert shows.notebooks(real) == ["data_quality", "primary_result"]
    assert "few_clusters" in shows.notebooks(plan.parse(written_trial.DOCUMENT))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_kept_without_outputs_and_with_fixed_ids(name):
    document = json.loads((ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))
    ids = [c["id"] for c in document["cells"]]
    assert ids == [f"cell-{number:02d}" for number in range(1, len(ids) + 1)]
    assert document["cells"][0]["cell_type"] == "markdown"
    assert all(c["metadata"] == {} for c in document["cells"])
    code = [c for c in document["cells"] if c["cell_type"] == "code"]
    assert code and all(c["outputs"] == [] and c["execution_count"] is None for c in code)
    assert set(document["metadata"]) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "few_clusters"])
def test_it_imports_little_and_reads_no_file_of_people(name):
    rooms = ("page", "words", "results", "shows.described")
    allowed = {"collections", "IPython.display", "trialrr.ard"}
    allowed |= {f"trialrr.present.{room}" for room in rooms}
    allowed |= {"numpy", "statistics", "trialrr.estimate"} if name == "primary_result" else set()
    text = "\n".join(cells(name))
    found = {
        module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module] if isinstance(node, ast.ImportFrom) else [node.names[0].name])
    }
    assert found <= allowed
    assert not re.search(r"private/|participants|visits\.csv|quarters\.csv", text)


# ---------------------------------------------------------------------------- what they show


def test_data_quality_counts_findings_and_checks_every_sum(everything):
    text = run("data_quality", everything)
    assert "repaired 42; excluded 100" in text
    assert re.search(r"Paper code\s+repaired\s+synthetic_redcap_surveys.csv\s+2\s+42", text)
    assert "Ineligible 4481 + Eligible 3147" in text
    assert "Any follow-up 690 + No follow up 88" in text
    assert re.search(r"3 months\s+542/776 \(69.8\)\s+635/778 \(81.6\)\s+621/777 \(79.9\)", text)
    assert re.search(r"Site C\s+119/606 \(19.6\)", text)
    assert "Recorded, n/N (%)" in text and "Seen minus all, in SD" in text
    assert "Synthetic data" in text


@pytest.mark.parametrize(
    "one",
    [dict(outcome="completed", month="6"), dict(outcome="pattern", subgroup="seen=3+6")],
)
def test_data_quality_stops_where_two_counts_of_visits_differ(one, sensitive, tmp_path):
    def one_more(row):
        if row["level"] == "PT" and one.items() <= row.items():
            return {"estimate": row["estimate"] + 1, "events": row["estimate"] + 1}

    folder = written(tmp_path, changed(agreeing(sensitive), one_more))
    with pytest.raises(AssertionError):
        run("data_quality", folder)


def test_primary_result_goes_from_counts_to_the_primary_analysis(fits):
    text = run("primary_result", fits)
    assert "229/635 (36.1)" in text
    assert "painTRAINER (online CBT) vs Usual care: 1.36 (1.13 to 1.63)" in text
    for method, se in (("delta method", "0.09356"), ("own variance", "0.11049")):
        assert re.search(rf"{method}\s+0.30617\s+{se}", text)
    assert re.search(r"robust variance\s+0.30617\s+0.09356", text)
    assert "Equal to sections 2 and 3." in text
    for step in ("Covariates → Missing outcomes", "Weights → Both as estimates"):
        assert step in text
    assert text.count("ratio, difference and number agree; limits 1.96 and 1.96 SE away") == 3
    assert "no such step" not in text


def test_primary_result_stops_where_the_run_is_not_the_formula(resolve, tmp_path):
    folder = written(tmp_path, resolve)  # its unadjusted ratios are off by a factor
    with pytest.raises(AssertionError):
        run("primary_result", folder)


def test_primary_result_of_a_trial_with_counts_alone(two_arms, tmp_path):
    arms = {"indomethacin": (27, 295), "placebo": (52, 307)}
    rows = []
    for arm, (events, n) in arms.items():
        where = dict(level=arm, n=n, method="count", status="prespecified")
        seen = dict(analysis="observed", outcome="pancreatitis", month="5d", quantity="events")
        rows.append(where | seen | dict(estimate=events, events=events))
        for visits, people in (("0", 0), ("1", n)):
            pattern = dict(outcome="visits_completed", subgroup=f"visits_completed={visits}")
            follow_up = dict(analysis="follow_up", quantity="events", estimate=people)
            rows.append(where | pattern | follow_up | dict(events=people))
        done = dict(analysis="follow_up", outcome="completed", month="5d", quantity="n")
        rows.append(where | done | dict(estimate=n))
    have = two_arms.table.to_dict("records")
    table = ard.check(ard.frame([*have, *filled(rows)]))
    folder = written(tmp_path, replace(two_arms, table=table))
    text = run("primary_result", folder)
    assert "Indomethacin vs Placebo: 0.54 (0.35 to 0.84)" in text
    assert "Equal to sections 2 and 3." in text and "no such step" in text
    text = run("data_quality", folder)
    assert "Before randomization: nothing of this trial." in text
    assert "295/295 (100.0)" in text and "Synthetic" not in text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (dict(eased={"u": False}), "Usual hours: these counts have no interval."),
        (dict(eased={"e": True, "u": True}), "1.00 (no interval)"),
        (dict(wards=2), "0.95 (no interval)"),
    ],
)
def test_primary_result_of_a_trial_without_an_interval(how, said, tmp_path):
    text = run("primary_result", written(tmp_path, written_trial.run(**how).results))
    assert said in text
    assert "agree; no interval" in text or "not all of the three are numbers" in text
    assert not re.search(r"\b(nan|inf|NaN)\b|P [<=] ?\.\d", text)


def test_primary_result_where_everybody_of_an_arm_has_the_event(tmp_path):
    """Katz's interval rests on the other arm alone: its SE is √(1/21 − 1/48)."""
    made = written_trial.run(eased={"e": True})
    text = run("primary_result", written(tmp_path, made.results))
    assert "2.29 (1.66 to 3.15), 95% CI" in text and "SE of log RR: 0.16366" in text


def test_sensitivity_explorer_finds_the_primary_result_in_curve_and_map(everything):
    text = run("sensitivity_explorer", everything)
    assert re.search(r"Specification 1\.\d\d .*; primary analysis 1\.\d\d", text)
    assert re.search(r"Map (1\.\d\d .*\)); .* \1", text)
    assert re.search(r"Curve (1\.\d\d .*\)); primary analysis \1", text)
    assert "Median RR" in text and "Shifted by 1 and 0 points" in text
    for figure in ("specification_curve", "tipping", "informative_odds", "responder_curve"):
        assert f"Figure {figure}" in text


def test_a_reader_changes_a_variable_of_the_explorer(everything, sensitive):
    row = sensitive.need(
        *("delta", "risk_ratio", "PT:UC", "severity", "3", "delta_active=2; delta_control=1")
    )
    edits = {
        "contrasts[-1]": "contrasts[0]",
        'active, control = "1", "0"': 'active, control = "2", "1"',
        '{"definition": "severity_30_percent", "missing": "multiple_imputation"}': (
            '{"covariates": "plan", "estimator": "modified_poisson"}'
        ),
    }
    text = run("sensitivity_explorer", everything, edits)
    assert f"Shifted by 2 and 1 points: {row.estimate:.2f}" in text
    assert "(72 fits)" in text and "painTRAINER (online CBT) vs Usual care" in text
    edits = {'"missing": "multiple_imputation"}': '"missing": "guessing"}'}
    assert "No specification has these levels" in run("sensitivity_explorer", everything, edits)


@pytest.mark.parametrize("subgroup", ["threshold=0.3", "delta_active=0; delta_control=0"])
def test_sensitivity_explorer_stops_where_rows_that_are_one_differ(subgroup, sensitive, tmp_path):
    def move(row):
        if row["subgroup"] == subgroup and row["quantity"] == "risk_ratio":
            return {"estimate": row["estimate"] * 1.0001}

    folder = written(tmp_path, changed(agreeing(sensitive), move))
    with pytest.raises(AssertionError):
        run("sensitivity_explorer", folder)


def test_published_vs_reproduced_keeps_predicted_and_calibrated_apart(fits):
    text = run("published_vs_reproduced", fits)
    assert re.search(r"Predicted: never used for tuning\s+\d+\s+10\b", text)
    assert "37 rows agree with the ARD." in text
    assert "Between the published limits: 3 of 3" in text
    before = "Counts that differ: Randomized before 9 Aug 2021; Randomized after 31 Mar 2022\n"
    assert before in text
    calibrated = run("published_vs_reproduced", fits, {'role = "predicted"': 'role = "calibrated"'})
    assert "of 27 relative risks" in calibrated


def test_published_vs_reproduced_stops_where_a_number_is_not_the_runs(resolve, tmp_path):
    folder = written(tmp_path, resolve)
    table = io.read_strings(folder / "published_vs_reproduced.csv")
    table.loc[3, "reproduced"] = "1.30"
    io.write_frame(folder / "published_vs_reproduced.csv", table)
    with pytest.raises(AssertionError, match="risk_ratio PT:UC: not the ARD's"):
        run("published_vs_reproduced", folder)


def test_few_clusters_runs(fits):
    text = run("few_clusters", fits)
    assert "kc, t" in text and "trials a row; Monte Carlo standard error at most" in text


def test_what_a_cell_prints_is_one_output_however_slowly_it_comes(tmp_path):
    source = "import time\nfor word in 'abc':\n    print(word, flush=True)\n    time.sleep(0.3)"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="cell-01")])
    nbformat.write(made, tmp_path / "slow.ipynb")
    outputs = notebook.run(tmp_path / "slow.ipynb", ".", "{}").cells[0]["outputs"]
    assert [(o["name"], o["text"]) for o in outputs] == [("stdout", "a\nb\nc\n")]


# ---------------------------------------------------------------------------- what they share


def test_the_steps_are_those_of_the_plan_up_to_its_primary_analysis(resolve, two_arms):
    assert blocks.steps(resolve) == {
        "Counts alone": "unadjusted",
        "Covariates": "complete_case",
        "Missing outcomes": "pattern_mixture_unweighted",
        "Weights": "main_weights_known",
        "Both as estimates": "main",
    }
    assert blocks.steps(two_arms) == {"Counts alone": "main"}
    other = plan.replace(resolve.primary_entry, truncation=0.95)
    alone = replace(resolve, plan=plan.replace(resolve.plan, analyses=(other,)))
    assert blocks.steps(alone) == {"Primary analysis": "main"}


def test_arms_without_shared_clusters_stand_alone(resolve, two_arms):
    assert blocks.alone(resolve) == ["PT:UC"]
    assert blocks.alone(two_arms) == two_arms.contrasts


def test_a_table_without_rows_is_a_sentence(resolve):
    empty = blocks.table(resolve, "A < b", ("One",), []).data
    assert empty == "<p><em>A &lt; b: nothing of this trial.</em></p>"


def test_a_table_and_a_figure_say_that_the_data_are_synthetic(resolve, two_arms, tmp_path):
    for ending in shows.WIDTHS:
        io.write_text(tmp_path / f"figures/forest{ending}.svg", SVG.format("forest"))
    for results, said in ((resolve, True), (two_arms, False)):
        table = blocks.table(results, "A, b", ("One", "Two"), [("x", "-1.0")]).data
        figure = blocks.figures(results, tmp_path, "forest", "tipping").data
        assert 'id="table-a--b"' in table and "−1.0" in table
        assert "<figcaption>Figure forest." in figure
        assert ("Synthetic data" in table) is ("Synthetic data" in figure) is said
