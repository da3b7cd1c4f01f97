"""A typed table as two files: CSV, which anybody can read, and its schema in JSON beside it.

CSV rather than Parquet, since the lock has no reader of Parquet and a person should be able to look
into a table. The schema holds names of columns, their types and levels; levels may be ids of
clusters, so it stands in the private folder with its table.
"""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from trialrr import io
from trialrr.data import schema as declared
from trialrr.data.conversion import typed
from trialrr.data.schema import DATE, LEVEL, Schema, SchemaError


def schema_file(path: str | Path) -> Path:
    """Where the schema of the table at `path` stands: `visits.schema.json` of `visits.csv`."""
    return Path(path).with_suffix(".schema.json")


def write(path: str | Path, frame: pd.DataFrame, schema: Schema) -> None:
    """Write a table to `path`, and beside it its schema with the levels that were found. Raises
    SchemaError, and writes nothing, where the table is not what the schema says."""
    table = typed(frame, schema, Path(path).name)
    columns = {name: schema.columns[name] for name in table}
    for name, spec in columns.items():
        if spec.type == LEVEL:
            columns[name] = replace(spec, levels=tuple(table[name].cat.categories))
    dates = [name for name, spec in columns.items() if spec.type == DATE]
    text = table.assign(**{name: table[name].dt.strftime("%Y-%m-%d") for name in dates})
    document = replace(schema, columns=columns).document()
    io.write_text(schema_file(path), json.dumps(document, indent=1) + "\n")
    io.write_frame(path, text)


def read(path: str | Path) -> pd.DataFrame:
    """The table at `path`, typed by the schema beside it as in `typed`. Raises FileNotFoundError
    where one of the two files is not there, SchemaError where they disagree."""
    path, beside = Path(path), schema_file(path)
    if not beside.is_file():
        raise FileNotFoundError(
            f"{beside}: the schema of {path.name} is not there; it is written together with the "
            "table, so derive the data again"
        )
    try:
        schema = declared.parsed(io.read_json(beside))
    except ValueError as error:
        text = f"{beside.name}: {error}; derive the data again, which writes it"
        raise SchemaError(text) from None
    try:
        table = io.read_strings(path)
    except pd.errors.ParserError as error:
        raise SchemaError(f"{path.name}: {str(error).strip()}") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise SchemaError(f"{path.name}: row 2 has more cells than the header")
    return typed(table, schema, path.name)
