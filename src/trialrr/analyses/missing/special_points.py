"""Other analyses of the trial as points of a map of assumptions: for each arm the assumption on its
missing outcomes with which it has the risk that the other analysis gives it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.risks import at_month
from trialrr.ard import Subgroup
from trialrr.missing.equivalent import equivalent
from trialrr.plan import Plan

Array = NDArray[np.float64]


WORDS = (
    "with which the arm has the risk that the analysis gives it, the map's other axis at random; "
    "linear between points of the grid; a lower or upper limit alone: beyond that end of the grid"
)


def equivalents(
    points: Sequence[str],
    outcome: str,
    plan: Plan,
    data: TrialData,
    curves: Mapping[str, tuple[Sequence[float], Array]],
) -> Iterator[dict]:
    """Cells `level`, `subgroup`, `estimate`, `lower`, `upper` or `reason` of each point and arm.

    curves : arm → values (k,), in any order, and its risk at the primary month by each (k,), the
    other axis of the map at random. Beyond the curve the estimate is missing, and one of the limits
    says beyond which end.
    """
    for id in points:
        entry = plan.analysis(id)
        risks = at_month(fit(entry, outcome, plan, data), entry, plan, plan.primary.month)
        for arm, (values, of_values) in curves.items():
            cells, own = {"level": arm, "subgroup": Subgroup.of(of=id)}, risks.risk(arm)
            known = np.isfinite(of_values)
            values, of_values = np.asarray(values)[known], np.asarray(of_values)[known]
            if len(values) < 2:
                yield cells | {"reason": "the map has fewer than two values on the arm's own axis"}
                continue
            if np.isnan(own.estimate):
                yield cells | {"reason": own.reason}
                continue
            order = np.argsort(values)
            found = equivalent(values[order], of_values[order], own.estimate)
            beyond = "the risk lies beyond the map, whose end is the limit given"
            yield cells | {
                "estimate": found.value,
                "lower": found.lower,
                "upper": found.upper,
                "reason": beyond if np.isnan(found.value) else "",
            }
