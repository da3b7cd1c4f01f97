"""A second, slow reading of the surveys that shares no code with the package: responders by exact
fractions, one person at a time."""

from datetime import datetime
from fractions import Fraction

DAYS = {"month_3_arm_1": (80, 140), "month_6_arm_1": (170, 230), "month_12_arm_1": (350, 410)}
FOUR = slice(0, 4)
SEVEN = slice(4, 11)


def day(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y" if "/" in text else "%Y-%m-%d")


def answers(row: dict, items: list[str]) -> list[int | None]:
    return [None if row[i] in ("", "88", "99") else int(row[i]) for i in items]


def scores(values: list[int | None]) -> dict[str, Fraction | None]:
    """Severity, intensity, interference as fractions, None where the scoring rule gives none."""

    def mean(part: list[int | None], needed: int) -> Fraction | None:
        given = [v for v in part if v is not None]
        return Fraction(sum(given), len(given)) if len(given) >= needed else None

    intensity, interference = mean(values[FOUR], 4), mean(values[SEVEN], 4)
    both = None if intensity is None or interference is None else mean(values, 8)
    return {"severity": both, "intensity": intensity, "interference": interference}


def best_surveys(surveys, randomized_on: dict[str, str], items: list[str]) -> dict:
    """(person, event) → scores of the survey that counts; none outside the windows."""
    chosen: dict = {}
    for row in surveys.to_dict("records"):
        person, event = row["record_id"], row["redcap_event_name"]
        first, last = DAYS.get(event, (-9999, 0))
        after = (day(row["survey_on"]) - day(randomized_on[person])).days
        values = answers(row, items)
        rank = (sum(v is not None for v in values), -after)
        if first <= after <= last and rank > chosen.get((person, event), ((-1, 0), None))[0]:
            chosen[person, event] = (rank, values)
    return {place: scores(values) for place, (_, values) in chosen.items()}


def responder(before: Fraction | None, after: Fraction | None) -> bool | None:
    if before is None or after is None or before == 0:
        return None
    return (before - after) / before >= Fraction(3, 10)


def counted_surveys(surveys, randomized_on: dict[str, str], pain: list[str]) -> dict:
    """(person, event) → row of the survey that counts: inside the window, most of the pain items
    answered, the earliest, the first in the file. The baseline has no window."""
    chosen: dict = {}
    for place, row in enumerate(surveys.to_dict("records")):
        person, event = row["record_id"], row["redcap_event_name"]
        first, last = DAYS.get(event, (-9999, 0))
        after = (day(row["survey_on"]) - day(randomized_on[person])).days
        rank = (sum(v is not None for v in answers(row, pain)), -after, -place)
        if first <= after <= last and rank > chosen.get((person, event), ((-1, 0, 0), None))[0]:
            chosen[person, event] = (rank, row)
    return {place: row for place, (_, row) in chosen.items()}


def total(row: dict, items: list[str], turned: int | None = None) -> int | None:
    """Sum of items, None if one is missing; `turned` is least plus greatest answer of a form that
    the phone asks in reverse."""
    values = [None if row[i].strip() in ("", "88", "99") else int(row[i].strip()) for i in items]
    if None in values:
        return None
    if turned and row["survey_mode"].strip() == "phone":
        values = [turned - v for v in values]
    return sum(values)
