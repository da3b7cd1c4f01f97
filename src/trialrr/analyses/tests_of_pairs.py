"""Tests of the plan's contrasts at one month under the plan's rule of multiplicity, as ARD rows."""

from collections.abc import Callable, Sequence

from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.multiplicity import adjust, protected_lsd
from trialrr.plan import Plan


def pair_rows(
    plan: Plan,
    omnibus_p: float,
    estimates: Sequence[Estimate],
    counts: Sequence[dict],
    row: Callable[..., dict],
) -> list[dict]:
    """Rows `protected_test` or `adjusted_test` of the contrasts, none where the plan has no rule.

    omnibus_p : of the test of all arms together; estimates, counts : of each contrast in the plan's
    order, whose p-values are to be protected and what they rest on; row : makes a row of the ARD.
    """
    rule, alpha = plan.models.multiplicity, plan.models.alpha
    raw, rows = [e.p_value for e in estimates], []
    levels = [f"{one}:{other}" for one, other in plan.contrasts]
    if rule == "protected_lsd":
        tested = protected_lsd(omnibus_p, raw, len(plan.arms), alpha).tested
        how = (
            f"omnibus p below {alpha:g}, so tested at {alpha:g}"
            if tested
            else f"omnibus p not below {alpha:g}, so not tested"
        )
        for level, cells, e in zip(levels, counts, estimates, strict=True):
            numbers = {"statistic": e.statistic, "p_value": e.p_value} if tested else {}
            text = f"Fisher's protected LSD: {how}"
            rows.append(
                row(quantity="protected_test", level=level, **numbers, **cells, method=text)
            )
    elif rule != "none":
        words = rule.replace("_", " ").capitalize()
        text = f"{words} adjustment over the {len(raw)} contrasts of a month, in plan order"
        for level, cells, p in zip(levels, counts, adjust(raw, rule), strict=True):
            rows.append(
                row(quantity="adjusted_test", level=level, p_value=float(p), **cells, method=text)
            )
    return rows
