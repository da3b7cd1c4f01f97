"""Every fault of a plan at once: its structure, then its fields against each other."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from trialrr.plan.base import texts
from trialrr.plan.data import ParticipantColumn, Sources
from trialrr.plan.document import DESCRIPTIVE, PlanError, lines
from trialrr.plan.entry import Entry
from trialrr.plan.mapping import mention_faults
from trialrr.plan.mentions import mentions
from trialrr.plan.names import alike, labels, reserved
from trialrr.plan.needs import FIT
from trialrr.plan.plan import Plan, finished, offered, plan_model
from trialrr.plan.rules import (
    Faults,
    doubled,
    form_faults,
    lacking,
    unknown,
    without_score,
)
from trialrr.plan.structure import structure_faults
from trialrr.plan.values import value_faults

DOCUMENTATION = "config/README.md describes every key"

Columns = Mapping[str, Mapping[str, ParticipantColumn]]
"""Route of a trial's own → column of participants that it derives → its type, as in a mapping."""


def check(
    document: dict[str, Any],
    sources: Sources,
    name: str = "",
    files: Sequence[str | Path] = (),
    columns: Columns | None = None,
    kinds: Iterable[type[Entry]] | None = None,
) -> Plan:
    """The plan of a written document. Raises PlanError with every fault of it: unknown or missing
    keys and wrong values; then names that nothing declares or that mean something already, and
    fields that contradict each other; what the plan names against the mapping of the route tidy, or
    against the `columns` of another route, where they are given.

    files : that the document was read from; faults then have the line of their key. kinds : classes
    of the entries that it may have; else those of the house and of its `extensions`.
    """
    own, sections, unusable = offered(document)
    able = own if kinds is None else tuple(kinds)
    read, faults = structure_faults(document, plan_model(able, sections))
    if unusable:  # what they would have declared is not known
        faults = [f for f in faults if not re.fullmatch(r"analyses\[\d+\]\.kind|data\.route", f[0])]
    faults = sorted({*unusable, *faults, *value_faults(document)})
    if read is not None and not faults:
        plan = finished(read, document)
        faults = list(dict.fromkeys(_cross_field_faults(plan, sources, columns or {}, able)))
        if not faults:
            return plan
    name = name or ", ".join(map(str, files)) or "the plan"
    stands = lines(files) if files else {}
    told = "".join(f"\n  {_where(place, stands)}: {text}" for place, text in faults)
    raise PlanError(f"{name}: {len(faults)} fault(s); nothing was computed.{told}\n"
                    f"  ({DOCUMENTATION})")  # fmt: skip


def _where(place: str, stands: Mapping[str, str]) -> str:
    """A place, and the line of it or of what it is inside."""
    inside = place
    while inside and inside not in stands:
        inside = re.sub(r"(\.[^.\[\]]*|\[[^\[\]]*\]|^[^.\[\]]*)$", "", inside)
    text = place or "top level"
    return f"{text} ({stands[inside]})" if inside in stands else text


def _cross_field_faults(
    plan: Plan, sources: Sources, columns: Columns, kinds: Iterable[type[Entry]]
) -> Iterator[tuple[str, str]]:
    yield from _id_faults(plan)
    yield from _design_faults(plan)
    yield from _primary_faults(plan)
    yield from _window_faults(plan)
    yield from _models_faults(plan)
    yield from _outcomes_faults(plan, sources)
    yield from _unit_faults(plan)
    for i, entry in enumerate(plan.analyses):
        for key, text in _entry_faults(plan, entry, kinds):
            yield f"analyses[{i}].{key}", text
    yield from plan.data.faults(plan)
    for i, line in enumerate(plan.baseline_table):
        if str(line.kind) == "level" and not line.level:
            text = "say what the line counts: kind (mean, median, levels, flags) or level"
            yield f"baseline_table[{i}]", text
    if own := columns.get(plan.data.route):
        for mention in mentions(plan):
            yield from mention_faults(mention, own)


def _id_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    """Names that are declared twice, are reserved, or could not be told apart."""
    for place, ids, what in (
        ("arms", [a.id for a in plan.arms], "arm"),
        ("visits", plan.months, "month"),
        ("outcomes", [o.id for o in plan.outcomes], "outcome"),
        ("covariates", [c.id for c in plan.covariates], "covariate"),
        ("analyses", [a.id for a in plan.analyses], "analysis"),
        ("estimands", [e.id for e in plan.estimands], "estimand"),
        ("deviations", [e.id for e in plan.deviations], "deviation"),
    ):
        yield from alike(place, ids, what)
    yield from reserved(plan)
    yield from labels(plan)
    first: dict[Decimal, str] = {}
    for i, month in enumerate(plan.months):
        if re.fullmatch(r"\d+(\.\d+)?", month):
            other = first.setdefault(Decimal(month), month)
            if other != month:
                text = f"month {month!r} is the same number as {other!r}; keep one spelling"
                yield f"visits[{i}].month", text


