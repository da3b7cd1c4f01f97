"""Rows of an analysis of costs and effects as the analyses write them, from formulas."""

from itertools import product
from math import nan

ENTRY = {
    "id": "costs",
    "kind": "economics",
    "label": "Costs and effects in a year",
    "status": "exploratory",
    "outcomes": ["severity"],
    "of": "main",
    "month": "12",
    "utility": "eq5d_index",
    "currency": "US dollars",
}
PRICES = (30000, 50000, 75000, 100000)
COST = {"PT:UC": 412.4, "HC:UC": -1250.6, "HC:PT": -1663.0}
EFFECT = {
    "qaly": {"PT:UC": 0.0213, "HC:UC": -0.0081, "HC:PT": -0.0294},
    "responder": {"PT:UC": 0.0612, "HC:UC": 0.0975, "HC:PT": 0.0363},
}
ERROR = {"cost": 480.5, "qaly": 0.0072, "responder": 0.0234}
SHARES = {"PT:UC": 0.86, "HC:UC": 0.61, "HC:PT": 0.13, "PT": 0.52, "HC": 0.355, "UC": 0.125}


def rows(status="exploratory", contrasts=tuple(COST), arms=("PT", "HC", "UC")) -> list[dict]:
    """Every kind of row; of QALYs HC against UC saves for less effect, its effect uncertain."""
    made = []
    for subgroup, cut in (("", 1.0), ("costs=winsorized", 0.9)):
        made += _of_arms("cost", subgroup, 5000.5 * cut, arms)
        made += [_difference("cost", subgroup, c, cut * COST[c]) for c in contrasts]
        for effect, contrast in product(EFFECT, contrasts):
            made += _ratio(effect, subgroup, contrast, cut * COST[contrast])
        for effect, price in product(EFFECT, PRICES):
            at = "; ".join(filter(None, [subgroup, f"willingness_to_pay={price}"]))
            for level in (*contrasts, *arms):
                share = SHARES[level] * (1 - price / 2e6) * cut
                made.append(dict(outcome=effect, subgroup=at, level=level, estimate=share,
                                 quantity="acceptability", std_error=0.01,
                                 scale="identity"))  # fmt: skip
            for level in contrasts:
                value = price * EFFECT[effect][level] - cut * COST[level]
                made.append(_limits(value, 700.0) | dict(
                    outcome=effect, subgroup=at, level=level, quantity="net_benefit_percentile"
                ))  # fmt: skip
    for effect in EFFECT:
        made += _of_arms(effect, "", {"qaly": 0.6514, "responder": 0.3127}[effect], arms)
        made += [_difference(effect, "", c, EFFECT[effect][c]) for c in contrasts]
    made.append(dict(outcome="cost", subgroup="costs=winsorized", quantity="winsorized_at",
                     level="all", estimate=23456.7, n=23))  # fmt: skip
    for column, price in (("n_outpatient", 160.0), ("coach_minutes", 1.25)):
        made.append(dict(outcome=column, quantity="unit_cost", level="all", estimate=price))
    same = {"analysis": "costs", "month": "12", "status": status}
    return [same | row for row in made]


def _limits(value: float, error: float) -> dict:
    half = 1.96 * error
    limits = {"lower": value - half, "upper": value + half}
    return dict(estimate=value, std_error=error, scale="identity") | limits


def _of_arms(outcome, subgroup, size, arms) -> list[dict]:
    return [
        _limits(size * (1 + 0.04 * k), ERROR[outcome] / 2)
        | dict(outcome=outcome, subgroup=subgroup, quantity="mean", level=arm, n=700)
        for k, arm in enumerate(arms)
    ]


def _difference(outcome, subgroup, contrast, value) -> dict:
    where = dict(outcome=outcome, subgroup=subgroup, level=contrast)
    return _limits(value, ERROR[outcome]) | where | dict(quantity="mean_difference_percentile")


def _ratio(effect, subgroup, contrast, cost) -> list[dict]:
    gain, where = EFFECT[effect][contrast], dict(outcome=effect, level=contrast, subgroup=subgroup)
    row = dict(quantity="icer", estimate=cost / gain, lower=nan, upper=nan, method="limits")
    if abs(gain) < 1.96 * ERROR[effect]:
        row["reason"] = "the interval of the effect crosses zero"
    elif cost * gain > 0:
        row |= dict(lower=cost / gain - 9000.0, upper=cost / gain + 11000.0, method="limits")
    return [where | row, where | dict(quantity="correlation", estimate=-0.31)]
