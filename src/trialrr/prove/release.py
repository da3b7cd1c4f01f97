"""Freezing a version: what a reader needs to check a later run against, small and committed."""

import gzip
import json
import os
import shutil
from pathlib import Path

from trialrr import io
from trialrr.prove import disclosure, manifest, verify

LARGEST = 1_500_000
"""Bytes; larger figures and pages are regenerated, not kept, and larger tables are packed."""
FROZEN = (
    "ard.csv", "calibration.csv", "published_vs_reproduced.csv", "findings_summary.csv",
    "report.html", "tables/*.csv", "tables/*.html", "figures/*.svg", "figures/*.png",
)  # fmt: skip
"""The same tables for a manuscript, and figures for print, are made of the same texts and marks."""
BY_HASH = ("figures/*_column.*",)
"""Of these a release has the hashes in its manifest and nothing more."""


class ReleaseError(RuntimeError):
    """The version cannot be frozen; the message says why and what to do."""


def freeze(tree: str | Path, release: str | Path) -> list[str]:
    """Copy what is to be kept of a finished results tree to `release`; the names, or [] if the
    very same release is already there.

    Raises ReleaseError if the tree is not as its manifest says, or if another release of this
    version exists; DisclosureError if something in it is not to be shown.
    """
    tree, release = Path(tree), Path(release)
    stale = verify.against_manifest(tree)
    if stale:
        raise ReleaseError(f"{tree} is not what its run made: {stale[0]}; run it again first")
    people = private(tree, "participants", "participant_id")
    disclosure.require(tree, people, private(tree, "clusters", "cluster"))
    names = frozen(tree)
    if release.exists():
        changed = _changed(tree, release, names)
        if changed:
            raise ReleaseError(
                f"{release} is frozen and differs from {tree}: {changed}\n"
                "  A released version never changes: give the plan a new version and rerun."
            )
        return []
    partial = release.with_name(f".{release.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name in [*names, manifest.NAME]:
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".csv") and (tree / name).stat().st_size > LARGEST:
            packed = gzip.compress((tree / name).read_bytes(), mtime=0)
            (partial / f"{name}{manifest.PACKED}").write_bytes(packed)
        else:
            shutil.copyfile(tree / name, partial / name)
    os.replace(partial, release)
    return [*names, manifest.NAME]


def frozen(tree: str | Path) -> list[str]:
    """Names of the outputs of `tree` that a release keeps."""
    tree = Path(tree)
    files = {f for pattern in FROZEN for f in tree.glob(pattern) if f.is_file()}
    files -= {f for pattern in BY_HASH for f in tree.glob(pattern)}
    small = {f for f in files if f.stat().st_size <= LARGEST or f.suffix == ".csv"}
    return sorted(f.relative_to(tree).as_posix() for f in small)


def private(tree: str | Path, table: str, column: str) -> list[str]:
    """A column of a table of the tree's private part; [] where it has none."""
    path = Path(tree) / "private" / f"{table}.csv"
    return list(io.read_strings(path)[column]) if path.is_file() else []


def _changed(tree: Path, release: Path, names: list[str]) -> str:
    there = set(manifest.outputs(release))
    for name in sorted(there ^ set(names)):
        return f"{name} is {'only in the release' if name in there else 'new'}"
    for name in names:
        if manifest.content(tree / name) != manifest.content(release / name):
            return f"{name} is not the same"
    ours, theirs = (manifest.read(t) | {"run": None} for t in (tree, release))
    for section in sorted(ours.keys() | theirs.keys()):
        if json.dumps(ours.get(section)) != json.dumps(theirs.get(section)):
            return f"{manifest.NAME}, section {section!r}, is not the same"
    return ""
