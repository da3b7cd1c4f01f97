"""An entry of kind model as a `Procedure`: `model.fit` on weighted samples."""

import numpy as np

from trialrr.analyses.procedure import designs, model
from trialrr.analyses.procedure.arrays import arrays
from trialrr.analyses.procedure.data import TrialData, cutoff
from trialrr.analyses.procedure.engines import RESAMPLED
from trialrr.analyses.procedure.entry import Analysis
from trialrr.design.matrix import covariate_columns
from trialrr.plan import Plan
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.filling import MixtureData
from trialrr.resample.procedure import Procedure


def procedure(entry: Analysis, outcome: str, plan: Plan, data: TrialData) -> Procedure:
    """The whole procedure of `entry` for people as they are in `data`, whose population, windows
    and definition are already the entry's.

    Raises ValueError for an entry that cannot be resampled (`engines.RESAMPLED`).
    """
    if not RESAMPLED.can_do(entry):
        raise ValueError(f"analysis {entry.id} cannot be resampled: expected {RESAMPLED.words}")
    own = arrays((), outcome, plan, data)
    filled = own.responder
    rows = np.zeros(len(own.arm), bool)
    rows[model.rows_of(entry, outcome, plan, data)[0]] = True
    if entry.missing == "worst_best_case":
        worst = (data.people["arm"].to_numpy() == plan.reference).astype(float)
        filled = np.where(np.isnan(filled), worst[:, None], filled)
    response = None
    if entry.weights:
        response = MeanFilled(designs.design_of_response(plan, data, fill=False).values)
    return Procedure(
        own.arm,
        len(plan.arms),
        filled,
        rows,
        _unfilled(plan, data, designs.adjusted_for(entry, outcome, plan)),
        data.seen if entry.weights else None,
        response,
        _imputation(outcome, plan, data) if entry.missing == "pattern_mixture" else None,
    )


def _unfilled(plan: Plan, data: TrialData, ids: tuple[str, ...]) -> MeanFilled:
    columns = covariate_columns(data.people, [plan.covariate(id) for id in ids], fill=False)
    return MeanFilled(columns.values)


def _imputation(outcome: str, plan: Plan, data: TrialData) -> MixtureData:
    months, n = len(plan.months), len(data.people)
    person, visit = np.repeat(np.arange(n), months), np.tile(np.arange(months), n)
    cells = designs.arm_by_month(plan, data.people["arm"].to_numpy()[person], visit)
    columns = designs.pattern_cells(plan, data, person, cells).values
    return MixtureData(
        columns.reshape(n, months, -1),
        _unfilled(plan, data, designs.with_own_baseline(plan.models.imputation, outcome, plan)),
        data.reduction[outcome],
        cutoff(data, plan, outcome),
    )
