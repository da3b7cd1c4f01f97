"""Kind `mediation`: rows against the chain by hand, bootstrap samples against people repeated."""

import numpy as np
import pytest

from tests.analyses import mechanisms, oracle
from tests.analyses.mechanisms import ENTRY, MEDIATORS
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.treatment import mediation
from trialrr.design.clusters import of_people
from trialrr.design.matrix import covariate_columns
from trialrr.estimate import mediation as statistics
from trialrr.plan import Covariate, Outcome
from trialrr.resample.draws import bootstrap_counts
from trialrr.seeds import stream


def everything(entry, plan, trial):
    done = {task: mediation.run(task, entry, plan, trial) for task in mediation.tasks(entry, plan)}
    return ard.check(ard.frame(mediation.rows(entry, plan, trial, done)))


@pytest.fixture(scope="module")
def table():
    return everything(ENTRY, mechanisms.plan(), mechanisms.data())


def pick(table, quantity, **keys):
    chosen = table["quantity"] == quantity
    for name, value in keys.items():
        chosen &= table[name] == value
    return table[chosen]


def by_hand(arm, trial, plan, counts=None, of="observed"):
    """The chain of `estimate.mediation` on the people drawn, each copy a row, each copy of a coach
    a cluster of its own; missing covariates at the mean of the people drawn."""
    counts = np.ones(len(trial.people), int) if counts is None else counts
    index = np.repeat(np.arange(len(counts)), counts)
    copy = np.concatenate([np.arange(k) for k in counts]) if len(index) else index
    drawn = trial.take(index)
    nested = {a.id: a.clusters for a in plan.arms}
    labels = of_people(trial.people, nested).labels[index]
    labels = np.char.add(np.char.add(labels, "/"), copy.astype(str))
    z = covariate_columns(drawn.people, [plan.covariate(id) for id in oracle.Z]).values
    own = covariate_columns(drawn.people, [Covariate("pcs"), Covariate("self_efficacy")]).values
    changes = np.column_stack([drawn.change[m][:, 0] for m in MEDIATORS])
    responder = drawn.responder["severity"][:, 1]
    there = ~np.isnan(responder) & ~np.isnan(changes).any(axis=1)
    there &= drawn.people["arm"].isin([arm, "UC"]).to_numpy()
    of_changes = [np.column_stack([z, own[:, [0]]]), np.column_stack([z, own[:, [1]]]), z]
    return statistics.mediation(
        (drawn.people["arm"] == arm).to_numpy()[there],
        responder[there],
        changes[there],
        z[there],
        [columns[there] for columns in of_changes],
        labels[there],
        ENTRY.level,
    )


def test_estimates_are_the_chain_by_hand(table):
    for arm in ("PT", "HC"):
        hand = by_hand(arm, mechanisms.data(), mechanisms.plan())
        level = f"{arm}:UC"
        logs = {
            "total": hand.log_total,
            "direct": hand.log_direct,
            "through_mediators": hand.log_through,
        }
        for effect, value in logs.items():
            row = pick(table, "risk_ratio", level=level, subgroup=f"effect={effect}").iloc[0]
            assert row["estimate"] == pytest.approx(np.exp(value), rel=1e-9)
            assert row["lower"] < row["estimate"] < row["upper"]
            assert (row["month"], row["status"]) == ("6", "exploratory")
        share = pick(table, "proportion_mediated", level=level)["estimate"].item()
        assert share == pytest.approx(hand.proportion, rel=1e-8)
        weight = pick(table, "max_weight", level=level)["estimate"].item()
        assert weight == pytest.approx(hand.weights.max(), rel=1e-9)
        for m, mediator in enumerate(MEDIATORS):
            where = {"level": level, "subgroup": f"mediator={mediator}", "month": "3"}
            effect = pick(table, "mean_difference", **where).iloc[0]
            for name in ("estimate", "std_error", "lower", "upper", "p_value"):
                assert effect[name] == pytest.approx(
                    getattr(hand.arm_effects[m], name), rel=1e-7
                ), name
            assert pick(table, "mediator_kept", **where)["estimate"].item() == hand.kept[m]
    shares = pick(table, "share_kept", level="PT:UC").set_index("subgroup")["estimate"]
    assert shares["mediator=pcs"] > 0.99
    assert 0 < shares["mediator=support"] < 0.6


