"""The outcome model itself: one fit, its mixed-model counterpart, and its effects in subgroups."""

from trialrr.analyses.base import ESTIMATE, Kind
from trialrr.analyses.model.entries import Mmrm, Subgroups
from trialrr.analyses.procedure.entry import Analysis

KINDS = (
    Kind(Analysis, "trialrr.analyses.model.single_fit", stage=ESTIMATE),
    Kind(Mmrm, ".mmrm"),
    Kind(Subgroups, ".subgroups"),
)
