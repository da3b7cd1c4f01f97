"""Every kind on trials in which a variance, or an event, is not there: no kind gives an interval or
a test of nothing, each missing number has its reason, and nothing ends in a traceback."""

import numpy as np
import pytest

from tests.analyses import edges, simulated
from tests.changes import replace
from trialrr import ard
from trialrr.analyses import registry
from trialrr.analyses.resampling import bootstrap
from trialrr.estimate.fit import FitError

TRIALS = {
    "one cluster in an arm": ({"a": "therapist"}, {}),
    "one cluster in each arm": ({"a": "ward", "b": "ward"}, {}),
    "everybody has the event at a visit": ({}, {("a", "3"): 1.0, ("b", "3"): 1.0}),
    "nobody of an arm has the event at a visit": ({}, {("b", "6"): 0.0}),
    "nobody of an arm has it at the primary visit": ({}, {("b", "3"): 0.0}),
}


def table(kind: str, trial: str):
    clusters, shares = TRIALS[trial]
    plan = edges.plan(clusters)
    data = edges.trial(plan, shares)
    entries = (edges.MAIN, edges.OBSERVED) if kind == "model" else (edges.ENTRIES[kind],)
    module = registry.kind(kind).implementation
    rows = [row for entry in entries for row in simulated.done(module, entry, plan, data)]
    return ard.check(ard.frame(rows))


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("kind", ["model", *edges.ENTRIES])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_no_kind_gives_an_interval_without_a_variance(kind, trial):
    try:
        found = table(kind, trial)
    except FitError as error:
        assert len(str(error)) > 40  # a refusal in words
        return
    told = found["reason"] != ""
    interval = (found["lower"].notna() | found["upper"].notna()) & found["estimate"].notna()
    assert not (interval & told).any()
    assert not (found["p_value"].notna() & told).any()
    assert (found["std_error"].isna() | (found["std_error"] >= 0)).all()
    sandwich = interval & found["statistic"].notna()
    assert (found.loc[sandwich, "std_error"] > 0).all()
    nothing = found[["estimate", "statistic", "p_value"]].isna().all(axis=1)
    silent = found[nothing & ~told]
    assert silent.empty, silent[["quantity", "level", "month", "subgroup", "method"]].to_string()
    if trial.startswith("one cluster"):
        alone = {"a"} if "in an arm" in trial else {"a", "b"}
        rests = found["level"].map(lambda level: bool(alone & set(level.split(":"))))
        clustered = ~found["analysis"].isin(NOT_BY_CLUSTER)
        clustered &= ~found["quantity"].isin(JOINT)
        wrong = found[rests & clustered & (interval | found["p_value"].notna())]
        assert wrong.empty, wrong[["quantity", "level", "lower", "upper", "method"]].to_string()


def test_a_bootstrap_of_people_who_all_have_the_event_has_the_estimate_and_a_reason():
    """At the other visit it is what it is without the first."""
    plan, shares = edges.plan(), {("a", "3"): 1.0, ("b", "3"): 1.0}
    plan = replace(plan, models=replace(plan.models, adjusted=()))
    data = edges.trial(plan, shares)
    entry = replace(edges.ENTRIES["bootstrap"], of="observed")
    found = ard.frame(simulated.done(bootstrap, entry, plan, data)).set_index(
        ["month", "quantity", "level"]
    )
    ratio, apart = (found.loc[("3", q, "a:b")] for q in ("risk_ratio", "risk_difference"))
    assert ratio["estimate"] == pytest.approx(1, abs=1e-12) and apart["estimate"] == 0
    for row in (ratio, apart):
        assert np.isnan([row["std_error"], row["lower"], row["upper"], row["p_value"]]).all()
        assert row["reason"].startswith("every bootstrap sample has the same value")
    later = found.loc[("6", "risk_ratio", "a:b")]
    assert later["reason"] == "" and later["lower"] < later["estimate"] < later["upper"]


NOT_BY_CLUSTER = ("mixed", "power", "rerandomized", "adherence")
"""Entries whose tests rest on people, or on the randomization, and say so."""
JOINT = ("share_significant", "median_risk_ratio")
"""Quantities with limits over repetitions of the randomization."""
