"""Each level of a column left out, against people dropped by hand."""

from collections import Counter

import numpy as np
import pytest

from tests.analyses import oracle, simulated
from tests.analyses.simulated import PLAN
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure import model, rows
from trialrr.analyses.resampling import leave_one_out
from trialrr.analyses.resampling.entries import LeaveOneOut
from trialrr.plan import Covariate

TRIAL = simulated.trial()
STATISTICS = ("estimate", "std_error", "lower", "upper", "p_value", "n", "events", "n_imputed")


def entry(**keys) -> LeaveOneOut:
    keys = {"id": "without", "status": "post_hoc", "outcomes": ("severity",), "of": "main"} | keys
    return LeaveOneOut(**keys, kind="leave_one_out")


def statistics(table, **where) -> list[list]:
    kept = [r for r in table if all(r[k] == v for k, v in where.items())]
    return [[r[name] for name in STATISTICS] for r in kept]


def by_hand(keep, plan, trial, of="main", **keys):
    of = replace(plan.analysis(of), **keys)
    result = model.fit(of, "severity", plan, trial.take(np.asarray(keep)))
    return rows.result_rows(result, of, "severity", plan)


def test_coaches_of_the_trial_that_r_analyzed():
    plan = replace(oracle.PLAN, analyses=(oracle.entry(missing="complete_case"),))
    trial = oracle.data()
    table = simulated.done(leave_one_out, entry(by="cluster"), plan, trial)
    levels = list(dict.fromkeys(r["subgroup"] for r in table))
    assert levels == [f"cluster={k:02}" for k in range(1, 13)]
    sizes = Counter(c for c in trial.people["cluster"].dropna())
    largest_first = sorted(sizes, key=lambda c: (-sizes[c], c))
    for level, cluster in ((levels[0], largest_first[0]), (levels[7], largest_first[7])):
        hand = by_hand(trial.people["cluster"] != cluster, plan, trial)
        for quantity in ("risk", "risk_ratio", "risk_difference"):
            got = statistics(table, subgroup=level, quantity=quantity)
            np.testing.assert_array_equal(got, statistics(hand, quantity=quantity))
            assert len(got) == 9
    ard.check(ard.frame(table))


def test_a_left_out_reference_level_changes_only_the_parametrization():
    """Without site A, the outcome model's reference, and without C, the response model's: the same
    as people dropped by hand under a plan whose references somebody has."""
    table = simulated.done(leave_one_out, entry(by="site"), PLAN, TRIAL)
    others = tuple(
        Covariate("site", reference="B") if c.id == "site" else c for c in PLAN.covariates
    )
    models = replace(PLAN.models, response_references={})
    plan = replace(PLAN, covariates=others, models=models)
    for site in "AC":
        hand = by_hand(TRIAL.people["site"] != site, plan, TRIAL)
        got = statistics(table, subgroup=f"site={site}", quantity="risk_ratio")
        np.testing.assert_allclose(got, statistics(hand, quantity="risk_ratio"), rtol=1e-8)


def test_a_column_that_is_then_the_same_for_all_leaves_the_models():
    table = simulated.done(leave_one_out, entry(by="urban", of="observed"), PLAN, TRIAL)
    hand = by_hand(
        TRIAL.people["urban"] == 1, PLAN, TRIAL, "observed", covariates=("severity", "site")
    )
    got = statistics(table, subgroup="urban=0", quantity="risk_ratio")
    assert got == statistics(hand, quantity="risk_ratio")
    assert all("covariate urban left out" in r["method"] for r in table)


@pytest.mark.parametrize("of", ["main", "observed"])
def test_a_fit_that_is_impossible_without_a_level_is_a_row_with_its_reason(of):
    """One coach has all of HC: without that coach the arm is empty."""
    arm = TRIAL.people["arm"]
    people = TRIAL.people.assign(cluster=np.where(arm == "HC", "C1", None))
    table = simulated.done(
        leave_one_out, entry(by="cluster", of=of), PLAN, replace(TRIAL, people=people)
    )
    (row,) = table
    assert (row["quantity"], row["subgroup"], row["n"]) == ("not_estimable", "cluster=1", 600)
    assert row["reason"].startswith("nobody of arm HC is left")
    ard.check(ard.frame(table))


def test_a_column_without_levels_is_refused():
    trial = replace(TRIAL, people=TRIAL.people.assign(cluster=None))
    with pytest.raises(ValueError, match="nobody has a cluster"):
        simulated.done(leave_one_out, entry(by="cluster"), PLAN, trial)
