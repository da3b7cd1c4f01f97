"""Bootstrap samples: sizes, clusters kept whole, and the right probabilities."""

import numpy as np
import pytest

from trialrr.estimate.fit import FitError
from trialrr.resample.draws import blocks, bootstrap_counts

ARM = np.repeat([0, 1, 2], [30, 24, 40])
CLUSTER = np.where(ARM == 1, np.arange(94) % 4, np.arange(94))


def draw(nested, replicates=4000):
    rng = np.random.default_rng(5)
    return bootstrap_counts(rng, replicates, ARM, CLUSTER, nested)


def test_arms_of_people_keep_their_size():
    counts = draw(set())
    for a in range(3):
        assert (counts[:, a == ARM].sum(axis=1) == (a == ARM).sum()).all()


def test_clusters_are_drawn_whole_and_as_many_as_there_are():
    counts = draw({1})
    drawn = np.stack([counts[:, (ARM == 1) & (c == CLUSTER)] for c in range(4)], axis=1)
    assert (drawn == drawn[:, :, :1]).all()
    assert (drawn[:, :, 0].sum(axis=1) == 4).all()


def test_everybody_is_drawn_once_on_average_with_the_multinomial_variance():
    counts = draw(set())
    error = np.sqrt((1 - 1 / 40) / len(counts))
    assert np.abs(counts.mean(axis=0) - 1).max() < 4.5 * error
    assert abs(counts[:, ARM == 2].var() - (1 - 1 / 40)) < 0.02


def test_blocks_cover_the_replicates_and_the_last_is_cut():
    assert blocks(5, 2) == [("00000", 0, 2), ("00001", 2, 4), ("00002", 4, 5)]


def test_clusters_of_several_arms_are_refused_in_words():
    """Sites that both arms share are no clusters within arms; of people they say nothing."""
    arm, site = np.array([0, 0, 0, 1, 1, 1]), np.array(["S", "T", "U", "S", "T", "V"])
    rng = np.random.default_rng(1)
    with pytest.raises(FitError, match="2 of 4 clusters have people in several arms"):
        bootstrap_counts(rng, 3, arm, site, {0, 1})
    assert bootstrap_counts(rng, 3, arm, site, {0}).shape == (3, 6)
    assert bootstrap_counts(rng, 3, arm, site, set()).sum(axis=1).tolist() == [6, 6, 6]
