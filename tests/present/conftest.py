"""Results tables made of the published numbers, with every kind of row that presentation reads."""

import csv
import json
from math import exp, log
from pathlib import Path

import pytest

from trialrr import ard, plan
from trialrr.present.source import Results, read_comparison

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
    spread = {"mean": 58.85, "sd": 14.25, "median": 6.0, "q1": 3.05, "q3": 11.0}
    for id in {e["id"]: 0 for e in document["baseline_table"] if e.get("kind") in spread}:
        for arm in ("PT", "HC", "UC", "all"):
            for quantity, value in spread.items():
                rows.append(dict(analysis="baseline", outcome=id, quantity=quantity, level=arm,
                                 estimate=value, n=776))  # fmt: skip
    for shift, entry in enumerate(document["analyses"]):
        for outcome in entry["outcomes"]:
            for month in ("3", "6", "12"):
                cells = {a: counts[outcome, month, a] for a in ("PT", "HC", "UC")}
                rows += estimates(entry["id"], outcome, month, cells, document["contrasts"],
                                  bias=0.01 * shift)  # fmt: skip
    rows.append(dict(analysis="complete_case", outcome="severity", quantity="warning",
                     subgroup="site=C", method="no event among 3 people: not estimated"))  # fmt: skip
    return [ard.row(**({"method": "made for a test", "status": "prespecified"} | r)) for r in rows]


def estimates(analysis, outcome, month, counts, contrasts, bias=0.0) -> list[dict]:
    """Risk, ratio, difference and number needed of {arm: (events, n)}, as the analyses write."""
    rows, where = [], dict(analysis=analysis, outcome=outcome, month=month)
    risk = {arm: e / n for arm, (e, n) in counts.items()}
    var = {arm: (1 - risk[arm]) / e for arm, (e, n) in counts.items()}
    for arm, (e, n) in counts.items():
        p, se = risk[arm], var[arm] ** 0.5
        rows.append(where | dict(quantity="risk", level=arm, estimate=p, std_error=se, n=n, events=e,
                                 lower=p * exp(-Z * se), upper=p * exp(Z * se), n_imputed=7))  # fmt: skip
    for a, b in contrasts:
        se = (var[a] + var[b]) ** 0.5
        ratio = risk[a] / risk[b] * (1 + bias)
        rd = risk[a] - risk[b]
        sd = (risk[a] ** 2 * var[a] + risk[b] ** 2 * var[b]) ** 0.5
        pair = where | dict(level=f"{a}:{b}")
        p = min(1.0, max(1e-5, 1 - abs(log(ratio)) / se / 3))
        rows.append(pair | dict(quantity="risk_ratio", estimate=ratio, std_error=se, p_value=p,
                                lower=ratio * exp(-Z * se), upper=ratio * exp(Z * se)))  # fmt: skip
        rows.append(pair | dict(quantity="risk_difference", estimate=rd, std_error=sd,
                                lower=rd - Z * sd, upper=rd + Z * sd))  # fmt: skip
        rows.append(pair | dict(quantity="nnt", estimate=1 / rd,
                                lower=1 / (rd + Z * sd), upper=1 / (rd - Z * sd)))  # fmt: skip
    if len(counts) > 2:
        p = 0.0004 if analysis != "randomized_before_2021-08-09" else 0.31
        rows.append(where | dict(quantity="omnibus_wald", level="all", statistic=18.2, df=2,
                                 p_value=p if month != "12" or outcome != "intensity" else 0.2))  # fmt: skip
    rows.append(where | dict(quantity="max_fitted", level="all", estimate=0.81))
    return rows


def results_of(rows: list[dict], document: dict) -> Results:
    return Results(ard.check(ard.frame(rows)), document)


def write_comparison(path: Path, exact: bool) -> Path:
    """A comparison file in which everything is reproduced but one count, predictions a bit off."""
    head = ("role source analysis outcome month subgroup quantity level published published_lower"
            " published_upper reproduced reproduced_lower reproduced_upper difference equal").split()  # fmt: skip
    with open(ROOT / "config/published/resolve.csv", encoding="utf-8") as file, \
            open(path, "w", encoding="utf-8", newline="") as out:  # fmt: skip
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        for i, p in enumerate(csv.DictReader(file)):
            if (p["role"] == "predicted") == exact or not p["estimate"]:
                continue
            if not exact and p["role"] != "predicted" and p["analysis"] != "unadjusted":
                continue
            value = float(p["estimate"])
            off = 0 if p["role"] == "exact" else 0.01 * (i % 3 - 1)
            off = 1 if i == 7 else off
            sides = [p["lower"], p["upper"]]
            got = [repr(value + off), *(repr(float(s) + off) if s else "" for s in sides)]
            keys = [p[k] for k in head[:8]]
            equal = ("no" if off else "yes") if p["role"] == "exact" else ""
            writer.writerow([*keys, p["estimate"], *sides, *got, repr(off), equal])
    return path


@pytest.fixture(scope="session")
def resolve() -> Results:
    return results_of(resolve_rows(), resolve_plan())


@pytest.fixture(scope="session")
def two_arms() -> Results:
    """A two-arm trial on real data without participant flow: the indomethacin example."""
    document = plan.read(ROOT / "config/examples/indo_rct.yaml")
    rows = []
    for analysis in ("main", "adjusted"):
        rows += estimates(analysis, "pancreatitis", "5d",
                          {"indomethacin": (27, 295), "placebo": (52, 307)},
                          document["contrasts"])  # fmt: skip
    for arm, n in (("indomethacin", 295), ("placebo", 307), ("all", 602)):
        for quantity, value in (("mean", 45.3), ("sd", 13.3)):
            rows.append(dict(analysis="baseline", outcome="age", quantity=quantity, level=arm,
                             estimate=value, n=n))  # fmt: skip
    filled = [
        ard.row(**({"method": "made for a test", "status": "prespecified"} | r)) for r in rows
    ]
    return results_of(filled, document)


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "published.csv"
    return read_comparison(write_comparison(path, exact=False))


@pytest.fixture(scope="session")
def calibration(tmp_path_factory):
    path = tmp_path_factory.mktemp("calibration") / "calibration.csv"
    return read_comparison(write_comparison(path, exact=True))


def write_tree(folder: Path) -> dict[str, str]:
    """The files that the scripts read, in `folder`: {argument: path or text}."""
    ard.write(folder / "ard.csv", ard.frame(resolve_rows()))
    return {
        "--ard": str(folder / "ard.csv"),
        "--plan": json.dumps(resolve_plan(), sort_keys=True),
        "--published": str(write_comparison(folder / "published_vs_reproduced.csv", exact=False)),
        "--calibration": str(write_comparison(folder / "calibration.csv", exact=True)),
    }
