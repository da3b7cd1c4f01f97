"""Blocks of notebooks: small tables, figures of the run, and the steps to the primary result."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from IPython.display import HTML

from trialrr.ard import arms_of
from trialrr.plan import written
from trialrr.present.kit.pictures import Pictures, forms_in
from trialrr.present.kit.table import build
from trialrr.present.page import report, tables
from trialrr.present.results import SYNTHETIC_NOTICE, Results
from trialrr.present.words import numbers

WORDS = ("id", "kind", "label", "group", "status", "estimand", "outcomes", "companions")
"""Keys of an analysis that do not say how it is fitted."""

STEPS = (
    ("Counts alone", {"missing": "complete_case", "covariates": []}),
    ("Covariates", {"missing": "complete_case"}),
    ("Missing outcomes", {"missing": "pattern_mixture"}),
    ("Weights", {"missing": "pattern_mixture", "weights": "response"}),
    (
        "Both as estimates",
        {"missing": "pattern_mixture", "weights": "response", "variance": "stacked"},
    ),
)
"""From a 2 × 2 table to an analysis with imputation and weights: what each step is called, and how
the plan writes it. Each adds one thing to the step before it."""


def heading(results: Results, more: str = "") -> HTML:
    """The trial's title, more words after it, and that its data are synthetic."""
    notice = f"<p><em>{escape(SYNTHETIC_NOTICE)}.</em></p>" if results.synthetic else ""
    title = f"<b>{escape(results.plan.title)}</b>"
    return HTML(f"<p>{title}{f'. {escape(more)}' if more else ''}</p>{notice}")


def paragraph(text: str) -> HTML:
    """A text as it stands: nothing in it is markup."""
    return HTML(f"<p>{escape(numbers.minus(text))}</p>")


def listing(texts: Iterable[str]) -> HTML:
    """Texts as they stand, one below the other."""
    points = "".join(f"<li>{escape(numbers.minus(text))}</li>" for text in texts)
    return HTML(f"<ul>{points}</ul>")


def table(
    results: Results, title: str, columns: Iterable[str], rows: Iterable, notes=(), **looks
) -> HTML:
    """A table of texts, `rows` as long as `columns`, that says whether the data are synthetic; a
    sentence where there are no rows. looks : `grouped` and `merged` of `tables.Table`."""
    rows = list(rows)
    if not rows:
        return HTML(f"<p><em>{escape(title)}: nothing of this trial.</em></p>")
    id = "".join(c if c.isalnum() else "-" for c in title.lower())
    return listed(build(results, id, title, columns, rows, notes, **looks))


def listed(made: tables.Table) -> HTML:
    """A table of the report."""
    return HTML(report.fragment(made))


def figures(results: Results, folder: str | Path, *ids: str) -> HTML:
    """Those of these figures that the run in `folder` has, each with its title under it."""
    folder = Path(folder) / "figures"
    notice = f" {SYNTHETIC_NOTICE}." if results.synthetic else ""
    pictures, made = Pictures(), []
    for id in (id for id in ids if (folder / f"{id}.svg").exists()):
        drawn = pictures.add(id, *forms_in(folder, id))
        caption = f"<figcaption>{drawn.title}.{notice}</figcaption>"
        made.append(f"<figure>\n{drawn.forms}\n{caption}</figure>")
    return HTML("\n".join((pictures.letters, *made)))


def find(results: Results, **settings) -> str:
    """Id of the plan's one fit of the primary outcome with these settings and no others, "" if it
    has none."""
    for entry in results.entries("model"):
        own = {key: value for key, value in written(entry).items() if key not in WORDS}
        if own == settings and results.primary.outcome in entry.outcomes:
            return entry.id
    return ""


def steps(results: Results) -> dict[str, str]:
    """Step → id of its analysis, of those STEPS that the plan has, up to the primary analysis; this
    stands last, as "Primary analysis" if it is none of them."""
    found = {}
    for step, settings in STEPS:
        if analysis := find(results, **settings):
            found[step] = analysis
        if analysis == results.primary.analysis:
            return found
    return found | {"Primary analysis": results.primary.analysis}


def alone(results: Results) -> list[str]:
    """Comparisons of two arms in which every person is a cluster of his or her own."""
    single = {arm for arm in results.arms if arm not in results.shared}
    return [contrast for contrast in results.contrasts if single >= set(arms_of(contrast))]
