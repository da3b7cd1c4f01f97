"""Care of RESOLVE: sessions, encounters and dispensings, counted by person."""

import pandas as pd

from trialrr.ingest.findings import Findings
from trialrr.plan import Outcome, Plan
from trialrr.trials.resolve import encounters
from trialrr.trials.resolve.cleaning import Raw
from trialrr.trials.resolve.instruments import OPIOID_RUN
from trialrr.trials.resolve.opioids import QUARTERS, WINDOW, opioid_run

PERIODS = {"": (1, 360), "_before": (-360, -1)}
"""Suffix of a count → days from randomization, both ends inside."""
KINDS = ("outpatient", "physical_therapy", "imaging", "procedure", "emergency", "inpatient")
ONLINE = "PT"
"""The arm with access to the online program."""


def session_rows(raw: Raw, people: pd.DataFrame) -> pd.DataFrame:
    """Distinct sessions completed by each person of PT (program log) and HC (coach log)."""
    online = raw["online_program_log"]
    held = {"HC": _completed(raw), "PT": online[online["completed_on"].notna()]}
    table = people.loc[people["arm"].isin(list(held)), ["participant_id", "data_origin", "arm"]]
    n = pd.Series(0, index=table.index)
    for arm, done in held.items():
        done = done.drop_duplicates(["participant_id", "session"])
        count = table["participant_id"].map(done["participant_id"].value_counts())
        n = n.mask(table["arm"] == arm, count.fillna(0).astype(int))
    return table.assign(sessions_completed=n).reset_index(drop=True)


def _completed(raw: Raw) -> pd.DataFrame:
    coach = raw["coach_sessions"]
    return coach[coach["status"] == "completed"]


def use(
    raw: Raw, log: pd.DataFrame, people: pd.DataFrame, sessions: pd.DataFrame, findings: Findings
) -> pd.DataFrame:
    """Columns of what each person used, in the order of `people`: sessions_completed (blank in an
    arm without sessions), encounters by kind, nights and dispensings in days 1..360 and, with the
    suffix _before, -360..-1, coach_minutes, online_access.

    A person without encounters has 0; dispensings are blank without pharmacy data, coach_minutes
    where a completed session does not say how long it took.
    """
    ids, start = people["participant_id"], _start(log)
    done = sessions.set_index("participant_id")["sessions_completed"]
    table = {"sessions_completed": ids.map(done).astype("Int64")}
    visits = _encounters(raw, start, findings)
    dispensings = raw["ehr_dispensings"].assign(
        day=_days(raw["ehr_dispensings"], "dispensed_on", start)
    )
    known = _with_pharmacy_data(raw, ids)
    for suffix, period in PERIODS.items():
        inside = visits[visits["day"].between(*period)]
        for kind in KINDS:
            own = inside[inside["kind"] == kind]
            table[f"n_{kind}{suffix}"] = _by_person(own, ids)
        nights = inside.groupby("participant_id")["nights"].sum()
        table[f"nights_inpatient{suffix}"] = ids.map(nights).fillna(0).astype(int)
        filled = _by_person(dispensings[dispensings["day"].between(*period)], ids)
        table[f"n_dispensings{suffix}"] = filled.astype("Int64").where(known)
    table["coach_minutes"] = _coach_minutes(raw, ids, findings)
    table["online_access"] = (people["arm"] == ONLINE).astype(int)
    return pd.DataFrame(table)


def _by_person(rows: pd.DataFrame, ids: pd.Series) -> pd.Series:
    return ids.map(rows["participant_id"].value_counts()).fillna(0).astype(int)


def _start(log: pd.DataFrame) -> pd.Series:
    return log.set_index("participant_id")["randomized_on"]


def _days(table: pd.DataFrame, field: str, start: pd.Series) -> pd.Series:
    return (table[field] - table["participant_id"].map(start)).dt.days


def _with_pharmacy_data(raw: Raw, ids: pd.Series) -> pd.Series:
    known = raw["ehr_extract"].set_index("participant_id")["has_pharmacy_data"] == "1"
    return ids.map(known)


