"""Kind `simulation`: coverage and type-I error of an entry's whole procedure in simulated trials of
the same people."""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from trialrr import ard
from trialrr.analyses.procedure import designs, model
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.data import TrialData, cutoff, for_entry
from trialrr.analyses.procedure.engines import SIMULATED
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.resampling.entries import Simulation
from trialrr.ard import Subgroup
from trialrr.design.matrix import covariate_columns
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import FEWEST
from trialrr.plan import Plan
from trialrr.resample.draws import blocks
from trialrr.resample.power import rejected
from trialrr.resample.procedure import FAILURES
from trialrr.resample.stacked import StackedProcedure
from trialrr.resample.trials import (
    ScoreModel,
    VisitPatterns,
    draw,
    score_model,
    target,
    visit_model,
)
from trialrr.seeds import stream

BLOCK = 100
"""Trials of a task."""
AT_ONCE = 20
"""Trials computed together: their arrays stay near the processor."""
ROUNDING = 1e-9
"""A true log risk ratio below it is none."""


@dataclass(frozen=True, slots=True)
class World:
    """What trials are simulated from, people sorted by arm; procedure : what is done to each."""

    arm: NDArray[np.int64]
    cluster: NDArray[np.int64]
    scores: ScoreModel
    visits: VisitPatterns
    procedure: StackedProcedure


def tasks(entry: Simulation, plan: Plan) -> list[str]:
    names = [name for name, _, _ in blocks(entry.trials, BLOCK)]
    return [
        f"{outcome}/{scenario}/{name}"
        for outcome in entry.outcomes
        for scenario in entry.scenarios
        for name in names
    ]


