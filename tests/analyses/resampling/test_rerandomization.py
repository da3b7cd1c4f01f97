"""Kind `rerandomization` on the simulated trial of sap_oracle."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses import oracle
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure import null_model
from trialrr.analyses.procedure.data import for_entry
from trialrr.analyses.resampling import rerandomization
from trialrr.analyses.resampling.entries import Rerandomization
from trialrr.estimate.fit import FitError
from trialrr.plan import Randomization

SAME = 1e-8
SCHEME = Randomization(("male", "site", "urban", "severe"), (3, 6, 9), "sequence")
ENTRY = Rerandomization("test", "post_hoc", ("severity",), of="main", draws=1500)


def trial():
    """The data with what the trial was stratified by, and with row order as order."""
    data = oracle.data()
    severe = data.people["severity_0"] >= 7
    sequence = np.arange(1, len(severe) + 1)
    days = np.where(np.arange(len(severe)) < 800, "2021-06-01", "2022-01-01")
    people = data.people.assign(
        severe=severe.astype(int), sequence=sequence, randomized_on=pd.to_datetime(days)
    )
    return replace(data, people=people)


def plan(**keys):
    return replace(oracle.PLAN, seed=11, randomization=SCHEME, analyses=(oracle.entry(**keys),))


def done(plan, data, entry=ENTRY):
    tasks = rerandomization.tasks(entry, plan)
    return {task: rerandomization.run(task, entry, plan, data) for task in tasks}


def table(plan, data, entry=ENTRY):
    rows = rerandomization.rows(entry, plan, data, done(plan, data, entry))
    return ard.check(ard.frame(rows)).set_index(["quantity", "level"])


@pytest.mark.parametrize("covariates", [None, ()])
def test_the_statistic_is_the_robust_score_test_of_statsmodels(covariates):
    import statsmodels.api as sm

    from trialrr.analyses.procedure.model import fit

    data, entry = trial(), oracle.entry(missing="complete_case", covariates=covariates)
    own = plan(missing="complete_case", covariates=covariates)
    result = fit(entry, "severity", own, data)
    z = result.fit.design[:, ~result.of_cells]
    arm = data.people["arm"].to_numpy()[result.person]
    first = result.visit == 0
    columns = np.column_stack([(arm == a) & first for a in ("PT", "HC")]).astype(float)
    nuisance = np.column_stack([np.eye(3)[result.visit], z])
    keys = dict(groups=result.person, family=sm.families.Poisson())
    without = sm.GEE(result.outcome, nuisance, **keys).fit(ctol=1e-12)
    expected = sm.GEE(result.outcome, np.column_stack([nuisance, columns]), **keys)
    expected = expected.compare_score_test(without)["statistic"]
    entry = replace(ENTRY, draws=1)
    found = table(own, data, entry).loc[("rerandomization_test", "all")]
    assert found["statistic"] == pytest.approx(expected, rel=SAME)


def test_score_tests_are_near_the_wald_tests_by_person_in_r():
    rows = table(plan(missing="complete_case"), trial(), replace(ENTRY, draws=1))
    expected = {
        row["level"]: abs(np.log(row["estimate"])) / row["se_link"]
        for row in oracle.EXPECTED["complete_case_person"]
        if row["quantity"] == "risk_ratio" and row["month"] == 3
    }
    for level, z in expected.items():
        found = rows.loc[("rerandomization_test", level), "statistic"]
        assert np.sqrt(found) == pytest.approx(z, rel=0.1, abs=0.05), level


def test_rows_say_what_was_done():
    rows = table(plan(missing="complete_case"), trial())
    levels = ["all", "PT:UC", "HC:UC", "HC:PT"]
    tests = rows.loc["rerandomization_test"]
    assert list(tests.index) == levels and list(tests["df"]) == [2, 1, 1, 1]
    assert set(tests["month"]) == {"3"} and set(tests["status"]) == {"post_hoc"}
    p = tests["p_value"].to_numpy()
    assert (p * 1501 == pytest.approx(np.round(p * 1501))) and (p >= 1 / 1501).all()
    assert rows.loc["mc_error"]["estimate"].to_numpy() == pytest.approx(np.sqrt(p * (1 - p) / 1501))
    assert rows.loc[("draws", "all"), "estimate"] == 1500
    assert rows.loc[("draws_failed", "all"), "estimate"] == 0


def test_blocks_are_streams_of_their_own_and_draws_beyond_the_last_are_left_out():
    data, own = trial(), plan(missing="complete_case")
    few, many = (replace(ENTRY, draws=n) for n in (500, 1500))
    assert rerandomization.tasks(few, own) == ["severity/00000"]
    assert rerandomization.tasks(many, own) == ["severity/00000", "severity/00001"]
    parts = done(own, data, many)
    assert np.array_equal(
        done(own, data, few)["severity/00000"]["chi_squared"],
        parts["severity/00000"]["chi_squared"],
    )
    assert not np.array_equal(*(part["chi_squared"] for part in parts.values()))
    shares = (parts["severity/00000"]["chi_squared"][:, 1:] > 3.84).mean(axis=0)
    assert shares == pytest.approx([0.05] * 3, abs=0.025)


def test_a_population_keeps_its_people_and_draws_are_over_everybody():
    keys = {"missing": "complete_case", "population": {"randomized_before": "2022-01-01"}}
    data, own = trial(), plan(**keys)
    part = for_entry(own.analysis("main"), own, data)
    assert len(part.people) == 800
    units, index = null_model.randomized(own, data).among(part)
    assert list(units) == list(index) == list(range(800))
    rows = table(own, data, replace(ENTRY, draws=200))
    assert rows.loc[("rerandomization_test", "all"), "n"] < 800


def test_weights_and_imputations_do_not_depend_on_the_assignment():
    data, own = trial(), plan(missing="pattern_mixture", weights="response")
    swapped = data.people["arm"].map({"PT": "UC", "UC": "PT", "HC": "HC"})
    other = replace(data, people=data.people.assign(arm=swapped, cluster="x"))
    nulls = [null_model.null_of(own.analysis("main"), "severity", own, d) for d in (data, other)]
    assert nulls[0].residual == pytest.approx(nulls[1].residual, abs=1e-12)
    assert nulls[0].scores == pytest.approx(nulls[1].scores, abs=1e-12)


def test_worst_cases_are_filled_by_the_assignment_drawn():
    data, own = trial(), plan(missing="worst_best_case")
    null = null_model.null_of(own.analysis("main"), "severity", own, data)
    missing = np.isnan(data.responder["severity"][:, 0])
    assert (null.residual[missing] < 0).all() and null.chance == 1 / 3
    assert null.shift[missing, 0] == pytest.approx(1) and (null.shift[~missing, 0] == 0).all()
    assert table(own, data, replace(ENTRY, draws=1)).loc[("draws", "all"), "estimate"] == 1


@pytest.mark.parametrize("keys", [{"model": "log_binomial"}, {"working": "exchangeable"}])
def test_an_entry_without_a_score_is_refused(keys):
    with pytest.raises(FitError, match="has scores of modified_poisson"):
        table(plan(missing="complete_case", **keys), trial())


def test_a_trial_without_its_strata_is_refused():
    with pytest.raises(FitError, match="participants lack severe, sequence"):
        table(plan(missing="complete_case"), oracle.data())


# ------------------------------------------------------------- whole clusters were randomized


def wards(count=12, size=10):
    """A trial of wards in three arms, the arm drawn once a ward; and its plan."""
    data, rng = trial(), np.random.default_rng(2)
    data = data.take(np.arange(count * size))
    ward = np.repeat(np.arange(count), size)
    arm = rng.permutation(np.array(["PT", "HC", "UC"])[np.arange(count) % 3])[ward]
    names = np.array([f"W{k:02d}" for k in ward])
    people = data.people.assign(arm=arm, cluster=names, sequence=ward, all="1")
    own = plan(missing="complete_case", covariates=())
    arms = tuple(replace(a, clusters="ward") for a in own.arms)
    scheme = Randomization(("all",), (count,), "sequence", "cluster")
    return replace(own, arms=arms, randomization=scheme), replace(data, people=people)


def test_whole_clusters_are_permuted_and_their_totals_are_the_scores():
    """Clusters as units are the same test as persons, each of whom carries the sums of a ward."""
    own, data = wards()
    found = null_model.randomized(own, data)
    drawn = found.scheme.draw(np.random.default_rng(1), 50)
    assert drawn.shape == (50, 12)
    assert (np.sort(drawn, axis=1) == np.repeat([0, 1, 2], 4)).all()  # one block of all
    null = null_model.null_of(own.analysis("main"), "severity", own, data)
    summed = null.summed(found.among(data)[1], 12)
    by_hand = null.residual.reshape(12, 10).sum(axis=1)
    assert summed.residual == pytest.approx(by_hand, abs=1e-12)
    rows = table(own, data, replace(ENTRY, draws=300))
    method = rows.loc[("rerandomization_test", "all"), "method"]
    assert "whole clusters are units" in method


def test_the_statistic_of_clusters_is_statsmodels_score_test_by_cluster():
    import statsmodels.api as sm

    own, data = wards()
    rows = table(own, data, replace(ENTRY, draws=1))
    outcome = data.responder["severity"]
    person, visit = np.nonzero(~np.isnan(outcome))
    arm = data.people["arm"].to_numpy()[person]
    columns = np.column_stack([(arm == a) & (visit == 0) for a in ("PT", "HC")]).astype(float)
    nuisance = np.eye(3)[visit]
    groups = data.people["cluster"].to_numpy()[person]
    keys = dict(groups=groups, family=sm.families.Poisson())
    without = sm.GEE(outcome[person, visit], nuisance, **keys).fit(ctol=1e-12)
    full = sm.GEE(outcome[person, visit], np.column_stack([nuisance, columns]), **keys)
    expected = full.compare_score_test(without)["statistic"]
    found = rows.loc[("rerandomization_test", "all"), "statistic"]
    assert found == pytest.approx(expected, rel=SAME)


def test_clusters_that_differ_within_are_refused_in_words():
    own, data = wards()
    people = data.people.copy()
    people.loc[3, ["arm", "cluster"]] = ["XX", None]
    people.loc[13, "sequence"] = 99
    with pytest.raises(FitError) as refused:
        table(own, replace(data, people=people))
    assert "randomization.unit is cluster, but 1 person has no cluster" in str(refused.value)
    assert "sequence differs between people of 1 of 13 clusters" in str(refused.value)
    crossed = data.people["cluster"].str.replace("W0", "W1")
    with pytest.raises(FitError, match="arm differs between people of"):
        table(own, replace(data, people=data.people.assign(cluster=crossed)))


def test_an_order_of_clusters_is_no_order_of_people():
    own, data = wards()
    people = replace(own, randomization=replace(own.randomization, unit="person"))
    with pytest.raises(FitError, match="cannot be repeated: two people of a stratum"):
        table(people, data, replace(ENTRY, draws=1))


def test_people_permuted_where_every_arm_is_clustered_are_flagged():
    own, data = wards()
    assert (table(own, data, replace(ENTRY, draws=1))["flag"] == "").all()
    people = replace(own, randomization=replace(own.randomization, unit="person", order="row"))
    row = np.arange(len(data.people))
    data = replace(data, people=data.people.assign(row=row))
    flags = table(people, data, replace(ENTRY, draws=1)).loc["rerandomization_test", "flag"]
    assert flags.str.startswith("people are permuted, as randomization.unit says").all()


def without_events(month: int, outcome: float = 0.0):
    data = trial()
    responder = data.responder["severity"].copy()
    responder[:, month] = np.where(np.isnan(responder[:, month]), np.nan, outcome)
    return replace(data, responder={"severity": responder})


def test_another_month_without_an_event_costs_the_test_nothing():
    own, data = plan(missing="complete_case"), without_events(2)
    short = replace(data, months=data.months[:2])
    short = replace(short, responder={"severity": data.responder["severity"][:, :2]})
    first = replace(own, visits=own.visits[:2])
    both = [table(p, d, replace(ENTRY, draws=50)) for p, d in ((own, data), (first, short))]
    one, other = (rows.loc["rerandomization_test"] for rows in both)
    assert one["statistic"].to_numpy() == pytest.approx(other["statistic"].to_numpy(), rel=1e-9)
    assert one["p_value"].equals(other["p_value"]) and one["statistic"].notna().all()


@pytest.mark.parametrize(("outcome", "told"), [(0.0, "has no maximum"), (1.0, "do not vary")])
def test_a_primary_month_that_tells_nothing_is_a_row_with_its_reason(outcome, told):
    keys = {"missing": "complete_case", "covariates": ()}
    rows = table(plan(**keys), without_events(0, outcome), replace(ENTRY, draws=50))
    assert list(rows.index) == [("not_estimable", "all")]
    assert told in rows["reason"].item()