def _design_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    arms = [a.id for a in plan.arms]
    for text in unknown([plan.reference], arms, "arm"):
        yield "reference", text
    seen: list[list[str]] = []
    for i, pair in enumerate(plan.contrasts):
        place = f"contrasts[{i}]"
        for text in unknown(pair, arms, "arm"):
            yield place, text
        if pair[0] == pair[1]:
            yield place, f"{pair[0]!r} is compared with itself"
        if sorted(pair) in seen:
            twin = f"contrasts[{seen.index(sorted(pair))}]"
            yield place, f"{pair[0]} and {pair[1]} are compared in {twin} already; keep one"
        seen.append(sorted(pair))
    for size in plan.randomization.block_sizes if plan.randomization else ():
        if size % len(arms):
            text = f"found {size}; a block has as many people of each of the {len(arms)} arms, so "
            yield "randomization.block_sizes", f"{text}use multiples of {len(arms)}"


def _unit_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    """What was randomized, where an entry repeats it."""
    repeats = [a.id for a in plan.analyses if a.needs.randomization]
    rules = plan.randomization
    if not rules:
        return
    alone = [a.id for a in plan.arms if a.clusters == "person"]
    if rules.unit == "cluster" and alone:
        text = (
            f"whole clusters were randomized, but arm {', '.join(alone)} has `clusters: person`; "
            "name what its people share, or say unit: person"
        )
        yield "randomization.unit", text
    elif repeats and not rules.unit and not alone:
        words = ", ".join(sorted({a.clusters for a in plan.arms}))
        text = (
            f"people of every arm share a {words}, and {', '.join(repeats)} repeats the "
            "randomization; say what was randomized, unit: cluster or unit: person"
        )
        yield "randomization.unit", text


def _primary_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    chosen = plan.primary
    outcomes, analyses = [o.id for o in plan.outcomes], {a.id: a for a in plan.analyses}
    for text in unknown([chosen.outcome], outcomes, "outcome"):
        yield "primary.outcome", text
    for text in unknown([chosen.month], plan.months, "month"):
        yield "primary.month", text
    for text in unknown([chosen.analysis], analyses, "analysis"):
        yield "primary.analysis", text
    main = analyses.get(chosen.analysis)
    if main and main.kind != FIT:
        text = f"the primary analysis is one fit, and {main.id!r} is of kind {main.kind}"
        yield "primary.analysis", f"{text}; name an entry without kind"
    elif main and chosen.outcome not in main.outcomes:
        text = f"{main.id!r} is not done for the primary outcome {chosen.outcome!r}"
        yield "primary.analysis", f"{text}; add it to its outcomes"
    for _ in lacking(plan, [chosen.outcome]):
        yield "primary.outcome", "the primary outcome is binary; give it a threshold or an event"


def _window_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    places = {visit.month: f"visits[{i}].window" for i, visit in enumerate(plan.visits)}
    windows = [(v.month, v.window[0], v.window[1]) for v in plan.visits if v.window]
    for month, first, last in windows:
        if first > last:
            yield places[month], f"[{first}, {last}] ends before it begins"
    for (one, a1, b1), (other, a2, b2) in zip(windows, windows[1:], strict=False):
        if a2 <= b1 and a1 <= b2:
            text = f"[{a2}, {b2}] overlaps the window of month {one} [{a1}, {b1}]"
            yield places[other], text
    for id, months in plan.windows.items():
        for text in unknown(months, plan.months, "month"):
            yield f"windows.{id}", text
        for month, (first, last) in months.items():
            if first > last:
                yield f"windows.{id}.{month}", f"[{first}, {last}] ends before it begins"


