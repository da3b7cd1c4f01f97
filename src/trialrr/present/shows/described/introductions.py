"""What stands above the table of safety."""

from trialrr.present.results import Results


def safety(results: Results) -> list[str]:
    """That it is counted and not tested."""
    return ["People with an event and events, by arm, of the people analyzed: counted, not tested."]
