"""Checks of the route tidy: people and visits against each other and against the plan."""

import pandas as pd

from trialrr.ingest import sources
from trialrr.ingest.findings import Findings
from trialrr.ingest.identity import several_people
from trialrr.ingest.observed import unobserved
from trialrr.ingest.sources import Rows, Source
from trialrr.plan import Plan

FEWEST = 3
"""People that it takes to see how a table tells their rows apart."""


def has_several_rows(rows: Rows, person: str, source: Source, findings: Findings) -> bool:
    """True, with a finding, if the table has several rows per person of which the value of another
    column picks one for each: then a choice of rows is lacking, and not one row is wrong."""
    ids = pd.Series(rows.columns[person]).str.strip()
    known = ids[ids != ""]
    people = known.nunique()
    if people < FEWEST or people == len(known):
        return False
    choices = []
    for name, raw in rows.columns.items():
        values = pd.Series(raw).str.strip()[known.index]
        pairs = pd.DataFrame({"id": known, "value": values})
        of_value = pairs.groupby("value", sort=True)["id"].agg(["size", "nunique"])
        single = of_value[(of_value["size"] == people) & (of_value["nunique"] == people)]
        choices += [f'{name}: "{value}"' for value in single.index if value and name != person]
    if not choices:
        return False
    examples = " or ".join(f"`where: {{{choice}}}`" for choice in choices[: sources.LISTED])
    findings.error(
        "several_rows_per_participant",
        rows.file,
        "one row per participant",
        f"choose the rows with {examples} in {source.key}",
        field=person,
        raw=f"{len(known)} rows of {people} participants",
    )
    return True


def check_people(people: pd.DataFrame, plan: Plan, findings: Findings) -> None:
    file = sources.name(plan.data["participants"]["source"])
    columns = plan.data["participants"]["columns"]
    known = people[people["participant_id"] != ""]
    key = columns["participant_id"]["from"]
    varying, other = several_people(
        people["participant_id"], people.drop(columns=["line", "participant_id"])
    )
    if varying:
        first = people[other].iloc[0]
        count = people.loc[other, "participant_id"].nunique()
        findings.error(
            "id_of_several_people",
            file,
            f"one person an id, but within {count} of {known['participant_id'].nunique()} ids "
            f"{', '.join(varying)} vary",
            "if ids restart in every centre, make the person centre x id at the source: clusters "
            "by this id would put different people together",
            field=key,
            raw=f"{first['participant_id']}, another person on line {first['line']}",
        )
    for row in known[known.duplicated("participant_id")].itertuples():
        findings.error(
            "duplicated_id",
            file,
            "each participant once",
            "keep one row per person, or choose the rows with `where` in data.participants.source",
            line=row.line,
            field=key,
            raw=row.participant_id,
            participant=row.participant_id,
        )
    arms = [a.id for a in plan.arms]
    for row in people[~people["arm"].isin([*arms, ""])].itertuples():
        findings.error(
            "unknown_arm",
            file,
            f"an arm of the plan ({', '.join(arms)})",
            "correct the code or its mapping, or add the arm to the plan",
            line=row.line,
            field=columns["arm"]["from"],
            raw=row.arm,
            participant=row.participant_id,
        )
    for arm in sorted(set(arms) - set(people["arm"])):
        findings.error(
            "arm_missing",
            file,
            f"participants in every arm of the plan ({', '.join(arms)})",
            "correct the mapping, or take the arm out of the plan",
            field=columns["arm"]["from"],
            raw=f"nobody in arm {arm}",
        )


def check_visits(people, visits, plan: Plan, findings: Findings) -> None:
    file = sources.name(plan.data["visits"]["source"])
    key = plan.data["visits"]["participant_id"]
    known = visits[visits["participant_id"] != ""]
    strangers = known[~known["participant_id"].isin(people["participant_id"])]
    doubled = known[known.duplicated(["participant_id", "month"]) & (known["month"] != "")]
    doubled = doubled.drop_duplicates("line")
    _check_without_rows(people, visits, plan, file, findings)
    mend_id = "correct the id in the file"
    choose = "delete the wrong row, or choose the rows with `where` in data.visits.source"
    for rows, rule, expected, do in (
        (strangers.drop_duplicates("line"), "never_randomized", "a participant", mend_id),
        (doubled, "duplicated_id", "one row per participant and visit", choose),
    ):
        for row in rows.itertuples():
            findings.error(
                rule,
                file,
                expected,
                do,
                line=row.line,
                field=key,
                raw=row.participant_id,
                participant=row.participant_id,
                event=row.month,
            )


def _check_without_rows(people, visits, plan: Plan, file: str, findings: Findings) -> None:
    """People of whom the visits hold no row. A wide table promises one for each; in a long table
    they are people who were never seen."""
    wide = "month" not in plan.data["visits"]
    absent = people.loc[people["participant_id"] != "", "participant_id"]
    absent = absent[~absent.isin(visits["participant_id"])]
    if absent.empty:
        return
    raw = f"{absent.nunique()} of {people['participant_id'].nunique()} participants without a row"
    findings.add(
        "participants_without_visits",
        "error" if wide else "note",
        file,
        field=plan.data["visits"]["participant_id"],
        raw=raw,
        action="expected a row per participant in a wide table; add the rows that the export left "
        "out, with blank cells for people who were not seen"
        if wide
        else f"{raw}: their outcomes are missing at every visit",
    )


def check_observed(people, visits, plan: Plan, findings: Findings) -> None:
    file = sources.name(plan.data["visits"]["source"])
    for outcome, arm, month in unobserved(people, visits, plan):
        findings.error(
            "arm_missing",
            file,
            "somebody observed in every arm at every visit",
            "correct the mapping, or take the arm or the visit out of the plan",
            field=outcome,
            raw=f"nobody of arm {arm} observed",
            event=month,
        )
