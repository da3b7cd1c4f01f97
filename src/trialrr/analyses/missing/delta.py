"""Kind delta: a multiple imputation done again with the imputed scores shifted, over a grid."""

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.missing import imputed_scores as imputed
from trialrr.analyses.missing import multiple_imputation as at_random
from trialrr.analyses.missing.entries import Delta, MultipleImputation
from trialrr.analyses.missing.imputed_scores import RiskFits, ScoreData
from trialrr.analyses.missing.special_points import WORDS, equivalents
from trialrr.analyses.procedure.arm_support import eventless
from trialrr.analyses.procedure.arrays import contrast_indices
from trialrr.analyses.procedure.data import TrialData
from trialrr.ard import Subgroup
from trialrr.missing.delta import dropped_out, shifts, tipping
from trialrr.plan import Plan, replace

Array = NDArray[np.float64]


def tasks(entry: Delta, plan: Plan) -> list[str]:
    """Those of the multiple imputation, for this entry's outcomes."""
    return at_random.tasks(_imputation(entry, plan), plan)


def _imputation(entry: Delta, plan: Plan) -> MultipleImputation:
    return replace(plan.analysis(entry.of), outcomes=entry.outcomes)


def run(task: str, entry: Delta, plan: Plan, data: TrialData) -> dict[str, Array]:
    """log_risk, covariance : as the multiple imputation has them; at the primary month, over the
    grid of G active and H control shifts: grid_log_risk (b, G, H, A), grid_covariance
    (b, G, H, A, A), grid_imputed (b, G, H, A) responders among the imputed."""
    outcome, part = task.split("/")
    of = _imputation(entry, plan)
    trial = imputed.trial(of, outcome, plan, data)
    done = [
        _block(trial, entry, of, outcome, plan, block)
        for block in at_random.blocks(part, trial, of, outcome, plan)
    ]
    return {
        name: np.concatenate([d[name] for d in done]) if done else np.empty(0) for name in _NAMES
    }


_GRIDS = ("grid_log_risk", "grid_covariance", "grid_imputed")
_NAMES = ("log_risk", "covariance", *_GRIDS)


def _block(trial: ScoreData, entry: Delta, of, outcome: str, plan: Plan, block: int) -> dict:
    """Imputed once; then only who responds and the outcome model are done again for each shift."""
    filled, _ = imputed.scores(trial, of, outcome, plan, block)
    unshifted = imputed.responders(trial, filled)
    mar = imputed.fit(trial, unshifted)
    reference = [a.id for a in plan.arms].index(plan.reference)
    gone = dropped_out(trial.missing)
    grid = []
    for control in entry.control:
        by = shifts(trial.cells.arm, reference, entry.active, control)
        shift = by[:, None, :, None] * gone
        outcomes = imputed.responders(trial, filled, shift)
        many = outcomes.reshape(-1, *outcomes.shape[2:])
        fits = imputed.fit(trial, many, np.tile(mar.slopes, (len(entry.active), 1)))
        columns = list(_at_primary(trial, plan, fits, many))
        if control == 0:
            zero = np.flatnonzero(np.asarray(entry.active) == 0)
            for column, own in zip(columns, _at_primary(trial, plan, mar, unshifted), strict=True):
                for g in zero:  # the very fits of the multiple imputation, to the last bit
                    column[g * len(own) : (g + 1) * len(own)] = own
        shape = (len(entry.active), len(filled))
        grid.append([c.reshape(*shape, *c.shape[1:]).swapaxes(0, 1) for c in columns])
    grids = [np.stack(columns, axis=2) for columns in zip(*grid, strict=True)]
    return dict(zip(_NAMES, (mar.log_risk, mar.covariance, *grids), strict=True))


def _at_primary(trial: ScoreData, plan: Plan, fits: RiskFits, outcomes: Array) -> tuple:
    """Log risks (b, A), their covariance (b, A, A), and responders among the imputed (b, A)."""
    arms, months = trial.cells.arms, trial.cells.visits
    j = plan.months.index(plan.primary.month)
    cells = np.arange(arms) * months + j
    inside = trial.missing[:, j]
    arm = np.eye(arms)[trial.cells.arm[inside]]
    return (
        fits.log_risk[:, :, j],
        fits.covariance[:, cells[:, None], cells],
        outcomes[:, inside, j] @ arm,
    )


def rows(
    entry: Delta, plan: Plan, data: TrialData, done: dict[str, dict[str, Array]]
) -> list[dict]:
    """Risk ratios against the reference arm over the grid at the primary month, where each tips,
    and how far the reference arm's observed scores changed."""
    found = []
    for outcome in entry.outcomes:
        found += _outcome_rows(entry, outcome, plan, data, done)
    return found


