"""Multiple imputation of the score: against R mice, identities, and what it says about itself."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.analyses import oracle
from tests.analyses.imputation import PLAN, entry, monotone, pick, result
from tests.changes import replace
from trialrr.analyses.missing import multiple_imputation
from trialrr.analyses.procedure import rows
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import fit
from trialrr.estimate.fit import FitError
from trialrr.missing.rubin import pool
from trialrr.plan import Covariate

MICE = json.loads((Path(__file__).parents[2] / "oracle" / "mice.json").read_text(encoding="utf-8"))
FAR = 4.0  # combined Monte Carlo errors; 15 numbers are compared
MONTHS = oracle.MONTHS


def arrays(given, plan=PLAN, data=None):
    data = oracle.data() if data is None else data
    return {
        task: multiple_imputation.run(task, given, plan, data)
        for task in multiple_imputation.tasks(given, plan)
    }


@cache
def as_many_as_mice():
    """The pilot's block arrays of as many imputations and iterations as R made."""
    m = MICE["imputations"]
    given = entry(pilot=m, maximum=m, iterations=MICE["iterations"])
    return multiple_imputation.run("severity/pilot", given, PLAN, oracle.data())


def test_mean_imputed_scores_agree_with_mice():
    made = as_many_as_mice()
    person, visit = np.nonzero(np.isnan(oracle.data().reduction["severity"]))
    arm = oracle.data().people["arm"].to_numpy()[person]
    for theirs in MICE["means"]:
        here = (arm == theirs["arm"]) & (visit == MONTHS.index(str(theirs["month"])))
        means = made["imputed"][:, here].mean(axis=1)
        error = np.hypot(means.std(ddof=1) / np.sqrt(len(means)), theirs["mc_error"])
        assert abs(means.mean() - theirs["mean"]) < FAR * error
        assert error < 0.02  # points of the score: the comparison says something


def test_pooled_log_ratios_and_their_standard_errors_agree_with_mice():
    made, arms = as_many_as_mice(), [a.id for a in PLAN.arms]
    m = MICE["imputations"]
    for theirs in MICE["ratios"]:
        one, other = (arms.index(a) for a in theirs["level"].split(":"))
        a, b = 3 * one, 3 * other
        log_ratio = made["log_risk"][:, one, 0] - made["log_risk"][:, other, 0]
        v = made["covariance"]
        variance = v[:, a, a] + v[:, b, b] - 2 * v[:, a, b]
        got = pool(log_ratio, variance)
        error = np.hypot(np.sqrt(got.between / m), theirs["mc_error"])
        assert abs(got.estimate - theirs["log_ratio"]) < FAR * error
        of_total = np.hypot(variance.std() / np.sqrt(m), got.between * np.sqrt(2 / (m - 1)))
        error = np.hypot(of_total / (2 * np.sqrt(got.total)), theirs["se_mc_error"])
        assert abs(np.sqrt(got.total) - theirs["se"]) < FAR * error
        assert error < 0.05 * theirs["se"]


def test_complete_data_give_the_complete_case_analysis():
    data = oracle.data()
    data = data.take(~np.isnan(data.responder["severity"]).any(axis=1))
    table = result(multiple_imputation, entry(auxiliary=()), data)
    plain = Analysis(id="cc", status="post_hoc", outcomes=("severity",))
    own = rows.result_rows(fit(plain, "severity", PLAN, data), plain, "severity", PLAN)
    for row in own:
        if row["quantity"] in ("risk", "risk_ratio", "risk_difference"):
            got = pick(table, row["quantity"], row["level"], row["month"])
            assert got["estimate"] == pytest.approx(row["estimate"], rel=1e-8)
            assert got["std_error"] == pytest.approx(row["std_error"], rel=1e-6)
            assert got["n_imputed"] == 0
    assert pick(table, "imputations", "all")["estimate"] == 10  # the pilot was enough


def test_imputations_do_not_depend_on_how_many_are_asked_for():
    few = arrays(entry(pilot=10, maximum=10))["severity/pilot"]
    more = arrays(entry(pilot=20, maximum=20))["severity/pilot"]
    pilot_and_rest = arrays(entry(pilot=10, maximum=20, cv=0.01))
    rest = pilot_and_rest["severity/rest"]
    for name in ("log_risk", "covariance", "imputed", "chain_mean", "chain_sd"):
        assert (more[name][:10] == few[name]).all()
        assert (more[name][10:] == rest[name]).all()


def test_the_order_of_the_arms_changes_nothing():
    turned = replace(PLAN, arms=PLAN.arms[::-1])
    one, other = (result(multiple_imputation, entry(maximum=10), plan=p) for p in (PLAN, turned))
    for quantity, level in (("risk", "PT"), ("risk_ratio", "HC:UC"), ("risk_difference", "PT:UC")):
        for number in ("estimate", "std_error", "lower", "df"):
            got = pick(other, quantity, level)[number]
            assert got == pytest.approx(pick(one, quantity, level)[number], rel=1e-9)


def test_ratio_and_reciprocal():
    both = replace(PLAN, contrasts=(("PT", "UC"), ("UC", "PT")))
    table = result(multiple_imputation, entry(maximum=10), plan=both)
    one, other = (pick(table, "risk_ratio", level) for level in ("PT:UC", "UC:PT"))
    assert one["estimate"] == pytest.approx(1 / other["estimate"])
    assert one["lower"] == pytest.approx(1 / other["upper"])
    one, other = (pick(table, "risk_difference", level) for level in ("PT:UC", "UC:PT"))
    assert one["lower"] == pytest.approx(-other["upper"])


