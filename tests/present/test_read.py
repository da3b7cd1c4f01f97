"""The page of a trial that is read from a file, with a column of every type that a plan may map."""

import re

import pandas as pd
import pytest

from tests.present.small_trial import DOCUMENT, page
from tests.present.test_choices import BY_HABIT, enumerated, words
from trialrr import ard, plan
from trialrr import data as tables
from trialrr.analyses import stages
from trialrr.analyses.described import baseline, counts
from trialrr.analyses.estimands import named
from trialrr.analyses.procedure import data
from trialrr.ingest.findings import Findings
from trialrr.present.results import Results
from trialrr.trials.flow import randomized_rows
from trialrr.trials.prepare import derived

COLUMNS = {
    "id": ("participant_id", {}),
    "code": ("arm", {"codes": {"m": "mint", "w": "wait"}}),
    "integer": ("age", {}),
    "number": ("weight", {}),
    "date": ("randomized_on", {}),
    "text": ("note", {}),
}
OUTCOMES = {
    "code": {"codes": {"0": "no", "1": "yes"}, "event": "yes"},
    "integer": {"event": ">=1"},
    "number": {"event": ">=0.5"},
}


def document(outcome: str) -> dict:
    """A plan of two arms on the route `tidy`, its outcome of this type."""
    columns = {id: {"from": id, "type": type} | more for type, (id, more) in COLUMNS.items()}
    mapped = {"type": outcome, "months": {"1": "eased"}} | OUTCOMES[outcome]
    made = {key: DOCUMENT[key] for key in ("trial", "version", "title", "source", "estimands")}
    return made | {
        "seed": 1,
        "data": {
            "route": "tidy",
            "origin": "real",
            "participants": {"source": {"file": "p.csv"}, "columns": columns},
            "visits": {
                "source": {"file": "p.csv"},
                "participant_id": "participant_id",
                "outcomes": {"ease": mapped},
            },
        },
        "arms": [{"id": id, "label": id, "clusters": "person"} for id in ("mint", "wait")],
        "reference": "wait",
        "contrasts": [["mint", "wait"]],
        "visits": [{"month": "1", "label": "Day 1"}],
        "primary": {"outcome": "ease", "month": "1", "analysis": "main"},
        "outcomes": [{"id": "ease", "label": "Ease"}],
        "models": {"adjusted": [], "alpha": "0.05"},
        "analyses": [DOCUMENT["analyses"][0] | {"outcomes": ["ease"], "covariates": []}],
        "baseline_table": [
            {"id": "age", "label": "Age, y", "kind": "mean"},
            {"id": "weight", "label": "Weight, kg", "kind": "median"},
        ],
    }


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_read_stands_on_the_page(outcome, tmp_path):
    made, n = document(outcome), 60
    table = pd.DataFrame({
        "participant_id": [f"P{k:02d}" for k in range(n)],
        "arm": ["m", "w"] * (n // 2),
        "age": [30 + k for k in range(n)],
        "weight": [60.5 + k for k in range(n)],
        "randomized_on": "2024-03-01",
        "note": "seen, in a hurry",
        "eased": ["1" if k % 4 == 0 or k % 5 == 0 else "0" for k in range(n)],
    })  # fmt: skip
    table.to_csv(tmp_path / "p.csv", index=False)
    plan.check(made, {})
    parsed = plan.parse(made)
    _, read = derived(parsed, Findings(), tmp_path)
    arms = [arm.id for arm in parsed.arms]
    for name, schema in read.schemas.items():
        tables.write(tmp_path / f"{name}.csv", getattr(read, name), schema)
    trial = data.read(tmp_path / "participants.csv", tmp_path / "visits.csv", parsed)
    rows = randomized_rows(read.participants, arms)
    rows += counts.count_rows(
        read.participants, read.visits, arms, parsed.months, ["ease"], parsed.primary
    )
    rows += baseline.baseline_rows(read.participants, parsed.baseline_table, arms)
    rows += stages.rows(parsed.analyses[0], parsed, trial)
    found = Results(ard.check(named(ard.frame(rows), {"main": "offer", "": "offer"})), parsed)
    said = words(page(found))
    events = table["eased"].eq("1").groupby(table["arm"]).sum()
    assert f"As planned Prespecified {events['m']}/30 {events['w']}/30" in said
    assert "Age, y, mean (SD); N 59.0" in said and "Weight, kg, median (quartiles); N 89.5" in said
    assert "Data Real" in said and "synthetic" not in said.lower()
    assert "for one event more or one fewer" in said and "NNT" not in said
    assert not re.search(r"\bscore\b|[Rr]esponder|drop of", said)
    for pattern in BY_HABIT:
        assert not re.search(pattern, said), pattern


def test_every_type_is_read():
    every = enumerated()
    assert set(every["data.participants.columns.type"]) <= set(COLUMNS)
    assert set(every["data.visits.outcomes.type"]) <= set(OUTCOMES)
    assert set(every["data.route"]) <= {"tidy", "resolve"}
