"""Figures of a trial as SVG, PNG and PDF, as wide as a journal's page and as its column, from its
results (ARD) and the words of its plan."""

import argparse
import multiprocessing
from functools import partial
from pathlib import Path

from trialrr import io
from trialrr.present import shows
from trialrr.present.kit import pictures
from trialrr.present.page import figures
from trialrr.present.results import Results, read_comparison, read_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ard", required=True, help="results table, CSV")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--published", help="published_vs_reproduced.csv, if the trial has one")
    parser.add_argument("--kinds", nargs="+", default=["svg"], help="of svg, png and pdf")
    parser.add_argument("--processes", type=int, default=1, help="figures drawn at the same time")
    parser.add_argument("--out", required=True, type=Path, help="folder of the figures")
    a = parser.parse_args()
    results = read_results(a.ard, a.plan).rounded()
    makers = figures.makers(results, read_comparison(a.published))
    jobs = [
        partial(write, make, results, width, ending, a.kinds, a.out)
        for make in makers
        for ending, width in shows.WIDTHS.items()
    ]
    if a.processes == 1:
        for job in jobs:
            job()
        return
    # a fork sees what is here: no results travel to the processes
    with multiprocessing.get_context("fork").Pool(a.processes, _share, [jobs]) as pool:
        pool.map(_do, range(len(jobs)), chunksize=1)


def write(make, results: Results, width: float, ending: str, kinds, folder: Path) -> None:
    """Draw one figure, `width` inches wide, and write its files."""
    drawing = make(results, width=width)
    for kind, content in drawing.files(*kinds).items():
        io.write_bytes(folder / f"{drawing.id}{ending}.{kind}", content)
    if drawing.lacking:
        print(f"{drawing.id}{ending}: {pictures.lacking(drawing.lacking)}")


def _share(jobs) -> None:
    _do.jobs = jobs


def _do(number: int) -> None:
    _do.jobs[number]()


if __name__ == "__main__":
    main()