def run(task: str, entry: Simulation, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """The arrays of `stacked.StackedFits` at the primary month for BLOCK trials: of the procedure
    by their names, and of the same trials with nobody missing as `complete_…`."""
    outcome, scenario, block = task.split("/")
    found = world(entry, outcome, plan, data)
    rng = stream(plan.seed, entry.id, outcome, "trials", scenario, block)
    shift = _shift(entry.scenarios[scenario], plan)
    fits = []
    for _ in range(BLOCK // AT_ONCE):
        trials = draw(rng, AT_ONCE, found.scores, found.visits, found.arm, shift, found.cluster)
        complete = asdict(found.procedure.complete(trials))
        fits.append(
            asdict(found.procedure(trials)) | {f"complete_{k}": v for k, v in complete.items()}
        )
    return {name: np.concatenate([f[name] for f in fits]) for name in fits[0]}


def world(entry: Simulation, outcome: str, plan: Plan, data: TrialData) -> World:
    """The people of the entry `of`, the models that their scores and visits are drawn from, and the
    procedure. Means of scores follow the covariates of the outcome and of the response model.

    Raises ValueError for an entry that cannot be simulated (`engines.SIMULATED`).
    """
    of = plan.analysis(entry.of)
    _check(of)
    data = for_entry(of, plan, data)
    data = data.take(np.argsort(arrays((), outcome, plan, data).arm, kind="stable"))
    adjusted = designs.adjusted_for(of, outcome, plan)
    own = arrays(adjusted, outcome, plan, data)
    nested = np.isin(own.arm, sorted(own.nested)) & (of.clusters != "person")
    cluster = np.full(len(own.arm), -1)
    cluster[nested] = np.unique(own.cluster[nested], return_inverse=True)[1]
    for a in sorted(set(own.arm[nested])):
        if len(np.unique(cluster[own.arm == a])) < FEWEST:
            raise FitError(
                f"analysis {entry.id}: all people of arm {plan.arms[a].id} share one cluster, and "
                "its variance between clusters cannot be estimated, so no interval has a coverage; "
                f"leave the entry out, or name an entry of persons in `of`"
            )
    response, response_design = model.weights_of(of, plan, data)
    predictors = tuple(dict.fromkeys((*adjusted, *plan.models.response)))
    reference = own.arm == [a.id for a in plan.arms].index(plan.reference)
    scores = score_model(own.reduction, _columns(predictors, plan, data), reference, cluster)
    observed = ~np.isnan(own.reduction)
    visits = visit_model(response.fit.mu, observed, own.arm, len(plan.arms))
    procedure = StackedProcedure(
        np.searchsorted(own.arm, np.arange(len(plan.arms) + 1)),
        response_design.values,
        _columns(designs.with_own_baseline(plan.models.imputation, outcome, plan), plan, data),
        own.covariates.values,
        np.where(own.defined, cutoff(data, plan, outcome), np.nan),
        own.defined,
        cluster,
        plan.months.index(plan.primary.month),
        of.bandwidth_factor,
    )
    return World(own.arm, cluster, scores, visits, procedure)


def _check(of: Analysis) -> None:
    refused = SIMULATED.refuses(partial(getattr, of))
    if refused:
        other = [f"{k} {v}, not {SIMULATED.takes[k][0]}" for k, v in refused.items()]
        raise ValueError(f"analysis {of.id} cannot be simulated: it has {'; '.join(other)}")


def _columns(ids: tuple[str, ...], plan: Plan, data: TrialData) -> np.ndarray:
    return covariate_columns(data.people, [plan.covariate(id) for id in ids]).values


def _shift(points: float, plan: Plan) -> np.ndarray:
    return np.array([0.0 if a.id == plan.reference else points for a in plan.arms])


def rows(
    entry: Simulation, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """For each scenario the true risk ratio of each contrast at the primary month; `coverage` of
    its interval, `rejection` of its test and of the omnibus test, `rejection_by_rule` of the plan,
    `bias`, `mean_std_error` and `empirical_std_error` on the log scale; counts of trials.

    Subgroups: "scenario=…" is the procedure with the plan's clusters, "…; clusters=person" its
    variance by persons, "…; missing=none" the same trials with nobody missing. Among people who
    miss the month, `imputed_response` is the share of responders as imputed, `missing_response` in
    truth. Raises FitError if fewer than half of a scenario's trials have an estimate.
    """
    table = []
    for outcome in entry.outcomes:
        found = world(entry, outcome, plan, data)
        table += _model_rows(entry, outcome, plan, found.scores)
        for scenario, points in entry.scenarios.items():
            parts = [
                {k: v[: last - first] for k, v in done[f"{outcome}/{scenario}/{name}"].items()}
                for name, first, last in blocks(entry.trials, BLOCK)
            ]
            results = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
            cut, z = found.procedure.cutoff, found.procedure.outcome
            truth = target(found.scores, cut, z, len(plan.arms), _shift(points, plan))
            about = _Scenario(entry, outcome, plan, scenario, points)
            table += about.rows(results, truth[:, plan.months.index(plan.primary.month)])
    return table


def _model_rows(entry, outcome, plan, scores: ScoreModel) -> list[dict]:
    """Standard deviations that the scores were drawn with."""
    texts = {
        "person_sd": (scores.person_sd, "between persons, reference arm"),
        "cluster_sd": (scores.cluster_sd, "between clusters of nested arms"),
        "residual_sd": (scores.residual_sd, "within a person, reference arm"),
    }
    return [
        ard.row(
            analysis=entry.id,
            outcome=outcome,
            quantity=quantity,
            level="all",
            estimate=float(value),
            method=f"SD of the reduction in score given covariates, points: {text}",
            status=entry.status,
        )
        for quantity, (value, text) in texts.items()
    ]


@dataclass(frozen=True, slots=True)
class _Scenario:
    """Rows of one scenario; points : shift of the active arms."""

    entry: Simulation
    outcome: str
    plan: Plan
    name: str
    points: float

    def rows(self, results: dict[str, np.ndarray], truth: np.ndarray) -> list[dict]:
        """results : arrays over trials; truth : (A,) log risks, right up to a constant."""
        at, failure = Subgroup.of(scenario=self.name), results["failure"]
        fine = failure == 0
        if fine.mean() < 0.5:
            raise FitError(
                f"analysis {self.entry.id}, scenario {self.name}: {int((~fine).sum())} of "
                f"{len(fine)} simulated trials have no estimate ({_reasons(failure)}); use fewer "
                "covariates"
            )
        true = self.contrasts @ truth
        text = "risk ratio of the outcome model in an endless trial with nobody missing"
        table = [
            self._row(at, "true_risk_ratio", level, np.exp(value), 0.0, len(fine), text)
            for level, value in zip(self.levels, true, strict=True)
        ]
        for subgroup, prefix, unit in (
            (at | Subgroup.of(missing="none"), "complete_", "cluster"),
            (at | Subgroup.of(clusters="person"), "", "person"),
            (at, "", "cluster"),
        ):
            kept = results[f"{prefix}failure"] == 0
            log_risk, cov = (results[prefix + k][kept] for k in ("log_risk", f"by_{unit}"))
            table += self._performance(subgroup, log_risk, cov, true, unit)
        table += self._responses(at, results["responses"][fine])
        texts = {
            "trials": (len(fine), "simulated trials", ""),
            "trials_failed": (
                int((~fine).sum()),
                "simulated trials without an estimate",
                _reasons(failure),
            ),
        }
        return table + [
            self._row(at, quantity, "all", count, np.nan, len(fine), text) | {"reason": reason}
            for quantity, (count, text, reason) in texts.items()
        ]

    @property
    def levels(self) -> list[str]:
        return [level for level, _, _ in contrast_indices(self.plan)]

    @property
    def contrasts(self) -> np.ndarray:
        """(K, A), 1 and -1 in the two arms of each contrast."""
        unit = np.eye(len(self.plan.arms))
        return np.array([unit[one] - unit[other] for _, one, other in contrast_indices(self.plan)])

    def _performance(self, subgroup, log_risk, cov, true, unit: str) -> list[dict]:
        alpha, trials = self.plan.models.alpha, len(log_risk)
        estimate = log_risk @ self.contrasts.T
        se = np.sqrt(np.einsum("ka,bac,kc->bk", self.contrasts, cov, self.contrasts))
        against = np.delete(np.eye(log_risk.shape[1]), self._reference, axis=0)
        against[:, self._reference] = -1
        found, spread = log_risk @ against.T, against @ cov @ against.T
        wald = np.einsum("bk,bk->b", found, np.linalg.solve(spread, found[..., None])[..., 0])
        p, omnibus_p = chdtrc(1, (estimate / se) ** 2), chdtrc(len(against), wald)
        rule, arms = self.plan.models.multiplicity, len(self.plan.arms)
        declared = rejected(p, omnibus_p, rule, alpha, arms)
        half = ndtri(1 - alpha / 2) * se
        by, table = f"variance by {unit}", []

        def row(quantity, level, value, error, text):
            text = f"{text}, {by}"
            table.append(self._row(subgroup, quantity, level, value, error, trials, text))

        def share(quantity, level, hits, text):
            value = hits.mean()
            row(quantity, level, value, np.sqrt(value * (1 - value) / trials), text)

        for k, level in enumerate(self.levels):
            gap = estimate[:, k] - true[k]
            sd = gap.std(ddof=1)
            hit = np.abs(gap) <= half[:, k]
            share(
                "coverage", level, hit, f"{100 * (1 - alpha):g}% interval holds the true risk ratio"
            )
            null = "type-I error: " if abs(true[k]) < ROUNDING else ""
            text = f"{null}test of ratio 1 rejects at {alpha:g}"
            share("rejection", level, p[:, k] < alpha, text)
            text = f"{null}significant by the plan's rule of multiplicity"
            share("rejection_by_rule", level, declared[:, k], text)
            text = "mean log risk ratio minus the true one"
            row("bias", level, gap.mean(), sd / np.sqrt(trials), text)
            text = "SD of the log risk ratio over trials"
            row("empirical_std_error", level, sd, sd / np.sqrt(2 * (trials - 1)), text)
            error = se[:, k].std(ddof=1) / np.sqrt(trials)
            row("mean_std_error", level, se[:, k].mean(), error, "standard error, log scale")
        share("rejection", "omnibus", omnibus_p < alpha, f"omnibus test rejects at {alpha:g}")
        return table

    def _responses(self, at: str, responses: np.ndarray) -> list[dict]:
        """Means over trials of the (B, 2, A) shares."""
        names = {
            "imputed_response": "share of responders imputed to people who miss the month",
            "missing_response": "share of responders among people who miss the month, in truth",
        }
        table = []
        for (quantity, text), values in zip(names.items(), responses.swapaxes(0, 1), strict=True):
            for arm, drawn in zip(self.plan.arms, values.T, strict=True):
                drawn = drawn[~np.isnan(drawn)]
                error = drawn.std(ddof=1) / np.sqrt(len(drawn)) if len(drawn) > 1 else np.nan
                mean = drawn.mean() if len(drawn) else np.nan
                table.append(self._row(at, quantity, arm.id, mean, error, len(drawn), text))
        return table

    @property
    def _reference(self) -> int:
        return [a.id for a in self.plan.arms].index(self.plan.reference)

    def _row(self, subgroup, quantity, level, estimate, error, trials: int, text: str) -> dict:
        return ard.row(
            analysis=self.entry.id,
            outcome=self.outcome,
            month=self.plan.primary.month,
            subgroup=subgroup,
            quantity=quantity,
            level=level,
            estimate=float(estimate),
            std_error=float(error),
            scale="identity" if np.isfinite(error) else "",
            n=trials,
            method=f"{text}; active arms {self.points:g} points lower; {trials} simulated trials "
            "of the same people, arms and clusters; std_error Monte Carlo",
            status=self.entry.status,
        )


def _reasons(failure: np.ndarray) -> str:
    codes, counts = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(f"{n} {FAILURES[code - 1]}" for code, n in zip(codes, counts, strict=True))
