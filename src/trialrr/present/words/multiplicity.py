"""What a page says of several comparisons: the plan's rule of multiplicity in words."""

from dataclasses import dataclass

from trialrr.present.results import PROTECTED, Results
from trialrr.present.words import labels


@dataclass(frozen=True)
class Rule:
    """heading : over P values; sentence : what was done, with {below} for the level of tests."""

    heading: str
    sentence: str


_OVER = "over the comparisons of an outcome at a visit"
RULES = {
    "none": Rule("P", "P values of comparisons are not adjusted for their number."),
    PROTECTED: Rule(
        "P",
        "Fisher's protected comparisons: P of a pair is given where the omnibus test at that visit"
        " has P < {below}; elsewhere it was not tested. No other adjustment.",
    ),
    "holm": Rule("P (Holm)", f"P values of comparisons are adjusted by Holm's method {_OVER}."),
    "hochberg": Rule(
        "P (Hochberg)", f"P values of comparisons are adjusted by Hochberg's method {_OVER}."
    ),
    "hommel": Rule(
        "P (Hommel)", f"P values of comparisons are adjusted by Hommel's method {_OVER}."
    ),
    "bonferroni": Rule(
        "P (Bonferroni)", f"P values of comparisons are adjusted by Bonferroni's method {_OVER}."
    ),
    "fixed_sequence": Rule(
        "P (fixed sequence)",
        "Comparisons of an outcome at a visit are tested in the order of the plan, each only while"
        " all before it are significant: the P shown is the largest up to that comparison.",
    ),
}
"""Rule of the plan → its words."""


def heading(results: Results) -> str:
    """Heading of a column of P values of comparisons."""
    return _rule(results).heading if len(results.contrasts) > 1 else "P"


def note(results: Results) -> str:
    """A sentence on the rule, "" where there is one comparison and nothing to adjust, or where
    nothing was tested."""
    if len(results.contrasts) < 2 or not results.tested:
        return ""
    return _rule(results).sentence.format(below=results.below)


def named(results: Results) -> str:
    """The rule as it stands behind a P in a sentence: ", Holm", "" for the P as it is."""
    inside = heading(results).partition("(")[2].rstrip(")")
    return f" ({inside})" if inside else ""


def _rule(results: Results) -> Rule:
    id = results.multiplicity
    words = labels.words(id)
    unnamed = Rule(f"P ({words})", f"P values of comparisons are adjusted {_OVER}: {words}.")
    return RULES.get(id, unnamed)
