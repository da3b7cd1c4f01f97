"""Write the plan in effect as indented JSON, which is also YAML: `--configfile` takes it back."""

import argparse
import json

from trialrr import io


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", required=True, help="the plan, a JSON file")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    document = io.read_json(args.plan)
    io.write_text(args.out, json.dumps(document, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
