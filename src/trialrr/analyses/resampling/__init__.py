"""An analysis done again: on other samples, assignments, trials, people or thresholds."""

from trialrr.analyses.base import ALL_MODES, Kind, Needs
from trialrr.analyses.procedure.engines import RESAMPLED, SCORES, SIMULATED
from trialrr.plan.kinds import (
    Bootstrap,
    LeaveOneOut,
    Power,
    Rerandomization,
    ResponderCurve,
    Simulation,
    SpecificationCurve,
)

KINDS = (
    Kind(
        "bootstrap",
        Bootstrap,
        "trialrr.analyses.resampling.bootstrap",
        streams=("bootstrap",),
        needs=Needs(of="model", engine=RESAMPLED),
    ),
    Kind(
        "rerandomization",
        Rerandomization,
        "trialrr.analyses.resampling.rerandomization",
        streams=("rerandomization",),
        needs=Needs(of="model", engine=SCORES, randomization=True),
    ),
    Kind(
        "specification_curve",
        SpecificationCurve,
        "trialrr.analyses.resampling.specification_curve",
        streams=("rerandomization", "imputation"),
        needs=Needs(randomization=True),
    ),
    Kind(
        "simulation",
        Simulation,
        "trialrr.analyses.resampling.simulation",
        streams=("trials",),
        needs=Needs(of="model", engine=SIMULATED),
    ),
    Kind(
        "power",
        Power,
        "trialrr.analyses.resampling.power",
        streams=("trials",),
        needs=Needs(
            form="",
            missing_covariates=ALL_MODES,
            independent="simulated people are independent, so the power would be too high; leave "
            "the entry out",
        ),
    ),
    Kind(
        "leave_one_out",
        LeaveOneOut,
        "trialrr.analyses.resampling.leave_one_out",
        needs=Needs(of="model", missing_covariates=ALL_MODES),
    ),
    Kind(
        "responder_curve",
        ResponderCurve,
        "trialrr.analyses.resampling.responder_curve",
        needs=Needs(score=True, of="model", missing_covariates=ALL_MODES),
    ),
)
