"""What the report's script needs: which cells and rows of a table belong to a comparison or a
scale, and the grids of the maps as texts. Without the script nothing is hidden."""

import json
from dataclasses import dataclass
from itertools import product

from markupsafe import Markup

from trialrr.ard import Subgroup, arms_of
from trialrr.present.page.tables import Table
from trialrr.present.results import Results
from trialrr.present.shows.base import found
from trialrr.present.shows.missing.grid import Surface
from trialrr.present.words import labels, numbers
from trialrr.present.words.sentences import relation

SCALES = {
    "Relative risk": "ratio",
    "Risk difference, points": "difference",
    "Number needed": "difference",
}
"""Heading of a column, before its bracket → scale that it is on."""


@dataclass(frozen=True)
class Marks:
    """Controls of one table.

    cells : heading → (attribute, value) of the cells under it; row : place of the column of
    comparisons counted from the end, 0 if there is none; comparisons : short text → words;
    scales : True if the table has both.
    """

    cells: dict[str, tuple[str, str]]
    row: int
    comparisons: dict[str, str]
    scales: bool

    def attribute(self, heading: str) -> Markup:
        """The attribute of a cell under this heading, with a blank before it, or ""."""
        if heading not in self.cells:
            return Markup("")
        return Markup(' data-{}="{}"').format(*self.cells[heading])

    def comparison(self, texts: list[str]) -> str:
        """The comparison that a row of cells is about, or ""."""
        text = texts[-self.row] if 0 < self.row <= len(texts) else ""
        return text if text in self.comparisons else ""


def marks(results: Results, table: Table) -> Marks | None:
    """Controls of a table, None if it has none to offer."""
    if table.id not in {show.id for show in results.shows.tables if show.controls}:
        return None
    several = results.contrasts if len(results.contrasts) > 1 else []
    names = {results.contrast(c, short=True): results.contrast(c) for c in several}
    cells = {
        heading: ("comparison", name)
        for heading in table.columns
        for name in names
        if heading.startswith(f"{name}, ")
    }
    scales = {h: SCALES.get(h.partition(" (")[0]) for h in table.columns}
    scales = {heading: scale for heading, scale in scales.items() if scale}
    both = len(set(scales.values())) > 1
    if both:
        cells |= {heading: ("scale", scale) for heading, scale in scales.items()}
    place = table.columns.index("Comparison") if "Comparison" in table.columns else -1
    plain = place >= table.grouped and place not in table.merged
    row = len(table.columns) - place if plain and names else 0
    if not (row or cells):
        return None
    of_cells = any(kind == "comparison" for kind, _ in cells.values())
    return Marks(cells, row, names if row or of_cells else {}, both)


@dataclass(frozen=True)
class Map:
    """A map of which values can be read off.

    what : words for what varies; names : of its panels; data : JSON for the script, as
    `grids` makes it.
    """

    what: str
    names: tuple[str, ...]
    data: Markup


def maps(results: Results) -> dict[str, Map]:
    """Figure of a map → its grids, of those that the results have."""
    made = {}
    for show in results.shows.figures:
        surface = found(show.surface) if show.surface else None
        if surface and (panels := grids(results, surface)):
            text = json.dumps(panels, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            safe = Markup(text.replace("<", "\\u003c"))  # no tag inside a script element
            made[show.id] = Map(surface.what, tuple(panel["name"] for panel in panels), safe)
    return made


def grids(results: Results, surface: Surface) -> list[dict]:
    """Panels of a map: name, arms, values of both axes as texts, where the map starts (missing at
    random), and cells [relative risk with interval, P], active by active."""
    names, neutral = surface.names, surface.neutral
    entries, panels = results.entries(surface.kind), []
    for entry, contrast in product(entries, results.contrasts):
        where = dict(level=contrast, month=results.primary.month)
        where |= dict(outcome=results.outcome_of(entry))
        rows = {
            tuple(float(at[name]) for name in names): row
            for row in results.rows(entry.id, "risk_ratio", **where)
            if set(at := Subgroup.read(row.subgroup)) == set(names)
        }
        if not rows:
            continue
        axes = [sorted({at[k] for at in rows}) for k in (0, 1)]
        start = [axis.index(neutral) if neutral in axis else 0 for axis in axes]
        name = results.contrast(contrast)
        panels.append(
            {
                "name": f"{results.analysis(entry.id)}: {name}" if len(entries) > 1 else name,
                "arms": [results.arm(arm) for arm in arms_of(contrast)],
                "axes": [[numbers.minus(f"{value:g}") for value in axis] for axis in axes],
                "start": start,
                "cells": [_cell(results, rows.get(at)) for at in product(*axes)],
            }
        )
    return panels


def _cell(results: Results, row) -> list[str]:
    if row is None or numbers.missing(row.estimate):
        return [labels.words("not_estimable"), ""]
    text = numbers.interval(row.estimate, row.lower, row.upper)
    return [text, f"P {relation(results.p(row.p_value))}"]
