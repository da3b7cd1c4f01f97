"""Read, check and derive the trial that the plan names; write analysis data, flow and baseline."""

import argparse
import sys

from trialrr import ard, io, trials
from trialrr import data as tables
from trialrr.analyses.described.baseline import baseline_rows
from trialrr.analyses.described.counts import count_rows
from trialrr.design import clusters
from trialrr.ingest.findings import DataError, Findings
from trialrr.plan import parse
from trialrr.trials.prepare import prepared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", nargs="?", help="folder of the raw files, if not the plan's")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    for name in ("participants", "visits", "clusters", "findings", "findings-summary"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--tables", nargs="*", default=[], help="further ones, <table>.csv")
    parser.add_argument("--flow", required=True, help="ARD of flow, follow-up and observed")
    parser.add_argument("--baseline", required=True, help="ARD of the baseline table")
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    arms, findings = [a.id for a in plan.arms], Findings()
    try:
        raw, data = prepared(plan, findings, args.directory)
        flow = trials.of(plan.data).flow(raw, data, plan)
    except DataError as error:
        sys.exit(f"{error}")
    finally:
        io.write_frame(args.findings, findings.frame())
    people, visits, outcomes = data.participants, data.visits, [o.id for o in plan.outcomes]
    flow += count_rows(people, visits, arms, plan.months, outcomes, plan.primary, plan.models.alpha)
    paths = {"participants": args.participants, "visits": args.visits} | io.by_name(args.tables)
    for name, schema in data.schemas.items():
        tables.write(paths[name], data.table(name), schema)
    io.write_frame(args.clusters, clusters.ranked(people.loc[people["analyzed"] == 1, "cluster"]))
    io.write_frame(args.findings_summary, findings.summary())
    ard.write(args.flow, ard.frame(flow))
    ard.write(args.baseline, ard.frame(baseline_rows(people, plan.baseline_table, arms)))


if __name__ == "__main__":
    main()
