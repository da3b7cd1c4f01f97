"""The run's manifest: inputs, code, lock, plan and outputs by hash; versions; seeds."""

import argparse

from trialrr.prove import manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", required=True, help="the plan, YAML")
    parser.add_argument("--tree", required=True, help="results tree that the outputs are named in")
    parser.add_argument("--public", required=True, nargs="+", help="output files to be shown")
    parser.add_argument("--private", default=[], nargs="*", help="participant-level files")
    parser.add_argument("--inputs", default=[], nargs="*", help="published numbers, raw exports, …")
    parser.add_argument("--project", default=".", help="folder of the project: code and lock")
    parser.add_argument("--cores", type=int, help="cores that the run was given")
    parser.add_argument("--out", required=True, help="to write, JSON")
    args = parser.parse_args()

    built = manifest.build(
        args.plan,
        args.tree,
        args.public,
        args.private,
        args.inputs,
        project=args.project,
        cores=args.cores,
    )
    manifest.write(args.out, built)


if __name__ == "__main__":
    main()
