"""No variance, no interval: fits of a few people, against formulas by hand."""

import itertools

import numpy as np
import pytest

from tests.analyses import simulated, small
from tests.changes import replace
from trialrr import ard
from trialrr.analyses import stages
from trialrr.analyses.procedure.pairwise_tests import pair_rows
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.covariance import CLUSTERED, HETEROSCEDASTIC
from trialrr.estimate.fit import FitError
from trialrr.estimate.multiplicity import METHODS

Z = 1.959963984540054
TWO = ("active", "control")
INTERVAL = ("std_error", "lower", "upper")


def katz(a, n1, c, n0):
    """Relative risk and limits: Var(log RR) = 1/a - 1/n1 + 1/c - 1/n0 (Katz et al. 1978)."""
    ratio, se = (a / n1) / (c / n0), np.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n0)
    return ratio, se, ratio * np.exp(-Z * se), ratio * np.exp(Z * se)


def bare(row, reason=""):
    assert np.isnan([row[k] for k in (*INTERVAL, "statistic", "p_value")]).all(), row
    assert row["reason"] and reason in row["reason"], row


@pytest.mark.parametrize("options", [{}, {"risks": "standardized"}, {"covariance": "hc0"},
                                     {"risks": "standardized_random"}])  # fmt: skip
@pytest.mark.parametrize("a,n1,c,n0", [(30, 30, 11, 30), (3, 40, 25, 25), (12, 12, 1, 50)])
def test_everybody_of_one_arm_has_the_event(a, n1, c, n0, options):
    got = small.rows(
        small.plan(TWO), small.trial({"active": (a, n1), "control": (c, n0)}), **options
    )
    ratio = got["3", "risk_ratio", "active:control"]
    names = ("estimate", "std_error", "lower", "upper")
    assert [ratio[k] for k in names] == pytest.approx(katz(a, n1, c, n0), rel=1e-6)
    full = "active" if a == n1 else "control"
    risk = got["3", "risk", full]
    assert risk["estimate"] == pytest.approx(1, abs=1e-9)
    bare(risk, "do not differ")
    odds = got["3", "odds_ratio", "active:control"]
    assert np.isnan(odds["estimate"])
    bare(odds, "no odds")
    difference = got["3", "risk_difference", "active:control"]
    k, n = (c, n0) if full == "active" else (a, n1)
    assert difference["std_error"] == pytest.approx(np.sqrt(k / n * (1 - k / n) / n), rel=1e-6)


@pytest.mark.parametrize("interval", ["log", "logit"])
def test_a_risk_of_one_on_either_scale(interval):
    got = small.rows(
        small.plan(TWO), small.trial({"active": (9, 9), "control": (4, 9)}), interval=interval
    )
    bare(got["3", "risk", "active"])
    assert got["3", "risk", "control"]["lower"] > 0


@pytest.mark.parametrize("a,n1,c,n0", [(15, 30, 15, 30), (7, 21, 9, 27), (33, 77, 3, 7)])
def test_equal_risks_differ_by_zero_and_need_infinitely_many(a, n1, c, n0, tmp_path):
    data = small.trial({"active": (a, n1), "control": (c, n0)})
    for options in ({}, {"risks": "standardized"}):
        got = small.rows(small.plan(TWO), data, **options)
        difference, nnt = (
            got["3", "risk_difference", "active:control"],
            got["3", "nnt", "active:control"],
        )
        assert difference["estimate"] == 0 and difference["p_value"] == 1
        assert nnt["estimate"] == np.inf and not nnt["reason"]
        assert nnt["lower"] == pytest.approx(1 / difference["upper"])
    ard.write(tmp_path / "ard.csv", ard.frame([nnt]))
    assert ard.read(tmp_path / "ard.csv")["estimate"][0] == np.inf


def test_an_arm_that_is_one_cluster():
    data = small.trial({"active": (17, 30), "control": (11, 30)}, cluster=["one"] * 30 + [""] * 30)
    got = small.rows(small.plan(TWO, clusters={"active": "therapist", "control": "person"}), data)
    for quantity in ("risk_ratio", "risk_difference", "odds_ratio"):
        bare(got["3", quantity, "active:control"], "arm active has one cluster")
    assert got["3", "risk_ratio", "active:control"]["estimate"] == pytest.approx(17 / 11)
    bare(got["3", "risk", "active"], "arm active has one cluster")
    assert np.isnan(got["3", "omnibus_wald", "all"]["p_value"])
    nnt = got["3", "nnt", "active:control"]
    assert np.isnan([nnt["lower"], nnt["upper"]]).all() and nnt["reason"]
    risk, se = got["3", "risk", "control"], np.sqrt(1 / 11 - 1 / 30)
    assert [risk["lower"], risk["upper"]] == pytest.approx(
        [11 / 30 * np.exp(-Z * se), 11 / 30 * np.exp(Z * se)], rel=1e-6
    )


