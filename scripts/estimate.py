"""Fit the entries of the plan slice, in their order, and write their ARD rows."""

import argparse
import json
import sys

from trialrr import ard
from trialrr.analyses import companions, data, model, rows
from trialrr.estimate.fit import FitError
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", required=True)
    parser.add_argument("--visits", required=True)
    parser.add_argument("--other-windows", nargs="?", help="visits by the plan's other windows")
    parser.add_argument("--quarters", nargs="?", help="outcomes of the health record, by quarter")
    parser.add_argument("--plan", required=True, help="slice of the plan, JSON")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    plan = parse(json.loads(args.plan))
    trial = data.read(args.participants, args.visits, plan, args.other_windows, args.quarters)
    table = []
    try:
        for entry in plan.analyses:
            table += rows.population_rows(entry, trial)
            for outcome in entry.outcomes:
                result = model.fit(entry, outcome, plan, trial)
                table += rows.result_rows(result, entry, outcome, plan)
                table += companions.companion_rows(result, entry, outcome, plan)
                if entry.id == plan.primary["analysis"]:
                    table += rows.model_rows(result, entry, outcome, plan)
    except FitError as error:
        named = f"analysis {entry.id}"
        sys.exit(f"{error}" if str(error).startswith(named) else f"{named}: {error}")
    ard.write(args.out, ard.frame(table))


if __name__ == "__main__":
    main()
