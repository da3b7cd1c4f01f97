"""A small trial with a word of its own for everything, made from a seed: its plan, its rows of
results by the analyses themselves, and the page of both."""

import copy
from functools import cache

import numpy as np
import pandas as pd

from tests.typed import typed
from trialrr import ard, plan
from trialrr.analyses import stages
from trialrr.analyses.base import ESTIMATE, RESAMPLE
from trialrr.analyses.described import baseline, counts
from trialrr.analyses.estimands import named
from trialrr.analyses.procedure import data
from trialrr.present.page import report
from trialrr.present.results import Results
from trialrr.responder import Score, responder
from trialrr.trials.flow import randomized_rows

PEOPLE = 180
ITEMS = 4
WARD = "ward"
SKETCH = "<svg><title>A picture</title><desc>Of something</desc></svg>"

DOCUMENT = {
    "trial": "small",
    "version": "1.0",
    "title": "Two gargles against watching and waiting",
    "source": "A registry of made-up trials",
    "seed": 3,
    "data": {"route": "resolve", "origin": "synthetic"},
    "arms": [
        {"id": "mint", "label": "Mint gargle", "clusters": "person"},
        {"id": "salt", "label": "Salt gargle", "clusters": WARD},
        {"id": "wait", "label": "Watchful waiting", "clusters": "person"},
    ],
    "reference": "wait",
    "contrasts": [["mint", "wait"], ["salt", "wait"], ["salt", "mint"]],
    "randomization": {"strata": ["region"], "block_sizes": [3, 6], "order": "sequence"},
    "visits": [{"month": "1", "label": "Day 1"}, {"month": "8", "label": "Day 8"}],
    "primary": {"outcome": "ache", "month": "1", "analysis": "main"},
    "outcomes": [
        {
            "id": "ache",
            "label": "Ache eased",
            "score_label": "Ache, 0 to 10",
            "role": "primary",
            "better": "lower",
            "baseline": "ache",
            "threshold": "0.30",
        },
        {
            "id": "rest",
            "label": "Rested",
            "score_label": "Rest, 0 to 40",
            "role": "secondary",
            "better": "higher",
            "baseline": "rest",
        },
    ],
    "covariates": [
        {"id": "ache", "label": "Ache before"},
        {"id": "age", "label": "Age in years"},
        {"id": "region", "label": "Region", "reference": "north"},
    ],
    "estimands": [
        {
            "id": "offer",
            "label": "Effect of offering a gargle",
            "population": "Everybody randomized",
            "treatment": "An offer",
            "variable": "Ache eased",
            "summary": "Risk ratio",
            "intercurrent": [],
        }
    ],
    "models": {
        "adjusted": ["ache", "age", "region"],
        "response": ["ache", "age"],
        "imputation": ["ache", "age"],
        "alpha": "0.05",
        "multiplicity": "none",
    },
    "analyses": [
        {
            "id": "main",
            "label": "As planned",
            "status": "prespecified",
            "estimand": "offer",
            "outcomes": ["ache"],
            "missing": "complete_case",
        }
    ],
    "baseline_table": [{"id": "age", "label": "Age, y", "kind": "mean"}],
}


def document(entry: dict | None = None, **sections) -> dict:
    """The plan with other sections; entry : keys of the primary analysis. None takes a key out."""
    made = copy.deepcopy(DOCUMENT) | sections
    made["analyses"][0] |= entry or {}
    return {key: value for key, value in made.items() if value is not None}


def with_models(entry: dict | None = None, **models) -> dict:
    return document(entry, models=DOCUMENT["models"] | models)


def two_arms(**sections) -> dict:
    """Mint against waiting alone."""
    arms = [arm for arm in DOCUMENT["arms"] if arm["id"] != "salt"]
    return document(**({"arms": arms, "contrasts": [["mint", "wait"]]} | sections))


