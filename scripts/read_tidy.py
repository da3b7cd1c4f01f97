"""Read a trial by the column mapping of its plan; derive analysis data, counts and baseline."""

import argparse
import sys

from trialrr import ard, io
from trialrr import data as tables
from trialrr.analyses.baseline import baseline_rows
from trialrr.analyses.counts import count_rows, randomized_rows
from trialrr.design import clusters
from trialrr.ingest import against_plan, tidy
from trialrr.ingest.findings import DataError, Findings
from trialrr.plan import parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", help="folder of the CSV files that the mapping names")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    for name in ("participants", "visits", "clusters", "findings", "findings-summary"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--flow", required=True, help="ARD of flow, follow-up and observed")
    parser.add_argument("--baseline", required=True, help="ARD of the baseline table")
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    arms, findings = [a.id for a in plan.arms], Findings()
    try:
        data = tidy.read(plan, findings, args.directory or plan.data.get("directory"))
        against_plan.hold(data.participants, data.visits, plan, findings)
        findings.stop_if_errors()
    except DataError as error:
        sys.exit(f"{error}")
    finally:
        io.write_frame(args.findings, findings.frame())
    people, visits, outcomes = data.participants, data.visits, [o.id for o in plan.outcomes]
    flow = randomized_rows(people, arms)
    flow += count_rows(people, visits, arms, plan.months, outcomes, plan.primary, plan.models.alpha)
    for name, schema in data.schemas.items():
        tables.write(getattr(args, name), getattr(data, name), schema)
    io.write_frame(args.clusters, clusters.ranked(people.loc[people["analyzed"] == 1, "cluster"]))
    io.write_frame(args.findings_summary, findings.summary())
    ard.write(args.flow, ard.frame(flow))
    ard.write(args.baseline, ard.frame(baseline_rows(people, plan.baseline_table, arms)))


if __name__ == "__main__":
    main()
