"""What each engine can do of an entry of kind `model`: one table, which the engines and the plan's
check read. Data only: importing it imports no statistics."""

from trialrr.plan.needs import Engine, Get, Refusal

BY_CLUSTER_TOTALS = ("cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg")
"""Covariances that are a sum of squares over clusters, on which another model can be stacked."""
BY_ROW = ("hc0", "stata", "hc1", "hc2", "hc3")
"""Covariances that take each row of the data by itself."""
WITH_SATTERTHWAITE = (*BY_ROW, "cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md")
ANY_WEIGHTS = ("response", "response_stabilized")

NO_STACKED_FORM = Refusal(
    "{covariance!r} has no stacked form; expected cr0, cr1, cr1s, cr2, cr3, kc, md or fg",
    ("covariance",),
    "covariance",
)
NO_WEIGHTS_TO_STACK = Refusal(
    "variance {variance!r} stacks the weight model; add weights: response", ("weights",), "variance"
)
NORMAL_INTERVALS = Refusal(
    "standardized risks have normal intervals; use degrees_of_freedom: z",
    ("degrees_of_freedom",),
    "risks",
)

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
        tuple(
            Refusal(
                f"{key} {{{key}!r}} is about a binary outcome; model linear explains the change in "
                "score",
                (key,),
                key,
            )
            for key in ("working", "risks", "inference", "missing")
        ),
    ),
    ("model", "logistic"): Engine(
        {"risks": ("standardized", "standardized_random")},
        "risks standardized",
        (Refusal("logistic gives risks by `risks: standardized` only", place="model"),),
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
        (
            Refusal("exchangeable is for modified_poisson, not {model}", ("model",), "working"),
            Refusal(
                "exchangeable goes with variance robust, covariance cr0, cr1 or cr1s, and df of z "
                "or clusters_minus_parameters",
                ("variance", "covariance", "degrees_of_freedom"),
                "working",
            ),
        ),
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
        (
            Refusal(
                "quasi_score goes with modified_poisson, working independence, risks at_means, "
                "variance robust, covariance cr0 and degrees_of_freedom z",
                place="inference",
            ),
        ),
    ),
    ("variance", "weights_stacked"): Engine(
        {"weights": ANY_WEIGHTS, "covariance": BY_CLUSTER_TOTALS},
        "weights, and covariance cr0, cr1, cr1s, cr2, cr3, kc, md or fg",
        (NO_STACKED_FORM, NO_WEIGHTS_TO_STACK),
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
        (
            NO_STACKED_FORM,
            Refusal(
                "the imputation model is stacked with modified_poisson or linear, not {model}",
                ("model",),
                "variance",
            ),
            NO_WEIGHTS_TO_STACK,
            Refusal(
                "variance 'stacked' carries the imputation model of missing: pattern_mixture",
                ("missing",),
                "variance",
            ),
        ),
    ),
    ("risks", "standardized"): Engine(
        {"degrees_of_freedom": ("z",)}, "degrees_of_freedom z", (NORMAL_INTERVALS,)
    ),
    ("risks", "standardized_random"): Engine(
        {
            "variance": ("robust",),
            "covariance": BY_CLUSTER_TOTALS,
            "degrees_of_freedom": ("z",),
        },
        "variance robust, a covariance by cluster but mbn, and degrees_of_freedom z",
        (
            NORMAL_INTERVALS,
            Refusal(
                "random covariates are summed by cluster: variance robust and a cluster covariance",
                ("variance", "covariance"),
                "risks",
            ),
        ),
    ),
    ("degrees_of_freedom", "satterthwaite"): Engine(
        {"covariance": WITH_SATTERTHWAITE},
        "a covariance other than fg and mbn",
        (
            Refusal(
                "{covariance!r} has no Satterthwaite df; use clusters_minus_parameters",
                place="degrees_of_freedom",
            ),
        ),
    ),
}
"""Key and value of an entry → what the engine of that choice can do of its other keys. A choice
that is not here goes with everything."""


