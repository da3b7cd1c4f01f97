"""A trial of twelve wards as files, read by the route tidy in any of the dialects that the plan may
declare, and the page of it."""

from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from tests.properties import chain

WARDS, BEDS, LACKING = 12, 8, 3
AGES = [40.25 + 0.5 * k for k in range(WARDS * BEDS)]
EASED = [(k * k + k // BEDS) % 7 < 3 + k % 2 for k in range(WARDS * BEDS)]
MEAN_AGE = f"{mean(AGES):.1f}"
PERCENT = {
    arm: f"{100 * mean(e for k, e in enumerate(EASED) if k // BEDS % 2 == odd):.1f}"
    for odd, arm in enumerate(("early", "usual"))
}
"""Arm → percent eased; the model without covariates gives just that."""

DOCUMENT = {
    "trial": "wards",
    "version": "1.0",
    "title": "Earlier lights out on twelve wards",
    "source": "A registry of made-up trials",
    "seed": 5,
    "data": {
        "route": "tidy",
        "origin": "synthetic",
        "participants": {
            "source": {"file": "p.csv"},
            "columns": {
                "participant_id": {"from": "id", "type": "id"},
                "arm": {"from": "arm", "type": "code", "codes": {"e": "early", "u": "usual"}},
                "cluster": {"from": "ward", "type": "id"},
                "age": {"from": "age", "type": "number", "minimum": 18, "maximum": 110},
                "sequence": {"from": "bed", "type": "integer"},
                "turn": {"from": "turn", "type": "integer"},
            },
        },
        "visits": {
            "source": {"file": "v.csv"},
            "participant_id": "id",
            "outcomes": {"ache": {"type": "number", "event": "<=2.5", "months": {"1": "ache1"}}},
        },
    },
    "arms": [
        {"id": "early", "label": "Early lights out", "clusters": "ward"},
        {"id": "usual", "label": "Usual hours", "clusters": "ward"},
    ],
    "reference": "usual",
    "contrasts": [["early", "usual"]],
    "visits": [{"month": "1", "label": "Day 1"}],
    "primary": {"outcome": "ache", "month": "1", "analysis": "main"},
    "outcomes": [{"id": "ache", "label": "Ache eased"}],
    "covariates": [{"id": "age", "label": "Age in years"}],
    "estimands": [
        {
            "id": "offer",
            "label": "Effect of the hour",
            "population": "Everybody on the wards",
            "treatment": "Lights out at nine",
            "variable": "Ache eased",
            "summary": "Risk ratio",
            "intercurrent": [],
        }
    ],
    "models": {"adjusted": ["age"], "alpha": "0.05"},
    "baseline_table": [{"id": "age", "label": "Age, y", "kind": "mean"}],
}
MAIN = dict(id="main", label="As planned", status="prespecified", missing="complete_case")
CRUDE = {"covariates": []}
AGAIN = dict(id="again", label="Shuffled", status="post_hoc", kind="rerandomization", of="main")
AGAIN["draws"] = 1000


def files(lacking: int, wards: int, eased: dict[str, bool], **dialects: dict) -> dict[str, str]:
    """The two files; lacking : people without an age; eased : arm → whether everybody of it was, or
    nobody; dialects : of participants and visits."""
    people, visits = [["id", "arm", "ward", "age", "bed", "turn"]], [["id", "ache1"]]
    for k, (age, own) in enumerate(zip(AGES, EASED, strict=True)):
        ward = k * wards // len(AGES)
        code = "eu"[ward % 2]
        age = "" if k % 30 == 1 and k // 30 < lacking else age
        people.append([f"P{k:02d}", code, f"W{ward:02d}", age, k, ward])
        visits.append([f"P{k:02d}", 2.5 if eased.get(code, own) else 3.75])
    tables = {"participants": people, "visits": visits}
    return {f"{of[0]}.csv": _text(rows, **dialects.get(of, {})) for of, rows in tables.items()}


def _text(rows: list[list], delimiter: str = ",", decimal: str = ".") -> str:
    """Numbers with fractions, and only they, have a decimal sign."""
    said = ([str(c).replace(".", decimal) for c in row] for row in rows)
    return "".join(f"{delimiter.join(row)}\n" for row in said)


def run(
    lacking: int = 0,
    unit: str = "",
    rule: str = "mean",
    wards: int = WARDS,
    eased: dict[str, bool] | None = None,
    **dialects: dict,
) -> chain.Run:
    """The trial from its files to its page. unit : of a re-randomization, "" for none; rule : what
    is done with a missing age; wards : even, two are one an arm; eased : as in `files`; dialects :
    keys of the source of participants and of visits."""
    data = {
        of: DOCUMENT["data"][of] | {"source": DOCUMENT["data"][of]["source"] | keys}
        for of, keys in dialects.items()
    }
    entries = [
        MAIN | ({} if lacking or rule == "stop" else CRUDE),
        *([AGAIN | {"draws": 1000}] if unit else []),
    ]
    made = DOCUMENT | {
        "data": DOCUMENT["data"] | data,
        "models": DOCUMENT["models"] | {"missing_covariates": rule},
        "analyses": [{**e, "estimand": "offer", "outcomes": ["ache"]} for e in entries],
    }
    if unit:
        order = "turn" if unit == "cluster" else "sequence"
        made["randomization"] = {"strata": [], "block_sizes": [2, 4], "order": order, "unit": unit}
    with TemporaryDirectory() as folder:
        return chain.run(made, files(lacking, wards, eased or {}, **dialects), Path(folder))


def page(**how) -> str:
    """The page of a run."""
    return run(**how).html
