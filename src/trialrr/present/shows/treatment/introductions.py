"""What stands above the tables of mechanisms and adherence: what each is and what it is not, with
its headline numbers, made of ARD rows."""

from functools import partial

from trialrr.analyses.treatment.entries import Mediation
from trialrr.ard import Subgroup
from trialrr.present.results import Results
from trialrr.present.words import labels, numbers

ASSUMED = {
    "compliers": "Effects among those who take the treatment if offered assume that an offer which"
    " is not taken changes nothing, and that nobody of the reference arm takes it.",
    "per_protocol": "Per protocol assumes that the covariates of its model tell all by which those"
    " who took the treatment differ from those who did not.",
}
"""Kind of analysis → what an effect of taking the treatment assumes."""


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
    for kind, text in ASSUMED.items():
        if entries := results.entries(kind):
            said.append(f"{results.statuses([e.id for e in entries])}. {text}")
    return said
