"""A small valid set of raw files, built from the dictionary, in which tests plant faults."""

import csv
from datetime import date, timedelta
from pathlib import Path

from trialrr.ingest.redcap import forms_at
from trialrr.trials.resolve.files import dictionary
from trialrr.trials.resolve.instruments import FORMS, PAIN_ITEMS

ARMS = ("PT", "HC", "UC")
PEOPLE = tuple(f"R{i:04d}" for i in range(1, 13))
DAY0 = date(2021, 9, 1)
MONTHS = {"month_3_arm_1": 100, "month_6_arm_1": 200, "month_12_arm_1": 380}
ORIGIN = "REAL"
ANSWERS = {
    "phq8": "1",
    "gad7": "1",
    "social": "3",
    "function": "2",
    "sleep": "3",
    "gcps": "3",
    "eq5d": "2",
    "pcs6": "2",
    "self_efficacy": "4",
    "support": "5",
    "pgic": "3",
}
"""Form → the answer to each of its items, at every event that asks it."""
PAIN_SITES = tuple(
    f.name for f in dictionary()["redcap_surveys"] if f.name.startswith("pain_site_")
)
NEEDS = tuple(f"social_need_{n}" for n in ("financial", "housing", "food", "transport"))


def arm_of(person: str) -> str:
    return ARMS[PEOPLE.index(person) % 3]


def iso(days: int) -> str:
    return (DAY0 + timedelta(days=days)).isoformat()


def us(days: int) -> str:
    return (DAY0 + timedelta(days=days)).strftime("%m/%d/%Y")


def survey(person: str, event: str, score: int, days: int, mode: str = "web") -> dict[str, str]:
    """A complete survey whose BPI items all are `score`."""
    row = {
        "record_id": person,
        "redcap_event_name": event,
        "survey_mode": mode,
        "survey_on": iso(days),
        "survey_complete": "2",
    } | dict.fromkeys(PAIN_ITEMS, str(score))
    for form in forms_at(event, FORMS, dictionary()["redcap_surveys"]):
        row |= dict.fromkeys(FORMS[form], ANSWERS[form])
    if event == "baseline_arm_1":
        row |= dict.fromkeys(PAIN_SITES, "0") | {"pain_site_back": "1"}
        row |= dict.fromkeys(NEEDS, "0") | {
            "education": "college",
            "employment": "employed",
            "income_band": "band_3",
            "partnered": "1",
            "race_ethnicity": "white",
            "pain_duration": "5+",
        }
    return row


