"""What people took of their treatment, and through what it works."""

from trialrr.analyses.base import ALL_MODES, Kind, Needs
from trialrr.analyses.procedure.engines import (
    OBSERVED_PEOPLE,
    RISKS_AT_MEANS,
    RISKS_OF_WHO_TOOK_IT,
)
from trialrr.plan.kinds import Adherence, Compliers, Mediation, PerProtocol

OFFERED_IN_WHOLE_ARMS = (("whole_arms",), ("not_in_arms",))

KINDS = (
    Kind(
        "adherence",
        Adherence,
        "trialrr.analyses.treatment.adherence",
        needs=Needs(missing_covariates=ALL_MODES, took=(("whole_arms", "whole_numbers"), ())),
    ),
    Kind(
        "compliers",
        Compliers,
        "trialrr.analyses.treatment.compliers",
        needs=Needs(of="model", engine=RISKS_AT_MEANS, took=OFFERED_IN_WHOLE_ARMS),
    ),
    Kind(
        "per_protocol",
        PerProtocol,
        "trialrr.analyses.treatment.per_protocol",
        needs=Needs(of="model", engine=RISKS_OF_WHO_TOOK_IT, took=OFFERED_IN_WHOLE_ARMS),
    ),
    Kind(
        "mediation",
        Mediation,
        "trialrr.analyses.treatment.mediation",
        streams=("bootstrap",),
        needs=Needs(of="model", engine=OBSERVED_PEOPLE),
    ),
)
