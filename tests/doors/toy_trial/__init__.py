"""A made-up trial of 60 people: an early or a late bedtime, and how tired they are after three
months."""

from pathlib import Path

from trialrr.plan.data import ParticipantColumn
from trialrr.trials.base import Trial, Words

FILES = ("people.csv", "answers.csv")
TYPES = {
    "participant_id": "id",
    "data_origin": "text",
    "analyzed": "integer",
    "arm": "text",
    "cluster": "text",
    "chronotype": "text",
    "age": "integer",
    "tired": "number",
    "tired_sum": "integer",
    "tired_items": "integer",
}
"""Column of participants → what it holds."""


class ToyTrial(Trial):
    name = "toy_trial"
    sources = ("tiredness",)
    columns = {name: ParticipantColumn(column=name, type=form) for name, form in TYPES.items()}
    tables = ("nights",)
    words = Words(levels={"lark": "Morning type", "owl": "Evening type"})

    def raw_files(self, data):
        return [Path(data.directory) / name for name in FILES]

    def read(self, plan, directory, findings):
        from . import export

        return export.read(directory, findings)

    def check(self, raw, plan, findings):
        from . import export

        export.check(raw, plan, findings)

    def derive(self, raw, plan, findings):
        from .derive import derive

        return derive(raw, plan, findings)


TRIAL = ToyTrial()
