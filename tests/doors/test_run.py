"""A kind that stands in a folder elsewhere goes through the whole chain, and no file of the project
is edited for it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plan import tiny
from tests.workflow.conftest import copy_of_project
from trialrr import ard

TOY = Path(__file__).parent / "toy_kind"
ENTRIES = {
    2: tiny.entry("exact", kind="fisher_exact", label="Fisher's exact test"),
    3: tiny.entry("greater", kind="fisher_exact", alternative="greater", months=["6"]),
}


@dataclass(frozen=True)
class Run:
    """A folder with a plan, its data and the toy kind, beside a copy of the project."""

    folder: Path
    project: Path

    @property
    def tree(self) -> Path:
        return self.folder / "results/tiny-1.0"

    def snakemake(self, *arguments: str) -> str:
        """What it printed; it must succeed."""
        command = [sys.executable, "-m", "snakemake", *arguments, "--cores", "1"]
        command += ["--snakefile", str(self.project / "Snakefile"), "--configfile", "plan.yaml"]
        run = subprocess.run(
            [*command, "--set-scatter", "resample=2"],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-4000:]
        return run.stdout

    def would_run(self) -> set[str]:
        """The rules that another run of the report would begin with, and that follow from it."""
        told = self.snakemake(f"{self.tree.relative_to(self.folder)}/report.html", "--dry-run")
        return {line.split()[-1].rstrip(":") for line in told.splitlines() if "rule " in line}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    top = tmp_path_factory.mktemp("doors")
    made = Run(top / "a run", copy_of_project(top / "project").path)
    shutil.copytree(TOY, made.folder / "my kinds/exact", ignore=shutil.ignore_patterns("*.pyc"))
    plan = tiny.document() | {"extensions": ["my kinds/exact"]}
    for place, entry in ENTRIES.items():
        plan = tiny.changed("analyses", place, to=entry, of=plan)
    tiny.write(made.folder, plan)
    made.snakemake("results/tiny-1.0/report.html")
    return made


def test_its_rows_stand_in_the_results(run):
    table = ard.read(run.tree / "ard.csv")
    own = table[table["quantity"] == "fisher_exact"]
    places = [("exact", "3"), ("exact", "6"), ("greater", "6")]
    assert list(zip(own["analysis"], own["month"], strict=True)) == places
    assert own["p_value"].between(0, 1, inclusive="neither").all()
    people = [row for row in tiny.people() if row["resp6"]]
    assert list(own["n"])[1:] == [len(people)] * 2
    assert list(own["estimand"]) == ["offer"] * 3


def test_the_report_is_made_with_it(run):
    assert "A tiny made-up trial" in (run.tree / "report.html").read_text(encoding="utf-8")


def test_the_plan_in_effect_names_its_folder(run):
    run.snakemake("results/tiny-1.0/plan.json")
    document = json.loads((run.tree / "plan.json").read_text())
    assert document["extensions"] == ["my kinds/exact"]


def test_its_files_are_code_of_the_jobs_that_use_them(run):
    assert run.would_run() == set()
    for name, reruns in (
        ("exact_test.py", {"resample", "summarize", "collect_ard"}),
        ("__init__.py", {"resample", "summarize", "collect_ard", "estimate", "read_tidy"}),
    ):
        file = run.folder / "my kinds/exact" / name
        text = file.read_text()
        os.utime(file)
        assert run.would_run() == set(), "a date decides nothing"
        file.write_text(text + "\n# edited\n")
        found = run.would_run()
        file.write_text(text)
        assert reruns <= found
        assert name == "__init__.py" or not found & {"estimate", "read_tidy"}
