"""Published numbers beside reproduced ones: the calibration of the synthetic trial, the results."""

import argparse
import sys

from trialrr import ard, io
from trialrr.prove import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", required=True, help="published numbers with ARD keys, CSV")
    parser.add_argument("--ard", required=True, help="ARD of all analyses, CSV")
    parser.add_argument("--calibration", required=True, help="to write: target and got, CSV")
    parser.add_argument("--comparison", required=True, help="to write: published and reproduced")
    parser.add_argument(
        "--require-exact", action="store_true", help="fail unless every exact number is met"
    )
    args = parser.parse_args()

    rows = compare.compare(io.read_strings(args.published), ard.read(args.ard))
    io.write_frame(args.calibration, compare.calibration(rows))
    io.write_frame(args.comparison, compare.estimates(rows))
    unequal = compare.unequal_exact(rows)
    exact = (rows["role"] == "exact").sum()
    print(f"{exact - len(unequal)} of {exact} exact numbers are met")
    if unequal and args.require_exact:
        sys.exit(
            f"{len(unequal)} published count(s) that the synthetic trial must meet exactly differ;"
            " mend the twin or the derivation, not the target:\n  " + "\n  ".join(unequal)
        )


if __name__ == "__main__":
    main()
