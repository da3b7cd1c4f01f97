"""The table of coverage and type-I error, and the page of documentation that shows it."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined

from trialrr import io
from trialrr.resample import coverage

WORDS = {
    "icc_0": "ICC 0",
    "icc_0.01": "ICC 0.01",
    "icc_0.03": "ICC 0.03",
    "rare_events": "rare events",
    "small_n": "small trial",
}


def page(template: str, table: pd.DataFrame) -> str:
    """The text of `template` with the numbers of `table`, none of them written by hand.

    In it `row(scenario, risk_ratio, covariance)` is a row of the table, `lowest(covariance)` and
    `highest(covariance)` the extremes of its error, and the filter `percent` of a share 100 × it.
    """
    keyed = {(r.scenario, r.risk_ratio, r.covariance): r for r in table.itertuples()}
    errors = table.groupby("covariance")["error"]
    env = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
    env.filters["percent"] = lambda share: f"{100 * share:.1f}"
    return env.from_string(template).render(
        rows=list(keyed.values()),
        row=lambda *keys: keyed[keys],
        lowest=errors.min().get,
        highest=errors.max().get,
        scenarios=coverage.SCENARIOS,
        ratios=coverage.RISK_RATIOS,
        words=WORDS,
        slope=round(float(np.exp(coverage.SLOPE)), 6),
        block=coverage.BLOCK,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", required=True, nargs="+", help="what simulate_coverage wrote")
    parser.add_argument("--template", required=True, type=Path)
    parser.add_argument("--table", required=True)
    parser.add_argument("--page", required=True)
    args = parser.parse_args()

    table = coverage.summary(pd.read_csv(part) for part in args.parts)
    io.write_frame(args.table, table)
    io.write_text(args.page, page(args.template.read_text(encoding="utf-8"), table))


if __name__ == "__main__":
    main()
