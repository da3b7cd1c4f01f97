"""Nothing about one participant, and nothing about one machine, in what is shown.

A public tree holds counts and estimates. It holds no id of a participant or of a cluster, which may
be a person too, no table with one row a person, no clock and no path of the machine that made it.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trialrr.prove.manifest import NAME as MANIFEST
from trialrr.prove.manifest import outputs

ID_COLUMN = re.compile(r"\w+_id|mrn")
RESULT_COLUMNS = ("analysis", "quantity", "level")
"""A table with these is of results, however many rows it has."""
TEXT = (".csv", ".html", ".svg", ".json", ".txt", ".md", ".tsv", ".tex", ".rtf")
EMBEDDED = re.compile(r"base64,[A-Za-z0-9+/=\s]+")
CLOCK = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
MACHINE_PATH = re.compile(
    r"(?<![\w:/.<*-])/(?:home|root|Users|tmp|var|opt|mnt|private|srv|work|data)/[\w.-]+"
    r"|\b[A-Za-z]:\\[\w.-]+\\"
)


class DisclosureError(ValueError):
    """Files that are not to be shown; the message lists each place."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One place in a public file that tells what it must not."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def id_pattern(ids: Iterable[str]) -> re.Pattern | None:
    """Pattern of everything shaped like one of `ids` (R00017: R and five digits), so that also
    people outside the list are found. None for ids of digits alone: any count looks like them."""
    shapes = {
        "".join(r"\d" if c.isdigit() else re.escape(c) for c in i)
        for i in ids
        if re.search(r"\D", i) and re.search(r"\d\d", i)
    }
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(shapes))})(?!\w)") if shapes else None


def names_pattern(names: Iterable[str]) -> re.Pattern | None:
    """Pattern of `names` as whole words, of those that nothing else is likely to read: three
    characters or more and not digits alone. None if there is none."""
    words = sorted(re.escape(n) for n in set(names) if len(n) > 2 and re.search(r"[^\W\d]", n))
    return re.compile(rf"(?<![\w#])(?:{'|'.join(words)})(?!\w)") if words else None  # #: a color


def check(
    tree: str | Path, ids: Iterable[str] = (), clusters: Iterable[str] = ()
) -> list[Exposure]:
    """Every exposure in the public files of `tree`, by file and line.

    ids : participant ids of the trial; a table with as many rows as there are ids is taken for one
    row a person. clusters : ids of clusters.
    """
    tree, ids = Path(tree), list(ids)
    pattern, exposures = id_pattern(ids), []
    of_clusters = names_pattern(clusters)
    for name in [*outputs(tree), MANIFEST]:
        path = tree / name
        if path.suffix not in TEXT or not path.is_file():
            continue
        text = EMBEDDED.sub("base64,", path.read_text(encoding="utf-8", errors="replace"))
        if path.suffix in (".csv", ".tsv"):
            exposures += _table(name, text, "\t" if path.suffix == ".tsv" else ",", len(set(ids)))
        looked_for = [("a participant's id", pattern), ("a cluster's id", of_clusters)]
        looked_for.append(("a path of this machine", MACHINE_PATH))
        if name != MANIFEST:  # its section `run` holds the clock
            looked_for.append(("a clock time", CLOCK))
        for number, line in enumerate(text.splitlines(), start=1):
            exposures += [
                Exposure(name, number, f"{what}, {found[0]!r}")
                for what, regex in looked_for
                if regex and (found := regex.search(line))
            ]
    return exposures


def require(tree: str | Path, ids: Iterable[str] = (), clusters: Iterable[str] = ()) -> None:
    """Raise DisclosureError listing every exposure in `tree`, if there is one."""
    exposures = check(tree, ids, clusters)
    if exposures:
        listed = "\n  ".join(map(str, exposures[:20]))
        more = f"\n  and {len(exposures) - 20} more" if len(exposures) > 20 else ""
        raise DisclosureError(
            f"{tree}: {len(exposures)} place(s) show what must stay private:\n  {listed}{more}\n"
            "  Move such a file under private/, or leave the cell out of the output."
        )


def _table(name: str, text: str, delimiter: str, people: int) -> list[Exposure]:
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    header = next(rows, [])
    named = [c for c in header if ID_COLUMN.fullmatch(c.strip().lower())]
    found = [Exposure(name, 1, f"column {c!r} identifies participants") for c in named]
    if people and not set(RESULT_COLUMNS) <= set(header):
        count = sum(1 for _ in rows)
        if count == people:
            found.append(Exposure(name, 1, f"{count} rows, one for each participant"))
    return found
