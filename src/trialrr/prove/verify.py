"""Does the work still give what it gave? Results trees compared output by output.

Three comparisons: a tree with its own manifest (nothing edited, missing or added), a tree with one
recomputed from nothing, a tree with the frozen release of its version. Numbers are compared within
a tolerance, rounded tables byte for byte, figures and pages byte for byte where both were made in
the same environment (their numbers are in the ARD anyway).
"""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from trialrr import ard, plan, trials
from trialrr.prove import manifest

RELATIVE = {
    # Estimates solve their equations to machine precision; what differs between processors and
    # BLAS builds is the order of sums.
    "estimate": 1e-8,
    "reproduced": 1e-8,
    # A standard error is the root of a difference of products: half the digits may go.
    "std_error": 1e-6,
    "lower": 1e-6,
    "upper": 1e-6,
    "statistic": 1e-6,
    "df": 1e-6,
    "reproduced_lower": 1e-6,
    "reproduced_upper": 1e-6,
    # In the tail a p value moves by z² times the relative error of its statistic.
    "p_value": 1e-4,
    "reproduced_p_value": 1e-4,
}
ABSOLUTE = 1e-10
"""Below this two numbers are both zero: what vanishes in exact arithmetic has no digits."""
DERIVED = ("difference",)
"""Determined by other columns of the row, which are compared."""
KEYS = (*ard.KEYS, "role", "source")

NUMBERS, TABLES, LOOKS, OTHER = "numbers", "tables", "figures and pages", "other outputs"
TREATMENT = {
    NUMBERS: "equal within tolerance",
    TABLES: "equal byte for byte",
    LOOKS: "equal byte for byte",
    OTHER: "equal byte for byte",
}
NUMBER_FILES = ("ard.csv", "calibration.csv", "published_vs_reproduced.csv")


class VerifyError(RuntimeError):
    """The comparison cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One output that is not as it was, and how."""

    output: str
    how: str

    def __str__(self) -> str:
        return f"{self.output}: {self.how}"


def kind(output: str) -> str:
    """Which comparison an output gets, from its path inside the tree."""
    top = output.split("/")[0]
    if output in NUMBER_FILES or (top == "ard" and output.endswith(".csv")):
        return NUMBERS
    if top == "tables" and not output.endswith(".docx"):  # an archive looks as its packer packs
        return TABLES
    if top in ("figures", "notebooks") or output.endswith((".svg", ".png", ".html")):
        return LOOKS
    return OTHER


def against_manifest(tree: str | Path) -> list[Difference]:
    """What was edited in, is missing from or was added to a tree since its manifest was written."""
    return _by_hash(manifest.read(tree)["outputs"], manifest.outputs(tree), "the run's manifest")


def against_release(tree: str | Path, release: str | Path) -> list[Difference]:
    """What differs between a tree and the frozen release of the same version: the frozen files by
    their kind, the other figures and pages by the hashes in both manifests if both were made in the
    same environment, and which outputs there are at all by both manifests."""
    ours, theirs = manifest.read(tree), manifest.read(release)
    frozen, found = manifest.outputs(release), set(manifest.outputs(tree))
    damaged = [
        Difference(name, "the frozen file itself is not what the release's manifest says")
        for name, digest in frozen.items()
        if theirs["outputs"].get(name) != digest
    ]
    names = _by_name(theirs["outputs"], found, "the release")
    same = manifest.same_environment(ours, theirs)
    changed = compare(release, tree, found & set(frozen), looks=same)
    listed = {n: theirs["outputs"][n] for n in compared(release) if n not in frozen}
    drawn = {n: ours["outputs"].get(n, digest) for n, digest in listed.items()}
    looks = _by_hash(listed, drawn, "the release's manifest") if same else []
    return sorted(damaged + names + changed + looks, key=lambda d: d.output)


def compared(release: str | Path) -> list[str]:
    """Outputs of a release that another tree is compared with: those that it keeps, and of figures
    and pages also those of which it has the hash alone."""
    kept = manifest.outputs(release)
    return [n for n in manifest.read(release)["outputs"] if n in kept or kind(n) == LOOKS]


