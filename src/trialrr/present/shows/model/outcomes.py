"""Tables of the outcomes beside the primary result: scores, and exploratory outcomes in both
forms."""

from collections.abc import Callable
from functools import partial

from trialrr import ard
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.shows.model import asked
from trialrr.present.shows.model.estimates import estimate
from trialrr.present.words import multiplicity, numbers
from trialrr.present.words.reasons import reasons

NOT_MEASURED = "not measured"
NOT_ESTIMABLE = "not estimable"
NO_ESTIMATE = "no estimate"


def secondary(results: Results) -> Table:
    """Scores of the primary and secondary outcomes at every visit by the first analysis of the plan
    that covers them: means by arm, omnibus test, and difference, standardized difference and P of
    each comparison. Where there is no estimate the cells say why."""
    rows: list[tuple[str, ...]] = []
    used: dict[str, list[str]] = {}
    for outcome in asked.in_role(results.plan, *asked.SCORED):
        for analysis in _with_rows(results, outcome)[:1]:
            head = f"{results.score(outcome)}, {_what(results, analysis, outcome)}"
            lines = _lines(results, analysis, outcome, _differences)
            rows += [(head, *line) for line in lines]
            used.setdefault(analysis, []).append(outcome)
    several = len(results.contrasts) > 1
    columns = (
        "Outcome",
        "Visit",
        *(f"{results.arm(arm)}, mean ({results.ci})" for arm in results.arms),
        *(["Omnibus P"] if several else []),
        "Comparison",
        f"Difference ({results.ci})",
        f"Standardized difference ({results.ci})",
        multiplicity.heading(results),
    )
    notes = (
        *arm_note(results),
        _directions(results, [id for ids in used.values() for id in ids]),
        _standardized_note(results),
        *(_method_note(results, id) for id in used),
        multiplicity.note(results),
        *_reasons(results, used),
    )
    merged = tuple(range(1, 2 + len(results.arms) + several))
    names = ", ".join(results.analysis(id) for id in used)
    title = f"Scores at every visit. {names}" if names else "Scores at every visit"
    return build(results, "secondary", title, columns, rows, notes, grouped=1, merged=merged)


def secondary_analyses(results: Results) -> Table:
    """Differences of scores by every analysis of the plan that makes them, side by side."""
    outcomes = asked.in_role(results.plan, *asked.SCORED)
    of = {outcome: _with_rows(results, outcome) for outcome in outcomes}
    analyses = [a for a in results.analyses if any(a in ids for ids in of.values())]
    rows = []
    for outcome in (o for o in outcomes if of[o]):
        for month in _months(results, outcome):
            visit = results.visit(month, outcome)
            for contrast in results.contrasts:
                comparison = results.contrast(contrast, short=True)
                cells = [_difference(results, a, outcome, month, contrast) for a in analyses]
                texts = (text for pair in cells for text in pair)
                rows.append((results.score(outcome), visit, comparison, *texts))
    columns = ["Outcome", "Visit", "Comparison"]
    for place, analysis in enumerate(analyses, start=1):
        columns += [f"{results.analysis(analysis)}: difference ({results.ci})", f"P ({place})"]
    notes = (
        *arm_note(results),
        *(_method_note(results, id) for id in analyses),
        multiplicity.note(results),
        *_reasons(results, {a: [o for o in outcomes if a in of[o]] for a in analyses}),
    )
    title = "Differences of scores by analysis"
    looks = dict(grouped=1, merged=(1,))
    return build(results, "secondary_analyses", title, columns, rows, notes, **looks)


def exploratory(results: Results) -> Table:
    """Exploratory outcomes in both forms: percentages with relative risk and risk difference, and
    means with difference and standardized difference."""
    rows: list[tuple[str, ...]] = []
    used: dict[str, list[str]] = {}
    heads: dict[str, str] = {}
    for outcome, entry, score in _explored(results):
        analysis = entry.id
        if score:
            head = f"{results.score(outcome)}, {_what(results, analysis, outcome)}"
            head += "; standardized difference"
        else:
            head = f"{results.outcome(outcome)}, % of people; relative risk"
        if heads.setdefault(head, analysis) != analysis:
            head += f". {results.analysis(analysis)}"
        lines = _lines(results, analysis, outcome, _differences if score else _risks)
        rows += [(head, *line) for line in lines]
        used.setdefault(analysis, []).append(outcome)
    several = len(results.contrasts) > 1
    columns = (
        "Outcome",
        "Visit",
        *(f"{results.arm(arm)} ({results.ci})" for arm in results.arms),
        *(["Omnibus P"] if several else []),
        "Comparison",
        f"Difference ({results.ci})",
        f"Relative risk or standardized difference ({results.ci})",
        multiplicity.heading(results),
    )
    outcomes = [id for ids in used.values() for id in ids]
    notes = (
        *arm_note(results),
        "Difference: of percentages in percentage points, of scores in points of the score.",
        _directions(results, outcomes),
        _standardized_note(results),
        *(_method_note(results, id) for id in used),
        multiplicity.note(results),
        *_reasons(results, used),
    )
    merged = tuple(range(1, 2 + len(results.arms) + several))
    title = "Exploratory outcomes"
    return build(results, "exploratory", title, columns, rows, notes, grouped=1, merged=merged)


# ------------------------------------------------------------------------------------ rows


