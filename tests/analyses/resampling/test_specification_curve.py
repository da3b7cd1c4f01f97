"""Kind `specification_curve` on the simulated trial of sap_oracle."""

from functools import cache

import numpy as np
import pytest

from tests.analyses import oracle
from tests.analyses.resampling.test_rerandomization import SCHEME, trial
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing import imputed_scores
from trialrr.analyses.missing.entries import MultipleImputation
from trialrr.analyses.procedure import risks
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.resampling import specification_curve
from trialrr.analyses.resampling.entries import OutcomeDefinition, SpecificationCurve
from trialrr.plan import Outcome, Population

ESTIMATE, STD_ERROR = 1e-8, 1e-6
LATE = {"randomized_from": "2022-01-01"}
ENTRY = SpecificationCurve(
    "curve",
    "exploratory",
    ("severity",),
    populations={"all": {}, "late": LATE},
    definitions={"usual": {"outcome": "severity", "threshold": "0.30"}},
    missing=tuple(specification_curve.MISSING),
    covariates={"none": (), "plan": oracle.Z},
    estimators=tuple(specification_curve.ESTIMATORS),
    draws=300,
)
PLAN = replace(oracle.PLAN, seed=11, randomization=SCHEME, analyses=(ENTRY,))


@cache
def done():
    return {t: specification_curve.run(t, ENTRY, PLAN, trial()) for t in tasks()}


def tasks():
    return specification_curve.tasks(ENTRY, PLAN)


@cache
def table():
    rows = specification_curve.rows(ENTRY, PLAN, trial(), done())
    return ard.check(ard.frame(rows)).set_index(["quantity", "level", "subgroup"]).sort_index()


def specification(level, *names):
    parts = zip(specification_curve.DIMENSIONS, names, strict=True)
    return table().loc[("risk_ratio", level, "; ".join(f"{k}={v}" for k, v in parts))]


def test_there_is_a_row_for_every_combination_and_contrast_with_the_reference():
    rows = table().loc["risk_ratio"]
    assert len(rows) == 2 * (2 * 1 * 6 * 2 * 4)
    assert set(rows.index.get_level_values("level")) == {"PT:UC", "HC:UC"}
    assert table().loc[("specifications", "all", ""), "estimate"] == 96
    assert table().loc[("specifications_failed", "all", ""), "estimate"] == 0


@pytest.mark.parametrize(
    ("missing", "estimator", "golden"),
    [
        ("weighted_pattern_mixture", "modified_poisson", "main_fixed"),
        ("weighted_pattern_mixture", "person_poisson", "main_person_fixed"),
        ("complete_case", "modified_poisson", "complete_case"),
        ("complete_case", "person_poisson", "complete_case_person"),
        ("worst_best_case", "modified_poisson", "worst_best_case"),
        ("complete_case", "standardized_poisson", "complete_case"),
    ],
)
def test_specifications_equal_r(missing, estimator, golden):
    for row in oracle.EXPECTED[golden]:
        if (row["quantity"], row["month"]) == ("risk_ratio", 3) and row["level"] != "HC:PT":
            names = ("all", "usual", missing, "plan", estimator)
            found = specification(row["level"], *names)
            assert found["estimate"] == pytest.approx(row["estimate"], rel=ESTIMATE)
            assert found["std_error"] == pytest.approx(row["se_link"], rel=STD_ERROR)
            assert found["upper"] == pytest.approx(row["upper"], rel=STD_ERROR)


AS_ENTRY = {
    "complete_case": {"missing": "complete_case"},
    "weighted": {"missing": "complete_case", "weights": "response"},
    "pattern_mixture": {"missing": "pattern_mixture"},
    "weighted_pattern_mixture": {"missing": "pattern_mixture", "weights": "response"},
    "worst_best_case": {"missing": "worst_best_case"},
}
ESTIMATORS = {
    "modified_poisson": {},
    "person_poisson": {"clusters": "person"},
    "standardized_poisson": {"risks": "standardized"},
    "standardized_logistic": {"risks": "standardized", "model": "logistic"},
}


@pytest.mark.parametrize(
    ("population", "missing", "covariates", "estimator"),
    [
        ("late", "weighted_pattern_mixture", "plan", "standardized_logistic"),
        ("late", "weighted", "none", "person_poisson"),
        ("all", "pattern_mixture", "none", "standardized_poisson"),
        ("all", "weighted", "plan", "standardized_logistic"),
        ("late", "worst_best_case", "plan", "standardized_logistic"),
        ("late", "pattern_mixture", "plan", "modified_poisson"),
    ],
)
def test_specifications_equal_the_fit_of_the_same_entry(population, missing, covariates, estimator):
    ids = ENTRY.covariates[covariates]
    keys = AS_ENTRY[missing] | ESTIMATORS[estimator]
    entry = oracle.entry(population=ENTRY.populations[population], covariates=ids, **keys)
    result = fit(entry, "severity", PLAN, trial())
    expected = risks.at_month(result, entry, PLAN, "3")
    for arm in ("PT", "HC"):
        ratio = expected.ratio(arm, "UC")
        found = specification(f"{arm}:UC", population, "usual", missing, covariates, estimator)
        assert found["estimate"] == pytest.approx(ratio.estimate, rel=ESTIMATE)
        for cell in ("std_error", "lower", "upper"):
            assert found[cell] == pytest.approx(getattr(ratio, cell), rel=STD_ERROR)
        assert found["n"] == len(np.unique(result.person))


