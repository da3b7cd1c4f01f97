"""Encounters: admissions are the safety events, the year before holds the pain encounters of the
record, nothing follows death, and arms differ by chance alone."""

from collections import Counter
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from trialrr.trials.resolve.care import KINDS

FOR_PAIN = ("outpatient", "physical_therapy", "procedure", "emergency")
SE = 3.5  # standard errors, of some thirty comparisons


@pytest.fixture(scope="module")
def encounters(files) -> pd.DataFrame:
    """Each encounter once, dated in days from randomization."""
    table = files["ehr_utilization"].drop_duplicates("encounter_id").copy()
    table["kind"] = table["kind"].str.strip()
    log = files["randomization_log"].set_index("participant_id")["randomized_on"]
    on = pd.to_datetime(table["encounter_on"], format="%m/%d/%Y")
    table["day"] = (on - pd.to_datetime(table["participant_id"].map(log))).dt.days
    return table


def test_admissions_after_randomization_are_the_hospitalizations(files, encounters):
    admitted = encounters[(encounters["kind"] == "inpatient") & (encounters["day"] > 0)]
    iso = [datetime.strptime(d, "%m/%d/%Y").date().isoformat() for d in admitted["encounter_on"]]
    events = files["safety_events"]
    events = events[events["event"] == "hospitalization"]
    assert Counter(zip(admitted["participant_id"], iso, strict=True)) == Counter(
        zip(events["participant_id"], events["event_on"], strict=True)
    )


def test_the_counts_of_the_analysis_data_agree_with_safety(files, ingested):
    events = files["safety_events"]
    admitted = events.loc[events["event"] == "hospitalization", "participant_id"].value_counts()
    people = ingested.data.participants.set_index("participant_id")
    assert people["n_inpatient"].sum() == admitted.sum() == 81 + 84 + 82
    assert (people.loc[admitted.index, "n_inpatient"] == admitted).all()


def test_the_year_before_holds_the_pain_encounters_of_the_record(ingested):
    people = ingested.data.participants
    people = people[people["analyzed"] == 1]
    before = people[[f"n_{kind}_before" for kind in FOR_PAIN]].sum(axis=1)
    assert (before >= people["pain_encounters"].astype(int)).all()
    assert (before == people["pain_encounters"].astype(int)).any()


def test_days_nights_and_kinds(files, encounters):
    assert encounters["day"].between(-360, 360).all() and not (encounters["day"] == 0).any()
    assert set(encounters["kind"]) == set(KINDS)
    inpatient = encounters["kind"] == "inpatient"
    assert ((encounters["nights"] != "") == inpatient).all()
    stays = encounters[inpatient].assign(nights=encounters.loc[inpatient, "nights"].astype(int))
    stays = stays.sort_values(["participant_id", "day"])
    end, same = stays["day"] + stays["nights"], stays["participant_id"].shift(-1)
    following = stays["day"].shift(-1).where(same == stays["participant_id"])
    assert (end[following.notna()] <= following.dropna()).all()
    assert stays["nights"].max() > 5
    status = files["disposition"]
    died = status[status["status"] == "died"].set_index("participant_id")["status_on"]
    last = pd.to_datetime(encounters["participant_id"].map(died))
    on = pd.to_datetime(encounters["encounter_on"], format="%m/%d/%Y")
    assert last.notna().sum() > 50
    assert not (on > last).any()


def test_arms_differ_by_chance_alone(ingested):
    people = ingested.data.participants
    people = people[people["analyzed"] == 1]
    for suffix in ("", "_before"):
        for kind in KINDS:
            by_arm = people.groupby("arm")[f"n_{kind}{suffix}"].agg(["mean", "var", "size"])
            se = np.sqrt(by_arm["var"] / by_arm["size"])
            for one, two in (("PT", "UC"), ("HC", "UC"), ("HC", "PT")):
                gap = by_arm.loc[one, "mean"] - by_arm.loc[two, "mean"]
                assert abs(gap) < SE * np.hypot(se[one], se[two]), (kind, suffix, one, two)


def test_repeated_rows_are_identical_and_planted(files, key):
    table = files["ehr_utilization"]
    again = table.duplicated("encounter_id")
    assert again.equals(table.duplicated())
    planted = key[key["fault"] == "duplicate_encounter"]
    assert again.sum() == len(planted) > 20
    assert sorted(planted["line"]) == [i + 2 for i in np.flatnonzero(again)]