def test_the_number_follows_from_the_pilot():
    table = result(multiple_imputation, entry(maximum=100))
    number = pick(table, "imputations", "all")["estimate"]
    upper = pick(table, "pilot_fmi_upper", "all")["estimate"]
    assert number == np.ceil(1 + 0.5 * (upper / 0.05) ** 2)
    assert 10 < number < 100
    pilot = result(multiple_imputation, entry(maximum=10))
    assert pick(pilot, "pilot_fmi_upper", "all")["estimate"] == upper
    fmi = max(pick(pilot, "fmi", f"{a}:{b}")["estimate"] for a, b in PLAN.contrasts)
    odds = fmi / (1 - fmi) * np.exp(1.959964 * np.sqrt(2 / 10))
    assert upper == pytest.approx(odds / (1 + odds), rel=1e-6)


def test_a_number_cut_at_the_maximum_is_said():
    table = result(multiple_imputation, entry(cv=0.01))
    assert pick(table, "imputations", "all")["estimate"] == 20
    assert "20 imputations, the maximum (" in pick(table, "risk_ratio", "PT:UC")["method"]


def test_traces_and_densities():
    table = result(multiple_imputation, entry(maximum=10))
    traced = table[table["quantity"] == "chain_mean"]
    assert len(traced) == 5 * 5 * 9  # chains, iterations, arms × months
    assert pick(table, "chain_sd", "UC", "12", "chain=5; iteration=5")["estimate"] > 0.5
    for quantity in ("density_observed", "density_imputed"):
        here = table[(table["quantity"] == quantity) & (table["level"] == "HC")]
        here = here[here["month"] == "6"]
        at = here["subgroup"].str.removeprefix("score=").astype(float)
        assert len(here) == 49
        assert np.trapezoid(here["estimate"], at) == pytest.approx(1, abs=0.02)


def test_a_monotone_pattern_is_not_iterated():
    made = arrays(entry(maximum=10), data=monotone(oracle.data()))["severity/pilot"]
    assert np.isfinite(made["chain_mean"][:, 0]).all()
    assert np.isnan(made["chain_mean"][:, 1:]).all()


def test_predictive_mean_matching_imputes_observed_scores():
    given = entry(imputer="predictive_mean", maximum=10)
    made = arrays(given)["severity/pilot"]
    data = oracle.data()
    base = data.people["severity_0"].astype(float).to_numpy()
    seen = base[:, None] - data.reduction["severity"]
    assert set(made["imputed"].ravel().round(9)) <= set(seen[~np.isnan(seen)].round(9))
    table = result(multiple_imputation, given)
    normal = result(multiple_imputation, entry(maximum=10))
    one, other = (pick(t, "risk_ratio", "PT:UC")["estimate"] for t in (table, normal))
    assert np.log(one) == pytest.approx(np.log(other), abs=0.1)


def test_incomplete_covariates_are_part_of_the_chain():
    data = oracle.data()
    people = data.people.copy()
    for k, column in enumerate(("education", "not_employed", "phq8")):
        people.loc[people.index % 41 == k, column] = None
    table = result(multiple_imputation, entry(maximum=10), replace(data, people=people))
    whole = result(multiple_imputation, entry(maximum=10))
    one, other = (pick(t, "risk_ratio", "PT:UC") for t in (table, whole))
    assert np.log(one["estimate"]) == pytest.approx(np.log(other["estimate"]), abs=0.05)
    assert one["n"] == other["n"]


def test_a_collinear_auxiliary_is_reported():
    data = oracle.data()
    people = data.people.assign(again=data.people["peg"].astype(float) * 3)
    plan = replace(PLAN, covariates=(*PLAN.covariates, Covariate("again")))
    given = entry(auxiliary=("peg", "again"), maximum=10)
    table = result(multiple_imputation, given, replace(data, people=people), plan)
    got = pick(table, "ridged_scores", "UC")
    assert got["estimate"] == 10 * 5 * 3
    assert "ridge" in got["method"]


def test_what_cannot_be_fitted_is_refused_by_name():
    data = oracle.data()
    reduction = data.reduction["severity"].copy()
    few = np.flatnonzero((data.people["arm"] == "HC") & ~np.isnan(reduction[:, 1]))[8:]
    reduction[few, 1] = np.nan
    lost = replace(
        data,
        reduction={"severity": reduction},
        responder={"severity": np.where(np.isnan(reduction), np.nan, data.responder["severity"])},
    )
    with pytest.raises(FitError, match="arm HC, score at month 6: 8 observed values"):
        result(multiple_imputation, entry(), lost)
    none = np.where(np.isnan(reduction), np.nan, -np.abs(reduction) - 9)
    nobody = replace(data, reduction={"severity": none}, responder={"severity": 0 * none})
    with pytest.raises(FitError, match="HC, score at month 6"):
        result(multiple_imputation, entry(), nobody)
    none = np.where(np.isnan(data.reduction["severity"]), np.nan, -9.0)
    none += np.random.default_rng(1).normal(0, 0.1, none.shape)
    nobody = replace(data, reduction={"severity": none}, responder={"severity": 0 * none})
    with pytest.raises(FitError, match="10 of 10 imputations has no maximum"):
        result(multiple_imputation, entry(), nobody)


def test_fewer_clusters_than_parameters_are_refused():
    with pytest.raises(FitError, match="20 clusters for an outcome model of 22 parameters"):
        result(multiple_imputation, entry(), oracle.data().take(of_arm("UC")[:20]))


def of_arm(arm: str):
    return np.flatnonzero(oracle.data().people["arm"] == arm)
