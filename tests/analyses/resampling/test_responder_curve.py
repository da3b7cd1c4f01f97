"""The entry at many thresholds, and raw shares of responders."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tests.analyses import oracle, simulated
from tests.analyses.simulated import PLAN
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure import model, rows
from trialrr.analyses.resampling import responder_curve
from trialrr.analyses.resampling.entries import ResponderCurve

TRIAL = simulated.trial()
ENTRY = ResponderCurve(
    "curve",
    "post_hoc",
    ("severity",),
    kind="responder_curve",
    of="main",
    thresholds=tuple(map(Decimal, ("0.10", "0.30", "0.50", "0.99"))),
)
STATISTICS = [c for c in ard.COLUMNS if c not in ("analysis", "subgroup", "method", "status")]


@pytest.fixture(scope="module")
def table():
    return simulated.done(responder_curve, ENTRY, PLAN, TRIAL)


def test_at_the_plan_s_threshold_it_is_the_entry_itself(table):
    of = PLAN.analysis("main")
    result = model.fit(of, "severity", PLAN, TRIAL)
    main = rows.result_rows(result, of, "severity", PLAN)
    for quantity in ("risk", "risk_ratio", "risk_difference"):
        got = [r for r in table if r["subgroup"] == "threshold=0.3" and r["quantity"] == quantity]
        expected = [r for r in main if r["month"] == "3" and r["quantity"] == quantity]
        assert ard.frame(got)[STATISTICS].equals(ard.frame(expected)[STATISTICS])


def test_a_threshold_that_nobody_reaches_is_a_row_with_its_reason(table):
    (row,) = [r for r in table if r["quantity"] == "not_estimable"]
    assert row["subgroup"] == "threshold=0.99"
    assert "no event" in row["reason"]
    ard.check(ard.frame(table))


def test_risks_fall_as_the_threshold_rises(table):
    for arm in ("PT", "HC", "UC"):
        risks = [r["estimate"] for r in table if r["quantity"] == "risk" and r["level"] == arm]
        assert len(risks) == 3 and risks == sorted(risks, reverse=True)


def test_raw_shares_against_fractions_person_by_person(table):
    people, visits = simulated.tables()
    visits = visits[(visits["month"] == "3") & (visits["severity_sum"] != "")]
    both = visits.merge(people[["participant_id", "arm", "severity_sum"]], on="participant_id")
    pairs = [
        (r.arm, int(r.severity_sum_y), int(float(r.severity_sum_x))) for r in both.itertuples()
    ]
    pairs = [(arm, b, f) for arm, b, f in pairs if b > 0]
    shares = [r for r in table if r["quantity"] == "responder_share"]
    assert len(shares) == 3 * 31
    for row in shares:
        limit = Fraction(row["subgroup"].removeprefix("threshold="))
        drops = [Fraction(b - f, b) >= limit for arm, b, f in pairs if arm == row["level"]]
        assert (row["n"], row["events"]) == (len(drops), sum(drops))
        assert row["estimate"] == np.mean(drops)
    assert {shares[0]["subgroup"], shares[-1]["subgroup"]} == {"threshold=-0.5", "threshold=1"}


def test_data_without_sums_are_refused():
    plan = replace(oracle.PLAN, analyses=(oracle.entry(),))
    jobs = responder_curve.jobs(ENTRY, plan, oracle.data())
    assert len(jobs) == len(ENTRY.thresholds) + 1
    for job in jobs:
        with pytest.raises(ValueError, match="severity_sum and severity_items"):
            job()
