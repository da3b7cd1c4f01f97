"""Which analyses the figures and tables of fits rest on, in the order of the plan."""

from collections.abc import Iterable

from trialrr.present.results import Results
from trialrr.present.shows.model import asked


def primary(results: Results) -> list[str]:
    """The primary analysis."""
    return [results.primary.analysis]


def primary_outcome(results: Results) -> list[str]:
    """Those with a relative risk of the primary outcome at its month."""
    return results.analyses_of(results.primary.outcome, results.primary.month)


def headline_outcomes(results: Results) -> list[str]:
    """Those with a relative risk of an outcome of the primary analysis."""
    return _ordered(
        results,
        (
            analysis
            for outcome in results.headline_outcomes
            for month in results.months_of(outcome)
            for analysis in results.analyses_of(outcome, month)
        ),
    )


def scores(results: Results) -> list[str]:
    """Those of a score of a primary or secondary outcome."""
    outcomes = asked.in_role(results.plan, *asked.SCORED)
    return _ordered(results, (a.id for o in outcomes for a in asked.scored(results.plan, o)))


def exploratory_outcomes(results: Results) -> list[str]:
    """Those of an exploratory outcome, outcome by outcome."""
    return list(dict.fromkeys(entry.id for _, entry in asked.explored(results.plan)))


def _ordered(results: Results, analyses: Iterable[str]) -> list[str]:
    found = set(analyses)
    return [analysis for analysis in results.analyses if analysis in found]
