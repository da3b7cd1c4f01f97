"""A made-up trial of 60 people: an early or a late bedtime, and how tired they are after three
months."""

from pathlib import Path

from trialrr.trials.base import Trial, Words

FILES = ("people.csv", "answers.csv")


class ToyTrial(Trial):
    name = "toy_trial"
    sources = ("tiredness",)
    columns = {
        "participant_id": {"type": "id"},
        "data_origin": {"type": "text"},
        "analyzed": {"type": "integer"},
        "arm": {"type": "text"},
        "cluster": {"type": "text"},
        "chronotype": {"type": "text"},
        "age": {"type": "integer"},
        "tired": {"type": "number"},
        "tired_sum": {"type": "integer"},
        "tired_items": {"type": "integer"},
    }
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
