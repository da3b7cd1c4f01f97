"""Costs against effects in a table: arms, comparisons, ratios, net benefits, acceptability."""

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace

from trialrr.analyses.economics.entries import Economics
from trialrr.ard import Subgroup
from trialrr.present.kit.table import Table, arm_note, build
from trialrr.present.results import Results
from trialrr.present.words import money, numbers

COSTS = {"": "costs as they are", "costs=winsorized": "costs winsorized"}
"""Subgroup of the results → words for the heading."""
EFFECTS = {"qaly": "QALY", "responder": "responder"}
PRICE = "willingness_to_pay"


def economics(results: Results) -> Table:
    """Means of arms and differences, ratios, net benefits at the smallest, the middle and the
    largest willingness to pay and how often they are positive, by costs as they are and winsorized.
    """
    rows = []
    for entry in results.entries("economics"):
        for subgroup, words in COSTS.items():
            heading = f"{results.analysis(entry.id)}, {words}"
            rows += [(heading, *cells) for cells in _of_costs(results, entry, subgroup)]
    columns = (
        *("Costs", "Measure"),
        *(f"{results.arm(arm)}" for arm in results.arms),
        *(results.contrast(contrast, short=True) for contrast in results.contrasts),
    )
    return build(
        results, "economics", "Costs against effects", columns, rows, _notes(results), grouped=1
    )


def _of_costs(results: Results, entry: Economics, subgroup: str) -> Iterator[tuple[str, ...]]:
    """Lines of one way to count costs: measure, a cell an arm, a cell a comparison."""
    get = partial(results.get, entry.id, month=entry.month)
    month = results.visit(entry.month)
    measures = [(f"Cost, {entry.currency}", "cost", money.amount, subgroup)]
    if not subgroup:
        measures.append(("QALYs", "qaly", partial(numbers.fixed, places=3), ""))
        measures.append((f"Responders, {month}, %", "responder", numbers.percent, ""))
    for words, outcome, form, of in measures:
        means = [get("mean", arm, outcome=outcome, subgroup=of) for arm in results.arms]
        differences = [
            get("mean_difference_percentile", level, outcome=outcome, subgroup=of)
            for level in results.contrasts
        ]
        if any([*means, *differences]):
            yield (words, *(_cell(row, form) for row in [*means, *differences]))
    blank = ("",) * len(results.arms)
    for effect, words in EFFECTS.items():
        ratios = [get("icer", c, outcome=effect, subgroup=subgroup) for c in results.contrasts]
        if not any(ratios):
            continue
        texts = (ratio(results, entry, row, subgroup) for row in ratios)
        yield (f"Cost per {words}, {entry.currency}", *blank, *texts)
        for price in shown_prices(results, entry, effect):
            at = Subgroup.read(subgroup) | Subgroup.of({PRICE: price})
            head = f"at {money.amount(float(price))} per {words}"
            benefits = [
                get("net_benefit_percentile", c, outcome=effect, subgroup=at)
                for c in results.contrasts
            ]
            yield (f"Net benefit {head}", *blank, *(_cell(row, money.amount) for row in benefits))
            shares = [
                get("acceptability", level, outcome=effect, subgroup=at)
                for level in [*results.arms, *results.contrasts]
            ]
            cells = (numbers.percent(r.estimate if r else None) for r in shares)
            yield (f"Acceptable {head}, %", *cells)


def shown_prices(results: Results, entry: Economics, effect: str) -> list[str]:
    """Smallest, middle and largest willingness to pay of the results, as they name them."""
    rows = results.rows(entry.id, "acceptability", outcome=effect)
    prices = sorted({Subgroup.read(row.subgroup)[PRICE] for row in rows}, key=float)
    places = dict.fromkeys([0, (len(prices) - 1) // 2, len(prices) - 1])
    return [prices[place] for place in places] if prices else []


def ratio(results: Results, entry: Economics, row: SimpleNamespace | None, subgroup: str) -> str:
    """A cost-effectiveness ratio where it can be read as one, else what the comparison does; an
    effect that may be zero, or a cost, is said to be uncertain."""
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING
    keys = dict(level=row.level, month=entry.month)
    get = partial(results.need, entry.id, "mean_difference_percentile", **keys)
    cost, gain = get(outcome="cost", subgroup=subgroup), get(outcome=row.outcome)
    saved = " saved, for less effect"
    if cost.estimate <= 0 < gain.estimate:
        words = "less cost, more effect"
    elif cost.estimate > 0 >= gain.estimate:
        words = "more cost, less effect"
    else:
        bounded = not numbers.missing(row.lower)
        words = _cell(row, money.amount) if bounded else money.amount(row.estimate)
        words += saved if gain.estimate <= 0 else ""
    if not numbers.missing(row.lower):
        return words
    unsure = {"cost": _unclear(cost), "effect": _unclear(gain)}
    named = " and ".join(name for name, unclear in unsure.items() if unclear)
    return f"{words}; {named} uncertain" if named else words


def _unclear(difference: SimpleNamespace) -> bool:
    """True if the interval of a difference holds zero, or if it has none."""
    return not (difference.lower > 0 or difference.upper < 0)


def _cell(row: SimpleNamespace | None, form: Callable) -> str:
    if row is None or numbers.missing(row.estimate):
        return numbers.MISSING
    return numbers.interval(row.estimate, row.lower, row.upper, form)


def _notes(results: Results) -> tuple[str, ...]:
    notes = [
        *arm_note(results),
        f"In brackets: {results.level} intervals, of means by the model (weights and filled values"
        " taken as known), of differences and net benefits percentiles of the bootstrap, of ratios"
        " by Fieller. A ratio has none where the effect may be zero, or where one arm costs more"
        " and helps less. Uncertain: the interval holds zero.",
        "Acceptable: of comparisons, share of bootstrap samples with a positive net benefit; of"
        " arms, share in which the arm has the highest of all.",
    ]
    for entry in results.entries("economics"):
        cuts = results.rows(entry.id, "winsorized_at")
        name = results.analysis(entry.id)
        for row in cuts:
            people = numbers.count(row.n)
            notes.append(
                f"{name}: costs above {money.amount(row.estimate)} ({people} people) set to it."
            )
        prices = [
            f"{_words(row.outcome)} {money.price(row.estimate)}"
            for row in results.rows(entry.id, "unit_cost")
        ]
        if prices:
            listed = "; ".join(prices)
            notes.append(f"{name}, assumed cost of one in {entry.currency}: {listed}.")
    return tuple(notes)


def _words(column: str) -> str:
    return column.removeprefix("n_").replace("_", " ")
