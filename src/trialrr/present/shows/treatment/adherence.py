"""What people took of their treatment, the outcome by how much, and effects among those who take
it."""

from functools import partial

from trialrr.ard import EVERYBODY, Contrast, Subgroup, arms_of
from trialrr.plan import Entry
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import estimate, events
from trialrr.present.words import labels, numbers
from trialrr.present.words.reasons import reasons

OFFERED, TOOK = "all offered", "those who took it"
"""Whom the primary analysis and per protocol are about."""


def adherence(results: Results) -> Table:
    """What each arm took, by the number of it, its middle and who took enough; then the outcome as
    observed by how much was taken, at each visit."""
    rows = []
    found = [row.level for e in results.entries("adherence") for row in results.rows(e.id, "n")]
    arms = [arm for arm in results.arms if arm in found]
    for entry in results.entries("adherence"):
        rows += _taken(results, entry, arms)
        rows += _by_taken(results, entry, arms)
    columns = ("Part", "Group", *map(results.arm, arms))
    notes = (
        "Outcomes by what was taken are as observed: people chose how much they took, so groups"
        " differ in more than that.",
    )
    return build(results, "adherence", "Adherence", columns, rows, notes, grouped=1)


def _taken(results: Results, entry: Entry, arms: list[str]) -> list[tuple[str, ...]]:
    analysis, column = entry.id, entry.column
    head, rows = labels.words(column), []
    get = partial(results.get, analysis, outcome=column)
    numbers_ = dict.fromkeys(row.subgroup for row in results.rows(analysis, "n", outcome=column))
    for subgroup in filter(None, numbers_):
        cells = [get("n", arm, subgroup=subgroup) for arm in arms]
        texts = (numbers.share(c.estimate, c.n) if c else numbers.MISSING for c in cells)
        rows.append((f"{head}, n/N (%)", Subgroup.read(subgroup)[column], *texts))
    took = dict.fromkeys(row.subgroup for row in results.rows(analysis, "events", outcome=column))
    for subgroup in took:
        cells = [get("events", arm, subgroup=subgroup) for arm in arms]
        texts = (numbers.share(c.events, c.n) if c else numbers.MISSING for c in cells)
        ((_, *level),) = Subgroup.read(subgroup).parts
        name = labels.level(*level)
        rows.append((f"{head}, n/N (%)", f"{name}: took the treatment", *texts))
    middles = [[get(q, arm) for q in ("median", "q1", "q3", "mean")] for arm in arms]
    if any(median for median, *_ in middles):
        texts = [
            numbers.interval(*(row.estimate for row in cells[:3]), numbers.mean)
            if all(cells[:3])
            else numbers.MISSING
            for cells in middles
        ]
        rows.append((head, "Median (quartiles)", *texts))
        means = (numbers.mean(mean.estimate if mean else None) for *_, mean in middles)
        rows.append((head, "Mean", *means))
    return rows


def _by_taken(results: Results, entry: Entry, arms: list[str]) -> list[tuple[str, ...]]:
    rows = []
    for outcome in entry.outcomes:
        found = results.rows(entry.id, "risk", outcome=outcome)
        groups = dict.fromkeys(row.subgroup for row in found)
        for month in results.months_of(outcome):
            head = f"{results.outcome(outcome)}, {results.visit(month, outcome)}"
            head += f", n/N; % ({results.ci})"
            for subgroup in groups:
                at = dict(outcome=outcome, month=month, subgroup=subgroup)
                cells = [results.get(entry.id, "risk", arm, **at) for arm in arms]
                if any(cells):
                    texts = (f"{events(c)}; {estimate(c)}" if c else numbers.MISSING for c in cells)
                    group = labels.subgroup(subgroup)
                    rows.append((head, group, *texts))
    return rows


