"""Which estimand each row of the ARD is about (ICH E9(R1))."""

from collections.abc import Mapping

import pandas as pd

from trialrr.plan import DESCRIPTIVE

DESCRIBED = ("flow", "baseline", "follow_up", "observed", "clusters", "safety")
"""Analyses that no plan lists and that estimate nothing: they describe who took part."""
BEHIND_THE_PRIMARY = ("imputation_model", "response_model")
"""Models that serve the primary analysis."""


def named(table: pd.DataFrame, estimands: Mapping[str, str]) -> pd.DataFrame:
    """The ARD `table` with its column `estimand` filled.

    estimands : analysis → estimand, "" → that of the primary analysis, as `plan.estimands` has it.
    Raises ValueError naming every analysis that names none.
    """
    known = dict(estimands)
    known |= dict.fromkeys(DESCRIBED, DESCRIPTIVE)
    known |= dict.fromkeys(BEHIND_THE_PRIMARY, estimands.get("", ""))
    found = table["analysis"].map(known).fillna("")
    nameless = sorted(set(table.loc[found == "", "analysis"]))
    if nameless:
        raise ValueError(
            f"no estimand for {', '.join(nameless)}: every result says what it estimates; add the "
            "key `estimand` to these analyses of the plan, an id of its section `estimands` or "
            f"`{DESCRIPTIVE}`"
        )
    return table.assign(estimand=found)
