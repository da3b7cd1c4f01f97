"""Kind `compliers`: both forms on the rows of a fitted entry, and what cannot be estimated."""

import numpy as np
import pytest

from tests.analyses import mechanisms, oracle, simulated
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure import model
from trialrr.analyses.treatment import compliers
from trialrr.analyses.treatment.entries import Compliers
from trialrr.estimate.compliers import principal_strata
from trialrr.estimate.instrument import multiplicative_structural_mean, two_stage_least_squares

ENTRY = Compliers(
    "compliers",
    "exploratory",
    ("severity",),
    kind="compliers",
    of="main",
    column="sessions_completed",
    took=">=6",
)
WHOLE = {"missing": "pattern_mixture", "weights": "response", "variance": "stacked"}
NUMBERS = ["estimate", "std_error", "lower", "upper", "p_value"]
FORMS = ("form=principal_stratum", "form=instrument")


def everything(trial, **of):
    plan = replace(oracle.PLAN, analyses=(oracle.entry(**(of or WHOLE)), ENTRY))
    return ard.check(ard.frame(simulated.done(compliers, ENTRY, plan, trial)))


@pytest.fixture(scope="module")
def table():
    return everything(mechanisms.data())


def pick(table, **keys):
    chosen = np.ones(len(table), bool)
    for name, value in keys.items():
        chosen &= table[name] == value
    return table[chosen]


def test_rows_are_the_estimators_on_the_rows_of_the_fit(table):
    trial, plan = mechanisms.data(), oracle.PLAN
    result = model.fit(oracle.entry(**WHOLE), "severity", plan, trial)
    sessions = trial.people["sessions_completed"].fillna(-1).astype(int).to_numpy()
    for arm in ("PT", "HC"):
        arms = trial.people["arm"].to_numpy()[result.person]
        rows = (result.visit == 1) & np.isin(arms, [arm, "UC"])
        z = (arms[rows] == arm).astype(float)
        d = (sessions[result.person[rows]] >= 6).astype(float)
        y, w = result.outcome[rows], result.response.weights[result.person[rows]]
        c = result.clusters.labels[result.person[rows]]
        x = np.column_stack([np.ones(rows.sum()), result.fit.design[rows][:, 9:]])
        strata = principal_strata(z, d, y, w, c)
        expected = {
            (FORMS[0], "risk_ratio"): strata.risk_ratio(),
            (FORMS[0], "risk_difference"): strata.risk_difference(),
            (FORMS[1], "risk_ratio"): multiplicative_structural_mean(z, d, y, x, w, c),
            (FORMS[1], "risk_difference"): two_stage_least_squares(z, d, y, x, w, c),
        }
        for (form, quantity), e in expected.items():
            where = {"level": f"{arm}:UC", "subgroup": form, "quantity": quantity, "month": "6"}
            (row,) = pick(table, **where).to_dict("records")
            assert [row[k] for k in NUMBERS] == pytest.approx([getattr(e, k) for k in NUMBERS])
            assert (row["n"], row["events"]) == (rows.sum(), y.sum())
            assert row["n_imputed"] == result.imputed[rows].sum() > 0
        (share,) = pick(table, quantity="compliance", level=arm, month="6").to_dict("records")
        assert share["estimate"] == pytest.approx((w * d).sum() / (w * z).sum())
        assert (share["events"], share["n"]) == (d.sum(), z.sum())
        assert share["lower"] < share["estimate"] < share["upper"]


def test_every_month_and_arm_is_there(table):
    found = table.groupby(["quantity", "subgroup"]).size().to_dict()
    pairs = [(q, f) for q in ("risk_ratio", "risk_difference") for f in FORMS]
    assert found == dict.fromkeys([*pairs, ("compliance", "")], 6)
    assert set(table["status"]) == {"exploratory"}
    assert set(table["month"]) == set(oracle.MONTHS)
    assert table["method"].str.contains("weights and imputations taken as known").all()


def test_without_covariates_both_forms_are_one():
    table = everything(mechanisms.data(), **WHOLE, covariates=())
    for quantity in ("risk_ratio", "risk_difference"):
        one, other = (
            pick(table, quantity=quantity, subgroup=form).set_index(["level", "month"])[NUMBERS]
            for form in FORMS
        )
        np.testing.assert_allclose(one, other.loc[one.index], rtol=1e-6)


