"""The twin's exports through ingest and derivation: every planted fault is found, nothing else
is, and every published count that was calibrated exactly comes back."""

import pandas as pd
import pytest

from trialrr import ard, io, plan
from trialrr.analyses.described.baseline import baseline_rows
from trialrr.analyses.described.counts import count_rows
from trialrr.ingest.findings import Findings
from trialrr.trials.resolve import cleaning
from trialrr.trials.resolve.derive import derive
from trialrr.trials.resolve.flow import flow_rows

PLAN = plan.parse(plan.read("config/resolve.yaml"))
ARMS = [a.id for a in PLAN.arms]
COUNTED = ("flow", "baseline", "follow_up", "observed", "clusters", "safety")


@pytest.fixture(scope="module")
def through(ingested):
    """(analysis data, findings, ARD of all counts) of the twin."""
    data, outcomes = ingested.data, [o.id for o in PLAN.outcomes]
    rows = flow_rows(ingested.raw, data, PLAN)
    rows += count_rows(data.participants, data.visits, ARMS, PLAN.months, outcomes)
    rows += baseline_rows(data.participants, PLAN.baseline_table, ARMS)
    return data, ingested.findings, ard.check(ard.frame(rows))


def test_cleaning_finds_every_planted_fault_and_no_other(through, twin_dir):
    key = io.read_strings(twin_dir / "fault_key.csv")
    place = ["rule", "file", "line", "field"]
    key = key.rename(columns={"fault": "rule"})
    planted = set(key[place].itertuples(index=False, name=None))
    found = through[1].astype(str)
    found = found[found["rule"].isin(key["rule"])]
    got = set(found[place].itertuples(index=False, name=None))
    assert sorted(planted - got) == []
    assert sorted(got - planted) == []
    assert len(key) == len(planted) == len(found)
    both = key.merge(found, on=place)
    assert (both["participant_x"] == both["participant_y"]).all()
    assert (both["event_x"] == both["event_y"]).all()


def test_beyond_the_planted_faults_only_zero_baselines_are_found(through, twin_dir):
    key = io.read_strings(twin_dir / "fault_key.csv")
    assert set(through[1]["rule"]) - set(key["fault"]) == {"zero_baseline"}


def test_every_exact_published_count_comes_back(through):
    published = io.read_strings("config/published/resolve.csv")
    exact = published[(published["role"] == "exact") & published["analysis"].isin(COUNTED)]
    both = exact.merge(through[2], on=list(ard.KEYS), how="left", suffixes=("_published", ""))
    assert both["estimate"].notna().all()
    wrong = both[both["estimate"] != both["estimate_published"].astype(float)]
    assert wrong[list(ard.KEYS)].values.tolist() == []
    denominators = both[both["n_published"] != ""]
    wrong = denominators[denominators["n"] != denominators["n_published"].astype(int)]
    assert wrong[list(ard.KEYS)].values.tolist() == []


def test_every_approximate_count_has_its_row(through):
    published = io.read_strings("config/published/resolve.csv")
    near = published[(published["role"] == "approximate") & published["analysis"].isin(COUNTED)]
    both = near.merge(through[2], on=list(ard.KEYS), how="left", suffixes=("_published", ""))
    assert both["estimate"].notna().all()


def test_the_analysis_data_are_whole_and_sorted(through):
    data = through[0]
    people, visits = data.participants, data.visits
    assert len(people) == 2333 and people["analyzed"].sum() == 2331
    assert people["participant_id"].is_monotonic_increasing
    assert people["participant_id"].is_unique
    assert visits["participant_id"].tolist() == people["participant_id"].repeat(3).tolist()
    assert visits["month"].tolist() == list(PLAN.months) * len(people)
    assert set(people["data_origin"]) == set(visits["data_origin"]) == {"SYNTHETIC"}
    assert people.loc[people["arm"] == "HC", "cluster"].nunique() == 12
    assert people.loc[people["arm"] != "HC", "cluster"].isna().all()


def test_the_order_of_the_rows_changes_nothing(through, twin_dir, tmp_path):
    """Rows in reverse: the same people, visits and sessions."""
    for path in sorted((twin_dir / "raw").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        (tmp_path / path.name).write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    findings = Findings()
    data = derive(cleaning.read_raw(tmp_path, "synthetic", findings), PLAN, findings)
    first = through[0]
    pairs = [(data.participants, first.participants), (data.visits, first.visits)]
    for one, other in [*pairs, (data.tables["sessions"], first.tables["sessions"])]:
        pd.testing.assert_frame_equal(one, other)
