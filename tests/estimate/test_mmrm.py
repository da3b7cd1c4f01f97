"""The mixed model for repeated measures against R (nlme, lmerTest, pbkrtest, and the likelihood
written out: tests/oracle/mmrm.R), against dense matrices, and against models that it contains."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trialrr.estimate.adjusted import linear_combination
from trialrr.estimate.fit import FitError
from trialrr.estimate.mmrm import mmrm

ORACLE = Path(__file__).parents[1] / "oracle"
R = json.loads((ORACLE / "mmrm.json").read_text(encoding="utf-8"))
VISITS = ("bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m")

OPTIMIZER = 1e-6  # relative: where optim and bobyqa stop
COVARIANCE = 1e-5  # they leave the covariance less exact than the coefficients
NEWTON = 1e-6  # numerical second derivatives of the likelihood written out in R
EXACT = 1e-9  # algebra on the same numbers


def beat_the_blues(*visits):
    """Long format and design of the given visits, columns named as in R."""
    data = pd.read_csv(ORACLE / "data" / "BtheB.csv")
    scores = data[[VISITS[j] for j in visits]].to_numpy()
    person, visit = np.nonzero(~np.isnan(scores))
    treated = (data["treatment"] == "BtheB").to_numpy(float)[person]
    columns = {
        "drugYes": (data["drug"] == "Yes").to_numpy(float)[person],
        "length>6m": (data["length"] == ">6m").to_numpy(float)[person],
    }
    for j in range(len(visits)):
        here = (visit == j).astype(float)
        columns[f"month{j + 1}"] = here
        columns[f"month{j + 1}:treatmentBtheB"] = here * treated
        columns[f"month{j + 1}:bdi.pre"] = here * data["bdi.pre"].to_numpy(float)[person]
    return scores[person, visit], columns, person, visit


def fitted(*visits):
    y, columns, person, visit = beat_the_blues(*visits)
    return mmrm(y, np.column_stack(list(columns.values())), person, visit), list(columns)


def contrast(names, key):
    """Treatment at a visit, or the mean over four."""
    if key == "mean":
        return sum(contrast(names, str(j)) for j in range(1, 5)) / 4
    return np.array([float(name == f"month{key}:treatmentBtheB") for name in names])


def simulated(n=40, visits=3, missing=0.3, seed=3):
    """y, design, person, visit with two arms at each visit, a covariate, visits missing."""
    rng = np.random.default_rng(seed)
    root = np.tril(rng.normal(size=(visits, visits)) / 2) + np.eye(visits)
    scores = rng.normal(size=(n, visits)) @ root.T
    scores[rng.random(scores.shape) < missing] = np.nan
    person, visit = np.nonzero(~np.isnan(scores))
    cells = np.eye(2 * visits)[2 * visit + person % 2]
    design = np.column_stack([cells, rng.normal(size=n)[person]])
    return scores[person, visit], design, person, visit


class Dense:
    """The same model with the whole V, for comparison."""

    def __init__(self, y, x, person, visit):
        self.y, self.x, self.visit = y, x, visit
        self.together = person[:, None] == person[None, :]
        rows, columns = np.tril_indices(visit.max() + 1)
        self.elements = list(zip(rows, columns, strict=True))

    def v(self, sigma):
        return np.where(self.together, sigma[np.ix_(self.visit, self.visit)], 0.0)

    def slopes(self, size):
        """∂V/∂σ_k."""
        for j, k in self.elements:
            unit = np.zeros((size, size))
            unit[j, k] = unit[k, j] = 1
            yield self.v(unit)

    def sigma(self, values):
        sigma = np.zeros((self.visit.max() + 1,) * 2)
        for (j, k), value in zip(self.elements, values, strict=True):
            sigma[j, k] = sigma[k, j] = value
        return sigma

    def values(self, sigma):
        return np.array([sigma[j, k] for j, k in self.elements])

    def log_likelihood(self, sigma):
        w = np.linalg.inv(self.v(sigma))
        a = self.x.T @ w @ self.x
        residual = self.y - self.x @ np.linalg.solve(a, self.x.T @ w @ self.y)
        logs = -np.linalg.slogdet(w)[1] + np.linalg.slogdet(a)[1]
        n, p = self.x.shape
        return -((n - p) * np.log(2 * np.pi) + logs + residual @ w @ residual) / 2


# ------------------------------------------------------------------------------------- against R


def test_the_fit_equals_that_of_nlme():
    fit, names = fitted(0, 1, 2, 3)
    expected = R["BtheB"]["gls"]
    assert (R["BtheB"]["rows"], R["BtheB"]["people"]) == (280, 97)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-9)
    assert fit.log_likelihood == pytest.approx(-924.832526, abs=5e-7)
    errors = np.sqrt(np.diag(fit.covariance))
    assert len(names) == 14
    for name, coef, error in zip(names, fit.coef, errors, strict=True):
        assert coef == pytest.approx(expected["coef"][name], abs=OPTIMIZER * error), name
        assert error == pytest.approx(expected["se"][name], rel=OPTIMIZER), name
    np.testing.assert_allclose(fit.sigma, expected["sigma"], rtol=COVARIANCE)


def test_it_equals_the_likelihood_written_out_in_r():
    fit, names = fitted(0, 1, 2, 3)
    expected = R["BtheB"]["written_out"]
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-10)
    np.testing.assert_allclose(fit.sigma, expected["sigma"], rtol=NEWTON)
    assert list(expected["tests"]) == ["1", "2", "3", "4", "mean"]
    for key, test in expected["tests"].items():
        at = contrast(names, key)
        assert at @ fit.coef == pytest.approx(test["estimate"], rel=NEWTON), key
        assert np.sqrt(at @ fit.covariance @ at) == pytest.approx(test["se"], rel=NEWTON), key
        assert fit.satterthwaite(at) == pytest.approx(test["df"], rel=NEWTON), key


@pytest.mark.parametrize(
    ("program", "visits"), [("BtheB_visits_1_2", (0, 1)), ("BtheB_visits_1_3_4", (0, 2, 3))]
)
def test_degrees_of_freedom_equal_those_of_lmertest_and_pbkrtest(program, visits):
    fit, names = fitted(*visits)
    expected = R[program]
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-8)
    np.testing.assert_allclose(fit.sigma, expected["sigma"], rtol=COVARIANCE)
    assert len(expected["tests"]) == len(visits)
    for key, tests in expected["tests"].items():
        at = contrast(names, key)
        for rule, matrix in (("satterthwaite", fit.covariance), ("kenward_roger", fit.adjusted)):
            test, df = tests[rule], getattr(fit, rule)(at)
            got = linear_combination(at, fit.coef, matrix, df=df)
            assert got.estimate == pytest.approx(test["estimate"], rel=OPTIMIZER), (key, rule)
            assert got.std_error == pytest.approx(test["se"], rel=OPTIMIZER), (key, rule)
            assert got.df == pytest.approx(test["df"], rel=COVARIANCE), (key, rule)
            assert got.p_value == pytest.approx(test["p"], rel=OPTIMIZER), (key, rule)
    first = contrast(names, "1")
    assert first @ fit.adjusted @ first > first @ fit.covariance @ first


# ------------------------------------------------------------------------ against dense matrices


@pytest.mark.parametrize("visits", [1, 2, 3, 4])
def test_the_maximum_and_its_curvature_are_those_of_the_likelihood(visits):
    sample = simulated(visits=visits, n=60)
    fit, dense = mmrm(*sample), Dense(*sample)
    assert fit.log_likelihood == pytest.approx(dense.log_likelihood(fit.sigma), rel=1e-12)
    best = dense.values(fit.sigma)
    step = 1e-3 * np.diag(np.full(len(best), fit.sigma.max()))

    def at(change):
        return dense.log_likelihood(dense.sigma(best + change))

    def mixed(one, other):
        return at(one + other) - at(one - other) - at(other - one) + at(-one - other)

    for k, own in enumerate(step):
        slope = (8 * (at(own) - at(-own)) - (at(2 * own) - at(-2 * own))) / (12 * own[k])
        assert slope == pytest.approx(0, abs=1e-4 * np.sqrt(fit.expected[k, k])), k
        for m, other in enumerate(step):
            curvature = (16 * mixed(own, other) - mixed(2 * own, 2 * other)) / 48
            curvature /= -own[k] * other[m]
            scale = np.sqrt(fit.observed[k, k] * fit.observed[m, m])
            assert curvature == pytest.approx(fit.observed[k, m], abs=1e-4 * scale), (k, m)


def test_information_and_adjusted_covariance_are_those_of_kenward_and_roger():
    """Kenward & Roger (1997), equations 2 to 5, with the whole V; Σ is linear in its elements, so
    their second derivatives R_kl are zero."""
    y, x, person, visit = simulated()
    fit, dense = mmrm(y, x, person, visit), Dense(y, x, person, visit)
    w = np.linalg.inv(dense.v(fit.sigma))
    phi = np.linalg.inv(x.T @ w @ x)
    projection = w - w @ x @ phi @ x.T @ w
    slopes = list(dense.slopes(len(fit.sigma)))
    assert len(slopes) == 6
    expected = [[np.trace(projection @ a @ projection @ b) / 2 for b in slopes] for a in slopes]
    np.testing.assert_allclose(fit.expected, expected, rtol=EXACT, atol=1e-12)
    residual = projection @ y
    observed = [[residual @ a @ projection @ b @ residual for b in slopes] for a in slopes]
    np.testing.assert_allclose(fit.observed, observed - fit.expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(fit.covariance, phi, rtol=EXACT, atol=1e-14)
    weights, adjustment = np.linalg.inv(expected), np.zeros_like(phi)
    p = [-x.T @ w @ a @ w @ x for a in slopes]
    for k, a in enumerate(slopes):
        np.testing.assert_allclose(fit.slopes[k], -phi @ p[k] @ phi, rtol=EXACT, atol=1e-12)
        for m, b in enumerate(slopes):
            q = x.T @ w @ a @ w @ b @ w @ x
            adjustment += weights[k, m] * (q - p[k] @ phi @ p[m])
    np.testing.assert_allclose(fit.adjusted, phi + 2 * phi @ adjustment @ phi, rtol=1e-8)


# --------------------------------------------------------------------- against models inside it


def test_complete_data_with_a_mean_for_every_arm_and_visit_give_the_t_test():
    """Every visit's t-test with the pooled variance of the arms and N - arms degrees of freedom."""
    rng = np.random.default_rng(5)
    n, visits, arms = 45, 3, 3
    scores = rng.normal(size=(n, visits)) @ rng.normal(size=(visits, visits)) + rng.normal(size=3)
    arm = np.arange(n) % arms
    person, visit = np.divmod(np.arange(n * visits), visits)
    design = np.eye(arms * visits)[arms * visit + arm[person]]
    fit = mmrm(scores.ravel(), design, person, visit)
    within = scores - np.array([scores[arm == a].mean(axis=0) for a in arm])
    np.testing.assert_allclose(fit.sigma, within.T @ within / (n - arms), rtol=EXACT)
    np.testing.assert_allclose(fit.adjusted, fit.covariance, rtol=EXACT, atol=1e-12)
    for j in range(visits):
        pair = np.zeros(arms * visits)
        pair[[arms * j + 1, arms * j]] = 1, -1
        assert fit.satterthwaite(pair) == pytest.approx(n - arms, rel=EXACT)
        assert fit.kenward_roger(pair) == pytest.approx(n - arms, rel=EXACT)
        groups = [scores[arm == a, j] for a in range(arms)]
        pooled = sum(((g - g.mean()) ** 2).sum() for g in groups) / (n - arms)
        t = (groups[1].mean() - groups[0].mean()) / np.sqrt(pooled * 2 / 15)
        got = linear_combination(pair, fit.coef, fit.covariance, df=fit.satterthwaite(pair))
        assert got.statistic == pytest.approx(t, rel=EXACT)
        assert got.p_value == pytest.approx(2 * stats.t.sf(abs(t), n - arms), rel=1e-8)


