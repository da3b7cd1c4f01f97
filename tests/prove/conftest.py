"""A small finished results tree, and the project that it belongs to."""

import subprocess
from pathlib import Path

import pytest

from trialrr import ard
from trialrr.prove import manifest

PLAN = """\
trial: tiny
version: "1.0"
seed: 7
data: {route: resolve, origin: synthetic, directory: null}
"""
NUMBERS = {
    "estimate": 1.28,
    "std_error": 0.1,
    "scale": "log",
    "lower": 1.06,
    "upper": 1.55,
    "p_value": 0.01,
    "n": 1318,
}


def result(level="PT:UC", **numbers) -> dict:
    keys = dict(analysis="main", outcome="severity", month="3", quantity="risk_ratio", level=level)
    return ard.row(**keys, method="poisson", status="prespecified", **(NUMBERS | numbers))


def write_tree(project: Path, rows=None) -> Path:
    """results/tiny-1.0 with a manifest, under `project`."""
    tree = project / "results" / "tiny-1.0"
    ard.write(tree / "ard.csv", ard.frame(rows or [result(), result("HC:UC", estimate=1.54)]))
    for name, text in {
        "tables/primary.csv": "level,risk ratio\nPT:UC,1.28\n",
        "figures/forest.svg": "<svg>1.28</svg>\n",
        "report.html": "<p>computed from synthetic data: 1.28</p>\n",
        "findings_summary.csv": "rule,n\ndate_format,12\n",
        "private/participants.csv": "participant_id,arm\nR00001,PT\nR00002,UC\nR00003,HC\n",
        "private/logs/run.log": "done\n",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    write_manifest(project)
    return tree


def write_manifest(project: Path) -> None:
    tree = project / "results" / "tiny-1.0"
    built = manifest.build(
        project / "config" / "plan.yaml",
        tree,
        [tree / name for name in manifest.outputs(tree)],
        [tree / "private" / "participants.csv"],
        [],
        project=project,
    )
    manifest.write(tree / manifest.NAME, built)


@pytest.fixture
def project(tmp_path) -> Path:
    """A project of one script, known to git, without results."""
    for name, text in {
        "config/plan.yaml": PLAN,
        "requirements.lock": "numpy==2.0 \\\n    --hash=sha256:00\n",
        "Snakefile": "rule all:\n    shell: 'python scripts/make.py'\n",
        "scripts/make.py": f"{Path(__file__).read_text()}\n\nwrite_tree(Path.cwd())\n",
        ".gitignore": "/results/\n.snakemake/\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def tree(project) -> Path:
    return write_tree(project)
