"""Results tables made of the published numbers, with every kind of row that presentation reads."""

import csv
import json
from pathlib import Path

import pytest

from tests.present import counted, outcomes, sensitivity
from tests.present.estimates import estimates
from trialrr import ard, io, plan
from trialrr.present.kit import style
from trialrr.present.page import figures
from trialrr.present.results import Results, read_comparison
from trialrr.prove import compare

ROOT = Path(__file__).parents[2]


def resolve_plan() -> dict:
    """The plan of RESOLVE with those fits alone that stand beside the primary analysis."""
    document = plan.read(ROOT / "config/resolve.yaml")
    fits = [a for a in document["analyses"] if a.get("kind", "model") == "model"]
    apart = outcomes.entries(document)
    return document | {"analyses": [a for a in fits if a not in apart]}


def trial_rows(document: dict) -> tuple[list[dict], dict]:
    """Flow, baseline, follow-up and safety as published, and {(outcome, month, arm): (events, n)}
    of the observed responders."""
    rows = []
    with open(ROOT / "config/published/resolve.csv", encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    same = ("flow", "baseline", "follow_up", "observed", "clusters", "safety")
    keys = ard.KEYS
    counts = {}
    for p in published:
        if p["analysis"] in same and p["role"] == "exact":
            n = int(p["n"]) if p["n"] else None
            cells = {k: p[k] for k in keys} | {"estimate": float(p["estimate"])}
            if n is not None:
                cells["n"] = n
            if p["quantity"] == "events":
                cells["events"] = int(p["estimate"])
            rows.append(cells)
        if p["analysis"] == "observed" and p["quantity"] == "events":
            counts[p["outcome"], p["month"], p["level"]] = (int(p["estimate"]), int(p["n"]))
    silent = dict.fromkeys(keys, "") | {"analysis": "flow", "outcome": "ineligible_other"}
    silent |= {"subgroup": "reason=not_recorded", "quantity": "n", "level": "all"}
    rows.append(silent | {"estimate": 120.0})
    spread = {"mean": 58.85, "sd": 14.25, "median": 6.0, "q1": 3.05, "q3": 11.0}
    for id in {e["id"]: 0 for e in document["baseline_table"] if e.get("kind") in spread}:
        for arm in ("PT", "HC", "UC", "all"):
            for quantity, value in spread.items():
                rows.append(
                    dict(
                        analysis="baseline",
                        outcome=id,
                        quantity=quantity,
                        level=arm,
                        estimate=value,
                        n=776,
                    )
                )
    return rows + counted.rows(), counts


def resolve_rows() -> list[dict]:
    """Rows of the trial, and estimates near the published ones for every fit."""
    document = resolve_plan()
    rows, counts = trial_rows(document)
    for shift, entry in enumerate(document["analyses"]):
        for outcome in entry["outcomes"]:
            for month in ("3", "6", "12"):
                cells = {a: counts[outcome, month, a] for a in ("PT", "HC", "UC")}
                rows += estimates(
                    entry["id"], outcome, month, cells, document["contrasts"], bias=0.01 * shift
                )
    rows.append(
        dict(
            analysis="complete_case",
            outcome="severity",
            quantity="separation_dropped",
            level="all",
            estimate=3,
            flag="no event among 3 people of site C: not estimated",
        )
    )
    return filled(rows)


def filled(rows: list[dict]) -> list[dict]:
    """ARD rows with every column."""
    return [ard.row(**({"method": "made for a test", "status": "prespecified"} | r)) for r in rows]


def results_of(rows: list[dict], document: dict) -> Results:
    return Results(ard.check(ard.frame(rows)), plan.parse(document))


def compared(table):
    """Every published number beside the results table."""
    return compare.compare(io.read_strings(ROOT / "config/published/resolve.csv"), table)


def forms(results: Results, compared=(), draw=figures.draw) -> dict[str, tuple[str, str]]:
    """{figure: (SVG as wide as a page, as wide as a column)}."""
    page, column = (draw(results, compared, width) for width in (style.PAGE, style.COLUMN))
    pairs = zip(page, column, strict=True)
    return {one.id: (one.svg().decode(), other.svg().decode()) for one, other in pairs}


def sketches(ids) -> dict[str, tuple[str, str]]:
    """What `forms` gives, with nothing drawn: for pages of which something else is looked at."""
    return {id: (f"<svg><title>Of {id}</title><desc>1.23, 4.56</desc></svg>",) * 2 for id in ids}


@pytest.fixture(scope="session")
def drawn():
    """What gives every figure of results, drawn once: to look at, not to draw on."""
    kept = {}

    def of(results: Results, compared=(), width: float = style.PAGE) -> list[style.Drawing]:
        key = (id(results), len(compared), width)
        if key not in kept:
            kept[key] = results, figures.draw(results, compared, width)
        return kept[key][1]

    return of


@pytest.fixture(scope="session")
def resolve() -> Results:
    return results_of(resolve_rows(), resolve_plan())


@pytest.fixture(scope="session")
def sensitive() -> Results:
    """RESOLVE with every kind of analysis, groups, and some that failed."""
    document = sensitivity.plan(plan.read(ROOT / "config/resolve.yaml"))
    people = [row for row in trial_rows(document)[0] if row["analysis"] != "safety"]
    people += outcomes.safety()
    return results_of(filled(people + sensitivity.rows(document)), document)


@pytest.fixture(scope="session")
def two_arms() -> Results:
    """A two-arm trial on real data without participant flow: fits of the indomethacin example."""
    document = plan.read(ROOT / "config/examples/indo_rct.yaml")
    document["analyses"] = [a for a in document["analyses"] if "kind" not in a]
    rows = []
    for analysis in ("main", "adjusted"):
        rows += estimates(
            analysis,
            "pancreatitis",
            "5d",
            {"indomethacin": (27, 295), "placebo": (52, 307)},
            document["contrasts"],
        )
    for arm, n in (("indomethacin", 295), ("placebo", 307), ("all", 602)):
        for quantity, value in (("mean", 45.3), ("sd", 13.3)):
            rows.append(
                dict(
                    analysis="baseline",
                    outcome="age",
                    quantity=quantity,
                    level=arm,
                    estimate=value,
                    n=n,
                )
            )
    return results_of(filled(rows), document)


@pytest.fixture(scope="session")
def published(tmp_path_factory, resolve):
    path = tmp_path_factory.mktemp("published") / "published.csv"
    io.write_frame(path, compare.estimates(compared(resolve.table)))
    return read_comparison(path)


@pytest.fixture(scope="session")
def calibration(tmp_path_factory, resolve):
    path = tmp_path_factory.mktemp("calibration") / "calibration.csv"
    io.write_frame(path, compare.calibration(compared(resolve.table)))
    return read_comparison(path)


@pytest.fixture(scope="session")
def tree(tmp_path_factory) -> dict[str, str]:
    """The files that the scripts read, in a folder: {argument: path or text}."""
    folder = tmp_path_factory.mktemp("results")
    table = ard.frame(resolve_rows())
    rows = compared(table)
    ard.write(folder / "ard.csv", table)
    io.write_frame(folder / "published.csv", compare.estimates(rows))
    io.write_frame(folder / "calibration.csv", compare.calibration(rows))
    findings = (
        "rule,file,field,severity,action,n\n"
        "paper_code,synthetic_redcap_surveys.csv,phqsleepimpairscore,warning,set missing,31\n"
    )
    io.write_text(folder / "findings.csv", findings)
    io.write_text(folder / "plan.json", json.dumps(resolve_plan(), sort_keys=True))
    return {
        "--ard": str(folder / "ard.csv"),
        "--plan": str(folder / "plan.json"),
        "--published": str(folder / "published.csv"),
        "--calibration": str(folder / "calibration.csv"),
        "--findings": str(folder / "findings.csv"),
    }
