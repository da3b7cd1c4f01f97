"""Chained equations: truth recovered, identities, and what cannot be imputed."""

import numpy as np
import pytest

from trialrr.estimate.fit import FitError
from trialrr.missing.chained import Variable, impute

N = 2000
FAR = 4.0  # standard errors


def trial(rng, n=N):
    """Baseline, three correlated visits and a binary covariate; later visits are missed by who
    was worse before, so that the observed are better than all."""
    baseline = rng.normal(6, 1, n)
    first = 1 + 0.7 * baseline + rng.normal(0, 1, n)
    second = 0.5 + 0.5 * first + 0.3 * baseline + rng.normal(0, 1, n)
    third = 0.5 + 0.6 * second + 0.2 * first + rng.normal(0, 1, n)
    return baseline[:, None], np.column_stack([first, second, third])


def lost(rng, scores, monotone):
    """Missing at random: the second visit by the first, the third by the second or, where it was
    missed (monotone) by nothing."""
    seen = scores.copy()
    gone = rng.random(len(scores)) < 1 / (1 + np.exp(5.2 - scores[:, 0]))
    seen[gone, 1] = np.nan
    later = rng.random(len(scores)) < 1 / (1 + np.exp(5.2 - scores[:, 0]))
    seen[gone | later if monotone else later, 2] = np.nan
    if not monotone:
        seen[np.isnan(seen[:, 1]) & (rng.random(len(scores)) < 0.3), 0] = np.nan
    return seen


def variables(seen):
    return [Variable(f"visit {j}", y) for j, y in enumerate(seen.T)]


def filled(seen, made):
    full = np.repeat(seen[None], next(iter(made.values.values())).shape[0], axis=0)
    for j in range(seen.shape[1]):
        if f"visit {j}" in made.values:
            full[:, np.isnan(seen[:, j]), j] = made.values[f"visit {j}"]
    return full


@pytest.mark.parametrize("imputer", ["normal", "predictive_mean"])
@pytest.mark.parametrize("monotone", [True, False])
def test_means_and_spread_are_recovered_under_missing_at_random(imputer, monotone):
    rng = np.random.default_rng(10)
    baseline, scores = trial(rng)
    seen = lost(rng, scores, monotone)
    if not monotone:
        seen[:, 0] = scores[:, 0]  # what missingness depends on is observed
        seen[rng.random(N) < 0.2, 1] = np.nan
    made = impute(rng, baseline, variables(seen), 30, 8, imputer)
    assert made.monotone == monotone
    full = filled(seen, made)
    for j in (1, 2):
        miss = np.isnan(seen[:, j]).sum()
        error = 2 * np.sqrt(miss) / N * scores[:, j].std()  # of the mean, given the complete data
        assert abs(np.nanmean(seen[:, j]) - scores[:, j].mean()) > FAR * error
        assert abs(full[:, :, j].mean() - scores[:, j].mean()) < FAR * error
        assert full[:, :, j].std() == pytest.approx(scores[:, j].std(), rel=0.05)
    together = np.corrcoef(full[:, :, 1].ravel(), full[:, :, 2].ravel())[0, 1]
    assert together == pytest.approx(np.corrcoef(scores[:, 1], scores[:, 2])[0, 1], abs=0.04)


def test_a_monotone_pass_has_the_mean_of_the_regression_on_what_was_seen():
    rng = np.random.default_rng(11)
    baseline, scores = trial(rng, 400)
    seen = scores[:, :2].copy()
    seen[300:, 1] = np.nan
    made = impute(rng, baseline, variables(seen), 2000, 5)
    design = np.column_stack([np.ones(400), baseline, seen[:, 0]])
    coef, rss, *_ = np.linalg.lstsq(design[:300], seen[:300, 1])
    values = made.values["visit 1"]
    assert made.mean["visit 1"].shape == (2000, 1)
    apart = (values.mean(axis=0) - design[300:] @ coef) / (values.std(axis=0) / np.sqrt(2000))
    assert np.abs(apart).max() < 4.5
    leverage = np.einsum("ij,jk,ik->i", design[300:], np.linalg.inv(design[:300].T @ design[:300]),
                         design[300:])  # fmt: skip
    theory = rss[0] / (300 - 3 - 2) * (1 + leverage)
    assert (values.var(axis=0) / theory).mean() == pytest.approx(1, abs=0.02)


