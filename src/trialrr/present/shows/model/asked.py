"""What plans ask of fits to be shown: which outcomes, in which form, and whether at all."""

from trialrr.plan import Entry, Plan

SCORED = ("primary", "secondary")
"""Roles of the outcomes whose scores the table `secondary` shows; one without a role is primary."""


def active_arms(plan: Plan) -> bool:
    """True if some comparisons of the plan are with the reference arm and some are not."""
    seconds = [second for _, second in plan.contrasts]
    return 0 < seconds.count(plan.reference) < len(seconds)


def scores(plan: Plan) -> bool:
    """True if a score of the outcomes SCORED is analyzed."""
    return any(scored(plan, outcome) for outcome in in_role(plan, *SCORED))


def scores_twice(plan: Plan) -> bool:
    """True if a score of the outcomes SCORED is analyzed in more than one way."""
    return any(len(scored(plan, outcome)) > 1 for outcome in in_role(plan, *SCORED))


def scored(plan: Plan, outcome: str) -> list[Entry]:
    """Entries of the plan that analyze the outcome as a score, in the plan's order."""
    return [a for a in plan.analyses if _scores(a) and outcome in a.outcomes]


def explored(plan: Plan) -> list[tuple[str, Entry]]:
    """Each exploratory outcome with the entries that analyze it, in either form."""
    return [
        (outcome, entry)
        for outcome in in_role(plan, "exploratory")
        for entry in plan.analyses
        if entry.kind in ("model", "mmrm") and outcome in entry.outcomes
    ]


def in_role(plan: Plan, *roles: str) -> list[str]:
    """Ids of the outcomes of the plan with one of these roles; one without a role is primary."""
    return [o.id for o in plan.outcomes if (o.role or "primary") in roles]


def _scores(entry: Entry) -> bool:
    return entry.kind == "mmrm" or (entry.kind == "model" and entry.model == "linear")
