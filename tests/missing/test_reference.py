"""Reference-based imputation against the distributions that its paper writes down, and what must
hold among its rules."""

import numpy as np
import pytest

from trialrr.missing.normal import Normal
from trialrr.missing.reference import RULES, impute
from trialrr.seeds import stream

DRAWS = 20_000
SD = 4.5  # Monte Carlo standard errors that a moment may be off
EXACT = 1e-12
OWN = Normal(
    np.array([[6.4, 4.4, 4.1, 4.3]]),
    np.array(
        [[[1.4, 0.8, 0.7, 0.5], [0.8, 2.2, 1.3, 1.0], [0.7, 1.3, 2.5, 1.6], [0.5, 1, 1.6, 3]]]
    ),
)
REFERENCE = Normal(
    np.array([[6.6, 5.6, 5.3, 5.4]]),
    np.array(
        [[[1.2, 0.6, 0.6, 0.6], [0.6, 1.9, 0.9, 0.8], [0.6, 0.9, 2.1, 1.1], [0.6, 0.8, 1.1, 2]]]
    ),
)
PERSON = np.array([5.9, 4.9, 3.5, 5.0])


def joint(rule: str, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of all scores of somebody last seen at column k, as Carpenter, Roger &
    Kenward (2013) build them: own covariance until k, the reference's regression after it."""
    a, r, late = OWN.mean[0], REFERENCE.mean[0], np.arange(4) > k
    s, t = OWN.covariance[0], REFERENCE.covariance[0]
    if rule == "mar":
        return a, s
    if rule == "copy_reference":
        return r, t
    mean = np.where(late, r if rule == "jump_to_reference" else a[k] + r - r[k], a)
    t11, t21, t22 = t[~late][:, ~late], t[late][:, ~late], t[late][:, late]
    s11 = s[~late][:, ~late]
    carried = t21 @ np.linalg.inv(t11)
    s21 = carried @ s11
    s22 = t22 - carried @ (t11 - s11) @ carried.T
    return mean, np.block([[s11, s21.T], [s21, s22]])


def draws(rule: str, person: np.ndarray, own=OWN, reference=REFERENCE, n=DRAWS) -> np.ndarray:
    scores = np.tile(person, (n, 1))
    return impute(stream(1, "test reference"), scores, np.zeros(n, int), own, reference, rule)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("k", [0, 1, 2])
def test_draws_follow_the_rule_s_joint_distribution(rule, k):
    late = np.arange(4) > k
    made = draws(rule, np.where(late, np.nan, PERSON))
    assert (made[:, ~late] == PERSON[~late]).all()
    mean, covariance = joint(rule, k)
    s11, s21, s22 = (
        covariance[~late][:, ~late],
        covariance[late][:, ~late],
        covariance[late][:, late],
    )
    slopes = s21 @ np.linalg.inv(s11)
    expected = mean[late] + slopes @ (PERSON - mean)[~late]
    left = s22 - slopes @ s21.T
    error = np.sqrt(np.diag(left) / DRAWS)
    assert (np.abs(made[:, late].mean(axis=0) - expected) < SD * error).all()
    got = np.cov(made[:, late].T).reshape(left.shape)
    bound = np.sqrt((np.outer(np.diag(left), np.diag(left)) + left**2) / DRAWS)
    assert (np.abs(got - left) < SD * bound).all()


def test_a_gap_before_the_last_visit_is_at_random_by_every_rule():
    person = np.array([5.9, np.nan, 3.5, 5.0])
    by_rule = [draws(rule, person, n=50) for rule in RULES]
    for made in by_rule[1:]:
        assert (made == by_rule[0]).all()
    made, seen = draws("jump_to_reference", person), [0, 2, 3]
    s = OWN.covariance[0]
    slopes = np.linalg.solve(s[np.ix_(seen, seen)], s[seen, 1])
    expected = OWN.mean[0, 1] + (person[seen] - OWN.mean[0, seen]) @ slopes
    error = np.sqrt((s[1, 1] - s[1, seen] @ slopes) / DRAWS)
    assert made[:, 1].mean() == pytest.approx(expected, abs=SD * error)


def test_a_gap_and_a_tail_of_one_person():
    made = draws("copy_increments", np.array([5.9, np.nan, 3.5, np.nan]))
    assert not np.isnan(made).any()
    gap = made[:, 1]
    assert np.corrcoef(gap, made[:, 3])[0, 1] > SD / np.sqrt(DRAWS)  # the tail goes on from the gap


@pytest.mark.parametrize("rule", RULES[1:])
def test_arms_with_equal_parameters_are_imputed_at_random(rule):
    """Thus the reference arm itself is, by every rule."""
    for person in (
        [5.9, np.nan, np.nan, np.nan],
        [5.9, 4.9, np.nan, np.nan],
        [5.9, np.nan, 3, np.nan],
    ):
        person = np.array(person)
        at_random = draws("mar", person, OWN, OWN, 200)
        assert draws(rule, person, OWN, OWN, 200) == pytest.approx(at_random, abs=EXACT)


def test_jumping_shrinks_a_mean_effect_by_the_share_seen():
    """With a mean as outcome, and baseline of those seen as of those who are not, the effect is
    that of the seen times their share."""
    n, seen = 4000, 2400
    rng = stream(1, "test reference", "attenuation")
    active = rng.multivariate_normal(OWN.mean[0], OWN.covariance[0], n)
    active[seen:, 0] += OWN.mean[0, 0] - active[seen:, 0].mean()
    effect = active[:seen, 3].mean() - REFERENCE.mean[0, 3]
    active[seen:, 1:] = np.nan
    which = np.zeros(n, int)
    made = impute(rng, active, which, OWN, REFERENCE, "jump_to_reference")
    shrunk = made[:, 3].mean() - REFERENCE.mean[0, 3]
    error = np.sqrt(REFERENCE.covariance[0, 3, 3] * (n - seen)) / n
    assert shrunk == pytest.approx(effect * seen / n, abs=SD * error)


def test_each_row_has_the_parameters_of_its_chain():
    two = Normal(np.vstack([OWN.mean, OWN.mean + 50]), np.repeat(OWN.covariance, 2, axis=0))
    scores = np.array([[6.0, np.nan, np.nan, np.nan], [56.0, np.nan, np.nan, np.nan]])
    made = impute(stream(1, "which"), scores, np.array([0, 1]), two, two, "copy_reference")
    assert (made[0] < 20).all() and (made[1] > 40).all()


def test_nothing_missing_is_left_alone():
    assert (draws("jump_to_reference", PERSON, n=3) == PERSON).all()
    nobody = np.empty((0, 4))
    made = impute(stream(1, "none"), nobody, np.empty(0, int), OWN, REFERENCE, "mar")
    assert made.shape == (0, 4)


def test_refusals():
    with pytest.raises(ValueError, match="rule 'jump'; known: mar, jump_to_reference"):
        draws("jump", PERSON, n=1)
    with pytest.raises(ValueError, match="without the first column"):
        draws("mar", np.array([np.nan, 1, 2, 3]), n=1)
