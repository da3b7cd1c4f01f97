"""Fit the entries of the plan slice, in their order, and write their ARD rows."""

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
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    trial = data.read(args.participants, args.visits, plan, io.by_name(args.tables))
    try:
        table = [row for entry in plan.analyses for row in stages.rows(entry, plan, trial)]
    except FitError as error:
        sys.exit(str(error))
    ard.write(args.out, ard.frame(table))


if __name__ == "__main__":
    main()
