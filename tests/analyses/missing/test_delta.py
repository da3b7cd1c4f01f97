"""Delta adjustment: missing at random is its origin, the worst case its end."""

import numpy as np
import pytest

from tests.analyses import oracle
from tests.analyses.imputation import PLAN, delta, entry, monotone, pick, replace, result
from trialrr.analyses.missing import delta as kind
from trialrr.analyses.missing import imputed_scores, multiple_imputation
from trialrr.analyses.procedure import rows
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import fit
from trialrr.missing.delta import dropped_out, shifts

AGAINST = ("PT:UC", "HC:UC")
ARMS = [arm.id for arm in PLAN.arms]


def planned(**keys):
    return replace(PLAN, analyses=(entry(), delta(**keys)))


def at(active, control) -> str:
    return f"delta_active={active:g}; delta_control={control:g}"


def shifted(data=None, **keys):
    return result(kind, delta(**keys), data, planned(**keys))


@pytest.mark.parametrize("data", [oracle.data(), monotone(oracle.data())], ids=["any", "monotone"])
def test_no_shift_is_the_multiple_imputation_to_the_last_bit(data):
    table = shifted(data, active=(-1.0, 0.0, 1.0), control=(0.0, 0.5))
    plain = result(multiple_imputation, entry(), data)
    for level in AGAINST:
        got, own = pick(table, "risk_ratio", level, "3", at(0, 0)), pick(plain, "risk_ratio", level)
        for number in ("estimate", "std_error", "lower", "upper", "df", "p_value", "n_imputed"):
            assert got[number] == own[number]
        assert got["method"].endswith("missing at random, as imputed")


def test_a_worse_shift_lowers_the_risk_of_its_own_arms():
    shifts = (-2.0, -1.0, 0.0, 1.0, 2.0)
    table = shifted(active=shifts, control=shifts)
    for level in AGAINST:
        grid = np.array(
            [[pick(table, "risk_ratio", level, "3", at(a, c))["estimate"] for c in shifts]
             for a in shifts]
        )  # fmt: skip
        assert (np.diff(grid, axis=0) < 0).all()
        assert (np.diff(grid, axis=1) > 0).all()


def test_far_shifts_are_the_worst_case_when_nobody_came_back():
    data = monotone(oracle.data())
    table = shifted(data, active=(0.0, 100.0), control=(-100.0, 0.0))
    worst = Analysis(
        id="worst", status="post_hoc", outcomes=("severity",), missing="worst_best_case"
    )
    own = rows.result_rows(fit(worst, "severity", PLAN, data), worst, "severity", PLAN)
    for level in AGAINST:
        got = pick(table, "risk_ratio", level, "3", at(100, -100))
        theirs = next(
            r for r in own if (r["quantity"], r["level"]) == ("risk_ratio", level)
        )  # the first month
        assert got["estimate"] == pytest.approx(theirs["estimate"], rel=1e-8)
        assert got["std_error"] == pytest.approx(theirs["std_error"], rel=1e-6)
        special = (table["quantity"] == "worst_best_case") & (table["level"] == level)
        assert list(table["subgroup"][special]) == [at(100, -100)]


def test_the_tipping_point_is_the_first_shift_whose_interval_includes_1():
    active = (-1.0, 0.0, 1.0, 2.0, 20.0)
    data = monotone(oracle.data())
    table = shifted(data, active=active, control=(0.0,))
    for level in AGAINST:
        intervals = [pick(table, "risk_ratio", level, "3", at(a, 0)) for a in active]
        includes = [a for a, r in zip(active, intervals, strict=True) if r["lower"] <= 1 and a >= 0]
        got = pick(table, "tipping_delta", level)
        if includes:
            assert got["estimate"] == min(includes)
        else:
            assert np.isnan(got["estimate"])
            assert "none on the grid, up to 20" in got["method"]


