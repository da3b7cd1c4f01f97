"""The report's section on sensitivity: parts with sentences, figures and tables."""

from collections.abc import Callable
from dataclasses import dataclass

from trialrr.present import labels, sentences
from trialrr.present.source import Results


@dataclass(frozen=True)
class Part:
    """A heading with what stands under it, in this order: sentences, figures, tables."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    figures: tuple[str, ...]
    tables: tuple[str, ...]


_PARTS: tuple[tuple[str, tuple[Callable[[Results], list[str]], ...], tuple, tuple], ...] = (
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


def parts(results: Results, figures, tables) -> list[Part]:
    """Parts that have one of the `figures` or `tables` that were made (ids)."""
    found = []
    for heading, said, shown, listed in _PARTS:
        shown = tuple(id for id in shown if id in figures)
        listed = tuple(id for id in listed if id in tables)
        if shown or listed:
            text = tuple(text for say in said for text in say(results))
            found.append(Part(heading.lower().replace(" ", "-"), heading, text, shown, listed))
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
}
"""Kind of analysis → quantity whose `method` says how it is done."""


def methods(results: Results) -> list[tuple[str, str]]:
    """Kind and method of each kind of analysis that the results have, from their rows."""
    found = []
    for kind, quantity in METHODS.items():
        rows = (r for entry in results.entries(kind) for r in results.rows(entry["id"], quantity))
        if row := next(rows, None):
            text = row.method.removeprefix("count: ")
            found.append((labels.kind(kind), f"{text[:1].upper()}{text[1:]}."))
    return found
