"""A small trial by the route tidy: its plan, its files, and what reading them says."""

import copy
from dataclasses import dataclass
from pathlib import Path

from trialrr import plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.trials.base import AnalysisData
from trialrr.trials.prepare import derived

PEOPLE = "id,arm,age\nP1,a,40\nP2,b,50\nP3,a,60\nP4,b,70\nP5,a,45\nP6,b,55\n"
SCORES = "id,score3\nP1,1\nP2,2\nP3,3\nP4,4\nP5,5\nP6,6\n"
BOTH = "id,arm,age,score3\nP1,a,40,1\nP2,b,50,2\nP3,a,60,3\nP4,b,70,4\nP5,a,45,5\nP6,b,55,6\n"
ARM = {"from": "arm", "type": "code", "codes": {"a": "active", "b": "control"}}
DOCUMENT = {
    "data": {
        "route": "tidy",
        "origin": "real",
        "participants": {
            "source": {"file": "p.csv"},
            "columns": {
                "participant_id": {"from": "id", "type": "id"},
                "arm": ARM,
                "age": {"from": "age", "type": "integer"},
            },
        },
        "visits": {
            "source": {"file": "v.csv"},
            "participant_id": "id",
            "outcomes": {"pain": {"type": "number", "event": "<=3", "months": {"3": "score3"}}},
        },
    },
    "arms": [{"id": "active"}, {"id": "control"}],
    "visits": [{"month": "3"}],
    "outcomes": [{"id": "pain"}],
    "primary": {"outcome": "pain", "month": "3", "analysis": "main"},
}


@dataclass(frozen=True)
class Reading:
    """data is None and message filled where the files were refused."""

    data: AnalysisData | None
    message: str
    findings: Findings

    def rules(self, severity: str) -> list[str]:
        return [row["rule"] for row in self.findings.rows([severity])]

    def ages(self) -> list:
        return self.data.participants["age"].tolist()

    def scores(self) -> list:
        return self.data.visits["pain"].tolist()

    def events(self) -> list:
        return self.data.visits["pain_responder"].tolist()


def document() -> dict:
    return copy.deepcopy(DOCUMENT)


def read(
    folder: Path,
    people: str | bytes = PEOPLE,
    visits: str | bytes = SCORES,
    source: dict | None = None,
    plan_of=document,
) -> Reading:
    """The two files written to `folder` and read; `source` has further keys of both sources."""
    spec = plan_of()
    for name, table, content in (("p.csv", "participants", people), ("v.csv", "visits", visits)):
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        spec["data"][table]["source"] |= source or {}
    return of(spec, folder)


def of(spec: dict, folder: Path) -> Reading:
    findings = Findings()
    try:
        return Reading(derived(plan.parse(spec), findings, folder)[1], "", findings)
    except DataError as error:
        return Reading(None, str(error), findings)


def one_file() -> dict:
    """Both tables from the wide file p.csv."""
    spec = document()
    spec["data"]["visits"]["source"] = {"file": "p.csv"}
    return spec
