"""What a plan names held against the participants that were read, before anything is estimated."""

from dataclasses import replace
from datetime import date

import pandas as pd

from trialrr import levels
from trialrr.data import levels_of, written
from trialrr.ingest.findings import Findings
from trialrr.plan import Plan
from trialrr.plan.mentions import COMPLETE_CASE, FLAGS, INDICATOR, MEAN, NUMBER, STOP, Mention
from trialrr.plan.near import nearest

FILE = "plan"
"""In place of a file: the finding is about a key of the plan."""

DONE = {
    MEAN: "takes the mean of everybody analyzed (models.missing_covariates: mean)",
    INDICATOR: "takes the mean, with an indicator (models.missing_covariates: indicator)",
    COMPLETE_CASE: "the person is left out of models with it (missing_covariates: complete_case)",
}
"""The plan's choice → what the note about a missing covariate says."""


def hold(people: pd.DataFrame, visits: pd.DataFrame, plan: Plan, findings: Findings) -> None:
    """Add to `findings` every fault of `plan.mentions` against the people analyzed, as errors; a
    note for each missing value of a covariate that is filled or left out, and for each event that
    nobody has.

    people : `participant_id`, `analyzed`, `arm` and the columns that the plan names, typed;
    visits : `<outcome>_responder`.
    """
    analyzed = people[people["analyzed"] == 1].reset_index(drop=True)
    mapped = plan.data.columns
    for mention in plan.mentions:
        codes = mapped[mention.column].codes if mention.column in mapped else {}
        if set(mention.levels) <= set(codes.values()):
            # a level that the mapping knows and nobody has is a count of 0, and no slip
            needs = tuple(need for need in mention.needs if need != "some_level")
            mention = replace(mention, needs=needs)
        for found, expected, do in _faults(mention, analyzed):
            findings.error("plan_and_data", FILE, expected, do, field=mention.place, raw=found)
        if mention.covariate and mention.column in analyzed:
            _note_missing(mention, analyzed, findings)
    for outcome in plan.outcomes:
        column = f"{outcome.id}_responder"
        if column in visits and not (visits[column] == 1).any():
            findings.add(
                "event_of_nobody",
                "note",
                FILE,
                field=f"outcomes.{outcome.id}",
                raw="nobody has the event at any visit",
                action="a risk ratio of it is not estimable; see that the event is the right one",
            )


Fault = tuple[str, str, str]
"""What was found, what was expected, what to do."""


def _faults(mention: Mention, people: pd.DataFrame) -> list[Fault]:
    name = mention.column
    if mention.form == FLAGS:
        if any(c.startswith(f"{name}_") for c in people):
            return []
        return [(f"no column {name}_<level>", "such columns", "take the line out of the plan")]
    if name not in people:
        near = nearest(name, people.columns)
        return [
            (f"no column {name!r}{near}", f"a column of participants: {', '.join(people)}",
             "name one of them, or take the key out of the plan")
        ]  # fmt: skip
    column, blank = people[name], people[name].isna()
    if blank.all():
        text = f"{name} is blank for everybody analyzed"
        return [(text, "somebody who has it", "correct the column, or take it out of the plan")]
    number = pd.api.types.is_numeric_dtype(column)
    if mention.form == NUMBER and not number:
        some = levels_of(column)[:3]
        text = f"{name} holds {', '.join(map(repr, some))}"
        return [(text, "numbers", "correct the column; a category names its reference level")]
    return [f for need in mention.needs for f in NEEDS[need](mention, people, blank)]


def _has(mention: Mention, column: pd.Series, level: str) -> pd.Series:
    """Who has a level: of a number by value, of a covariate's reference and of a text by name."""
    if mention.form != NUMBER and mention.covariate:
        return written(column) == level
    known = column if pd.api.types.is_numeric_dtype(column) else written(column)
    return levels.matches(known, level)


