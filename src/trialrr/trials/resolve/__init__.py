"""RESOLVE: remote cognitive behavioral therapy for high-impact chronic pain, with a synthetic
twin."""

from trialrr.trials.base import CALIBRATED, Trial, Twin
from trialrr.trials.resolve.columns import COLUMNS
from trialrr.trials.resolve.files import raw_files, synthetic_files
from trialrr.trials.resolve.instruments import CALIBRATED_SOURCES, SOURCES
from trialrr.trials.resolve.words import WORDS


class Resolve(Trial):
    """The route of RESOLVE's own exports, or of its twin's."""

    name = "resolve"
    sources = SOURCES
    columns = COLUMNS
    tables = ("sessions", "quarters", "other_windows")
    described = ("clusters", "safety")
    words = WORDS

    def raw_files(self, data):
        return raw_files(data.directory)

    def read(self, plan, directory, findings):
        from trialrr.trials.resolve import cleaning

        return cleaning.read_raw(directory, plan.data.origin, findings)

    def check(self, raw, plan, findings):
        from trialrr.trials.resolve import cleaning

        cleaning.check(raw, plan, findings)

    def derive(self, raw, plan, findings):
        from trialrr.trials.resolve.derive import derive

        return derive(raw, plan, findings)

    def flow(self, raw, data, plan):
        from trialrr.trials.resolve.flow import flow_rows

        return flow_rows(raw, data, plan)

    def provenance(self, plan):
        """What people answered about pain at follow-up is calibrated. Nothing published says how
        the other outcomes went on, so the twin invents them."""
        found = super().provenance(plan)
        if plan.data.origin == "real":
            return found
        met = {o.id: CALIBRATED for o in plan.outcomes if o.source in CALIBRATED_SOURCES}
        return found | met

    def twin(self):
        return Twin(synthetic_files(), _simulate)


def _simulate(published, seed):
    from trialrr.trials.resolve.twin import simulate

    return simulate(published, seed)


TRIAL = Resolve()