@pytest.mark.parametrize("estimator", ["modified_poisson", "standardized_logistic"])
def test_multiple_imputations_are_pooled_as_their_kind_does(estimator):
    entry = MultipleImputation("curve", "exploratory", iterations=10)
    entry = replace(entry, id="curve all")
    own = imputed_scores.trial(entry, "severity", PLAN, trial())
    filled = imputed_scores.responders(
        own, imputed_scores.scores(own, entry, "severity", PLAN, 0)[0]
    )
    fits = imputed_scores.fit(own, filled)
    for level, arm in (("PT:UC", 0), ("HC:UC", 1)):
        pooled = imputed_scores.log_ratio(fits.log_risk, fits.covariance, 0, arm, 2, own.df)
        found = specification(level, "all", "usual", "multiple_imputation", "plan", estimator)
        assert found["n"] == len(own.score) and "Barnard-Rubin" in found["method"]
        if estimator == "modified_poisson":
            assert np.log(found["estimate"]) == pytest.approx(pooled.estimate, rel=ESTIMATE)
            assert found["std_error"] == pytest.approx(np.sqrt(pooled.total), rel=STD_ERROR)
            assert found["df"] == pytest.approx(pooled.df, rel=STD_ERROR)
        else:
            assert np.log(found["estimate"]) == pytest.approx(pooled.estimate, rel=0.05)


def test_the_joint_test_is_over_all_specifications_and_draws():
    for level in ("PT:UC", "HC:UC"):
        share, median = (
            table().loc[(quantity, level, "")]
            for quantity in ("share_significant", "median_risk_ratio")
        )
        assert 1 / 301 <= share["p_value"] <= 1 and 0 <= share["lower"] <= share["upper"] <= 1
        assert 1 / 301 <= median["p_value"] <= 1 and median["lower"] < median["upper"]
        fitted = table().loc[("median_risk_ratio_fitted", level, ""), "estimate"]
        assert np.log(median["estimate"]) == pytest.approx(np.log(fitted), abs=0.1)
    effects = np.concatenate([p["effect"][0, ..., 0].ravel() for p in done().values()])
    own = np.concatenate([p["effect"][0][..., [0, 0, 0, 1], 0].ravel() for p in done().values()])
    assert len(effects) == 48 and len(own) == 96
    expected = np.exp(np.median(own))
    assert table().loc[("median_risk_ratio", "PT:UC", ""), "estimate"] == pytest.approx(expected)


def test_scores_of_the_own_assignment_are_near_the_wald_tests():
    """But for imputations, which are others without arm."""
    imputed = ("pattern_mixture", "weighted_pattern_mixture", "multiple_imputation")
    same = [k for k, missing in enumerate(ENTRY.missing) if missing not in imputed]
    for part in done().values():
        found = part["z"][0][..., [0, 0, 0, 1], :]
        wald = part["log_ratio"] / np.sqrt(part["variance"])
        assert found[:, :, same] == pytest.approx(wald[:, :, same], abs=0.3)


def test_all_tasks_repeat_the_same_draws_and_fewer_are_the_first_of_them():
    data = trial()
    part = specification_curve.run("late", ENTRY, PLAN, data)
    assert np.array_equal(part["effect"], done()["late"]["effect"])
    fewer = replace(
        ENTRY,
        draws=20,
        estimators=("person_poisson",),
        missing=("complete_case",),
        covariates={"none": ()},
    )
    some = specification_curve.run("all", fewer, PLAN, data)
    whole = done()["all"]
    assert some["z"].shape == (21, 1, 1, 1, 1, 2)
    assert some["z"][:, 0, 0, 0, 0] == pytest.approx(whole["z"][:21, 0, 0, 0, 0], rel=1e-5)


def test_a_definition_that_nobody_reaches_is_counted_and_told():
    data = trial()
    never = np.where(np.isnan(data.responder["severity"]), np.nan, 0.0)
    data = replace(
        data,
        responder=data.responder | {"never": never},
        reduction=data.reduction | {"never": data.reduction["severity"]},
    )
    outcomes = (*PLAN.outcomes, Outcome("never", baseline="severity_0", threshold="0.30"))
    plan = replace(PLAN, outcomes=outcomes)
    entry = replace(
        ENTRY,
        populations={"all": Population()},
        covariates={"none": ()},
        definitions=ENTRY.definitions | {"never": OutcomeDefinition(outcome="never")},
        missing=("complete_case",),
        draws=50,
    )
    parts = {"all": specification_curve.run("all", entry, plan, data)}
    rows = ard.check(ard.frame(specification_curve.rows(entry, plan, data, parts)))
    lost = rows[rows["subgroup"].str.contains("definition=never")]
    assert len(lost) == 8 and lost["estimate"].isna().all()
    assert (lost["method"] == "no estimate").all()
    assert lost["reason"].str.startswith("the").all()
    counts = rows[rows["level"] == "all"].set_index("quantity")["estimate"]
    assert counts["specifications"] == 8 and counts["specifications_failed"] == 4
    assert counts["draws_failed"] == 0
    assert rows[rows["quantity"] == "share_significant"]["p_value"].notna().all()

    alone = replace(entry, definitions={"never": OutcomeDefinition(outcome="never")})
    parts = {"all": specification_curve.run("all", alone, plan, data)}
    none = ard.check(ard.frame(specification_curve.rows(alone, plan, data, parts)))
    tests = none[none["quantity"].isin(["share_significant", "median_risk_ratio"])]
    assert tests["estimate"].isna().all() and (tests["reason"] != "").all()
    assert none.set_index("quantity").loc["specifications_failed", "estimate"] == 4
