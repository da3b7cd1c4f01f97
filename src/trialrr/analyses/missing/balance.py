"""Kind `balance`: do the people seen resemble everybody, before and after an entry's weights?"""

from functools import partial

import numpy as np

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.missing.entries import Balance
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.model import weights_of
from trialrr.ard import Subgroup
from trialrr.missing.balance import effective_n, standardized_differences
from trialrr.plan import Plan


def jobs(entry: Balance, plan: Plan, data: TrialData) -> list[Job]:
    """One pass over people."""
    return [partial(_rows, entry, plan, data)]


def _rows(entry: Balance, plan: Plan, data: TrialData) -> list[dict]:
    """`standardized_difference` of each column of the response model, over all and by arm, without
    and with the weights; `effective_n` of people seen, over all and by arm."""
    of = plan.analysis(entry.of)
    data = for_entry(of, plan, data)
    response, design = weights_of(of, plan, data)
    arm, seen = data.people["arm"].to_numpy(), data.seen
    groups = {"": np.ones(len(arm), bool)} | {a.id: arm == a.id for a in plan.arms}
    schemes = {"none": seen.astype(float), "response": response.weights}
    words = {"none": "unweighted", "response": f"by the weights of {of.id}"}
    of_arms = len(plan.arms)  # the first columns: intercept and the arms but one
    table = []
    for outcome in entry.outcomes:
        shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
        for group, among in groups.items():
            counts = {"n": int((among & seen).sum())}
            for scheme, weights in schemes.items():
                if not (weights[among] > 0).any():
                    cells = {"level": group or "all", "subgroup": Subgroup.of(weights=scheme)}
                    text = "nobody of the arm was seen, so nothing can be compared with it"
                    table.append(ard.not_estimable(text, **cells, **counts, **shared))
                    continue
                found = standardized_differences(design.values, weights, among)
                method = f"mean of the seen, {words[scheme]}, minus mean of all, over SD of all"
                cells = {
                    "quantity": "standardized_difference",
                    "subgroup": Subgroup.of(
                        {"weights": scheme} | ({"arm": group} if group else {})
                    ),
                    "method": method,
                }
                table += [
                    ard.row(
                        level=name,
                        estimate=float(value),
                        reason="" if np.isfinite(value) else "the same for everybody",
                        **cells,
                        **counts,
                        **shared,
                    )
                    for at, (name, value) in enumerate(zip(design.names, found, strict=True))
                    if at > 0 and not (group and at < of_arms)
                ]
            if not counts["n"]:
                continue
            table.append(
                ard.row(
                    quantity="effective_n",
                    level=group or "all",
                    estimate=effective_n(response.weights[among]),
                    method=f"(sum of weights)^2 / sum of squares, weights of {of.id}",
                    **counts,
                    **shared,
                )
            )
    return table
