"""Raw exports of RESOLVE: read all files, check them against each other, repair what has a rule."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr.ingest import reader, redcap
from trialrr.ingest.findings import Findings
from trialrr.ingest.redcap import LongExport
from trialrr.instruments.peg import PEG
from trialrr.plan import Plan
from trialrr.trials.resolve import encounters
from trialrr.trials.resolve.files import PREFIX, dictionary
from trialrr.trials.resolve.instruments import FORMS

ORIGIN = {"synthetic": "SYNTHETIC", "real": "REAL"}
PERSON = {
    "outreach_log": "outreach_id",
    "screening_log": "outreach_id",
    "redcap_surveys": "record_id",
}
EVENT = {"redcap_surveys": "redcap_event_name"}
KEYS = (
    ("outreach_log", ["outreach_id"]),
    ("screening_log", ["outreach_id"]),
    ("screening_log", ["participant_id"]),
    ("randomization_log", ["participant_id"]),
    ("randomization_log", ["sequence"]),
    ("coach_assignments", ["participant_id"]),
    ("ehr_extract", ["participant_id"]),
    ("disposition", ["participant_id", "status"]),
    ("safety_events", ["event_id"]),
)
EXCLUSIONS = (
    "excluded_behavioral_treatment",
    "excluded_surgery_planned",
    "excluded_no_internet_or_phone",
    "excluded_non_english",
    "excluded_cognitive_or_hearing",
    "excluded_substance_use_treatment",
)
PEG_NEEDED = 12


@dataclass(frozen=True, slots=True)
class Raw:
    """Typed tables by file; None where a file could not be read. `name` is the name on disk."""

    tables: dict[str, pd.DataFrame | None]
    origin: str

    def name(self, file: str) -> str:
        return f"{PREFIX[self.origin]}{file}.csv"

    def __getitem__(self, file: str) -> pd.DataFrame | None:
        return self.tables[file]

    def has(self, *files: str) -> bool:
        return all(self.tables[f] is not None for f in files)


def read_raw(directory: str | Path, origin: str, findings: Findings) -> Raw:
    """Every file of the dictionary, from `directory`. Synthetic files carry a prefix."""
    directory = Path(directory)
    tables, other = {}, PREFIX["real" if origin == "synthetic" else "synthetic"]
    for file, columns in dictionary().items():
        tables[file] = reader.read_table(
            directory / f"{PREFIX[origin]}{file}.csv",
            columns,
            findings,
            person=PERSON.get(file, "participant_id"),
            event=EVENT.get(file),
        )
        if (directory / f"{other}{file}.csv").exists():
            findings.error(
                "mixed_origin",
                f"{other}{file}.csv",
                f"{origin} files only, as data.origin says",
                "keep synthetic and real exports in separate folders",
                raw="a file of the other origin",
            )
    return Raw(tables, origin)


def check(raw: Raw, plan: Plan, findings: Findings) -> None:
    """Check the files against each other and against the plan; every fault is a finding."""
    _check_origin(raw, findings)
    _check_keys(raw, findings)
    _check_outreach(raw, findings)
    _check_screening(raw, findings)
    if raw.has("randomization_log"):
        _check_known(raw, findings)
        _check_arms(raw, plan, findings)
        _check_coaches(raw, plan, findings)
        _check_dates(raw, findings)
        if raw.has("ehr_utilization", "disposition"):
            encounters.check(
                raw["ehr_utilization"],
                raw["disposition"],
                raw.name("ehr_utilization"),
                findings,
            )


def surveys_of(file: str) -> LongExport:
    """The shape of redcap_surveys, whose name on disk is `file`."""
    return LongExport(file, date="survey_on", mode="survey_mode")


def repair_short_forms(raw: Raw, findings: Findings) -> pd.DataFrame:
    """Surveys with the short forms of the phone mode turned back (see `redcap.turned_back`)."""
    forms = [FORMS[form] for form in ("social", "function")]
    export = surveys_of(raw.name("redcap_surveys"))
    fields = dictionary()["redcap_surveys"]
    return redcap.turned_back(raw["redcap_surveys"], forms, fields, export, findings)


# -------------------------------------------------------------------------------- the checks


def _each(
    findings: Findings,
    raw: Raw,
    file: str,
    bad: pd.DataFrame,
    rule: str,
    field: str,
    expected: str,
    do: str,
    shown: Callable | None = None,
    severity: str = "error",
) -> None:
    """One finding a row of `bad`; `shown` makes the raw value of a row (default: the field's)."""
    if bad.empty:
        return
    person, event = PERSON.get(file, "participant_id"), EVENT.get(file)
    for row in bad.itertuples():
        value = shown(row) if shown else _text(getattr(row, field))
        findings.add(
            rule,
            severity,
            raw.name(file),
            row.line,
            field,
            value,
            action=f"expected {expected}; {do}",
            participant=getattr(row, person, ""),
            event=getattr(row, event) if event else "",
        )


def _text(value) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _check_origin(raw: Raw, findings: Findings) -> None:
    allowed = {ORIGIN[raw.origin]} | ({""} if raw.origin == "real" else set())
    for file, table in raw.tables.items():
        if table is None:
            continue
        wrong = table[~table["data_origin"].isin(allowed)]
        _each(
            findings,
            raw,
            file,
            wrong.drop_duplicates("data_origin"),
            "mixed_origin",
            "data_origin",
            f"{ORIGIN[raw.origin]} in every row, as data.origin says",
            "never mix synthetic and real rows",
        )


def _check_keys(raw: Raw, findings: Findings) -> None:
    for file, key in KEYS:
        table = raw[file]
        if table is None:
            continue
        filled = table[(table[key].notna() & (table[key] != "")).all(axis=1)]
        _each(
            findings,
            raw,
            file,
            filled[filled.duplicated(key)],
            "duplicated_id",
            key[0],
            f"each {' and '.join(key)} once",
            "delete the row that is wrong at the source",
        )


def _check_outreach(raw: Raw, findings: Findings) -> None:
    if not raw.has("outreach_log", "screening_log"):
        return
    log, screening = raw["outreach_log"], raw["screening_log"]
    outcome = log.drop_duplicates("outreach_id").set_index("outreach_id")["outcome"]
    got = screening["outreach_id"].map(outcome)
    _each(
        findings,
        raw,
        "screening_log",
        screening[(got != "screened") & (screening["outreach_id"] != "")],
        "not_in_outreach_log",
        "outreach_id",
        "a person whom the outreach log has as screened",
        "correct the id or the outreach log",
    )
    screened = log[(log["outcome"] == "screened") & (log["outreach_id"] != "")]
    _each(
        findings,
        raw,
        "outreach_log",
        screened[~screened["outreach_id"].isin(screening["outreach_id"])],
        "not_in_screening_log",
        "outreach_id",
        "a row in the screening log for each person screened",
        "add it or correct the outcome",
    )
    _each(
        findings,
        raw,
        "outreach_log",
        log[log["outcome_on"] < log["mailed_on"]],
        "date_order",
        "outcome_on",
        "a date not before mailed_on",
        "correct the date",
    )
    mailed = screening["outreach_id"].map(
        log.drop_duplicates("outreach_id").set_index("outreach_id")["mailed_on"]
    )
    _each(
        findings,
        raw,
        "screening_log",
        screening[screening["screened_on"] < mailed],
        "date_order",
        "screened_on",
        "a date not before mailed_on of the outreach log",
        "correct the date",
    )


def _check_screening(raw: Raw, findings: Findings) -> None:
    if not raw.has("screening_log"):
        return
    s = raw["screening_log"]
    contradicts = (s["eligible"] == "1") & (screening_outcome(s, trust_decision=False) != "")
    rules = (
        (contradicts, "eligible_contradicts_answers", "eligible", "0 by the answers of this row"),
        (
            (s["eligible"] == "1") & (s["enrollment"] == ""),
            "blank_required",
            "enrollment",
            "what became of an eligible person",
        ),
        (
            (s["eligible"] == "0") & (s["enrollment"] != ""),
            "enrolled_ineligible",
            "enrollment",
            "blank for a person who is not eligible",
        ),
        (
            (s["enrollment"] == "consented") & (s["baseline"] == ""),
            "blank_required",
            "baseline",
            "what became of the baseline survey of a person who consented",
        ),
        (
            (s["enrollment"] != "consented") & (s["baseline"] != ""),
            "baseline_without_consent",
            "baseline",
            "blank for a person who did not consent",
        ),
        (
            (s["baseline"] == "completed") != (s["participant_id"] != ""),
            "randomized_without_baseline",
            "participant_id",
            "an id for those with baseline completed and for nobody else",
        ),
    )
    for wrong, rule, field, expected in rules:
        do = "correct the row at the source"
        _each(findings, raw, "screening_log", s[wrong], rule, field, expected, do)


def screening_outcome(screening: pd.DataFrame, trust_decision: bool = True) -> pd.Series:
    """Why each screened person is ineligible ("" if eligible), by the tiered questions.

    no_high_impact_pain; then peg_below_12, asked of the rest; then other: a recorded exclusion
    or, if `trust_decision`, the screener's decision without a recorded reason.
    """
    peg = screening[list(PEG.items)].sum(axis=1, skipna=False)
    other = (screening[list(EXCLUSIONS)] == "1").any(axis=1)
    if trust_decision:
        other |= screening["eligible"] == "0"
    reason = pd.Series("", index=screening.index, dtype=object)
    reason[other] = "other"
    reason[peg < PEG_NEEDED] = "peg_below_12"
    reason[screening["high_impact_pain"] == "0"] = "no_high_impact_pain"
    return reason


def _check_known(raw: Raw, findings: Findings) -> None:
    log = raw["randomization_log"]
    people = set(log["participant_id"])
    others = [f for f in raw.tables if f not in ("outreach_log", "randomization_log")]
    for file in others:
        table = raw[file]
        if table is None:
            continue
        field = "record_id" if file == "redcap_surveys" else "participant_id"
        unknown = table[~table[field].isin(people) & (table[field] != "")]
        _each(
            findings,
            raw,
            file,
            unknown,
            "never_randomized",
            field,
            "a participant of the randomization log",
            "correct the id, or add the person's randomization",
        )
    for file in ("ehr_extract", "screening_log"):
        if raw.has(file):
            missing = log[~log["participant_id"].isin(raw[file]["participant_id"])]
            _each(
                findings,
                raw,
                "randomization_log",
                missing[missing["participant_id"] != ""],
                f"not_in_{file}",
                "participant_id",
                f"a row of the same participant in {raw.name(file)}",
                "add the row or correct the id",
            )


def _check_arms(raw: Raw, plan: Plan, findings: Findings) -> None:
    log, ids = raw["randomization_log"], [a.id for a in plan.arms]
    _each(
        findings,
        raw,
        "randomization_log",
        log[~log["arm"].isin([*ids, ""])],
        "unknown_arm",
        "arm",
        f"an arm of the plan ({', '.join(ids)})",
        "correct the code, or add the arm to the plan",
    )
    for arm in sorted(set(ids) - set(log["arm"])):
        findings.error(
            "arm_missing",
            raw.name("randomization_log"),
            f"participants in every arm of the plan ({', '.join(ids)})",
            "export the whole log, or take the arm out of the plan",
            field="arm",
            raw=f"nobody in arm {arm}",
        )


def _check_coaches(raw: Raw, plan: Plan, findings: Findings) -> None:
    if not raw.has("coach_assignments"):
        return
    log, coaches = raw["randomization_log"], raw["coach_assignments"]
    coached = [a.id for a in plan.arms if a.clusters == "coach"]
    arm = log.drop_duplicates("participant_id").set_index("participant_id")["arm"]
    known = coaches["participant_id"].map(arm)
    _each(
        findings,
        raw,
        "coach_assignments",
        coaches[known.notna() & (known != "") & ~known.isin(coached)],
        "coach_outside_arm",
        "participant_id",
        f"people of arm {', '.join(coached)} only",
        "correct the id or the arm",
    )
    alone = log["arm"].isin(coached) & ~log["participant_id"].isin(coaches["participant_id"])
    _each(
        findings,
        raw,
        "randomization_log",
        log[alone & (log["participant_id"] != "")],
        "no_coach",
        "participant_id",
        f"a coach in {raw.name('coach_assignments')} for everybody in arm {', '.join(coached)}",
        "add the assignment",
    )


def _check_dates(raw: Raw, findings: Findings) -> None:
    log = raw["randomization_log"].drop_duplicates("participant_id")
    randomized_on = log.set_index("participant_id")["randomized_on"]
    after = (
        ("redcap_surveys", "survey_on"),
        ("coach_sessions", "held_on"),
        ("online_program_log", "started_on"),
        ("disposition", "status_on"),
        ("safety_events", "event_on"),
    )
    for file, field in after:
        table = raw[file]
        if table is None:
            continue
        day0 = table[PERSON.get(file, "participant_id")].map(randomized_on)
        before = table[field] < day0
        if file == "redcap_surveys":
            baseline = table["redcap_event_name"] == "baseline_arm_1"
            _each(
                findings,
                raw,
                file,
                table[baseline & (table[field] > day0)],
                "baseline_after_randomization",
                field,
                "a baseline survey not after randomized_on",
                "correct the date or the event name",
            )
            before &= ~baseline
        _each(
            findings,
            raw,
            file,
            table[before],
            "date_before_randomization",
            field,
            "a date not before randomized_on of the randomization log",
            "correct the date",
        )
    if raw.has("online_program_log"):
        online = raw["online_program_log"]
        _each(
            findings,
            raw,
            "online_program_log",
            online[online["completed_on"] < online["started_on"]],
            "date_order",
            "completed_on",
            "a date not before started_on",
            "correct the date",
        )
    if raw.has("screening_log"):
        screening = raw["screening_log"]
        day0 = screening["participant_id"].map(randomized_on)
        _each(
            findings,
            raw,
            "screening_log",
            screening[screening["screened_on"] > day0],
            "date_order",
            "screened_on",
            "a date not after randomized_on of the randomization log",
            "correct the date",
        )
