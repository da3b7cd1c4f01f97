"""What is assumed of missing outcomes, and how far results depend on it."""

from trialrr.analyses.base import Kind, Needs
from trialrr.analyses.procedure.engines import WEIGHTED
from trialrr.plan.kinds import (
    Balance,
    Delta,
    InformativeOdds,
    MultipleImputation,
    ReferenceBased,
    SelectedCovariates,
)

KINDS = (
    Kind(
        "multiple_imputation",
        MultipleImputation,
        "trialrr.analyses.missing.multiple_imputation",
        streams=("imputation",),
        needs=Needs(score=True),
    ),
    Kind(
        "delta",
        Delta,
        "trialrr.analyses.missing.delta",
        streams=("imputation",),
        needs=Needs(score=True, of="multiple_imputation"),
    ),
    Kind(
        "informative_odds",
        InformativeOdds,
        "trialrr.analyses.missing.informative_odds",
        needs=Needs(score=True),
    ),
    Kind(
        "reference_based",
        ReferenceBased,
        "trialrr.analyses.missing.reference_based",
        streams=("posterior", "imputation", "bootstrap"),
        needs=Needs(score=True),
    ),
    Kind(
        "selected_covariates",
        SelectedCovariates,
        "trialrr.analyses.missing.selected_covariates",
        needs=Needs(of="model"),
    ),
    Kind(
        "balance",
        Balance,
        "trialrr.analyses.missing.balance",
        needs=Needs(of="model", engine=WEIGHTED),
    ),
)
