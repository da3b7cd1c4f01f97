"""What people took of their treatment, and through what it works."""

from trialrr.analyses.base import Kind
from trialrr.analyses.treatment.entries import Adherence, Compliers, Mediation, PerProtocol

KINDS = (
    Kind(Adherence, ".adherence"),
    Kind(Compliers, ".compliers"),
    Kind(PerProtocol, ".per_protocol"),
    Kind(Mediation, ".mediation", streams=("bootstrap",)),
)
