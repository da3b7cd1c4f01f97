"""Analysis data of RESOLVE from clean raw tables: participants, visits, sessions."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trialrr.ingest.findings import Findings
from trialrr.ingest.observed import unobserved
from trialrr.plan import Plan
from trialrr.resolve import cleaning, scoring, windows
from trialrr.resolve.cleaning import ORIGIN, PEG, Raw
from trialrr.resolve.instruments import (
    BPI,
    FUNCTION,
    FUNCTION_T,
    GAD7,
    PHQ8,
    SCORES,
    SLEEP,
    SLEEP_T,
    SOCIAL,
    SOCIAL_T,
)
from trialrr.resolve.opioids import long_term
from trialrr.responder import Score, responder

NEEDS = ("financial", "housing", "food", "transport")
PAIN_DURATION = {"0-1": "<=1y", "1-5": "1-5y", "5+": ">5y", "": ""}
LOW_INCOME = ("band_1", "band_2")
YES_NO = {"1": "yes", "0": "no", "": ""}


@dataclass(frozen=True, slots=True)
class AnalysisData:
    """participants : one row a randomized person; visits : one row a person and visit, also the
    missed ones; sessions : one row a person of an arm with sessions. All sorted by id.
    other_windows : visits by each further set of windows of the plan, with a column `windows`."""

    participants: pd.DataFrame
    visits: pd.DataFrame
    sessions: pd.DataFrame
    other_windows: pd.DataFrame


def derive(raw: Raw, plan: Plan, findings: Findings) -> AnalysisData:
    """Participants, visits and sessions of checked raw tables; what is repaired or left out goes
    to `findings`. Raises DataError if an arm has no observed outcome at a visit of the plan."""
    log = raw["randomization_log"].sort_values("participant_id", ignore_index=True)
    start, file = log.set_index("participant_id")["randomized_on"], raw.name("redcap_surveys")
    every = cleaning.repair_short_forms(raw, findings)
    surveys = windows.kept_surveys(every, start, plan.visits, file, findings)
    scores = scoring.bpi(surveys[list(BPI)].to_numpy())
    people = participants(raw, log, surveys, scores, findings)
    visits = visit_rows(people, surveys, scores, plan)
    _report_zero_baselines(raw, surveys, scores, plan, findings)
    _check_observed(people, visits, plan, file, findings)
    others = [visits.iloc[:0].assign(windows="")]
    for id in plan.windows:
        table = _visits_by(id, every, start, people, plan, file)
        _check_observed(people, table, plan, file, findings, by=f" by the windows {id}")
        others.append(table)
    findings.stop_if_errors()
    by_windows = pd.concat(others, ignore_index=True)
    return AnalysisData(people, visits, session_rows(raw, people), by_windows)


# ------------------------------------------------------------------------------ participants


def participants(
    raw: Raw,
    log: pd.DataFrame,
    surveys: pd.DataFrame,
    scores: dict[str, Score],
    findings: Findings,
) -> pd.DataFrame:
    """One row a randomized person, in the order of `log`. Blank = missing.

    surveys : kept surveys, scores : their BPI scores, row by row.
    """
    ids = log["participant_id"]
    row_of = _rows_of(surveys, windows.BASELINE, ids)
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
    rural = ehr["rural_or_underserved"]
    pharmacy = ehr["has_pharmacy_data"] == "1"
    needs = survey[[f"social_need_{n}" for n in NEEDS]].map(YES_NO.get)
    income = survey["income_band"]
    peg = screening[list(PEG)].sum(axis=1, skipna=False)
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
        **base,
        **{column: v for o, s in own.items() for column, v in _sums(o, s).items()},
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
        "phq8": _integer(scoring.complete_sum(survey[list(PHQ8)].to_numpy())),
        "gad7": _integer(scoring.complete_sum(survey[list(GAD7)].to_numpy())),
        "sleep_t": scoring.t_score(survey[list(SLEEP)].to_numpy(), SLEEP_T),
        "social_role_t": scoring.t_score(survey[list(SOCIAL)].to_numpy(), SOCIAL_T),
        "physical_function_t": scoring.t_score(survey[list(FUNCTION)].to_numpy(), FUNCTION_T),
        "long_term_opioid": _long_term_opioid(raw["ehr_dispensings"], log, pharmacy),
        "charlson": _integer(ehr["charlson"]),
        "anxiety_or_depression_dx": ehr["anxiety_or_depression_dx"].map(YES_NO),
        "substance_use_dx": ehr["substance_use_dx"].map(YES_NO),
        "msk_conditions": _integer(ehr["msk_conditions"]),
        "pain_encounters": _integer(ehr["pain_encounters"]),
        **{s: _indicator_of(status, s, ids) for s in ("withdrew", "died")},
    }
    return pd.DataFrame(table)


def _rows_of(surveys: pd.DataFrame, event: str, ids: pd.Series) -> np.ndarray:
    """(n,) row of each person's survey of `event` in `surveys` (0..), -1 if none in its window."""
    chosen = surveys[(surveys["redcap_event_name"] == event) & surveys["in_window"]]
    where = pd.Series(chosen.index, index=chosen["record_id"])
    return ids.map(where).fillna(-1).to_numpy().astype(int)


