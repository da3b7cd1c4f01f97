"""Kind `per_protocol`: the entry itself where all took it, the stack by numerical derivatives, and
a known truth where those who took it differ."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, ndtr

from tests.analyses import mechanisms, oracle, simulated
from tests.changes import replace
from tests.typed import typed
from trialrr import ard
from trialrr.analyses.procedure import model, rows
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.treatment import per_protocol
from trialrr.analyses.treatment.entries import PerProtocol
from trialrr.design.matrix import covariate_columns
from trialrr.plan import Arm, Covariate, Outcome, Plan, Visit

ENTRY = PerProtocol(
    "per_protocol",
    "exploratory",
    ("severity",),
    kind="per_protocol",
    of="main",
    column="sessions_completed",
    took=">=6",
    covariates=("severity_0", "male", "site", "education"),
)
FILLED = {"missing": "pattern_mixture", "weights": "response", "variance": "stacked"}
COMPLETE = {"missing": "complete_case"}
WEIGHTED = {"missing": "complete_case", "weights": "response", "variance": "weights_stacked"}
DERIVATIVE = 1e-5  # central differences of a sum over 1,500 rows
STEP = 1e-5
STATISTICS = ["estimate", "std_error", "lower", "upper", "p_value", "n", "events", "n_imputed"]


def plan_of(entry=ENTRY, **of):
    return replace(oracle.PLAN, analyses=(oracle.entry(**of), entry))


def everything(trial, entry=ENTRY, **of):
    plan = plan_of(entry, **of)
    return ard.check(ard.frame(simulated.done(per_protocol, entry, plan, trial)))


def with_sessions(trial, sessions):
    return replace(trial, people=trial.people.assign(sessions_completed=sessions))


@pytest.mark.parametrize("of", [FILLED, COMPLETE, WEIGHTED])
def test_if_all_took_it_it_is_the_entry(of):
    trial = mechanisms.data()
    active = trial.people["arm"] != "UC"
    trial = with_sessions(trial, np.where(active, 8, np.nan))
    table = everything(trial, **of)
    plan = plan_of(**of)
    result = model.fit(plan.analysis("main"), "severity", plan, trial)
    own = ard.frame(rows.result_rows(result, plan.analysis("main"), "severity", plan))
    for quantity in ("risk", "risk_ratio", "risk_difference"):
        one, other = (
            t[t["quantity"] == quantity].set_index(["month", "level"])[STATISTICS].astype(float)
            for t in (table, own)
        )
        assert len(one) == 9
        np.testing.assert_allclose(one, other.loc[one.index], rtol=1e-9)
    weights = table[table["quantity"] == "max_weight"]
    assert weights["level"].tolist() == ["PT", "HC"]
    assert (weights["estimate"] == 1).all()


def std_errors_by_differences(result, models, design, full) -> np.ndarray:
    """Standard errors of the whole stack (γ, θ, δ and s of each arm, β): people's estimating
    functions written out, their total differentiated numerically, A⁻¹ B A⁻ᵀ of all at once.

    design : of the adherence models; full : the entry's own fit, whose rows the imputation has."""
    n = len(result.data.people)
    z, filled, person, own = result.fit.design, result.outcome, result.person, result.imputed
    parameters, seen = [], result.data.seen.astype(float)
    scale = 1.0
    if result.response is not None:
        x = result.response_design.values
        parameters.append(result.response.fit.coef)
        shown = np.flatnonzero(seen)[0]
        scale = result.response.weights[shown] * expit(x[shown] @ result.response.fit.coef)
    if result.imputation is not None:
        fitted = result.imputation.model.fit
        theta, h = fitted.coef, result.imputation.predictors.values
        parameters.append(theta)
        reduction = fitted.residuals + fitted.mu
        key = full.person * 3 + full.visit
        place = np.searchsorted(key, person * 3 + result.visit)
    for taking in models.values():
        parameters += [taking.model.fit.coef, taking.model.numerator.coef]
    parameters.append(result.fit.coef)
    sizes = np.cumsum([len(p) for p in parameters])[:-1]

    def by_person(values, index):
        return np.array([np.bincount(index, column, n) for column in values.T]).T

    def functions(stacked):
        split, parts = list(np.split(stacked, sizes)), []
        weights, y = np.ones(n), filled
        if result.response is not None:
            gamma = split.pop(0)
            parts.append(x * (seen - expit(x @ gamma))[:, None])
            weights = scale * seen / expit(x @ gamma)
        if result.imputation is not None:
            t = split.pop(0)
            parts.append(
                by_person(
                    fitted.design * (reduction - fitted.design @ t)[:, None],
                    result.imputation.observed_person,
                )
            )
            b, margin = result.imputation.bandwidth, result.imputation.model.margin[place]
            moved = ndtr((h[place] @ (t - theta) + margin) / b) - ndtr(margin / b)
            y = filled + np.where(own, moved, 0)
        for taking in models.values():
            delta, s = split.pop(0), split.pop(0)
            own_x, took = design[taking.people], taking.took.astype(float)
            model = np.zeros((n, len(delta) + 1))
            model[taking.people, :-1] = own_x * (took - expit(own_x @ delta))[:, None]
            model[taking.people, -1] = took - expit(s[0])
            parts.append(model)
            factor = np.ones(n)
            factor[taking.people] = took * expit(s[0]) / expit(own_x @ delta)
            weights = weights * factor
        residual = weights[person] * (y - np.exp(z @ split.pop(0)))
        return np.hstack([*parts, by_person(z * residual[:, None], person)])

    at = np.concatenate(parameters)
    assert np.abs(functions(at).sum(axis=0)).max() < 1e-6
    bread = -np.array(
        [
            (functions(at + e).sum(0) - functions(at - e).sum(0)) / (2 * STEP)
            for e in STEP * np.eye(len(at))
        ]
    ).T
    labels = np.unique(result.clusters.labels, return_inverse=True)[1]
    influence = np.linalg.solve(bread, functions(at).T).T
    totals = np.array([np.bincount(labels, column) for column in influence.T]).T
    return np.sqrt(np.diag(totals.T @ totals))[-len(result.fit.coef) :]


