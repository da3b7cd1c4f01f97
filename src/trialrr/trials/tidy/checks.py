"""Checks of the route tidy: people and visits against each other and against the plan."""

import re

import pandas as pd

from trialrr.ingest import sources
from trialrr.ingest.findings import Findings
from trialrr.ingest.identity import several_people
from trialrr.ingest.observed import unobserved
from trialrr.ingest.sources import Rows, Source
from trialrr.plan import Plan

KEY = "data.participants.source"
FEWEST = 3
"""People that it takes to see how a table tells their rows apart."""


def has_several_rows(rows: Rows, person: str, arm: str, source: Source, findings: Findings) -> bool:
    """True, with a finding, if the table has several rows per person by design, as a long export
    has: the value of another column picks one row for each, with its arm, or some rows of a person
    have no arm. Then a choice of rows is lacking, and not one row is wrong."""
    table = pd.DataFrame({k: pd.Series(v).str.strip() for k, v in rows.columns.items()})
    table = table[table[person] != ""]
    ids = table[person]
    people = ids.nunique()
    if people < FEWEST or people == len(ids):
        return False
    arms = table[arm].where(table[arm] != "").groupby(ids).agg(["size", "count", "nunique"])
    in_some_rows = (arms["count"] < arms["size"]) & (arms["count"] > 0) & (arms["nunique"] == 1)
    if choices := _choices(table, person, arm):
        do = " or ".join(f"`where: {{{choice}}}`" for choice in choices[: sources.LISTED])
    elif in_some_rows.any():
        differ = table.drop(columns=person).groupby(ids).nunique().max() > 1
        names = ", ".join(list(differ.index[differ])[: sources.LISTED])
        do = f"`where` (rows of one person differ in {names})"
    else:
        return False
    findings.error(
        "several_rows_per_participant",
        rows.file,
        "one row per participant",
        f"choose the rows with {do} in {source.key}",
        field=person,
        raw=f"{len(ids)} rows of {people} participants",
    )
    return True


def _choices(table: pd.DataFrame, person: str, arm: str) -> list[str]:
    """`column: "value"` of which the rows are one per person, with an arm. A column that is filled
    in every row says what the row is; others are named only where there is none of these."""
    people = table[person].nunique()
    found: dict[bool, list[str]] = {True: [], False: []}
    for name in table.columns.drop(person):
        for value, chosen in table.groupby(name, sort=True):
            single = len(chosen) == people == chosen[person].nunique()
            if single and value and (chosen[arm] != "").all():
                found[bool((table[name] == "").any())].append(f'{name}: "{value}"')
    return found[False] or found[True]


def check_people(people: pd.DataFrame, plan: Plan, findings: Findings) -> None:
    file = plan.data.participants.source.name
    columns = plan.data.columns
    known = people[people["participant_id"] != ""]
    key = columns["participant_id"].column
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
            "by this id would put different people together; if the rows are of one person, keep "
            f"one, or choose it with `where` in {KEY}",
            field=key,
            raw=f"{first['participant_id']}, another person on line {first['line']}",
        )
    for row in known[known.duplicated("participant_id")].itertuples():
        findings.error(
            "duplicated_id",
            file,
            "each participant once",
            f"keep one row per person, or choose the rows with `where` in {KEY}",
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
            field=columns["arm"].column,
            raw=row.arm,
            participant=row.participant_id,
        )
    for arm in sorted(set(arms) - set(people["arm"])):
        findings.error(
            "arm_missing",
            file,
            f"participants in every arm of the plan ({', '.join(arms)})",
            "correct the mapping, or take the arm out of the plan",
            field=columns["arm"].column,
            raw=f"nobody in arm {arm}",
        )


def check_visits(
    people: pd.DataFrame | None, visits: pd.DataFrame, plan: Plan, findings: Findings
) -> None:
    """Rows of people who are none of `people` (not asked if there are none), and doubled rows."""
    file = plan.data.visits.source.name
    known = visits[visits["participant_id"] != ""]
    if people is not None:
        _check_without_rows(people, visits, plan, file, findings)
        strangers = known[~known["participant_id"].isin(people["participant_id"])]
        expected, do = "a participant", _about_ids(strangers, people)
        _report(strangers, "never_randomized", expected, do, plan, file, findings)
    doubled = known[known.duplicated(["participant_id", "month"]) & (known["month"] != "")]
    expected = "one row per participant and visit"
    do = "delete the wrong row, or choose the rows with `where` in data.visits.source"
    _report(doubled, "duplicated_id", expected, do, plan, file, findings)


def _report(rows, rule: str, expected: str, do: str, plan: Plan, file: str, findings) -> None:
    for row in rows.drop_duplicates("line").itertuples():
        findings.error(
            rule,
            file,
            expected,
            do,
            line=row.line,
            field=plan.data.visits.participant_id,
            raw=row.participant_id,
            participant=row.participant_id,
            event=row.month,
        )


def _about_ids(strangers: pd.DataFrame, people: pd.DataFrame) -> str:
    """What to do about ids of nobody: where they are participants' but for zeros before them, a
    fraction of zero or capitals, two programs wrote them in two ways."""

    def bare(ids: pd.Series) -> set[str]:
        return {re.sub(r"\.0+$", "", id).lstrip("0").casefold() for id in ids}

    if bare(strangers["participant_id"]) & bare(people["participant_id"]):
        return (
            "the two tables seem to write the same ids in two ways (zeros before them, .0 after "
            "them, or capitals): write them in one way, as text"
        )
    return "correct the id in the file"


def _check_without_rows(people, visits, plan: Plan, file: str, findings: Findings) -> None:
    """People of whom the visits hold no row. A wide table promises one for each; in a long table
    they are people who were never seen."""
    wide = plan.data.visits.month is None
    absent = people.loc[people["participant_id"] != "", "participant_id"]
    absent = absent[~absent.isin(visits["participant_id"])]
    if absent.empty:
        return
    raw = f"{absent.nunique()} of {people['participant_id'].nunique()} participants without a row"
    findings.add(
        "participants_without_visits",
        "error" if wide else "note",
        file,
        field=plan.data.visits.participant_id,
        raw=raw,
        action="expected a row per participant in a wide table; add the rows that the export left "
        "out, with blank cells for people who were not seen"
        if wide
        else f"{raw}: their outcomes are missing at every visit",
    )


def check_observed(people, visits, plan: Plan, findings: Findings) -> None:
    file = plan.data.visits.source.name
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
