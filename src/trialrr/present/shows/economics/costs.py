"""Costs and effects of one analysis, as the results have them, and their words."""

from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from trialrr.analyses.economics.entries import Economics
from trialrr.ard import Subgroup, arms_of
from trialrr.present.kit import style
from trialrr.present.results import Results
from trialrr.present.words import money, numbers

EFFECTS = {
    "qaly": ("Quality-adjusted life-years", "QALY"),
    "responder": ("Responders", "responder"),
}
"""Outcome of the results → heading of its column, and one of it."""
PRICE = "willingness_to_pay"


@dataclass(frozen=True)
class Case:
    """The results of one analysis. entry : of the plan; results : all of them."""

    results: Results
    entry: Economics

    def difference(self, outcome: str, level: str) -> SimpleNamespace | None:
        """Row of a difference with its bootstrap standard error, as costs are."""
        keys = dict(outcome=outcome, level=level, subgroup="")
        found = self.results.rows(self.entry.id, "mean_difference_percentile", **keys)
        return next((r for r in found if not numbers.missing(r.estimate)), None)

    def correlation(self, effect: str, level: str) -> float:
        """Of cost and effect over the bootstrap samples; NaN if there is none."""
        keys = dict(outcome=effect, level=level, subgroup="")
        found = self.results.rows(self.entry.id, "correlation", **keys)
        return found[0].estimate if found else float("nan")

    def curve(self, effect: str, level: str) -> list[tuple[float, SimpleNamespace]]:
        """(willingness to pay, row) of acceptability, costs as they are, in order."""
        rows = self.results.rows(self.entry.id, "acceptability", outcome=effect, level=level)
        found = [
            (float(Subgroup.read(row.subgroup)[PRICE]), row)
            for row in rows
            if set(Subgroup.read(row.subgroup)) == {PRICE} and not numbers.missing(row.estimate)
        ]
        return sorted(found, key=lambda pair: pair[0])

    @property
    def effects(self) -> list[str]:
        """Effects that have a curve."""
        levels = [*self.results.contrasts, *self.results.arms]
        return [e for e in EFFECTS if any(self.curve(e, level) for level in levels)]

    @property
    def currency(self) -> str:
        return self.entry.currency

    def prices(self, effect: str) -> list[float]:
        """Smallest and largest willingness to pay."""
        levels = [*self.results.contrasts, *self.results.arms]
        every = [price for level in levels for price, _ in self.curve(effect, level)]
        return sorted({min(every), max(every)})


def look(results: Results, contrast: str) -> tuple[int, tuple]:
    """Which color and marker, and which dashes: of the first arm against the reference, else one
    that no arm has."""
    first, second = arms_of(contrast)
    rank = results.arms.index(first)
    if second != results.plan.reference:
        others = [c for c in results.contrasts if c not in results.against_reference]
        rank = len(results.arms) + others.index(contrast)
    return rank, style.dashes(rank)


def note(case: Case) -> str:
    prices = " and ".join(money.tick(p) for p in case.prices(case.effects[0]))
    outcome = case.results.outcome(case.entry.outcomes[0])
    month = case.results.visit(case.entry.month)
    return (
        f"{outcome}, {month}. Ellipses hold {case.results.level} of the bootstrap distribution."
        " Right of and below a dotted line the net benefit is positive at a willingness to pay of"
        f" {prices} {case.currency}."
    )


def said(case: Case, effect: str) -> list[str]:
    """The column in sentences: differences, then acceptability at both ends."""
    sentences = []
    for contrast in case.results.contrasts:
        cost, gain = case.difference("cost", contrast), case.difference(effect, contrast)
        texts = []
        if cost and gain:
            texts.append(
                f"cost {numbers.interval(cost.estimate, cost.lower, cost.upper, money.amount)}"
            )
            form = numbers.percent if effect == "responder" else partial(numbers.fixed, places=3)
            words = EFFECTS[effect][0].lower()
            texts.append(f"{words} {numbers.interval(gain.estimate, gain.lower, gain.upper, form)}")
        curve = case.curve(effect, contrast)
        if curve:
            ends = dict.fromkeys([curve[0][0], curve[-1][0]])
            found = dict(curve)
            at = (f"{numbers.percent(found[p].estimate)}% at {money.tick(p)}" for p in ends)
            texts.append(f"net benefit positive in {', '.join(at)} per {EFFECTS[effect][1]}")
        if texts:
            sentences.append(f"{case.results.contrast(contrast)}: {'; '.join(texts)}.")
    return sentences
