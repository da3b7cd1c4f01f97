"""An analysis done again: on other samples, assignments, trials, people or thresholds."""

from trialrr.analyses.base import Kind
from trialrr.analyses.resampling.entries import (
    Bootstrap,
    LeaveOneOut,
    Power,
    Rerandomization,
    ResponderCurve,
    Simulation,
    SpecificationCurve,
)

KINDS = (
    Kind(Bootstrap, ".bootstrap", streams=("bootstrap",)),
    Kind(Rerandomization, ".rerandomization", streams=("rerandomization",)),
    Kind(SpecificationCurve, ".specification_curve", streams=("rerandomization", "imputation")),
    Kind(Simulation, ".simulation", streams=("trials",)),
    Kind(Power, ".power", streams=("trials",)),
    Kind(LeaveOneOut, ".leave_one_out"),
    Kind(ResponderCurve, ".responder_curve"),
)