def _encounters(raw: Raw, start: pd.Series, findings: Findings) -> pd.DataFrame:
    """Each encounter once, with its `day` from randomization. Findings: duplicate_encounter, a row
    each; encounter_outside_days, one that counts them."""
    file = raw.name("ehr_utilization")
    table = encounters.once(raw["ehr_utilization"], file, findings)
    table = table.assign(day=_days(table, "encounter_on", start))
    outside = ~pd.concat([table["day"].between(*p) for p in PERIODS.values()], axis=1).any(axis=1)
    if outside.any():
        findings.add(
            "encounter_outside_days",
            "excluded",
            file,
            field="encounter_on",
            raw=f"{outside.sum()} encounters",
            action="not counted: outside days -360 to -1 and 1 to 360 from randomization",
        )
    return table


def _coach_minutes(raw: Raw, ids: pd.Series, findings: Findings) -> pd.Series:
    """Minutes of the distinct sessions completed with a coach. Findings: session_without_minutes"""
    done = _completed(raw).drop_duplicates(["participant_id", "session"])
    for row in done[done["minutes"].isna()].itertuples():
        findings.add(
            "session_without_minutes",
            "note",
            raw.name("coach_sessions"),
            row.line,
            "minutes",
            action="coach minutes of the person are missing",
            participant=row.participant_id,
        )
    total = done.groupby("participant_id")["minutes"].agg(lambda m: m.sum(skipna=False))
    return ids.map(total).where(ids.isin(total.index), 0).astype("Int64")


# ------------------------------------------------------------------------------- dispensings


def opioid_runs(raw: Raw, log: pd.DataFrame, window: tuple[int, int] = WINDOW) -> pd.Series:
    """(n,) longest run of covered days in `window`, blank without pharmacy data; order of `log`."""
    ids, table = log["participant_id"], raw["ehr_dispensings"]
    fills: dict[str, list[tuple[int, int]]] = {}
    day = _days(table, "dispensed_on", _start(log))
    for person, on, supply in zip(table["participant_id"], day, table["days_supply"], strict=True):
        fills.setdefault(person, []).append((int(on), int(supply)))
    run = ids.map(lambda person: opioid_run(fills.get(person, ()), window))
    return run.astype("Int64").where(_with_pharmacy_data(raw, ids))


def quarters_of(outcome: Outcome) -> dict[str, tuple[int, int]]:
    """Month → window of an outcome that the dispensings measure: its own in the plan, else
    `opioids.QUARTERS`."""
    return {v.month: v.window for v in outcome.visits if v.window} or QUARTERS


def quarter_rows(raw: Raw, log: pd.DataFrame, people: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row a person and quarter, by participant_id and month, with the longest run of covered
    days under the id of each outcome of the plan with the source opioid_run.

    Blank without pharmacy data, and when the quarter ends after the person's death.
    """
    outcomes = [o for o in plan.outcomes if o.source == OPIOID_RUN]
    windows = {o.id: quarters_of(o) for o in outcomes} or {"long_term_opioid": QUARTERS}
    status = raw["disposition"]
    died = status[status["status"] == "died"].drop_duplicates("participant_id")
    day = _days(died, "status_on", _start(log)).to_numpy(float)
    end = log["participant_id"].map(dict(zip(died["participant_id"], day, strict=True)))
    end = end.astype(float)  # an empty map gives objects
    blocks = []
    for order, month in enumerate(dict.fromkeys(m for own in windows.values() for m in own)):
        block = people[["participant_id", "data_origin"]].assign(month=month, order=order)
        for id, own in windows.items():
            if month in own:
                run = opioid_runs(raw, log, own[month])
                block[id] = run.mask(end < own[month][1])
        blocks.append(block)
    table = pd.concat(blocks, ignore_index=True).sort_values(["participant_id", "order"])
    return table.drop(columns="order").reset_index(drop=True)
