"""One piece of the simulation of coverage and type-I error: a row a simulated trial."""

import argparse

import pandas as pd

from trialrr import io
from trialrr.resample import coverage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", required=True, type=int, help="root seed of the plan")
    parser.add_argument("--trials", required=True, type=int, help="simulated trials a scenario")
    parser.add_argument("--piece", default="1-of-1", help="which share of the work, as 1-of-4")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    piece, pieces = map(int, args.piece.split("-of-"))
    tasks = coverage.tasks(args.trials, piece, pieces)
    io.write_frame(args.out, pd.concat(coverage.simulate(args.seed, *task) for task in tasks))


if __name__ == "__main__":
    main()
