"""How Fisher's tests are shown: a table, a figure, and a sentence above them."""

from types import SimpleNamespace

from trialrr.present.kit import style
from trialrr.present.kit.table import Table, build
from trialrr.present.results import Results
from trialrr.present.words import numbers

ROW = 0.44  # inches from one test to the next


def table(results: Results) -> Table:
    """A row a test: people observed, how many of them responded, and P."""
    rows = [
        (*_names(results, row), *(numbers.count(n) for n in (row.n, row.events)), _p(results, row))
        for row in _tests(results)
    ]
    columns = ("Analysis", "Outcome", "Visit", "Comparison", "People observed", "Responders", "P")
    notes = [f"No P: {text}." for text in dict.fromkeys(r.reason for r in _tests(results)) if text]
    return build(results, "exact_tests", "Fisher's exact tests", columns, rows, notes)


def figure(results: Results, width: float = style.PAGE) -> style.Drawing:
    """A dot a test, at its P value, beside the level of the plan's tests."""
    tests = [row for row in _tests(results) if not numbers.missing(row.p_value)]
    inside = ROW * len(tests)
    with style.house():
        drawn, _ = style.page(inside + 0.95, results.synthetic, width)
        axes = style.axes(drawn, 0.25, 0.1, width - 0.5, inside)
        axes.set(xlim=(0, 1), ylim=(len(tests), 0), yticks=[], xlabel="P")
        axes.axvline(results.alpha, color=style.GRAY, dashes=(3, 2), linewidth=1)
        for k, row in enumerate(tests):
            name, _, visit, _ = _names(results, row)
            text = f"{name}, {visit}, {results.contrast(row.level, short=True)}"
            axes.text(0.12, k + 0.4, style.cut(text, 0.85 * (width - 0.5)), va="center")
            axes.plot([row.p_value], [k + 0.75], "o", color=style.INK, clip_on=False)
    said = [f"{', '.join(_names(results, row))}: P {_p(results, row)}." for row in tests]
    said.append(f"Dashed line: P = {results.below}.")
    marks = tuple((row.analysis, row.month, row.level, row.p_value) for row in tests)
    title = "P values of Fisher's exact tests"
    return style.Drawing("exact_tests", title, " ".join(said), drawn, marks)


def introduction(results: Results) -> list[str]:
    """What is tested, and among whom."""
    return ["Whether response depends on the arm, among the people who were observed."]


def _tests(results: Results) -> list[SimpleNamespace]:
    entries = results.entries("fisher_exact")
    return [row for entry in entries for row in results.rows(entry.id, "fisher_exact")]


def _names(results: Results, row: SimpleNamespace) -> tuple[str, str, str, str]:
    where = results.outcome(row.outcome), results.visit(row.month, row.outcome)
    return results.analysis(row.analysis), *where, results.contrast(row.level)


def _p(results: Results, row: SimpleNamespace) -> str:
    return results.p(row.p_value)