def test_one_visit_is_least_squares_with_residual_degrees_of_freedom():
    y, x, person, visit = simulated(visits=1, missing=0.0)
    fit = mmrm(y, x, person, visit)
    coef, squares = np.linalg.lstsq(x, y, rcond=None)[:2]
    left = len(y) - x.shape[1]
    np.testing.assert_allclose(fit.coef, coef, rtol=EXACT)
    assert fit.sigma.item() == pytest.approx(squares.item() / left, rel=EXACT)
    for unit in np.eye(x.shape[1]):
        assert fit.satterthwaite(unit) == pytest.approx(left, rel=EXACT)
        assert fit.kenward_roger(unit) == pytest.approx(left, rel=EXACT)


def test_missing_visits_borrow_from_those_observed():
    """Two visits, the second missing in part, means by arm: the maximum of Anderson (1957) by
    regression of the second on the first has the mean of the second moved by slope × (mean of
    everybody - mean of those with both) at the first. REML has the same form."""
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(50, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    scores[scores[:, 0] > 0.4, 1] = np.nan
    person, visit = np.nonzero(~np.isnan(scores))
    fit = mmrm(scores[person, visit], np.eye(2)[visit], person, visit)
    both = scores[~np.isnan(scores[:, 1])]
    slope = np.cov(both.T)[0, 1] / np.var(both[:, 0], ddof=1)
    moved = both[:, 1].mean() + slope * (scores[:, 0].mean() - both[:, 0].mean())
    assert fit.coef == pytest.approx([scores[:, 0].mean(), moved], rel=1e-8)
    assert fit.sigma[0, 1] / fit.sigma[0, 0] == pytest.approx(slope, rel=1e-8)


# ------------------------------------------------------------------------------------ invariance


def summary(fit):
    unit = np.eye(len(fit.coef))[1]
    return [*fit.coef, *np.diag(fit.covariance), *np.diag(fit.adjusted), *fit.sigma.ravel(),
            fit.log_likelihood, fit.satterthwaite(unit), fit.kenward_roger(unit)]  # fmt: skip


def test_order_of_rows_and_names_of_people_change_nothing():
    y, x, person, visit = simulated(n=80)
    expected = summary(mmrm(y, x, person, visit))
    rng = np.random.default_rng(0)
    order, names = rng.permutation(len(y)), rng.permutation(80)
    labels = np.array([f"R{k:03d}" for k in names[person]])
    got = mmrm(y[order], x[order], labels[order], visit[order])
    np.testing.assert_allclose(summary(got), expected, rtol=EXACT)


def test_units_and_origins_change_nothing_but_themselves():
    y, x, person, visit = simulated(n=80)
    fit, unit = mmrm(y, x, person, visit), np.eye(x.shape[1])[1]
    scale = np.array([1, 1, 1, 1, 1, 1, 1e4])
    shift = np.arange(7.0)
    other = mmrm(100 * (y + x @ shift), x * scale, person, visit)
    np.testing.assert_allclose(other.coef * scale, 100 * (fit.coef + shift), rtol=EXACT)
    np.testing.assert_allclose(other.sigma, 1e4 * fit.sigma, rtol=EXACT)
    for matrix in ("covariance", "adjusted"):
        moved = getattr(other, matrix) * np.outer(scale, scale)
        np.testing.assert_allclose(moved, 1e4 * getattr(fit, matrix), rtol=1e-8, atol=1e-10)
    lost = (len(y) - 7) * np.log(100) + np.log(1e4)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood - lost, rel=EXACT)
    assert other.satterthwaite(unit) == pytest.approx(fit.satterthwaite(unit), rel=1e-8)
    assert other.kenward_roger(unit) == pytest.approx(fit.kenward_roger(unit), rel=1e-8)


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.999])
def test_steps_are_few_even_if_visits_are_nearly_the_same(correlation):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=(60, 1)) * np.sqrt(correlation)
        scores = shared + rng.normal(size=(60, 3)) * np.sqrt(1 - correlation)
        scores[rng.random(scores.shape) < 0.3] = np.nan
        person, visit = np.nonzero(~np.isnan(scores))
        fit = mmrm(scores[person, visit], np.eye(3)[visit], person, visit)
        assert fit.steps < 40
        assert np.linalg.eigvalsh(fit.observed).min() > 0


