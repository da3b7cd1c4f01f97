"""Kind `mediation`: how much of each active arm's effect goes through mediators (plan, item 10)."""

import numpy as np
import pandas as pd

from trialrr import ard
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.designs import adjusted_for, nested_arms, units
from trialrr.analyses.procedure.engines import OBSERVED_PEOPLE
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.analyses.treatment.entries import Mediation
from trialrr.ard import Contrast, Subgroup
from trialrr.design import clusters as nesting
from trialrr.design.matrix import covariate_columns
from trialrr.estimate import mediation as statistics
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import bare, unidentified
from trialrr.plan import Covariate, Plan
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.draws import blocks, bootstrap_counts
from trialrr.resample.intervals import without_spread
from trialrr.resample.mediation import FAILURES, MediationData, MediationReplicates, percentile
from trialrr.seeds import stream

BLOCK = 250
"""Replicates of a task."""
CHUNK = 50
"""Replicates at once: their arrays stay in the processor's cache."""


def tasks(entry: Mediation, plan: Plan) -> list[str]:
    names = [name for name, _, _ in blocks(entry.replicates, BLOCK)]
    return [f"{outcome}/{name}" for outcome in entry.outcomes for name in names]


def run(task: str, entry: Mediation, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """For each active arm `<arm>/log_total`, `<arm>/log_direct`, `<arm>/failure` (BLOCK,) and
    `<arm>/kept` (BLOCK, M) of one block, always a whole one; all arms from the same samples."""
    outcome, block = task.split("/")
    of = _of(entry, plan)
    data = for_entry(of, plan, data)
    arms = data.people["arm"].map({a.id: k for k, a in enumerate(plan.arms)}).to_numpy(int)
    nested = {k for k, a in enumerate(plan.arms) if nested_arms(of, plan)[a.id] != "person"}
    chains = {arm: chain(arm, entry, outcome, plan, data) for arm in _active(plan)}
    clusters = nesting.of_people(data.people, nested_arms(of, plan)).labels
    rng = stream(plan.seed, entry.id, outcome, "bootstrap", block)
    found: dict[str, list[MediationReplicates]] = {arm: [] for arm in chains}
    for _ in range(BLOCK // CHUNK):
        counts = bootstrap_counts(rng, CHUNK, arms, clusters, nested)
        for arm, own in chains.items():
            found[arm].append(own(counts))
    return {
        f"{arm}/{name}": np.concatenate([getattr(part, name) for part in parts])
        for arm, parts in found.items()
        for name in ("log_total", "log_direct", "kept", "failure")
    }


def rows(
    entry: Mediation, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Risk ratios in all, direct and through the mediators; what became of each mediator."""
    data, table = for_entry(_of(entry, plan), plan, data), []
    for outcome in entry.outcomes:
        for arm in _active(plan):
            parts = [
                {k: done[f"{outcome}/{name}"][f"{arm}/{k}"][: last - first] for k in _DRAWN}
                for name, first, last in blocks(entry.replicates, BLOCK)
            ]
            drawn = {k: np.concatenate([part[k] for part in parts]) for k in _DRAWN}
            table += _contrast_rows(arm, entry, outcome, plan, data, drawn)
    return table


_DRAWN = ("log_total", "log_direct", "kept", "failure")


def chain(arm: str, entry: Mediation, outcome: str, plan: Plan, data: TrialData) -> MediationData:
    """The chain of one active arm against the reference; `data` are those of the entry `of`."""
    of, people = _of(entry, plan), data.people
    at = plan.at_times_of(outcome).months.index(entry.month)
    responder = data.responder[outcome][:, at]
    changes = np.column_stack([_change(m, entry, plan, data) for m in entry.mediators])
    observed = ~np.isnan(responder) & ~np.isnan(changes).any(axis=1)
    of_outcome = [plan.covariate(id) for id in adjusted_for(of, outcome, plan)]
    of_changes = [
        of_outcome + [Covariate(b) for b in _own_baseline(m, of_outcome, plan)]
        for m in entry.mediators
    ]
    nested = nested_arms(of, plan)
    return MediationData(
        observed & people["arm"].isin([arm, plan.reference]).to_numpy(),
        (people["arm"] == arm).to_numpy().astype(int),
        responder,
        changes,
        _unfilled(people, of_outcome),
        tuple(_unfilled(people, columns) for columns in of_changes),
        nesting.of_people(people, nested).labels,
        (people["arm"].map(nested) != "person").to_numpy(),
        entry.level,
    )


def estimate(own: MediationData, alpha: float) -> statistics.MediationFit:
    """The chain in the sample at hand. Raises FitError where it has no solution."""
    among, everybody = own.among, np.ones((1, len(own.among)))

    def filled(columns: MeanFilled) -> np.ndarray:
        mixing = columns.mixing(everybody)
        return columns.fixed[among] if mixing is None else columns.fixed[among] @ mixing[0]

    return statistics.mediation(
        own.arm[among],
        own.responder[among],
        own.changes[among],
        filled(own.covariates),
        [filled(columns) for columns in own.of_changes],
        own.clusters[among],
        own.level,
        alpha,
    )


def _active(plan: Plan) -> list[str]:
    return [a.id for a in plan.arms if a.id != plan.reference]


def _of(entry: Mediation, plan: Plan) -> Analysis:
    """The entry `of`. Raises ValueError if it is not of observed outcomes, unweighted."""
    of = plan.analysis(entry.of)
    if not OBSERVED_PEOPLE.can_do(of):
        raise ValueError(
            f"analysis {entry.id}: `of` names {of.id}, which has missing: {of.missing}, weights: "
            f"{of.weights or 'none'}, model: {of.model}; mediation is of observed people, so name "
            f"an entry with {OBSERVED_PEOPLE.words}"
        )
    return of


def _change(mediator: str, entry: Mediation, plan: Plan, data: TrialData) -> np.ndarray:
    months = plan.at_times_of(mediator).months
    if mediator not in data.change or entry.at not in months:
        raise ValueError(
            f"analysis {entry.id}: no change of {mediator!r} at month {entry.at}; scores are there "
            f"of {', '.join(data.change) or 'nothing'}, and {mediator} is measured at months "
            f"{', '.join(months)}; name what the visits hold, or take the mediator out"
        )
    return data.change[mediator][:, months.index(entry.at)]


def _own_baseline(mediator: str, covariates: list[Covariate], plan: Plan) -> list[str]:
    own = plan.outcome(mediator).baseline
    return [own] if own and own not in {c.id for c in covariates} else []


def _unfilled(people: pd.DataFrame, covariates: list[Covariate]) -> MeanFilled:
    return MeanFilled(covariate_columns(people, covariates, fill=False).values)


def _contrast_rows(arm, entry, outcome, plan, data, drawn) -> list[dict]:
    own = chain(arm, entry, outcome, plan, data)
    cells = {"level": Contrast(arm, plan.reference), "outcome": outcome, "status": entry.status}
    cells |= {"analysis": entry.id, "n": int(own.among.sum())}
    cells["n_clusters"] = len(np.unique(own.clusters[own.among]))
    later = cells | {"month": entry.month, "events": int(own.responder[own.among].sum())}
    failed, fine = int((drawn["failure"] > 0).sum()), drawn["failure"] == 0
    reasons = _reasons(drawn["failure"])
    try:
        if fine.sum() < entry.replicates / 2:
            raise FitError(f"{failed} of {entry.replicates} samples have no estimate ({reasons})")
        found = estimate(own, plan.models.alpha)
    except FitError as error:
        return [ard.not_estimable(str(error), **later)]
    counted = {
        "replicates": (entry.replicates, "bootstrap samples drawn", ""),
        "replicates_failed": (failed, "bootstrap samples without an estimate", reasons),
    }
    table = [
        ard.row(quantity=quantity, estimate=value, method=text, reason=reason, **later)
        for quantity, (value, text, reason) in counted.items()
    ]
    few = _few(own, arm, plan.reference)
    table += _effects(entry, plan, found, {k: v[fine] for k, v in drawn.items()}, few, later)
    text = "largest weight P(arm)/P(arm | kept mediators), mean about 1"
    value = float(found.weights.max())
    table.append(ard.row(quantity="max_weight", estimate=value, method=text, **later))
    early = cells | {"month": entry.at}
    return table + _mediator_rows(entry, plan, found, drawn["kept"][fine], few, early)


def _few(own: MediationData, arm: str, reference: str) -> str:
    """Why clusters of the two arms say nothing about how they vary, "" where they do."""
    codes = {arm: 1, reference: 0}
    count = {id: own.clusters[own.among & (own.arm == code)] for id, code in codes.items()}
    return unidentified(1.0, None, {id: len(np.unique(labels)) for id, labels in count.items()})


def _effects(entry, plan, found, drawn, few: str, cells) -> list[dict]:
    """Ratios in all, direct and through the mediators, and the proportion mediated."""
    of, alpha = plan.analysis(entry.of), plan.models.alpha
    kept = [m for m, k in zip(entry.mediators, found.kept, strict=True) if k]
    weighted = f"weighted by P(arm)/P(arm | change of {', '.join(kept)})"
    if not kept:
        weighted = "no mediator kept, so nothing is taken out of the total"
    model = "modified Poisson, observed outcomes and mediators"
    who = "persons" if of.clusters == "person" else "clusters of the plan"
    interval = (
        f"percentile interval, bootstrap of the whole chain, {who} resampled within arms, "
        "selection and weights anew"
    )
    through = drawn["log_total"] - drawn["log_direct"]
    ratios = {
        "total": (found.log_total, drawn["log_total"], f"{model}; unweighted"),
        "direct": (found.log_direct, drawn["log_direct"], f"{model}; {weighted}"),
        "through_mediators": (found.log_through, through, f"total over direct; {weighted}"),
    }
    table, firm = [], False
    for effect, (value, replicates, text) in ratios.items():
        reason = few or without_spread(replicates, alpha)
        if effect == "through_mediators" and not drawn["kept"].any():
            reason = reason and "no bootstrap sample keeps a mediator: no interval and no test"
        numbers = {"reason": reason}
        if not numbers["reason"]:
            spread = percentile(replicates, alpha)
            firm = firm or (effect == "total" and not spread.lower <= 0 <= spread.upper)
            lower, upper = float(np.exp(spread.lower)), float(np.exp(spread.upper))
            numbers = {"lower": lower, "upper": upper}
            numbers |= {"std_error": spread.std_error, "scale": "log"}
        table.append(
            ard.row(
                quantity="risk_ratio",
                subgroup=Subgroup.of(effect=effect),
                estimate=float(np.exp(value)),
                method=f"{text}; {interval}",
                **numbers,
                **cells,
            )
        )
    text = "no interval: that of the total holds 1, so the share has no firm base"
    numbers = {"reason": few or table[0]["reason"] or text}
    if firm:
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = through / drawn["log_total"]
        shares = shares[np.isfinite(shares)]
        numbers = {"reason": without_spread(shares, alpha)}
        if not numbers["reason"]:
            spread = percentile(shares, alpha)
            numbers, text = {"lower": spread.lower, "upper": spread.upper}, interval
    method = f"(log total - log direct)/log total; {weighted}; {text}"
    row = ard.row(
        quantity="proportion_mediated",
        estimate=float(found.proportion),
        method=method,
        **numbers,
        **cells,
    )
    return [*table, row]


def _mediator_rows(entry, plan, found, kept_in_samples, few: str, cells) -> list[dict]:
    """The arm's effect on each mediator, and whether and how often it was kept."""
    unit, table = units(nested_arms(plan.analysis(entry.of), plan).values()), []
    for m, mediator in enumerate(entry.mediators):
        own = cells | {"subgroup": Subgroup.of(mediator=mediator)}
        adjusted = (
            "own baseline and covariates" if plan.outcome(mediator).baseline else "covariates"
        )
        text = f"linear regression of the change on arm, {adjusted}, the people of the chain"
        text += f"; sandwich CR0 by {unit}; z"
        effect = numbers_of(bare(found.arm_effects[m], few))
        table.append(ard.row(quantity="mean_difference", method=text, **effect, **own))
        verdicts = {
            "mediator_kept": (int(found.kept[m]), f"1 if p < {entry.level:g}, else 0"),
            "share_kept": (
                float(kept_in_samples[:, m].mean()),
                "share of bootstrap samples that keep the mediator",
            ),
        }
        table += [
            ard.row(quantity=quantity, estimate=value, method=text, **own)
            for quantity, (value, text) in verdicts.items()
        ]
    return table


def _reasons(failure: np.ndarray) -> str:
    codes, counts = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(f"{n} {FAILURES[code - 1]}" for code, n in zip(codes, counts, strict=True))