@pytest.mark.parametrize("of", [FILLED, COMPLETE, WEIGHTED])
def test_the_stack_is_the_numerical_derivative_of_its_equations(of):
    trial, plan = mechanisms.data(gaps=False), plan_of(**of)
    result, models = per_protocol.refit(ENTRY, "severity", plan, trial)
    full = model.fit(plan.analysis("main"), "severity", plan, trial)
    columns = covariate_columns(trial.people, [plan.covariate(c) for c in ENTRY.covariates])
    design = np.column_stack([np.ones(len(trial.people)), columns.values])
    ours = np.sqrt(np.diag(result.covariance.matrix))
    theirs = std_errors_by_differences(result, models, design, full)
    assert ours == pytest.approx(theirs, rel=DERIVATIVE)
    taken = np.concatenate([m.took for m in models.values()])
    assert 0.5 < taken.mean() < 0.9


def known(n=60_000, seed=3):
    """x makes people take the treatment and respond; taken it doubles the risk in PT, times 1.5 in
    HC, of everybody."""
    rng = np.random.default_rng(seed)
    arm = np.array(["PT", "HC", "UC"])[np.arange(n) % 3]
    x = rng.integers(0, 2, n)
    took = (arm != "UC") & (rng.random(n) < np.where(x == 1, 0.8, 0.4))
    effect = np.select([took & (arm == "PT"), took & (arm == "HC")], [2.0, 1.5], 1.0)
    hit = rng.random(n) < np.where(x == 1, 0.3, 0.1) * effect
    people = pd.DataFrame(
        {
            "participant_id": [f"{k:06d}" for k in range(n)],
            "arm": arm,
            "cluster": "",
            "x": x.astype(str),
            "sessions": np.where(arm == "UC", "", np.where(took, "8", "2")),
        }
    )
    ones = np.ones(n)
    outcome = {"hit": hit.astype(float)[:, None]}
    people = typed(people)
    return TrialData(people, ("3",), ones > 0, ones.astype(int), outcome, outcome, "SYNTHETIC")


KNOWN = replace(ENTRY, outcomes=("hit",), column="sessions", covariates=("x",))
TRUTH = {"PT:UC": 2.0, "HC:UC": 1.5, "HC:PT": 0.75}