def compliers(results: Results) -> Table:
    """At each visit the primary analysis, then effects among those who take the treatment if
    offered, in both forms, and per protocol; how many took it beside them."""
    rows, told = [], []
    entries = results.entries("compliers", "per_protocol")
    outcomes = dict.fromkeys(outcome for entry in entries for outcome in entry.outcomes)
    for outcome in outcomes:
        own = [entry for entry in entries if outcome in entry.outcomes]
        if not any(_is_told(results, entry.id, outcome) for entry in own):
            continue
        for month in results.months_of(outcome):
            head = f"{results.outcome(outcome)}, {results.visit(month, outcome)}"
            rows += [(head, *line) for line in _primary(results, outcome, month)]
            for entry in own:
                rows += [(head, *line) for line in _complier(results, entry, outcome, month)]
        told += _not_estimable(results, own, outcome)
    columns = (
        "Outcome",
        "Analysis",
        "Status",
        "Comparison",
        f"Took it, % ({results.ci})",
        f"Relative risk ({results.ci})",
        f"Risk difference, points ({results.ci})",
    )
    notes = (
        *arm_note(results),
        "Took it: of the active arm's people of the analysis, with its weights; the table on"
        " adherence counts everybody. Principal strata: relative risk and risk difference from the"
        " arms' risks less the part of those who do not take it. Arm as instrument: the same"
        " effects with covariates, the arm standing for the treatment.",
        *told,
        *reasons(results, [e.id for e in entries], absent=False, named=True),
    )
    title = "Effects of taking the treatment, beside the effect of the offer"
    looks = dict(grouped=1, merged=(1, 2))
    return build(results, "compliers", title, columns, rows, notes, **looks)


def _primary(results: Results, outcome: str, month: str) -> list[tuple[str, ...]]:
    """The primary analysis: of the offer, whatever was taken."""
    analysis, rows = results.primary.analysis, []
    for contrast in results.against_reference:
        get = partial(results.get, analysis, level=contrast, outcome=outcome, month=month)
        effects = [get(quantity) for quantity in ("risk_ratio", "risk_difference")]
        if any(effects):
            name, status = results.analysis(analysis), results.status(analysis)
            short = results.contrast(contrast, short=True)
            rows.append((name, status, short, OFFERED, *map(estimate, effects)))
    return rows


def _complier(results: Results, entry: Entry, outcome: str, month: str) -> list[tuple[str, ...]]:
    analysis, rows = entry.id, []
    forms = labels.FORMS if entry.kind == "compliers" else {"": ""}
    where = dict(outcome=outcome, month=month)
    for form, words in forms.items():
        name = results.analysis(analysis) + (f", {words}" if words else "")
        subgroup = Subgroup.of(form=form) if form else EVERYBODY
        for contrast in results.against_reference:
            get = partial(results.get, analysis, level=contrast, subgroup=subgroup, **where)
            effects = [get(quantity) for quantity in ("risk_ratio", "risk_difference")]
            took = results.get(analysis, "compliance", arms_of(contrast)[0], **where)
            if not any(effects) and not took:
                continue
            texts = (estimate(e) if e else "not estimable" for e in effects)
            share = estimate(took) if took else TOOK
            short = results.contrast(contrast, short=True)
            rows.append((name, results.status(analysis), short, share, *texts))
    return rows


def _is_told(results: Results, analysis: str, outcome: str) -> bool:
    told = ("risk_ratio", "risk_difference", "not_estimable")
    return any(results.rows(analysis, quantity, outcome=outcome) for quantity in told)


def _not_estimable(results: Results, entries: list[dict], outcome: str) -> list[str]:
    said = []
    for entry in entries:
        for row in results.rows(entry.id, "not_estimable", outcome=outcome):
            where = [results.analysis(entry.id)]
            where += [results.visit(row.month, outcome)] if row.month else []
            where += [results.contrast(row.level, short=True)] if Contrast.read(row.level) else []
            form = Subgroup.read(row.subgroup).get("form", "")
            where += [labels.FORMS.get(form, form)] if form else []
            reason = row.reason.replace("risk_ratio", "relative risk")
            reason = reason.replace("risk_difference", "risk difference")
            said.append(f"{', '.join(where)}: not estimable, {reason}.")
    return said