def _level(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    column, faults = people[mention.column][~blank], []
    for level in mention.levels:
        try:
            there = _has(mention, column, level).any()
        except ValueError as error:
            faults.append((str(error), "a level of numbers", "correct the level"))
            continue
        numeric = pd.api.types.is_numeric_dtype(column) and mention.form != "levels"
        if not there and not numeric:
            known = levels_of(column)
            near = nearest(level, [k for k in known if k.casefold() == level.casefold()])
            text = f"nobody has {mention.column} {level!r}{near}"
            listed = ", ".join(known[:20])
            faults.append((text, f"one of {listed}", "correct the level in the plan"))
    return faults


def _some_level(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    faults = _level(mention, people, blank)
    return faults if len(faults) == len(mention.levels) else []


def _several(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    found = levels_of(people[mention.column])
    if len(found) > 1:
        return []
    text = f"everybody has {mention.column} {found[0]!r}"
    return [(text, "at least two values", "take the column out of the plan")]


def _complete(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    return _blank_of(mention, people, blank, "analyzed")


def _complete_in_arms(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    own = blank & people["arm"].isin(mention.arms)
    return _blank_of(mention, people, own, f"of arm {', '.join(mention.arms)}")


def _blank_of(mention: Mention, people: pd.DataFrame, blank: pd.Series, whose: str) -> list[Fault]:
    if not blank.any():
        return []
    first = ", ".join(people["participant_id"][blank][:3])
    text = f"{mention.column} is blank for {int(blank.sum())} people {whose}, first {first}"
    return [(text, "it known of all of them", "complete it, or take it out of the plan")]


def _in_every_arm(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    return [
        (f"{mention.column} is blank for everybody of arm {arm}", "it known in every arm",
         "complete it, or take it out of the plan")
        for arm, own in blank.groupby(people["arm"])
        if own.all()
    ]  # fmt: skip


def _whole_arms(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    return [
        (f"{mention.column} is blank for {int(own.sum())} of {len(own)} people of arm {arm}",
         "it blank for a whole arm, which was not offered the treatment, or for nobody of it",
         "write 0 for nothing taken")
        for arm, own in blank.groupby(people["arm"])
        if own.any() and not own.all()
    ]  # fmt: skip


def _whole_numbers(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    known = people[mention.column][~blank].astype(float)
    wrong = known[(known % 1 != 0) | (known < 0)]
    if not len(wrong):
        return []
    text = f"{mention.column} is {wrong.iloc[0]:g} of {people['participant_id'][wrong.index[0]]}"
    return [(text, "whole numbers from 0", "name a column that counts what people took")]


def _distinct(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    keys = [*(c for c in mention.within if c in people), mention.column]
    doubled = people[~blank][people[~blank].duplicated(keys, keep=False)]
    if not len(doubled):
        return []
    first = ", ".join(doubled.sort_values(keys)["participant_id"][:2])
    text = f"{len(doubled)} people share their {mention.column} with another of their stratum, "
    expected = "each place in the order of a stratum once"
    return [(f"{text}first {first}", expected, "name the column of the sequence")]


def _not_in_arms(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    own = people["arm"].isin(mention.arms)
    there = _has(mention, people[mention.column], mention.levels[0])
    if not (own & there).any():
        return []
    text = f"{int((own & there).sum())} people of the reference arm have {mention.column} "
    do = "correct the column, or take the entry out: it needs an arm that is not offered it"
    return [(text + mention.levels[0], "nobody of it", do)]


def _leaves_every_arm(mention: Mention, people: pd.DataFrame, blank: pd.Series) -> list[Fault]:
    days = written(people[mention.column][~blank])
    keep = pd.Series(True, index=days.index)
    for level in mention.levels:
        rule, day = level.split(" ")
        limit = date.fromisoformat(day).isoformat()
        keep &= {
            "randomized_before": days < limit,
            "randomized_from": days >= limit,
            "randomized_after": days > limit,
        }[rule]
    arms = people["arm"]
    lost = sorted(set(arms) - set(arms[days.index][keep]))
    if not lost:
        return []
    text = f"{', '.join(mention.levels)}: {int(keep.sum())} of {len(people)} people, nobody of arm "
    between = f"people of every arm; days of randomization go from {days.min()} to {days.max()}"
    return [(text + ", ".join(lost), between, "choose other dates, or take the key out")]


NEEDS = {
    "level": _level,
    "some_level": _some_level,
    "several": _several,
    "complete": _complete,
    "complete_in_arms": _complete_in_arms,
    "in_every_arm": _in_every_arm,
    "whole_arms": _whole_arms,
    "whole_numbers": _whole_numbers,
    "distinct": _distinct,
    "not_in_arms": _not_in_arms,
    "leaves_every_arm": _leaves_every_arm,
}
"""Need of a mention → its faults."""


def _note_missing(mention: Mention, people: pd.DataFrame, findings: Findings) -> None:
    """A note per person who lacks a covariate; where the plan says stop, one error with all."""
    lacking = people["participant_id"][people[mention.column].isna()]
    if mention.covariate == STOP:
        if len(lacking):
            text = f"{mention.column} is missing for {len(lacking)} of {len(people)} people"
            expected = "nobody to lack a covariate (models.missing_covariates: stop)"
            do = "complete it, take it out, or choose mean, indicator or complete_case"
            findings.error("plan_and_data", FILE, expected, do, field=mention.place, raw=text)
        return
    for person in lacking:
        findings.add(
            "covariate_missing",
            "note",
            FILE,
            field=mention.place,
            action=DONE[mention.covariate],
            participant=person,
        )