def test_a_bootstrap_sample_is_the_chain_on_people_repeated():
    """Coaches whole, people elsewhere, gaps in covariates: selection, weights and both ratios."""
    trial, plan = mechanisms.data(), mechanisms.plan()
    (task, *_) = mediation.tasks(ENTRY, plan)
    found = mediation.run(task, ENTRY, plan, trial)
    rng = stream(plan.seed, ENTRY.id, "severity", "bootstrap", "00000")
    arm = trial.people["arm"].map({"PT": 0, "HC": 1, "UC": 2}).to_numpy(int)
    cluster = of_people(trial.people, {a.id: a.clusters for a in plan.arms}).labels
    counts = bootstrap_counts(rng, mediation.CHUNK, arm, cluster, {1})
    assert (found["HC/failure"] == 0).all() and found["HC/kept"].shape == (mediation.BLOCK, 3)
    kinds = set()
    for name in ("PT", "HC"):
        for b in range(0, 8):
            hand = by_hand(name, trial, plan, counts[b])
            assert found[f"{name}/log_total"][b] == pytest.approx(hand.log_total, abs=1e-8)
            assert found[f"{name}/log_direct"][b] == pytest.approx(hand.log_direct, abs=1e-8)
            assert (found[f"{name}/kept"][b] == hand.kept).all()
            kinds.add(tuple(hand.kept))
    assert len(kinds) > 1  # the selection does vary among the samples


def test_without_a_kept_mediator_all_is_direct():
    entry = replace(ENTRY, level=0.0)
    table = everything(entry, mechanisms.plan(entry), mechanisms.data())
    ratios = pick(table, "risk_ratio", level="PT:UC").set_index("subgroup")
    same = ["estimate", "std_error", "lower", "upper"]
    assert (ratios.loc["effect=total", same] == ratios.loc["effect=direct", same]).all()
    through = ratios.loc["effect=through_mediators"]
    assert through["estimate"] == 1 and np.isnan([through["lower"], through["upper"]]).all()
    assert through["reason"] == "no bootstrap sample keeps a mediator: no interval and no test"
    assert "no mediator kept" in through["method"]
    assert (pick(table, "share_kept")["estimate"] == 0).all()
    assert (pick(table, "max_weight")["estimate"] == 1).all()


def test_a_total_near_nothing_has_a_share_without_an_interval(table):
    shares = pick(table, "proportion_mediated").set_index("level")
    totals = pick(table, "risk_ratio", subgroup="effect=total").set_index("level")
    for level in shares.index:
        away = not totals.loc[level, "lower"] <= 1 <= totals.loc[level, "upper"]
        assert np.isfinite(shares.loc[level, "lower"]) == away
        assert ("no interval" in shares.loc[level, "method"]) != away
    trial = mechanisms.data()
    responder = trial.responder["severity"].copy()
    for arm in ("PT", "HC", "UC"):  # the same share everywhere
        there = np.flatnonzero((trial.people["arm"] == arm) & ~np.isnan(responder[:, 1]))
        responder[there, 1] = np.arange(len(there)) % 3 == 0
    table = everything(ENTRY, mechanisms.plan(), replace(trial, responder={"severity": responder}))
    totals = pick(table, "risk_ratio", subgroup="effect=total")
    assert ((totals["lower"] < 1) & (totals["upper"] > 1)).all()
    shares = pick(table, "proportion_mediated")
    assert shares["lower"].isna().all() and shares["estimate"].notna().all()
    assert shares["method"].str.contains("no interval: that of the total holds 1").all()


def test_a_task_is_the_same_whoever_runs_it():
    few, many = ENTRY, replace(ENTRY, replicates=700)
    task = mediation.tasks(few, mechanisms.plan())[1]
    one = mediation.run(task, few, mechanisms.plan(few), mechanisms.data())
    other = mediation.run(task, many, mechanisms.plan(many), mechanisms.data())
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])
    counts = [len(mediation.tasks(e, mechanisms.plan())) for e in (few, many)]
    assert counts == [2, 3]


