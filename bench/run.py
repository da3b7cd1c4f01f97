"""Speed: from nothing to the report, rule by rule, and one fit against peers on the same data.

    python bench/run.py [--cores 2] [--repeat 3] [--peer-only] [--no-against-r]

Prints Markdown tables for bench/README.md. The workflow runs in temporary copies of the project;
the results at hand are not touched.
"""

import argparse
import csv
import json
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from trialrr.seeds import stream

CONFIG = "config/resolve.yaml"
PEOPLE, COACHES, COVARIATES = 2036, 12, 13
CALLS = 9  # measured calls of each fit; the median is told
SAME = 1e-6  # largest relative difference of standard errors at which two fits did the same work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="runs; the median is told")
    parser.add_argument("--configfile", default=CONFIG)
    parser.add_argument("--peer-only", action="store_true", help="leave the workflow out")
    parser.add_argument(
        "--against-r",
        action=argparse.BooleanOptionalAction,
        default=shutil.which("Rscript") is not None,
        help="time R's glm and sandwich too (default: where Rscript is)",
    )
    args = parser.parse_args()
    print(f"{processor()}, {args.cores} cores, Python {platform.python_version()}\n")
    if not args.peer_only:
        workflow(args.configfile, args.cores, args.repeat)
    peers(args.against_r)


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


def peers(against_r: bool, calls: int = CALLS) -> None:
    """Weighted modified Poisson with its cluster sandwich: ours, statsmodels' GEE (independence) in
    turns with ours, and R's glm with sandwich::vcovCL in a process of its own; then one fit with
    many covariances. Each is timed inside its language, after one unmeasured call."""
    from trialrr.estimate.covariance import NAMES

    data = trial()
    rows, columns = data[1].shape
    fits: dict[str, Callable] = {"trialrr": ours, "statsmodels GEE": gee}
    errors = {name: fit(*data) for name, fit in fits.items()}
    one, r = in_turns(fits, data, calls), {}
    if against_r:
        r = run_r(data, calls)
        one["R glm + vcovCL"] = r["milliseconds"]["one"]
        errors["R glm + vcovCL"] = np.array(r["errors"]["one"]["cr0"])
    apart = same_work(dict.fromkeys(errors, errors["trialrr"]), errors)
    clusters = len(np.unique(data[3]))
    print("One weighted fit with its cluster sandwich, ", end="")
    print(f"{rows} rows, {columns} columns, {clusters} clusters\n")
    table(one)
    print(f"\nLargest relative difference of the standard errors: {apart:.1e}\n")

    print("One fit with several covariances\n")
    print("| program | covariances | milliseconds | ratio |\n|---|---|---:|---:|")
    programs = {"sandwich": "vcovHC, vcovCL", "both": "vcovHC, vcovCL, clubSandwich"}
    for work, theirs in r.get("errors", {}).items():
        if work in programs:
            names = tuple(theirs)
            same_work(several(*data, names), theirs)
            time_ours = in_turns({"": partial(several, names=names)}, data, calls)[""]
            print(f"| trialrr | {', '.join(names)} | {time_ours:.1f} | 1.0 |")
            time_r = r["milliseconds"][work]
            print(f"| R glm + {programs[work]} | the same | {time_r:.1f} ", end="")
            print(f"| {time_r / time_ours:.1f} |")
    time_ours = in_turns({"": partial(several, names=NAMES)}, data, calls)[""]
    print(f"| trialrr | all {len(NAMES)} | {time_ours:.1f} | |")
    if r:
        print(f"\n{r['versions']}")


def table(milliseconds: dict[str, float]) -> None:
    print("| program | milliseconds | ratio |\n|---|---:|---:|")
    first = next(iter(milliseconds.values()))
    for name, value in milliseconds.items():
        print(f"| {name} | {value:.1f} | {value / first:.1f} |")


def in_turns(fits: dict[str, Callable], data, calls: int) -> dict[str, float]:
    """{name: median milliseconds} of fits called one after another, `calls` times."""
    seconds: dict[str, list[float]] = {name: [] for name in fits}
    for _ in range(calls):
        for name, fit in fits.items():
            start = time.perf_counter()
            fit(*data)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1000 * statistics.median(times) for name, times in seconds.items()}


def same_work(ours: dict, theirs: dict) -> float:
    """Largest relative difference of standard errors; stops if it says that the work differed."""
    apart = {name: np.abs(np.array(theirs[name]) / ours[name] - 1).max() for name in ours}
    for name, value in apart.items():
        if not value < SAME:
            raise SystemExit(f"bench: standard errors of {name} differ by {value:.1e}")
    return max(apart.values())


def run_r(data, calls: int) -> dict:
    """Results of bench/peer.R on the same data: medians, standard errors by name, versions."""
    response, design, weights, clusters = data
    with tempfile.TemporaryDirectory(prefix="trialrr-") as directory:
        source, result = Path(directory, "data.csv"), Path(directory, "result.json")
        names = ["response", "weight", "cluster", *(f"x{i}" for i in range(design.shape[1]))]
        with open(source, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            for row in zip(response, weights, clusters, design.tolist(), strict=True):
                writer.writerow([*map(float, row[:3]), *row[3]])
        program = Path(__file__).with_name("peer.R")
        subprocess.run(["Rscript", program, source, str(calls), result], check=True)
        return json.loads(result.read_text(encoding="utf-8"))


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


def several(response, design, weights, clusters, names):
    """{name: standard errors} of one fit by the covariances `names`."""
    from trialrr.estimate import covariance, fit

    model = fit.modified_poisson(response, design, weights)
    return {
        name: np.sqrt(np.diag(covariance.by_name(name, model, clusters).matrix)) for name in names
    }


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
