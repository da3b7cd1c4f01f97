"""The ARD of what resamples or refits, from the arrays and rows of all pieces."""

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
    parser.add_argument("--arrays", required=True, nargs="+", help="of scripts.resample")
    parser.add_argument("--rows", required=True, nargs="+", help="of the same pieces, in order")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    trial = data.read(args.participants, args.visits, plan, io.by_name(args.tables))
    pieces = [
        stages.PieceResult(io.read_arrays(arrays), ard.read(rows))
        for arrays, rows in zip(args.arrays, args.rows, strict=True)
    ]
    try:
        table = stages.gathered(plan, trial, pieces)
    except FitError as error:
        sys.exit(str(error))
    ard.write(args.out, table)


if __name__ == "__main__":
    main()