def test_of_three_arms_the_two_with_clusters_keep_their_contrast():
    counts = {"a": (5, 20), "b": (9, 20), "c": (6, 20)}
    cluster = ["one"] * 20 + [f"k{i // 2}" for i in range(40)]
    got = small.rows(
        small.plan(tuple(counts), clusters="site", multiplicity="holm"),
        small.trial(counts, cluster=cluster),
    )
    bare(got["3", "risk_ratio", "a:b"])
    assert (
        got["3", "risk_ratio", "b:c"]["p_value"] < 1 and not got["3", "risk_ratio", "b:c"]["reason"]
    )
    alone = got["3", "risk_ratio", "b:c"]["p_value"]
    assert got["3", "adjusted_test", "b:c"]["p_value"] == pytest.approx(min(1, 3 * alone))
    bare(got["3", "adjusted_test", "a:b"], "one cluster")


@pytest.mark.parametrize("name", [*CLUSTERED, *HETEROSCEDASTIC])
@pytest.mark.parametrize("rule", ["z", "satterthwaite", "clusters_minus_parameters"])
def test_three_sites_for_six_coefficients(name, rule):
    if rule == "satterthwaite" and name in ("fg", "mbn"):
        return  # those have none, which the plan is refused for
    months, counts = ("3", "6"), {"active": ([14, 12], 24), "control": ([9, 5], 24)}
    covariates = [small.covariate("age"), small.covariate("sex", "f")]
    rng = np.random.default_rng(5)
    columns = {"age": rng.normal(50, 9, 48), "sex": rng.choice(["f", "m"], 48)}
    data = small.trial(counts, months, columns, cluster=np.arange(48) % 3)
    got = small.rows(
        small.plan(TWO, months, covariates, "site"), data, covariance=name, degrees_of_freedom=rule
    )
    for month, quantity in itertools.product(months, ("risk_ratio", "risk_difference")):
        row = got[month, quantity, "active:control"]
        if name in HETEROSCEDASTIC:
            assert row["lower"] < row["upper"]
        else:
            bare(row, "3 clusters for 6 coefficients")


@pytest.mark.parametrize("name", ["kc", "md", "cr3", "hc2", "hc3", "cr2", "fg", "cr0"])
def test_a_row_that_alone_determines_a_coefficient(name):
    """A covariate of one person: a leverage correction divides by 0."""
    columns = {"rare": (np.arange(24) == 0).astype(int)}
    data = small.trial({"active": (8, 12), "control": (5, 12)}, columns=columns)
    got = small.rows(small.plan(TWO, covariates=[small.covariate("rare")]), data, covariance=name)
    ratio = got["3", "risk_ratio", "active:control"]
    assert ratio["estimate"] == pytest.approx((7 / 11) / (5 / 12), rel=1e-9)
    if name in ("cr2", "fg", "cr0"):
        assert ratio["lower"] < ratio["estimate"] < ratio["upper"]
    else:
        bare(ratio, "alone determine a coefficient (leverage 1)")
        assert "leverage" in got["", "robust_to_naive_max", "all"]["reason"]


@pytest.mark.parametrize("inference", ["wald", "quasi_score"])
def test_the_quasi_score_has_no_interval_where_there_is_no_variance(inference):
    data = small.trial({"active": (20, 20), "control": (20, 20)})
    got = small.rows(small.plan(TWO), data, inference=inference)
    ratio = got["3", "risk_ratio", "active:control"]
    assert ratio["estimate"] == pytest.approx(1)
    bare(ratio)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e9])
def test_a_linear_model_of_outcomes_that_do_not_differ(size):
    data = small.trial({"active": (0, 20), "control": (0, 20)})
    level = np.where(data.people["arm"] == "active", 0.3, 0.1)[:, None] * size
    data = replace(data, change={"resp": level})
    got = small.rows(small.plan(TWO), data, model="linear")
    difference = got["3", "mean_difference", "active:control"]
    assert difference["estimate"] == pytest.approx(0.2 * size)
    bare(difference)
    assert got["3", "standardized_difference", "active:control"]["reason"]


