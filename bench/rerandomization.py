"""One re-randomization draw, the assignment and its test statistic: ours against an R loop.

    python bench/rerandomization.py [--draws 10000] [--loops 40]

Complete cases of tests/goldens/sap_oracle, three visits, strata male, site, urban and severity of 7
or more, people randomized in the order of rows, blocks of 3, 6 and 9. R refits the model for each
draw; ours fits it once without arm. The robust score statistics of some assignments must be the
same in both, or the comparison stops. Prints a Markdown table.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.analyses.oracle import FOLDER, PLAN, data, entry  # noqa: E402
from trialrr.analyses.procedure import null_model  # noqa: E402
from trialrr.resample import score  # noqa: E402
from trialrr.resample.rerandomize import scheme  # noqa: E402
from trialrr.seeds import stream  # noqa: E402

AT_ONCE = 250
COMPARED = 5
AGREE = 1e-6
ARMS = np.array([a.id for a in PLAN.arms])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10000)
    parser.add_argument("--loops", type=int, default=40, help="draws of the R loop")
    args = parser.parse_args()

    people = data().people
    severe = people["severity_0"].astype(float) >= 7
    columns = [*(people[c] for c in ("male", "site", "urban")), severe]
    strata = np.column_stack([np.asarray(column, dtype=str) for column in columns])
    randomization = scheme(strata, np.arange(len(people)), 3, (3, 6, 9))
    of = entry(missing="complete_case")
    prepared = score.statistics([null_model.null_of(of, "severity", PLAN, data())])

    def chi_squared(arms: np.ndarray) -> np.ndarray:
        found = prepared(score.indicators(arms, null_model.active(PLAN)))[0]
        return found.chi_squared(np.eye(2))

    def ours() -> float:
        start, rng = perf_counter(), stream(1, "bench")
        fitted = score.statistics([null_model.null_of(of, "severity", PLAN, data())])
        for _ in range(args.draws // AT_ONCE):
            arms = randomization.draw(rng, AT_ONCE)
            fitted(score.indicators(arms, null_model.active(PLAN)))[0].chi_squared(np.eye(2))
        return 1000 * (perf_counter() - start) / args.draws

    some = randomization.draw(stream(2, "bench"), COMPARED)
    ours()
    mine = statistics.median(ours() for _ in range(5))
    theirs = by_r(some, args.loops)
    worst = np.max(np.abs(chi_squared(some) / theirs["score"] - 1))
    if worst > AGREE:
        sys.exit(f"score statistics differ from R's by {worst:.2g}, relative")
    print(f"Score statistics of {COMPARED} assignments agree with R within {worst:.1g}.\n")
    print("| one draw and its statistic | milliseconds | ratio |\n|---|---:|---:|")
    print(f"| trialrr, {args.draws} draws, fit without arm included | {mine:.3f} | 1 |")
    slow = theirs["milliseconds"]
    print(f"| R, `glm` refitted, `vcovCL`, Wald | {slow:.1f} | {slow / mine:.0f} |")


def by_r(assignments: np.ndarray, loops: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="rerandomization-") as folder:
        given, out = Path(folder) / "assignments.csv", Path(folder) / "out.json"
        given.write_text("".join(",".join(row) + "\n" for row in ARMS[assignments]))
        program = str(ROOT / "bench" / "rerandomization.R")
        command = ["Rscript", program, str(FOLDER), str(given), str(loops), str(out)]
        subprocess.run(command, check=True)
        return json.loads(out.read_text())


if __name__ == "__main__":
    main()
