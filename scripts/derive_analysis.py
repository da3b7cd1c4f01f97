"""Read, check and clean the raw exports of RESOLVE; derive analysis data, flow and baseline."""

import argparse
import sys

from trialrr import ard, io
from trialrr import data as tables
from trialrr.analyses.baseline import baseline_rows
from trialrr.analyses.counts import count_rows
from trialrr.design import clusters
from trialrr.ingest import against_plan
from trialrr.ingest.findings import DataError, Findings
from trialrr.plan import parse
from trialrr.resolve import cleaning
from trialrr.resolve.derive import derive
from trialrr.resolve.flow import flow_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", required=True, help="folder of the raw exports")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    for name in ("participants", "visits", "sessions", "quarters", "clusters"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("findings", "findings-summary"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--other-windows", required=True, help="visits by the plan's `windows`")
    parser.add_argument("--flow", required=True, help="ARD of flow, follow-up, observed, safety")
    parser.add_argument("--baseline", required=True, help="ARD of the baseline table")
    args = parser.parse_args()

    plan = parse(io.read_json(args.plan))
    arms, findings = [a.id for a in plan.arms], Findings()
    try:
        raw = cleaning.read_raw(args.raw, plan.data["origin"], findings)
        cleaning.check(raw, plan, findings)
        findings.stop_if_errors()
        data = derive(raw, plan, findings)
        against_plan.hold(data.participants, data.visits, plan, findings)
        findings.stop_if_errors()
        flow = flow_rows(raw, data, plan)
    except DataError as error:
        sys.exit(f"{error}")
    finally:
        io.write_frame(args.findings, findings.frame())
    responders = [o.id for o in plan.outcomes if f"{o.id}_responder" in data.visits]
    people, visits = data.participants, data.visits
    alpha = plan.models.alpha
    flow += count_rows(people, visits, arms, plan.months, responders, plan.primary, alpha)
    baseline = baseline_rows(data.participants, plan.baseline_table, arms)
    for name, schema in data.schemas.items():
        tables.write(getattr(args, name), getattr(data, name), schema)
    io.write_frame(args.clusters, clusters.ranked(people.loc[people["analyzed"] == 1, "cluster"]))
    io.write_frame(args.findings_summary, findings.summary())
    ard.write(args.flow, ard.frame(flow))
    ard.write(args.baseline, ard.frame(baseline))


if __name__ == "__main__":
    main()
