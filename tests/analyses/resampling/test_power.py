"""Kind `power`: rows of the ARD from blocks of simulated trials."""

import numpy as np
import pytest

from tests.analyses.oracle import PLAN, data
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.resampling import power
from trialrr.analyses.resampling.entries import Power

ENTRY = Power(
    "power",
    "prespecified",
    kind="power",
    people=777,
    risks={"PT": 0.225, "HC": 0.225, "UC": 0.15},
    loss=0.2,
    trials=6000,
)


def table(entry, plan=PLAN):
    done = {task: power.run(task, entry, plan, data()) for task in power.tasks(entry, plan)}
    found = ard.check(ard.frame(power.rows(entry, plan, data(), done)))
    return found.set_index(["quantity", "level"])


def test_power_of_the_plan():
    found = table(ENTRY)
    assert power.tasks(ENTRY, PLAN) == ["00000", "00001", "00002"]
    numbers = found["estimate"]
    assert numbers["trials", "all"] == 6000 and numbers["trials_failed", "all"] == 0
    for level in ("PT:UC", "HC:UC"):
        assert 0.88 < numbers["power", level] <= numbers["power_unadjusted", level] < 0.94
        value, error = found.loc[("power", level), ["estimate", "std_error"]]
        assert error == pytest.approx(np.sqrt(value * (1 - value) / 6000))
        assert "protected LSD" in found.loc[("power", level), "method"]
    assert numbers["power", "HC:PT"] < 0.06
    assert numbers["power", "any"] <= numbers["power", "omnibus"]


def test_trials_without_events_are_counted():
    found = table(replace(ENTRY, risks={"PT": 0.02, "HC": 0.02, "UC": 0.02}, people=100))
    failed = found["estimate"]["trials_failed", "all"]
    expected = 1 - (1 - (1 - 0.02 * 0.8) ** 100) ** 3
    assert failed / 6000 == pytest.approx(expected, abs=4 * np.sqrt(expected / 6000))


def test_a_block_is_the_same_whoever_draws_it():
    again = power.run("00001", ENTRY, PLAN, data())
    more = power.run("00001", replace(ENTRY, trials=9000), PLAN, data())
    assert all((again[key] == more[key]).all() for key in again)
