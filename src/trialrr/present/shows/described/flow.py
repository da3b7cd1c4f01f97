"""The participant flow as counts that must add up, from ARD rows of the analysis `flow`."""

from dataclasses import dataclass
from math import inf

from trialrr.ard import Subgroup
from trialrr.present.results import PresentError, Results
from trialrr.present.words import numbers
from trialrr.trials.base import Words

LOST = ("withdrew", "died")
ANALYZED, IMPUTED = "Analyzed", "Outcome imputed"
WEIGHTS_ONLY, LEFT_OUT = "In weights only", "Not analyzed"


class FlowError(PresentError):
    """Counts of the flow do not add up; the message names both sides."""


@dataclass(frozen=True)
class Flow:
    """Counts of a participant flow; a step that the results do not hold is absent.

    overall : {step: n}; by_arm : {arm: {step: n}}, where `analyzed` are those who may be analyzed;
    completed : {arm: {month: n}}, people seen at each visit; reasons : {reason: n} of the step
    `reasons_of`, of which a person may have several; primary : {arm: {label: n}}, who is in the
    primary analysis at its month and who is not, by its own rows; no arm without such a row;
    words : how the trial's steps hang together.
    """

    overall: dict[str, int]
    by_arm: dict[str, dict[str, int]]
    completed: dict[str, dict[str, int]]
    reasons: dict[str, int]
    reasons_of: str
    primary: dict[str, dict[str, int]]
    words: Words

    @property
    def chain(self) -> list[str]:
        return [step for step in self.words.chain if step in self.overall]


def read(results: Results) -> Flow:
    """The flow in `results`, reconciled. Raises FlowError if it does not add up."""
    overall: dict[str, int] = {}
    reasons: dict[str, int] = {}
    reasons_of = ""
    by_arm: dict[str, dict[str, int]] = {arm: {} for arm in results.arms}
    completed: dict[str, dict[str, int]] = {arm: {} for arm in results.arms}
    for row in results:
        if row.quantity != "n" or row.analysis not in ("flow", "follow_up"):
            continue
        n = int(row.estimate)
        if row.analysis == "follow_up":
            if row.outcome == "completed" and row.level in completed and not row.subgroup:
                completed[row.level][row.month] = n
        elif reason := Subgroup.read(row.subgroup).get("reason"):
            reasons[reason] = n
            reasons_of = row.outcome
        elif row.level == "all":
            overall[row.outcome] = n
        elif row.level in by_arm:
            by_arm[row.level][row.outcome] = n
    primary = {arm: found for arm in by_arm if (found := _analyzed(results, arm))}
    words = results.words
    return reconcile(Flow(overall, by_arm, completed, reasons, reasons_of, primary, words))


def _analyzed(results: Results, arm: str) -> dict[str, int]:
    """Whose outcomes the primary analysis rests on at its month, observed or imputed; who enters
    through its weights alone; who is not in it."""
    at = results.primary
    row = results.of_arm(at.analysis, arm, at.outcome, at.month)
    if row is None or numbers.missing(row.n):
        return {}
    found = {ANALYZED: int(row.n)}
    if not numbers.missing(row.n_imputed) and row.n_imputed:
        found[IMPUTED] = int(row.n_imputed)
    for quantity, label in (("weights_only", WEIGHTS_ONLY), ("not_analyzed", LEFT_OUT)):
        left = results.get(at.analysis, quantity, arm, at.outcome, at.month)
        if left and left.estimate:
            found[label] = int(left.estimate)
    return found


def reconcile(flow: Flow) -> Flow:
    """`flow` itself, if its counts add up. Raises FlowError naming both sides of every sum that
    does not hold. Steps that are absent are not asked for."""
    faults: list[str] = []

    def equal(left: dict, right: dict, where: str) -> None:
        if sum(left.values()) != sum(right.values()):
            faults.append(f"{where}: {_sum(left)} but {_sum(right)}")

    def at_most(part: dict, whole: dict, where: str) -> None:
        if sum(part.values()) > sum(whole.values()):
            faults.append(f"{where}: {_sum(part)} is more than {_sum(whole)}")

    steps = flow.chain
    for here, after in zip(steps, steps[1:], strict=False):
        parts = _pick(flow.overall, (*flow.words.chain[here], after))
        equal(_pick(flow.overall, (here,)), parts, "all")
    for step, parts in flow.words.parts.items():
        if kinds := _pick(flow.overall, parts):
            equal(_pick(flow.overall, (step,)), kinds, "all")
    for reason, n in flow.reasons.items():
        at_most({reason: n}, _pick(flow.overall, (flow.reasons_of,)), "all")
    if "not_recorded" in flow.reasons:
        at_most(_pick(flow.overall, (flow.reasons_of,)), flow.reasons, "all")
    if "randomized" in flow.overall:
        arms = {a: c["randomized"] for a, c in flow.by_arm.items() if "randomized" in c}
        equal(_pick(flow.overall, ("randomized",)), arms, "randomized")
    for arm, counts in flow.by_arm.items():
        randomized = _pick(counts, ("randomized",))
        if "analyzed" in counts:
            equal(randomized, _pick(counts, ("analyzed", "randomized_in_error")), arm)
        if sessions := _pick(counts, flow.words.sessions):
            equal(randomized, sessions, arm)
        at_most(_pick(counts, LOST), randomized, arm)
        if flow.primary.get(arm, {}).get(ANALYZED, 0) > counts.get("analyzed", inf):
            left = f"in the primary analysis {flow.primary[arm][ANALYZED]}"
            faults.append(f"{arm}: {left} is more than analyzed {counts['analyzed']}")
        if "any_follow_up" in counts:
            at_most(_pick(counts, ("any_follow_up",)), randomized, arm)
            seen = _pick(counts, ("any_follow_up",))
            for month, n in flow.completed[arm].items():
                at_most({f"completed at {month}": n}, seen, arm)
    if faults:
        raise FlowError(
            "the participant flow does not add up, so it is not drawn:\n  "
            + "\n  ".join(faults)
            + "\n  correct the counts where they are derived"
        )
    return flow


def _pick(counts: dict, steps: tuple) -> dict:
    return {step: counts[step] for step in steps if step in counts}


def _sum(parts: dict) -> str:
    terms = " + ".join(f"{step} {n}" for step, n in parts.items()) or "nothing"
    return terms if len(parts) < 2 else f"{terms} = {sum(parts.values())}"
