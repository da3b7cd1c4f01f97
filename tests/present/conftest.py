"""Results tables made of the published numbers, with every kind of row that presentation reads."""

import csv
import json
from math import exp, log
from pathlib import Path

import pytest

from trialrr import ard, io, plan
from trialrr.present.source import Results, read_comparison
from trialrr.prove import compare

ROOT = Path(__file__).parents[2]
Z = 1.959964


def resolve_plan() -> dict:
    return plan.read(ROOT / "config/resolve.yaml")


def resolve_rows() -> list[dict]:
    """Flow, baseline, follow-up and safety as published; estimates near them for every analysis."""
    document, rows = resolve_plan(), []
    with open(ROOT / "config/published/resolve.csv", encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    same = ("flow", "baseline", "follow_up", "observed", "coaches", "safety")
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
            quantity="warning",
            subgroup="site=C",
            method="no event among 3 people: not estimated",
        )
    )
    return [ard.row(**({"method": "made for a test", "status": "prespecified"} | r)) for r in rows]


def estimates(analysis, outcome, month, counts, contrasts, bias=0.0) -> list[dict]:
    """Risk, ratio, difference and number needed of {arm: (events, n)}, as the analyses write."""
    rows, where = [], dict(analysis=analysis, outcome=outcome, month=month)
    risk = {arm: e / n for arm, (e, n) in counts.items()}
    var = {arm: (1 - risk[arm]) / e for arm, (e, n) in counts.items()}
    for arm, (e, n) in counts.items():
        p, se = risk[arm], var[arm] ** 0.5
        rows.append(
            where
            | dict(
                quantity="risk",
                level=arm,
                estimate=p,
                std_error=se,
                n=n,
                events=e,
                n_imputed=7,
                lower=p * exp(-Z * se),
                upper=p * exp(Z * se),
            )
        )
    for a, b in contrasts:
        se = (var[a] + var[b]) ** 0.5
        ratio = risk[a] / risk[b] * (1 + bias)
        rd = risk[a] - risk[b]
        sd = (risk[a] ** 2 * var[a] + risk[b] ** 2 * var[b]) ** 0.5
        pair = where | dict(level=f"{a}:{b}")
        p = min(1.0, max(1e-5, 1 - abs(log(ratio)) / se / 3))
        rows.append(
            pair
            | dict(
                quantity="risk_ratio",
                estimate=ratio,
                std_error=se,
                p_value=p,
                lower=ratio * exp(-Z * se),
                upper=ratio * exp(Z * se),
            )
        )
        rows.append(
            pair
            | dict(
                quantity="risk_difference",
                estimate=rd,
                std_error=sd,
                lower=rd - Z * sd,
                upper=rd + Z * sd,
            )
        )
        rows.append(
            pair
            | dict(
                quantity="nnt", estimate=1 / rd, lower=1 / (rd + Z * sd), upper=1 / (rd - Z * sd)
            )
        )
    if len(counts) > 2:
        p = 0.31 if analysis == "randomized_before_2021-08-09" else 0.0004
        p = 0.2 if (outcome, month) == ("intensity", "12") else p
        rows.append(
            where | dict(quantity="omnibus_wald", level="all", statistic=18.2, df=2, p_value=p)
        )
        for r in [r for r in rows if r["quantity"] == "risk_ratio"]:
            tested = {"p_value": r["p_value"]} if p < 0.05 else {}
            rows.append(where | dict(quantity="protected_test", level=r["level"]) | tested)
    rows.append(where | dict(quantity="max_fitted", level="all", estimate=0.81))
    return rows


def results_of(rows: list[dict], document: dict) -> Results:
    return Results(ard.check(ard.frame(rows)), document)


def compared(table):
    """Every published number beside the results table."""
    return compare.compare(io.read_strings(ROOT / "config/published/resolve.csv"), table)


@pytest.fixture(scope="session")
def resolve() -> Results:
    return results_of(resolve_rows(), resolve_plan())


@pytest.fixture(scope="session")
def two_arms() -> Results:
    """A two-arm trial on real data without participant flow: the indomethacin example."""
    document = plan.read(ROOT / "config/examples/indo_rct.yaml")
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
    filled = [
        ard.row(**({"method": "made for a test", "status": "prespecified"} | r)) for r in rows
    ]
    return results_of(filled, document)


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
    return {
        "--ard": str(folder / "ard.csv"),
        "--plan": json.dumps(resolve_plan(), sort_keys=True),
        "--published": str(folder / "published.csv"),
        "--calibration": str(folder / "calibration.csv"),
        "--findings": str(folder / "findings.csv"),
    }
