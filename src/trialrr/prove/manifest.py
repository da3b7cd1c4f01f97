"""What a run was made from and what it made, by SHA-256, as one sorted JSON document.

Everything but the section `run` is the same for the same inputs, code and environment; `run` alone
holds the clock and facts of the machine.
"""

import datetime
import gzip
import hashlib
import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from trialrr import house, io, plan
from trialrr.prove.imports import streams

NAME = "manifest.json"
LOCK = "requirements.lock"
CODE = ("Snakefile", "workflow", "scripts", "src", "notebooks")
NOT_CODE = ("__pycache__", ".ipynb_checkpoints")
PACKED = ".gz"
NOT_OUTPUTS = ("private", "inputs", "benchmarks", "report.pdf")
"""In a tree, but not made by the run alone; the PDF is printed by whatever browser is there."""


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(files: Iterable[str | Path], *roots: str | Path) -> dict[str, str]:
    """{name: SHA-256}, the name being relative to the first of `roots` that the file is in; a file
    outside them has its own name, with as many of its folders before it as tell the files apart."""
    files, roots = sorted({Path(f).resolve() for f in files}), [Path(r).resolve() for r in roots]
    length, told = 1, [_within(f, roots) or f.name for f in files]
    while len(set(told)) < len(files):
        length += 1
        told = [_within(f, roots) or "/".join(f.parts[-length:]) for f in files]
    return {name: sha256(file) for name, file in sorted(zip(told, files, strict=True))}


def watched(files: Iterable[str | Path], root: str | Path = ".") -> str:
    """The contents of `files` in `root` as sorted JSON: path → SHA-256, null where none can be
    read. It changes when, and only when, a content does, whatever the dates of the files."""
    return json.dumps({str(f): _sha256_or_none(Path(root) / f) for f in files}, sort_keys=True)


def code(project: str | Path) -> list[Path]:
    """Every file that takes part in a run: Snakefile, rules, scripts, package, notebooks."""
    found = (Path(project) / name for name in CODE)
    files = (f for top in found for f in ([top] if top.is_file() else top.rglob("*")))
    return sorted(f for f in files if f.is_file() and _is_code(f))


def of_extensions(folders: Iterable[str]) -> dict[str, str]:
    """{key of the plan/folder/file in it: SHA-256} of the `extensions` of a plan."""
    return {
        f"extensions[{i}]/{Path(folder).name}/{file.relative_to(folder).as_posix()}": sha256(file)
        for i, folder in enumerate(folders)
        for file in house.files(folder)
    }


def outputs(tree: str | Path) -> dict[str, str]:
    """{path inside the tree: SHA-256} of what a results tree shows: neither private, logs,
    benchmarks, the printed report, hidden files nor the manifest itself."""
    tree = Path(tree)
    files = (f for f in tree.rglob("[!.]*") if f.is_file() and f.name != NAME)
    names = (f.relative_to(tree).as_posix().removesuffix(PACKED) for f in files)
    shown = sorted(name for name in names if name.split("/")[0] not in NOT_OUTPUTS)
    return {name: hashlib.sha256(content(tree / name)).hexdigest() for name in shown}


def content(path: str | Path) -> bytes:
    """Bytes of an output, or what is inside where a release keeps it packed, as `path`.gz."""
    path = Path(path)
    packed = path.with_name(path.name + PACKED)
    return path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())


def packages(lock: str | Path) -> dict[str, str]:
    """{name: installed version} of the locked packages that are installed."""
    names = re.findall(r"^([\w.-]+)==", Path(lock).read_text(encoding="utf-8"), re.MULTILINE)
    installed = {}
    for name in sorted(set(names)):
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # locked for another platform
    return installed


def build(
    plan_file: str | Path,
    tree: str | Path,
    public: Iterable[str | Path],
    private: Iterable[str | Path],
    inputs: Iterable[str | Path],
    project: str | Path = ".",
    cores: int | None = None,
) -> dict:
    """The manifest of the results in `tree`.

    public, private : the run's output files; of the private ones only their number and one digest
    over all are told. inputs : configuration, published numbers, dictionary, raw exports.
    """
    project, document, here = Path(project), plan.read(plan_file), Path.cwd()
    extensions = document.get("extensions", [])
    own = [file for folder in extensions for file in house.files(folder)]
    library = [f for f in (*code(project), *own) if f.suffix in (".py", ".ipynb")]
    hidden, of_plan = hashes(private, tree), hashes([plan_file], here, project)
    return {
        "trial": document["trial"],
        "version": document["version"],
        "data_origin": document["data"]["origin"].upper(),
        "plan": {
            "file": next(iter(hashes([plan_file], here, project))),
            "sha256": plan.digest(document),
        },
        "seeds": {"root": document["seed"], "streams": streams(library)},
        "inputs": of_plan | hashes(inputs, here, project),
        "code": hashes(code(project), project) | of_extensions(extensions),
        "lock": hashes([project / LOCK], project),
        "packages": packages(project / LOCK),
        "outputs": hashes(public, tree),
        "private": {"files": len(hidden), "sha256": plan.digest(hidden)},
        "run": {
            "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            "cores": cores or os.cpu_count(),
        },
    }


def write(path: str | Path, manifest: dict) -> None:
    """The manifest as sorted, indented JSON."""
    io.write_text(path, json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def read(tree: str | Path) -> dict:
    """The manifest of a results tree or release. Raises FileNotFoundError saying what to do."""
    path = Path(tree) / NAME
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no manifest; finish the run first (make results)")
    return json.loads(path.read_text(encoding="utf-8"))


def same_environment(one: dict, other: dict) -> bool:
    """Whether two runs had the same lock, installed packages, Python and platform, so that their
    figures and pages, which name the Python they were made with, are to be equal byte for byte."""
    locked = all(one[section] == other[section] for section in ("lock", "packages"))
    return locked and all(one["run"][fact] == other["run"][fact] for fact in ("python", "platform"))


def _is_code(path: Path) -> bool:
    parts = path.parts
    return not any(p in NOT_CODE or p.endswith((".egg-info", ".partial")) for p in parts)


def _sha256_or_none(path: str | Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None


def _within(path: Path, roots: Iterable[Path]) -> str:
    """`path` relative to the first of `roots` that it is in, "" if it is in none."""
    return next((path.relative_to(r).as_posix() for r in roots if path.is_relative_to(r)), "")