def _outcome_rows(entry: Delta, outcome: str, plan: Plan, data: TrialData, done) -> list[dict]:
    of, month = _imputation(entry, plan), plan.primary.month
    trial = imputed.trial(of, outcome, plan, data)
    arrays = at_random.gathered(done, outcome, _NAMES)
    imputed.need_fits(entry.id, outcome, arrays["log_risk"])
    number = imputed.number(of, plan, trial, arrays["log_risk"], arrays["covariance"])
    log_risk, v, responders = (arrays[name][: number.used] for name in _GRIDS)
    method = f"{at_random.method_text(of, plan, number)}; imputed scores shifted from drop-out on"
    j, alpha, support = plan.months.index(month), plan.models.alpha, trial.support(plan)

    def row(**cells) -> dict:
        common = {"analysis": entry.id, "outcome": outcome, "month": month, "status": entry.status}
        return ard.row(**({"method": method} | common | cells))

    found = []
    lacking = np.array(
        [trial.missing[trial.cells.arm == a, j].sum() for a in range(len(plan.arms))]
    )
    against = [c for c in contrast_indices(plan) if plan.arms[c[2]].id == plan.reference]
    for level, one, other in against:
        limits = np.full((len(entry.active), len(entry.control), 2), np.nan)
        counted = at_random.counts(trial, [one, other], j)
        for g, active in enumerate(entry.active):
            for h, control in enumerate(entry.control):
                cells = counted | {
                    "quantity": "risk_ratio",
                    "level": level,
                    "subgroup": Subgroup.of(
                        delta_active=f"{active:g}", delta_control=f"{control:g}"
                    ),
                }
                pair = [one, other]
                here_risks = log_risk[:, g, h]
                lost = eventless(level, month, np.isneginf(here_risks[:, pair]))
                if none := int(np.isnan(here_risks).any(axis=1).sum()):
                    lost = f"no fit in {none} imputations: a covariate level without an event"
                if lost:
                    found.append(row(**cells, reason=lost))
                    continue
                ratio = imputed.log_ratio(
                    log_risk[:, g, h, :, None], v[:, g, h], 0, one, other, trial.df
                )
                middle = here_risks[:, pair].mean(axis=0)
                numbers = at_random.pooled_ratio(ratio, middle, support, pair, alpha)
                limits[g, h] = numbers["lower"], numbers["upper"]
                at_zero = f"; missing at random, as {entry.of}" if active == control == 0 else ""
                found.append(row(**numbers, **cells, method=method + at_zero))
                if _worst_best(responders[:, g, h], lacking, one, other):
                    at = {key: cells[key] for key in ("level", "subgroup")}
                    text = "1 at this point: missing = failure, in the reference arm success"
                    found.append(row(quantity="worst_best_case", estimate=1, method=text, **at))
        here = limits[:, entry.control.index(0.0)]
        found.append(_tipping_row(entry, level, here, alpha, row))
    words = f"those of {entry.of}, stream by stream"
    found.append(row(quantity="imputations", level="all", estimate=number.used, method=words))
    curves = _risk_curves(entry, plan, np.exp(log_risk.mean(axis=0)))
    for cells in equivalents(entry.points, outcome, plan, data, curves):
        found.append(row(quantity="equivalent_delta", method=f"shift, points, {WORDS}", **cells))
    return found + _dropped_rows(trial, plan, j, row) + _change_rows(trial, plan, j, row)


def _risk_curves(entry: Delta, plan: Plan, risks: Array) -> dict[str, tuple]:
    """Risks (G, H, A) of each arm over its own axis, the other one unshifted; shifts without a fit
    are left out."""
    g, h = entry.active.index(0.0), entry.control.index(0.0)
    curves = {}
    for a, arm in enumerate(plan.arms):
        own = (entry.control, risks[g, :, a]) if arm.id == plan.reference else (
            entry.active, risks[:, h, a]
        )  # fmt: skip
        curves[arm.id] = tuple(np.asarray(v)[~np.isnan(own[1])] for v in own)
    return curves


def _worst_best(responders: Array, lacking: Array, one: int, other: int) -> bool:
    """True if a point of the map is the worst and best case: of the people imputed nobody of the
    first arm responds and everybody of the second."""
    return bool((responders[:, one] == 0).all() and (responders[:, other] == lacking[other]).all())


def _tipping_row(entry: Delta, level: str, limits: Array, alpha: float, row) -> dict:
    """limits : (G, 2) of the intervals with the reference arm unshifted."""
    at = tipping(entry.active, limits[:, 0], limits[:, 1])
    largest = max(entry.active)
    words = (
        f"smallest shift of the active arm, points, with which the {100 * (1 - alpha):g}% interval "
    )
    words += "includes 1, the reference arm unshifted"
    reason = ""
    if np.isnan(limits).all():
        reason = "no interval on the grid, so no tipping point"
        told = {"quantity": ard.ABSENT, "method": ard.NO_ESTIMATE, "reason": reason}
        return row(level=level, **told)
    if np.isnan(at):
        reason = f"none on the grid, up to {largest:g}"
        words += f": {reason}"
    elif at == 0:
        words += ": it does so already at missing at random"
    return row(quantity="tipping_delta", level=level, estimate=at, method=words, reason=reason)


def _dropped_rows(trial: ScoreData, plan: Plan, j: int, row) -> list[dict]:
    gone = dropped_out(trial.missing)[:, j]
    words = "people whose imputed score is shifted: not seen at this visit nor later"
    found = []
    for a, arm in enumerate(plan.arms):
        inside = trial.cells.arm == a
        cells = {"n": int(inside.sum()), "n_imputed": int(trial.missing[inside, j].sum())}
        count = int(gone[inside].sum())
        found.append(
            row(quantity="dropped_out", level=arm.id, estimate=count, method=words, **cells)
        )
    return found


def _change_rows(trial: ScoreData, plan: Plan, j: int, row) -> list[dict]:
    """What the shift is to be held against: change from baseline, negative = better."""
    reference = [a.id for a in plan.arms].index(plan.reference)
    change = (trial.score[:, j] - trial.baseline)[trial.cells.arm == reference]
    change = change[~np.isnan(change)]
    sd = float(change.std(ddof=1))
    cells = {"level": plan.reference, "n": len(change)}
    words = "of the score from baseline among those seen, points"
    return [
        row(
            quantity="observed_change",
            estimate=float(change.mean()),
            std_error=sd / np.sqrt(len(change)),
            scale="identity",
            method=f"mean change {words}",
            **cells,
        ),
        row(
            quantity="observed_change_sd", estimate=sd, method=f"SD of the change {words}", **cells
        ),
    ]
