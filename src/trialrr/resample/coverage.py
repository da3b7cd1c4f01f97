"""Coverage and type-I error of the risk ratio when the people of one arm are in clusters.

A trial compares an arm of clusters (C) with single people (S) by modified Poisson regression of a
0/1 response on arm and one baseline covariate. It is drawn so that the fitted model holds exactly:

    P(y = 1 | cluster c, x) = P_c exp(βx) / m,  m = E exp(βx) = sinh(β)/β,  x uniform on (-1, 1),

P_c = r in S, and in C beta with mean RR·r and variance ICC·RR·r·(1 - RR·r), ICC 0: no variance.
The covariate multiplies the risk, so the log risk ratio given x is also the marginal one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from trialrr.estimate import covariance
from trialrr.estimate.fit import FitError, GlmFit
from trialrr.seeds import stream

Array = NDArray[np.float64]

SIZES = (24, 33, 49, 53, 55, 67, 71, 72, 75, 79, 90, 110)  # quartiles 52, 69, 76; sum 778
SMALL = (5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15)  # sum 120
SLOPE = float(np.log(1.3))  # β, log risk ratio of a unit of the covariate
RISK_RATIOS = (1.0, 1.5)  # the first gives the type-I error
ALPHA = 0.05
BLOCK = 250  # trials a stream: how many processes share the work changes no draw
METHODS = {  # covariance: rule of its degrees of freedom; hc0 takes no notice of clusters
    "hc0": "z",
    "cr0": "z",
    "kc": "satterthwaite",
    "md": "satterthwaite",
}
ARM = np.array([0.0, 1.0, 0.0])  # the contrast: log risk ratio, C against S
STEPS = 25
STEP = 1e-8  # a Newton step below it leaves an error of its square
DIGITS = 6  # decimals kept: what any processor agrees on


@dataclass(frozen=True, slots=True)
class Scenario:
    """sizes : people of each cluster; controls : people of S; risk : of S, averaged over the
    covariate; icc : intraclass correlation of a cluster's people, on the scale of probabilities."""

    name: str
    sizes: tuple[int, ...]
    controls: int
    risk: float
    icc: float


SCENARIOS = (
    Scenario("icc_0", SIZES, 777, 0.21, 0.0),
    Scenario("icc_0.01", SIZES, 777, 0.21, 0.01),
    Scenario("icc_0.03", SIZES, 777, 0.21, 0.03),
    Scenario("rare_events", SIZES, 777, 0.03, 0.01),
    Scenario("small_n", SMALL, 120, 0.21, 0.01),
)


@dataclass(frozen=True, slots=True)
class SimulatedTrial:
    """response : (n,) 0/1; design : (n, 3) intercept, C, covariate; clusters : (n,) the cluster in
    C, the person in S."""

    response: Array
    design: Array
    clusters: NDArray[np.int64]

    @property
    def estimable(self) -> bool:
        """Whether both arms have an event: without one the log risk ratio is infinite."""
        clustered = self.design[:, 1] == 1
        return bool(self.response[clustered].any() and self.response[~clustered].any())


def draw(scenario: Scenario, risk_ratio: float, rng: np.random.Generator) -> SimulatedTrial:
    """One trial of the scenario. Raises ValueError for a probability above 1, which would be a
    trial that the model does not hold for."""
    sizes = np.array(scenario.sizes)
    treated, controls = int(sizes.sum()), scenario.controls
    risks = _cluster_risks(scenario.risk * risk_ratio, scenario.icc, len(sizes), rng)
    base = np.r_[np.repeat(risks, sizes), np.full(controls, scenario.risk)]
    x = rng.uniform(-1, 1, treated + controls)
    probability = base * np.exp(SLOPE * x) * SLOPE / np.sinh(SLOPE)
    if probability.max() > 1:
        raise ValueError(
            f"scenario {scenario.name}, risk ratio {risk_ratio}: a probability of "
            f"{probability.max():.3f}; lower the risk, the ICC or the covariate's effect"
        )
    response = (rng.random(len(x)) < probability).astype(float)
    arm = np.repeat([1.0, 0.0], [treated, controls])
    people = np.arange(len(sizes), len(sizes) + controls)
    clusters = np.r_[np.repeat(np.arange(len(sizes)), sizes), people]
    return SimulatedTrial(response, np.column_stack([np.ones_like(x), arm, x]), clusters)


def fit(trial: SimulatedTrial) -> GlmFit:
    """The fit that `estimate.fit.modified_poisson` gives, in a tenth of its time: Newton's method
    from the crude risks of an estimable trial. Raises FitError if it does not converge."""
    z, y = trial.design, trial.response
    treated, control = (y[z[:, 1] == arm].mean() for arm in (1, 0))
    coef = np.array([np.log(control), np.log(treated / control), 0.0])
    for _ in range(STEPS):
        mu = np.exp(z @ coef)
        step = np.linalg.solve((z * mu[:, None]).T @ z, (y - mu) @ z)
        coef = coef + step
        if np.abs(step).max() < STEP:
            mu = np.exp(z @ coef)
            return GlmFit(coef, z, mu, np.ones_like(mu), y - mu, mu, (z * mu[:, None]).T @ z)
    raise FitError(f"Newton's method did not converge in {STEPS} steps (last {step})")


