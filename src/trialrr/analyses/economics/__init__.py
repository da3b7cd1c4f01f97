"""What the treatment costs and what that buys."""

from trialrr.analyses.base import Kind, Needs
from trialrr.analyses.procedure.engines import COSTS_AND_EFFECTS
from trialrr.plan.kinds import Economics

KINDS = (
    Kind(
        "economics",
        Economics,
        "trialrr.analyses.economics.economics",
        streams=("bootstrap",),
        needs=Needs(of="model", engine=COSTS_AND_EFFECTS),
    ),
)
