"""Tests of the plan's contrasts at one month under the plan's rule of multiplicity, as ARD rows."""

from collections.abc import Callable, Sequence

import numpy as np

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
    Where a test that the rule needs could not be done no contrast is tested, and the rows say why.

    omnibus_p : of the test of all arms together; estimates, counts : of each contrast in the plan's
    order, whose p-values are to be protected and what they rest on; row : makes a row of the ARD.
    """
    rule, alpha = plan.models.multiplicity, plan.models.alpha
    raw, rows = [e.p_value for e in estimates], []
    levels = [f"{one}:{other}" for one, other in plan.contrasts]
    if rule == "none":
        return []
    lacking = [level for level, p in zip(levels, raw, strict=True) if np.isnan(p)]
    reason = f"no test of {', '.join(lacking)}, without which the rule has no family of tests"
    if rule == "protected_lsd":
        lacking += ["all arms together"] if np.isnan(omnibus_p) else []
        tested = not lacking and protected_lsd(omnibus_p, raw, len(plan.arms), alpha).tested
        how = f"omnibus p below {alpha:g}, so tested at {alpha:g}"
        if lacking:
            how = reason = f"no test of {', '.join(lacking)}, so no protected test"
        elif not tested:
            how = reason = f"omnibus p not below {alpha:g}, so not tested"
        cells_of = {"quantity": "protected_test", "method": f"Fisher's protected LSD: {how}"}
        each = [{"statistic": e.statistic, "p_value": e.p_value} for e in estimates]
    else:
        words = rule.replace("_", " ").capitalize()
        text = f"{words} adjustment over the {len(raw)} contrasts of a month, in plan order"
        cells_of = {"quantity": "adjusted_test", "method": text}
        tested = not lacking
        each = [{"p_value": float(p)} for p in adjust(raw, rule)] if tested else raw
    for level, cells, numbers in zip(levels, counts, each, strict=True):
        found = numbers if tested else {"reason": reason}
        rows.append(row(level=level, **cells_of, **found, **cells))
    return rows
