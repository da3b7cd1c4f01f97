"""Kind reference_based: its two variances on the simulated trial, identities, failures."""

import numpy as np
import pytest

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.missing import reference_based
from trialrr.analyses.missing.entries import ReferenceBased
from trialrr.analyses.procedure import model
from trialrr.analyses.procedure.data import TrialData
from trialrr.estimate.fit import FitError
from trialrr.missing import bootstrap_then_impute, rubin
from trialrr.resample.cells import Cells, poisson
from trialrr.seeds import stream

ESTIMATE, STD_ERROR = 1e-8, 1e-6  # relative, as the goldens say
EXACT = 1e-12
BOTH = ("", "_bootstrap")
SMALL = {"imputations": 30, "burn_in": 20, "bootstraps": 45, "per_bootstrap": 2}


def based(**keys) -> ReferenceBased:
    own = {"rule": "jump_to_reference"} | SMALL | keys
    return ReferenceBased("based", "post_hoc", ("severity",), **own)


def done(own: ReferenceBased, trial: TrialData, plan=PLAN) -> dict:
    tasks = reference_based.tasks(own, plan)
    return {task: reference_based.run(task, own, plan, trial) for task in reversed(tasks)}


def table(own: ReferenceBased, trial: TrialData, arrays: dict, plan=PLAN):
    found = ard.check(ard.frame(reference_based.rows(own, plan, trial, arrays)))
    return found.set_index(["month", "quantity", "level"])


@pytest.fixture(scope="module")
def jumped():
    own = based()
    arrays = done(own, data())
    return arrays, table(own, data(), arrays)


def without(trial: TrialData, gone: np.ndarray) -> TrialData:
    """The trial with the outcomes (n, J) `gone` not seen."""
    grids = {
        k: {"severity": np.where(gone, np.nan, getattr(trial, k)["severity"])}
        for k in ("responder", "reduction")
    }
    return replace(trial, **grids)


def test_tasks_are_blocks_of_fixed_size(jumped):
    arrays, _ = jumped
    assert reference_based.tasks(based(), PLAN) == [
        *(f"rubin/severity/0000{k}" for k in range(2)),
        *(f"bootstrap/severity/0000{k}" for k in range(3)),
    ]
    assert {a["log_risk"].shape for a in arrays.values()} == {(25, 3, 3), (20, 2, 3, 3)}
    more = based(imputations=26, bootstraps=41)
    for task in ("rubin/severity/00001", "bootstrap/severity/00002"):
        again = reference_based.run(task, more, PLAN, data())
        assert all((again[k] == v).all() for k, v in arrays[task].items())


def test_rows_are_pooled_by_the_two_rules(jumped):
    arrays, rows = jumped
    a, b = 0, 6  # PT and UC at month 3
    parts = [arrays[f"rubin/severity/0000{k}"] for k in range(2)]
    log_risk = np.concatenate([p["log_risk"] for p in parts])[:30].reshape(30, 9)
    v = np.concatenate([p["covariance"] for p in parts])[:30]
    variance = v[:, a, a] + v[:, b, b] - 2 * v[:, a, b]
    pooled = rubin.pool(log_risk[:, a] - log_risk[:, b], variance, 12 + 776 + 777 - 22)
    row = rows.loc[("3", "risk_ratio", "PT:UC")]
    assert np.log(row["estimate"]) == pytest.approx(pooled.estimate, rel=EXACT)
    assert row[["std_error", "df"]].tolist() == pytest.approx([pooled.total**0.5, pooled.df])
    assert (
        row["n_imputed"]
        == np.isnan(data().responder["severity"][:, 0])[
            data().people["arm"].isin(["PT", "UC"])
        ].sum()
    )
    risk = np.exp(log_risk)
    variance = risk[:, a] ** 2 * v[:, a, a] + risk[:, b] ** 2 * v[:, b, b]
    variance -= 2 * risk[:, a] * risk[:, b] * v[:, a, b]
    pooled = rubin.pool(risk[:, a] - risk[:, b], variance, 12 + 776 + 777 - 22)
    row = rows.loc[("3", "risk_difference", "PT:UC")]
    assert row[["estimate", "std_error"]].tolist() == pytest.approx(
        [pooled.estimate, pooled.total**0.5]
    )
    parts = [arrays[f"bootstrap/severity/0000{k}"]["log_risk"] for k in range(3)]
    log_risk = np.concatenate(parts)[:45].reshape(45, 2, 9)
    components = bootstrap_then_impute.pool(log_risk[..., a] - log_risk[..., b])
    row = rows.loc[("3", "risk_ratio_bootstrap", "PT:UC")]
    assert np.log(row["estimate"]) == pytest.approx(components.estimate, rel=EXACT)
    expected = [components.variance**0.5, components.df]
    assert row[["std_error", "df"]].tolist() == pytest.approx(expected)
    counts = ("imputations", "imputations_failed", "replicates", "replicates_failed")
    assert [rows.loc[("", q, "all"), "estimate"] for q in counts] == [30, 0, 45, 0]


