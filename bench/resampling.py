"""One replicate of the whole primary procedure: ours against R and statsmodels loops.

    python bench/resampling.py [--replicates 2000] [--loops 20] [--no-against-r] [--no-growth]

The same resampled people (coaches in one arm, people elsewhere) of tests/goldens/sap_oracle; all
give the same log risk ratios, or the comparison stops. Prints Markdown tables for bench/README.md:
the ratios, the distance from the arithmetic limit, and how time grows.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.analyses.oracle import PLAN, data, entry  # noqa: E402
from trialrr.analyses.procedure import model  # noqa: E402
from trialrr.analyses.procedure.arrays import arrays  # noqa: E402
from trialrr.analyses.procedure.batch import procedure  # noqa: E402
from trialrr.analyses.resampling.bootstrap import CHUNK  # noqa: E402
from trialrr.design.matrix import covariate_columns  # noqa: E402
from trialrr.resample.covariates import MeanFilled  # noqa: E402
from trialrr.resample.draws import bootstrap_counts  # noqa: E402
from trialrr.resample.procedure import Procedure  # noqa: E402

WHOLE = entry(missing="pattern_mixture", weights="response")
AGREE = 1e-6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--loops", type=int, default=20, help="replicates of the slow loops")
    parser.add_argument("--against-r", action=argparse.BooleanOptionalAction,
                        default=shutil.which("Rscript") is not None)  # fmt: skip
    parser.add_argument("--growth", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()

    own = arrays((), "severity", PLAN, data())
    nested = set(own.nested)
    rng = np.random.default_rng(1)
    counts = bootstrap_counts(rng, args.loops, own.arm, own.cluster, nested)
    whole = procedure(WHOLE, "severity", PLAN, data())
    risks = whole(counts).log_risks[:, :, 0]
    expected = risks[:, :2] - risks[:, 2:]  # PT and HC against UC at 3 months

    def ours() -> None:
        draws = np.random.default_rng(2)
        for _ in range(args.replicates // CHUNK):
            whole(bootstrap_counts(draws, CHUNK, own.arm, own.cluster, nested))

    mine = median_ms(ours, 5) / args.replicates
    rows = [("trialrr, draws included", mine)]
    rows.append(("statsmodels GLM and OLS on arrays", against_statsmodels(counts, expected)))
    if args.against_r:
        rows.append(("R glm, lm on data frames", against_r(counts, expected)))
    print("| program | ms a replicate | ratio |\n|---|---:|---:|")
    for name, time in rows:
        print(f"| {name} | {time:.3g} | {time / mine:.0f} |")
    limit(whole, mine)
    if args.growth:
        growth()


def median_ms(work, repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(1000 * (perf_counter() - start))
    return float(np.median(times))


def positions(counts) -> list[np.ndarray]:
    return [np.repeat(np.arange(len(c)), c.astype(int)) for c in counts]


def same(name: str, found, expected) -> None:
    worst = np.abs(np.asarray(found) - expected).max()
    if not worst < AGREE:
        sys.exit(f"{name} differs from ours by {worst:.3g}: nothing to compare")


def against_statsmodels(counts, expected) -> float:
    """Designs of everybody are formed once; a replicate indexes them."""
    import statsmodels.api as sm

    trial = data()
    months, n = len(PLAN.months), len(trial.people)
    person, visit = np.repeat(np.arange(n), months), np.tile(np.arange(months), n)
    cells = model.arm_by_month(PLAN, trial.people["arm"].to_numpy()[person], visit)
    patterns = model.pattern_cells(PLAN, trial, person, cells).values.reshape(n, 3, -1)
    cells = cells.values.reshape(n, 3, -1)
    z = covariate_columns(trial.people, [PLAN.covariate(c) for c in PLAN.models.adjusted]).values
    z = np.repeat(z[:, None, :], months, axis=1)
    x = model.design_of_response(PLAN, trial).values
    imputing, outcome = np.concatenate([patterns, z], 2), np.concatenate([cells, z], 2)
    reduction, responder = trial.reduction["severity"], trial.responder["severity"]
    cutoff = 0.3 * trial.people["severity_0"].astype(float).to_numpy()[:, None]
    poisson, binomial = sm.families.Poisson(), sm.families.Binomial()

    def one(index):
        seen = trial.seen[index]
        response = sm.GLM(seen.astype(float), x[index], binomial).fit()
        kept = index[seen]
        weights = np.repeat(1 / response.fittedvalues[seen], months)
        d, h = reduction[kept].ravel(), imputing[kept].reshape(len(kept) * months, -1)
        known = ~np.isnan(d)
        predicted = h @ sm.OLS(d[known], h[known]).fit().params
        filled = (predicted >= np.repeat(cutoff[kept], months)).astype(float)
        filled[known] = responder[kept].ravel()[known]
        design = outcome[kept].reshape(len(kept) * months, -1)
        return sm.GLM(filled, design, poisson, var_weights=weights).fit(tol=1e-12).params[1:3]

    drawn = positions(counts)
    same("statsmodels", [one(index) for index in drawn[:2]], expected[:2])
    return median_ms(lambda: [one(index) for index in drawn], 3) / len(drawn)


def against_r(counts, expected) -> float:
    drawn = positions(counts)
    width = max(map(len, drawn))
    with tempfile.TemporaryDirectory() as folder:
        samples, out = Path(folder, "samples.csv"), Path(folder, "out.json")
        lines = (",".join([*map(str, d + 1), *["NA"] * (width - len(d))]) for d in drawn)
        samples.write_text("\n".join(lines) + "\n")
        oracle = ROOT / "tests/goldens/sap_oracle"
        subprocess.run(
            ["Rscript", str(ROOT / "bench/resampling.R"), str(oracle), str(samples), str(out)],
            check=True,
        )
        found = json.loads(out.read_text())
    same("R", found["log_rr"], expected[:2])
    print(f"{found['versions']}\n")
    return found["milliseconds"]


def limit(whole: Procedure, measured: float) -> None:
    """Products and exponentials that a replicate cannot do without, at this machine's rates."""
    n, people = len(whole.arm), int(whole.people.sum())
    k, q = whole.response.fixed.shape[1], whole.covariates.fixed.shape[1]
    rng = np.random.default_rng(3)
    a, b = rng.random((CHUNK, n)), rng.random((n, 150))
    rate = 2 * CHUNK * n * 150 / (median_ms(lambda: a @ b, 50) / 1000)
    out = np.empty_like(a)
    each = median_ms(lambda: np.exp(a, out=out), 50) / 1000 / a.size
    steps = 4
    logistic = 2 * n * (k + k * (k + 1) / 2 + k)  # predictor, Hessian, gradient
    poisson = 2 * people * (q + q * (q + 1) / 2 + q)
    imputing = 2 * people * (q * (q + 1) / 2 + 3 * q)
    flops = steps * (logistic + poisson) + imputing
    exponentials = (steps + 1) * (n + people)
    bound = 1000 * (flops / rate + exponentials * each)
    print(
        f"\nArithmetic limit: {flops / 1e6:.1f} Mflop at {rate / 1e9:.0f} Gflop/s and "
        f"{exponentials} exponentials at {each * 1e9:.2f} ns: {bound:.3f} ms; measured "
        f"{measured / bound:.1f} times that."
    )