def _of(table: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Rows of a table with one row a participant, in the order of `ids`; blank ids are nobody's."""
    table = table[table["participant_id"] != ""]
    return table.set_index("participant_id").reindex(ids).reset_index(drop=True)


def _integer(values) -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float)).astype("Int64")


def _sums(name: str, score: Score) -> dict[str, pd.Series]:
    """Sum of the items answered and how many, blank where not scored: what responders rest on."""
    columns = {f"{name}_sum": score.total, f"{name}_items": score.answered}
    return {c: pd.Series(v).astype("Int64").where(score.scored) for c, v in columns.items()}


def _indicator(values: pd.Series, level: str) -> pd.Series:
    """1 if `level`, 0 if another one, missing if blank."""
    return (values == level).astype("Int64").mask(values == "")


def _indicator_of(status: pd.DataFrame, name: str, ids: pd.Series) -> pd.Series:
    return ids.isin(status.loc[status["status"] == name, "participant_id"]).astype(int)


def _any(needs: pd.DataFrame) -> pd.Series:
    """yes if any is yes; no if all are no; blank if the missing ones could decide."""
    yes, no = (needs == "yes").any(axis=1), (needs == "no").all(axis=1)
    return pd.Series(np.select([yes, no], ["yes", "no"], ""), index=needs.index)


def _long_term_opioid(dispensings: pd.DataFrame, log: pd.DataFrame, known: pd.Series) -> pd.Series:
    """yes or no by the dispensings before randomization, blank without pharmacy data."""
    start = log.set_index("participant_id")["randomized_on"]
    day = (dispensings["dispensed_on"] - dispensings["participant_id"].map(start)).dt.days
    fills: dict[str, list[tuple[int, int]]] = {}
    for person, on, supply in zip(
        dispensings["participant_id"], day, dispensings["days_supply"], strict=True
    ):
        fills.setdefault(person, []).append((int(on), int(supply)))
    yes = log["participant_id"].map(lambda person: long_term(fills.get(person, ())))
    return pd.Series(np.select([~known, yes], ["", "yes"], "no"), index=log.index)


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


# ------------------------------------------------------------------------------------ visits


