"""A standard error is on the scale that its row names: of every kind limits are made anew of it."""

import pytest

from tests.analyses import edges, simulated
from tests.properties import claims
from trialrr import ard
from trialrr.analyses import registry

PLAN = edges.plan()
DATA = edges.trial(PLAN)
DRAWN = ("bootstrap", "economics", "mediation", "power", "simulation")
"""Kinds with standard errors of samples, and few or no intervals by a quantile."""


def table(kind: str):
    entries = (edges.MAIN, edges.OBSERVED) if kind == "model" else (edges.ENTRIES[kind],)
    module = registry.kind(kind).implementation
    rows = [row for entry in entries for row in simulated.done(module, entry, PLAN, DATA)]
    return ard.check(ard.frame(rows))


@pytest.mark.parametrize("kind", ["model", *edges.ENTRIES])
def test_limits_are_the_estimate_and_its_standard_error_on_the_scale(kind):
    found = table(kind)
    assert not list(claims.unlike_their_scale(found, float(PLAN.models.alpha)))
    by_quantile = found["std_error"].notna() & found["lower"].notna()
    wrong = found[by_quantile & (found["quantity"] == "risk_ratio")]
    wrong = wrong.assign(scale="identity")
    if len(wrong) and kind not in DRAWN:  # and what is on another scale is found
        assert len(list(claims.unlike_their_scale(wrong, float(PLAN.models.alpha)))) == len(wrong)
