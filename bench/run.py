"""Speed: from nothing to the report, rule by rule, and one fit against a peer on the same data.

    python bench/run.py [--cores 2] [--repeat 3] [--peer-only]

Prints Markdown tables for bench/README.md. The workflow runs in temporary copies of the project;
the results at hand are not touched.
"""

import argparse
import csv
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from trialrr.seeds import stream

CONFIG = "config/resolve.yaml"
PEOPLE, COACHES, COVARIATES = 2036, 12, 13
SAME = 1e-6  # largest relative difference of standard errors at which two fits did the same work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="runs; the median is told")
    parser.add_argument("--configfile", default=CONFIG)
    parser.add_argument("--peer-only", action="store_true", help="leave the workflow out")
    args = parser.parse_args()
    print(f"{processor()}, {args.cores} cores, Python {platform.python_version()}\n")
    if not args.peer_only:
        workflow(args.configfile, args.cores, args.repeat)
    peer()


def workflow(configfile: str, cores: int, repeat: int) -> None:
    """Wall time of the whole chain and of each rule, medians of `repeat` runs from nothing."""
    from trialrr.prove import verify

    walls, rules = [], {}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory(prefix="trialrr-") as directory:
            start = time.perf_counter()
            tree = verify.recompute(".", configfile, directory, cores, log=lambda text: None)
            walls.append(time.perf_counter() - start)
            for name, seconds in rule_times(tree).items():
                rules.setdefault(name, []).append(seconds)
    spread = f"{min(walls):.1f} to {max(walls):.1f} in {repeat} runs"
    print(f"From nothing to the report: {statistics.median(walls):.1f} s ({spread})\n")
    print("| rule | seconds |\n|---|---:|")
    for name, seconds in sorted(rules.items(), key=lambda item: -statistics.median(item[1])):
        print(f"| {name} | {statistics.median(seconds):.1f} |")
    print()


def rule_times(tree: Path) -> dict[str, float]:
    """{rule: wall seconds} from the benchmark files of a results tree."""
    times = {}
    for path in sorted((tree / "benchmarks").rglob("*.tsv")):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        times[path.relative_to(tree / "benchmarks").with_suffix("").as_posix()] = sum(
            float(row["s"]) for row in rows
        )
    return times


def peer(repeat: int = 9) -> None:
    """Weighted modified Poisson with a cluster sandwich: ours and statsmodels' GEE (independence),
    in turns on the same data, after one unmeasured fit each."""
    data = trial()
    fits: dict[str, Callable] = {"trialrr": ours, "statsmodels GEE": gee}
    errors = {name: fit(*data) for name, fit in fits.items()}
    apart = np.abs(errors["trialrr"] / errors["statsmodels GEE"] - 1).max()
    if apart > SAME:
        raise SystemExit(f"bench: standard errors differ by {apart:.1e}; not the same work")
    seconds: dict[str, list[float]] = {name: [] for name in fits}
    for _ in range(repeat):
        for name, fit in fits.items():
            start = time.perf_counter()
            fit(*data)
            seconds[name].append(time.perf_counter() - start)
    median = {name: statistics.median(times) for name, times in seconds.items()}
    rows, columns = data[1].shape
    print(f"One weighted fit with its sandwich, {rows} rows, {columns} columns:\n")
    print("| program | milliseconds | ratio |\n|---|---:|---:|")
    for name, value in median.items():
        print(f"| {name} | {1000 * value:.1f} | {value / median['trialrr']:.1f} |")
    print(f"\nLargest relative difference of the standard errors: {apart:.1e}")


def trial():
    """(response, design, weights, clusters) the size of RESOLVE's primary model: three visits a
    person, arm by month cells and covariates, one arm in coaches' clusters."""
    rng = stream(1, "bench", "peer")
    arm, person = np.arange(PEOPLE) % 3, np.repeat(np.arange(PEOPLE), 3)
    cells = np.eye(9)[3 * arm[person] + np.tile(np.arange(3), PEOPLE)]
    covariates = rng.normal(size=(PEOPLE, COVARIATES))[person]
    risk = np.exp(cells @ np.linspace(-1.6, -1.1, 9) + covariates @ np.full(COVARIATES, 0.02))
    response = (rng.random(len(person)) < risk).astype(float)
    coach = np.where(arm == 1, rng.integers(COACHES, size=PEOPLE), COACHES + np.arange(PEOPLE))
    weights = np.exp(rng.normal(0, 0.2, PEOPLE))[person]
    return response, np.hstack([cells, covariates]), weights, coach[person]


def ours(response, design, weights, clusters):
    from trialrr.estimate import fit, sandwich

    model = fit.modified_poisson(response, design, weights)
    influence = sandwich.influence(model.bread, model.scores)
    return np.sqrt(np.diag(sandwich.covariance(influence, clusters)))


def gee(response, design, weights, clusters):
    from statsmodels.genmod import cov_struct, families
    from statsmodels.genmod.generalized_estimating_equations import GEE

    model = GEE(
        response, design, clusters, family=families.Poisson(), weights=weights,
        cov_struct=cov_struct.Independence(),
    )  # fmt: skip
    return model.fit(ctol=1e-10).bse


def processor() -> str:
    """The processor's model name where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model n")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
