"""Tests of the plan's contrasts at one month under the plan's rule of multiplicity, as ARD rows."""

from collections.abc import Callable, Sequence

import numpy as np

from trialrr import ard
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

    omnibus_p : of the test of all arms together, NaN if that could not be done; estimates, counts :
    of each contrast in the plan's order, whose p-values are to be protected and what they rest on;
    row : makes a row of the ARD. A contrast that has no test of its own gets none here, for the
    same reason; in the family it counts as p = 1, so that it makes no other easier to reject.
    """
    rule = plan.models.multiplicity
    levels = ard.contrasts(plan)
    raw = np.array([e.p_value for e in estimates])
    family = np.where(np.isnan(raw), 1.0, raw)
    if rule == "none":
        return []
    if rule == "protected_lsd":
        opened, how = _opened(omnibus_p, family, plan)
        quantity, closed = "protected_test", "" if opened else how
        text = f"Fisher's protected LSD: {how}"
        tests = [{"statistic": e.statistic, "p_value": e.p_value} for e in estimates]
    else:
        words = rule.replace("_", " ").capitalize()
        text = f"{words} adjustment over the {len(raw)} contrasts of a month, in plan order"
        tests = [{"p_value": float(p)} for p in adjust(family, rule)]
        quantity, closed = "adjusted_test", ""
    rows = []
    for level, cells, e, numbers in zip(levels, counts, estimates, tests, strict=True):
        reason = closed or e.reason
        told = {"reason": reason} if reason else numbers
        rows.append(row(quantity=quantity, level=level, **told, **cells, method=text))
    return rows


def _opened(omnibus_p: float, family, plan: Plan) -> tuple[bool, str]:
    """Whether the omnibus test opens the pairs, and the same in words."""
    alpha = plan.models.alpha
    if np.isnan(omnibus_p):
        return False, "the arms together could not be tested, so not tested"
    if protected_lsd(omnibus_p, family, len(plan.arms), alpha).tested:
        return True, f"omnibus p below {alpha:g}, so tested at {alpha:g}"
    return False, f"omnibus p not below {alpha:g}, so not tested"
