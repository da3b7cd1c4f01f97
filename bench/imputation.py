"""Chained equations: trialrr against R mice, at equal imputations and iterations, on one core.

    python bench/imputation.py [imputations] [iterations] [repeats]

Both impute the three follow-up scores of tests/goldens/sap_oracle, arm by arm, by Bayesian linear
regression on the same predictors. R is timed inside R. Prints a Markdown table.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import numpy as np
import pandas as pd

from trialrr.missing.chained import Variable, impute
from trialrr.seeds import stream

ORACLE = Path(__file__).parents[1] / "tests" / "goldens" / "sap_oracle"
SIZE = 10  # imputations at once
FAR = 5.0  # Monte Carlo errors between the two programs' means


def main(imputations: int = 50, iterations: int = 10, repeats: int = 3) -> None:
    """Print the table; stops if the two programs did not do the same work."""
    data = trial()
    means = ours(data, imputations, iterations)
    seconds = []
    for _ in range(max(repeats, 5)):
        start = time.perf_counter()
        ours(data, imputations, iterations)
        seconds.append(time.perf_counter() - start)
    mice = theirs(data, imputations, iterations, repeats)
    same_work(means, mice["means"])
    fast, slow = statistics.median(seconds), statistics.median(np.atleast_1d(mice["seconds"]))
    print(f"{imputations} imputations of 3 visits, {iterations} iterations, {len(data)} people\n")
    print("| program | seconds | milliseconds an imputation | ratio |\n|---|---:|---:|---:|")
    for name, value in (("trialrr", fast), ("R mice, method norm", slow)):
        each = 1000 * value / imputations
        print(f"| {name} | {value:.3f} | {each:.2f} | {value / fast:.0f} |")
    print(f"\n{mice['versions']}; numpy {np.__version__}")


def trial() -> pd.DataFrame:
    """arm, complete numeric predictors, score3, score6, score12."""
    people = pd.read_csv(ORACLE / "participants.csv").set_index("participant_id")
    visits = pd.read_csv(ORACLE / "followup.csv")
    scores = visits.pivot(index="participant_id", columns="month", values="severity")
    coded = pd.get_dummies(people.drop(columns="coach"), columns=["site", "education"], dtype=int)
    coded = coded.drop(columns=["site_A", "education_hs"])
    return coded.join(scores.add_prefix("score")).reset_index(drop=True)


def ours(data: pd.DataFrame, imputations: int, iterations: int) -> dict[str, list]:
    """arm → for each visit the mean imputed score of each imputation."""
    scores = [c for c in data if c.startswith("score")]
    found = {}
    for arm, people in data.groupby("arm"):
        predictors = people.drop(columns=["arm", *scores]).to_numpy(float)
        variables = [Variable(c, people[c].to_numpy(float)) for c in scores]
        made = [
            impute(stream(1, "bench", arm, str(k)), predictors, variables, SIZE, iterations)
            for k in range(-(-imputations // SIZE))
        ]
        found[arm] = [
            np.concatenate([m.values[c].mean(axis=1) for m in made])[:imputations] for c in scores
        ]
    return found


def theirs(data: pd.DataFrame, imputations: int, iterations: int, repeats: int) -> dict:
    """Seconds of each repeat, means as `ours`, and versions, by bench/imputation.R."""
    with tempfile.TemporaryDirectory(prefix="trialrr-") as directory:
        source, result = Path(directory, "data.csv"), Path(directory, "result.json")
        data.to_csv(source, index=False)
        numbers = map(str, (imputations, iterations, repeats))
        program = Path(__file__).with_suffix(".R")
        subprocess.run(["Rscript", program, source, *numbers, result], check=True)
        return json.loads(result.read_text(encoding="utf-8"))


def same_work(one: dict[str, list], other: dict[str, list]) -> None:
    for arm, visits in one.items():
        for j, means in enumerate(visits):
            peer = np.array(other[arm][j])
            error = np.sqrt(means.var(ddof=1) / len(means) + peer.var(ddof=1) / len(peer))
            if not abs(means.mean() - peer.mean()) < FAR * error:
                raise SystemExit(f"bench: mean imputed scores differ, arm {arm}, visit {j + 1}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
