"""Kind `economics`: costs and effects by hand, people as in its entry, identities of its rows."""

import numpy as np
import pytest
from scipy.special import ndtr

from tests.analyses import simulated
from tests.analyses.evaluated import ENTRY, PLAN, PRICES, trial
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.economics import costs_and_effects, economics
from trialrr.analyses.procedure import model
from trialrr.design.matrix import beside, covariate_columns
from trialrr.estimate.fit import FitError, linear
from trialrr.plan import Covariate
from trialrr.resample.incremental import FAILURES, RESPONSES

SUBGROUPS = ("", "costs=winsorized")


def planned(entry, **of):
    """The plan with this entry, and with an entry `main` that is changed."""
    main = replace(PLAN.analysis("main"), **of)
    return replace(PLAN, analyses=(main, PLAN.analysis("observed"), entry))


def everything(entry=ENTRY, plan=PLAN, data=None):
    done = simulated.done(economics, entry, plan, data or trial())
    return ard.check(ard.frame(done))


@pytest.fixture(scope="module")
def table():
    return everything()


def pick(table, quantity, **keys):
    chosen = table["quantity"] == quantity
    for name, value in keys.items():
        chosen &= table[name] == value
    return table[chosen]


def one(table, quantity, level, column="estimate", **keys):
    return pick(table, quantity, level=level, **keys)[column].item()


def at(subgroup, part):
    return "; ".join(filter(None, [subgroup, part]))


# ------------------------------------------------------------------------ what goes into it


def test_people_weights_and_responders_are_those_of_the_entry():
    data = trial()
    whole = costs_and_effects.chain(ENTRY, PLAN, data)
    filled = whole.filled(whole.everybody)
    fit = model.fit(PLAN.analysis("main"), "severity", PLAN, data)
    month = PLAN.months.index(ENTRY.month)
    here = fit.visit == month
    np.testing.assert_array_equal(np.flatnonzero(whole.people), fit.person[here])
    np.testing.assert_array_equal(filled.responses[3][0], fit.outcome[here])
    own = fit.response.weights[fit.person[here]]
    np.testing.assert_allclose(filled.weights[0] / filled.weights.mean(), own / own.mean())


def test_costs_by_hand():
    """Use × price; a blank is the mean of the arm, before the trial the mean of everybody."""
    data = trial()
    people = data.people
    whole = costs_and_effects.chain(ENTRY, PLAN, data)
    total = whole.costs(whole.everybody, whole.arm, whole.arms)[0]
    use = people[list(PRICES)].astype(float)
    assert use.isna().sum().tolist()[0] > 20
    expected = use.fillna(use.groupby(people["arm"]).transform("mean")) @ list(PRICES.values())
    np.testing.assert_allclose(total, expected)
    before = people[["n_outpatient_before", "n_inpatient_before"]]
    before = before.astype(float)
    found = costs_and_effects.cost_before(ENTRY, data)
    np.testing.assert_allclose(found, before.fillna(before.mean()) @ [150.0, 9000.0])
    alone = replace(ENTRY, unit_costs={"coach_minutes": 1.5})
    assert costs_and_effects.cost_before(alone, data) is None


def test_utilities_are_filled_by_the_linear_model_of_the_entry():
    """Least squares of the utility on the entry's pattern cells, covariates and own baseline."""
    data = trial()
    whole = costs_and_effects.chain(ENTRY, PLAN, data)
    qaly = whole.filled(whole.everybody).responses[2][0]
    people = np.flatnonzero(whole.people)
    person, visit = np.repeat(people, 2), np.tile([0, 1], len(people))
    cells = model.arm_by_month(PLAN, data.people["arm"].to_numpy()[person], visit)
    names = [PLAN.covariate(id) for id in PLAN.models.imputation]
    z = covariate_columns(data.people, [*names, Covariate("eq5d_index")])
    rows = model.pattern_cells(PLAN, data, person, cells)
    design = beside(rows, z.take(person)).values
    score = data.score["eq5d_index"][person, visit]
    known = ~np.isnan(score)
    score = np.where(known, score, design @ linear(score[known], design[known]).coef)
    score = score.reshape(-1, 2)
    died = (data.people["died"] == 1).to_numpy()[people]
    unseen = np.isnan(data.score["eq5d_index"][people])
    score[died & unseen[:, 1], 1] = 0
    score[died & unseen.all(axis=1), 0] = 0
    assert (died & unseen[:, 1]).sum() > 3
    base = z.values[people, -1]
    expected = base / 8 + score[:, 0] / 4 + score[:, 1] / 8
    np.testing.assert_allclose(qaly, expected, rtol=1e-9)