def test_a_model_without_a_maximum_says_which_arm():
    data = small.trial({"active": (20, 20), "control": (9, 20)})
    for model, risks in (("logistic", "standardized"), ("log_binomial", "at_means")):
        with pytest.raises(FitError, match="everybody of arm active has the event at month 3"):
            small.rows(small.plan(TWO), data, model=model, risks=risks)


def test_columns_that_repeat_are_named():
    rng = np.random.default_rng(3)
    age = rng.integers(20, 80, 40)
    columns = {"age": age, "months": 12 * age, "country": np.full(40, 7)}
    data = small.trial({"active": (9, 20), "control": (6, 20)}, columns=columns)
    plan = small.plan(TWO, covariates=[small.covariate(c) for c in columns])
    with pytest.raises(FitError) as error:
        small.rows(plan, data)
    assert "country is the same for everybody analyzed" in str(error.value)
    assert "months is made of the columns before" in str(error.value)


NAMES = ("active", "control", "month6", "intercept", "active:month6", "sex=m", "6", "risk")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"risks": "standardized"}, {"working": "exchangeable"}])
def test_a_covariate_may_bear_any_name(name, options):
    rng, months = np.random.default_rng(8), ("3", "6")
    age, sex = rng.normal(50, 9, 60), rng.choice(["f", "m"], 60)
    counts = {"active": ([17, 15], 30), "control": ([11, 5], 30)}
    found = []
    for id in (name, "innocent"):
        covariates = [small.covariate("sex", "f"), small.covariate(id)]
        data = small.trial(counts, months, {"sex": sex, id: age})
        found.append(small.rows(small.plan(TWO, months, covariates), data, **options))
    one, other = found
    assert one.keys() == other.keys()
    for key, row in one.items():
        for number in ("estimate", "lower", "upper", "p_value"):
            assert row[number] == pytest.approx(other[key][number], rel=1e-9, nan_ok=True), key


def test_the_models_behind_the_primary_have_a_row_per_column_whatever_the_names():
    """An imputation and a response model with a covariate called as an arm."""
    plan, trial = simulated.PLAN, simulated.trial()
    before = _coefficients(plan, trial)
    covariates = tuple(replace(c, id="PT") if c.id == "urban" else c for c in plan.covariates)
    ids = ("severity", "PT", "site")
    models = replace(plan.models, adjusted=ids, response=ids, imputation=ids)
    renamed = replace(trial, people=trial.people.rename(columns={"urban": "PT"}))
    after = _coefficients(replace(plan, covariates=covariates, models=models), renamed)
    assert [v for _, v in after] == [v for _, v in before]
    assert [k for k, _ in after if "PT" in k[1]] == [
        (a, level.replace("urban", "covariate PT")) for (a, level), _ in before
        if "PT" in level or level == "urban"
    ]  # fmt: skip


def test_a_unit_changes_its_own_coefficient_alone():
    """Weights and imputations stacked, a covariate in another unit in all three models."""
    plan = simulated.PLAN
    ids = ("severity", "distance")
    plan = replace(plan, models=replace(plan.models, adjusted=ids, response=ids, imputation=ids))
    trial = simulated.trial()
    entry = plan.analysis("main")
    before = stages.rows(entry, plan, trial)
    for factor in (1e-9, 1e6, 1e12):
        values = trial.people["distance"].astype(float) * factor
        people = trial.people.assign(distance=values)
        after = stages.rows(entry, plan, replace(trial, people=people))
        for one, other in zip(before, after, strict=True):
            own = one["analysis"] != "main" and one["level"] == "distance"
            if own and one["quantity"] == "odds_ratio":
                logs = np.log([one["lower"], one["estimate"], one["upper"]]) / factor
                if (np.abs(logs) > 700).any():
                    assert np.isnan([other["estimate"], other["lower"], other["p_value"]]).all()
                    assert "per unit of distance" in other["reason"]
                    continue
            for number in ("estimate", "std_error", "lower", "upper", "p_value"):
                expected = one[number]
                if own and number != "p_value":
                    if one["quantity"] == "odds_ratio" and number != "std_error":
                        expected = np.exp(np.log(expected) / factor)
                    else:
                        expected = expected / factor
                assert other[number] == pytest.approx(expected, rel=1e-5, nan_ok=True), one


def _coefficients(plan, trial):
    table = stages.rows(plan.analysis("main"), plan, trial)
    ard.check(ard.frame(table))
    return [((r["analysis"], r["level"]), r["estimate"]) for r in table if r["analysis"] != "main"]


