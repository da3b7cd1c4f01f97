"""Every published count of role `exact` comes back out of the raw exports."""

from collections import Counter

from tests.trials.resolve.conftest import derived, read
from tests.trials.resolve.twin import reading
from trialrr import ard
from trialrr.analyses.described.baseline import baseline_rows
from trialrr.analyses.described.counts import count_rows
from trialrr.prove import compare
from trialrr.trials.resolve.flow import flow_rows

CHANGE_POINT = "randomized_"


def _unequal(published, ingested) -> list[str]:
    arms = [a.id for a in ingested.plan.arms]
    data, outcomes = ingested.data, [o.id for o in ingested.plan.outcomes]
    rows = flow_rows(ingested.raw, data, ingested.plan)
    rows += count_rows(data.participants, data.visits, arms, ingested.plan.months, outcomes)
    rows += baseline_rows(data.participants, ingested.plan.baseline_table, arms)
    compared = compare.compare(published, ard.frame(rows))
    exact = compared[
        (compared["role"] == "exact") & ~compared["analysis"].str.startswith(CHANGE_POINT)
    ]
    assert len(exact) == (published["role"] == "exact").sum() - 2
    return compare.unequal_exact(exact)


def test_every_exact_row_is_reproduced(published, ingested):
    assert _unequal(published, ingested) == []


def test_every_exact_row_is_reproduced_with_another_seed(published, other):
    assert _unequal(published, derived(*read(other[2]))) == []


def test_people_on_either_side_of_the_change_points(published, files):
    log, status = files["randomization_log"], files["disposition"]
    in_error = status.loc[status["status"] == "randomized_in_error", "participant_id"]
    dates = log.loc[~log["participant_id"].isin(in_error), "randomized_on"]
    for name, n in published.loc[
        published["analysis"].str.startswith(CHANGE_POINT), ["analysis", "estimate"]
    ].itertuples(index=False):
        _, side, day = name.split("_")
        assert (dates < day if side == "before" else dates > day).sum() == int(n)


def test_responders_by_fractions(published, files, dictionary):
    surveys, log = files["redcap_surveys"], files["randomization_log"]
    status = files["disposition"]
    in_error = set(status.loc[status["status"] == "randomized_in_error", "participant_id"])
    start = dict(zip(log["participant_id"], log["randomized_on"], strict=True))
    items = [name for name in surveys.columns if name.startswith("bpi")]
    assert len(items) == 11
    best = reading.best_surveys(surveys, start, items)
    events, observed, completed, visits = Counter(), Counter(), Counter(), Counter()
    for person, arm in zip(log["participant_id"], log["arm"], strict=True):
        if person in in_error:
            continue
        base, seen = best[person, "baseline_arm_1"], 0
        for event in reading.DAYS:
            month = event.split("_")[1]
            after = best.get((person, event))
            if after is None:
                continue
            if after["severity"] is not None:
                completed["", month, arm] += 1
                seen += 1
            for outcome in after:
                responds = reading.responder(base[outcome], after[outcome])
                if responds is not None:
                    observed[outcome, month, arm] += 1
                    events[outcome, month, arm] += responds
        visits[seen, arm] += 1
    rows = published[published["role"] == "exact"]
    table = rows[rows["analysis"] == "observed"]
    assert len(table) == 27
    for row in table.itertuples():
        place = (row.outcome, row.month, row.level)
        assert (events[place], observed[place]) == (int(row.estimate), int(row.n)), place
    for row in rows[rows["outcome"] == "completed"].itertuples():
        assert completed["", row.month, row.level] == int(row.estimate)
    for row in rows[rows["outcome"] == "visits_completed"].itertuples():
        assert visits[int(row.subgroup.split("=")[1]), row.level] == int(row.estimate)
