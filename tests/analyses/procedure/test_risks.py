"""The plan's choice of inference: quasi-score limits of a risk ratio, against R."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.analyses.oracle import MONTHS, PLAN, data, entry
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.rows import method_text

STORED = json.loads((Path(__file__).parents[2] / "oracle" / "quasi_score.json").read_text("utf-8"))
LIMIT = 2e-8  # ours are exact to 1e-8, R's to 1e-11


def test_quasi_score_intervals_of_the_plan_equal_r():
    chosen = entry(inference="quasi_score")
    result = fit(chosen, "severity", PLAN, data())
    for month in MONTHS:
        risks, wald = (at_month(result, e, PLAN, month) for e in (chosen, entry()))
        for one, other in PLAN.contrasts:
            expected = STORED["sap_complete_case"][f"{one}:{other} {month}"]
            found, plain = risks.ratio(one, other), wald.ratio(one, other)
            assert np.log(found.estimate) == pytest.approx(expected["estimate"], abs=LIMIT)
            assert np.log(found.lower) == pytest.approx(expected["lower"], abs=LIMIT)
            assert np.log(found.upper) == pytest.approx(expected["upper"], abs=LIMIT)
            assert found.statistic**2 == pytest.approx(expected["statistic"], rel=1e-9)
            assert found.p_value == pytest.approx(expected["p"], rel=1e-9)
            assert (found.estimate, found.std_error) == (plain.estimate, plain.std_error)
            assert risks.difference(one, other) == wald.difference(one, other)


def test_the_method_says_so():
    words = "risk ratio's interval and test by the robust quasi-score, std_error Wald"
    assert words in method_text(entry(inference="quasi_score"), PLAN)
    assert words not in method_text(entry(), PLAN)
