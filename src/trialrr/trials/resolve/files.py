"""The files of RESOLVE's exports, by the data dictionary."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from trialrr.ingest import fields
from trialrr.ingest.fields import Field

DICTIONARY = Path(__file__).with_name("dictionary.csv")
PREFIX = {"synthetic": "synthetic_", "real": ""}
"""What the names of files begin with, by origin."""
DESCRIBED = "data_dictionary"
"""The file beside those of the twin that says what each field holds."""


@cache
def dictionary() -> Mapping[str, tuple[Field, ...]]:
    """Fields of the raw files of RESOLVE."""
    return MappingProxyType(fields.load(DICTIONARY))


def names() -> list[str]:
    """The raw files, without prefix and ending, in the order of the dictionary."""
    return list(dictionary())


def raw_files(directory: str | Path) -> list[Path]:
    """The files in `directory` that are read, of either origin; they may be absent."""
    return [Path(directory) / f"{p}{name}.csv" for name in names() for p in PREFIX.values()]


def synthetic_files() -> tuple[str, ...]:
    """Names of the files that the twin writes, sorted."""
    return tuple(f"{PREFIX['synthetic']}{name}.csv" for name in sorted([*names(), DESCRIBED]))
