"""Kind informative_odds: its special points are other analyses, its variance is a bootstrap's."""

import numpy as np
import pytest

from tests.analyses.oracle import EXPECTED, PLAN, data, entry
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing import informative_odds
from trialrr.analyses.missing.entries import InformativeOdds
from trialrr.analyses.procedure.arrays import arrays
from trialrr.analyses.procedure.model import fit
from trialrr.missing import informative
from trialrr.plan import Models
from trialrr.resample import newton
from trialrr.resample.cells import poisson
from trialrr.resample.draws import bootstrap_counts
from trialrr.seeds import stream

LIMIT = 1e-9  # an odds ratio as good as 0; 1/LIMIT as good as infinite
ESTIMATE, STD_ERROR = 1e-7, 1e-6  # relative; the first by LIMIT over a risk, the second as goldens
REPLICATES = 600  # Monte Carlo error of a bootstrap SE 1/√(2·600) = 3 %


def odds(active=(1.0,), control=(1.0,), points=()) -> InformativeOdds:
    return InformativeOdds(
        "odds", "post_hoc", ("severity",), active=active, control=control, points=points
    )


def table(plan=PLAN, **keys):
    """Rows as (month, subgroup, quantity, level) → row."""
    own = odds(**keys)
    done = {task: informative_odds.run(task, own, plan, data()) for task in own.outcomes}
    found = ard.check(ard.frame(informative_odds.rows(own, plan, data(), done)))
    return found.set_index(["month", "subgroup", "quantity", "level"])


def without_covariates():
    return replace(PLAN, models=Models(multiplicity="none"))


def compare(rows, result, plan, subgroup=""):
    """Log risk ratios and their standard errors against a fit's."""
    for a, b in plan.contrasts:
        if subgroup and b != plan.reference:
            continue
        row = rows.loc[("3", subgroup, "risk_ratio", f"{a}:{b}")]
        contrast = result.profiles[a, "3"] - result.profiles[b, "3"]
        assert np.log(row["estimate"]) == pytest.approx(contrast @ result.fit.coef, abs=ESTIMATE)
        se = np.sqrt(contrast @ result.covariance.matrix @ contrast)
        assert row["std_error"] == pytest.approx(se, rel=STD_ERROR)


def test_odds_ratio_1_without_covariates_is_complete_cases():
    plan = without_covariates()
    result = fit(entry(missing="complete_case", covariates=()), "severity", plan, data())
    compare(table(plan), result, plan)


def test_odds_ratios_0_and_infinity_are_the_worst_case():
    result = fit(entry(missing="worst_best_case"), "severity", PLAN, data())
    rows = table(active=(LIMIT, 1.0), control=(1.0, 1 / LIMIT))
    compare(rows, result, PLAN, "imor_active=1e-09; imor_control=1e+09")
    # and thus R's
    row = rows.loc[("3", "imor_active=1e-09; imor_control=1e+09", "risk_ratio", "PT:UC")]
    golden = next(
        g
        for g in EXPECTED["worst_best_case"]
        if (g["month"], g["quantity"], g["level"]) == (3, "risk_ratio", "PT:UC")
    )
    assert row["estimate"] == pytest.approx(golden["estimate"], rel=ESTIMATE)
    assert row["std_error"] == pytest.approx(golden["se_link"], rel=STD_ERROR)


def test_the_stacked_variance_agrees_with_a_bootstrap():
    """Coaches resampled in HC and people elsewhere; both models fitted anew."""
    own = odds((0.4, 1.0), (1.0, 2.0))
    done = informative_odds.run("severity", own, PLAN, data())
    whole = arrays(PLAN.models.adjusted, "severity", PLAN, data())
    rng = stream(1, "test", "bootstrap of odds ratios")
    counts = bootstrap_counts(rng, REPLICATES, whole.arm, whole.cluster, set(whole.nested))
    trial = informative_odds._trial("severity", PLAN, data())
    seen = ~np.isnan(trial.responder)
    columns = trial.design.reshape(-1, trial.design.shape[-1])
    by_row = np.repeat(counts, 3, axis=1)[:, seen.ravel()]
    fits = newton.logistic(columns[seen.ravel()], trial.responder[seen], by_row)
    theta, converged = fits.coef, fits.converged
    assert converged.all()
    probability = 1 / (1 + np.exp(-(theta @ columns.T)))
    ratio = np.where(whole.arm == trial.reference, 2.0, 0.4)
    filled = np.stack(
        [informative.fill(trial.responder, p.reshape(-1, 3), ratio) for p in probability]
    )
    fits = poisson(trial.cells, filled, counts)
    z = whole.covariates.values
    drawn = fits.log_risks(counts @ z / counts.sum(axis=1)[:, None]).reshape(REPLICATES, -1)
    contrasts = np.vstack([np.eye(9), np.kron([[1, 0, -1], [0, 1, -1], [-1, 1, 0]], np.eye(3))])
    v = done["covariance"][0, 1]
    stacked = np.sqrt(np.einsum("ij,jk,ik->i", contrasts, v, contrasts))
    ratio = stacked / (drawn @ contrasts.T).std(axis=0, ddof=1)
    assert 0.95 < ratio.mean() < 1.05
    assert (ratio > 0.85).all() and (ratio < 1.18).all()


