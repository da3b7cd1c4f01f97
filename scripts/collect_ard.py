"""Put the stages' ARD parts together, in the order given, checked as one table, and name the
estimand of every row."""

import argparse

from trialrr import ard, io
from trialrr.analyses import estimands


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", required=True, nargs="+")
    parser.add_argument("--estimands", required=True, help="analysis to estimand, a JSON file")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    whole = ard.concat(map(ard.read, args.parts))
    ard.write(args.out, estimands.named(whole, io.read_json(args.estimands)))


if __name__ == "__main__":
    main()
