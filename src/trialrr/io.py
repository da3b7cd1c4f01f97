"""Reading and writing of files: whole or not at all, same content same bytes."""

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

SEPARATOR = "::"
"""Between analysis, task and name of a stored array; no id contains it."""


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` under a temporary name beside `path`, then rename: never a half-written file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """`write_bytes` of `text` in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def write_frame(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV: no index, "\\n" line ends, floats by their shortest exact repr,
    missing values empty."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


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
