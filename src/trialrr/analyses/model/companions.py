"""Plain companions of a model: tests and ratios from tables of counts, stratified and not."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from trialrr import ard
from trialrr.analyses.procedure.designs import nested_arms
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import Result
from trialrr.ard import Contrast
from trialrr.data import written
from trialrr.estimate import tables
from trialrr.estimate.identified import unidentified
from trialrr.estimate.tables import NotEstimable
from trialrr.plan import Plan


def companion_rows(result: Result, entry: Analysis, outcome: str, plan: Plan) -> list[dict]:
    """ARD rows of Fisher's exact test of each contrast at each month, and over the levels of the
    entry's `companions` column the Mantel-Haenszel risk ratio and the Cochran-Mantel-Haenszel test.

    They count the people analyzed, each once, as if they were independent: where those of an arm
    share something by the plan the rows are flagged, and where they share one cluster there is no
    interval and no test; an arm of one person has no interval. A quantity that the counts cannot
    give has a row without numbers and with the reason.
    """
    if not entry.companions:
        return []
    people, analyzed = result.data.people, result.analyzed
    arm = people["arm"].to_numpy()[analyzed.person]
    cluster = result.clusters.labels[analyzed.person]
    shared = {a: word for a, word in nested_arms(entry, plan).items() if word != "person"}
    stratum = pd.factorize(written(people[entry.companions]), sort=True)[0][analyzed.person]
    rows = []
    for j, month in enumerate(plan.months):
        for one, other in plan.contrasts:
            here = (analyzed.visit == j) & np.isin(arm, (one, other))
            levels = [here & (stratum == s) for s in sorted(set(stratum[here]))]
            strata = np.array([_table(arm[s], analyzed.outcome[s], (one, other)) for s in levels])
            strata = strata.reshape(-1, 2, 2)
            of = {a: shared[a] for a in (one, other) if a in shared}
            counted = {a: len(np.unique(cluster[here & (arm == a)])) for a in (one, other)}
            few = unidentified(1.0, None, counted)
            of_tests = unidentified(1.0, None, {a: counted[a] for a in of})
            cells = {
                "analysis": entry.id,
                "outcome": outcome,
                "month": month,
                "level": Contrast(one, other),
                "status": entry.status,
                "n": int(strata.sum()),
                "events": int(strata[:, :, 0].sum()),
                "flag": "" if of_tests else _flag(of),
            }
            over = f"over {len(strata)} levels of {entry.companions}"
            rows += [
                _row("fisher_exact", "Fisher's exact test", _fisher, strata, of_tests, cells),
                _row(
                    "mantel_haenszel_risk_ratio",
                    f"Mantel-Haenszel risk ratio {over}, Greenland-Robins variance; z",
                    partial(_common_ratio, alpha=plan.models.alpha),
                    strata,
                    few,
                    cells,
                ),
                _row(
                    "cochran_mantel_haenszel",
                    f"Cochran-Mantel-Haenszel test {over}, no continuity correction",
                    _cmh,
                    strata,
                    of_tests,
                    cells,
                ),
            ]
    return rows


def _table(arm, outcome, pair) -> list[list[int]]:
    """Counts with and without the event, a row an arm."""
    return [
        [int(((arm == a) & (outcome == 1)).sum()), int(((arm == a) & (outcome == 0)).sum())]
        for a in pair
    ]


def _flag(shared: dict[str, str]) -> str:
    """That people count as independent though those of some arms share something. shared : arm →
    what they share."""
    words = " and ".join(f"those of arm {arm} share a {word}" for arm, word in shared.items())
    text = "tests and ratios from tables of counts take people as independent, though {}: too sure"
    return text.format(words) if shared else ""


def _row(quantity: str, text: str, compute: Callable, strata, why: str, cells: dict) -> dict:
    """The numbers that `compute` makes of the strata, or the reason why there are none. why : no
    interval and no test; the estimate stands."""
    try:
        numbers = compute(strata)
    except NotEstimable as error:
        numbers, why = {}, str(error)
    if why:
        numbers = {"estimate": numbers.get("estimate", np.nan), "reason": why}
    return ard.row(quantity=quantity, method=text, **numbers, **cells)


def _fisher(strata) -> dict:
    return {"p_value": tables.fisher_exact(strata.sum(axis=0))}


def _common_ratio(strata, alpha: float) -> dict:
    e = tables.mantel_haenszel_risk_ratio(strata, alpha)
    names = ("estimate", "std_error", "scale", "lower", "upper", "statistic", "p_value")
    return {name: getattr(e, name) for name in names}


def _cmh(strata) -> dict:
    test = tables.cochran_mantel_haenszel(strata)
    return {"statistic": test.statistic, "df": test.df, "p_value": test.p_value}
