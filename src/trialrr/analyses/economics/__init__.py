"""What the treatment costs and what that buys."""

from trialrr.analyses.base import Kind
from trialrr.analyses.economics.entries import Economics

KINDS = (Kind(Economics, ".economics", streams=("bootstrap",)),)
