"""The selection rule on data whose answer is known, its p-values by statsmodels."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses import simulated
from tests.analyses.simulated import PLAN
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing import selected_covariates
from trialrr.analyses.missing.entries import SelectedCovariates
from trialrr.analyses.procedure import model, rows
from trialrr.design.matrix import covariate_columns

TRIAL = simulated.trial()
CANDIDATES = ("burden", "distance", "noise")
P_VALUE = 1e-7  # relative; statsmodels stops its iterations a little earlier


def entry(**keys) -> SelectedCovariates:
    keys = {"outcomes": ("severity",), "of": "main", "candidates": CANDIDATES} | keys
    return SelectedCovariates("selected", "post_hoc", **keys, kind="selected_covariates")


def by_statsmodels(candidate: str) -> tuple[float, float]:
    import statsmodels.api as sm

    people = TRIAL.people
    base = [PLAN.covariate(id) for id in (*PLAN.models.adjusted, candidate)]
    z = covariate_columns(people, base)
    arms = np.column_stack([people["arm"] == a for a in ("PT", "HC")]).astype(float)
    design = np.column_stack([np.ones(len(people)), arms, z.values])
    last = np.eye(design.shape[1])[[n.startswith(candidate) for n in ("", "", "", *z.names)]]
    logit = sm.GLM(TRIAL.seen.astype(float), design, sm.families.Binomial()).fit(tol=1e-14)
    cluster = np.where(people["arm"] == "HC", people["cluster"], people["participant_id"])
    y = TRIAL.responder["severity"][:, 0]
    seen = ~np.isnan(y)
    poisson = sm.GLM(y[seen], design[seen], sm.families.Poisson()).fit(
        tol=1e-14,
        cov_type="cluster",
        cov_kwds={"groups": np.unique(cluster[seen], return_inverse=True)[1],
                  "use_correction": False},
    )  # fmt: skip
    tests = [fit.wald_test(last, use_f=False, scalar=True) for fit in (logit, poisson)]
    return tuple(float(t.pvalue) for t in tests)


@pytest.fixture(scope="module")
def table():
    return simulated.done(selected_covariates, entry(), PLAN, TRIAL)


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_p_values_by_statsmodels(table, candidate):
    found = {r["quantity"]: r for r in table if r["level"] == candidate}
    got = [found[f"selection_p_{model}"]["p_value"] for model in ("missing", "outcome")]
    np.testing.assert_allclose(got, by_statsmodels(candidate), rtol=P_VALUE)
    assert found["selection_p_outcome"]["df"] == (2 if candidate == "burden" else 1)


def headline(table) -> pd.DataFrame:
    kept = [r for r in table if r["quantity"] in ("risk", "risk_ratio", "risk_difference")]
    kept = ard.frame(kept).drop(columns=["analysis", "method", "status"])
    return kept.sort_values(["quantity", "month", "level"], ignore_index=True)


def fitted(**keys) -> list[dict]:
    of = replace(PLAN.analysis("main"), **keys)
    result = model.fit(of, "severity", PLAN, TRIAL)
    return rows.result_rows(result, of, "severity", PLAN)


def test_what_drives_both_is_selected_and_nothing_else(table):
    verdicts = {r["level"]: r["estimate"] for r in table if r["quantity"] == "selected"}
    assert verdicts == {"burden": 1, "distance": 0, "noise": 0}
    joined = fitted(covariates=(*PLAN.models.adjusted, "burden"))
    pd.testing.assert_frame_equal(headline(table), headline(joined), check_exact=True)
    assert any(r["method"].endswith("covariates selected: burden") for r in table)
    ard.check(ard.frame(table))


def test_with_nothing_selected_it_is_the_entry_and_says_so():
    table = simulated.done(selected_covariates, entry(candidates=("noise",)), PLAN, TRIAL)
    pd.testing.assert_frame_equal(headline(table), headline(fitted()), check_exact=True)
    words = "covariates selected: none, so the same as main"
    assert all(r["method"].endswith(words) for r in table if r["quantity"] == "risk_ratio")


def test_a_candidate_that_cannot_be_tested_is_not_selected_and_says_why():
    """Everybody of a site was seen: no logistic maximum exists with that site's indicator."""
    odd = np.where(TRIAL.seen & (np.arange(len(TRIAL.seen)) % 5 == 0), "yes", "no")
    people = TRIAL.people.assign(burden=odd)
    plan = replace(
        PLAN,
        covariates=tuple(
            replace(c, reference="no") if c.id == "burden" else c for c in PLAN.covariates
        ),
    )
    table = simulated.done(
        selected_covariates, entry(candidates=("burden",)), plan, replace(TRIAL, people=people)
    )
    missing, outcome, verdict = table[:3]
    assert np.isnan(missing["p_value"]) and missing["method"] == "not selected, for want of a test"
    assert missing["reason"] != ""
    assert np.isfinite(outcome["p_value"]) and verdict["estimate"] == 0


def test_a_candidate_that_is_adjusted_for_anyway_is_refused():
    with pytest.raises(ValueError, match="site of the candidates are among the covariates of main"):
        simulated.done(selected_covariates, entry(candidates=("noise", "site")), PLAN, TRIAL)
