"""What each analysis estimates: the five attributes of ICH E9(R1), in the plan's words."""

from trialrr.plan import DESCRIPTIVE, Entry, IntercurrentEvent
from trialrr.present.kit.table import Table, build
from trialrr.present.results import Results
from trialrr.present.words import labels


def estimands(results: Results) -> Table:
    """A block an estimand of the plan: population, treatment, variable, summary, the analyses that
    target it, and a row an intercurrent event with its strategy."""
    rows = []
    for estimand in results.plan.estimands:
        fixed = [estimand.population, estimand.treatment, estimand.variable, estimand.summary]
        fixed.append(_names(results, _targeting(results, estimand.id)))
        events = estimand.intercurrent or [IntercurrentEvent("None")]
        for event in events:
            strategy = labels.STRATEGIES.get(event.strategy, labels.words(event.strategy))
            how = f"{strategy}: {event.how}" if event.how else strategy
            rows.append((estimand.label, *fixed, event.event, how))
    columns = (
        "Estimand",
        "Population",
        "Treatment",
        "Variable",
        "Summary",
        "Analyses",
        "Intercurrent event",
        "Strategy",
    )
    others = _targeting(results, DESCRIPTIVE)
    headed = any(entry.group for entry in results.plan.analyses)
    notes = (
        f"Described, no effect estimated: {_names(results, others)}." if others else "",
        "Analyses: a heading of the plan stands for all analyses under it." if headed else "",
    )
    title = "Estimands (ICH E9(R1))"
    merged = (1, 2, 3, 4, 5)
    return build(results, "estimands", title, columns, rows, notes, grouped=1, merged=merged)


def _targeting(results: Results, estimand: str) -> list[Entry]:
    return [entry for entry in results.plan.analyses if entry.estimand == estimand]


def _names(results: Results, entries: list[Entry]) -> str:
    """Analyses by name; a heading of the plan, for all that stand under it if there are several."""
    of_group: dict[str, list[Entry]] = {}
    for entry in results.plan.analyses:
        of_group.setdefault(entry.group, []).append(entry)
    said = []
    for entry in entries:
        group = entry.group
        whole = group and len(of_group[group]) > 1 and all(e in entries for e in of_group[group])
        said.append(group if whole else results.analysis(entry.id))
    return "; ".join(dict.fromkeys(said)) or "none"