def test_predictive_mean_matching_stays_on_the_observed_grid():
    rng = np.random.default_rng(12)
    baseline, scores = trial(rng, 300)
    seen = lost(rng, np.round(scores * 11) / 11, False)
    made = impute(rng, baseline, variables(seen), 10, 3, "predictive_mean")
    for j, name in enumerate(made.values):
        assert set(made.values[name].ravel()) <= set(seen[:, j])


def test_incomplete_covariates_are_drawn_given_the_scores():
    rng = np.random.default_rng(13)
    baseline, scores = trial(rng)
    odds = np.exp(scores[:, 0] - scores[:, 0].mean())
    binary = (rng.random(N) < odds / (1 + odds)).astype(float)
    group = np.digitize(scores[:, 1] + rng.normal(0, 1, N), [3.5, 5.5]).astype(float) + 4
    hidden = rng.random(N) < 1 / (1 + np.exp(-scores[:, 0] + scores[:, 0].mean()))
    shown = Variable("binary", np.where(hidden, np.nan, binary), categorical=True)
    levels = Variable("group", np.where(hidden, np.nan, group), categorical=True)
    seen = scores.copy()
    seen[rng.random(N) < 0.2, 2] = np.nan
    made = impute(rng, baseline, [shown, levels, *variables(seen)], 20, 5)
    assert list(made.mean) == ["visit 2"]
    error = np.sqrt(0.25 / hidden.sum())
    assert abs(made.values["binary"].mean() - binary[hidden].mean()) < FAR * error * 1.4
    assert abs(binary[~hidden].mean() - binary[hidden].mean()) > FAR * error
    for level in (4, 5, 6):
        share = (made.values["group"] == level).mean()
        assert abs(share - (group[hidden] == level).mean()) < FAR * error * 1.4


def test_scales_and_constant_columns_change_nothing():
    rng = np.random.default_rng(14)
    baseline, scores = trial(rng, 300)
    seen = lost(rng, scores, False)
    plain = impute(np.random.default_rng(1), baseline, variables(seen), 10, 4)
    other = np.column_stack([np.full(300, 3.0), 1000 + 7 * baseline])
    moved = impute(np.random.default_rng(1), other, variables(100 + 9 * seen), 10, 4)
    for name in plain.values:
        assert moved.values[name] == pytest.approx(100 + 9 * plain.values[name], rel=1e-9)


def test_the_same_stream_gives_the_same_imputations():
    rng = np.random.default_rng(15)
    baseline, scores = trial(rng, 200)
    seen = lost(rng, scores, False)
    one, other = (
        impute(np.random.default_rng(2), baseline, variables(seen), 10, 4) for _ in range(2)
    )
    assert all((one.values[name] == other.values[name]).all() for name in one.values)


def test_complete_data_have_nothing_to_impute():
    rng = np.random.default_rng(16)
    baseline, scores = trial(rng, 50)
    assert impute(rng, baseline, variables(scores), 10, 4).values == {}


def test_a_repeated_predictor_is_counted():
    rng = np.random.default_rng(17)
    baseline, scores = trial(rng, 200)
    seen = lost(rng, scores, False)
    made = impute(rng, np.hstack([baseline, 2 * baseline]), variables(seen), 10, 4)
    assert made.ridged == {f"visit {j}": 40 for j in range(3)}
    assert all(np.abs(v - 5).max() < 10 for v in made.values.values())


def test_refusals_name_people_variable_and_remedy():
    rng = np.random.default_rng(18)
    baseline, scores = trial(rng, 30)
    few = scores.copy()
    few[3:, 1] = np.nan
    with pytest.raises(FitError, match="arm UC, visit 1: 3 observed values .* 4 parameters; leave"):
        impute(rng, baseline, variables(few), 10, 4, where="arm UC")
    few[:, 1] = np.nan
    with pytest.raises(FitError, match="arm UC, visit 1: nobody has a value"):
        impute(rng, baseline, variables(few), 10, 4, where="arm UC")