def test_what_the_shift_is_held_against():
    data = oracle.data()
    table = shifted()
    change = -data.reduction["severity"][(data.people["arm"] == "UC").to_numpy(), 0]
    change = change[~np.isnan(change)]
    mean, sd = pick(table, "observed_change", "UC"), pick(table, "observed_change_sd", "UC")
    assert mean["estimate"] == pytest.approx(change.mean())
    assert sd["estimate"] == pytest.approx(change.std(ddof=1))
    assert mean["std_error"] == pytest.approx(change.std(ddof=1) / np.sqrt(len(change)))
    gone = pick(table, "dropped_out", "PT")
    assert gone["estimate"] == ((data.people["arm"] == "PT") & (data.visits_completed == 0)).sum()


def test_a_shift_that_leaves_an_arm_without_an_event_has_no_ratio():
    data = monotone(oracle.data())
    seen = ~np.isnan(data.responder["severity"])
    reference = (data.people["arm"] == "UC").to_numpy()[:, None]
    rare = np.where(seen & reference, 0.0, data.responder["severity"])
    table = shifted(
        replace(data, responder={"severity": rare}), active=(0.0,), control=(0.0, 100.0)
    )
    got = pick(table, "risk_ratio", "PT:UC", "3", at(0, 100))
    assert np.isnan(got["estimate"])
    assert got["reason"] == "arm UC has no event at month 3: no relative risk; see the counts"
    assert np.isfinite(pick(table, "risk_ratio", "PT:UC", "3", at(0, 0))["estimate"])


MAIN = oracle.entry(missing="pattern_mixture", weights="response")
WORST = Analysis(id="worst", status="post_hoc", outcomes=("severity",), missing="worst_best_case")
SHIFTS = tuple(np.arange(-2.0, 4.25, 0.25))


def test_other_analyses_stand_where_each_arm_has_their_risk():
    control = (-2.0, 0.0, 4.0)  # coarse: the reference arm is looked up, not done again
    keys = {"active": SHIFTS, "control": control, "points": (MAIN.id, "worst")}
    plan = replace(planned(**keys), analyses=(MAIN, WORST, entry(), delta(**keys)))
    table = result(kind, delta(**keys), None, plan)
    found = {arm: pick(table, "equivalent_delta", arm, "3", f"of={MAIN.id}") for arm in ARMS}
    own = fit(MAIN, "severity", plan, oracle.data())
    wanted = {arm: float(np.exp(own.profiles[arm, "3"] @ own.fit.coef)) for arm in ARMS}
    inside = [arm for arm in ("PT", "HC") if not np.isnan(found[arm]["estimate"])]
    assert "PT" in inside
    for arm in inside:  # the whole analysis done again with that one shift has that risk
        active = float(found[arm]["estimate"])
        trial = imputed_scores.trial(entry(), "severity", plan, oracle.data())
        number = int(pick(table, "imputations", "all")["estimate"])
        risks = []
        for block in range(-(-number // imputed_scores.SIZE)):
            filled, _ = imputed_scores.scores(trial, entry(), "severity", plan, block)
            by = shifts(trial.cells.arm, ARMS.index("UC"), [active], 0.0)[0]
            outcomes = imputed_scores.responders(
                trial, filled, by[None, :, None] * dropped_out(trial.missing)
            )
            risks.append(imputed_scores.fit(trial, outcomes).log_risk[:, ARMS.index(arm), 0])
        log_risk = np.concatenate(risks)[:number].mean()
        assert np.exp(log_risk) == pytest.approx(wanted[arm], abs=0.002)
    for arm in ARMS:
        got = pick(table, "equivalent_delta", arm, "3", "of=worst")
        assert np.isnan(got["estimate"])
        limits = (got["lower"], got["upper"])
        expected = (np.nan, SHIFTS[0]) if arm == "UC" else (SHIFTS[-1], np.nan)
        np.testing.assert_equal(limits, expected)
