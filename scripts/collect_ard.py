"""Put the stages' ARD parts together, in the order given, checked as one table."""

import argparse

from trialrr import ard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", required=True, nargs="+")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    ard.write(args.out, ard.concat(map(ard.read, args.parts)))


if __name__ == "__main__":
    main()
