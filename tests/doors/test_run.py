"""A trial and a kind of analysis that stand in folders elsewhere go through the whole chain, and no
file of the project is edited for them."""

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import yaml
from scipy.stats import fisher_exact

from tests.doors import toy
from tests.plan import tiny
from tests.workflow.conftest import copy_of_project
from trialrr import ard
from trialrr.present import shows
from trialrr.present.results import read_results

HERE = Path(__file__).parent
OWN = {"outcomes": ["tired"], "kind": "fisher_exact"}
ENTRIES = [
    tiny.entry("exact", **OWN, label="Fisher's exact test"),
    tiny.entry("greater", **OWN, alternative="greater", months=["3"]),
]
EXTENSIONS = ("my kinds/exact", "toy_trial")
TARGETS = ("results/toy-1.0/report.html", "results/toy-1.0/tables/exact_tests.docx")


@dataclass(frozen=True)
class Run:
    """A folder with a plan, its data, the toy trial and the toy kind, beside a copy of the
    project."""

    folder: Path
    project: Path

    @property
    def tree(self) -> Path:
        return self.folder / "results/toy-1.0"

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
        """The rules that another run would begin with, and that follow from it."""
        told = self.snakemake(*TARGETS, "--dry-run")
        return {line.split()[-1].rstrip(":") for line in told.splitlines() if "rule " in line}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    top = tmp_path_factory.mktemp("doors")
    made = Run(top / "a run", copy_of_project(top / "project").path)
    for name, place in zip(("toy_kind", "toy_trial"), EXTENSIONS, strict=True):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / name, made.folder / place, ignore=leave)
    toy.write(made.folder / "exports")
    plan = toy.PLAN | {"extensions": list(EXTENSIONS)}
    plan["data"] = plan["data"] | {"directory": "exports"}
    plan["analyses"] = [*plan["analyses"], *ENTRIES]
    (made.folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    made.snakemake(*TARGETS)
    return made


def test_the_rows_of_the_kind_stand_in_the_results(run):
    table = ard.read(run.tree / "ard.csv")
    own = table[table["quantity"] == "fisher_exact"].set_index("analysis")
    assert list(own.index) == ["exact", "greater"]
    seen = [k for k in range(len(toy.people())) if k % 10 != 9]
    early = [(k // 2) % 3 < 2 for k in seen if k % 2 == 0]
    late = [(k // 2) % 3 < 1 for k in seen if k % 2]
    counts = [[sum(arm), len(arm) - sum(arm)] for arm in (early, late)]
    for name, alternative in (("exact", "two-sided"), ("greater", "greater")):
        expected = fisher_exact(counts, alternative=alternative)[1]
        assert own.loc[name, "p_value"] == pytest.approx(expected, rel=1e-9)
        assert own.loc[name, "n"] == len(seen) and own.loc[name, "estimand"] == "offer"


def test_its_table_is_written_in_every_format(run, monkeypatch):
    monkeypatch.chdir(run.folder)  # paths of extensions begin where the run starts
    files = {kind: run.tree / f"tables/exact_tests.{kind}" for kind in shows.FORMATS}
    assert all(file.stat().st_size > 100 for file in files.values())
    with files["csv"].open(encoding="utf-8", newline="") as text:
        first, second = csv.DictReader(text)
    results = read_results(run.tree / "ard.csv", next(run.tree.glob("inputs/plan_words-*.json")))
    row = results.need("exact", "fisher_exact", "early:late", "tired", "3")
    assert (first["Analysis"], first["Comparison"]) == (
        *("Fisher's exact test", "Early bedtime vs Late bedtime"),
    )
    assert (first["People observed"], first["Responders"]) == (str(row.n), str(row.events))
    assert first["P"] == results.p(row.p_value) and second["Analysis"] == "Greater"
    assert "Early bedtime vs Late bedtime" in files["html"].read_text(encoding="utf-8")


def test_its_figure_is_drawn_in_every_form(run):
    made = {file.name for file in run.tree.glob("figures/exact_tests*")}
    kinds = ("svg", "png", "pdf")
    assert made == {f"exact_tests{ending}.{kind}" for ending in shows.WIDTHS for kind in kinds}


def test_both_stand_in_a_section_of_the_report_with_words_for_those_who_do_not_see(run):
    page = (run.tree / "report.html").read_text(encoding="utf-8")
    start = page.index('<h2 id="exact-tests">Exact tests</h2>')
    section = page[start : page.index("</section>", start)]
    assert "Whether response depends on the arm" in section
    assert 'id="figure-exact_tests"' in section and 'id="table-exact_tests"' in section
    figure = section[section.index("<figure") : section.index("</figure>")]
    assert "P values of Fisher's exact tests" in unescape(figure)
    assert "Dashed line: P = .05." in figure, "the alternative text"
    assert '<a href="#exact-tests">Exact tests</a>' in page
    assert "<dt>Exact test of two arms</dt><dd>Fisher's exact test, two-sided.</dd>" in unescape(
        page
    )


def test_the_report_has_the_words_of_the_trial(run):
    page = (run.tree / "report.html").read_text(encoding="utf-8")
    assert "A made-up trial of two bedtimes" in page and "Morning type" in page


def test_the_plan_in_effect_names_the_folders(run):
    run.snakemake("results/toy-1.0/plan.json")
    document = json.loads((run.tree / "plan.json").read_text())
    assert document["extensions"] == list(EXTENSIONS)


def test_their_files_are_code_of_the_jobs_that_use_them(run):
    assert run.would_run() == set()
    later = {"resample", "summarize", "collect_ard"}
    for name, reruns, left in (
        ("my kinds/exact/exact_test.py", later, {"estimate", "derive"}),
        ("my kinds/exact/shown.py", {"make_tables", "make_figures", "make_report"}, {"derive"}),
        ("my kinds/exact/__init__.py", later | {"estimate", "derive"}, set()),
        ("toy_trial/derive.py", later | {"estimate", "derive"}, set()),
    ):
        file = run.folder / name
        text = file.read_text()
        os.utime(file)
        assert run.would_run() == set(), "a date decides nothing"
        file.write_text(text + "\n# edited\n")
        found = run.would_run()
        file.write_text(text)
        assert reruns <= found and not left & found
