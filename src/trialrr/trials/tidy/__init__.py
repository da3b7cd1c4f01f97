"""Any trial whose tables a column mapping in the plan describes: its dictionary is the plan."""

from trialrr.plan.data import TidySection
from trialrr.trials.base import Trial
from trialrr.trials.tidy.files import raw_files


class Tidy(Trial):
    """The route of a trial that has no folder of its own."""

    name = "tidy"
    section = TidySection

    def raw_files(self, data):
        return raw_files(data)

    def read(self, plan, directory, findings):
        from trialrr.trials.tidy import reader

        return reader.read(plan, directory, findings)

    def check(self, raw, plan, findings):
        from trialrr.trials.tidy import reader

        reader.check(raw, plan, findings)

    def derive(self, raw, plan, findings):
        from trialrr.trials.tidy import reader

        return reader.derive(raw, plan, findings)


TRIAL = Tidy()
