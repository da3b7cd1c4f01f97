"""The outcome model itself: one fit, its mixed-model counterpart, and its effects in subgroups."""

from trialrr.analyses.base import ALL_MODES, BY_MODEL, ESTIMATE, SCORE, Kind, Needs
from trialrr.analyses.procedure.engines import RISKS_AT_MEANS
from trialrr.plan.kinds import Analysis, Mmrm, Subgroups

KINDS = (
    Kind(
        "model",
        Analysis,
        "trialrr.analyses.model.single_fit",
        stage=ESTIMATE,
        needs=Needs(form=BY_MODEL, missing_covariates=ALL_MODES),
    ),
    Kind(
        "mmrm",
        Mmrm,
        "trialrr.analyses.model.mmrm",
        needs=Needs(
            form=SCORE,
            missing_covariates=ALL_MODES,
            independent="the mixed model has people as independent units; use model: linear, which "
            "sums by cluster",
        ),
    ),
    Kind(
        "subgroups",
        Subgroups,
        "trialrr.analyses.model.subgroups",
        needs=Needs(of="model", engine=RISKS_AT_MEANS, missing_covariates=ALL_MODES),
    ),
)