def test_both_pool_about_the_same_estimate(jumped):
    """Monte Carlo errors of 45 samples and 30 imputations are below a third of a standard error."""
    _, rows = jumped
    for month in PLAN.months:
        for level in ("PT:UC", "HC:UC", "HC:PT"):
            one, other = (rows.loc[(month, f"risk_ratio{k}", level)] for k in BOTH)
            apart = abs(np.log(one["estimate"] / other["estimate"]))
            assert apart < 0.5 * one["std_error"]
            assert 0.6 < other["std_error"] / one["std_error"] < 1.3


def test_rules_stand_in_their_order(jumped):
    """Whoever jumps to the reference loses the benefit, whoever copies its increments keeps what he
    had, and missing at random goes on as the own arm does."""
    ratios = [jumped[1].loc[("12", "risk_ratio", "PT:UC"), "estimate"]]
    for rule in ("copy_increments", "mar"):
        own = replace(based(bootstraps=20), rule=rule)
        rows = table(own, data(), done(own, data()))
        ratios.append(rows.loc[("12", "risk_ratio", "PT:UC"), "estimate"])
        assert rule == "mar" or "copy increments in reference" in rows["method"].iloc[0]
    assert 1 < ratios[0] < ratios[1] < ratios[2]


def test_nothing_missing_leaves_the_complete_cases():
    """Every imputation is the trial itself: no variance between, the sandwich of its fit within."""
    seen = ~np.isnan(data().responder["severity"]).any(axis=1)
    trial = data().take(seen)
    own = based(bootstraps=20)
    rows = table(own, trial, done(own, trial))
    fit = model.fit(entry(missing="complete_case"), "severity", PLAN, trial)
    for month in PLAN.months:
        for a, b in PLAN.contrasts:
            contrast = fit.profiles[a, month] - fit.profiles[b, month]
            row = rows.loc[(month, "risk_ratio", f"{a}:{b}")]
            assert np.log(row["estimate"]) == pytest.approx(contrast @ fit.fit.coef, abs=ESTIMATE)
            se = np.sqrt(contrast @ fit.covariance.matrix @ contrast)
            assert row["std_error"] == pytest.approx(se, rel=STD_ERROR)
            # the bootstrap has no variance within: that of 20 samples, 16 % of Monte Carlo error
            spread = rows.loc[(month, "risk_ratio_bootstrap", f"{a}:{b}"), "std_error"]
            assert 0.5 < spread / se < 1.7


def test_copies_of_a_person_may_enter_as_one_row_with_their_mean_outcome():
    rng = stream(1, "test copies")
    n = 300
    arm, z = rng.integers(0, 2, n), rng.normal(size=(n, 2))
    copies = rng.integers(1, 4, n)
    person = np.repeat(np.arange(n), copies)
    outcome = (rng.random((len(person), 2)) < 0.4).astype(float)
    single = poisson(Cells(arm[person], 2, 2, z[person]), outcome)
    share = np.add.reduceat(outcome, np.cumsum(copies) - copies) / copies[:, None]
    weighted = poisson(Cells(arm, 2, 2, z), share, copies.astype(float))
    assert weighted.cells == pytest.approx(single.cells, rel=ESTIMATE)
    assert weighted.slopes == pytest.approx(single.slopes, rel=ESTIMATE)


def test_an_arm_never_seen_at_a_visit_stops_with_the_reason():
    arm = data().people["arm"].to_numpy() == "PT"
    trial = without(data(), arm[:, None] & (np.arange(3) == 2))
    with pytest.raises(FitError, match="arm PT: no normal model of 4 scores .* 0 have them"):
        reference_based.run("rubin/severity/00000", based(), PLAN, trial)
    arrays = reference_based.run("bootstrap/severity/00000", based(), PLAN, trial)
    assert (arrays["failure"] == 1).all() and np.isnan(arrays["log_risk"]).all()


def test_samples_without_an_estimate_are_counted(jumped):
    arrays = {k: dict(v) for k, v in jumped[0].items()}
    name = "bootstrap/severity/00001"
    failure, log_risk = (arrays[name][k].copy() for k in ("failure", "log_risk"))
    failure[:3], log_risk[:3] = [1, 2, 2], np.nan
    arrays[name] |= {"failure": failure, "log_risk": log_risk}
    rows = table(based(), data(), arrays)
    row = rows.loc[("", "replicates_failed", "all")]
    assert row["estimate"] == 3
    assert row["reason"].startswith("1 normal model of an arm's scores without a maximum; 2 ")
    assert (
        "42 samples x 2 imputations" in rows.loc[("3", "risk_ratio_bootstrap", "PT:UC"), "method"]
    )
    failure[:] = 1
    arrays["bootstrap/severity/00000"] |= {"failure": failure}
    with pytest.raises(FitError, match="40 of 45 bootstrap samples have no estimate"):
        table(based(), data(), arrays)
