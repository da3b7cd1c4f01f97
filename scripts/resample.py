"""Carry out one share of the work of what resamples or refits; write its arrays and its rows."""

import argparse
import sys

from trialrr import ard, io
from trialrr.analyses import stages
from trialrr.analyses.procedure import data
from trialrr.estimate.fit import FitError
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", required=True)
    parser.add_argument("--visits", required=True)
    parser.add_argument("--tables", nargs="*", default=[], help="further ones, <table>.csv")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--piece", default="1-of-1", help="which share of the work, as 1-of-4")
    parser.add_argument("--arrays", required=True, help="where what tasks computed goes")
    parser.add_argument("--rows", required=True, help="where the rows of refits go")
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    trial = data.read(args.participants, args.visits, plan, io.by_name(args.tables))
    try:
        done = stages.piece(plan, trial, *map(int, args.piece.split("-of-")))
    except FitError as error:
        sys.exit(str(error))
    io.write_arrays(args.arrays, done.arrays)
    ard.write(args.rows, done.rows)


if __name__ == "__main__":
    main()