def test_rows_are_the_headline_the_grid_and_where_it_tips():
    active, control = (0.01, 0.2, 0.5, 1.0, 2.0), (0.5, 1.0, 5.0)
    rows = table(active=active, control=control)
    headline = rows.loc[(slice(None), "", "risk_ratio"), :]
    assert len(headline) == 9 and headline["n_imputed"].gt(0).all()
    assert rows["df"].isna().all()  # z
    grid = rows[rows.index.get_level_values("subgroup") != ""]
    assert len(grid) == 2 * len(active) * len(control)
    for level in ("PT:UC", "HC:UC"):
        at = "imor_active={:g}; imor_control={:g}".format
        ratios = [
            [rows.loc[("3", at(a, c), "risk_ratio", level), "estimate"] for c in control]
            for a in active
        ]
        assert (np.diff(ratios, axis=0) > 0).all() and (np.diff(ratios, axis=1) < 0).all()
        same = ["estimate", "std_error", "lower", "upper", "p_value"]
        one = rows.loc[("3", at(1, 1), "risk_ratio", level), same]
        assert one.tolist() == rows.loc[("3", "", "risk_ratio", level), same].tolist()
        includes = [
            a
            for a in active
            if a <= 1 and rows.loc[("3", at(a, 1), "risk_ratio", level), "lower"] <= 1
        ]
        tip = rows.loc[("3", "", "tipping_imor", level)]
        if includes:
            assert tip["estimate"] == max(includes)
        else:
            assert np.isnan(tip["estimate"]) and tip["method"].endswith(
                "none on the grid, down to 0.01"
            )


@pytest.mark.parametrize(
    ("lower", "at", "words"),
    [
        ((0.9, 0.9, 1.1), 0.5, "at IMOR 1"),
        ((0.8, 0.9, 0.95), 1.0, "it does so already at missing at random"),
        ((1.1, 1.2, 1.3), np.nan, "none on the grid, down to 0.2"),
    ],
)
def test_the_tipping_point_is_the_smallest_departure(lower, at, words):
    own = odds((0.2, 0.5, 1.0, 2.0))
    limits = np.array([[*lower, 0.5], [1.5, 1.6, 1.7, 1.8]]).T
    found = informative_odds._tipping(own, PLAN, "PT:UC", limits)
    assert found["estimate"] == pytest.approx(at, nan_ok=True)
    assert found["method"].endswith(words)


def test_a_cell_without_an_event_is_a_row_with_its_reason():
    trial = data()
    responder = trial.responder["severity"].copy()
    arm = trial.people["arm"].to_numpy() == "PT"
    responder[arm, 2] = np.where(np.isnan(responder[arm, 2]), np.nan, 0)
    trial = replace(trial, responder={"severity": responder})
    done = {"severity": informative_odds.run("severity", odds(), PLAN, trial)}
    (row,) = informative_odds.rows(odds(), PLAN, trial, done)
    assert (row["quantity"], row["outcome"]) == ("not_estimable", "severity")
    assert row["reason"].startswith("the logistic model of the observed responders on arm x month")


def test_complete_cases_stand_at_odds_ratio_1_and_the_worst_case_beyond_the_grid():
    plan = without_covariates()
    cases = entry(missing="complete_case", covariates=())
    worst = replace(entry(missing="worst_best_case", covariates=()), id="worst")
    plan = replace(plan, analyses=(cases, worst))
    found = table(plan, active=(0.5, 1.0, 2.0), control=(0.5, 1.0, 2.0), points=(cases.id, "worst"))
    for arm in ("PT", "HC", "UC"):
        own = found.loc[("3", f"of={cases.id}", "equivalent_imor", arm)]
        assert own["estimate"] == pytest.approx(1, abs=1e-9)
        got = found.loc[("3", "of=worst", "equivalent_imor", arm)]
        expected = (2.0, np.nan) if arm == "UC" else (np.nan, 0.5)
        np.testing.assert_equal((got["lower"], got["upper"]), expected)
