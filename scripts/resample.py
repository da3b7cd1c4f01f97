"""Carry out one share of the tasks of the plan's resampling analyses; write their arrays."""

import argparse
import sys

from trialrr import io
from trialrr.analyses import data, kinds
from trialrr.estimate.fit import FitError
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", required=True)
    parser.add_argument("--visits", required=True)
    parser.add_argument("--tables", nargs="*", default=[], help="further ones, <table>.csv")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--piece", default="1-of-1", help="which share of the work, as 1-of-4")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    trial = data.read(args.participants, args.visits, plan, io.by_name(args.tables))
    done = {}
    for entry, _, task in kinds.share(plan, *map(int, args.piece.split("-of-"))):
        try:
            done[entry.id, task] = kinds.run(task, entry, plan, trial)
        except FitError as error:
            sys.exit(str(error))
    io.write_arrays(args.out, done)


if __name__ == "__main__":
    main()
