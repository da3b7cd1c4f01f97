"""A tiny healthy trial of the route `tidy`: 48 people in two arms, wards, two visits.

`document` is its plan, `write` puts plan and table into a folder, `changed` edits one place.
"""

import copy
import csv
import io
from pathlib import Path

ARMS = ("active", "control")
SITES = ("A", "B", "C")


def people() -> list[dict[str, str]]:
    """One row per person, by arithmetic alone: every value is fixed."""
    rows = []
    for k in range(48):
        arm, half = ARMS[k % 2], k // 2
        good = 11 if arm == "active" else 6
        rows.append(
            {
                "record_id": f"R{k + 1:02d}",
                "group": arm,
                "gender": "F" if half % 3 else "M",
                "age": str(30 + 7 * k % 41),
                "centre": SITES[half % 3],
                "ward": f"{arm[0]}{half % 6}",
                "place": str(k + 1),
                "day": f"2021-{1 + k % 9:02d}-1{k % 7}",
                "stay": str(half % 5),
                "sessions": str(half % 9) if arm == "active" else "",
                "pain0": str(4 + half % 6),
                "resp3": str(int(half * 7 % 24 < good)),
                "resp6": str(int(half * 5 % 24 < good - 2)) if k % 11 else "",
                "pain3": str((half * 3 + k % 2) % 9),
                "pain6": str((half * 5 + k % 2) % 8) if k % 11 else "",
            }
        )
    return rows


def table(rows: list[dict[str, str]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


COLUMNS = {
    "participant_id": {"from": "record_id", "type": "id"},
    "arm": {"from": "group", "type": "code", "codes": {"active": "active", "control": "control"}},
    "sex": {"from": "gender", "type": "code", "codes": {"F": "female", "M": "male"}},
    "age": {"from": "age", "type": "integer", "minimum": 18, "maximum": 90},
    "site": {"from": "centre", "type": "code", "codes": {s: s for s in SITES}},
    "cluster": {"from": "ward", "type": "text"},
    "randomized_on": {"from": "day", "type": "date"},
    "sequence": {"from": "place", "type": "integer", "minimum": 1},
    "stay": {"from": "stay", "type": "number", "minimum": 0},
    "sessions": {"from": "sessions", "type": "integer", "minimum": 0, "maximum": 8},
    "pain_0": {"from": "pain0", "type": "integer", "minimum": 0, "maximum": 10},
}
SCALE = {"type": "integer", "minimum": 0, "maximum": 10}
GONE = object()
"""In place of a value: the key is taken out."""
SHARED = {"status": "prespecified", "estimand": "offer"}
DOCUMENT = {
    "trial": "tiny",
    "version": "1.0",
    "title": "A tiny made-up trial",
    "source": "made up for tests",
    "seed": 1,
    "data": {
        "route": "tidy",
        "origin": "synthetic",
        "directory": ".",
        "participants": {"source": {"file": "people.csv"}, "columns": COLUMNS},
        "visits": {
            "source": {"file": "people.csv"},
            "participant_id": "record_id",
            "outcomes": {
                "response": {
                    "type": "code",
                    "codes": {"0": "no", "1": "yes"},
                    "event": "yes",
                    "months": {"3": "resp3", "6": "resp6"},
                },
                "pain": SCALE | {"event": "<=3", "months": {"3": "pain3", "6": "pain6"}},
            },
        },
    },
    "arms": [{"id": a, "label": a.capitalize(), "clusters": "person"} for a in ARMS],
    "reference": "control",
    "contrasts": [["active", "control"]],
    "visits": [{"month": m, "label": f"{m} months"} for m in ("3", "6")],
    "primary": {"outcome": "response", "month": "3", "analysis": "main"},
    "outcomes": [
        {"id": "response", "label": "Response"},
        {"id": "pain", "label": "Little pain", "baseline": "pain_0", "better": "lower"},
    ],
    "covariates": [
        {"id": "age", "label": "Age"},
        {"id": "sex", "label": "Sex", "reference": "female"},
        {"id": "site", "label": "Site", "reference": "A"},
    ],
    "estimands": [
        {
            "id": "offer",
            "label": "Effect of the offer",
            "population": "Everybody randomized",
            "treatment": "Offer",
            "variable": "Response",
            "summary": "Risk ratio",
            "intercurrent": [],
        }
    ],
    "models": {"adjusted": ["age", "sex"], "alpha": "0.05"},
    "analyses": [
        {
            "id": "main",
            "label": "Crude",
            "outcomes": ["response"],
            "missing": "complete_case",
            "covariates": [],
        }
        | SHARED,
        {
            "id": "adjusted",
            "label": "Adjusted",
            "outcomes": ["response", "pain"],
            "missing": "complete_case",
        }
        | SHARED,
    ],
    "baseline_table": [
        {"id": "age", "label": "Age, y", "kind": "mean"},
        {"id": "sex", "label": "Female", "level": "female"},
    ],
}


def document() -> dict:
    """The plan, to be edited."""
    return copy.deepcopy(DOCUMENT)


def changed(*path, to, of: dict | None = None) -> dict:
    """The plan (or `of`) with another value at `path`; a key that is not there is added, `to`
    GONE takes the key out."""
    edited = document() if of is None else copy.deepcopy(of)
    node = edited
    for step in path[:-1]:
        node = node[step]
    if to is GONE:
        del node[path[-1]]
    elif isinstance(node, list) and path[-1] == len(node):
        node.append(to)
    else:
        node[path[-1]] = to
    return edited


def entry(id: str, **keys) -> dict:
    """An entry of `analyses`."""
    return {"id": id, "label": id.capitalize(), "outcomes": ["response"]} | SHARED | keys


def write(folder: Path, plan: dict | None = None, rows: list[dict] | None = None) -> Path:
    """Plan and table in `folder`; the plan's path. Its directory is the folder."""
    import yaml

    plan = document() if plan is None else copy.deepcopy(plan)
    plan["data"]["directory"] = str(folder)
    (folder / "people.csv").write_text(table(people() if rows is None else rows), encoding="utf-8")
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path