# ---------------------------------------------------------------------------------------- errors


def test_values_that_make_no_sense_are_refused():
    y, x, person, visit = simulated()
    with pytest.raises(ValueError, match="do not fit"):
        mmrm(y[1:], x, person, visit)
    with pytest.raises(ValueError, match="response is not finite in row 2"):
        mmrm(np.where(np.arange(len(y)) == 2, np.nan, y), x, person, visit)
    with pytest.raises(ValueError, match="design is not finite in row 0"):
        mmrm(y, np.where(np.arange(len(y))[:, None] == 0, np.inf, x), person, visit)
    with pytest.raises(ValueError, match="expected integers"):
        mmrm(y, x, person, visit + 0.5)
    with pytest.raises(ValueError, match="expected integers"):
        mmrm(y, x, person, visit - 1)
    with pytest.raises(ValueError, match="person 0 has 2 rows of visit 2; expected one"):
        mmrm(*(np.append(a, a[1:2], axis=0) for a in (y, x, person, visit)))


def test_what_cannot_be_estimated_is_named():
    y, x, person, visit = simulated()
    with pytest.raises(FitError, match="8 columns but rank 7"):
        mmrm(y, np.column_stack([x, x[:, 0] + x[:, 1]]), person, visit)
    with pytest.raises(FitError, match=r"nobody is observed at visit\(s\) 2, 3 \(counted"):
        mmrm(y, x, person, np.where(visit == 2, 4, visit))
    apart = (person % 2 == 0) & (visit != 2) | (person % 2 == 1) & (visit == 2)
    with pytest.raises(FitError, match=r"visit\(s\) 0 and 2, 1 and 2 \(counted"):
        mmrm(y[apart], np.eye(3)[visit[apart]], person[apart], visit[apart])
    with pytest.raises(FitError, match=r"nobody is observed at visit\(s\) 0 "):
        mmrm(*(a[:0] for a in (y, x, person, visit)))
    with pytest.raises(FitError, match=r"visit\(s\) 1 .* have no residual variance"):
        mmrm(np.where(visit == 1, 7.0, y), np.eye(3)[visit], person, visit)


