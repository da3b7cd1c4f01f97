"""Participants of RESOLVE: one row a randomized person, from baseline survey, record and logs."""

import numpy as np
import pandas as pd

from trialrr.ingest.findings import Findings
from trialrr.instruments.peg import PEG
from trialrr.responder import Score
from trialrr.trials.resolve import care, windows
from trialrr.trials.resolve.cleaning import ORIGIN, Raw
from trialrr.trials.resolve.opioids import NEEDED
from trialrr.trials.resolve.visits import rows_of, sums

NEEDS = ("financial", "housing", "food", "transport")
PAIN = ("severity", "intensity", "interference")
PAIN_DURATION = {"0-1": "<=1y", "1-5": "1-5y", "5+": ">5y", "": ""}
LOW_INCOME = ("band_1", "band_2")
RACE_GROUPS = ("white", "black", "hispanic")
"""Race and ethnicity of a group of its own in `race_group`; the rest are `other`."""
YES_NO = {"1": "yes", "0": "no", "": ""}


def participants(
    raw: Raw,
    log: pd.DataFrame,
    surveys: pd.DataFrame,
    scores: dict[str, Score],
    findings: Findings,
) -> pd.DataFrame:
    """One row a randomized person, in the order of `log`. Blank = missing.

    surveys : kept surveys, scores : their scores, row by row.
    """
    ids = log["participant_id"]
    row_of = rows_of(surveys, windows.BASELINE, ids)
    survey = surveys.reindex(row_of).reset_index(drop=True)
    texts = survey.select_dtypes(["object", "str"]).columns
    survey[texts] = survey[texts].fillna("")
    ehr = _of(raw["ehr_extract"], ids)
    screening = _of(raw["screening_log"], ids)
    coach = _of(raw["coach_assignments"], ids)["coach_id"].fillna("")
    status = raw["disposition"]
    in_error = status[status["status"] == "randomized_in_error"]
    for row in in_error.itertuples():
        findings.add(
            "randomized_in_error",
            "excluded",
            raw.name("disposition"),
            row.line,
            "status",
            row.status,
            action="kept in the flow, dropped from the analysis",
            participant=row.participant_id,
        )
    own = {o: s.take(row_of) for o, s in scores.items()}
    base = {o: s.mean for o, s in own.items()}
    run = care.opioid_runs(raw, log)
    long_term = (run >= NEEDED).astype("Int64")
    rural = ehr["rural_or_underserved"]
    needs = survey[[f"social_need_{n}" for n in NEEDS]].map(YES_NO.get)
    income = survey["income_band"]
    peg = screening[list(PEG.items)].sum(axis=1, skipna=False)
    any_need = _any(needs)
    _report_strata(raw, log, ehr, base["severity"], findings)
    table = {
        "participant_id": ids,
        "data_origin": ORIGIN[raw.origin],
        "analyzed": 1 - ids.isin(in_error["participant_id"]).astype(int),
        "arm": log["arm"],
        "cluster": coach,
        "site": log["site"],
        "randomized_on": log["randomized_on"].dt.strftime("%Y-%m-%d"),
        "sequence": _integer(log["sequence"]),
        "sex": ehr["sex"],
        "severity_group": log["stratum_severity"],
        "rural_or_underserved": rural.map(YES_NO),
        "age": _integer(ehr["age"]),
        "age_group": np.where(ehr["age"] >= 65, ">=65", "<65"),
        **{o: base[o] for o in PAIN},
        **{column: v for o in PAIN for column, v in sums(o, own[o]).items()},
        "male": (ehr["sex"] == "male").astype(int),
        "age_65_plus": (ehr["age"] >= 65).astype(int),
        "urban": (rural == "0").astype(int),
        "multiple_pain_conditions": (ehr["msk_conditions"] >= 2).astype(int),
        "no_mental_health_dx": (ehr["anxiety_or_depression_dx"] == "0").astype(int),
        "not_employed": _indicator(survey["employment"], "not_employed"),
        "no_social_need": _indicator(any_need, "no"),
        "education": survey["education"],
        "employment": survey["employment"],
        "income_band": income,
        "income": np.select(
            [income == "", income.isin(LOW_INCOME)], ["", "under_50k"], "50k_or_more"
        ),
        "partnered": survey["partnered"].map(YES_NO),
        "race_ethnicity": survey["race_ethnicity"],
        **{column: needs[column] for column in needs},
        "social_need_any": any_need,
        "pain_duration": survey["pain_duration"].map(PAIN_DURATION),
        **{c: survey[c].map(YES_NO) for c in survey if c.startswith("pain_site_")},
        "peg": _integer(peg),
        "peg_sum": _integer(peg),
        "phq8": _integer(base["phq8"]),
        "gad7": _integer(base["gad7"]),
        "sleep_t": base["sleep_t"],
        "social_role_t": base["social_role_t"],
        "physical_function_t": base["physical_function_t"],
        "long_term_opioid": long_term.map({1: "yes", 0: "no"}).astype(object).fillna(""),
        "charlson": _integer(ehr["charlson"]),
        "anxiety_or_depression_dx": ehr["anxiety_or_depression_dx"].map(YES_NO),
        "substance_use_dx": ehr["substance_use_dx"].map(YES_NO),
        "msk_conditions": _integer(ehr["msk_conditions"]),
        "pain_encounters": _integer(ehr["pain_encounters"]),
        **{s: _indicator_of(status, s, ids) for s in ("withdrew", "died")},
        **{s: _integer(base[s]) for s in ("pcs", "self_efficacy", "support")},
        "eq5d_index": base["eq5d_index"],
        "gcps_grade": _integer(base["gcps_grade"]),
        "on_long_term_opioid": long_term,
        "opioid_run": run,
        "race_group": _race_group(survey["race_ethnicity"]),
        "pain_conditions": np.where(ehr["msk_conditions"] >= 2, "several", "one"),
    }
    return pd.DataFrame(table)


