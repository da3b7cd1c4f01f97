"""Which figures and tables a plan asks for, from the plan alone: quick to import, draws nothing."""

from trialrr import trials
from trialrr.plan import Entry, Plan

WIDTHS = {"": 7.0, "_column": 3.3}
"""Ending of the name of a figure's files → its width, in inches: that of a journal's page, and that
of one of its columns."""

FIGURES = {
    "specification_curve": "specification_curve",
    "tipping": "delta",
    "informative_odds": "informative_odds",
    "imputation_diagnostics": "multiple_imputation",
    "balance": "balance",
    "responder_curve": "responder_curve",
    "subgroups": "subgroups",
    "cost_effectiveness": "economics",
}
"""Figure → kind of analysis that it shows, in the order of the report."""

DRAWN = {
    "specification_curve": "risk_ratio",
    "tipping": "risk_ratio",
    "informative_odds": "risk_ratio",
    "imputation_diagnostics": "chain_mean",
    "balance": "standardized_difference",
    "responder_curve": "risk_ratio",
    "subgroups": "risk_ratio",
    "cost_effectiveness": "acceptability",
}
"""Figure → quantity without which it is not drawn."""

COUNTED = {
    "missingness": ("follow_up", "events", "seen"),
    "change_distribution": ("observed", "events", "change"),
    "clusters": ("clusters", "risk", "cluster"),
}
"""Figure of counts that no entry of the plan asks for → analysis, quantity and name in the
subgroup of the rows that it shows."""

TABLES = {
    "missing_data": ("multiple_imputation", "reference_based", "delta", "informative_odds"),
    "bootstrap": ("bootstrap",),
    "rerandomization": ("rerandomization",),
    "definitions": ("responder_curve", "leave_one_out"),
    "selected_covariates": ("selected_covariates",),
    "operating_characteristics": ("power", "simulation"),
}
"""Table on the sensitivity of the result → kinds of analyses that it shows, in the order of the
report."""

TABLES_APART = {
    "subgroups": ("subgroups",),
    "mediation": ("mediation",),
    "adherence": ("adherence",),
    "compliers": ("compliers", "per_protocol"),
    "economics": ("economics",),
}
"""Table with a section of its own → kinds of analyses that it shows."""

FORMATS = ("csv", "html", "tex", "rtf", "docx")
"""Kinds of files that every table is written as."""

EXPLORED = ("specification_curve", "delta", "informative_odds", "responder_curve")
"""Kinds of analyses that the notebook `sensitivity_explorer` looks things up in."""

SCORED = ("primary", "secondary")
"""Roles of the outcomes whose scores the table `secondary` shows; one without a role is primary."""


PUBLISHED = "published_vs_reproduced"
"""Figure, table and notebook of a trial with published numbers."""


def figures(plan: Plan) -> list[str]:
    """Ids of the figures of a trial with this plan, in the order of the report."""
    kinds, counts = _kinds(plan), counted(plan)
    shown = ["participant_flow", *(id for id in ("missingness",) if id in counts), "percentages"]
    shown += [id for id in ("change_distribution",) if id in counts]
    shown += ["forest", *(["forest_active"] if _active(plan) else [])]
    shown += [id for id in ("clusters",) if id in counts]
    shown += [figure for figure, kind in FIGURES.items() if kind in kinds]
    return shown + ([PUBLISHED] if plan.published else [])


def counted(plan: Plan) -> list[str]:
    """Ids of the figures of COUNTED that a trial with this plan has: with several visits who was
    seen when, with a primary outcome that is a drop in score by how much, and with arms whose
    people share something, by that."""
    primary = plan.primary.outcome
    drop = any(o.id == primary and o.threshold is not None for o in plan.outcomes)
    asked = (len(plan.visits) > 1, drop, _shared(plan))
    return [figure for figure, wanted in zip(COUNTED, asked, strict=True) if wanted]


def tables(plan: Plan) -> list[str]:
    """Ids of the tables of a trial with this plan, in the order of the report."""
    kinds = _kinds(plan)
    shown = ["flow", "baseline", "primary", "sensitivity"]
    shown += [table for table, of in TABLES.items() if kinds & set(of)]
    scores = [len(scored(plan, outcome)) for outcome in in_role(plan, *SCORED)]
    shown += ["secondary"] if any(scores) else []
    shown += ["secondary_analyses"] if max(scores, default=0) > 1 else []
    shown += ["exploratory"] if explored(plan) else []
    shown += [table for table in ("subgroups", "mediation") if kinds & set(TABLES_APART[table])]
    shown += [table for table in ("adherence", "compliers") if kinds & set(TABLES_APART[table])]
    described = trials.of(plan.data).described if plan.data.route else ()
    shown += ["safety"] if "safety" in described else []
    shown += ["economics"] if "economics" in kinds else []
    if plan.published:
        shown.append(PUBLISHED)
        if plan.data.origin == "synthetic":
            shown += ["calibration_counts", "calibration"]
    return shown + [table for table in ("estimands", "deviations") if getattr(plan, table)]


def drawn_as(plan: Plan) -> list[str]:
    """Kinds of files that every figure is written as. A quick run has those of the report."""
    return ["svg"] if plan.quick else ["svg", "png", "pdf"]


def notebooks(plan: Plan) -> list[str]:
    """Names of the notebooks that make sense for a trial with this plan. A quick run, which is for
    trying things out, executes one."""
    if plan.quick:
        return ["primary_result"]
    shown = ["data_quality", "primary_result"]
    shown += ["sensitivity_explorer"] if _kinds(plan) & set(EXPLORED) else []
    shown += [PUBLISHED] if plan.published else []
    return shown + (["few_clusters"] if _shared(plan) else [])


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


def _shared(plan: Plan) -> bool:
    """True if people of an arm share something."""
    return any(arm.clusters != "person" for arm in plan.arms)


def _active(plan: Plan) -> bool:
    """True if some comparisons of the plan are with the reference arm and some are not."""
    seconds = [second for _, second in plan.contrasts]
    return 0 < seconds.count(plan.reference) < len(seconds)


def _scores(entry: Entry) -> bool:
    return entry.kind == "mmrm" or (entry.kind == "model" and entry.model == "linear")


def _kinds(plan: Plan) -> set[str]:
    return {entry.kind for entry in plan.analyses}
