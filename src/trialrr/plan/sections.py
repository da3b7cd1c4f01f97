"""The sections of a plan beside `data` and `analyses`."""

from typing import Literal

from trialrr.plan.base import (
    Count,
    Distinct,
    Exact,
    Items,
    Maybe,
    Model,
    Name,
    Number,
    Pair,
    Text,
    key,
    must,
)


class Arm(Model):
    """What people are randomized to."""

    id: Name = must("", "its id")
    label: Text = must("", "words in tables")
    clusters: Name = must(
        "person",
        "`person`, or what its people share, such as `therapist`, which the sandwich sums over; "
        "they are those of the column `cluster` of participants",
    )


class Visit(Model):
    """When outcomes are measured."""

    month: Name = must("", "the visit's id")
    label: Text = must("", "words in tables")
    window: Maybe[Pair[int]] = key(None, "in days after randomization, both ends inside")


class Outcome(Model):
    """A score, a binary outcome, or both forms of one: `threshold` makes a responder of a score and
    its baseline, `event` (as in `levels`) says which values of the score count."""

    id: Name = must("", "its id")
    label: Text = must("", "words in tables, of the binary form, if there is one")
    score_label: Text = key("", "of the score, where an outcome is both a score and an event")
    role: Literal["primary", "secondary", "exploratory", "mediator", "economic"] = key(
        "", "places it in the report"
    )
    better: Literal["higher", "lower"] = key("", "which scores are better")
    source: Name = key("", "on a route of a trial's own: the instrument")
    baseline: Name = key("", "the numeric column of participants that a change is measured from")
    threshold: Maybe[Exact] = key(None, "a responder drops by at least that share of baseline")
    event: Text = key("", 'scores that count, such as `">=10"`')
    visits: Items[Visit] = key((), "of its own, if it is not measured at the plan's", min_length=1)


class IntercurrentEvent(Model):
    """What happens after randomization and bears on the question."""

    event: Text = must("", "what happens")
    strategy: Literal[
        "treatment_policy", "hypothetical", "composite", "while_on_treatment", "principal_stratum"
    ] = must("", "how it is dealt with, of ICH E9(R1)")  # fmt: skip
    how: Text = must("", "what that means here")


class Estimand(Model):
    """What is estimated, after ICH E9(R1), by its five attributes."""

    id: Name = must("", "its id, which analyses name")
    label: Text = must("", "words in tables")
    population: Text = must("", "of whom")
    treatment: Text = must("", "of what, against what")
    variable: Text = must("", "on what")
    summary: Text = must("", "the measure of the effect")
    intercurrent: Items[IntercurrentEvent] = must((), "intercurrent events; `[]` for none")


class Covariate(Model):
    """A column of participants that models may use."""

    id: Name = must("", "the column")
    label: Text = must("", "words in tables")
    reference: Maybe[Text] = key(
        None,
        "level of reference of a categorical one (on the route `tidy` of type `code` or `text`); a "
        "numeric one has none",
    )


class Models(Model):
    """What the models of the trial have in common."""

    adjusted: Items[Name] = must((), "covariates of the outcome model")
    response: Items[Name] = key((), "covariates of the weights")
    imputation: Items[Name] = key((), "covariates of the pattern mixture")
    response_references: dict[Name, Text] = key(
        {},
        "reference levels of the response model, where the paper prints its odds ratios against "
        "others; covariates, or `arm`, are the keys",
        min_length=1,
    )
    own_baseline: bool = key(
        False, "a secondary outcome's model adds that outcome's own baseline value"
    )
    missing_covariates: Literal["mean", "indicator", "complete_case", "stop"] = key(
        "mean",
        "what models do with a missing value of a covariate: `mean`: it takes the mean of "
        "everybody analyzed, of a category that of each indicator; `indicator`: the same, and a "
        "column says who lacked it; `complete_case`: people who lack a covariate of the entry are "
        "left out of it; `stop`: the run stops with their numbers. Kinds that impute or resample "
        "know `mean` and `stop` only ([docs/methods](../docs/methods/missing-covariates.md))",
    )
    alpha: Number = must(
        0.05,
        '1 minus the level of intervals, and the level of tests: above 0, at most `"0.5"`',
    )
    multiplicity: Literal[
        "none", "protected_lsd", "holm", "hochberg", "hommel", "fixed_sequence"
    ] = key(
        "none",
        "tests of the contrasts at a month: `none`, `protected_lsd` (exactly three arms), `holm`, "
        "`hochberg`, `hommel`, or `fixed_sequence` (the contrasts in their order, until one is not "
        "significant)",
    )  # fmt: skip


class Randomization(Model):
    """How the trial randomized: what a re-randomization repeats."""

    strata: Distinct[Name] = must((), "columns of participants; `[]` where there were none")
    block_sizes: Distinct[Count] = must((), "sizes of the permuted blocks", min_length=1)
    order: Name = must("", "the column that gives the sequence")
    unit: Literal["person", "cluster"] = key(
        "",
        "what was randomized: `person` if absent, or `cluster`, whole clusters of the column "
        "`cluster`, whose arm, strata and `order` are the same for all their people (one block of "
        "all clusters is complete randomization). Where every arm's people share a cluster, a plan "
        "that repeats the randomization must say it",
    )


class Primary(Model):
    """The headline result."""

    outcome: Name = must("", "the outcome")
    month: Name = must("", "the visit")
    analysis: Name = must("", "the entry of `analyses`")


class BaselineLine(Model):
    """A line of the baseline table, or several of one column."""

    id: Name = must("", "a column of participants")
    label: Text = must("", "words in the table")
    kind: Literal["mean", "median", "levels", "flags"] = key(
        "level",
        "`mean`, `median`, `levels` (every level) or `flags` (columns `<id>_<level>`); absent: the "
        "line counts `level`",
    )
    level: Text = key("", 'one level, a range (`"1-2"`) or a comparison (`">=10"`)')
    of: Items[Text] = key((), "levels that `level` stands for together", min_length=1)


class Deviation(Model):
    """Where the analysis departs from what was planned: a line of the table of deviations."""

    id: Name = must("", "which the table shows as words")
    planned: Text = must("", "in words, what was planned")
    done: Text = must("", "what was done")
    reason: Text = must("", "why")