def _lines(
    results: Results, analysis: str, outcome: str, effects: Callable
) -> list[tuple[str, ...]]:
    """Visit, an estimate an arm, omnibus P, and of each comparison what `effects` gives."""
    several, rows = len(results.contrasts) > 1, []
    for month in _months(results, outcome):
        get = partial(results.get, analysis, outcome=outcome, month=month)
        why = _why(results, analysis, outcome, month)
        found = [results.of_arm(analysis, arm, outcome, month) for arm in results.arms]
        arms = [estimate(row) if row else why for row in found]
        omnibus = get("omnibus_wald", "all")
        test = [results.p(omnibus.p_value) if omnibus else ""] if several else []
        visit = results.visit(month, outcome)
        if not any(found):
            rows.append((visit, *arms, *test, "", "", "", ""))
            continue
        for contrast in results.contrasts:
            name = results.contrast(contrast, short=True)
            rows.append((visit, *arms, *test, name, *effects(results, get, contrast, analysis)))
    return rows


def _differences(results: Results, get, contrast: str, analysis: str) -> tuple[str, str, str]:
    row = get("mean_difference", contrast)
    p = _p(results, analysis, row)
    return estimate(row), estimate(get("standardized_difference", contrast)), p


def _difference(
    results: Results, analysis: str, outcome: str, month: str, contrast: str
) -> tuple[str, str]:
    """Difference and P of one analysis, or why there is none."""
    row = results.get(analysis, "mean_difference", contrast, outcome, month)
    if row is None or numbers.missing(row.estimate):
        return _why(results, analysis, outcome, month), ""
    return estimate(row), _p(results, analysis, row)


def _risks(results: Results, get, contrast: str, analysis: str) -> tuple[str, str, str]:
    ratio = get("risk_ratio", contrast)
    p = _p(results, analysis, ratio)
    return estimate(get("risk_difference", contrast)), estimate(ratio), p


def _p(results: Results, analysis: str, row) -> str:
    if row is None:
        return numbers.MISSING
    return results.pairwise_p(analysis, row.outcome, row.month, row.level, row.quantity)


def _months(results: Results, outcome: str) -> list[str]:
    """The outcome's own months and those of the plan, in order of time where they are numbers."""
    months = list(dict.fromkeys([*results.months_of(outcome), *results.months]))
    if all(month.replace(".", "", 1).isdigit() for month in months):
        months.sort(key=float)
    return months


def _with_rows(results: Results, outcome: str) -> list[str]:
    """Analyses of an outcome as a score of which the results hold something."""
    analyses = (entry.id for entry in asked.scored(results.plan, outcome))
    return [analysis for analysis in analyses if _has_rows(results, analysis, outcome)]


def _explored(results: Results) -> list[tuple[str, dict, bool]]:
    """Exploratory outcomes with the entries of which the results hold something, the binary form
    before the score; True of a score."""
    found = [
        (outcome, entry, entry in asked.scored(results.plan, outcome))
        for outcome, entry in asked.explored(results.plan)
        if _has_rows(results, entry.id, outcome)
    ]
    order = results.outcomes
    return sorted(found, key=lambda one: (order.index(one[0]), one[2]))


def _has_rows(results: Results, analysis: str, outcome: str) -> bool:
    told = ("mean_difference", "risk_ratio", "not_estimable")
    return any(results.rows(analysis, quantity, outcome=outcome) for quantity in told)


def _why(results: Results, analysis: str, outcome: str, month: str) -> str:
    """Why an analysis has no estimate of an outcome at a month, in two words."""
    if month not in results.months_of(outcome):
        return NOT_MEASURED
    told = results.rows(analysis, "not_estimable", outcome=outcome)
    return NOT_ESTIMABLE if any(r.month in ("", month) for r in told) else NO_ESTIMATE


# ----------------------------------------------------------------------------------- words


def _what(results: Results, analysis: str, outcome: str) -> str:
    changes = results.rows(analysis, "mean_change", outcome=outcome)
    return "change from baseline" if changes else "as scored"


def _directions(results: Results, outcomes: list[str]) -> str:
    """Which differences favor the first arm of a comparison, by the plan's key `better`."""
    said = []
    for better, sign in (("lower", "below"), ("higher", "above")):
        names = [results.score(o) for o in dict.fromkeys(outcomes) if results.better(o) == better]
        if names:
            said.append(f"Differences {sign} 0 favor the first arm: {'; '.join(names)}.")
    return " ".join(said)


def _standardized_note(results: Results) -> str:
    reference = results.arm(results.plan.reference)
    return (
        "Standardized difference: divided by the standard deviation of the observed change (of the"
        f" score, where there is no baseline) in {reference} at the visit."
    )


def _method_note(results: Results, analysis: str) -> str:
    """Name, status and method of an analysis, from its first difference or ratio."""
    for quantity in ("mean_difference", "risk_ratio"):
        for row in results.rows(analysis, quantity)[:1]:
            status = results.status(analysis).lower()
            return f"{results.analysis(analysis)} ({status}): {row.method}."
    return ""


def _reasons(results: Results, used: dict[str, list[str]]) -> list[str]:
    """A sentence for each thing that an analysis could not estimate or has no interval of, with its
    reason."""
    absent = [
        f"{results.analysis(analysis)}, {results.score(row.outcome)}"
        f"{', ' + results.visit(row.month, row.outcome) if row.month else ''}: not estimable,"
        f" {row.reason}."
        for analysis in used
        for row in results.rows(analysis, ard.ABSENT)
        if row.outcome in used[analysis]
    ]
    return absent + [
        text
        for analysis, outcomes in used.items()
        for text in reasons(results, [analysis], outcomes, absent=False, named=True)
    ]