@cache
def tables(arms: tuple[str, ...], months: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Participants and visits as text, for any plan with these arms and months."""
    rng, n = np.random.default_rng(11), PEOPLE
    arm = np.array(arms)[np.arange(n) % len(arms)]
    base, rest = rng.integers(16, 40, n), rng.integers(5, 30, n)
    took = rng.integers(0, 5, n)
    wards = np.array([f"W{k}" for k in np.arange(n) // len(arms) % 6])
    people = pd.DataFrame({
        "participant_id": [f"P{k:03d}" for k in range(n)],
        "data_origin": "SYNTHETIC",
        "analyzed": 1,
        "arm": arm,
        "cluster": wards,
        "randomized_on": [f"2024-{1 + k // 28:02d}-{1 + k % 28:02d}" for k in range(n)],
        "sequence": np.arange(n),
        "ache": base / ITEMS,
        "ache_sum": base,
        "ache_items": ITEMS,
        "rest": rest,
        "age": rng.integers(20, 80, n),
        "region": rng.choice(["north", "south"], n),
        "took": np.where(arm == "wait", 0, took),
        "sign_fever": np.where(rng.random(n) < 0.2, "yes", "no"),
        "visits_paid": rng.integers(0, 6, n),
    })  # fmt: skip
    gone, blocks = rng.random(n) < 0.1, []
    for month in months:
        kept = 1 - rng.beta(2, 4, n) - 0.12 * (arm != "wait")
        later = np.clip((base * kept).round(), 0, 40).astype(int)
        seen = ~gone & (rng.random(n) < 0.92)
        whole = np.full(n, ITEMS)
        hit = responder(Score(base, whole, whole > 0), Score(later, whole, seen), "0.30")
        block = pd.DataFrame({
            "participant_id": people["participant_id"],
            "month": month,
            "completed": seen.astype(int),
            "ache": later / ITEMS,
            "ache_reduction": (base - later) / ITEMS,
            "ache_responder": hit,
            "ache_sum": later,
            "ache_items": ITEMS,
            "rest": np.clip(rest + rng.integers(-4, 9, n), 0, 40),
        })  # fmt: skip
        block.loc[~seen, [*block.columns[3:]]] = np.nan
        blocks.append(block.assign(data_origin="SYNTHETIC"))
    visits = pd.concat(blocks, ignore_index=True)
    return people.astype(str), visits.astype(object).fillna("").astype(str)


def results(document: dict) -> Results:
    """Rows of every analysis of the plan, of its flow, follow-up and baseline."""
    checked = plan.parse(document)
    people, visits = tables(tuple(arm.id for arm in checked.arms), ("1", "8", *checked.months[2:]))
    real = document["data"]["origin"].upper()
    people, visits = (table.assign(data_origin=real) for table in (people, visits))
    shared = [arm.id for arm in checked.arms if arm.clusters != "person"]
    people["cluster"] = people["cluster"].where(people["arm"].isin(shared), "")
    people, visits = typed(people), typed(visits)
    trial = data.arrange(people, visits, checked)
    arms, primary = [arm.id for arm in checked.arms], checked.primary
    rows = randomized_rows(people, arms)
    rows += counts.count_rows(
        people, visits, arms, checked.months, ["ache"], primary, checked.models.alpha
    )
    rows += baseline.baseline_rows(people, checked.baseline_table, arms)
    for stage in (ESTIMATE, RESAMPLE):
        for entry in stages.of_stage(checked, stage):
            rows += stages.rows(entry, checked, trial)
    return of_rows(rows, document)


def of_rows(rows: list[dict], document: dict) -> Results:
    estimands = {entry["id"]: entry["estimand"] for entry in document["analyses"]}
    table = named(ard.frame(rows), estimands | {"": "offer"})
    return Results(ard.check(table), plan.parse(document))


def page(found: Results, **more) -> str:
    """The report, with nothing drawn in its figures."""
    drawn = dict.fromkeys(report.figures_of(found, False), (SKETCH,) * 2)
    return report.render(found, drawn, **more)
