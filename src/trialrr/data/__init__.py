"""The analysis data: typed tables of participants and visits, each with its schema beside it.

The tables are written and read here only, and parsed once, when they are read: what comes after
works on numbers, levels and dates, never on their text.
"""

from trialrr.data.columns import levels_of, numbers, written
from trialrr.data.conversion import typed
from trialrr.data.files import read, schema_file, write
from trialrr.data.schema import (
    DATE,
    FLAG,
    INTEGER,
    LEVEL,
    NUMBER,
    OF_FIELD,
    TEXT,
    TYPES,
    Column,
    Schema,
    SchemaError,
)

__all__ = [
    "DATE",
    "FLAG",
    "INTEGER",
    "LEVEL",
    "NUMBER",
    "OF_FIELD",
    "TEXT",
    "TYPES",
    "Column",
    "Schema",
    "SchemaError",
    "levels_of",
    "numbers",
    "read",
    "schema_file",
    "typed",
    "write",
    "written",
]
