"""Wilson's interval against statsmodels, and where it is solved by hand."""

import numpy as np
import pytest

from trialrr.estimate.proportion import wilson


@pytest.mark.parametrize(("events", "n"), [(0, 10), (10, 10), (3, 17), (152, 612), (1, 1)])
@pytest.mark.parametrize("alpha", [0.05, 0.10])
def test_it_is_that_of_statsmodels(events, n, alpha):
    from statsmodels.stats.proportion import proportion_confint

    found = wilson(events, n, alpha)
    peer = proportion_confint(events, n, alpha, method="wilson")
    assert (found.lower, found.upper) == pytest.approx(peer, abs=1e-12)
    assert found.estimate == events / n
    assert np.isnan(found.std_error)


def test_limits_are_where_the_score_test_turns():
    found = wilson(12, 40)
    for limit in (found.lower, found.upper):
        z = (0.3 - limit) / np.sqrt(limit * (1 - limit) / 40)
        assert abs(z) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(("events", "n"), [(0, 0), (3, 2), (-1, 5), (1.5, 4)])
def test_what_are_no_counts_is_refused(events, n):
    with pytest.raises(ValueError, match="expected whole numbers"):
        wilson(events, n)
