"""Columns of a design: units change nothing but their own coefficient, and repeats are found."""

import numpy as np
import pytest

from trialrr.estimate.columns import repeating, units
from trialrr.estimate.covariance import by_name, leverage
from trialrr.estimate.fit import FitError, linear, logistic, modified_poisson
from trialrr.estimate.gee import gee_poisson_exchangeable
from trialrr.estimate.log_binomial import log_binomial
from trialrr.estimate.quasi_score import PoissonEquations, interval
from trialrr.estimate.separation import separated

SCALES = (1e-100, 1e-9, 1e-3, 1e6, 1e12, 1e100)
SAME = 1e-9  # of coefficients that two solutions to 1e-9 of their scores share
PEOPLE = 240


def trial():
    rng = np.random.default_rng(20)
    arm, age = np.arange(PEOPLE) % 2, rng.normal(50, 12, PEOPLE)
    risk = np.exp(-1.2 + 0.4 * arm + 0.01 * (age - 50))
    y = (rng.random(PEOPLE) < risk).astype(float)
    return y, np.column_stack([np.ones(PEOPLE), arm, age]), np.repeat(np.arange(PEOPLE // 4), 4)


def scaled(design, factor):
    return design * [1, 1, factor]


@pytest.mark.parametrize("factor", SCALES)
@pytest.mark.parametrize("model", [modified_poisson, logistic, linear, log_binomial])
def test_a_covariate_in_another_unit_changes_its_own_coefficient_alone(model, factor):
    y, z, people = trial()
    one, other = model(y, z), model(y, scaled(z, factor))
    assert other.coef[:2] == pytest.approx(one.coef[:2], rel=SAME)
    assert other.coef[2] * factor == pytest.approx(one.coef[2], rel=SAME)
    assert other.mu == pytest.approx(one.mu, rel=SAME)
    for name in ("cr0", "kc", "md", "cr2", "fg", "hc3"):
        a, b = by_name(name, one, people), by_name(name, other, people)
        assert b.matrix[:2, :2] == pytest.approx(a.matrix[:2, :2], rel=1e-7), name
        if a.satterthwaite:
            contrast = np.array([0.0, 1.0, 0.0])
            assert b.satterthwaite(contrast) == pytest.approx(a.satterthwaite(contrast), rel=1e-6)
    assert leverage(other, people) == pytest.approx(leverage(one, people), rel=1e-6)


@pytest.mark.parametrize("factor", [1e-9, 1e6, 1e12])
def test_repeated_visits_and_the_quasi_score_do_not_see_the_unit(factor):
    y, z, people = trial()
    one = gee_poisson_exchangeable(y, z, people)
    other = gee_poisson_exchangeable(y, scaled(z, factor), people)
    assert other.coef[1] == pytest.approx(one.coef[1], rel=1e-7)
    assert other.alpha == pytest.approx(one.alpha, rel=1e-6)
    a, b = by_name("cr0", one, people).matrix, by_name("cr0", other, people).matrix
    assert b[:2, :2] == pytest.approx(a[:2, :2], rel=1e-6)

    contrast, fit = np.array([0.0, 1.0, 0.0]), modified_poisson(y, z)
    se = np.sqrt(by_name("cr0", fit, people).matrix[1, 1])
    limits = []
    for design in (z, scaled(z, factor)):
        coef = modified_poisson(y, design).coef
        found = interval(PoissonEquations(design, y, np.ones(PEOPLE), people), contrast, coef, se)
        limits.append((found.lower, found.upper, found.p_value))
    assert limits[1] == pytest.approx(limits[0], rel=1e-6)


def test_separation_does_not_see_the_unit():
    y, z, _ = trial()
    rare = (np.arange(PEOPLE) < 6).astype(float)
    y[:6] = 0
    for factor in (1.0, 1e-9, 1e9):
        gone = separated(y, np.column_stack([z, rare * factor]))
        assert np.flatnonzero(gone).tolist() == [0, 1, 2, 3, 4, 5]


def test_ordinary_columns_keep_their_last_digits():
    _, z, _ = trial()
    assert (units(z) == 1).all()
    unit = units(scaled(z, 1e6))
    assert np.log2(unit[2]) == int(np.log2(unit[2]))
    assert 1 <= np.abs(scaled(z, 1e6)[:, 2] / unit[2]).max() < 2
    assert (units(np.zeros((3, 2))) == 1).all()


@pytest.mark.parametrize("factor", (1.0, *SCALES))
def test_what_repeats_is_found_in_every_unit(factor):
    _, z, _ = trial()
    constant = np.full(PEOPLE, 0.1 + 0.2) * factor
    noisy = constant * (1 + 1e-15 * np.arange(PEOPLE) % 2)
    twice, mixed = 2 * z[:, 2] * factor, (z[:, 1] + z[:, 2] / 3) * factor
    own = np.random.default_rng(1).normal(0, factor, PEOPLE)
    design = np.column_stack([z, constant, noisy, twice, own, mixed, 0 * own])
    assert np.flatnonzero(repeating(design)).tolist() == [3, 4, 5, 7, 8]
    assert not repeating(np.column_stack([z, own])).any()


def test_a_column_far_from_zero_is_no_constant():
    """Years of birth, or dates in seconds: their spread is small beside their size."""
    spread = np.linspace(0, 1, 50)
    for offset in (2000.0, 1e5):
        assert not repeating(np.column_stack([np.ones(50), offset + spread])).any()


def test_a_fit_names_the_columns_that_repeat():
    y, z, _ = trial()
    with pytest.raises(FitError, match=r"4 columns but rank 3: column 4 \(of 1 to 4\)"):
        modified_poisson(y, np.column_stack([z, np.full(PEOPLE, 7.0)]))


@pytest.mark.parametrize("model", [modified_poisson, logistic, log_binomial])
@pytest.mark.parametrize("value", [2.0, -1.0])
def test_a_response_that_is_no_event_is_refused(model, value):
    y, z, _ = trial()
    wrong = y.copy()
    wrong[17] = value
    with pytest.raises(ValueError, match=f"response is {value:g} in row 17"):
        model(wrong, z)
    with pytest.raises(ValueError, match="response is 2"):
        model(2 * y, z)


def test_a_share_of_people_is_a_response():
    """Pairs of people in one row with the share of events are the people themselves."""
    y, _, _ = trial()
    z = np.column_stack([np.ones(PEOPLE), np.repeat(np.arange(PEOPLE // 2) % 2, 2)])
    pairs = y.reshape(-1, 2).mean(axis=1)
    assert modified_poisson(pairs, z[::2]).coef == pytest.approx(modified_poisson(y, z).coef)