def plan_of_known(entry):
    return Plan(
        arms=(Arm("PT"), Arm("HC"), Arm("UC")),
        reference="UC",
        contrasts=(("PT", "UC"), ("HC", "UC"), ("HC", "PT")),
        visits=(Visit("3"),),
        primary={"outcome": "hit", "month": "3", "analysis": "main"},
        outcomes=(Outcome("hit"),),
        covariates=(Covariate("x"),),
        analyses=(oracle.entry(outcomes=("hit",), covariates=()), entry),
    )


def test_the_effect_is_recovered_where_those_who_took_it_differ():
    table = ard.frame(simulated.done(per_protocol, KNOWN, plan_of_known(KNOWN), known()))
    ratios = table[table["quantity"] == "risk_ratio"].set_index("level")
    for level, truth in TRUTH.items():
        assert ratios.loc[level, "estimate"] == pytest.approx(truth, rel=0.05)
    unweighted = replace(KNOWN, covariates=())
    table = ard.frame(simulated.done(per_protocol, unweighted, plan_of_known(unweighted), known()))
    naive = table[table["quantity"] == "risk_ratio"].set_index("level")["estimate"]
    assert naive["PT:UC"] > 2.3
    weights = table[table["quantity"] == "max_weight"]["estimate"]
    assert weights.tolist() == pytest.approx([1, 1])


def test_standard_errors_in_repeated_trials():
    """80 trials: errors over their standard errors have mean 0 (SE .11) and SD 1 (SE .08)."""
    errors = []
    for seed in range(80):
        result, _ = per_protocol.refit(KNOWN, "hit", plan_of_known(KNOWN), known(1800, 100 + seed))
        for level in ("PT:UC", "HC:UC"):
            one, other = level.split(":")
            gap = result.profiles[one, "3"] - result.profiles[other, "3"]
            error = np.sqrt(gap @ result.covariance.matrix @ gap)
            errors.append((gap @ result.fit.coef - np.log(TRUTH[level])) / error)
    errors = np.reshape(errors, (80, 2))
    assert (np.abs(errors.mean(axis=0)) < 0.35).all()
    assert (np.abs(errors.std(axis=0) - 1) < 0.25).all()


def test_rows_count_those_who_took_it():
    trial = mechanisms.data()
    table = everything(trial, **COMPLETE)
    sessions = trial.people["sessions_completed"].fillna(-1).astype(int).to_numpy()
    observed = ~np.isnan(trial.responder["severity"])
    for arm, least in (("PT", 6), ("HC", 6), ("UC", -1)):
        own = (trial.people["arm"] == arm).to_numpy() & (sessions >= least)
        counts = table[(table["quantity"] == "risk") & (table["level"] == arm)]
        np.testing.assert_array_equal(counts["n"], observed[own].sum(axis=0))
    weights = table[table["quantity"] == "max_weight"].set_index("level")
    seen = observed.any(axis=1) & (trial.people["arm"] == "PT").to_numpy()
    assert weights.loc["PT", "n"] == seen.sum()
    assert weights.loc["PT", "events"] == (seen & (sessions >= 6)).sum()
    assert (weights["estimate"] > 1).all()
    words = "those of the active arms with sessions_completed>=6"
    assert table[table["quantity"] == "risk"]["method"].str.contains(words).all()


def test_what_cannot_be_estimated_says_why():
    trial = mechanisms.data()
    arm = trial.people["arm"]
    sessions = trial.people["sessions_completed"]
    table = everything(with_sessions(trial, sessions.mask(arm == "PT", 3)), **COMPLETE)
    (row,) = table.to_dict("records")
    assert row["quantity"] == "not_estimable"
    assert row["reason"].startswith("adherence in arm PT (per_protocol.covariates): none of")
    table = everything(with_sessions(trial, sessions.mask(arm == "PT")), **COMPLETE)
    assert table["reason"].tolist() == ["sessions_completed is blank for all of arm PT"]
    with pytest.raises(ValueError, match="expected modified_poisson"):
        everything(trial, **COMPLETE, model="logistic")