def test_people_and_counts(table):
    trial = mechanisms.data()
    there = ~np.isnan(trial.responder["severity"][:, 1])
    for change in trial.change.values():
        there &= ~np.isnan(change[:, 0])
    there &= trial.people["arm"].isin(["PT", "UC"]).to_numpy()
    row = pick(table, "risk_ratio", level="PT:UC", subgroup="effect=total").iloc[0]
    assert (row["n"], row["n_clusters"]) == (there.sum(), there.sum())
    assert row["events"] == trial.responder["severity"][there, 1].sum()
    assert pick(table, "risk_ratio", level="HC:UC").iloc[0]["n_clusters"] < row["n"]
    assert (pick(table, "replicates")["estimate"] == ENTRY.replicates).all()
    assert (pick(table, "replicates_failed")["estimate"] == 0).all()


def test_clusters_persons_are_resampled_as_persons():
    plan = mechanisms.plan(clusters="person")
    table = everything(ENTRY, plan, mechanisms.data())
    row = pick(table, "risk_ratio", level="HC:UC").iloc[0]
    assert "persons resampled" in row["method"] and row["n_clusters"] == row["n"]
    effect = pick(table, "mean_difference", level="HC:UC").iloc[0]
    assert "CR0 by person;" in effect["method"]


def test_an_arm_without_events_is_a_row_with_its_reason():
    trial = mechanisms.data()
    responder = trial.responder["severity"].copy()
    of_arm = (trial.people["arm"] == "PT").to_numpy()
    responder[of_arm, 1] = np.where(np.isnan(responder[of_arm, 1]), np.nan, 0)
    trial = replace(trial, responder={"severity": responder})
    table = everything(ENTRY, mechanisms.plan(), trial)
    row = pick(table, "not_estimable").iloc[0]
    assert (row["level"], row["month"], row["events"] > 0) == ("PT:UC", "6", True)
    assert "300 outcome model without a maximum" in row["reason"]
    assert len(pick(table, "risk_ratio", level="HC:UC")) == 3
    responder = np.where(of_arm[:, None], np.nan, trial.responder["severity"])
    table = everything(ENTRY, mechanisms.plan(), replace(trial, responder={"severity": responder}))
    assert pick(table, "not_estimable")["level"].tolist() == ["PT:UC"]


def test_refusals():
    plan, trial = mechanisms.plan(missing="worst_best_case"), mechanisms.data()
    with pytest.raises(ValueError, match="mediation is of observed people"):
        mediation.run(mediation.tasks(ENTRY, plan)[0], ENTRY, plan, trial)
    with pytest.raises(ValueError, match="no change of 'pcs' at month 12"):
        mediation.chain("PT", replace(ENTRY, at="12"), "severity", mechanisms.plan(), trial)
    lost = replace(trial, change={})
    with pytest.raises(ValueError, match="scores are there of nothing"):
        mediation.chain("PT", ENTRY, "severity", mechanisms.plan(), lost)


def test_the_share_is_recovered_where_it_is_known():
    """log risk = c + b m, m shifted by the arm: all of the effect goes through m."""
    trial, rng = mechanisms.data(gaps=False), np.random.default_rng(8)
    people = trial.people
    trial = trial.take(np.tile(np.arange(len(people)), 6))
    ids = [f"x{k:06d}" for k in range(len(trial.people))]
    trial = replace(trial, people=trial.people.assign(participant_id=ids))
    active = (trial.people["arm"] != "UC").to_numpy()
    m = rng.normal(size=len(active)) - 0.5 * active
    direct = 0.3 * (trial.people["arm"] == "HC").to_numpy()
    hit = (rng.random(len(active)) < 0.1 * np.exp(-0.5 * m + direct)).astype(float)
    plan = mechanisms.plan(replace(ENTRY, mediators=("m",)), clusters="person")
    plan = replace(plan, outcomes=(*plan.outcomes, Outcome("m", visits=mechanisms.EARLY)))
    trial = replace(
        trial,
        responder={"severity": np.tile(hit[:, None], 3)},
        change={"m": m[:, None]},
    )
    for arm, expected in (("PT", 0.0), ("HC", 0.3)):
        own = mediation.chain(arm, plan.analysis("mediation"), "severity", plan, trial)
        found = mediation.estimate(own, 0.05)
        assert found.kept.all()
        assert found.log_direct == pytest.approx(expected, abs=0.1)
        assert found.log_through == pytest.approx(0.25, abs=0.06)
