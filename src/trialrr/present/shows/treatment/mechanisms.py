"""How an effect comes about: mediators, and the effect with them balanced."""

from collections.abc import Iterator
from functools import partial

from trialrr.analyses.treatment.entries import Mediation
from trialrr.ard import Subgroup
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import estimate, events
from trialrr.present.words import numbers
from trialrr.present.words.reasons import reasons

EFFECTS = {
    "total": "Total effect",
    "direct": "Effect with the kept mediators balanced",
    "through_mediators": "Total over balanced: through the mediators",
}
"""Effect of a mediation analysis → its words."""


def mediation(results: Results) -> Table:
    """By comparison with the reference arm: the arm's effect on each mediator and whether it was
    kept, then the effect on the outcome in all, balanced and through the mediators."""
    rows, absent, shares = [], [], []
    for entry in results.entries("mediation"):
        for outcome in entry.outcomes:
            for contrast in results.against_reference:
                month = entry.month
                head = f"{results.contrast(contrast)}. {results.outcome(outcome)}"
                head += f", {results.visit(month, outcome)}"
                get = partial(results.get, entry.id, level=contrast, outcome=outcome)
                lines = [*_mediators(results, entry, get), *_effects(get, month)]
                told = get("not_estimable", month=month)
                if told:
                    absent.append(f"{head}: not estimable, {told.reason}.")
                    lines = [("not estimable", *[""] * 6)]
                share = get("proportion_mediated", month=month)
                shares += [share] if share and numbers.missing(share.lower) else []
                rows += [(head, *line) for line in lines]
    columns = (
        "Comparison",
        "What",
        "Scale",
        "n/N",
        f"Estimate ({results.ci})",
        "P",
        "Kept",
        "Kept in samples, %",
    )
    levels = {numbers.p_value(e.level) for e in results.entries("mediation")}
    notes = (
        *arm_note(results),
        f"Kept: a mediator whose arm effect has P < {', '.join(sorted(levels))}; the others are not"
        " balanced. Kept in samples: share of bootstrap samples in which the rule keeps it.",
        "n/N: people with the event of people of both arms with outcome and mediators observed.",
        "Balanced: people are weighted so that changes in the kept mediators are alike in both"
        " arms. Intervals of effects: percentiles of a bootstrap that repeats selection and"
        " weights.",
        "Without an interval: the share rests on a total effect whose interval includes 1."
        if shares
        else "",
        *_failed(results),
        *absent,
        *reasons(results, [e.id for e in results.entries("mediation")], absent=False),
    )
    return build(results, "mediation", "Mechanisms", columns, rows, notes, grouped=1)


def _mediators(results: Results, entry: Mediation, get) -> Iterator[tuple[str, ...]]:
    at = entry.at
    for mediator in entry.mediators:
        cell = partial(get, month=at, subgroup=Subgroup.of(mediator=mediator))
        effect, kept, share = map(cell, ("mean_difference", "mediator_kept", "share_kept"))
        if effect is None:
            continue
        name = f"Arm's effect on {results.score(mediator)}, {results.visit(at, mediator)}"
        yield (
            name,
            "difference in points",
            events(effect),
            estimate(effect),
            results.p(effect.p_value),
            "" if kept is None else "yes" if kept.estimate else "no",
            numbers.percent(share.estimate) if share else "",
        )


def _effects(get, month: str) -> Iterator[tuple[str, ...]]:
    for effect, name in EFFECTS.items():
        row = get("risk_ratio", month=month, subgroup=Subgroup.of(effect=effect))
        if row:
            scale = "ratio of relative risks" if effect == "through_mediators" else "relative risk"
            yield name, scale, events(row), estimate(row), "", "", ""
    row = get("proportion_mediated", month=month)
    if row:
        name, scale = "Share through the mediators", "% of the log RR"
        yield name, scale, events(row), estimate(row), "", "", ""


def _failed(results: Results) -> list[str]:
    """Bootstrap samples without an estimate, where there were some."""
    said = []
    for entry in results.entries("mediation"):
        for row in results.rows(entry.id, "replicates_failed"):
            if row.estimate:
                number = numbers.count(row.estimate)
                contrast = results.contrast(row.level, short=True)
                said.append(f"{contrast}: {number} samples without an estimate ({row.reason}).")
    return said
