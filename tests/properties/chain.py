"""The chain from a plan and raw files to the page, in one process, as the scripts do it."""

import csv
import io as text
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr import ard, io, plan
from trialrr.analyses import data, estimands, fits, kinds
from trialrr.analyses.baseline import baseline_rows
from trialrr.analyses.counts import count_rows, randomized_rows
from trialrr.estimate.fit import FitError
from trialrr.ingest import against_plan, tidy
from trialrr.ingest.findings import DataError, Findings
from trialrr.present.formats import latex, rtf, word
from trialrr.present.page import report, tables
from trialrr.present.results import Results, read_findings, read_results

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
    plan.check(document, {}, ROOT / plan.SCHEMA)
    document = plan.reduced(document)
    for name, rows in files.items():
        io.write_text(folder / name, rows if isinstance(rows, str) else _csv(rows))
    read_by_stages = [key for key in document if key != "estimands"]
    of = plan.parse(json.loads(plan.part(document, *read_by_stages, "mentions")))
    arms, findings = [a.id for a in of.arms], Findings()
    read = tidy.read(of, findings, folder)
    against_plan.hold(read.participants, read.visits, of, findings)
    findings.stop_if_errors()
    people, visits, outcomes = read.participants, read.visits, [o.id for o in of.outcomes]
    io.write_frame(folder / "participants.csv", people)
    io.write_frame(folder / "visits.csv", visits)
    io.write_frame(folder / "findings_summary.csv", findings.summary())
    counted = randomized_rows(people, arms)
    counted += count_rows(people, visits, arms, of.months, outcomes, of.primary, of.models.alpha)
    parts = [counted, baseline_rows(people, of.baseline_table, arms)]
    trial = data.read(folder / "participants.csv", folder / "visits.csv", of)
    models = [e for e in of.analyses if e.kind == "model"]
    parts.append([row for entry in models for row in fits.entry_rows(entry, of, trial)])
    done = {}
    for entry, _, task in kinds.share(of, 1, 1):
        done[entry.id, task] = kinds.run(task, entry, of, trial)
    io.write_arrays(folder / "pieces.npz", done)
    done = io.read_arrays(folder / "pieces.npz")
    for entry, module in kinds.of_plan(of):
        own = {task: done[entry.id, task] for task in module.tasks(entry, of)}
        parts.append(kinds.rows(entry, of, trial, own))
    for number, rows in enumerate(parts):  # as stages write them
        ard.write(folder / f"{number}.csv", ard.frame(rows))
    whole = ard.concat(ard.read(folder / f"{number}.csv") for number in range(len(parts)))
    return estimands.named(whole, json.loads(plan.estimands(document)))


def present(document: dict, table: pd.DataFrame, folder: Path) -> Results:
    """What presentation reads of a table of results."""
    ard.write(folder / "ard.csv", table)
    io.write_text(folder / "words.json", plan.part(document, *document, labels=True))
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
