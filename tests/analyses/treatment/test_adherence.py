"""Kind `adherence` against counts by hand."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.analyses import mechanisms, oracle, simulated
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.treatment import adherence
from trialrr.analyses.treatment.entries import Adherence

ENTRY = Adherence(
    "adherence",
    "exploratory",
    ("severity",),
    kind="adherence",
    column="sessions_completed",
    took=">=6",
    groups=("0", "1-5", ">=6"),
)


def everything(trial, entry=ENTRY):
    return ard.check(ard.frame(simulated.done(adherence, entry, oracle.PLAN, trial)))


def of_arm(trial, arm):
    chosen = (trial.people["arm"] == arm).to_numpy()
    return chosen, trial.people["sessions_completed"][chosen].astype(int).to_numpy()


def test_distribution_of_each_arm():
    trial = mechanisms.data()
    table = everything(trial)
    own = table[table["outcome"] == "sessions_completed"]
    assert set(own["level"]) == {"PT", "HC"}
    for arm in ("PT", "HC"):
        _, sessions = of_arm(trial, arm)
        counts = own[(own["quantity"] == "n") & (own["level"] == arm)].set_index("subgroup")
        assert list(counts.index) == [f"sessions_completed={k}" for k in range(9)]
        np.testing.assert_array_equal(counts["estimate"], np.bincount(sessions, minlength=9))
        assert (counts["n"] == len(sessions)).all()
        rest = own[(own["level"] == arm) & (own["quantity"] != "n")].set_index("quantity")
        assert rest.loc["mean", "estimate"] == pytest.approx(sessions.mean())
        quartiles = [rest.loc[name, "estimate"] for name in ("q1", "median", "q3")]
        assert quartiles == list(np.quantile(sessions, [0.25, 0.5, 0.75]))
        events = rest.loc["events"]
        assert events["estimate"] == events["events"] == (sessions >= 6).sum()
        assert events["subgroup"] == "sessions_completed>=6"
    assert set(table["status"]) == {"exploratory"}


@pytest.mark.parametrize(("unit", "counted"), [(6, True), (7, False), (10**6, False)])
def test_of_large_numbers_the_middle_is_told_and_not_every_number(unit, counted):
    trial = mechanisms.data()
    column = trial.people["sessions_completed"]
    people = trial.people.assign(sessions_completed=column * unit)
    table = everything(replace(trial, people=people), replace(ENTRY, groups=("0",)))
    own = table[(table["outcome"] == "sessions_completed") & (table["level"] == "HC")]
    by_number = own[own["quantity"] == "n"]
    _, sessions = of_arm(trial, "HC")
    assert own.set_index("quantity")["estimate"]["median"] == unit * np.median(sessions)
    if counted:
        assert list(by_number["estimate"][::unit]) == list(np.bincount(sessions, minlength=9))
    else:
        (row,) = by_number.itertuples()
        assert np.isnan(row.estimate) and f"goes up to {8 * unit:,}" in row.reason


def test_responders_by_what_they_took():
    trial = mechanisms.data()
    table = everything(trial)
    risks = table[table["quantity"] == "risk"]
    assert set(risks["outcome"]) == {"severity"}
    chosen, _ = of_arm(trial, "HC")
    sessions = trial.people["sessions_completed"].fillna(-1).astype(int).to_numpy()
    for group, low, high in (("=1-5", 1, 5), (">=6", 6, 8)):
        for j, month in enumerate(oracle.MONTHS):
            seen = trial.responder["severity"][chosen & (sessions >= low) & (sessions <= high), j]
            seen = seen[~np.isnan(seen)]
            (row,) = risks[
                (risks["subgroup"] == f"sessions_completed{group}")
                & (risks["level"] == "HC")
                & (risks["month"] == month)
            ].itertuples()
            assert (row.n, row.events) == (len(seen), seen.sum())
            assert row.estimate == pytest.approx(seen.mean())
            limits = proportion_confint(seen.sum(), len(seen), method="wilson")
            assert (row.lower, row.upper) == pytest.approx(limits, abs=1e-12)
            assert row.method.endswith("observed, no comparison: people chose how much they took")


def test_a_group_of_nobody_says_so():
    trial = mechanisms.data()
    people = trial.people.assign(
        sessions_completed=trial.people["sessions_completed"].replace("0", "1")
    )
    table = everything(replace(trial, people=people))
    empty = table[table["quantity"] == "not_estimable"]
    assert set(empty["subgroup"]) == {"sessions_completed=0"}
    assert len(empty) == 2 * 3 and (empty["n"] == 0).all()
    assert empty["reason"].str.startswith("nobody of the group was observed").all()
    none = table[(table["quantity"] == "n") & (table["subgroup"] == "sessions_completed=0")]
    assert (none["estimate"] == 0).all()


def test_refusals():
    trial = mechanisms.data()

    def changed(**columns):
        return replace(trial, people=trial.people.assign(**columns))

    with pytest.raises(ValueError, match="blank for everybody"):
        everything(changed(sessions_completed=None))
    half = trial.people["sessions_completed"].replace(8, 7.5)
    with pytest.raises(ValueError, match="such as 7.5; expected whole numbers"):
        everything(changed(sessions_completed=half))