def estimates(trial: SimulatedTrial) -> dict[str, float]:
    """The log risk ratio `log_rr` of an estimable trial, and for each covariance of METHODS its
    standard error `se_<name>` and degrees of freedom `df_<name>` (z: infinite)."""
    fitted = fit(trial)
    row = {"log_rr": float(ARM @ fitted.coef)}
    for name, rule in METHODS.items():
        found = covariance.by_name(name, fitted, trial.clusters)
        row[f"se_{name}"] = float(np.sqrt(ARM @ found.matrix @ ARM))
        row[f"df_{name}"] = found.degrees_of_freedom(ARM, rule)
    return row


def simulate(root: int, scenario: Scenario, risk_ratio: float, block: int, trials: int = BLOCK):
    """The first `trials` trials of a block, a data frame with one row each: scenario, risk_ratio,
    block, trial and the columns of `estimates`, missing where the trial is not estimable."""
    rng = stream(root, "coverage", scenario.name, str(risk_ratio), str(block))
    rows = []
    for number in range(trials):
        trial = draw(scenario, risk_ratio, rng)
        keys = dict(scenario=scenario.name, risk_ratio=risk_ratio, block=block, trial=number)
        rows.append(keys | (estimates(trial) if trial.estimable else {}))
    names = [f"{column}_{name}" for name in METHODS for column in ("se", "df")]
    return pd.DataFrame(rows, columns=[*keys, "log_rr", *names])


def tasks(trials: int, piece: int = 1, pieces: int = 1) -> list[tuple[Scenario, float, int]]:
    """Scenario, risk ratio and block of every block in piece 1…pieces of the whole simulation with
    `trials` trials of each scenario. Raises ValueError if `trials` is no multiple of BLOCK."""
    if trials < BLOCK or trials % BLOCK:
        raise ValueError(f"{trials} trials; expected a multiple of {BLOCK}, the trials of a block")
    blocks = range(trials // BLOCK)
    every = [(s, ratio, block) for s in SCENARIOS for ratio in RISK_RATIOS for block in blocks]
    return every[piece - 1 :: pieces]


def summary(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One row a scenario, risk ratio and method from rows of `simulate`, in whatever order.

    error : share of 95 % intervals log_rr ± t se that miss the true log risk ratio (type-I error
    where it is 0), coverage = 1 - error, mc_se their Monte Carlo standard error; mean_se, and
    empirical_sd of the log risk ratio, which it should be; bias of the log risk ratio; mean_df,
    missing for z, and shown_df, which it should be: 2 E(V)² / Var(V) of V = se² over trials.
    Trials that are not estimable are counted, and in none of the shares.
    """
    table = pd.concat(parts).sort_values(["risk_ratio", "block", "trial"])
    rows = []
    for scenario in SCENARIOS:
        drawn = table[table["scenario"] == scenario.name]
        people = sum(scenario.sizes) + scenario.controls
        keys = dict(scenario=scenario.name, risk=scenario.risk, icc=scenario.icc, n=people)
        for ratio, trials in drawn.groupby("risk_ratio"):
            for name, rule in METHODS.items():
                method = dict(risk_ratio=ratio, covariance=name, df_rule=rule)
                rows.append(keys | method | _performance(trials, name, float(np.log(ratio))))
    return pd.DataFrame(rows).round(DIGITS)


def _performance(table: pd.DataFrame, name: str, truth: float) -> dict[str, float]:
    done = table[table["log_rr"].notna()]
    gap, se = done["log_rr"].to_numpy() - truth, done[f"se_{name}"].to_numpy()
    df = done[f"df_{name}"].to_numpy()
    error = float(np.mean(np.abs(gap) > stdtrit(df, 1 - ALPHA / 2) * se))
    return {
        "trials": len(table),
        "not_estimable": len(table) - len(done),
        "error": error,
        "coverage": 1 - error,
        "mc_se": float(np.sqrt(error * (1 - error) / len(done))),
        "mean_se": float(se.mean()),
        "empirical_sd": float(gap.std(ddof=1)),
        "bias": float(gap.mean()),
        "mean_df": float(df.mean()) if np.isfinite(df).all() else np.nan,
        "shown_df": float(2 * np.mean(se**2) ** 2 / np.var(se**2, ddof=1)),
    }


def _cluster_risks(mean: float, icc: float, clusters: int, rng: np.random.Generator) -> Array:
    """(clusters,) beta probabilities with this mean and ICC = var / (mean (1 - mean))
    = 1 / (a + b + 1)."""
    if not icc:
        return np.full(clusters, mean)
    total = 1 / icc - 1
    return rng.beta(mean * total, (1 - mean) * total, clusters)