def test_the_dead_have_no_utility_after_the_last_visit_at_which_they_were_seen():
    data = trial()
    score = np.array([[0.5, 0.6], [0.5, np.nan], [np.nan, 0.4], [np.nan, np.nan], [np.nan, 0.7]])
    people = data.people.iloc[:5].assign(died=[1, 1, 1, 1, 0])
    few = replace(data, people=people, score={"eq5d_index": score})
    utility, wanted = costs_and_effects.followed(few, "eq5d_index", 2)
    nan = np.nan
    expected = [[0.5, 0.6], [0.5, 0], [nan, 0.4], [0, 0], [nan, 0.7]]
    np.testing.assert_array_equal(utility, expected)
    assert wanted.tolist() == np.isnan(expected).tolist()
    nobody = replace(few, people=people.drop(columns="died"))
    np.testing.assert_array_equal(costs_and_effects.followed(nobody, "eq5d_index", 2)[0], score)


def test_a_utility_up_to_an_earlier_month_takes_no_later_visit():
    entry = replace(ENTRY, month="3")
    data = trial()
    whole = costs_and_effects.chain(entry, PLAN, data)
    assert whole.utilities.weights.tolist() == [0.125, 0.125, 0]
    assert not whole.utilities.model.wanted[:, 1].any()
    assert not np.isnan(whole.utilities.model.score[whole.people][:, 1]).all()
    table = everything(entry, planned(entry), data)
    assert one(table, "mean", "UC", outcome="qaly") == pytest.approx(0.17, abs=0.03)


def test_complete_cases_are_those_with_an_observed_responder():
    entry = replace(ENTRY, of="observed", replicates=60)
    data = trial()
    table = everything(entry, planned(entry), data)
    own = data.responder["severity"][:, 1]
    for arm in ("PT", "HC", "UC"):
        there = own[(data.people["arm"] == arm).to_numpy()]
        row = pick(table, "mean", outcome="responder", level=arm)
        assert row["n"].item() == (~np.isnan(there)).sum() and row["n_imputed"].item() == 0
        observed = pick(table, "observed_mean", outcome="responder", level=arm)
        assert observed["estimate"].item() == pytest.approx(np.nanmean(there))


# ------------------------------------------------------------------------ what comes out of it


def test_net_benefits_are_the_differences_at_every_willingness_to_pay(table):
    for subgroup in SUBGROUPS:
        for level in ("PT:UC", "HC:UC", "HC:PT"):
            cost = one(table, "mean_difference", level, outcome="cost", subgroup=subgroup)
            for effect in ("qaly", "responder"):
                gain = one(table, "mean_difference", level, outcome=effect, subgroup="")
                found = one(table, "icer", level, outcome=effect, subgroup=subgroup)
                assert found == pytest.approx(cost / gain)
                for price in (30000, 65000, 100000):
                    where = at(subgroup, f"willingness_to_pay={price}")
                    for quantity in ("net_benefit", "net_benefit_percentile"):
                        row = one(table, quantity, level, outcome=effect, subgroup=where)
                        assert row == pytest.approx(price * gain - cost)


def test_differences_are_those_of_adjusted_means(table):
    for outcome, subgroup in (
        ("cost", ""),
        ("cost", SUBGROUPS[1]),
        ("qaly", ""),
        ("responder", ""),
    ):
        where = dict(outcome=outcome, subgroup=subgroup)
        means = {arm: one(table, "mean", arm, **where) for arm in ("PT", "HC", "UC")}
        for one_, other in PLAN.contrasts:
            found = one(table, "mean_difference", f"{one_}:{other}", **where)
            assert found == pytest.approx(means[one_] - means[other])


