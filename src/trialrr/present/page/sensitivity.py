"""Parts of the report that the plan may ask for, with sentences, figures and tables: those of the
section on sensitivity, and the sections of other outcomes and questions."""

from collections.abc import Callable
from dataclasses import dataclass

from trialrr.present.results import Results
from trialrr.present.words import introductions, labels, sentences


@dataclass(frozen=True)
class Part:
    """A heading with what stands under it, in this order: sentences, figures, tables."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    figures: tuple[str, ...]
    tables: tuple[str, ...]


_Asked = tuple[tuple[str, tuple[Callable[[Results], list[str]], ...], tuple, tuple], ...]

_PARTS: _Asked = (
    (
        "Missing outcomes",
        (sentences.tips, sentences.on_the_map, sentences.odds_tip),
        ("tipping", "informative_odds", "imputation_diagnostics", "balance"),
        ("missing_data",),
    ),
    (
        "Resampling",
        (sentences.bootstrap, sentences.rerandomization),
        (),
        ("bootstrap", "rerandomization"),
    ),
    (
        "Other definitions",
        (sentences.left_out,),
        ("responder_curve",),
        ("definitions", "selected_covariates"),
    ),
    ("All specifications together", (sentences.specifications,), ("specification_curve",), ()),
    (
        "Operating characteristics",
        (sentences.power, sentences.type_one_error),
        (),
        ("operating_characteristics",),
    ),
    ("What failed or was left out", (), (), ("failures",)),
)

_SECTIONS: _Asked = (
    ("Secondary outcomes", (introductions.secondary,), (), ("secondary", "secondary_analyses")),
    ("Exploratory outcomes", (introductions.exploratory,), (), ("exploratory",)),
    ("Subgroups", (introductions.subgroups,), ("subgroups",), ("subgroups",)),
    ("Mechanisms", (introductions.mechanisms,), (), ("mediation",)),
    ("Adherence", (introductions.adherence,), (), ("adherence", "compliers")),
    ("Safety", (introductions.safety,), (), ("safety",)),
    ("Economics", (introductions.economics,), ("cost_effectiveness",), ("economics",)),
)


def parts(results: Results, figures, tables) -> list[Part]:
    """Parts on sensitivity that have one of the `figures` or `tables` that were made (ids)."""
    return _made(_PARTS, results, figures, tables)


def sections(results: Results, figures, tables) -> list[Part]:
    """Sections after it that have one of the `figures` or `tables` that were made (ids)."""
    return _made(_SECTIONS, results, figures, tables)


def _made(asked: _Asked, results: Results, figures, tables) -> list[Part]:
    found = []
    for heading, said, drawn, listed in asked:
        drawn = tuple(id for id in drawn if id in figures)
        listed = tuple(id for id in listed if id in tables)
        if drawn or listed:
            text = tuple(text for say in said for text in say(results))
            found.append(Part(heading.lower().replace(" ", "-"), heading, text, drawn, listed))
    return found


METHODS = {
    "bootstrap": "risk_ratio",
    "multiple_imputation": "risk_ratio",
    "delta": "risk_ratio",
    "informative_odds": "risk_ratio",
    "reference_based": "risk_ratio",
    "rerandomization": "rerandomization_test",
    "leave_one_out": "risk_ratio",
    "responder_curve": "responder_share",
    "selected_covariates": "risk_ratio",
    "balance": "standardized_difference",
    "specification_curve": "median_risk_ratio",
    "power": "power",
    "simulation": "coverage",
    "mmrm": "mean_difference",
    "subgroups": "risk_ratio",
    "mediation": "proportion_mediated",
    "compliers": "risk_ratio",
    "per_protocol": "risk_ratio",
    "economics": "mean_difference_percentile",
}
"""Kind of analysis → quantity whose `method` says how it is done."""


def methods(results: Results) -> list[tuple[str, str]]:
    """Kind and method of each kind of analysis that the results have, from their rows; scores by
    estimating equations first."""
    found = []
    scores = (a.id for a in results.entries("model") if a.model == "linear")
    rows = (r for analysis in scores for r in results.rows(analysis, "mean_difference"))
    if row := next(rows, None):
        found.append(("Scores", f"{row.method[:1].upper()}{row.method[1:]}."))
    for kind, quantity in METHODS.items():
        rows = (r for entry in results.entries(kind) for r in results.rows(entry.id, quantity))
        if row := next(rows, None):
            found.append((labels.kind(kind), f"{row.method[:1].upper()}{row.method[1:]}."))
    return found
