"""ARD rows of the plan's resampling analyses from the arrays of all their tasks."""

import argparse
import sys

from trialrr import ard, io
from trialrr.analyses import data, kinds
from trialrr.estimate.fit import FitError
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", required=True)
    parser.add_argument("--visits", required=True)
    parser.add_argument("--tables", nargs="*", default=[], help="further ones, <table>.csv")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--pieces", required=True, nargs="+", help="what scripts.resample wrote")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    trial = data.read(args.participants, args.visits, plan, io.by_name(args.tables))
    done = {key: found for path in args.pieces for key, found in io.read_arrays(path).items()}
    table = []
    for entry, module in kinds.of_plan(plan):
        own = {task: done[entry.id, task] for task in module.tasks(entry, plan)}
        try:
            table += kinds.rows(entry, plan, trial, own)
        except FitError as error:
            sys.exit(str(error))
    ard.write(args.out, ard.frame(table))


if __name__ == "__main__":
    main()
