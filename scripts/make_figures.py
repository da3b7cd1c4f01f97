"""Figures of a trial as SVG and PNG, from its results (ARD) and the words of its plan."""

import argparse
from pathlib import Path

from trialrr import io
from trialrr.present import figures, source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ard", required=True, help="results table, CSV")
    parser.add_argument("--plan", required=True, help="slice of the plan, JSON text")
    parser.add_argument("--published", help="published_vs_reproduced.csv, if the trial has one")
    parser.add_argument("--out", required=True, type=Path, help="folder of the figures")
    a = parser.parse_args()
    results = source.read(a.ard, a.plan)
    for drawing in figures.draw(results, source.read_comparison(a.published)):
        io.write_bytes(a.out / f"{drawing.id}.svg", drawing.svg())
        io.write_bytes(a.out / f"{drawing.id}.png", drawing.png())


if __name__ == "__main__":
    main()
