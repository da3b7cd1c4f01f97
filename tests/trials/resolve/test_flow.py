"""The participant flow counted from people, and its reconciliation."""

import pytest

from tests.trials.resolve import raw_set
from trialrr import ard, plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.trials.resolve import cleaning, flow
from trialrr.trials.resolve.derive import derive

PLAN = plan.parse(plan.read("config/resolve.yaml"))
ARMS = ["PT", "HC", "UC"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    files = raw_set.raw_set()
    files["disposition"] += [
        {"participant_id": "R0003", "status": "randomized_in_error", "status_on": "2021-09-02"},
        {"participant_id": "R0006", "status": "died", "status_on": "2022-09-02"},
    ]
    files["safety_events"] += [
        files["safety_events"][0] | {"event_id": "E2"},
        files["safety_events"][0] | {"event_id": "E3", "participant_id": "R0006", "event": "death"},
        *(
            files["safety_events"][0]
            | {"event_id": id, "participant_id": person, "event": "patient_reported_adverse_event"}
            for id, person in (("E4", "R0001"), ("E5", "R0004"), ("E6", "R0003"))
        ),
    ]
    folder = raw_set.write(tmp_path_factory.mktemp("small"), files)
    findings = Findings()
    raw = cleaning.read_raw(folder, "real", findings)
    data = derive(raw, PLAN, findings)
    rows = ard.check(ard.frame(flow.flow_rows(raw, data, PLAN)))
    keys = ["analysis", "outcome", "subgroup", "quantity", "level"]
    table = rows.set_index(keys).sort_index()
    return raw, data, table["estimate"], table["n"]


@pytest.mark.parametrize(
    ("step", "level", "n"),
    [
        ("mailed", "all", 17),
        ("unreachable", "all", 1),
        ("declined", "all", 1),
        ("died_before_screening", "all", 1),
        ("screened", "all", 14),
        ("ineligible_no_high_impact_pain", "all", 1),
        ("ineligible_peg_below_12", "all", 1),
        ("ineligible_other", "all", 0),
        ("ineligible", "all", 2),
        ("eligible", "all", 12),
        ("consented", "all", 12),
        ("randomized", "all", 12),
        ("randomized", "UC", 4),
        ("randomized_in_error", "UC", 1),
        ("analyzed", "UC", 3),
        ("withdrew", "PT", 1),
        ("died", "UC", 1),
        ("any_follow_up", "UC", 3),
        ("sessions_0", "PT", 0),
        ("sessions_1_to_5", "HC", 3),
        ("sessions_6_to_8", "HC", 1),
    ],
)
def test_steps(small, step, level, n):
    assert small[2]["flow", step, "", "n", level] == n


def test_safety_counts_events_and_people(small):
    rows = small[2]["safety"]
    assert rows["hospitalized_participants", "", "n", "PT"] == 1
    assert rows["hospitalizations", "", "n", "PT"] == 2
    assert rows["deaths", "", "n", "UC"] == 1


@pytest.mark.parametrize(
    ("name", "pt", "hc", "uc"),
    [
        ("participants_with_any_event", 2, 0, 1),  # R0001 twice and R0004; R0006
        ("events_of_any_kind", 4, 0, 1),
        ("hospitalized_participants", 1, 0, 0),
        ("hospitalizations", 2, 0, 0),
        ("participants_who_died", 0, 0, 1),
        ("deaths", 0, 0, 1),
        ("participants_reporting_adverse_events", 2, 0, 0),
        ("patient_reported_adverse_events", 2, 0, 0),
    ],
)
def test_safety_by_hand(small, name, pt, hc, uc):
    """Events of R0003, randomized in error, count nowhere; n is the people analyzed."""
    estimate, n = (column["safety", name, "", "n"] for column in small[2:])
    assert estimate[ARMS].tolist() == [pt, hc, uc]
    assert n[ARMS].tolist() == [4, 4, 3]


def test_coaches(small):
    rows = small[2]["clusters", "people_per_coach", ""]
    assert rows["minimum", "HC"] == rows["maximum", "HC"] == 2


@pytest.mark.parametrize(
    ("step", "level", "sides"),
    [
        ("declined", "all", "step mailed (all): found 17, but unreachable all 1 + declined all 2"),
        ("eligible", "all", "step screened (all): found 14, but ineligible all 2 + eligible"),
        ("analyzed", "UC", "step randomized (UC): found 4, but analyzed UC 4 + randomized_in"),
        ("sessions_0", "PT", "step analyzed (PT): found 4, but sessions_0 PT 1 + sessions_1_to_5"),
        ("randomized", "HC", "step randomized (all): found 12, but randomized PT 4 +"),
    ],
)
def test_a_flow_that_does_not_add_up_names_the_step_and_both_sides(small, step, level, sides):
    raw, data, *_ = small
    counts = flow.before_randomization(raw) | flow.after_randomization(data, PLAN)
    flow.reconcile(counts, ARMS)
    counts[step, level] += 1
    with pytest.raises(DataError) as stop:
        flow.reconcile(counts, ARMS)
    assert sides in str(stop.value)
    assert "correct the rows of this step" in str(stop.value)
