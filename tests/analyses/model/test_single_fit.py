"""Entries that are one fit an outcome, and what becomes of one that has no solution."""

import numpy as np
import pytest

from tests.analyses import simulated
from tests.changes import replace
from trialrr import ard
from trialrr.analyses import stages
from trialrr.analyses.procedure.entry import Analysis
from trialrr.estimate.fit import FitError

OBSERVED = simulated.PLAN.analysis("observed")


def rare_site():
    """The simulated trial, nobody of site B responding at any visit."""
    trial = simulated.trial()
    responder = trial.responder["severity"].copy()
    where = (trial.people["site"] == "B").to_numpy()
    responder[where] = np.where(np.isnan(responder[where]), np.nan, 0)
    return replace(trial, responder=trial.responder | {"severity": responder, "other": responder})


def test_a_fit_without_a_solution_stops_and_names_the_analysis():
    with pytest.raises(FitError, match="analysis observed, outcome severity: .* no event"):
        stages.rows(OBSERVED, simulated.PLAN, rare_site())


def test_or_it_says_why_it_has_no_estimate_and_the_others_go_on():
    entry = Analysis("rest", "exploratory", ("severity", "intact"), separation="report")
    intact = replace(simulated.PLAN.outcome("severity"), id="intact")
    plan = replace(simulated.PLAN, outcomes=(*simulated.PLAN.outcomes, intact))
    broken, whole = rare_site(), simulated.trial().responder["severity"]
    trial = replace(broken, responder=broken.responder | {"intact": whole})
    table = ard.check(ard.frame(stages.rows(entry, plan, trial)))
    (row,) = table[table["outcome"] == "severity"].to_dict("records")
    assert (row["quantity"], row["status"], row["n"]) == ("not_estimable", "exploratory", 900)
    assert "rows and no event, so a coefficient has no finite estimate" in row["reason"]
    assert (table[table["outcome"] == "intact"]["quantity"] == "risk_ratio").sum() == 6


def test_the_primary_analysis_shows_the_models_behind_it():
    plan = simulated.PLAN
    rows = stages.rows(plan.analysis("main"), plan, simulated.trial())
    assert {"main", "imputation_model", "response_model"} == {r["analysis"] for r in rows}
    rows = stages.rows(OBSERVED, plan, simulated.trial())
    assert {"observed"} == {r["analysis"] for r in rows}


def with_outcome(change) -> dict[tuple, dict]:
    """Rows of the observed outcomes as `change` (arm, responder) makes them, by their key."""
    trial = simulated.trial()
    arm = trial.people["arm"].to_numpy()
    responder = change(arm, trial.responder["severity"].copy())
    changed = replace(trial, responder=trial.responder | {"severity": responder})
    entry = replace(OBSERVED, outcomes=("severity",), covariates=())
    table = ard.check(ard.frame(stages.rows(entry, simulated.PLAN, changed)))
    return {(r["month"], r["quantity"], r["level"]): r for r in table.to_dict("records")}


def silent(arm, responder, which="UC", visits=slice(0, 1)):
    rows = np.flatnonzero(arm == which)
    own = responder[rows, visits]
    responder[rows, visits] = np.where(np.isnan(own), np.nan, 0)
    return responder


@pytest.mark.parametrize("which", ["UC", "HC"])
def test_an_arm_without_an_event_at_a_visit_costs_that_visit_only(which):
    """Without covariates the visits share nothing, so the others are what they were."""
    first = simulated.PLAN.months[0]
    before = with_outcome(lambda arm, responder: responder)
    after = with_outcome(lambda arm, responder: silent(arm, responder, which))
    for key, row in before.items():
        if key[0] not in ("", first):
            for name in ("estimate", "lower", "upper", "p_value", "n", "events"):
                assert after[key][name] == pytest.approx(row[name], rel=1e-9, nan_ok=True), key
    seen = before[first, "risk", which]["n"]
    risk = after[first, "risk", which]
    assert (risk["estimate"], risk["events"], risk["n"]) == (0, 0, seen)
    told = f"arm {which} has no event at month {first}"
    assert told in risk["reason"]
    assert told in after[first, "omnibus_wald", "all"]["reason"]
    for one, other in simulated.PLAN.contrasts:
        ratio, rd = (after[first, q, f"{one}:{other}"] for q in ("risk_ratio", "risk_difference"))
        if which in (one, other):
            assert np.isnan(ratio["estimate"]) and told in ratio["reason"]
            risks = [after[first, "risk", arm]["estimate"] for arm in (one, other)]
            assert rd["estimate"] == pytest.approx(risks[0] - risks[1])
            other_arm = other if which == one else one
            assert rd["lower"] < rd["estimate"] < rd["upper"] and not rd["reason"]
            assert rd["flag"].endswith(f"rest on arm {other_arm} alone")
        else:
            assert ratio["lower"] > 0 and not ratio["reason"]


def test_nobody_with_an_event_anywhere_is_one_row():
    for separation in ("stop", "drop", "report"):
        trial = simulated.trial()
        nobody = trial.responder["severity"] * 0
        entry = replace(OBSERVED, outcomes=("severity",), separation=separation)
        trial = replace(trial, responder=trial.responder | {"severity": nobody})
        rows = stages.rows(entry, simulated.PLAN, trial)
        (row,) = rows
        assert row["quantity"] == ard.ABSENT and "no event in any arm" in row["reason"]


def everything(arm, responder):
    return np.where(np.isnan(responder), np.nan, 1)


def test_everybody_with_an_event_has_a_ratio_of_one_without_an_interval():
    def at_first(arm, responder):
        responder[:, :1] = everything(arm, responder[:, :1])
        return responder

    first, rows = simulated.PLAN.months[0], with_outcome(at_first)
    for one, other in simulated.PLAN.contrasts:
        ratio, rd, nnt = (
            rows[first, q, f"{one}:{other}"] for q in ("risk_ratio", "risk_difference", "nnt")
        )
        assert ratio["estimate"] == pytest.approx(1, abs=1e-12)
        assert (rd["estimate"], nnt["estimate"]) == (0, np.inf)
        for row in (ratio, rd, nnt):
            assert np.isnan([row["lower"], row["upper"], row["p_value"]]).all()
            assert "outcomes that the estimate rests on do not differ" in row["reason"]
    assert np.isnan(rows[first, "omnibus_wald", "all"]["p_value"])


def test_no_number_is_missing_without_a_reason():
    changes = {
        "as it is": lambda arm, responder: responder,
        "silent": silent,
        "silent throughout": lambda arm, r: silent(arm, r, visits=slice(None)),
        "everything": everything,
    }
    for name, change in changes.items():
        for key, row in with_outcome(change).items():
            asks = ["p_value"] if key[1] in ("omnibus_wald", "protected_test") else ["estimate"]
            if key[1] in ("risk", "risk_ratio", "risk_difference", "odds_ratio"):
                asks += ["std_error", "lower", "upper"]
            if any(np.isnan(row[ask]) for ask in asks):
                assert row["reason"], (name, key)
