"""Kind `balance` on the simulated trial."""

import numpy as np
import pytest

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing import balance
from trialrr.analyses.missing.entries import Balance
from trialrr.analyses.procedure.model import fit

MAIN = entry(missing="pattern_mixture", weights="response", variance="stacked")
ENTRY = Balance("balance", "post_hoc", ("severity",), kind="balance", of="main")
WHOLE = replace(PLAN, analyses=(MAIN, ENTRY))


@pytest.fixture(scope="module")
def table():
    (job,) = balance.jobs(ENTRY, WHOLE, data())
    found = ard.check(ard.frame(job()))
    return found.set_index(["quantity", "level", "subgroup"])


def test_a_difference_by_hand(table):
    phq8 = data().people["phq8"].astype(float).to_numpy()
    weights = fit(MAIN, "severity", PLAN, data()).response.weights
    for subgroup, w in (("weights=none", data().seen), ("weights=response", weights)):
        expected = (np.average(phq8, weights=w) - phq8.mean()) / phq8.std(ddof=1)
        got = table.loc[("standardized_difference", "phq8", subgroup)]
        assert got["estimate"] == pytest.approx(expected, abs=1e-12)
        assert got["n"] == data().seen.sum()


def test_weighting_balances(table):
    differences = table.loc["standardized_difference"]["estimate"]
    none, response = (
        differences.xs(f"weights={scheme}", level="subgroup").abs()
        for scheme in ("none", "response")
    )
    assert response.max() < 0.5 * none.max()
    assert response.mean() < 0.5 * none.mean()


def test_by_arm_the_arms_themselves_are_left_out(table):
    levels = table.loc["standardized_difference"].xs("weights=none; arm=PT", level="subgroup").index
    overall = table.loc["standardized_difference"].xs("weights=none", level="subgroup").index
    assert set(overall) - set(levels) == {"PT", "HC"}


def test_the_effective_number_is_below_the_number_seen(table):
    numbers = table.loc["effective_n"]
    assert (numbers["estimate"] < numbers["n"]).all()
    arms = numbers.loc[["PT", "HC", "UC"]]
    assert arms["n"].sum() == numbers["n"].iloc[0] == data().seen.sum()
    assert (numbers["estimate"] > 0.8 * numbers["n"]).all()
