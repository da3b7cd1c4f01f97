"""Tables in the shape of the raw exports: columns, formats and origin of the data dictionary."""

import numpy as np
import pandas as pd

ORIGIN = "SYNTHETIC"
PREFIX = "synthetic_"


class ExportLayout:
    """Columns and date formats of each file, from the data dictionary (one row a field)."""

    def __init__(self, dictionary: pd.DataFrame) -> None:
        self.files = list(dict.fromkeys(dictionary["file"]))
        self._rows = {file: dictionary[dictionary["file"] == file] for file in self.files}

    def fields(self, file: str) -> list[str]:
        """Columns of a file in order."""
        return list(self._rows[file]["field"])

    def reversed_items(self, file: str) -> dict[str, tuple[int, int]]:
        """Items that a survey mode turns round, with their range."""
        rows = self._rows[file]
        rows = rows[rows["reversed_in_mode"] != ""]
        return {r.field: (int(r.minimum), int(r.maximum)) for r in rows.itertuples(index=False)}

    def ranges(self, file: str) -> dict[str, tuple[int, int]]:
        """Integer fields of a file that have both ends, with their range."""
        rows = self._rows[file]
        rows = rows[(rows["type"] == "integer") & (rows["minimum"] != "") & (rows["maximum"] != "")]
        return {r.field: (int(r.minimum), int(r.maximum)) for r in rows.itertuples(index=False)}

    def formats(self, file: str) -> dict[str, list[str]]:
        """Date fields of a file with their formats, the one that the rule asks for first."""
        rows = self._rows[file]
        rows = rows[rows["type"] == "date"]
        return {r.field: r.formats.split("|") for r in rows.itertuples(index=False)}

    def export(self, file: str, table: pd.DataFrame) -> pd.DataFrame:
        """`table` as strings in the columns of the dictionary, dates in its format, origin set.

        Raises KeyError naming the fields that the table lacks.
        """
        fields, formats = self.fields(file), self.formats(file)
        table = table.assign(data_origin=ORIGIN)
        lacking = [name for name in fields if name not in table.columns]
        if lacking:
            raise KeyError(f"{file}: the twin makes no {', '.join(lacking)}")
        columns = {}
        for name in fields:
            values = table[name]
            if name in formats and values.dtype.kind == "M":
                columns[name] = dates(values.to_numpy(), formats[name][0])
            else:
                columns[name] = values.astype(str).to_numpy(dtype=object)
        return pd.DataFrame(columns, columns=fields, index=range(len(table)))


def dates(values: np.ndarray, form: str) -> np.ndarray:
    """datetime64 as text of a strptime format, NaT as ""."""
    distinct, position = np.unique(values.astype("datetime64[D]"), return_inverse=True)
    text = ["" if np.isnat(d) else d.item().strftime(form) for d in distinct]
    return np.array(text, dtype=object)[position]
