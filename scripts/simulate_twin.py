"""Raw exports of the synthetic twin of a trial, from published aggregates and a seed."""

import argparse
from pathlib import Path

from trialrr import io, trials
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--published", required=True, help="published numbers with roles, CSV")
    parser.add_argument("--out", required=True, help="to write: folder of the raw files")
    parser.add_argument("--key", required=True, help="to write: key of the planted faults, CSV")
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    twin = trials.of(plan.data).twin()
    files, key = twin.simulate(io.read_strings(args.published), plan.seed)
    for name, table in files.items():
        io.write_frame(Path(args.out) / name, table)
    io.write_frame(args.key, key)
    print(f"{sum(len(t) for t in files.values())} rows in {len(files)} files, {len(key)} faults")


if __name__ == "__main__":
    main()
