"""What each engine can do of an entry of kind `model`: one table, which the engines and the plan's
check read. Data only: importing it imports no statistics."""

from collections.abc import Callable
from dataclasses import dataclass

BY_CLUSTER_TOTALS = ("cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg")
"""Covariances that are a sum of squares over clusters, on which another model can be stacked."""
BY_ROW = ("hc0", "stata", "hc1", "hc2", "hc3")
WITH_SATTERTHWAITE = (*BY_ROW, "cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md")
ANY_WEIGHTS = ("response", "response_stabilized")


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to compute something of an entry of kind `model`.

    takes : key of the entry → the values that it can do; of a key that is not there, all. words :
    the same for people, what "expected" is followed by.
    """

    takes: dict[str, tuple]
    words: str

    def refuses(self, get: Callable[[str], object]) -> dict[str, object]:
        """Key → value of what it cannot do of an entry, {} if it can do it.

        get : value of a key of the entry, with its default where the entry does not say it.
        """
        return {key: get(key) for key, able in self.takes.items() if get(key) not in able}

    def can_do(self, entry: object) -> bool:
        """Whether it can do an entry that has the keys as attributes."""
        return not self.refuses(lambda key: getattr(entry, key))


CHOICES = {
    ("model", "linear"): Engine(
        {
            "working": ("independence",),
            "risks": ("at_means",),
            "inference": ("wald",),
            "missing": ("complete_case", "pattern_mixture"),
        },
        "a change in score: working independence, no standardized risks, inference wald, and "
        "missing complete_case or pattern_mixture",
    ),
    ("model", "logistic"): Engine(
        {"risks": ("standardized", "standardized_random")}, "risks standardized"
    ),
    ("working", "exchangeable"): Engine(
        {
            "model": ("modified_poisson",),
            "variance": ("robust",),
            "covariance": ("cr0", "cr1", "cr1s"),
            "degrees_of_freedom": ("z", "clusters_minus_parameters"),
        },
        "modified_poisson, variance robust, covariance cr0, cr1 or cr1s, and df of z or "
        "clusters_minus_parameters",
    ),
    ("inference", "quasi_score"): Engine(
        {
            "model": ("modified_poisson",),
            "working": ("independence",),
            "risks": ("at_means",),
            "variance": ("robust",),
            "covariance": ("cr0",),
            "degrees_of_freedom": ("z",),
        },
        "modified_poisson, working independence, risks at_means, variance robust, covariance cr0 "
        "and degrees_of_freedom z",
    ),
    ("variance", "weights_stacked"): Engine(
        {"weights": ANY_WEIGHTS, "covariance": BY_CLUSTER_TOTALS},
        "weights, and covariance cr0, cr1, cr1s, cr2, cr3, kc, md or fg",
    ),
    ("variance", "stacked"): Engine(
        {
            "model": ("modified_poisson", "linear"),
            "missing": ("pattern_mixture",),
            "weights": ANY_WEIGHTS,
            "covariance": BY_CLUSTER_TOTALS,
        },
        "modified_poisson or linear, missing pattern_mixture, weights, and covariance cr0, cr1, "
        "cr1s, cr2, cr3, kc, md or fg",
    ),
    ("risks", "standardized"): Engine({"degrees_of_freedom": ("z",)}, "degrees_of_freedom z"),
    ("risks", "standardized_random"): Engine(
        {
            "variance": ("robust",),
            "covariance": BY_CLUSTER_TOTALS,
            "degrees_of_freedom": ("z",),
        },
        "variance robust, a covariance by cluster but mbn, and degrees_of_freedom z",
    ),
    ("degrees_of_freedom", "satterthwaite"): Engine(
        {"covariance": WITH_SATTERTHWAITE}, "a covariance other than fg and mbn"
    ),
}
"""Key and value of an entry → what the engine of that choice can do of its other keys. A choice
that is not here goes with everything."""


def refused(get: Callable[[str], object]) -> list[tuple[str, object, Engine]]:
    """Key, value and engine of every choice of an entry whose engine cannot do the rest of it.

    get : value of a key of the entry, with its default where the entry does not say it.
    """
    return [
        (key, value, engine)
        for (key, value), engine in CHOICES.items()
        if get(key) == value and engine.refuses(get)
    ]


RISKS_AT_MEANS = Engine(
    {
        "model": ("modified_poisson",),
        "working": ("independence",),
        "risks": ("at_means",),
        "degrees_of_freedom": ("z",),
        "inference": ("wald",),
    },
    "modified_poisson, working independence, risks at_means and z",
)
"""What is made of a fit's own risks: subgroups, effects among compliers."""
RISKS_OF_WHO_TOOK_IT = Engine(
    {**RISKS_AT_MEANS.takes, "covariance": (*BY_ROW, *BY_CLUSTER_TOTALS)},
    f"{RISKS_AT_MEANS.words}, and a covariance other than mbn",
)
"""The model of who took the treatment stacked on a fit."""
OBSERVED_PEOPLE = Engine(
    {**RISKS_AT_MEANS.takes, "missing": ("complete_case",), "weights": (None,)},
    "missing: complete_case, no weights and model: modified_poisson",
)
"""Natural effects among people observed."""
RESAMPLED = Engine(
    {
        "model": ("modified_poisson",),
        "working": ("independence",),
        "risks": ("at_means",),
        "weights": (None, "response"),
        "truncation": (None,),
    },
    "modified_poisson, working independence, risks at_means and weights response or none",
)
"""The whole procedure on many weighted samples at once, estimates alone."""
SIMULATED = Engine(
    {
        "model": ("modified_poisson",),
        "working": ("independence",),
        "risks": ("at_means",),
        "missing": ("pattern_mixture",),
        "weights": ("response",),
        "truncation": (None,),
        "variance": ("stacked",),
        "covariance": ("cr0",),
        "degrees_of_freedom": ("z",),
        "inference": ("wald",),
    },
    "the whole procedure: modified_poisson, working independence, risks at_means, missing "
    "pattern_mixture, weights response without truncation, variance stacked, covariance cr0, z",
)
"""The whole procedure on many simulated trials at once, with its stacked variance."""
SCORES = Engine(
    {"model": ("modified_poisson", "logistic"), "working": ("independence",)},
    "modified_poisson and logistic under working independence",
)
"""Scores of a model without arm, for every assignment of a re-randomization."""
COSTS_AND_EFFECTS = Engine(
    {
        "model": ("modified_poisson", "log_binomial", "logistic"),
        "missing": ("pattern_mixture", "complete_case"),
        "weights": (None, "response"),
        "truncation": (None,),
    },
    "a model of responders, missing pattern_mixture or complete_case, and weights response or none",
)
"""Costs and effects of the people of a fit on many bootstrap samples at once."""
WEIGHTED = Engine({"weights": ANY_WEIGHTS}, "weights")
"""What weights balance."""
