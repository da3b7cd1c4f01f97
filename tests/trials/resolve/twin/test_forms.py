"""Forms after the pain items: scored as a second reading scores them, moved by pain and sessions as
`forms` assumes, and by nothing else."""

import numpy as np
import pandas as pd
import pytest

from tests.trials.resolve.twin import reading
from trialrr.trials.resolve.instruments import FORMS, PAIN_ITEMS
from trialrr.trials.resolve.twin.forms import CHANGES, sessions_before

EVENTS = {"3": "month_3_arm_1", "6": "month_6_arm_1", "12": "month_12_arm_1"}
SOCIAL = dict(
    enumerate(
        [27.5, 31.8, 34.0, 35.7, 37.3, 38.8, 40.5, 42.3, 44.2]
        + [46.2, 48.1, 50.0, 51.9, 53.7, 55.8, 58.3, 64.2],
        start=4,
    )
)
SUMS = {"phq8": "phq8", "gad7": "gad7", "pcs6": "pcs"}
SUMS |= {"self_efficacy": "self_efficacy", "support": "support"}
BIAS = 0.2  # share of a slope that floors and ceilings of the instruments may take away
SE = 3.5  # standard errors, of some thirty comparisons


def test_scores_are_those_of_a_second_reading(files, ingested):
    start = dict(files["randomization_log"][["participant_id", "randomized_on"]].to_numpy())
    counted = reading.counted_surveys(files["redcap_surveys"], start, list(PAIN_ITEMS))
    visits = ingested.data.visits.set_index(["participant_id", "month"])
    people = ingested.data.participants.set_index("participant_id")
    checked = 0
    for (person, event), row in counted.items():
        month = event.split("_")[1]
        got = people.loc[person] if event == "baseline_arm_1" else visits.loc[(person, month)]
        expected = {name: reading.total(row, FORMS[form]) for form, name in SUMS.items()}
        expected["social_role_t"] = SOCIAL.get(reading.total(row, FORMS["social"], turned=6))
        if event != "baseline_arm_1":
            expected["pgic_pain"] = reading.total(row, ["pgic_pain"])
        for name, value in expected.items():
            wanted = np.nan if value is None else value
            np.testing.assert_equal(float(pd.to_numeric(got[name])), wanted, f"{person} {event}")
            checked += value is not None
    assert checked > 30_000


def test_whoever_was_not_seen_has_no_score(ingested):
    visits = ingested.data.visits
    scores = [o.id for o in ingested.plan.outcomes if o.id in visits]
    assert {"severity", "eq5d_index", "pgic_overall", "support"} <= set(scores)
    unseen = visits["visited_on"].isna()
    assert unseen.sum() > 1000
    assert visits.loc[unseen, scores].isna().all().all()
    seen = visits["completed"] == 1
    for name in set(scores) - {"pcs", "self_efficacy", "support"}:
        assert 0.85 < visits.loc[seen, name].notna().mean() <= 1, name


def test_a_survey_that_stopped_in_the_pain_items_has_no_later_form(files):
    surveys = files["redcap_surveys"]
    later = [item for items in FORMS.values() for item in items]
    given = (surveys[later] != "").any(axis=1)
    follow_up = surveys["redcap_event_name"] != "baseline_arm_1"
    pain = surveys[list(PAIN_ITEMS)] != ""
    stopped = ~pain[PAIN_ITEMS[10]] & ~pain[PAIN_ITEMS[9]] & ~pain[PAIN_ITEMS[8]] & follow_up
    assert stopped.sum() >= 20 and not given[stopped].any()
    without_intensity = (
        follow_up & ~pain[list(PAIN_ITEMS[:4])].all(axis=1) & pain[list(PAIN_ITEMS[4:])].all(axis=1)
    )
    assert without_intensity.any() and given[without_intensity].any()
    assert given[follow_up & pain.all(axis=1)].mean() > 0.98


def test_surveys_outside_the_window_and_repeated_ones_carry_forms(key, files):
    surveys = files["redcap_surveys"]
    for fault in ("out_of_window", "duplicate_survey"):
        lines = key.loc[key["fault"] == fault, "line"]
        assert (surveys.loc[lines - 2, "eq5d_pain"] != "").sum() >= 20


@pytest.fixture(scope="module")
def moved(ingested):
    """One row a completed visit: reduction, arm, sessions, change of each score from baseline."""
    people = ingested.data.participants.set_index("participant_id")
    visits = ingested.data.visits
    table = visits[visits["completed"] == 1].merge(
        people[people["analyzed"] == 1], on="participant_id", suffixes=("", "_before")
    )
    for form in ("phq8", "gad7", "pcs", "self_efficacy", "support", "eq5d_index"):
        table[f"{form}_change"] = (table[form] - table[f"{form}_before"]).astype(float)
    table["sessions"] = table["sessions_completed"].astype(float).fillna(0)
    return table


def regression(table: pd.DataFrame, y: str, *terms: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of `terms` beside an intercept, and their standard errors with people as
    clusters."""
    rows = table.dropna(subset=[y])
    x = np.column_stack([np.ones(len(rows)), rows[list(terms)].to_numpy(float)])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ rows[y].to_numpy(float)
    scores = x * (rows[y].to_numpy(float) - x @ beta)[:, None]
    totals = pd.DataFrame(scores).groupby(rows["participant_id"].to_numpy()).sum().to_numpy()
    return beta[1:], np.sqrt(np.diag(bread @ totals.T @ totals @ bread))[1:]


@pytest.mark.parametrize("form", ["phq8", "gad7", "pcs6", "self_efficacy", "support"])
def test_scores_move_with_pain_and_sessions_and_no_arm(moved, form):
    score, change = SUMS[form], CHANGES[form]
    table = moved.assign(PT=moved["arm"] == "PT", HC=moved["arm"] == "HC")
    if change.session:
        table = table[table["month"] == "3"]
    names = ("severity_reduction", "sessions", "PT", "HC")
    beta, se = regression(table, f"{score}_change", *names)
    assumed = np.array([change.slope, change.session, 0, 0])
    allowed = SE * se + BIAS * np.abs(assumed)
    assert (np.abs(beta - assumed) < allowed).all(), dict(zip(names, beta - assumed, strict=True))
    assert np.abs(beta[0]) > 5 * se[0] or form == "support"


def test_better_pain_is_a_better_life_and_impression(moved):
    for name, sign in (("eq5d_index_change", 1), ("pgic_pain", -1), ("pgic_overall", -1)):
        beta, se = regression(moved, name, "severity_reduction")
        assert sign * beta[0] > 10 * se[0], name
    grades = moved.groupby("gcps_grade")["severity"].mean()
    assert list(grades.index) == [0, 1, 2, 3] and grades[3] > grades[2] > grades[1] > grades[0]


def test_high_impact_pain_is_nearly_everybodys_at_baseline_and_few_lose_it(ingested):
    people = ingested.data.participants
    assert (people["gcps_grade"] == 3).mean() > 0.9
    grade = ingested.data.visits["gcps_grade"].dropna()
    assert set(grade) == {0, 1, 2, 3}
    assert 0.5 < (grade == 3).mean() < 0.9


def test_sessions_before_a_day():
    coached = pd.DataFrame(
        [(0, 5, "completed"), (0, 9, "no_show"), (0, 10, "completed"), (0, 11, "completed")],
        columns=["person", "day", "status"],
    )
    online = pd.DataFrame([(1, 3.0), (1, np.nan), (1, 90.0)], columns=["person", "completed"])
    assert sessions_before(coached, online, np.array([11, 100, 50])).tolist() == [2, 2, 0]
