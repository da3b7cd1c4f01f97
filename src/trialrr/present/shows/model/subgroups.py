"""Risks, relative risks and risk differences by level of each moderator, with the interaction."""

from dataclasses import dataclass
from functools import partial

from trialrr.analyses.model import entries
from trialrr.ard import Subgroup
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import estimate, events
from trialrr.present.words import labels, numbers
from trialrr.present.words.reasons import reasons
from trialrr.present.words.sentences import relation


@dataclass(frozen=True)
class ModeratorResults:
    """One moderator of an analysis, as the results hold it.

    month : of its interaction; levels : subgroups of its rows ("sex=female") and their words;
    reason : why it has none, "" if it has some.
    """

    analysis: str
    outcome: str
    id: str
    label: str
    month: str
    levels: tuple[tuple[str, str], ...]
    reason: str


def moderators(results: Results) -> list[ModeratorResults]:
    """Moderators of the plan that the results say something of, in its order."""
    found = []
    for entry in results.entries("subgroups"):
        for outcome in entry.outcomes:
            for moderator in entry.moderators:
                one = _moderator(results, entry.id, outcome, moderator)
                found += [one] if one.levels or one.reason else []
    return found


def _moderator(
    results: Results, analysis: str, outcome: str, moderator: entries.Moderator
) -> ModeratorResults:
    id = moderator.id
    where = dict(outcome=outcome, subgroup=id)
    months = results.months_of(outcome)
    primary = results.primary.month
    month = primary if primary in months else months[-1]
    for row in results.rows(analysis, "interaction_wald", **where):
        month = row.month
    rows = results.rows(analysis, "risk", outcome=outcome, month=month)
    levels = {
        row.subgroup: Subgroup.read(row.subgroup)[id]
        for row in rows
        if id in Subgroup.read(row.subgroup)
    }
    told = results.rows(analysis, "not_estimable", **where)
    return ModeratorResults(
        analysis,
        outcome,
        id,
        moderator.label or labels.words(id),
        month,
        tuple((subgroup, results.level_label(level)) for subgroup, level in levels.items()),
        told[0].reason if told else "",
    )


def subgroups(results: Results) -> Table:
    """Of each moderator first the tests of interaction with the arm on both scales, then by level
    people with the event of people analyzed, relative risk and risk difference, without tests."""
    found, rows = moderators(results), []
    several = len({(m.analysis, m.outcome, m.month) for m in found}) > 1
    empty = [""] * len(results.arms)
    for m in found:
        get = partial(results.get, m.analysis, outcome=m.outcome, month=m.month)
        head = f"{m.label}. {_where(results, m)}" if several else m.label
        if not m.levels:
            rows.append((head, "not estimable", *empty, "", "", ""))
            continue
        tests = [
            get(quantity, "all", subgroup=m.id)
            for quantity in ("interaction_wald", "interaction_wald_difference")
        ]
        texts = (f"P {relation(results.p(t.p_value))}" if t else numbers.MISSING for t in tests)
        rows.append((head, "Interaction with the arm", *empty, "all arms", *texts))
        for subgroup, level in m.levels:
            at = partial(get, subgroup=subgroup)
            counts = [events(at("risk", arm)) for arm in results.arms]
            for contrast in results.contrasts:
                effects = (estimate(at(q, contrast)) for q in ("risk_ratio", "risk_difference"))
                name = results.contrast(contrast, short=True)
                rows.append((head, level, *counts, name, *effects))
    columns = (
        "Moderator",
        "Level",
        *(f"{arm}, n/N" for arm in results.arms),
        "Comparison",
        f"Relative risk ({results.ci})",
        f"Risk difference, points ({results.ci})",
    )
    notes = (
        *arm_note(results),
        "n/N: people with the event of people analyzed, imputed outcomes included.",
        "P of the interaction: whether relative risks (risk differences) of all arms are the same"
        " in every level, not adjusted for the number of moderators. Effects in a level are"
        " described, not tested.",
        _left_out(results, found),
        *(f"{m.label}: not estimable, {m.reason}." for m in found if not m.levels),
        *reasons(results, {m.analysis for m in found}, {m.outcome for m in found}, absent=False),
    )
    title = "Subgroups" if several or not found else f"Subgroups. {_where(results, found[0])}"
    merged = tuple(range(1, 2 + len(results.arms)))
    return build(results, "subgroups", title, columns, rows, notes, grouped=1, merged=merged)


def _where(results: Results, m: ModeratorResults) -> str:
    return f"{results.outcome(m.outcome)}, {results.visit(m.month, m.outcome)}"


def _left_out(results: Results, found: list[ModeratorResults]) -> str:
    """How many people without a level each moderator leaves out."""
    said = []
    for m in found:
        row = results.get(m.analysis, "n_without_level", "all", m.outcome, subgroup=m.id)
        if row and row.estimate:
            said.append(f"{m.label} {numbers.count(row.estimate)} of {numbers.count(row.n)}")
    return f"Without a level, left out: {'; '.join(dict.fromkeys(said))}." if said else ""
