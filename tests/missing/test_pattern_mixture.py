"""Pattern-mixture imputation: what is observed stays, what is missing is predicted and cut."""

import numpy as np
import pytest

from trialrr.missing.pattern_mixture import impute_responder, reaches, silverman

H = np.column_stack([np.ones(6), [0, 1, 0, 1, 0, 1]])
REDUCTION = np.array([1.0, 3.0, 2.0, 4.0, np.nan, np.nan])
CUTOFF = np.array([2.0, 2.0, 2.0, 2.0, 1.5, 4.0])


def test_predictions_are_dichotomized_at_the_cutoff_and_the_boundary_counts():
    outcome = np.array([0.0, 1.0, 1.0, 1.0, np.nan, np.nan])
    got = impute_responder(outcome, REDUCTION, CUTOFF, H)
    assert got.fit.coef == pytest.approx([1.5, 2.0])
    assert got.margin[4:] == pytest.approx([0.0, -0.5], abs=1e-12)
    assert got.filled[:4].tolist() == [0, 1, 1, 1]
    exact = impute_responder(outcome, REDUCTION, np.where(CUTOFF == 1.5, 1.0, CUTOFF), H)
    assert exact.filled[4:].tolist() == [1, 0]


def test_an_observed_outcome_is_never_recomputed():
    contrary = np.array([1.0, 0.0, 0.0, 0.0, np.nan, np.nan])
    assert impute_responder(contrary, REDUCTION, CUTOFF, H).filled[:4].tolist() == [1, 0, 0, 0]


def test_an_outcome_without_its_score_is_refused():
    outcome = np.array([0.0, 1.0, np.nan, 1.0, np.nan, np.nan])
    with pytest.raises(ValueError, match="row 2"):
        impute_responder(outcome, REDUCTION, CUTOFF, H)


def test_bandwidth_by_hand():
    margin = np.array([-1.0, 0.0, 1.0, 2.0])
    spread = min(np.std(margin, ddof=1), 1.5 / 1.349)
    assert silverman(margin) == pytest.approx(0.9 * spread * 4**-0.2)
    assert np.isnan(silverman(margin[:1]))


def test_a_prediction_at_the_cutoff_is_a_responder_whatever_the_last_bit():
    """Two people of a cell drop by 0.1 and 0.5: the mean, 0.3, is the cutoff of the third."""
    reduction, outcome = np.array([0.1, 0.5, np.nan]), np.array([0.0, 1.0, np.nan])
    for scale in (1.0, 1 / 3, 0.7):
        cutoff = np.full(3, 0.3 * scale)
        found = impute_responder(outcome, reduction * scale, cutoff, np.ones((3, 1)))
        assert found.filled.tolist() == [0, 1, 1]
    assert reaches(np.array([0.3 - 1e-12, 0.3 - 1e-6]), 0.3).tolist() == [True, False]
