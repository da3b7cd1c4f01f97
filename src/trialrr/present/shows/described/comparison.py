"""Tables of published numbers beside reproduced ones: results, and calibration of the twin."""

from types import SimpleNamespace

from trialrr.ard import Contrast, Subgroup
from trialrr.plan import BaselineLine
from trialrr.present.kit.table import Table, build
from trialrr.present.results import Results
from trialrr.present.shows.model.estimates import form
from trialrr.present.words import labels, numbers

COMPARISON = (
    "Predicted results were never used to make or tune the synthetic trial; calibrated ones were.",
    "Agreement of a predicted result says that the published inputs and plan lead there; agreement"
    " of a calibrated one was built in.",
)


def published_table(results: Results, published: list[SimpleNamespace]) -> Table:
    """Published and reproduced estimates side by side with their difference."""
    rows = [
        (
            f"{labels.ROLES.get(c.role, c.role)}. {results.analysis(c.analysis)}",
            what(results, c),
            labels.quantity(c.quantity),
            group(results, c),
            beside(c, "published"),
            beside(c, "reproduced"),
            difference(c),
            beside_p(c, "published"),
            beside_p(c, "reproduced"),
            c.source,
        )
        for c in by_role(published)
    ]
    return build(
        results,
        "published_vs_reproduced",
        "Published beside reproduced results",
        (
            *("Role", "Outcome", "Quantity", "Group"),
            *("Published", "Reproduced", "Difference", "Published P", "Reproduced P", "Source"),
        ),
        rows,
        (
            f"Published: {results.plan.source}.",
            "Differences are reproduced minus published; of percentages, in percentage points.",
        ),
        grouped=1,
        merged=(1, 2),
    )


def calibration_counts(results: Results, calibration: list[SimpleNamespace]) -> Table:
    """Of the counts that the synthetic trial must meet exactly, how many it does, by source."""
    tally: dict[tuple[str, str], list[int]] = {}
    for c in calibration:
        if c.role == "exact":
            cell = tally.setdefault((c.analysis, c.source), [0, 0])
            cell[0] += c.equal == "yes"
            cell[1] += 1
    rows = [
        (results.analysis(analysis), source, numbers.count(equal), numbers.count(all_of))
        for (analysis, source), (equal, all_of) in tally.items()
    ]
    return build(
        results,
        "calibration_counts",
        "Counts that the synthetic trial meets exactly",
        ("Part", "Source", "Equal", "Of"),
        rows,
    )


def calibration_table(results: Results, calibration: list[SimpleNamespace]) -> Table:
    """Targets that the synthetic trial meets approximately, and every exact count that it misses:
    target, got, difference."""
    rows = [
        (
            f"{results.analysis(c.analysis)}: {labels.ROLES.get(c.role, c.role).lower()}",
            what(results, c),
            labels.quantity(c.quantity),
            group(results, c),
            beside(c, "published"),
            beside(c, "reproduced") or numbers.MISSING,
            difference(c),
            c.source,
        )
        for c in calibration
        if c.role == "approximate" or (c.role == "exact" and c.equal == "no")
    ]
    return build(
        results,
        "calibration",
        "Targets that the synthetic trial meets approximately",
        ("Part", "Of", "Quantity", "Group", "Target", "Got", "Difference", "Source"),
        rows,
        ("A dash under Got says that this run did not compute it.",),
        grouped=1,
        merged=(1, 2),
    )


def what(results: Results, c: SimpleNamespace) -> str:
    """Words for what a comparison row is about: outcome, level and visit."""
    plan, id = results.plan, c.outcome
    level = next((value for _, value in Subgroup.read(c.subgroup).items()), "")
    parts = []
    if c.analysis == "baseline":
        entries = [e for e in plan.baseline_table if e.id == id]
        exact = [e for e in entries if e.level == level]
        entry = (exact or [e for e in entries if not e.level] or [BaselineLine()])[0]
        parts.append(entry.label or labels.words(id))
        parts += [results.level_label(level)] if level and not exact else []
    else:
        if c.analysis == "flow":
            parts.append(results.step_label(id))
        elif id:
            parts.append(results.outcome(id))
        parts += [results.level_label(level)] if level else []
    return ", ".join([*parts, *([results.visit(c.month)] if c.month else [])])


def group(results: Results, c: SimpleNamespace) -> str:
    """Words for the arm, comparison or term of a comparison row."""
    contrast = Contrast.read(c.level)
    if contrast and set(contrast) <= set(results.arms):
        return results.contrast(c.level, short=True)
    return {"all": "All"}.get(c.level) or (
        c.level if c.level in results.arms else labels.words(c.level)
    )


def beside(c: SimpleNamespace, side: str) -> str:
    """Published or reproduced value of a comparison row, with its limits if it has them."""
    value, lower, upper = (getattr(c, f"{side}{part}") for part in ("", "_lower", "_upper"))
    if numbers.missing(value):
        return getattr(c, f"{side}_text")
    if c.quantity == "nnt":
        return numbers.nnt(value, *(() if numbers.missing(lower) else (lower, upper)))
    if numbers.missing(lower):  # of many a published number none was printed
        return form(c.quantity)(value)
    return numbers.interval(value, lower, upper, form(c.quantity))


def beside_p(c: SimpleNamespace, side: str) -> str:
    """Published P as it was printed, reproduced P with as many decimals; "" where none was."""
    printed, text = c.published_p_value_text, getattr(c, f"{side}_p_value_text")
    if side == "published" or not text:
        return text
    return numbers.p_value(float(text), len(printed.partition(".")[2]))


def difference(c: SimpleNamespace) -> str:
    """Reproduced minus published, signed; "" where there is none."""
    if numbers.missing(c.difference):
        return ""
    two = form(c.quantity) is numbers.mean and c.quantity != "nnt"
    text = numbers.ratio(c.difference) if two else form(c.quantity)(c.difference)
    return text if text.startswith("-") or not text.strip("0.") else f"+{text}"


def by_role(rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Estimates that were published, predicted ones first."""
    order = ["predicted", "calibrated"]
    kept = [c for c in rows if c.published_text or c.published_p_value_text]
    return sorted(kept, key=lambda c: order.index(c.role) if c.role in order else len(order))
