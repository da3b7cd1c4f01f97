"""What stands above the tables of outcomes, subgroups, mechanisms, adherence, safety and costs:
what each is and what it is not, with its headline numbers, made of ARD rows."""

from functools import partial

from trialrr.analyses.treatment.entries import Mediation
from trialrr.ard import Subgroup
from trialrr.present import shows
from trialrr.present.results import Results
from trialrr.present.words import labels, multiplicity, numbers


def secondary(results: Results) -> list[str]:
    """How scores are tested, and what the analyses beside the first are for."""
    outcomes = shows.in_role(results.plan, *shows.SCORED)
    entries = [e for outcome in outcomes for e in shows.scored(results.plan, outcome)]
    analyses = list(dict.fromkeys(entry.id for entry in entries))
    said = [f"{_statuses(results, analyses)}."]
    if note := multiplicity.note(results):
        said.append(f"{note} Nothing adjusts for the number of outcomes and visits.")
    return said


def exploratory(results: Results) -> list[str]:
    """That these are many and not adjusted."""
    analyses = dict.fromkeys(entry.id for _, entry in shows.explored(results.plan))
    return [
        f"{_statuses(results, analyses)}. These outcomes raise questions and settle none: no P is"
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


def mechanisms(results: Results) -> list[str]:
    """What the weights do and what they cannot, then each comparison in numbers."""
    said = []
    for entry in results.entries("mediation"):
        mediators = "; ".join(results.score(id) for id in entry.mediators)
        month, at = entry.month, entry.at
        outcomes = "; ".join(results.outcome(id) for id in entry.outcomes)
        said.append(
            f"{results.status(entry.id)}. {outcomes}, {results.visit(month)}: the effect as it"
            f" is and with people weighted so that changes to {results.visit(at)} in the kept"
            f" mediators ({mediators}) are alike in both arms. This is no proof of a mechanism:"
            " mediators were not randomized, and whatever moves both a mediator and the outcome"
            " without being measured counts as the mediator. The effect with mediators balanced is"
            " not a natural direct effect."
        )
        for outcome in entry.outcomes:
            for contrast in results.against_reference:
                said += _through(results, entry, outcome, contrast)
    return said


def _through(results: Results, entry: Mediation, outcome: str, contrast: str) -> list[str]:
    month, get = entry.month, partial(results.get, entry.id, level=contrast)
    effects = [
        get("risk_ratio", outcome=outcome, month=month, subgroup=Subgroup.of(effect=effect))
        for effect in ("total", "direct", "through_mediators")
    ]
    if not all(effects):
        return []
    at = dict(outcome=outcome, month=entry.at)
    verdicts = [
        (results.score(id), get("mediator_kept", subgroup=Subgroup.of(mediator=id), **at))
        for id in entry.mediators
    ]
    kept = [name for name, verdict in verdicts if verdict and verdict.estimate]
    total, direct, through = (numbers.interval(e.estimate, e.lower, e.upper) for e in effects)
    name = results.contrast(contrast)
    if not kept:
        return [
            f"{name}: relative risk {total}; no mediator was kept, so nothing goes through any."
        ]
    return [
        f"{name}: relative risk {total}, with {' and '.join(kept)} balanced {direct}; their ratio,"
        f" the part through the mediators, {through}."
    ]


def adherence(results: Results) -> list[str]:
    """That people chose, and what effects of taking the treatment assume."""
    said = []
    for entry in results.entries("adherence"):
        took = labels.subgroup(f"{entry.column}{entry.took}")
        said.append(
            f"{results.analysis(entry.id)}: described. To have taken the treatment is:"
            f" {took}. Outcomes by what was taken are no effects of it, for people chose it."
        )
    assumed = {
        "compliers": "Effects among those who take the treatment if offered assume that an offer"
        " which is not taken changes nothing, and that nobody of the reference arm takes it.",
        "per_protocol": "Per protocol assumes that the covariates of its model tell all by which"
        " those who took the treatment differ from those who did not.",
    }
    for kind, text in assumed.items():
        if entries := results.entries(kind):
            said.append(f"{_statuses(results, [e.id for e in entries])}. {text}")
    return said


def safety(results: Results) -> list[str]:
    """That it is counted and not tested."""
    return ["People with an event and events, by arm, of the people analyzed: counted, not tested."]


def economics(results: Results) -> list[str]:
    """Whose prices these are."""
    return [
        f"{results.status(entry.id)}. {results.analysis(entry.id)}: what people used, times"
        f" unit costs in {entry.currency} that the plan assumes and the table's notes list. They"
        " are not findings; with other prices costs are others."
        for entry in results.entries("economics")
    ]


def _statuses(results: Results, analyses) -> str:
    """Analyses by status, in the plan's order: "Prespecified: a. Post hoc: b; c"."""
    of_status: dict[str, list[str]] = {}
    for analysis in analyses:
        of_status.setdefault(results.status(analysis), []).append(results.analysis(analysis))
    return ". ".join(f"{status}: {'; '.join(names)}" for status, names in of_status.items())
