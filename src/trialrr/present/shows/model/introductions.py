"""What stands above the tables of outcomes and subgroups: what each is and what it is not."""

from trialrr.present.results import Results
from trialrr.present.shows.model import asked
from trialrr.present.words import labels, multiplicity


def secondary(results: Results) -> list[str]:
    """How scores are tested, and what the analyses beside the first are for."""
    outcomes = asked.in_role(results.plan, *asked.SCORED)
    entries = [e for outcome in outcomes for e in asked.scored(results.plan, outcome)]
    analyses = list(dict.fromkeys(entry.id for entry in entries))
    said = [f"{results.statuses(analyses)}."]
    if note := multiplicity.note(results):
        said.append(f"{note} Nothing adjusts for the number of outcomes and visits.")
    return said


def exploratory(results: Results) -> list[str]:
    """That these are many and not adjusted."""
    analyses = dict.fromkeys(entry.id for _, entry in asked.explored(results.plan))
    return [
        f"{results.statuses(analyses)}. These outcomes raise questions and settle none: no P is"
        " adjusted for the number of outcomes."
    ]


def subgroups(results: Results) -> list[str]:
    """What is tested and what is not."""
    said = []
    for entry in results.entries("subgroups"):
        names = "; ".join(m.label or labels.words(m.id) for m in entry.moderators)
        said.append(
            f"{results.status(entry.id)}. {_characteristics(len(entry.moderators))}: {names}."
            " What is tested is whether effects differ between levels, the"
            " interaction with the arm, once as ratios and once as differences. An effect in a"
            " level is described: that its interval includes 1 does not say that the treatment"
            " fails there."
        )
    return said


def _characteristics(n: int) -> str:
    return "1 characteristic" if n == 1 else f"{n} characteristics, one at a time"
