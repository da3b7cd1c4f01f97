"""Which figures and tables a plan asks for, from the plan alone: quick to import, draws nothing."""

FIGURES = {
    "specification_curve": "specification_curve",
    "delta": "tipping",
    "informative_odds": "informative_odds",
    "multiple_imputation": "imputation_diagnostics",
    "balance": "balance",
    "responder_curve": "responder_curve",
}
"""Kind of analysis → the figure that shows it, in the order of the report."""

DRAWN = {
    "specification_curve": "risk_ratio",
    "delta": "risk_ratio",
    "informative_odds": "risk_ratio",
    "multiple_imputation": "chain_mean",
    "balance": "standardized_difference",
    "responder_curve": "risk_ratio",
}
"""Kind of analysis → quantity without which its figure is not drawn."""

TABLES = {
    "missing_data": ("multiple_imputation", "reference_based", "delta", "informative_odds"),
    "bootstrap": ("bootstrap",),
    "rerandomization": ("rerandomization",),
    "definitions": ("responder_curve", "leave_one_out"),
    "selected_covariates": ("selected_covariates",),
    "operating_characteristics": ("power", "simulation"),
}
"""Table → kinds of analyses that it shows, in the order of the report."""


def figures(document: dict) -> list[str]:
    """Ids of the figures of a trial with this plan, in the order of the report."""
    kinds = _kinds(document)
    shown = ["participant_flow", "percentages", "forest"]
    shown += [figure for kind, figure in FIGURES.items() if kind in kinds]
    return shown + (["published_vs_reproduced"] if document.get("published") else [])


def tables(document: dict) -> list[str]:
    """Ids of the tables of a trial with this plan, in the order of the report."""
    kinds, data = _kinds(document), document.get("data", {})
    shown = ["flow", "baseline", "primary", "sensitivity"]
    shown += [table for table, of in TABLES.items() if kinds & set(of)]
    shown += ["safety"] if data.get("route") == "resolve" else []
    if document.get("published"):
        shown.append("published_vs_reproduced")
        if data.get("origin") == "synthetic":
            shown += ["calibration_counts", "calibration"]
    return shown


def _kinds(document: dict) -> set[str]:
    return {entry.get("kind", "model") for entry in document["analyses"]}
