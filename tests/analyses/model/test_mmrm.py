"""The kind `mmrm` against R on the simulated trial and on a real one, and against the analysis of
variance that complete data give."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.analyses import oracle, simulated
from tests.changes import replace
from tests.typed import typed
from trialrr import ard
from trialrr.analyses.model import mmrm
from trialrr.analyses.model.entries import Mmrm
from trialrr.analyses.procedure.data import TrialData
from trialrr.plan import Arm, Covariate, Models, Outcome, Plan, Visit

ORACLE = Path(__file__).parents[2] / "oracle"
R = json.loads((ORACLE / "mmrm.json").read_text(encoding="utf-8"))

TRIAL = replace(
    oracle.data(), change={"severity": -oracle.data().reduction["severity"]}
)  # change = follow-up - baseline

OPTIMIZER = 1e-6  # where R's optimizers stop, in standard errors
DEGREES = 1e-4  # relative; numerical second derivatives of a likelihood that bobyqa stopped at
EXACT = 1e-9


def entry(**keys) -> Mmrm:
    keys = {"id": "mixed", "status": "post_hoc", "outcomes": ("severity",)} | keys
    return Mmrm(**keys, kind="mmrm")


def table(plan=oracle.PLAN, trial=TRIAL, **keys) -> pd.DataFrame:
    rows = simulated.done(mmrm, entry(**keys), plan, trial)
    frame = ard.check(ard.frame(rows))
    return frame.set_index(["month", "quantity", "level"]).sort_index()


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    return table()


# ------------------------------------------------------------------------------------- against R


def test_means_and_differences_equal_r_on_the_simulated_trial(whole):
    compared = 0
    for key, tests in R["sap_oracle"]["tests"].items():
        level, visit = key.split()
        quantity = "mean_difference" if ":" in level else "mean_change"
        got, expected = whole.loc[oracle.MONTHS[int(visit) - 1], quantity, level], tests
        expected = expected["satterthwaite"]
        se = expected["se"]
        assert got["estimate"] == pytest.approx(expected["estimate"], abs=OPTIMIZER * se), key
        assert got["std_error"] == pytest.approx(se, rel=OPTIMIZER), key
        assert got["df"] == pytest.approx(expected["df"], rel=DEGREES), key
        half = stats.t.ppf(0.975, expected["df"]) * se
        assert got["upper"] - got["estimate"] == pytest.approx(half, rel=OPTIMIZER), key
        assert got["estimate"] - got["lower"] == pytest.approx(half, rel=OPTIMIZER), key
        if ":" in level:
            assert got["p_value"] == pytest.approx(expected["p"], rel=1e-4), key
            assert got["statistic"] == pytest.approx(got["estimate"] / got["std_error"]), key
        else:
            assert np.isnan(got["p_value"]), key
            assert np.isnan(got["statistic"]), key
        compared += 1
    assert compared == 18


def test_the_covariance_of_visits_equals_that_of_nlme(whole):
    expected = R["sap_oracle"]["gls"]
    sigma = np.array(expected["sigma"])
    sd, none = np.sqrt(np.diag(sigma)), whole.loc[""]
    got = none.loc["log_likelihood", "all"]
    assert got["estimate"] == pytest.approx(expected["log_likelihood"], abs=1e-8)
    assert got["n"] == R["sap_oracle"]["people"]
    for j, month in enumerate(oracle.MONTHS):
        found = none.loc["residual_sd", month]["estimate"]
        assert found == pytest.approx(sd[j], rel=OPTIMIZER)
        for k in range(j + 1, 3):
            found = none.loc["residual_correlation", f"{month}:{oracle.MONTHS[k]}"]["estimate"]
            assert found == pytest.approx(sigma[j, k] / (sd[j] * sd[k]), rel=OPTIMIZER)


VISITS = {"1": "bdi.2m", "2": "bdi.6m", "3": "bdi.8m"}


def beat_the_blues() -> tuple[Plan, TrialData]:
    data = pd.read_csv(ORACLE / "data" / "BtheB.csv", dtype=str, keep_default_na=False)
    scores = data[list(VISITS.values())].replace("", np.nan).astype(float).to_numpy()
    seen = ~np.isnan(scores)
    trial = TrialData(
        typed(data.rename(columns={"treatment": "arm"})),
        tuple(VISITS),
        seen.any(axis=1),
        seen.sum(axis=1),
        {},
        {},
        "REAL",
        change={"bdi": scores - data["bdi.pre"].astype(float).to_numpy()[:, None]},
    )
    plan = Plan(
        arms=(Arm("TAU"), Arm("BtheB")),
        reference="TAU",
        contrasts=(("BtheB", "TAU"),),
        visits=tuple(map(Visit, VISITS)),
        outcomes=(Outcome("bdi", baseline="bdi.pre"),),
        covariates=(Covariate("drug", reference="No"), Covariate("length", reference="<6m")),
        models=Models(adjusted=("drug", "length")),
    )
    return plan, trial


@pytest.mark.parametrize("rule", ["satterthwaite", "kenward_roger"])
def test_a_real_trial_equals_lmertest_and_pbkrtest(rule):
    """R models the score, we its change: with the baseline at each month the difference of arms is
    the same. The baseline is no covariate of the plan and is in the model nevertheless."""
    plan, trial = beat_the_blues()
    got = table(plan, trial, outcomes=("bdi",), degrees_of_freedom=rule)
    for month, tests in R["BtheB_visits_1_3_4"]["tests"].items():
        row, expected = got.loc[month, "mean_difference", "BtheB:TAU"], tests[rule]
        assert row["estimate"] == pytest.approx(expected["estimate"], rel=OPTIMIZER)
        assert row["std_error"] == pytest.approx(expected["se"], rel=OPTIMIZER)
        assert row["df"] == pytest.approx(expected["df"], rel=DEGREES)
        assert row["p_value"] == pytest.approx(expected["p"], rel=1e-5)
        omnibus = got.loc[month, "omnibus_wald", "all"]  # of two arms: the square of their t
        assert omnibus["statistic"] == pytest.approx(row["statistic"] ** 2, rel=EXACT)
        assert omnibus["p_value"] == pytest.approx(row["p_value"], rel=EXACT)
        assert omnibus["df"] == 1
    words = {"satterthwaite": "Satterthwaite df", "kenward_roger": "Kenward-Roger SE and df"}
    assert row["method"] == (
        "mixed model for repeated measures, unstructured covariance, REML; t with " + words[rule]
    )
    assert not got.index.isin(["protected_test", "adjusted_test"], level="quantity").any()


# ------------------------------------------------------------------------------ against identities


def complete(n=60, seed=2) -> tuple[Plan, TrialData]:
    """Everybody seen at every visit, an outcome without baseline, no covariates."""
    rng = np.random.default_rng(seed)
    arm = np.array(["PT", "HC", "UC"])[np.arange(n) % 3]
    scores = rng.normal(size=(n, 2)) @ [[1.0, 0.7], [0.0, 0.7]] + 0.4 * (arm == "PT")[:, None]
    people = pd.DataFrame({"participant_id": [f"R{k:02d}" for k in range(n)], "arm": arm})
    trial = TrialData(
        people, ("3", "6"), np.ones(n, bool), np.full(n, 2), {}, {}, "SYNTHETIC",
        change={"pgic": scores},
    )  # fmt: skip
    plan = replace(
        oracle.PLAN,
        visits=(Visit("3"), Visit("6"), Visit("12")),
        outcomes=(Outcome("pgic", visits=(Visit("3"), Visit("6"))),),
        models=Models(multiplicity="holm", own_baseline=True),
    )
    return plan, trial


def test_complete_data_without_covariates_give_the_analysis_of_variance():
    plan, trial = complete()
    got, arm = table(plan, trial, outcomes=("pgic",)), trial.people["arm"]
    assert sorted(set(got.index.get_level_values("month"))) == ["", "3", "6"]
    for j, month in enumerate(("3", "6")):
        groups = {a: trial.change["pgic"][arm == a, j] for a in ("PT", "HC", "UC")}
        expected = stats.f_oneway(*groups.values())
        omnibus = got.loc[month, "omnibus_wald", "all"]
        assert omnibus["statistic"] == pytest.approx(expected.statistic, rel=EXACT)
        assert omnibus["p_value"] == pytest.approx(expected.pvalue, rel=EXACT)
        assert (omnibus["df"], omnibus["n"]) == (2, 60)
        assert omnibus["method"].endswith("F with 57.0 denominator df")
        for a, values in groups.items():
            mean = got.loc[month, "mean", a]
            assert mean["estimate"] == pytest.approx(values.mean(), rel=EXACT)
            assert (mean["df"], mean["n"]) == (pytest.approx(57), 20)
        sd = got.loc[month, "sd_change", "UC"]["estimate"]
        assert sd == pytest.approx(groups["UC"].std(ddof=1), rel=EXACT)
        raw = [got.loc[month, "mean_difference", f"{a}:{b}"]["p_value"] for a, b in plan.contrasts]
        holm = [got.loc[month, "adjusted_test", f"{a}:{b}"]["p_value"] for a, b in plan.contrasts]
        order = np.argsort(raw)
        assert holm[order[0]] == pytest.approx(min(1, 3 * raw[order[0]]), rel=EXACT)


def test_standardized_differences_are_in_units_of_the_reference_arm(whole):
    change, arm = TRIAL.change["severity"], TRIAL.people["arm"].to_numpy()
    for j, month in enumerate(oracle.MONTHS):
        sd = np.nanstd(change[arm == "UC", j], ddof=1)
        assert whole.loc[month, "sd_change", "UC"]["estimate"] == pytest.approx(sd, rel=EXACT)
        for one, other in oracle.PLAN.contrasts:
            points = whole.loc[month, "mean_difference", f"{one}:{other}"]
            scaled = whole.loc[month, "standardized_difference", f"{one}:{other}"]
            for name in ("estimate", "std_error", "lower", "upper"):
                assert scaled[name] == pytest.approx(points[name] / sd, rel=EXACT)
            for name in ("statistic", "df", "p_value", "n"):
                assert scaled[name] == points[name]
            assert scaled["method"] == (
                f"{points['method']}; divided by the SD of the observed change in UC at the "
                "visit, taken as known"
            )


def test_rows_count_the_people_observed_at_the_visit(whole):
    seen, arm = ~np.isnan(TRIAL.change["severity"]), TRIAL.people["arm"]
    for j, month in enumerate(oracle.MONTHS):
        n = {a.id: int(seen[arm == a.id, j].sum()) for a in oracle.PLAN.arms}
        for id, count in n.items():
            assert whole.loc[month, "mean_change", id]["n"] == count
        assert whole.loc[month, "omnibus_wald", "all"]["n"] == sum(n.values())
        for one, other in oracle.PLAN.contrasts:
            for quantity in ("mean_difference", "standardized_difference", "protected_test"):
                assert whole.loc[month, quantity, f"{one}:{other}"]["n"] == n[one] + n[other]


def test_pairs_are_protected_and_the_method_says_what_is_ignored(whole):
    assert set(whole["status"]) == {"post_hoc"}
    for month in oracle.MONTHS:
        assert whole.loc[month, "omnibus_wald", "all"]["p_value"] < 0.05
        for one, other in oracle.PLAN.contrasts:
            points = whole.loc[month, "mean_difference", f"{one}:{other}"]
            test = whole.loc[month, "protected_test", f"{one}:{other}"]
            assert test["p_value"] == points["p_value"]
            assert test["method"] == (
                "Fisher's protected LSD: omnibus p below 0.05, so tested at 0.05"
            )
    assert points["method"] == (
        "mixed model for repeated measures, unstructured covariance, REML; clustering by coach "
        "ignored; t with Satterthwaite df"
    )


def test_the_omnibus_test_rests_on_the_fewest_degrees_of_freedom(whole):
    for month in oracle.MONTHS:
        omnibus = whole.loc[month, "omnibus_wald", "all"]
        dfs = [whole.loc[month, "mean_difference", f"{a}:UC"]["df"] for a in ("PT", "HC")]
        assert dfs[0] != pytest.approx(dfs[1], rel=1e-3)
        p = stats.f.sf(omnibus["statistic"], 2, min(dfs))
        assert omnibus["p_value"] == pytest.approx(p, rel=EXACT)
        assert omnibus["method"].endswith(f"; F with {min(dfs):.1f} denominator df")


def test_order_of_people_changes_nothing(whole):
    order = np.random.default_rng(4).permutation(len(TRIAL.people))
    other = table(trial=TRIAL.take(order))
    numbers = list(ard.NUMBERS)
    pd.testing.assert_index_equal(other.index, whole.index)
    np.testing.assert_allclose(other[numbers], whole[numbers], rtol=1e-7)


def test_covariates_are_those_of_the_entry_and_the_own_baseline_always(whole):
    own = table(covariates=("male",))
    same = table(covariates=("male", "severity_0"))
    pd.testing.assert_frame_equal(own, same)
    key = ("3", "mean_difference", "PT:UC")
    assert own.loc[key, "std_error"] > whole.loc[key, "std_error"]


def test_several_outcomes_have_rows_of_their_own():
    plan = replace(
        oracle.PLAN, outcomes=(*oracle.PLAN.outcomes, Outcome("pgic", visits=(Visit("12"),)))
    )
    score = TRIAL.change["severity"][:, 2:] + 4
    trial = replace(TRIAL, change=TRIAL.change | {"pgic": score})
    both = entry(outcomes=("severity", "pgic"))
    assert len(mmrm.jobs(both, plan, trial)) == 2
    frame = ard.check(ard.frame(simulated.done(mmrm, both, plan, trial)))
    assert list(dict.fromkeys(frame["outcome"])) == ["severity", "pgic"]
    last = frame[frame["outcome"] == "pgic"]
    assert set(last["month"]) == {"", "12"}
    assert not (last["quantity"] == "residual_correlation").any()
    assert {"mean"} == {q for q in last["quantity"] if q.startswith("mean") and "_" not in q}
    people = (~np.isnan(score)).sum() - (len(oracle.Z) - 2 + 3 + 3 + 3)
    differences = last[last["quantity"] == "mean_difference"]
    assert differences["df"].to_numpy() == pytest.approx(people, rel=EXACT)


# ------------------------------------------------------------------- what cannot be estimated


def not_estimable(plan, trial, **keys) -> pd.Series:
    (row,) = simulated.done(mmrm, entry(**keys), plan, trial)
    ard.check(ard.frame([row]))
    assert (row["quantity"], row["level"], row["month"]) == ("not_estimable", "all", "")
    return row


def test_an_arm_that_nobody_represents_at_a_visit_is_a_row_with_its_reason():
    change = TRIAL.change["severity"].copy()
    change[TRIAL.people["arm"] == "HC", 2] = np.nan
    row = not_estimable(oracle.PLAN, replace(TRIAL, change={"severity": change}))
    assert row["reason"].startswith("nobody is observed of arm HC at month 12, so its mean")
    assert row["n"] == (~np.isnan(change)).any(axis=1).sum()
    nobody = not_estimable(oracle.PLAN, replace(TRIAL, change={"severity": change * np.nan}))
    assert nobody["n"] == 0
    assert "PT at month 3, HC at month 3, UC at month 3, PT at month 6" in nobody["reason"]


def test_columns_that_repeat_each_other_are_a_row_with_its_reason():
    trial = replace(TRIAL, people=TRIAL.people.assign(male=TRIAL.people["urban"]))
    row = not_estimable(oracle.PLAN, trial)
    assert "some are constant or repeat others" in row["reason"]


def test_visits_that_repeat_each_other_are_a_row_with_its_reason():
    plan, trial = complete()
    change = trial.change["pgic"][:, [0, 0]]
    row = not_estimable(plan, replace(trial, change={"pgic": change}), outcomes=("pgic",))
    assert "covariance of visits is singular" in row["reason"]


def test_data_without_the_score_are_refused():
    trial = replace(TRIAL, change={"other": TRIAL.change["severity"]})
    (job,) = mmrm.jobs(entry(), oracle.PLAN, trial)
    with pytest.raises(ValueError, match=r"no score of outcome 'severity' \(found other\)"):
        job()
