"""Mixed model for repeated measures: trialrr against R nlme::gls, on one core.

    python bench/mmrm.py [repeats]

Both fit the change in the score of tests/goldens/sap_oracle on the same design, unstructured
covariance of visits, REML; ours comes with the degrees of freedom of every arm's difference, gls
has none. R is timed inside R. Prints a Markdown table.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from tests.analyses import oracle  # noqa: E402
from trialrr.analyses.procedure.designs import arm_by_month  # noqa: E402
from trialrr.design.matrix import beside, covariate_columns  # noqa: E402
from trialrr.estimate.mmrm import mmrm  # noqa: E402

NEAR = 1e-3  # standard errors between estimates: nlme's optimizer stops early


def main(repeats: int = 3) -> None:
    """Print the table; stops if the two programs do not agree."""
    y, design, person, visit = trial()
    contrasts = [np.eye(len(design.names))[design.names.index(a)] for a in ("PT", "HC")]
    seconds = []
    for _ in range(max(repeats, 10)):
        start = time.perf_counter()
        fit = mmrm(y, design.values, person, visit)
        for contrast in contrasts:
            fit.satterthwaite(contrast)
        seconds.append(time.perf_counter() - start)
    peer = theirs(y, design, person, visit, repeats)
    se = np.sqrt(np.diag(fit.covariance))
    if not np.abs((fit.coef - np.array(peer["coef"])) / se).max() < NEAR:
        raise SystemExit("bench: the two programs do not give the same estimates")
    fast, slow = statistics.median(seconds), statistics.median(np.atleast_1d(peer["seconds"]))
    print(f"{len(y)} rows of {person.max() + 1} people, {len(design.names)} columns\n")
    print("| program | milliseconds | ratio |\n|---|---:|---:|")
    for name, value in (("trialrr, with degrees of freedom", fast), ("R nlme::gls", slow)):
        print(f"| {name} | {1000 * value:.0f} | {value / fast:.0f} |")
    print(f"\n{peer['versions'][0]}; numpy {np.__version__}")


def trial():
    """Responses (n,), design, and person and visit of each row."""
    data, plan = oracle.data(), oracle.PLAN
    person, visit = np.nonzero(~np.isnan(data.reduction["severity"]))
    cells = arm_by_month(plan, data.people["arm"].to_numpy()[person], visit)
    z = covariate_columns(data.people, [plan.covariate(id) for id in plan.models.adjusted])
    numbers = np.unique(person, return_inverse=True)[1]
    change = -data.reduction["severity"][person, visit]
    return change, beside(cells, z.take(person)), numbers, visit


def theirs(y, design, person, visit, repeats: int) -> dict:
    """Seconds of each repeat, estimates and standard errors, by bench/mmrm.R."""
    with tempfile.TemporaryDirectory(prefix="trialrr-") as directory:
        source, result = Path(directory, "data.csv"), Path(directory, "result.json")
        columns = {f"x{k}": column for k, column in enumerate(design.values.T)}
        table = pd.DataFrame({"person": person, "visit": visit + 1, "y": y} | columns)
        table.to_csv(source, index=False)
        program = Path(__file__).with_suffix(".R")
        subprocess.run(["Rscript", program, source, str(repeats), result], check=True)
        return json.loads(result.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