def between(expected: str | Path, found: str | Path) -> list[Difference]:
    """What differs between two whole trees, say a recomputed one and the one at hand."""
    one, other = manifest.outputs(expected), manifest.outputs(found)
    names = _by_name(one, other, "the recomputed results")
    same = manifest.same_environment(manifest.read(expected), manifest.read(found))
    both = [n for n in one if n in other]
    return sorted(names + compare(expected, found, both, looks=same), key=lambda d: d.output)


def compare(
    expected: str | Path, found: str | Path, outputs: Iterable[str], looks: bool = True
) -> list[Difference]:
    """Differences of the named outputs that stand in both trees, each by its kind; figures and
    pages only if `looks`."""
    differences = []
    for output in sorted(outputs):
        one, other = Path(expected) / output, Path(found) / output
        if kind(output) == LOOKS and not looks:
            continue
        if manifest.content(one) == manifest.content(other):
            continue
        how = _numbers(one, other) if kind(output) == NUMBERS else _bytes(one, other)
        if how:
            differences.append(Difference(output, how))
    return differences


def recompute(
    project: str | Path, configfile: str | Path, into: str | Path, cores: int, log: Callable = print
) -> Path:
    """Run the workflow from nothing in a copy of the project under `into`; its results tree.

    What resamples comes in as many pieces as there are cores, which is to change no number. The
    copy has the files that git knows or would add, as they are now, and no results. Files of the
    plan that are not among them are linked from the present folder; if that is not the project's,
    the workflow runs in a folder with nothing but such links. Raises VerifyError if the project is
    not a git working tree, or with the end of the log if the run fails.
    """
    project, document = Path(project).resolve(), plan.read(configfile)
    files = list(_files_of_plan(document))
    deep = max((Path(f).parts.count("..") for f in files), default=0)
    top = Path(into).resolve().joinpath(*["below"] * deep)  # so that ../data has a place
    copy = top / "project"
    for name in _working_files(project):
        if (project / name).is_file() and not name.startswith("results/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, copy / name)
    here = copy if project == Path.cwd() else top / "run"
    here.mkdir(exist_ok=True)
    for file in files:
        _link(Path(file), here)
    log(f"recomputing {plan.tree(document)} from nothing, {cores} core(s)")
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
    command += ["--snakefile", str(copy / "Snakefile")]
    command += ["--configfile", str(Path(configfile).resolve())]
    command += ["--set-scatter", f"resample={cores}"]
    run = subprocess.run(
        command, cwd=here, env=_environment(copy), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if run.returncode:
        end = "\n  ".join(run.stdout.splitlines()[-40:])
        raise VerifyError(f"recomputing failed ({' '.join(command[1:])}); its log ends:\n  {end}")
    return here / "results" / plan.tree(document)


def _files_of_plan(document: dict) -> Iterable[Path]:
    """Files and folders that a plan names by a path that is not absolute."""
    asked = plan.parse(document)
    trial, folder = trials.of(asked.data), asked.data.directory
    named = [Path(folder), *sorted(Path(folder).glob("*.csv"))] if folder else []
    named += trial.raw_files(asked.data) if folder or not trial.twin() else []
    named += [Path(asked.published)] if asked.published else []
    named += [Path(folder) for folder in asked.extensions]
    return (path for path in named if not path.is_absolute())


def _link(path: Path, folder: Path) -> None:
    """Have `path` of the present folder in `folder` too, as a link, unless it is there."""
    place = Path(os.path.normpath(folder / path))
    if path.exists() and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path.resolve())


def lines(
    outputs: Iterable[str],
    differences: Iterable[Difference],
    looks: bool = True,
    by_hash: bool = False,
) -> list[str]:
    """One line a kind of output: how many, and whether they are equal."""
    outputs, differences, told = list(outputs), list(differences), []
    for name in TREATMENT:
        of_kind = [o for o in outputs if kind(o) == name]
        wrong = [d for d in differences if kind(d.output) == name]
        if not of_kind and not wrong:
            continue
        equal = "equal by sha256" if by_hash else TREATMENT[name]
        result = f"{len(wrong)} differ" if wrong else equal
        if name == LOOKS and not looks and not wrong:
            result = "not compared: made in another environment (lock or packages differ)"
        told.append(f"  {name}: {len(of_kind)} file(s), {result}")
    return told


def _working_files(project: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        run = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip()
        raise VerifyError(
            f"verify recomputes in a copy of the files that git knows, and git says: {reason}\n"
            "  Run it in a clone, or compare hashes only: trialrr verify --no-recompute"
        ) from None
    return [name for name in run.stdout.split("\0") if name]


def _environment(copy: Path) -> dict[str, str]:
    """This process's environment, the copy's package and this interpreter's programs first."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return os.environ | threads | {"PATH": path, "PYTHONPATH": str(copy / "src")}


def _by_name(expected: Iterable[str], found: Iterable[str], source: str) -> list[Difference]:
    expected, found = set(expected), set(found)
    missing = [Difference(n, f"missing, though {source} has it") for n in sorted(expected - found)]
    extra = [Difference(n, f"extra: {source} does not have it") for n in sorted(found - expected)]
    return missing + extra


def _by_hash(expected: dict, found: dict, source: str) -> list[Difference]:
    edited = [
        Difference(n, f"edited: sha256 {found[n][:12]}…, {source} has {expected[n][:12]}…")
        for n in sorted(set(expected) & set(found))
        if expected[n] != found[n]
    ]
    return sorted(edited + _by_name(expected, found, source), key=lambda d: d.output)


def _bytes(one: Path, other: Path) -> str:
    old, new = (manifest.content(p).splitlines() for p in (one, other))
    for number, (before, now) in enumerate(zip(old, new, strict=False), start=1):
        if before != now:
            return f"line {number} was {_short(before)}, is {_short(now)}"
    return f"had {len(old)} line(s), has {len(new)}" if len(old) != len(new) else "line ends differ"


def _short(line: bytes, width: int = 160) -> str:
    text = line.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= width else text[:width] + "…")


def _numbers(one: Path, other: Path) -> str:
    """How two tables of numbers differ, rows matched by key; "" within the tolerances."""
    (columns, old), (new_columns, new) = _rows(one), _rows(other)
    if columns != new_columns:
        return f"columns were {', '.join(columns)}; are {', '.join(new_columns)}"
    for text, keys in (("missing", old.keys() - new.keys()), ("extra", new.keys() - old.keys())):
        if keys:
            return f"row ({_name(min(keys))}) is {text}"
    for key, before in old.items():
        for column in columns:
            was, now = before[column], new[key][column]
            if not _close(was, now, column):
                return f"row ({_name(key)}), {column} was {was or 'blank'}, is {now or 'blank'}"
    return ""


def _rows(path: Path) -> tuple[list[str], dict[tuple, dict]]:
    reader = csv.DictReader(StringIO(manifest.content(path).decode("utf-8"), newline=""))
    rows = list(reader)
    columns = list(reader.fieldnames or ())
    keys = [c for c in KEYS if c in columns]
    named = {tuple(row[k] or "" for k in keys) if keys else (n,): row for n, row in enumerate(rows)}
    if len(named) < len(rows):
        raise VerifyError(f"{path.name}: two rows have the same key {', '.join(keys)}")
    return columns, named


def _name(key: tuple) -> str:
    return ", ".join(str(part) for part in key if part != "")


def _close(was: str, now: str, column: str) -> bool:
    if was == now or column in DERIVED:
        return True
    if column not in RELATIVE:
        return False
    try:
        one, other = float(was), float(now)
    except (TypeError, ValueError):
        return False
    return abs(one - other) <= max(RELATIVE[column] * max(abs(one), abs(other)), ABSOLUTE)
