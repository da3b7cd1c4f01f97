"""Where the analysis departs from what was planned, in the plan's words."""

from trialrr.present.kit.table import Table, build
from trialrr.present.results import Results
from trialrr.present.words import labels


def deviations(results: Results) -> Table:
    """A row a deviation that the plan lists: what was planned, what was done, and why."""
    rows = [
        (labels.words(entry.id), entry.planned, entry.done, entry.reason)
        for entry in results.plan.deviations
    ]
    columns = ("What", "Planned", "Done", "Reason")
    return build(results, "deviations", "Deviations from the plan", columns, rows)