def test_differences_are_adjusted_for_covariates_baseline_utility_and_cost_before(table):
    """Least squares of costs and effects on columns put together here, arm by arm contrasts."""
    data = trial()
    whole = costs_and_effects.chain(ENTRY, PLAN, data)
    filled = whole.filled(whole.everybody)
    z = [PLAN.covariate(id) for id in PLAN.models.adjusted] + [Covariate("eq5d_index")]
    before = costs_and_effects.cost_before(ENTRY, data)
    columns = [covariate_columns(data.people, z).values, before[:, None]]
    arms = (data.people["arm"].to_numpy()[:, None] == ["PT", "HC", "UC"]).astype(float)
    design, root = np.hstack([arms, *columns])[whole.people], np.sqrt(filled.weights[0])
    responses = dict(zip(RESPONSES, filled.responses, strict=True))
    for outcome in ("cost", "qaly", "responder"):
        y = responses[outcome]
        coef = np.linalg.lstsq(design * root[:, None], y[0] * root, rcond=None)[0]
        found = pick(table, "mean_difference", outcome=outcome, subgroup="")["estimate"]
        expected = [coef[0] - coef[2], coef[1] - coef[2], coef[1] - coef[0]]
        np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_arms_are_compared_at_the_willingness_to_pay_that_the_row_names(table):
    done = [economics.run(t, ENTRY, PLAN, trial()) for t in economics.tasks(ENTRY, PLAN)]
    drawn = np.concatenate([found["arms"] for found in done])
    for place, effect in ((2, "qaly"), (3, "responder")):
        for price in ENTRY.willingness_to_pay:
            benefit = price * drawn[:, :, place] - drawn[:, :, 0]
            where = f"willingness_to_pay={price:.0f}"
            for arm, name in enumerate(("PT", "HC", "UC")):
                share = (benefit.argmax(axis=1) == arm).mean()
                found = one(table, "acceptability", name, outcome=effect, subgroup=where)
                assert found == pytest.approx(share)


def test_bootstrap_and_sandwich_agree_where_nothing_is_filled():
    """People seen at every visit, no weights: two routes to one standard error. Monte Carlo error
    of 1,920 replicates 1.6 %."""
    entry = replace(ENTRY, of="observed", replicates=1920)
    plan, data = planned(entry), trial(gaps=False)
    plan = replace(plan, arms=tuple(replace(arm, clusters="person") for arm in plan.arms))
    table = everything(entry, plan, data.take(data.visits_completed == 2))
    for outcome in ("cost", "qaly", "responder"):
        where = dict(outcome=outcome, subgroup="")
        sandwich = pick(table, "mean_difference", **where)["std_error"].to_numpy()
        drawn = pick(table, "mean_difference_percentile", **where)["std_error"].to_numpy()
        np.testing.assert_allclose(drawn / sandwich, 1.01, atol=0.06)
        assert (pick(table, "mean_difference", **where)["n_imputed"] == 0).all()


def test_acceptability_is_nearly_that_of_a_normal(table):
    """Φ(INB/SE) with the bootstrap's SE: replicates of a mean difference are close to normal."""
    for where, rows in pick(table, "net_benefit_percentile", outcome="qaly").groupby("subgroup"):
        for row in rows.itertuples():
            found = one(table, "acceptability", row.level, outcome="qaly", subgroup=where)
            assert abs(found - ndtr(row.estimate / row.std_error)) < 0.09
    of_arms = pick(table, "acceptability")
    of_arms = of_arms[~of_arms["level"].str.contains(":")]
    sums = of_arms.groupby(["outcome", "subgroup"])["estimate"].sum()
    assert len(sums) == 12
    np.testing.assert_allclose(sums, 1)


def test_quadrants_are_shares_and_agree_with_the_limits(table):
    shares = pick(table, "quadrant")
    shares = shares.assign(costs=shares["subgroup"].str.startswith("costs"))
    sums = shares.groupby(["outcome", "level", "costs"])["estimate"].sum()
    assert len(sums) == 12
    np.testing.assert_allclose(sums, 1)
    correlation = pick(table, "correlation")
    assert len(correlation) == 12 and correlation["estimate"].abs().max() < 1


COVARIANCE = np.diag([100.0**2, 0.01**2])


@pytest.mark.parametrize(
    ("cost", "effect", "reason"),
    [
        (500, 0.05, ""),
        (-500, -0.05, ""),
        (500, -0.05, "dominated: costs more and helps less"),
        (-500, 0.05, "dominant: costs no more and helps more"),
        (500, 0.015, "the interval of the effect crosses zero"),
        (500, -0.015, "the interval of the effect crosses zero"),
    ],
)
def test_a_ratio_has_limits_only_where_it_means_something(cost, effect, reason):
    numbers = economics._icer(cost, effect, COVARIANCE, 0.05)
    assert numbers["estimate"] == cost / effect
    assert numbers.get("reason", "") == reason
    assert ("lower" in numbers) == (not reason)
    if not reason:
        assert numbers["lower"] < cost / effect < numbers["upper"]


