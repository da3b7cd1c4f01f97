"""A kind that stands outside `src/` is loaded, run, and its rows stand in the ARD."""

import re
from math import comb
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.analyses import simulated
from tests.changes import replace
from tests.plan import tiny
from trialrr import ard, house, plan
from trialrr.analyses import registry, stages
from trialrr.analyses.base import ESTIMATE, RESAMPLE
from trialrr.plan.entry import Entry

FOLDER = Path(__file__).parent / "toy_kind"
(KIND,) = house.load(FOLDER).kinds
ENTRY = KIND.entry(id="exact", status="exploratory", outcomes=("severity",))
PLAN = replace(simulated.PLAN, analyses=(*simulated.PLAN.analyses, ENTRY))
TRIAL = simulated.trial(120)


def whole(trial=TRIAL) -> list[dict]:
    """Every stage of the plan, the second in two pieces; its one table."""
    first = [r for e in stages.of_stage(PLAN, ESTIMATE) for r in stages.rows(e, PLAN, trial)]
    pieces = [stages.piece(PLAN, trial, number, 2) for number in (1, 2)]
    table = ard.concat([ard.frame(first), stages.gathered(PLAN, trial, pieces)])
    return table[table["analysis"] == "exact"].to_dict("records")


def test_it_runs_where_its_declaration_says():
    assert ENTRY in stages.of_stage(PLAN, RESAMPLE)


def test_its_p_values_are_sums_of_hypergeometric_probabilities():
    rows, arm = whole(), TRIAL.people["arm"].to_numpy()
    assert len(rows) == len(PLAN.months) * len(PLAN.contrasts)
    for row in rows:
        response = TRIAL.responder["severity"][:, PLAN.months.index(row["month"])]
        own, other = (
            response[(arm == level) & ~np.isnan(response)] for level in row["level"].split(":")
        )
        n, m, events = len(own), len(other), int(own.sum() + other.sum())
        share = [comb(n, k) * comb(m, events - k) / comb(n + m, events) for k in range(events + 1)]
        least = share[int(own.sum())]
        expected = sum(p for p in share if p <= least * (1 + 1e-7))
        assert row["p_value"] == pytest.approx(expected, rel=1e-9)
        assert (row["n"], row["events"]) == (n + m, events)


def test_an_arm_that_nobody_is_observed_of_has_a_reason():
    gone = TRIAL.responder["severity"].copy()
    arm = PLAN.contrasts[0][0]
    gone[(TRIAL.people["arm"] == arm).to_numpy(), 0] = np.nan
    rows = stages.rows(ENTRY, PLAN, replace(TRIAL, responder={"severity": gone}))
    told = [row for row in rows if row["reason"]]
    assert told and all(row["reason"] == f"nobody of arm {arm} is observed" for row in told)
    assert {row["month"] for row in told} == {PLAN.months[0]}
    assert all(np.isnan(row["p_value"]) for row in told)


def test_what_nobody_declares_is_not_known():
    with pytest.raises(KeyError, match="no kind of analysis 'fisher_exact'"):
        registry.kind_of(Entry(id="exact", kind="fisher_exact"))
    assert "fisher_exact" not in registry.kinds() and "fisher_exact" not in house.entries()[0]


def test_the_steps_for_a_kind_make_it():
    page = (FOLDER.parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = page.partition("## A kind of analysis\n")[2].partition("\n## ")[0]
    code = re.findall(r"^```python\n(.*?)^```$", steps, re.MULTILINE | re.DOTALL)
    files = ("__init__.py", "exact_test.py", "shown.py")
    assert code == [(FOLDER / name).read_text(encoding="utf-8") for name in files]
    assert all(f"`exact/{name}`" in steps for name in files)
    (entry,) = re.findall(r"^```yaml\n(.*?)^```$", steps, re.MULTILINE | re.DOTALL)
    written = yaml.safe_load(entry)
    document = tiny.document()
    document["analyses"] += written["analyses"]
    checked = plan.check(document | {"extensions": [str(FOLDER)]}, {})
    assert written["extensions"] == ["exact"] and type(checked.analyses[-1]) is KIND.entry
