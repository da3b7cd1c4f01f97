"""What is done with missing covariates, by each choice of the plan: against statsmodels on columns
made by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.changes import replace
from tests.plan import tiny
from trialrr import ard, plan
from trialrr import data as tables
from trialrr.analyses import stages
from trialrr.analyses.model import mmrm
from trialrr.analyses.procedure import data
from trialrr.analyses.procedure.model import fit
from trialrr.estimate.fit import FitError
from trialrr.ingest.findings import Findings
from trialrr.trials.prepare import derived

WITHOUT_AGE = (3, 8, 21, 30, 44)
WITHOUT_SEX = (8, 15, 40)
SAME = 1e-8
"""Two solvers of one smooth problem, both converged to less than this."""


def rows(gaps: bool = True) -> list[dict]:
    people = tiny.people()
    for k in WITHOUT_AGE if gaps else ():
        people[k]["age"] = ""
    for k in WITHOUT_SEX if gaps else ():
        people[k]["gender"] = ""
    return people


def trial(tmp_path, choice: str | None, gaps: bool = True, **keys):
    """(plan, analysis data) of the tiny trial with gaps in age and sex."""
    document = tiny.document()
    if choice:
        document["models"]["missing_covariates"] = choice
    document["analyses"][1] |= keys
    parsed = plan.load(tiny.write(tmp_path, document, rows(gaps)), {})
    _, read = derived(parsed, Findings(), tmp_path)
    paths = {name: tmp_path / f"{name}.csv" for name in ("participants", "visits")}
    for name, path in paths.items():
        tables.write(path, read.table(name), read.schemas[name])
    return parsed, data.read(*paths.values(), parsed)


def by_hand(choice: str) -> pd.DataFrame:
    """The design at both visits, one row per observed response, with columns made by hand."""
    table = pd.DataFrame(rows()).sort_values("record_id", ignore_index=True)
    age = pd.to_numeric(table["age"])
    male = (table["gender"] == "M").astype(float).where(table["gender"] != "")
    columns = {"age": age.fillna(age.mean()), "male": male.fillna(male.mean())}
    if choice == "indicator":
        columns |= {"no_age": age.isna().astype(float), "no_sex": male.isna().astype(float)}
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "person": table.index,
                    "y": pd.to_numeric(table[f"resp{month}"]),
                    "active": (table["group"] == "active").astype(float),
                    "later": float(month == "6"),
                    "known": age.notna() & male.notna(),
                    **columns,
                }
            )
            for month in ("3", "6")
        ]
    )
    long["both"] = long["active"] * long["later"]
    if choice == "complete_case":
        long = long[long["known"]]
    return long.dropna(subset="y").sort_values(["person", "later"], ignore_index=True)


@pytest.mark.parametrize("choice", ["mean", "indicator", "complete_case"])
def test_the_fit_is_that_of_columns_made_by_hand(tmp_path, choice):
    parsed, trial_data = trial(tmp_path, choice)
    result = fit(parsed.analysis("adjusted"), "response", parsed, trial_data)
    long = by_hand(choice)
    z = ["age", "male", *(["no_age", "no_sex"] if choice == "indicator" else [])]
    design = np.column_stack([np.ones(len(long)), long[["active", "later", "both", *z]]])
    expected = sm.GLM(long["y"], design, family=sm.families.Poisson()).fit(tol=1e-12)
    assert np.allclose(result.fit.coef, expected.params, atol=SAME)
    assert len(result.outcome) == len(long)
    clustered = sm.GEE(long["y"], design, long["person"], family=sm.families.Poisson())
    robust = clustered.fit(ctol=1e-12).cov_robust
    assert np.allclose(result.covariance.matrix, robust, atol=1e-6)


def table_of(tmp_path, choice, id="adjusted", **keys) -> pd.DataFrame:
    parsed, trial_data = trial(tmp_path, choice, **keys)
    return ard.frame(stages.rows(parsed.analysis(id), parsed, trial_data))


@pytest.mark.parametrize(
    ("choice", "quantity", "words"),
    [
        (None, "covariate_filled", "missing covariates at their means;"),
        ("mean", "covariate_filled", "missing covariates at their means;"),
        ("indicator", "covariate_filled", "missing covariates at their means with indicators"),
        ("complete_case", "covariate_left_out", "people with missing covariates left out"),
    ],
)
def test_the_results_say_what_was_done_and_for_how_many(tmp_path, choice, quantity, words):
    table = ard.check(table_of(tmp_path, choice))
    told = table[(table["quantity"] == quantity) & (table["outcome"] == "response")]
    counts = dict(zip(told["level"], told["estimate"], strict=True))
    everybody = {"all": 7} if choice == "complete_case" else {}
    assert counts == {"age": 5, "sex": 3} | everybody
    risks = table[table["quantity"].isin(["risk", "risk_ratio", "omnibus_wald"])]
    assert risks["method"].str.contains(words, regex=False).all()


@pytest.mark.parametrize("choice", ["mean", "indicator", "complete_case", "stop"])
def test_a_trial_without_gaps_has_the_same_results_by_every_choice(tmp_path, choice):
    table = table_of(tmp_path, choice, gaps=False)
    pd.testing.assert_frame_equal(table, table_of(tmp_path, None, gaps=False))
    assert not table["quantity"].str.startswith("covariate").any()
    assert not table["method"].str.contains("missing covariates").any()


def test_an_entry_without_covariates_keeps_everybody(tmp_path):
    table = table_of(tmp_path, "complete_case", id="main")
    month = table[(table["quantity"] == "omnibus_wald") & (table["month"] == "3")]
    assert month["n"].tolist() == [48]
    assert not table["quantity"].str.startswith("covariate").any()


def test_covariates_that_the_same_people_lack_share_an_indicator(tmp_path):
    parsed, trial_data = trial(tmp_path, "indicator")
    sex = np.where(trial_data.people["age"].isna(), None, "female")
    sex[[1, 4, 9]] = "male"
    people = trial_data.people.assign(sex=sex)
    result = fit(
        parsed.analysis("adjusted"), "response", parsed, replace(trial_data, people=people)
    )
    assert [n for n in result.names if "missing" in n] == ["age, sex missing"]


def test_an_arm_that_nobody_is_left_of_is_said(tmp_path):
    parsed, trial_data = trial(tmp_path, "complete_case")
    active = trial_data.people["arm"] == "active"
    people = trial_data.people.assign(age=trial_data.people["age"].where(~active))
    with pytest.raises(FitError, match=r"everybody of arm active lacks a covariate \(age, sex\)"):
        fit(parsed.analysis("adjusted"), "response", parsed, replace(trial_data, people=people))


def test_under_stop_nothing_is_filled(tmp_path):
    parsed, trial_data = trial(tmp_path, "stop")
    with pytest.raises(FitError, match=r"covariates are missing: age \(5 people\), sex \(3 peo"):
        fit(parsed.analysis("adjusted"), "response", parsed, trial_data)


@pytest.mark.parametrize("choice", ["mean", "indicator", "complete_case"])
def test_the_mixed_model_follows_the_choice(tmp_path, choice):
    document = tiny.document()
    document["models"]["missing_covariates"] = choice
    document["analyses"].append(tiny.entry("mixed", kind="mmrm", outcomes=["pain"]))
    parsed = plan.load(tiny.write(tmp_path, document, rows()), {})
    _, trial_data = trial(tmp_path, choice)
    entry = parsed.analysis("mixed")
    table = ard.check(ard.frame(stages.rows(entry, parsed, trial_data)))
    fitted = mmrm.fit(entry, "pain", parsed, trial_data)
    p = {"mean": 4 + 2 + 1 + 1, "indicator": 4 + 2 + 2 + 1 + 1, "complete_case": 4 + 2 + 1 + 1}
    assert len(fitted.fit.coef) == p[choice]
    at_3 = table[(table["quantity"] == "omnibus_f") | table["quantity"].str.startswith("omnibus")]
    assert at_3[at_3["month"] == "3"]["n"].tolist() == [41 if choice == "complete_case" else 48]


@pytest.mark.parametrize("choice", ["indicator", "complete_case"])
@pytest.mark.parametrize(
    "entry",
    [
        tiny.entry("again", kind="bootstrap", of="main", replicates=100),
        tiny.entry("moved", kind="rerandomization", of="main", draws=100),
    ],
    ids=["bootstrap", "rerandomization"],
)
def test_kinds_that_fill_every_sample_anew_say_so_at_the_check(tmp_path, choice, entry):
    document = tiny.changed("models", "missing_covariates", to=choice)
    document["analyses"].append(entry)
    with pytest.raises(plan.PlanError, match=f"at their means only, and .* is '{choice}'"):
        plan.check(document, {})


def test_a_part_of_the_people_without_the_reference_level_is_told_in_words(tmp_path):
    parsed, trial_data = trial(tmp_path, None, gaps=False)
    men = trial_data.take((trial_data.people["sex"] == "male").to_numpy())
    n = len(men.people)
    words = f"among the {n} people of analysis adjusted: covariate 'sex': nobody has its reference"
    with pytest.raises(FitError, match=words):
        fit(parsed.analysis("adjusted"), "response", parsed, men)