def _of(table: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Rows of a table with one row a participant, in the order of `ids`; blank ids are nobody's."""
    table = table[table["participant_id"] != ""]
    return table.set_index("participant_id").reindex(ids).reset_index(drop=True)


def _integer(values) -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float)).astype("Int64")


def _indicator(values: pd.Series, level: str) -> pd.Series:
    """1 if `level`, 0 if another one, missing if blank."""
    return (values == level).astype("Int64").mask(values == "")


def _indicator_of(status: pd.DataFrame, name: str, ids: pd.Series) -> pd.Series:
    return ids.isin(status.loc[status["status"] == name, "participant_id"]).astype(int)


def _any(needs: pd.DataFrame) -> pd.Series:
    """yes if any is yes; no if all are no; blank if the missing ones could decide."""
    yes, no = (needs == "yes").any(axis=1), (needs == "no").all(axis=1)
    return pd.Series(np.select([yes, no], ["yes", "no"], ""), index=needs.index)


def _race_group(race: pd.Series) -> np.ndarray:
    return np.select([race == "", race.isin(RACE_GROUPS)], ["", race], "other")


def _report_strata(raw: Raw, log, ehr, severity, findings: Findings) -> None:
    """Strata that the records contradict: the trial randomized by the log's."""
    group = np.select([np.isnan(severity), severity >= 7], ["", ">=7"], "<7")
    for field, other in (
        ("stratum_sex", ehr["sex"]),
        ("stratum_rural", ehr["rural_or_underserved"].map(YES_NO)),
        ("stratum_severity", pd.Series(group)),
    ):
        differs = (log[field] != other) & (other != "")
        for row, value in zip(log[differs].itertuples(), other[differs], strict=True):
            findings.add(
                "stratum_disagrees",
                "note",
                raw.name("randomization_log"),
                row.line,
                field,
                getattr(row, field),
                value,
                "the stratum stays as randomized; the covariate follows the record",
                row.participant_id,
            )
