"""The chain from a plan and raw files to the page, in one process, as the scripts do it."""

import csv
import io as text
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr import ard, io, plan
from trialrr import data as stored
from trialrr.analyses import estimands, stages
from trialrr.analyses.base import ESTIMATE, RESAMPLE
from trialrr.analyses.described.baseline import baseline_rows
from trialrr.analyses.described.counts import count_rows
from trialrr.analyses.procedure import data
from trialrr.estimate.fit import FitError
from trialrr.ingest import against_plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.present.formats import latex, rtf, word
from trialrr.present.page import report, tables
from trialrr.present.results import Results, read_findings, read_results
from trialrr.trials.flow import randomized_rows
from trialrr.trials.prepare import derived

ROOT = Path(__file__).parents[2]
REFUSALS = (plan.PlanError, DataError, FitError)
"""What a plan or data that cannot be analyzed may raise: each says why in words."""

BLANK = ("<svg><title>A figure</title><desc>Blank</desc></svg>",) * 2
"""Stands for a figure, page and column wide: to draw one takes longer than all the rest."""

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run leaves: its plan as plain data, results, tables, and the page."""

    document: dict
    ard: pd.DataFrame
    results: Results
    tables: list[tables.Table]
    html: str


def run(document: dict, files: dict[str, Rows | str], folder: Path) -> Run:
    """Everything that the workflow does for a plan of the route tidy, but for figures, notebooks
    and the manifest. files : name → rows of its CSV file, or its text. Raises REFUSALS."""
    table = analyze(document, files, folder)
    results = present(document, table, folder)
    made = tables.make(results)
    for one in made:
        _written(results, one)
    findings = read_findings(folder / "findings_summary.csv")
    figures = dict.fromkeys(report.figures_of(results, False), BLANK)
    html = report.render(results, figures, findings=findings)
    return Run(document, table, results, made, html)


def analyze(document: dict, files: dict[str, Rows | str], folder: Path) -> pd.DataFrame:
    """The whole table of results of a plan. Raises REFUSALS."""
    plan.check(document, {})
    document = plan.reduced(document)
    for name, rows in files.items():
        io.write_text(folder / name, rows if isinstance(rows, str) else _csv(rows))
    read_by_stages = [key for key in document if key != "estimands"]
    of = plan.parse(json.loads(plan.part(plan.parse(document), *read_by_stages, "mentions")))
    arms, findings = [a.id for a in of.arms], Findings()
    _, read = derived(of, findings, folder)
    against_plan.hold(read.participants, read.visits, of, findings)
    findings.stop_if_errors()
    people, visits, outcomes = read.participants, read.visits, [o.id for o in of.outcomes]
    for name, schema in read.schemas.items():
        stored.write(folder / f"{name}.csv", read.table(name), schema)
    io.write_frame(folder / "findings_summary.csv", findings.summary())
    counted = randomized_rows(people, arms)
    counted += count_rows(people, visits, arms, of.months, outcomes, of.primary, of.models.alpha)
    parts = [counted, baseline_rows(people, of.baseline_table, arms)]
    trial = data.read(folder / "participants.csv", folder / "visits.csv", of)
    fitted = stages.of_stage(of, ESTIMATE)
    parts.append([row for entry in fitted for row in stages.rows(entry, of, trial)])
    parts = [ard.frame(rows) for rows in parts]
    if stages.of_stage(of, RESAMPLE):
        done = stages.piece(of, trial)
        io.write_arrays(folder / "piece.npz", done.arrays)
        ard.write(folder / "piece.csv", done.rows)
        arrays = io.read_arrays(folder / "piece.npz")
        read = stages.PieceResult(arrays, ard.read(folder / "piece.csv"))
        parts.append(stages.gathered(of, trial, [read]))
    for number, table in enumerate(parts):  # as stages write them
        ard.write(folder / f"{number}.csv", table)
    whole = ard.concat(ard.read(folder / f"{number}.csv") for number in range(len(parts)))
    return estimands.named(whole, json.loads(plan.estimands(plan.parse(document))))


def present(document: dict, table: pd.DataFrame, folder: Path) -> Results:
    """What presentation reads of a table of results."""
    ard.write(folder / "ard.csv", table)
    io.write_text(folder / "words.json", plan.part(plan.parse(document), *document, labels=True))
    return read_results(folder / "ard.csv", folder / "words.json")


def _written(results: Results, table: tables.Table) -> None:
    """A table in every format, as files are made of it."""
    table.csv()
    report.render_table(results, table)
    latex.render(table)
    rtf.render(table, results.plan.title)
    word.render(table, results.plan.title)


def _csv(rows: Rows) -> str:
    buffer = text.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
