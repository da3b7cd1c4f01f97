"""Entries that are one fit an outcome, and what becomes of one that has no solution."""

from dataclasses import replace

import numpy as np
import pytest

from tests.analyses import simulated
from trialrr import ard
from trialrr.analyses import fits
from trialrr.estimate.fit import FitError
from trialrr.plan import Analysis

OBSERVED = simulated.PLAN.analysis("observed")


def without_responders():
    """The simulated trial, nobody of usual care responding at 3 months."""
    trial = simulated.trial()
    responder = trial.responder["severity"].copy()
    where = (trial.people["arm"] == "UC").to_numpy()
    responder[where, 0] = np.where(np.isnan(responder[where, 0]), np.nan, 0)
    return replace(trial, responder=trial.responder | {"severity": responder, "other": responder})


def test_a_fit_without_a_solution_stops_and_names_the_analysis():
    with pytest.raises(FitError, match="analysis observed, outcome severity: .* no event"):
        fits.entry_rows(OBSERVED, simulated.PLAN, without_responders())


def test_or_it_says_why_it_has_no_estimate_and_the_others_go_on():
    entry = Analysis("rest", "exploratory", ("severity", "intact"), separation="report")
    intact = replace(simulated.PLAN.outcome("severity"), id="intact")
    plan = replace(simulated.PLAN, outcomes=(*simulated.PLAN.outcomes, intact))
    broken, whole = without_responders(), simulated.trial().responder["severity"]
    trial = replace(broken, responder=broken.responder | {"intact": whole})
    table = ard.check(ard.frame(fits.entry_rows(entry, plan, trial)))
    (row,) = table[table["outcome"] == "severity"].to_dict("records")
    assert (row["quantity"], row["status"], row["n"]) == ("not_estimable", "exploratory", 900)
    assert "rows and no event, so a coefficient has no finite estimate" in row["reason"]
    assert (table[table["outcome"] == "intact"]["quantity"] == "risk_ratio").sum() == 6


def test_the_primary_analysis_shows_the_models_behind_it():
    plan = simulated.PLAN
    rows = fits.entry_rows(plan.analysis("main"), plan, simulated.trial())
    assert {"main", "imputation_model", "response_model"} == {r["analysis"] for r in rows}
    rows = fits.entry_rows(OBSERVED, plan, simulated.trial())
    assert {"observed"} == {r["analysis"] for r in rows}