def test_if_all_take_it_the_strata_give_the_risk_ratio_of_the_entry():
    """Saturated in arm and month, the entry's own ratio is that of weighted means."""
    trial = mechanisms.data()
    active = trial.people["arm"] != "UC"
    people = trial.people.assign(sessions_completed=np.where(active, 8, np.nan))
    table = everything(replace(trial, people=people), missing="complete_case", covariates=())
    of = oracle.entry(covariates=())
    result = model.fit(of, "severity", oracle.PLAN, trial)
    own = pick(table, quantity="risk_ratio", subgroup=FORMS[0], level="HC:UC", month="3")
    gap = result.profiles["HC", "3"] - result.profiles["UC", "3"]
    assert own["estimate"].item() == pytest.approx(np.exp(gap @ result.fit.coef), rel=1e-9)
    error = np.sqrt(gap @ result.covariance.matrix @ gap)
    assert own["std_error"].item() == pytest.approx(error, rel=1e-9)
    assert (pick(table, quantity="compliance")["estimate"] == 1).all()


def test_never_takers_with_too_many_events_leave_no_ratio_but_a_difference():
    """In PT at 3 months all who did not take it respond, so that exclusion cannot hold."""
    trial = mechanisms.data()
    responder = trial.responder["severity"].copy()
    sessions = trial.people["sessions_completed"].fillna(8).astype(int)
    never = ((trial.people["arm"] == "PT") & (sessions < 6)).to_numpy()
    responder[never, 0] = np.where(np.isnan(responder[never, 0]), np.nan, 1)
    trial = replace(trial, responder={"severity": responder})
    table = everything(trial, missing="complete_case")
    lost = pick(table, quantity="not_estimable")
    assert set(zip(lost["level"], lost["month"], strict=True)) == {("PT:UC", "3")}
    assert set(lost["subgroup"]) == set(FORMS)
    texts = lost.set_index("subgroup")["reason"]
    assert texts[FORMS[0]].startswith("risk_ratio: the risk that never-takers bring")
    assert "no positive risk is left" in texts[FORMS[0]]
    assert texts[FORMS[1]].startswith("risk_ratio: no risk ratio solves")
    where = {"level": "PT:UC", "month": "3", "quantity": "risk_difference"}
    assert len(pick(table, **where)) == 2


def test_an_arm_without_the_column_or_without_outcomes_says_so():
    trial = mechanisms.data()
    hc = (trial.people["arm"] == "HC").to_numpy()
    people = trial.people.assign(sessions_completed=trial.people["sessions_completed"].mask(hc))
    table = everything(replace(trial, people=people))
    lost = pick(table, quantity="not_estimable")
    assert lost["level"].tolist() == ["HC:UC"] * 3
    assert (lost["reason"] == "sessions_completed is blank for all of arm HC").all()
    assert len(pick(table, level="PT:UC", quantity="risk_ratio")) == 6


def test_an_entry_that_cannot_be_fitted_says_why():
    trial = mechanisms.data()
    nobody = trial.responder["severity"] * 0
    table = everything(replace(trial, responder={"severity": nobody}), missing="complete_case")
    assert set(table["quantity"]) == {"not_estimable"}
    assert table["level"].tolist() == ["PT:UC", "HC:UC"]
    assert table["reason"].str.contains("no event in any arm").all()


def test_an_arm_without_an_event_costs_its_own_comparison_at_that_visit():
    trial = mechanisms.data()
    responder = trial.responder["severity"].copy()
    of_arm = (trial.people["arm"] == "PT").to_numpy()
    responder[of_arm, 0] = np.where(np.isnan(responder[of_arm, 0]), np.nan, 0)
    trial = replace(trial, responder={"severity": responder})
    table = everything(trial, missing="complete_case")
    first = table["month"].iloc[0]
    own = table[(table["month"] == first) & table["level"].isin(["PT", "PT:UC"])]
    assert own["quantity"].tolist() == ["not_estimable"]
    assert f"arm PT has no event at month {first}" in own["reason"].iloc[0]
    rest = table.drop(own.index)
    assert "not_estimable" not in set(rest["quantity"]) and (rest["estimate"].notna()).all()


def test_a_linear_entry_is_refused():
    with pytest.raises(ValueError, match="a linear model of the change in score"):
        everything(mechanisms.data(), model="linear")