def _models_faults(plan: Plan) -> Iterator[tuple[str, str]]:
    models, covariates = plan.models, [c.id for c in plan.covariates]
    for key in ("adjusted", "response", "imputation"):
        names = getattr(models, key)
        for text in [*unknown(names, covariates, "covariate"), *doubled(names)]:
            yield f"models.{key}", text
    for alpha in texts(models, "alpha"):
        if not 0 < Decimal(alpha) <= Decimal("0.5"):
            text = f"found {alpha}; expected above 0, at most 0.5 (0.05 gives 95% intervals)"
            yield "models.alpha", text
    for name, level in models.response_references.items():
        for text in unknown([name], ["arm", *covariates], "covariate"):
            yield "models.response_references", text
        if name == "arm":
            for text in unknown([level], [a.id for a in plan.arms], "arm"):
                yield "models.response_references.arm", text
    arms = len(plan.arms)
    if models.multiplicity == "protected_lsd" and arms != 3:
        rule = "none, there being one comparison" if arms < 3 else "holm or hommel"
        text = f"protected LSD holds for exactly three arms, found {arms}; use {rule}"
        yield "models.multiplicity", text


def _outcomes_faults(plan: Plan, sources: Sources) -> Iterator[tuple[str, str]]:
    """Outcomes with a definition that is none, or without a source."""
    covariates = [c.id for c in plan.covariates]
    for i, outcome in enumerate(plan.outcomes):
        place = f"outcomes[{i}]"
        for threshold in texts(outcome, "threshold"):
            if not 0 < Decimal(threshold) < 1:
                yield f"{place}.threshold", f"found {threshold}; expected above 0, below 1"
            if not outcome.baseline:
                text = "a responder needs the baseline score it is measured from; add the key"
                yield f"{place}.baseline", text
            if outcome.event:
                yield f"{place}.event", "a binary form has a threshold or an event, not both"
        months = [v.month for v in outcome.visits]
        for month in sorted({m for m in months if months.count(m) > 1}):
            yield f"{place}.visits", f"month {month!r} is declared twice; ids are unique"
        key, found, declared = plan.data.declared_source(outcome, sources)
        if found not in declared:
            listed = ", ".join(declared) or "none"
            text = f"no source for outcome {outcome.id!r}: found {found!r}; known: {listed}"
            yield f"{place}.{key}", text
        if plan.models.own_baseline and outcome.baseline:
            for text in unknown([outcome.baseline], covariates, "covariate"):
                yield f"{place}.baseline", text


def _entry_faults(
    plan: Plan, entry: Entry, kinds: Iterable[type[Entry]]
) -> Iterator[tuple[str, str]]:
    """Faults of an entry: what every one needs, what its kind declares, and its own."""
    outcomes, covariates = [o.id for o in plan.outcomes], [c.id for c in plan.covariates]
    for text in [*unknown(entry.outcomes, outcomes, "outcome"), *doubled(entry.outcomes)]:
        yield "outcomes", text
    estimands = [*(e.id for e in plan.estimands), DESCRIPTIVE]
    for text in unknown([entry.estimand], estimands, "estimand"):
        yield "estimand", text
    for key, names in entry.covariate_lists().items():
        for text in [*unknown(names, covariates, "covariate"), *doubled(names)]:
            yield key, text
    if hasattr(entry, "of"):
        yield from _of_faults(plan, entry)
    yield from _need_faults(plan, entry, kinds)
    yield from entry.faults(plan)


def _of_faults(plan: Plan, entry: Any) -> Faults:
    """What is wrong with the entry that another names by its key `of`."""
    kind, of = entry.needs.of, plan.of(entry)
    if of is None:
        declared = [a.id for a in plan.analyses if a.kind == kind]
        return [("of", text) for text in unknown([entry.of], declared, f"analysis of kind {kind}")]
    engine = entry.needs.engine
    return engine.faults(partial(getattr, of), of=of.id, kind=entry.kind) if engine else []


def _need_faults(plan: Plan, entry: Entry, kinds: Iterable[type[Entry]]) -> Faults:
    """What the entry's kind declares that it needs, and the plan has not."""
    faults: Faults = []
    needs, mode, rules = entry.needs, plan.models.missing_covariates, plan.randomization
    if form := entry.asked_form():
        faults += form_faults(plan, entry.outcomes, form)
    if mode not in needs.missing_covariates:
        able = [k.kind_declared() for k in kinds if mode in k.needs.missing_covariates]
        text = f"{entry.kind} takes missing covariates at their means only, and "
        text += f"models.missing_covariates is {mode!r}; kinds that follow it: {', '.join(able)}"
        faults.append(("kind", text))
    if needs.score:
        why = f"{entry.kind} needs the score behind a responder"
        faults += without_score(plan, entry.outcomes, "outcomes", why)
    if needs.independent and rules and rules.unit == "cluster":
        text = f"whole clusters were randomized (randomization.unit), and {needs.independent}"
        faults.append(("kind", text))
    if needs.randomization and not rules:
        text = "there is nothing to repeat; say how the trial randomized: randomization"
        faults.append(("draws", text))
    return faults