def test_winsorizing(table):
    cut = pick(table, "winsorized_at", outcome="cost")
    whole = costs_and_effects.chain(ENTRY, PLAN, trial())
    total = whole.costs(whole.everybody, whole.arm, whole.arms)[0]
    assert cut["estimate"].item() == np.quantile(total, 0.99)
    assert cut["n"].item() == (total > cut["estimate"].item()).sum() == 9
    for arm in ("PT", "HC", "UC"):
        spread = [one(table, "sd", arm, outcome="cost", subgroup=s) for s in SUBGROUPS]
        assert spread[1] < spread[0]
    entry = replace(ENTRY, winsorize=1.0, replicates=60)
    table = everything(entry, planned(entry))
    values = [
        table[(table["outcome"] == "cost") & (table["subgroup"] == s)]["estimate"]
        for s in SUBGROUPS
    ]
    np.testing.assert_array_equal(values[0], values[1][:-1])


def test_what_was_used_and_its_price(table):
    people = trial().people
    for column, price in PRICES.items():
        row = pick(table, "unit_cost", outcome=column)
        assert row["estimate"].item() == price
        assert row["method"].item() == "2022 US dollars, assumed by the plan"
        use = people[column].astype(float).groupby(people["arm"])
        for arm, mean in use.mean().items():
            assert one(table, "mean", arm, outcome=column) == pytest.approx(mean)
            assert one(table, "mean", arm, "n", outcome=column) == use.count()[arm]


def test_observed_means_are_of_people_of_whom_everything_is_known(table):
    data = trial()
    base = data.people["eq5d_index"].astype(float).to_numpy()
    utility, wanted = costs_and_effects.followed(data, "eq5d_index", 2)
    known = ~wanted.any(axis=1) & ~np.isnan(base)
    total = base / 8 + utility[:, 0] / 4 + utility[:, 1] / 8
    for arm in ("PT", "HC", "UC"):
        own = total[known & (data.people["arm"] == arm).to_numpy()]
        assert one(table, "observed_mean", arm, outcome="qaly") == pytest.approx(own.mean())
        assert one(table, "sd", arm, outcome="qaly") == pytest.approx(own.std(ddof=1))
        assert one(table, "sd", arm, "n", outcome="qaly") == len(own)


def test_rows_say_in_what_and_how(table):
    assert set(table["status"]) == {"exploratory"}
    assert set(table["month"]) == {"", "6"}
    costs = table[(table["outcome"] == "cost")]
    assert costs["method"].str.startswith("2022 US dollars; ").all()
    assert (
        pick(table, "icer", outcome="qaly")["method"]
        .str.startswith("2022 US dollars per quality-adjusted life-year; ")
        .all()
    )
    difference = pick(table, "mean_difference", outcome="responder", level="HC:UC")
    assert "sandwich CR0 by coach/person; z" in difference["method"].item()
    assert difference["events"].item() > 0 and difference["n_imputed"].item() > 0
    assert difference["n_clusters"].item() < difference["n"].item()
    assert economics.plain(100000.0) == "100000" and economics.plain(0.5) == "0.5"


# ------------------------------------------------------------------------ tasks and errors


def test_a_task_is_the_same_whoever_runs_it_and_however_many_there_are():
    few, many = replace(ENTRY, replicates=300), replace(ENTRY, replicates=900)
    task = economics.tasks(few, PLAN)[1]
    first = economics.run(task, few, planned(few), trial())
    other = economics.run(task, many, planned(many), trial())
    assert first["arms"].shape == (economics.BLOCK, 3, 4)
    np.testing.assert_array_equal(first["arms"], other["arms"])
    elsewhere = economics.run(economics.tasks(few, PLAN)[0], few, planned(few), trial())
    assert (first["arms"] != elsewhere["arms"]).any()
    table = everything(few, planned(few))
    assert one(table, "replicates", "all") == 300


def test_coaches_are_resampled_whole_unless_the_entry_says_persons():
    """Everybody of a coach costs the same and much: the spread of HC is that of coaches."""
    data = trial(gaps=False)
    people = data.people.copy()
    coach = people["cluster"].astype("str").str.removeprefix("C").fillna("0").astype(int)
    people["coach_minutes"] = 1000 * coach
    data = replace(data, people=people)
    errors = {}
    for clusters in ("plan", "person"):
        plan = planned(ENTRY, clusters=clusters)
        table = everything(ENTRY, plan, data)
        errors[clusters] = one(
            table, "mean_difference_percentile", "HC:UC", "std_error", outcome="cost", subgroup=""
        )
        method = pick(table, "mean_difference", level="HC:UC", outcome="cost")["method"].iloc[0]
        assert ("coach/person" in method) == (clusters == "plan")
    assert errors["plan"] > 2 * errors["person"]


