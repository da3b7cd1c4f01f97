"""Reading and writing of files: whole or not at all, same content same bytes."""

import hashlib
import json
import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

SEPARATOR = "::"
"""Between analysis, task and name of a stored array; no id contains it."""


PRIVATE = "private"
"""Name of the folder, in a results tree, of what tells about single participants."""


def make_private(folder: str | Path) -> None:
    """Make `folder`, or close it, so that nobody but its owner looks into it."""
    _make(Path(folder))
    if Path(folder).stat().st_mode & 0o077:
        Path(folder).chmod(0o700)


def _make(folder: Path) -> None:
    """Make `folder` and those above it; from the one named PRIVATE on for their owner alone."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700 if PRIVATE in each.parts else 0o777, exist_ok=True)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` under a temporary name beside `path`, then rename: never a half-written file. In
    a folder PRIVATE the file is for its owner alone."""
    path = Path(path)
    _make(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        temporary.touch(0o600 if PRIVATE in path.parent.parts else 0o666)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """`write_bytes` of `text` in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def write_once(folder: str | Path, name: str, text: str) -> str:
    """Path of `text` in `folder`, in a file named `name` and the start of its SHA-256: another
    content is another file, and what is there already is not written again."""
    path = Path(folder) / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if not path.exists():
        write_text(path, text)
    return path.as_posix()


def read_json(path: str | Path):
    """The JSON document at `path`. Raises FileNotFoundError, ValueError."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_frame(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV: no index, "\\n" line ends, floats by their shortest exact repr,
    missing values empty."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def by_name(paths: Iterable[str | Path]) -> dict[str, Path]:
    """Name of a table → its file, which is called <name>.csv."""
    return {Path(path).stem: Path(path) for path in paths}


def read_strings(path: str | Path) -> pd.DataFrame:
    """Read one of our own CSV files as strings, blank = "". Raises FileNotFoundError."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")


def write_arrays(path: str | Path, named: dict[tuple[str, str], dict[str, np.ndarray]]) -> None:
    """Write arrays by (analysis, task) and name, uncompressed, without dates."""
    flat = {(*key, name): a for key, own in named.items() for name, a in own.items()}
    buffer = BytesIO()
    np.savez(buffer, **{SEPARATOR.join(key): array for key, array in flat.items()})
    write_bytes(path, buffer.getvalue())


def read_arrays(path: str | Path) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """What `write_arrays` wrote."""
    named: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    with np.load(path, allow_pickle=False) as stored:
        for key in stored.files:
            analysis, task, name = key.split(SEPARATOR)
            named.setdefault((analysis, task), {})[name] = stored[key]
    return named