def refused(get: Get) -> list[tuple[str, object, Engine]]:
    """Key, value and engine of every choice of an entry whose engine cannot do the rest of it."""
    return [
        (key, value, engine)
        for (key, value), engine in CHOICES.items()
        if get(key) == value and engine.refuses(get)
    ]


BUILT_ON_A_FIT = Refusal(
    "{kind} is built on modified_poisson, working independence, risks at_means and z; analysis "
    "{of!r} is not",
    ("model", "working", "risks", "degrees_of_freedom", "inference"),
)
RISKS_AT_MEANS = Engine(
    {
        "model": ("modified_poisson",),
        "working": ("independence",),
        "risks": ("at_means",),
        "degrees_of_freedom": ("z",),
        "inference": ("wald",),
    },
    "modified_poisson, working independence, risks at_means and z",
    (BUILT_ON_A_FIT,),
)
"""What is made of a fit's own risks: subgroups, effects among compliers."""
RISKS_OF_WHO_TOOK_IT = Engine(
    {**RISKS_AT_MEANS.takes, "covariance": (*BY_ROW, *BY_CLUSTER_TOTALS)},
    f"{RISKS_AT_MEANS.words}, and a covariance other than mbn",
    (
        BUILT_ON_A_FIT,
        Refusal(
            "covariance {covariance!r} cannot be stacked with the model of who took the treatment; "
            "analysis {of!r} has it",
            ("covariance",),
        ),
    ),
)
"""The model of who took the treatment stacked on a fit."""
OBSERVED_PEOPLE = Engine(
    {**RISKS_AT_MEANS.takes, "missing": ("complete_case",), "weights": (None,)},
    "missing: complete_case, no weights and model: modified_poisson",
    (
        BUILT_ON_A_FIT,
        Refusal(
            "mediation is of people seen, unweighted; analysis {of!r} is not",
            ("missing", "weights"),
        ),
    ),
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
    (
        Refusal(
            "what is resampled is modified_poisson, working independence, risks at_means and "
            "weights response or none; analysis {of!r} is not"
        ),
    ),
)
"""The whole procedure on many weighted samples at once, estimates alone."""
SIMULATED = Engine(
    {
        "missing": ("pattern_mixture",),
        "variance": ("stacked",),
        "model": ("modified_poisson",),
        "working": ("independence",),
        "risks": ("at_means",),
        "weights": ("response",),
        "truncation": (None,),
        "covariance": ("cr0",),
        "degrees_of_freedom": ("z",),
        "inference": ("wald",),
    },
    "the whole procedure: modified_poisson, working independence, risks at_means, missing "
    "pattern_mixture, weights response without truncation, variance stacked, covariance cr0, z",
    (
        Refusal(
            "the whole procedure is one with missing: pattern_mixture, variance: stacked, model: "
            "modified_poisson, working: independence, risks: at_means, weights: response, "
            "truncation: None, covariance: cr0, degrees_of_freedom: z, inference: wald; analysis "
            "{of!r} is not"
        ),
    ),
)
"""The whole procedure on many simulated trials at once, with its stacked variance."""
SCORES = Engine(
    {"model": ("modified_poisson", "logistic"), "working": ("independence",)},
    "modified_poisson and logistic under working independence",
    (
        Refusal(
            "the test has scores of modified_poisson and logistic, working independence; analysis "
            "{of!r} has another model"
        ),
    ),
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
COSTS_AND_EFFECTS_OF_EVERYBODY = Engine(
    {**COSTS_AND_EFFECTS.takes, "missing": ("pattern_mixture",), "weights": ("response",)},
    "a model of responders, missing pattern_mixture, and weights response without truncation",
    (
        Refusal(
            "people are filled and weighted as in `of`; analysis {of!r} is not",
            ("missing", "weights"),
        ),
        Refusal(
            "costs and effects are of a model of responders, whose weights are not truncated; "
            "analysis {of!r} is not",
            ("model", "truncation"),
        ),
    ),
)
"""The same where nobody is left out: what an entry of a plan may ask for."""
WEIGHTED = Engine(
    {"weights": ANY_WEIGHTS},
    "weights",
    (Refusal("analysis {of!r} has no weights that could balance"),),
)
"""What weights balance."""