def _visits(*columns):
    """Scores (n, J) from one column a visit, with the design of a mean at each."""
    scores = np.column_stack(columns)
    person, visit = np.divmod(np.arange(scores.size), scores.shape[1])
    return scores.ravel(), np.eye(scores.shape[1])[visit], person, visit


STOPPED = 1e-5  # relative; the score, in its standard deviations, where rounding ends the search
ONE, TWO, THREE = np.random.default_rng(1).normal(size=(3, 40))


@pytest.mark.parametrize(
    "columns",
    [
        (ONE, ONE),
        (ONE, 2 * ONE + 1, TWO),
        (ONE, TWO, ONE - 3 * TWO + 2),
        (1e6 * ONE, TWO, 1e6 * ONE + TWO),
        (ONE, ONE + 1e-5 * TWO),
        (ONE, TWO, THREE, 0.3 * ONE + 0.3 * TWO + 0.3 * THREE),
    ],
    ids=["the same", "twice", "a combination", "another unit", "but for rounding", "of four"],
)
def test_visits_that_follow_from_others_are_refused_with_one_reason(columns):
    with pytest.raises(FitError) as refused:
        mmrm(*_visits(*columns))
    assert str(refused.value) == (
        f"the restricted likelihood of {40 * len(columns)} responses of 40 people at "
        f"{len(columns)} visits rises to where the covariance of visits is singular: residuals of "
        "a visit follow from the others, or nearly so; leave a visit or columns out"
    )


@pytest.mark.parametrize("noise", [0.1, 0.01])
def test_visits_that_nearly_repeat_each_other_are_estimated(noise):
    """Complete data: REML of the unstructured covariance is the sample covariance."""
    fit = mmrm(*_visits(ONE, ONE + noise * TWO, THREE))
    expected = np.cov([ONE, ONE + noise * TWO, THREE])
    np.testing.assert_allclose(fit.sigma, expected, rtol=STOPPED)


def test_pairs_of_visits_that_columns_fit_exactly_are_refused():
    """One person alone has both visits, and has a column for each."""
    y = np.random.default_rng(2).normal(size=22)
    person, visit = np.append(np.arange(21), 20), np.array([0] * 10 + [1] * 10 + [0, 1])
    x = np.column_stack([np.eye(2)[visit], (np.arange(22) == 20), (np.arange(22) == 21)])
    with pytest.raises(FitError, match="says nothing about the covariance of some visits"):
        mmrm(y, x, person, visit)