def visit_rows(
    people: pd.DataFrame, surveys: pd.DataFrame, scores: dict[str, Score], plan: Plan
) -> pd.DataFrame:
    """One row a person and visit of the plan, by participant_id and visit: date, mode, scores in
    the window (also as sum and number of items), reduction (baseline - follow-up) and responder of
    each outcome of the plan.

    `completed` is 1 if the severity score is observed.
    """
    ids = people["participant_id"]
    base_rows = _rows_of(surveys, windows.BASELINE, ids)
    blocks = []
    for order, visit in enumerate(plan.visits):
        rows = _rows_of(surveys, windows.event_name(visit.month), ids)
        seen = surveys.reindex(rows).reset_index(drop=True)
        block = {
            "participant_id": ids,
            "data_origin": people["data_origin"],
            "month": visit.month,
            "visited_on": seen["survey_on"].dt.strftime("%Y-%m-%d").fillna(""),
            "mode": seen["survey_mode"].fillna(""),
            "completed": scores["severity"].take(rows).scored.astype(int),
        }
        for outcome in plan.outcomes:
            score = scores[SCORES[outcome.source]]
            base, follow_up = score.take(base_rows), score.take(rows)
            hit = responder(base, follow_up, outcome.threshold)
            block[outcome.id] = follow_up.mean
            block[f"{outcome.id}_reduction"] = base.mean - follow_up.mean
            block[f"{outcome.id}_responder"] = pd.Series(hit).astype("Int64")
            block |= _sums(outcome.id, follow_up)
        blocks.append(pd.DataFrame(block).assign(order=order))
    table = pd.concat(blocks, ignore_index=True).sort_values(["participant_id", "order"])
    return table.drop(columns="order").reset_index(drop=True)


def _visits_by(id: str, surveys, start, people, plan: Plan, file: str) -> pd.DataFrame:
    """Visits by the set of windows `id`; a month that it leaves out keeps its own window. What this
    keeps or leaves out is no finding: those are about the plan's own windows."""
    months = plan.windows[id]
    visits = tuple(replace(v, window=months.get(v.month, v.window)) for v in plan.visits)
    kept = windows.kept_surveys(surveys, start, visits, file, Findings())
    scores = scoring.bpi(kept[list(BPI)].to_numpy())
    return visit_rows(people, kept, scores, plan).assign(windows=id)


def _report_zero_baselines(raw: Raw, surveys, scores, plan: Plan, findings: Findings) -> None:
    """A baseline score of 0 leaves the responder undefined."""
    baseline = (surveys["redcap_event_name"] == windows.BASELINE).to_numpy()
    for outcome in plan.outcomes:
        score = scores[SCORES[outcome.source]]
        zero = baseline & score.scored & (score.total == 0)
        for row in surveys[zero].itertuples():
            findings.add(
                "zero_baseline",
                "note",
                raw.name("redcap_surveys"),
                row.line,
                outcome.source,
                "0",
                action="no responder is defined: the outcome counts as missing",
                participant=row.record_id,
                event=row.redcap_event_name,
            )


def _check_observed(
    people, visits, plan: Plan, file: str, findings: Findings, by: str = ""
) -> None:
    """Every arm has an observed outcome at every visit, or no relative risk can be computed."""
    for outcome, arm, month in unobserved(people, visits, plan):
        findings.error(
            "arm_missing",
            file,
            "somebody observed in every arm at every visit",
            "export all surveys, or take the arm or the visit out of the plan",
            field=plan.outcome(outcome).source,
            raw=f"nobody of arm {arm} with {outcome} observed{by}",
            event=windows.event_name(month),
        )


# ---------------------------------------------------------------------------------- sessions


def session_rows(raw: Raw, people: pd.DataFrame) -> pd.DataFrame:
    """Distinct sessions completed by each person of PT (program log) and HC (coach log)."""
    coach, online = raw["coach_sessions"], raw["online_program_log"]
    coach = coach[coach["status"] == "completed"]
    online = online[online["completed_on"].notna()]
    held = {"HC": coach, "PT": online}
    table = people.loc[people["arm"].isin(list(held)), ["participant_id", "data_origin", "arm"]]
    n = pd.Series(0, index=table.index)
    for arm, done in held.items():
        done = done.drop_duplicates(["participant_id", "session"])
        count = table["participant_id"].map(done["participant_id"].value_counts())
        n = n.mask(table["arm"] == arm, count.fillna(0).astype(int))
    return table.assign(sessions_completed=n).reset_index(drop=True)
