"""Tables of a trial as CSV, HTML, LaTeX, RTF and Word, from its results (ARD) and the words of its
plan."""

import argparse
from pathlib import Path

from trialrr import io
from trialrr.present.formats import latex, rtf, word
from trialrr.present.page import report, tables
from trialrr.present.results import read_comparison, read_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ard", required=True, help="results table, CSV")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--published", help="published_vs_reproduced.csv, if the trial has one")
    parser.add_argument("--calibration", help="calibration.csv, if the trial is synthetic")
    parser.add_argument("--out", required=True, type=Path, help="folder of the tables")
    a = parser.parse_args()
    results = read_results(a.ard, a.plan)
    compared = read_comparison(a.published), read_comparison(a.calibration)
    for table in tables.make(results, *compared):
        io.write_text(a.out / f"{table.id}.csv", table.csv())
        io.write_text(a.out / f"{table.id}.html", report.render_table(results, table))
        io.write_text(a.out / f"{table.id}.tex", latex.render(table))
        io.write_text(a.out / f"{table.id}.rtf", rtf.render(table, results.plan.title))
        io.write_bytes(a.out / f"{table.id}.docx", word.render(table, results.plan.title))


if __name__ == "__main__":
    main()
