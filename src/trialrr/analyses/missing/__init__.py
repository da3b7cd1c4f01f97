"""What is assumed of missing outcomes, and how far results depend on it."""

from trialrr.analyses.base import Kind
from trialrr.analyses.missing.entries import (
    Balance,
    Delta,
    InformativeOdds,
    MultipleImputation,
    ReferenceBased,
    SelectedCovariates,
)

KINDS = (
    Kind(MultipleImputation, ".multiple_imputation", streams=("imputation",)),
    Kind(Delta, ".delta", streams=("imputation",)),
    Kind(InformativeOdds, ".informative_odds"),
    Kind(ReferenceBased, ".reference_based", streams=("posterior", "imputation", "bootstrap")),
    Kind(SelectedCovariates, ".selected_covariates"),
    Kind(Balance, ".balance"),
)
