"""The plan and the two raw files of the toy trial, by arithmetic alone: every value is fixed."""

from datetime import date, timedelta
from pathlib import Path

from tests.plan import tiny
from trialrr import io

DAY0 = date(2024, 1, 8)
ITEMS = ("tired_waking", "tired_noon", "fresh_evening")
PLAN = tiny.DOCUMENT | {
    "trial": "toy",
    "title": "A made-up trial of two bedtimes",
    "data": {"route": "toy_trial", "origin": "synthetic"},
    "arms": [
        {"id": a, "label": f"{a.capitalize()} bedtime", "clusters": "person"}
        for a in ("early", "late")
    ],
    "reference": "late",
    "contrasts": [["early", "late"]],
    "visits": [{"month": "3", "label": "3 months", "window": [80, 140]}],
    "primary": {"outcome": "tired", "month": "3", "analysis": "main"},
    "outcomes": [
        {
            "id": "tired",
            "label": "Less tired by 30%",
            "score_label": "Tiredness (0-10)",
            "better": "lower",
            "source": "tiredness",
            "baseline": "tired",
            "threshold": "0.30",
        }
    ],
    "covariates": [
        {"id": "age", "label": "Age"},
        {"id": "chronotype", "label": "Chronotype", "reference": "lark"},
    ],
    "models": {"adjusted": ["age"], "alpha": "0.05"},
    "analyses": [tiny.DOCUMENT["analyses"][0] | {"outcomes": ["tired"]}],
    "baseline_table": [{"id": "chronotype", "label": "Chronotype", "kind": "levels"}],
}


def people() -> list[dict]:
    return [
        {
            "record_id": f"T{k:02d}",
            "arm": ("early", "late")[k % 2],
            "chronotype": ("lark", "owl")[k % 3 == 0],
            "age": 20 + k % 41,
            "randomized_on": DAY0 + timedelta(k),
        }
        for k in range(60)
    ]


def answers() -> list[dict]:
    """A baseline of 6 on every item; afterwards 4 of an early bedtime in two of three people, and
    of a late one in one of three; nobody was seen of every tenth."""
    rows = []
    for k, person in enumerate(people()):
        rows.append(answer(person, "baseline", -2, 6))
        if k % 10 != 9:
            better = (k // 2) % 3 < (2 if person["arm"] == "early" else 1)
            rows.append(answer(person, "month_3", 100, 4 if better else 6))
    return rows


def answer(person: dict, event: str, day: int, tired: int) -> dict:
    return {
        "record_id": person["record_id"],
        "redcap_event_name": f"{event}_arm_1",
        "answered_on": person["randomized_on"] + timedelta(day),
        "hours": 7.5,
        **dict(zip(ITEMS, (tired, tired, 10 - tired), strict=True)),
    }


def write(folder: Path, of_people=None, of_answers=None) -> Path:
    for name, rows in (("people", of_people or people()), ("answers", of_answers or answers())):
        text = [{k: str(v) for k, v in row.items()} for row in rows]
        io.write_text(folder / f"{name}.csv", tiny.table(text))
    return folder
