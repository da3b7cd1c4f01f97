"""The project in a temporary copy, where the workflow runs as a user runs it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialrr import plan

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config", "docs", "environment.yml", "notebooks", "requirements.lock")
PARTS += ("scripts", "src", "workflow")
QUICK = {"effort": "quick"}
KEPT = (
    *("main", "bootstrap_clusters", "complete_case", "multiple_imputation", "unadjusted"),
    *("randomized_before_2021-08-09", "randomized_after_2022-03-31", "secondary"),
)
"""Analyses of RESOLVE in the copy: fits, what resamples and what is a score. All of them run in
`make results`, and again on one core in `trialrr verify` (.ci/run)."""


@dataclass(frozen=True)
class Project:
    """A copy of the project in `path`; `results` is the tree of a quick run of RESOLVE with the
    analyses KEPT."""

    path: Path
    name: str = "results/" + plan.tree(plan.read(ROOT / "config/resolve.yaml") | QUICK)

    @property
    def results(self) -> Path:
        return self.path / self.name

    @staticmethod
    def tree(trial: str) -> str:
        """Path of the results of an example, which runs in full."""
        return "results/" + plan.tree(plan.read(ROOT / f"config/examples/{trial}.yaml"))

    def snakemake(
        self, *arguments: str, pieces: int = 1, trial: str = ""
    ) -> subprocess.CompletedProcess:
        """Run snakemake here on RESOLVE, or on an example; what resamples in so many pieces, both
        streams in `stdout`."""
        quick = ["--config", *(f"{key}={value}" for key, value in QUICK.items())]
        scatter = ["--set-scatter", f"resample={pieces}"]
        chosen = ["--configfile", f"config/examples/{trial}.yaml"] if trial else quick
        return subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments, *chosen, *scatter],
            cwd=self.path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def public(self, trial: str = "") -> dict[str, bytes]:
        """Bytes of every public output that is the same for the same input, by name."""
        hidden = {"private", "inputs", "benchmarks"}
        tree = self.path / self.tree(trial) if trial else self.results
        files = (f for f in sorted(tree.rglob("*")) if f.is_file() and f.name != "manifest.json")
        named = {f.relative_to(tree): f for f in files}
        return {n.as_posix(): f.read_bytes() for n, f in named.items() if n.parts[0] not in hidden}


def copy_of_project(path: Path) -> Project:
    path.mkdir(parents=True)
    leave = shutil.ignore_patterns("*.egg-info", ".ipynb_checkpoints")  # compiled files save time
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=leave)
        else:
            shutil.copy(source, path / name)
    shorten(path / "config/resolve.yaml")
    return Project(path)


def shorten(plan_file: Path) -> None:
    """Leave the analyses KEPT in a plan, everything else as it is written."""
    text = plan_file.read_text(encoding="utf-8")
    start, end = text.index("\nanalyses:\n"), text.index("\nbaseline_table:")
    head, *entries = re.split(r"^(?=  - id: )", text[start:end], flags=re.MULTILINE)
    kept = [entry for entry in entries if entry.split()[2] in KEPT]
    assert len(kept) == len(KEPT)
    plan_file.write_text(f"{text[:start]}{head}{''.join(kept)}{text[end:]}", encoding="utf-8")


@pytest.fixture
def project(tmp_path) -> Project:
    """A fresh copy without results."""
    return copy_of_project(tmp_path / "a copy with a space")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A copy in which a quick run is done. Tests may look, and put back what they change."""
    project = copy_of_project(tmp_path_factory.mktemp("chain") / "project")
    run = project.snakemake("--cores", "4")
    assert run.returncode == 0, run.stdout[-4000:]
    return project


@pytest.fixture(scope="session")
def indomethacin(tmp_path_factory) -> Project:
    """A copy in which a real trial went through the whole chain."""
    project = copy_of_project(tmp_path_factory.mktemp("real") / "project")
    run = project.snakemake("--cores", "4", trial="indo_rct")
    assert run.returncode == 0, run.stdout[-4000:]
    return project
