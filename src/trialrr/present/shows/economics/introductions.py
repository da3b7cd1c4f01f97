"""What stands above the table of costs."""

from trialrr.present.results import Results


def economics(results: Results) -> list[str]:
    """Whose prices these are."""
    return [
        f"{results.status(entry.id)}. {results.analysis(entry.id)}: what people used, times"
        f" unit costs in {entry.currency} that the plan assumes and the table's notes list. They"
        " are not findings; with other prices costs are others."
        for entry in results.entries("economics")
    ]
