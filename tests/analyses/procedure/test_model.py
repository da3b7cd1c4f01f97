"""What an analysis promises beside its reference values: invariance, and no made-up numbers."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses import small
from tests.analyses.oracle import EXPECTED, MONTHS, PLAN, data, entry
from tests.changes import replace
from trialrr.analyses.procedure.data import arrange, population
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.rows import method_text, model_rows, population_rows, result_rows
from trialrr.estimate.covariance import stacked
from trialrr.estimate.fit import FitError
from trialrr.estimate.multiplicity import adjust

MAIN = entry(missing="pattern_mixture", weights="response", variance="stacked")
ROUNDING = 1e-9  # sums in another order


def numbers(result, plan=PLAN) -> dict:
    rows = result_rows(result, MAIN, "severity", plan)
    return {
        (r["month"], r["quantity"], r["level"], number): r[number]
        for r in rows
        for number in ("estimate", "std_error")
        if r["quantity"] in ("risk", "risk_ratio", "risk_difference")
    }


@pytest.fixture(scope="module")
def main():
    return fit(MAIN, "severity", PLAN, data())


def test_order_and_names_of_people_change_nothing(main):
    order = np.random.default_rng(5).permutation(len(data().people))
    moved = data().take(order)
    moved.people["participant_id"] = [f"Q{k}" for k in range(len(order))]
    assert numbers(fit(MAIN, "severity", PLAN, moved)) == pytest.approx(numbers(main), rel=ROUNDING)


def test_another_reference_arm_changes_nothing(main):
    plan = replace(PLAN, reference="PT")
    assert numbers(fit(MAIN, "severity", plan, data()), plan) == pytest.approx(
        numbers(main), rel=1e-7
    )


def test_a_covariate_in_other_units_changes_nothing(main):
    people = data().people.assign(peg=lambda d: d["peg"] * 12.5 - 3)
    other = fit(MAIN, "severity", PLAN, replace(data(), people=people))
    assert numbers(other) == pytest.approx(numbers(main), rel=1e-7)


def test_nothing_missing_makes_filled_and_complete_case_the_same():
    seen = data().take(data().visits_completed == len(MONTHS))
    complete = fit(entry(missing="complete_case"), "severity", PLAN, seen)
    worst = fit(entry(missing="worst_best_case"), "severity", PLAN, seen)
    assert numbers(complete) == numbers(worst)


def test_an_outcome_without_a_baseline_score_above_zero_is_left_out():
    people = data().people.copy()
    people.loc[[0, 7], "severity_0"] = 0
    responder = data().responder["severity"].copy()
    responder[[0, 7]] = np.nan
    reduction = data().reduction["severity"].copy()
    reduction[[0, 7]] = np.nan
    trial = replace(
        data(), people=people, responder={"severity": responder}, reduction={"severity": reduction}
    )
    result = fit(MAIN, "severity", PLAN, trial)
    assert not np.isin([0, 7], result.person).any()
    assert len(np.unique(result.person)) == data().seen.sum() - data().seen[[0, 7]].sum()


def with_eventless_site():
    """Three people of a fifth site, nobody of them a responder."""
    people = data().people.astype({"site": "str"})
    chosen = np.flatnonzero((data().visits_completed == 3) & (data().people["arm"] != "HC"))[:3]
    people.loc[chosen, "site"] = "E"
    responder = data().responder["severity"].copy()
    responder[chosen] = 0
    return replace(data(), people=people, responder={"severity": responder}), chosen


def test_a_level_without_an_event_stops_the_run_and_says_why():
    trial, _ = with_eventless_site()
    with pytest.raises(FitError, match=r"site=E: 9 rows and no event.*`separation: drop`"):
        fit(entry(missing="complete_case"), "severity", PLAN, trial)


def test_or_is_set_aside_and_reported():
    trial, chosen = with_eventless_site()
    e = entry(missing="complete_case", separation="drop")
    result = fit(e, "severity", PLAN, trial)
    left = fit(
        entry(missing="complete_case"),
        "severity",
        PLAN,
        trial.take(~np.isin(np.arange(len(trial.people)), chosen)),
    )
    assert result.names == left.names
    assert result.fit.coef == pytest.approx(left.fit.coef, rel=1e-9)
    row = next(
        r for r in result_rows(result, e, "severity", PLAN) if r["quantity"] == "separation_dropped"
    )
    assert row["estimate"] == 3 and "site=E" in row["flag"]


def test_an_arm_without_an_event_costs_its_own_estimates_and_no_others():
    responder = data().responder["severity"].copy()
    arm = data().people["arm"].to_numpy()
    responder[(arm == "PT")[:, None] & ~np.isnan(responder)] = 0
    trial = replace(data(), responder={"severity": responder})
    e = entry(missing="complete_case", covariates=())
    rows = result_rows(fit(e, "severity", PLAN, trial), e, "severity", PLAN)
    whole = result_rows(fit(e, "severity", PLAN, data()), e, "severity", PLAN)
    for row, before in zip(rows, whole, strict=True):
        if "PT" not in row["level"] and row["quantity"] in ("risk", "risk_ratio"):
            assert row["lower"] == pytest.approx(before["lower"], rel=1e-9)
        if row["quantity"] == "risk" and row["level"] == "PT":
            assert (row["estimate"], row["events"], row["n"]) == (0, 0, before["n"])
        if row["quantity"] == "risk_ratio" and "PT" in row["level"]:
            assert np.isnan(row["estimate"]) and np.isnan(row["p_value"])
            assert f"arm PT has no event at month {row['month']}" in row["reason"]


def test_populations_by_date_of_randomization():
    days = pd.date_range("2021-08-07", periods=4).strftime("%Y-%m-%d")
    people = data().people.assign(randomized_on=[days[k % 4] for k in range(len(data().people))])
    trial = replace(data(), people=people)

    def count(**rule):
        e = entry(missing="complete_case", population=rule)
        rows = population_rows(e, trial)
        assert rows[0]["estimate"] == len(population(trial, e).people)
        assert sum(r["estimate"] for r in rows[1:]) == rows[0]["estimate"]
        return set(population(trial, e).people["randomized_on"])

    assert count(randomized_before="2021-08-09") == {days[0], days[1]}
    assert count(randomized_from="2021-08-09") == {days[2], days[3]}
    assert count(randomized_after="2021-08-09") == {days[3]}


def test_a_population_without_an_arm_is_refused_and_says_which_dates_there_are():
    arm = data().people["arm"]
    days = np.where(arm == "HC", "2021-09-01", "2021-08-01")
    trial = replace(data(), people=data().people.assign(randomized_on=days))
    late = entry(missing="complete_case", population={"randomized_after": "2021-08-15"})
    with pytest.raises(FitError, match="nobody of arm PT, UC; .* from 2021-08-01 to 2021-09-01"):
        fit(late, "severity", PLAN, trial)
    assert population_rows(entry(missing="complete_case"), trial) == []


def test_protected_tests_follow_the_omnibus(main):
    rows = result_rows(main, MAIN, "severity", PLAN)
    by = {(r["month"], r["quantity"], r["level"]): r for r in rows}
    for month in MONTHS:
        assert by[month, "omnibus_wald", "all"]["p_value"] < 0.05
        for level in ("PT:UC", "HC:UC", "HC:PT"):
            p = by[month, "risk_ratio", level]["p_value"]
            assert by[month, "protected_test", level]["p_value"] == p
    strict = replace(PLAN, models=replace(PLAN.models, alpha=1e-20))
    rows = result_rows(main, MAIN, "severity", strict)
    tests = [r for r in rows if r["quantity"] == "protected_test"]
    assert all(np.isnan(r["p_value"]) and "not tested" in r["method"] for r in tests)


def test_models_behind_the_filled_analysis_are_in_the_ard(main):
    rows = {(r["analysis"], r["level"]): r for r in model_rows(main, MAIN, "severity", PLAN)}
    coef = dict(zip(main.response_design.names, main.response.fit.coef, strict=True))
    assert rows["response_model", "male"]["estimate"] == pytest.approx(np.exp(coef["male"]))
    coef = dict(zip(main.imputation.predictors.names, main.imputation.model.fit.coef, strict=True))
    assert rows["imputation_model", "PT:pattern2"]["estimate"] == coef["PT:pattern2"]


def test_tables_become_arrays():
    participants = pd.DataFrame(
        {"participant_id": ["b", "a", "x"], "data_origin": "REAL", "analyzed": [1, 1, 0]}
    ).assign(arm=["PT", "UC", "UC"])
    visits = pd.DataFrame(
        {
            "participant_id": ["a", "b", "b", "x"],
            "data_origin": "REAL",
            "month": ["12", "3", "6", "3"],
            "completed": [1, 1, 0, 1],
            "severity_responder": [1, 0, np.nan, 1],
        }
    )
    got = arrange(participants, visits, PLAN)
    assert got.people["participant_id"].tolist() == ["a", "b"]
    expected = [[np.nan, np.nan, 1], [0, np.nan, np.nan]]
    np.testing.assert_array_equal(got.responder["severity"], expected)
    assert got.visits_completed.tolist() == [1, 1]
    with pytest.raises(ValueError, match="no participants: z"):
        arrange(participants, visits.assign(participant_id=["a", "b", "b", "z"]), PLAN)
    with pytest.raises(ValueError, match="mix origins"):
        arrange(participants, visits.assign(data_origin="SYNTHETIC"), PLAN)


def test_the_plan_chooses_the_covariance_and_its_degrees_of_freedom_by_name(main):
    plain = fit(MAIN, "severity", PLAN, data())
    unit = np.eye(len(plain.names))[1]
    for name in ("cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg"):
        e = replace(MAIN, covariance=name)
        other = fit(e, "severity", PLAN, data())
        assert other.fit.coef == pytest.approx(plain.fit.coef, rel=1e-12)
        assert other.covariance.matrix[2, 2] > plain.covariance.matrix[2, 2]
        assert f"sandwich {name.upper()} by coach/person, stacked" in method_text(e, PLAN)
    e = replace(MAIN, covariance="kc", degrees_of_freedom="satterthwaite")
    result = fit(e, "severity", PLAN, data())
    rows = {
        (r["month"], r["quantity"], r["level"]): r for r in result_rows(result, e, "severity", PLAN)
    }
    assert 5 < rows["3", "risk", "HC"]["df"] < 12  # 12 coaches stand behind it
    assert rows["3", "risk", "UC"]["df"] > 300
    assert "t with Satterthwaite df" in rows["3", "risk", "UC"]["method"]
    assert "F with" in rows["3", "omnibus_wald", "all"]["method"]
    assert np.isfinite(result.covariance.degrees_of_freedom(unit, "satterthwaite"))


def test_without_other_models_the_stack_is_the_corrected_sandwich_itself():
    """Weights of 1 by a response model that says nothing would change nothing: here the robust
    covariance and the stacked one meet when the correction is zero."""
    e = entry(missing="complete_case", covariance="md")
    own = fit(e, "severity", PLAN, data()).covariance
    nothing = np.zeros_like(own.influence)
    assert stacked(own, own.labels, nothing).matrix == pytest.approx(own.matrix, rel=1e-12)


def test_reference_values_of_the_small_sample_covariances_reach_the_ard():
    expected = {
        (r["type"], r["term"]): r for r in EXPECTED["small_sample_poisson"] if r["type"] == "CR2"
    }
    e = entry(missing="complete_case", covariance="cr2", degrees_of_freedom="satterthwaite")
    rows = result_rows(fit(e, "severity", PLAN, data()), e, "severity", PLAN)
    by = {(r["month"], r["quantity"], r["level"]): r for r in rows}
    for arm in ("PT", "HC"):
        got, want = by["3", "risk_ratio", f"{arm}:UC"], expected["CR2", f"arm{arm}"]
        assert np.log(got["estimate"]) == pytest.approx(want["estimate"], rel=1e-8)
        assert got["std_error"] == pytest.approx(want["se"], rel=1e-6)
        assert got["df"] == pytest.approx(want["df_satterthwaite"], rel=1e-5)


def rows_by_key(e, plan=PLAN, trial=None):
    result = fit(e, "severity", plan, trial or data())
    rows = result_rows(result, e, "severity", plan)
    return {(r["month"], r["quantity"], r["level"]): r for r in rows}


@pytest.mark.parametrize("rule", ["holm", "hochberg", "hommel", "fixed_sequence"])
def test_another_rule_instead_of_protected_tests(rule):
    plan = replace(PLAN, models=replace(PLAN.models, multiplicity=rule))
    rows = rows_by_key(entry(missing="complete_case"), plan)
    for month in MONTHS:
        levels = ("PT:UC", "HC:UC", "HC:PT")
        raw = [rows[month, "risk_ratio", level]["p_value"] for level in levels]
        got = [rows[month, "adjusted_test", level]["p_value"] for level in levels]
        assert got == pytest.approx(adjust(raw, rule))
        assert (month, "protected_test", "PT:UC") not in rows


def test_without_covariates_every_way_to_a_risk_is_the_crude_one():
    crude = {"missing": "complete_case", "covariates": (), "clusters": "person"}
    base = rows_by_key(entry(**crude))
    for keys in (
        {"risks": "standardized"},
        {"risks": "standardized_random"},
        {"model": "log_binomial"},
        {"model": "logistic", "risks": "standardized"},
        {"model": "logistic", "risks": "standardized_random"},
    ):
        other = rows_by_key(entry(**crude, **keys))
        for key in base:
            if key[1] in ("risk", "risk_ratio", "risk_difference", "odds_ratio"):
                for number in ("estimate", "std_error", "lower", "upper"):
                    assert other[key][number] == pytest.approx(base[key][number], rel=1e-6), keys


def test_standardized_risks_with_covariates():
    """Of the Poisson model the standardized ratio is the ratio at the means; the risks are not."""
    e = entry(missing="complete_case")
    means, fixed = rows_by_key(e), rows_by_key(replace(e, risks="standardized"))
    random = rows_by_key(replace(e, risks="standardized_random"))
    for month in MONTHS:
        ratio = (month, "risk_ratio", "HC:UC")
        assert fixed[ratio]["estimate"] == pytest.approx(means[ratio]["estimate"], rel=1e-10)
        assert fixed[ratio]["std_error"] == pytest.approx(means[ratio]["std_error"], rel=1e-8)
        risk = (month, "risk", "UC")
        assert fixed[risk]["estimate"] == pytest.approx(random[risk]["estimate"], rel=1e-12)
        assert fixed[risk]["estimate"] > means[risk]["estimate"]  # the mean of exp lies above
        assert random[risk]["std_error"] > fixed[risk]["std_error"]


def test_a_logit_interval_by_the_plan():
    e = entry(missing="complete_case", interval="logit")
    risk = rows_by_key(e)["3", "risk", "UC"]
    assert 0 < risk["lower"] < risk["estimate"] < risk["upper"] < 1


def test_random_covariates_need_the_covariance_of_the_fit_alone():
    e = replace(MAIN, risks="standardized_random")
    with pytest.raises(ValueError, match="risks standardized_random takes variance robust"):
        fit(e, "severity", PLAN, data())
    for covariance in ("hc1", "mbn"):
        with pytest.raises(ValueError, match="a covariance by cluster but mbn"):
            fit(replace(e, variance="robust", covariance=covariance), "severity", PLAN, data())


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (1e9 + np.arange(20.0), "c0 is the same for everybody analyzed but for a millionth of its"),
        (np.full(20, 3.0), "c0 is the same for everybody analyzed, so no coefficient"),
    ],
)
def test_a_covariate_that_hardly_differs_is_told_as_it_is(values, told):
    plan = small.plan(("new", "old"), covariates=(small.covariate("c0"),))
    made = small.trial({"new": (6, 10), "old": (4, 10)}, columns={"c0": values})
    with pytest.raises(FitError, match=told):
        fit(entry(missing="complete_case"), "resp", plan, made)


def test_more_covariates_than_people_are_no_matter_of_separation():
    names = [f"c{k}" for k in range(12)]
    columns = {name: np.random.default_rng(k).normal(size=8) for k, name in enumerate(names)}
    made = small.trial({"new": (2, 4), "old": (1, 4)}, columns=columns)
    plan = small.plan(("new", "old"), covariates=tuple(map(small.covariate, names)))
    with pytest.raises(FitError, match="c6, c7, c8, c9, c10, c11 are made of the columns before"):
        fit(entry(missing="complete_case"), "resp", plan, made)
