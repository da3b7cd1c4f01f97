"""Other definitions: of response, of the visit, of who is in, and which covariates join."""

from functools import partial
from types import SimpleNamespace

from trialrr.ard import Subgroup
from trialrr.plan import Entry
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import ABOUT, Results
from trialrr.present.shows.model.estimates import estimate
from trialrr.present.words import labels, numbers
from trialrr.present.words.reasons import MANY, NO_ESTIMATE, lacking, place, reasons, shortened
from trialrr.present.words.sentences import one


def definitions(results: Results) -> Table:
    """Risks and relative risks at the primary visit by threshold, by other definitions and visit
    windows, and their range where one level at a time is left out."""
    month = results.primary.month
    rows = []

    def add(head: str, name: str, entry: Entry, subgroup: str = "") -> None:
        get = partial(
            results.get, entry.id, outcome=results.outcome_of(entry), month=month,
            subgroup=subgroup,
        )  # fmt: skip
        ratios = [get("risk_ratio", contrast) for contrast in results.contrasts]
        if any(ratios):
            risks = (get("risk", arm) for arm in results.arms)
            percents = (numbers.percent(row.estimate if row else None) for row in risks)
            rows.append((head, name, *percents, *map(estimate, ratios)))

    for entry in results.entries("responder_curve"):
        found = results.rows(entry.id, "risk_ratio", month=month)
        for subgroup in dict.fromkeys(row.subgroup for row in found):
            threshold = Subgroup.read(subgroup).get("threshold", "")
            if threshold:
                name = f"Drop of {100 * float(threshold):g}% or more"
                add(results.analysis(entry.id), name, entry, subgroup)
    for entry in results.entries("model"):
        if entry.definition or entry.windows:
            head = "Other visit windows" if entry.windows else "Other definitions of response"
            add(head, results.analysis(entry.id), entry)
    for entry in results.entries("leave_one_out"):
        outcome = results.outcome_of(entry)
        spans = [results.span(entry.id, c, outcome, month) for c in results.contrasts]
        if any(spans):
            texts = (
                numbers.span(s.smallest, s.largest, s.fits) if s else numbers.MISSING for s in spans
            )
            name = results.analysis(entry.id)
            rows.append(("Smallest to largest RR", name, *[""] * len(results.arms), *texts))
    columns = (
        "Group",
        "Definition",
        *(f"{arm}, %" for arm in results.arms),
        *(f"{results.contrast(c, short=True)}, RR ({results.ci})" for c in results.contrasts),
    )
    title = f"Other definitions, {results.visit(month)}"
    shown = [entry.id for entry in results.entries("responder_curve", "leave_one_out")]
    shown += [e.id for e in results.entries("model") if e.definition or e.windows]
    why = reasons(results, shown, months=[month], named=True, quantities=("risk_ratio",))
    notes = [*arm_note(results), *why]
    return build(results, "definitions", title, columns, rows, notes, grouped=1)


def selected_covariates(results: Results) -> Table:
    """P values by which candidates join the covariates."""
    rows = []
    for entry in results.entries("selected_covariates"):
        analysis, outcome = entry.id, results.outcome_of(entry)
        names = {c.id: c.label for c in results.plan.covariates}
        for candidate in entry.candidates:
            get = partial(one, results, analysis, level=candidate, outcome=outcome)
            tests = [get(f"selection_p_{of}") for of in ("missing", "outcome")]
            selected = get("selected")
            if selected is None:
                continue
            rows.append(
                (
                    results.analysis(analysis),
                    names.get(candidate) or labels.words(candidate),
                    *(results.p(test.p_value if test else None) for test in tests),
                    "yes" if selected.estimate else "no",
                )
            )
    columns = ("Analysis", "Candidate", "P, missingness", "P, outcome", "Joins")
    notes = ("A candidate joins the covariates if both P values are below the plan's level.",)
    return build(
        results,
        "selected_covariates",
        "Selection of covariates",
        columns,
        rows,
        notes,
        grouped=1,
    )


def failures(results: Results) -> Table:
    """What failed, was left out or has a warning, with the reason; of rows that say the same of the
    same place one."""
    failed = results.failures()
    warned = {(r.analysis, r.flag) for r in failed if r.flag and r.quantity not in ABOUT}
    alike: dict[tuple[str, str, str], dict[tuple[str, str], None]] = {}
    for row in failed:
        count = row.quantity in ABOUT
        if count and (row.analysis, row.flag) in warned:
            continue
        what = labels.words(row.quantity) if count else _what(row)
        whole = count and float(row.estimate).is_integer()
        number = numbers.count(row.estimate) if whole else ""
        said = {row.reason: what, row.flag: what if count else WARNING}
        said = {text: head for text, head in said.items() if text} or {row.method: what}
        for text, head in said.items():
            key = results.analysis(row.analysis), head, text
            alike.setdefault(key, {})[place(results, row), number] = None
    rows = []
    for (analysis, what, text), places in alike.items():
        if len(places) > MANY:
            places = [(where, "") for where in shortened(where for where, _ in places)]
        rows += [(analysis, what, where, number, f"{text}.") for where, number in places]
    columns = ("Analysis", "What", "Where", "How many", "Reason")
    title = "What failed or was left out"
    return build(results, "failures", title, columns, rows, grouped=1)


WARNING = "Warning"


def _what(row: SimpleNamespace) -> str:
    lacks = lacking(row)
    return "Not estimable" if lacks == NO_ESTIMATE else lacks
