"""Tables of the people of a trial: flow, baseline, safety, oddities in the raw data."""

from collections.abc import Iterable
from functools import partial
from types import SimpleNamespace

from trialrr.ard import Subgroup
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.described import flow as flows
from trialrr.present.words import labels, numbers


def flow_table(results: Results) -> Table:
    """Steps of the participant flow, overall and by arm. Raises FlowError if they do not add up."""
    flow = flows.read(results)
    rows = []

    def add(group: str, label: str, overall=None, by_arm: dict | None = None) -> None:
        by_arm = by_arm or {}
        cells = [
            numbers.count(v) if v is not None else ""
            for v in (overall, *(by_arm.get(arm) for arm in results.arms))
        ]
        if any(cells):
            rows.append((group, label, *cells))

    for step in flow.chain:
        if step == "randomized":
            break
        add("Screening", results.step_label(step), flow.overall[step])
        for lost in flow.words.chain[step]:
            add("Screening", f"– {results.step_label(lost)}", flow.overall.get(lost))
            for kind in flow.words.parts.get(lost, ()):
                add("Screening", f"– – {results.step_label(kind)}", flow.overall.get(kind))
                if kind == flow.reasons_of:
                    for reason, n in flow.reasons.items():
                        add("Screening", f"– – – {results.level_label(reason)}", n)
    arms = flow.by_arm

    def by_arm(step: str) -> dict:
        return {arm: counts[step] for arm, counts in arms.items() if step in counts}

    for group, steps in (
        ("Allocation", ("randomized",)),
        ("Sessions completed", flow.words.sessions),
        ("Follow-up", ("any_follow_up",)),
    ):
        for step in steps:
            add(group, results.step_label(step), flow.overall.get(step), by_arm(step))
    for month in results.months:
        seen = {arm: flow.completed[arm].get(month) for arm in results.arms}
        add("Follow-up", f"Seen: {results.visit(month)}", None, seen)
    for step in flows.LOST:
        add("Follow-up", results.step_label(step), flow.overall.get(step), by_arm(step))
    step = "randomized_in_error"
    if left_out := by_arm(step):
        add("Analysis", results.step_label(step), flow.overall.get(step), left_out)
        add("Analysis", "Others", None, by_arm("analyzed"))
    for label in (flows.ANALYZED, flows.IMPUTED, flows.WEIGHTS_ONLY, flows.LEFT_OUT):
        found = {arm: of[label] for arm, of in flow.primary.items() if label in of}
        add("Analysis", label if label != flows.IMPUTED else f"– {label}", None, found)
    notes = _analyzed_notes(results, flow)
    if sum(flow.reasons.values()) > flow.overall.get(flow.reasons_of, 0):
        notes += ("A person may be excluded for several reasons.",)
    columns = ("Part", "Step", "All", *map(results.arm, results.arms))
    return build(results, "flow", "Participant flow", columns, rows, notes, grouped=1)


def _analyzed_notes(results: Results, flow: flows.Flow) -> tuple[str, ...]:
    """What it is to be analyzed."""
    at = results.primary
    if not flow.primary:
        return (f"{results.analysis(at.analysis)} has no estimate, so nobody is analyzed.",)
    where = f"{results.outcome(at.outcome)}, {results.visit(at.month, at.outcome)}"
    said = [f"Analyzed: in the primary analysis, {where}."]
    if any(flows.WEIGHTS_ONLY in of for of in flow.primary.values()):
        said.append(
            "In weights only: people without an outcome, who help to estimate the weights of"
            " the others."
        )
    return (" ".join(said),)


