"""Subgroups: cells of arm, month and level, no test within a level, interactions on both scales."""

import numpy as np
import pytest
from scipy.special import chdtrc

from tests.analyses import simulated
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.model import subgroups
from trialrr.analyses.model.entries import Moderator, Subgroups
from trialrr.analyses.procedure import model
from trialrr.analyses.procedure.entry import Analysis
from trialrr.estimate.tables import crude_risk_ratio

BURDEN = Moderator("burden", "Burden")
CRUDE = Analysis("crude", "prespecified", ("severity",), clusters="person", covariates=())
ENTRY = Subgroups("subgroups", "prespecified", ("severity",), of="crude", moderators=(BURDEN,))
PLAN = replace(simulated.PLAN, analyses=(*simulated.PLAN.analyses, CRUDE, ENTRY))


def table(entry=ENTRY, trial=None):
    rows = simulated.done(subgroups, entry, PLAN, trial or simulated.trial())
    keys = ["subgroup", "month", "quantity", "level"]
    return ard.check(ard.frame(rows)).set_index(keys).sort_index()


def test_without_covariates_every_cell_is_its_own_proportion():
    got, trial = table(), simulated.trial()
    for level in ("low", "mid", "high"):
        for j, month in enumerate(simulated.MONTHS):
            counts = []
            for arm in ("PT", "UC"):
                here = ((trial.people["burden"] == level) & (trial.people["arm"] == arm)).to_numpy()
                seen = trial.responder["severity"][here, j]
                seen = seen[~np.isnan(seen)]
                counts.append((int(seen.sum()), len(seen)))
                row = got.loc[(f"burden={level}", month, "risk", arm)]
                assert row["estimate"] == pytest.approx(seen.mean(), rel=1e-9)
                assert (row["events"], row["n"]) == counts[-1]
            cells = [(events, n - events) for events, n in counts]
            crude = crude_risk_ratio(cells)
            row = got.loc[(f"burden={level}", month, "risk_ratio", "PT:UC")]
            assert row["estimate"] == pytest.approx(crude.estimate, rel=1e-9)
            if month == "3":  # one visit of a person: no correlation enters a cell's own variance
                assert row["std_error"] == pytest.approx(crude.std_error, rel=1e-9)
            difference = got.loc[(f"burden={level}", month, "risk_difference", "PT:UC"), "estimate"]
            (a, n), (c, m) = counts
            assert difference == pytest.approx(a / n - c / m, rel=1e-9)


def test_the_interactions_are_those_of_independent_cells():
    """Without covariates the levels are independent, so the χ² of equal log ratios (differences) is
    that of heterogeneity of the cells' own log risks (risks)."""
    got = table()
    arms, levels = ("UC", "PT", "HC"), ("high", "low", "mid")
    for quantity, cell in (
        ("interaction_wald", lambda e, n: (np.log(e / n), 1 / e - 1 / n)),
        ("interaction_wald_difference", lambda e, n: (e / n, e * (n - e) / n**3)),
    ):
        values, variances = [], []
        for level in levels:
            for arm in arms:
                row = got.loc[(f"burden={level}", "3", "risk", arm)]
                value, variance = cell(float(row["events"]), float(row["n"]))
                values.append(value)
                variances.append(variance)
        contrasts = np.array([
            np.kron(np.eye(3)[k] - np.eye(3)[0], np.eye(3)[a] - np.eye(3)[0])
            for k in (1, 2)
            for a in (1, 2)
        ])  # fmt: skip
        d = contrasts @ values
        chi2 = d @ np.linalg.solve(contrasts @ np.diag(variances) @ contrasts.T, d)
        row = got.loc[("burden", "3", quantity, "all")]
        assert row["statistic"] == pytest.approx(chi2, rel=1e-8)
        assert (row["df"], row["p_value"]) == (4, pytest.approx(chdtrc(4, chi2), rel=1e-8))


def test_a_subgroup_has_no_p_value():
    got = table(replace(ENTRY, of="main"))
    effects = got.loc[(slice(None), slice(None), ["risk_ratio", "risk_difference"]), :]
    assert len(effects) == 3 * 2 * 3 * 2
    assert effects["p_value"].isna().all() and effects["statistic"].isna().all()
    assert effects["lower"].notna().all()
    tests = got.loc[("burden", "3"), :]
    assert tests.loc[["interaction_wald", "interaction_wald_difference"], "p_value"].notna().all()


def test_the_whole_procedure_is_kept_and_the_twin_of_the_moderator_leaves_the_model():
    trial = simulated.trial()
    moderator = Moderator("site", "Site", "site")
    entry = replace(ENTRY, of="main", moderators=(moderator,))
    row = table(entry).loc[("site=A", "3", "risk", "PT")]
    assert "stacked with the weight and imputation models" in row["method"]
    assert row["method"].endswith("with site x arm x month") and row["n_imputed"] > 0
    result = model.fit(
        replace(PLAN.analysis("main"), covariates=("severity", "urban")),
        "severity", PLAN, trial, "site",
    )  # fmt: skip
    assert not [name for name in result.names if name.startswith("site")]
    assert row["estimate"] == pytest.approx(
        np.exp(result.profiles["PT", "3", "A"] @ result.fit.coef), rel=1e-12
    )


def test_people_without_a_level_are_left_out_and_counted():
    trial = simulated.trial()
    people = trial.people.copy()
    people.loc[people.index[:7], "burden"] = None
    got = table(trial=replace(trial, people=people))
    assert got.loc[("burden", "", "n_without_level", "all"), "estimate"] == 7
    assert got.loc[(slice(None), "3", "risk"), :]["n"].sum() <= len(people) - 7


def test_a_level_without_responders_in_an_arm_costs_that_level_at_that_visit_only():
    trial = simulated.trial()
    responder = trial.responder["severity"].copy()
    where = ((trial.people["burden"] == "high") & (trial.people["arm"] == "UC")).to_numpy()
    responder[where, 0] = np.where(np.isnan(responder[where, 0]), np.nan, 0)
    got = table(trial=replace(trial, responder={"severity": responder}))
    silent = got.loc[("burden=high", "3", "risk", "UC")]
    assert silent["estimate"] == 0 and silent["events"] == 0 and silent["n"] > 0
    for (subgroup, month, quantity, level), row in got.iterrows():
        without = (subgroup, month) == ("burden=high", "3") and "UC" in level
        if quantity == "risk_ratio":
            assert np.isnan(row["estimate"]) == without
            assert ("arm UC has no event at month 3" in row["reason"]) == without
    month = got[got.index.get_level_values("quantity") == "interaction_wald"].index[0][1]
    for quantity in ("interaction_wald", "interaction_wald_difference"):
        row = got.loc[("burden", month, quantity, "all")]
        if month == "3":
            assert np.isnan(row["p_value"]) and "no event" in row["reason"]
        else:
            assert row["p_value"] >= 0 and not row["reason"]


def test_a_moderator_that_nobody_has_is_named():
    entry = replace(ENTRY, moderators=(Moderator("mood"),))
    with pytest.raises(ValueError, match="nobody has a level of the moderator 'mood'"):
        table(entry)