def raw_set() -> dict[str, list[dict[str, str]]]:
    """Rows by file: 12 people, 4 an arm, baseline items 6, follow-up items 4 in odd people and 5
    in even ones; outreach also of one person unreachable, one declined, one who died, two
    ineligible."""
    files: dict[str, list[dict[str, str]]] = {name: [] for name in dictionary()}
    for i, person in enumerate(PEOPLE):
        arm, site, key = arm_of(person), "ABCD"[i % 4], f"O{i:04d}"
        sex = "female" if i % 2 else "male"
        files["outreach_log"].append(
            {
                "outreach_id": key,
                "site": site,
                "mailed_on": iso(-60),
                "outcome": "screened",
                "outcome_on": iso(-30),
            }
        )
        files["screening_log"].append(
            {
                "outreach_id": key,
                "screened_on": iso(-30),
                "high_impact_pain": "1",
                "peg_1": "6",
                "peg_2": "7",
                "peg_3": "8",
                "excluded_behavioral_treatment": "0",
                "eligible": "1",
                "enrollment": "consented",
                "baseline": "completed",
                "participant_id": person,
            }
        )
        files["randomization_log"].append(
            {
                "participant_id": person,
                "randomized_on": iso(0),
                "sequence": str(i + 1),
                "site": site,
                "stratum_sex": sex,
                "stratum_severity": "<7",
                "stratum_rural": "no",
                "block": "1",
                "arm": arm,
            }
        )
        files["ehr_extract"].append(
            {
                "participant_id": person,
                "age": str(50 + 2 * i),
                "sex": sex,
                "rural_or_underserved": "0",
                "charlson": str(i % 4),
                "anxiety_or_depression_dx": "0",
                "substance_use_dx": "0",
                "msk_conditions": "2",
                "pain_encounters": "6",
                "has_pharmacy_data": "0" if site == "D" else "1",
            }
        )
        files["redcap_surveys"].append(survey(person, "baseline_arm_1", 6, -7))
        for event, day in MONTHS.items():
            files["redcap_surveys"].append(survey(person, event, 4 + i % 2, day))
        if arm == "HC":
            files["coach_assignments"].append(
                {"participant_id": person, "coach_id": f"C{1 + i // 6:02d}"}
            )
            for session in range(1, 2 + i % 8):
                files["coach_sessions"].append(
                    {
                        "participant_id": person,
                        "coach_id": f"C{1 + i // 6:02d}",
                        "session": str(session),
                        "held_on": us(7 * session),
                        "mode": "phone",
                        "minutes": "50",
                        "status": "completed",
                    }
                )
        if arm == "PT":
            files["online_program_log"].append(
                {
                    "participant_id": person,
                    "session": "1",
                    "started_on": iso(7),
                    "completed_on": iso(8),
                }
            )
    files["outreach_log"] += [
        {"outreach_id": "O9001", "site": "A", "mailed_on": iso(-60), "outcome": "unreachable"},
        {"outreach_id": "O9002", "site": "B", "mailed_on": iso(-60), "outcome": "declined"},
        {"outreach_id": "O9003", "site": "C", "mailed_on": iso(-60), "outcome": "screened"},
        {"outreach_id": "O9004", "site": "D", "mailed_on": iso(-60), "outcome": "screened"},
        {"outreach_id": "O9005", "site": "D", "mailed_on": iso(-60), "outcome": "died"},
    ]
    for key, answers in (
        ("O9003", {"high_impact_pain": "0"}),
        ("O9004", {"high_impact_pain": "1", "peg_1": "3", "peg_2": "4", "peg_3": "4"}),
    ):
        row = {"outreach_id": key, "screened_on": iso(-30), "eligible": "0"}
        files["screening_log"].append(row | answers)
    files["ehr_dispensings"].append(
        {
            "participant_id": PEOPLE[0],
            "dispensed_on": us(-90),
            "drug": "oxycodone",
            "days_supply": "60",
        }
    )
    for k, (day, kind, nights) in enumerate(((-30, "outpatient", ""), (50, "inpatient", "2"))):
        files["ehr_utilization"].append(
            {
                "participant_id": PEOPLE[0],
                "encounter_id": f"V{k}",
                "encounter_on": us(day),
                "kind": kind,
                "nights": nights,
            }
        )
    files["disposition"].append(
        {"participant_id": PEOPLE[0], "status": "withdrew", "status_on": iso(390), "note": "moved"}
    )
    files["safety_events"].append(
        {
            "event_id": "E1",
            "participant_id": PEOPLE[0],
            "event": "hospitalization",
            "event_on": iso(50),
        }
    )
    return files


def write(directory: Path, files: dict[str, list[dict[str, str]]]) -> Path:
    """Write the files as real exports; a column that a row does not name is blank."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        columns = [f.name for f in dictionary()[name]]
        with open(directory / f"{name}.csv", "w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, columns, restval="", lineterminator="\n")
            table.writeheader()
            table.writerows([{"data_origin": ORIGIN} | row for row in rows])
    return directory


def edit(path: Path, line: int, old: str, new: str) -> None:
    """Replace `old` by `new` once in a line (the header is line 1) of a raw file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert old in lines[line - 1], f"{path.name}:{line} has no {old!r}: {lines[line - 1]}"
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def set_cell(path: Path, line: int, field: str, value: str) -> None:
    """Put `value` into a cell of a raw file."""
    with open(path, encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    rows[line - 1][rows[0].index(field)] = value
    with open(path, "w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