@pytest.mark.parametrize("rule", ["protected_lsd", *METHODS])
def test_a_contrast_that_could_not_be_tested_helps_no_other(rule):
    plan = small.plan(("a", "b", "c"), multiplicity=rule)
    estimates = [Estimate(1.5, 0.1, 1.2, 1.8, 4.0, p) for p in (0.01, 0.02)]
    gone = Estimate(1.5, *[np.nan] * 5, reason="one cluster")
    make = ard.row
    found = pair_rows(plan, 0.001, [estimates[0], gone, estimates[1]], [{}] * 3, make)
    worst = replace(gone, p_value=1.0, reason="")
    counted = pair_rows(plan, 0.001, [estimates[0], worst, estimates[1]], [{}] * 3, make)
    for at in (0, 2):
        assert found[at]["p_value"] == counted[at]["p_value"]
    assert np.isnan(found[1]["p_value"]) and found[1]["reason"] == "one cluster"


@pytest.mark.parametrize("omnibus", [np.nan, 0.2])
def test_pairs_that_are_not_opened_say_why(omnibus):
    plan = small.plan(("a", "b", "c"), multiplicity="protected_lsd")
    estimates = [Estimate(1.5, 0.1, 1.2, 1.8, 4.0, 0.01)] * 3
    for row in pair_rows(plan, omnibus, estimates, [{}] * 3, ard.row):
        assert np.isnan(row["p_value"]) and "not tested" in row["reason"]


def test_small_trials_of_every_kind_have_no_interval_without_a_variance():
    """Random counts, clusters and options: an error in words or rows whose gaps have reasons."""
    rng = np.random.default_rng(12)
    options = {
        "covariance": ("cr0", "cr1", "cr1s", "cr2", "kc", "md", "fg", "hc0", "hc3", "stata"),
        "risks": ("at_means", "standardized", "standardized_random"),
        "interval": ("log", "logit"),
        "degrees_of_freedom": ("z", "clusters_minus_parameters"),
        "model": ("modified_poisson", "modified_poisson", "logistic", "log_binomial", "linear"),
        "working": ("independence", "independence", "exchangeable"),
    }
    fitted = 0
    for _ in range(120):
        chosen = {k: str(rng.choice(v)) for k, v in options.items()}
        if chosen["model"] == "logistic":
            chosen["risks"] = "standardized"
        if chosen["model"] in ("linear", "log_binomial"):
            chosen["risks"] = "at_means"
        if chosen["working"] == "exchangeable":
            chosen |= {"model": "modified_poisson", "covariance": "cr0"}
        if chosen["risks"] != "at_means":
            chosen |= {"covariance": "cr0", "degrees_of_freedom": "z"}
        months = ("3", "6")[: int(rng.integers(1, 3))]
        arms = ("a", "b", "c")[: int(rng.integers(2, 4))]
        counts = {}
        for arm in arms:
            n = int(rng.integers(1, 9))
            counts[arm] = (rng.integers(0, n + 1, len(months)), n)
        total = sum(n for _, n in counts.values())
        clusters, label = str(rng.choice(["person", "site"])), rng.integers(0, 4, total)
        columns = {"x": rng.integers(0, 4, total)}
        own = [small.covariate("x")] if rng.random() < 0.4 else []
        try:
            got = small.rows(
                small.plan(arms, months, own, clusters),
                small.trial(counts, months, columns, label),
                **chosen,
            )
        except FitError as error:
            assert len(str(error)) > 40
            continue
        fitted += 1
        for key, row in got.items():
            _sound(key, row, chosen)
    assert fitted > 40


def _sound(key, row, chosen):
    if key[1] in ("risk", "risk_ratio", "risk_difference", "odds_ratio", "mean_difference", "mean"):
        numbers = [row[k] for k in ("estimate", *INTERVAL)]
        assert row["reason"] or np.isfinite(numbers).all(), (key, row, chosen)
        assert not row["reason"] or np.isnan(numbers[1:]).all(), (key, row, chosen)
        assert np.isnan(row["std_error"]) or row["std_error"] > 1e-6, (key, row, chosen)
        if key[1] == "risk_difference":
            assert not 0 < abs(row["estimate"]) < 1e-9, (key, row, chosen)
    elif key[1] == "omnibus_wald":
        assert bool(row["reason"]) == np.isnan(row["p_value"]), (key, row, chosen)
    elif key[1] != "nnt":
        assert row["reason"] or np.isfinite(row["estimate"]), (key, row, chosen)