def growth() -> None:
    """Time of a replicate by people, by covariates and by replicates, on a simulated trial."""
    print("\n| people | covariates | replicates | ms a replicate | µs a replicate and person |")
    print("|---:|---:|---:|---:|---:|")
    cases = [(10**k, 13, 50) for k in (3, 4, 5, 6)]
    cases += [(2331, q, 50) for q in (5, 10, 20, 40)] + [(2331, 13, b) for b in (50, 500, 5000)]
    for n, q, replicates in cases:
        whole = simulated(n, q)
        chunk = CHUNK if n < 10**5 else 5
        draws = np.random.default_rng(4)
        todo = max(1, (replicates if n < 10**5 else 5) // chunk)

        def work(whole=whole, chunk=chunk, n=n, draws=draws, todo=todo):
            for _ in range(todo):
                whole(draws.poisson(1.0, (chunk, n)))

        time = median_ms(work, 3 if todo < 20 else 1) / (todo * chunk)
        print(f"| {n:,} | {q} | {todo * chunk} | {time:.3g} | {1000 * time / n:.3g} |")


def simulated(n: int, q: int) -> Procedure:
    """A response-weighted complete-case procedure of three arms and visits."""
    rng = np.random.default_rng(5)
    arm, z = rng.integers(0, 3, n), rng.normal(size=(n, q))
    risk = np.exp(-1.5 + 0.2 * (arm == 1)[:, None] + 0.1 * z[:, :1] + np.zeros((1, 3)))
    outcome = (rng.random((n, 3)) < risk).astype(float)
    outcome[rng.random((n, 3)) < 0.1] = np.nan
    outcome[rng.random(n) < 0.13] = np.nan  # never seen
    seen = ~np.isnan(outcome).all(axis=1)
    x = np.column_stack([np.ones(n), arm == 1, arm == 2, z]).astype(float)
    people = np.ones(n, bool)
    return Procedure(arm, 3, outcome, people, MeanFilled(z), seen, MeanFilled(x))


if __name__ == "__main__":
    main()
