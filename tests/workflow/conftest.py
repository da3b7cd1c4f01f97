"""The project in a temporary copy, where the workflow runs as a user runs it."""

import os
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


@dataclass(frozen=True)
class Project:
    """A copy of the project in `path`; `results` is the tree of a quick run of the RESOLVE plan:
    all of its analyses, with fewer draws. The full run is that of `make results`."""

    path: Path
    name: str = "results/" + plan.tree(plan.read(ROOT / "config/resolve.yaml") | QUICK)

    @property
    def results(self) -> Path:
        return self.path / self.name

    def snakemake(self, *arguments: str, effort: str = "quick") -> subprocess.CompletedProcess:
        """Run snakemake here; both streams in `stdout`."""
        return subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments, "--config", f"effort={effort}"],
            cwd=self.path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def public(self) -> dict[str, bytes]:
        """Bytes of every public output that is the same for the same input."""
        hidden = {"private", "logs", "benchmarks"}
        files = (f for f in self.results.rglob("*") if f.is_file() and f.name != "manifest.json")
        named = {f.relative_to(self.results): f for f in files}
        return {n.as_posix(): f.read_bytes() for n, f in named.items() if n.parts[0] not in hidden}


def copy_of_project(path: Path) -> Project:
    path.mkdir(parents=True)
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=leave)
        else:
            shutil.copy(source, path / name)
    return Project(path)


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