def baseline(results: Results) -> Table:
    """Characteristics at baseline by arm and overall, denominators in every cell, no tests."""
    levels = [*results.arms, "all"]
    lines = results.plan.baseline_table
    get = partial(results.get, "baseline")
    rows = []

    def counts(label: str, id: str, level: str, group: str = "") -> None:
        cells = [get("events", arm, id, subgroup=Subgroup.of({id: level})) for arm in levels]
        if any(cells):
            texts = (numbers.share(c.estimate, c.n) if c else "" for c in cells)
            rows.append((group, label, *texts))

    for entry in lines:
        id, label = entry.id, entry.label or labels.words(entry.id)
        kind = entry.kind
        if kind in ("levels", "flags"):
            for level in _levels(results, id):
                counts(results.level_label(level), id, level, group=f"{label}, n/N (%)")
        elif kind in ("mean", "median"):
            texts = [_spread(results, kind, id, arm) for arm in levels]
            shown = "mean (SD)" if kind == "mean" else "median (quartiles)"
            if any(texts):
                rows.append(("", f"{label}, {shown}; N", *texts))
        else:
            counts(f"{label}, n/N (%)", id, entry.level)
    return build(
        results,
        "baseline",
        "Characteristics at baseline",
        ("Group", "Characteristic", *map(results.arm, results.arms), "All"),
        rows,
        ("N counts people with a recorded value.",),
        grouped=1,
    )


def _levels(results: Results, id: str) -> list[str]:
    """Levels of `id` in the order of the trial's words, else of the ARD, without those that are
    unions of others and without `missing` where nobody is."""
    unions = {e.level for e in results.plan.baseline_table if e.id == id and e.of}
    found = dict.fromkeys(
        Subgroup.read(row.subgroup)[id]
        for row in results
        if row.analysis == "baseline" and row.outcome == id and row.quantity == "events"
    )
    if not any(_missing_people(results, id)):
        found.pop("missing", None)
    order = [*results.words.levels, *labels.LEVELS]
    rank = {level: order.index(level) if level in order else -1 for level in found}
    return sorted((level for level in found if level not in unions), key=rank.__getitem__)


def _missing_people(results: Results, id: str) -> list[float]:
    rows = (
        results.get("baseline", "events", level, id, subgroup=Subgroup.of({id: "missing"}))
        for level in (*results.arms, "all")
    )
    return [row.estimate for row in rows if row]


def _spread(results: Results, kind: str, id: str, level: str) -> str:
    get = partial(results.get, "baseline", level=level, outcome=id)
    middle, form = get(kind), numbers.mean
    if middle is None:
        return ""
    n = f"; {numbers.count(middle.n)}"
    if kind == "mean":
        sd = get("sd")
        return f"{form(middle.estimate)} ({form(sd.estimate)}){n}"
    low, high = get("q1"), get("q3")
    return f"{form(middle.estimate)} ({form(low.estimate)} to {form(high.estimate)}){n}"


def safety(results: Results) -> Table:
    """People with an event of people analyzed, and events, by kind and arm; without tests."""
    found = dict.fromkeys(row.outcome for row in results if row.analysis == "safety")
    known = [id for pair in results.words.safety.values() for id in pair]
    kinds = {name: pair for name, pair in results.words.safety.items() if set(pair) & set(found)}
    kinds |= {labels.words(id): ("", id) for id in found if id not in known}
    rows = []
    for name, (people, events) in kinds.items():
        cells = []
        for arm in results.arms:
            with_any, number = (results.get("safety", "n", arm, id) for id in (people, events))
            cells.append(numbers.share(with_any.estimate, with_any.n) if with_any else "")
            cells.append(numbers.count(number.estimate) if number else "")
        rows.append((name, *(cell or numbers.MISSING for cell in cells)))
    columns = [
        text for arm in results.arms for text in (f"{arm}, people n/N (%)", f"{arm}, events")
    ]
    notes = (
        *arm_note(results),
        "Descriptive: not tested. People: with at least one such event, of people analyzed; a"
        " person may have several.",
    )
    return build(results, "safety", "Safety", ("Event", *columns), rows, notes)


def findings_table(results: Results, findings: Iterable[SimpleNamespace]) -> Table:
    """Oddities in the raw data: rule, file, field, severity, action and how many."""
    rows = [
        (labels.words(f.rule), f.file, f.field, f.severity, f.action, numbers.count(int(f.n)))
        for f in findings
    ]
    columns = ("Rule", "File", "Field", "Severity", "Action", "Rows")
    return build(results, "findings", "Findings in the raw data", columns, rows)
