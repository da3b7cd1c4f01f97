"""Which counts and texts a plan asks to be shown."""

from trialrr import trials
from trialrr.plan import Plan


def several_visits(plan: Plan) -> bool:
    """True if people are seen more than once, so that it is of interest who was seen when."""
    return len(plan.visits) > 1


def a_drop(plan: Plan) -> bool:
    """True if the primary outcome is a drop in score, so that it is of interest by how much."""
    primary = plan.primary.outcome
    return any(o.id == primary and o.threshold is not None for o in plan.outcomes)


def shared(plan: Plan) -> bool:
    """True if people of an arm share something."""
    return any(arm.clusters != "person" for arm in plan.arms)


def safety(plan: Plan) -> bool:
    """True if the trial counts events of safety."""
    return bool(plan.data.route) and "safety" in trials.of(plan.data).described


def published(plan: Plan) -> bool:
    """True if there are published numbers to compare with."""
    return bool(plan.published)


def calibrated(plan: Plan) -> bool:
    """True if the data were made to meet published numbers."""
    return bool(plan.published) and plan.data.origin == "synthetic"


def estimands(plan: Plan) -> bool:
    """True if the plan tells estimands."""
    return bool(plan.estimands)


def deviations(plan: Plan) -> bool:
    """True if the plan tells deviations."""
    return bool(plan.deviations)