def test_failed_samples_are_counted_and_too_many_stop_the_analysis():
    data, plan = trial(), planned(ENTRY)
    done = {t: economics.run(t, ENTRY, plan, data) for t in economics.tasks(ENTRY, plan)}
    first = done[economics.tasks(ENTRY, plan)[0]]
    first["failure"][:7] = 3
    first["arms"][:7] = np.nan
    table = ard.frame(economics.rows(ENTRY, plan, data, done))
    failed = pick(table, "replicates_failed")
    assert failed["estimate"].item() == 7
    assert failed["reason"].item() == f"7 {FAILURES[2]}"
    assert pick(table, "acceptability")["estimate"].notna().all()
    for found in done.values():
        found["failure"][:] = 1
    with pytest.raises(FitError, match="480 of 480 bootstrap samples have no estimate"):
        economics.rows(ENTRY, plan, data, done)


def test_a_trial_of_whom_everybody_was_seen_has_no_weights_and_says_so():
    data = trial()
    data = data.take(data.seen)
    with pytest.raises(FitError, match="response model without a maximum"):
        economics.rows(ENTRY, PLAN, data, _made(ENTRY, data))


def _made(entry, data):
    """Replicates out of nothing, for tests of what comes after them."""
    arms = np.zeros((economics.BLOCK, 3, 4))
    return {
        task: {"arms": arms, "failure": np.zeros(economics.BLOCK, np.int8)}
        for task in economics.tasks(entry, PLAN)
    }


@pytest.mark.parametrize(
    ("entry", "of", "message"),
    [
        (
            {"outcomes": ("severity", "eq5d_index")},
            {},
            "outcomes severity, eq5d_index; expected one",
        ),
        ({"month": "9"}, {}, "severity is not measured at month 9; expected one of 3, 6"),
        (
            {},
            {"missing": "worst_best_case"},
            "people of main cannot be resampled; expected a model",
        ),
        ({}, {"weights": "response_stabilized"}, "cannot be resampled"),
        ({}, {"truncation": 0.99}, "cannot be resampled"),
        ({}, {"model": "linear"}, "cannot be resampled"),
        ({"unit_costs": {"n_imaging": 1.0}}, {}, "participants lack column 'n_imaging'"),
    ],
)
def test_what_cannot_be_done_is_refused(entry, of, message):
    entry = replace(ENTRY, **entry)
    plan = planned(entry, **of)
    with pytest.raises(ValueError, match=message):
        economics.run(economics.tasks(entry, plan)[0], entry, plan, trial())


def test_a_column_that_an_arm_lacks_is_refused():
    data = trial()
    people = data.people.copy()
    people.loc[people["arm"] == "PT", "n_outpatient"] = None
    with pytest.raises(ValueError, match="'n_outpatient' is blank for everybody of arm PT"):
        costs_and_effects.costs(ENTRY, replace(data, people=people))


def test_an_outcome_of_another_kind_than_a_drop_needs_complete_cases():
    data = replace(trial(), reduction={})
    with pytest.raises(ValueError, match="'severity' has no reduction in score to predict"):
        costs_and_effects.chain(ENTRY, PLAN, data)
    plan = planned(ENTRY, missing="complete_case")
    assert costs_and_effects.chain(ENTRY, plan, data).responders.model is None


def test_utilities_need_a_baseline_and_a_score():
    with pytest.raises(ValueError, match="eq5d_index has no score with a baseline in these data"):
        costs_and_effects.chain(ENTRY, PLAN, replace(trial(), score={}))


def test_every_statistic_has_its_row(table):
    """3 arms and contrasts, 2 costs, 2 effects, 3 willingnesses to pay, 3 columns."""
    counted = table["quantity"].value_counts().to_dict()
    assert counted == {
        "mean": 3 * 4 + 3 * 3,
        "observed_mean": 3 * 4,
        "sd": 3 * 4,
        "mean_difference": 3 * 4,
        "mean_difference_percentile": 3 * 4,
        "winsorized_at": 1,
        "icer": 3 * 2 * 2,
        "correlation": 3 * 2 * 2,
        "quadrant": 3 * 2 * 2 * 4,
        "net_benefit": 3 * 2 * 2 * 3,
        "net_benefit_percentile": 3 * 2 * 2 * 3,
        "acceptability": 6 * 2 * 2 * 3,
        "unit_cost": 3,
        "replicates": 1,
        "replicates_failed": 1,
    }
