"""Parts of the report that the plan may ask for, with sentences, figures and tables: those of the
section on sensitivity, and the sections of other outcomes and questions."""

from collections.abc import Collection
from dataclasses import dataclass

from trialrr.present.results import Results
from trialrr.present.shows.base import PartShow, found

FAILED = PartShow("What failed or was left out")
"""The last part on sensitivity, with the table `failures`."""


@dataclass(frozen=True)
class Part:
    """A heading with what stands under it, in this order: sentences, figures, tables."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    figures: tuple[str, ...]
    tables: tuple[str, ...]


def parts(results: Results, figures: Collection[str], tables: Collection[str]) -> list[Part]:
    """Parts on sensitivity that have one of the `figures` or `tables` that were made (ids)."""
    of_sensitivity = [show for show in results.shows.parts if not show.section]
    failed = ("failures",) if "failures" in tables else ()
    last = [Part(FAILED.id, FAILED.heading, (), (), failed)] if failed else []
    return _made(of_sensitivity, results, figures, tables) + last


def sections(results: Results, figures: Collection[str], tables: Collection[str]) -> list[Part]:
    """Sections after it that have one of the `figures` or `tables` that were made (ids)."""
    own = [show for show in results.shows.parts if show.section]
    return _made(own, results, figures, tables)


def _made(shown: list[PartShow], results: Results, figures, tables) -> list[Part]:
    made = []
    for show in shown:
        drawn = tuple(s.id for s in results.shows.figures if s.part == show.id and s.id in figures)
        listed = tuple(s.id for s in results.shows.tables if s.part == show.id and s.id in tables)
        if drawn or listed:
            text = tuple(text for name in show.sentences for text in found(name)(results))
            made.append(Part(show.id, show.heading, text, drawn, listed))
    return made


def methods(results: Results) -> list[tuple[str, str]]:
    """Kind and method of each kind of analysis that the results have, from their rows; scores by
    estimating equations first."""
    told = []
    scores = (a.id for a in results.entries("model") if a.model == "linear")
    rows = (r for analysis in scores for r in results.rows(analysis, "mean_difference"))
    if row := next(rows, None):
        told.append(("Scores", f"{row.method[:1].upper()}{row.method[1:]}."))
    for kind in results.shows.kinds:
        entries = results.entries(kind.name) if kind.method else []
        rows = (r for entry in entries for r in results.rows(entry.id, kind.method))
        if row := next(rows, None):
            told.append((results.kind(kind.name), f"{row.method[:1].upper()}{row.method[1:]}."))
    return told
