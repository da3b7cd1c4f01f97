"""The scripts, run as the workflow runs them, on results made for the test."""

import json
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts import make_figures, make_report, make_tables, run_notebook
from trialrr.present import shows

ROOT = Path(__file__).parents[2]


def run(script, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [script.__name__, *map(str, arguments)])
    script.main()


def pick(tree, *names):
    return [text for name in names for text in (name, tree[name])]


@pytest.fixture(scope="module")
def results(tree, tmp_path_factory):
    """A results folder with figures, as the notebook finds it."""
    folder = Path(tree["--ard"]).parent
    with pytest.MonkeyPatch.context() as patch:
        shown = pick(tree, "--ard", "--plan", "--published")
        run(make_figures, patch, *shown, "--processes", 2, "--out", folder / "figures")
    (folder / "published_vs_reproduced.csv").write_bytes(Path(tree["--published"]).read_bytes())
    return folder


def test_make_tables(tree, tmp_path, monkeypatch):
    arguments = pick(tree, "--ard", "--plan", "--published", "--calibration")
    run(make_tables, monkeypatch, *arguments, "--out", tmp_path)
    made = {p.name for p in tmp_path.iterdir()}
    ids = (
        "flow",
        "baseline",
        "primary",
        "sensitivity",
        "safety",
        "published_vs_reproduced",
        "calibration_counts",
        "calibration",
        "estimands",
        "deviations",
    )
    assert made == {f"{id}.{kind}" for id in ids for kind in shows.FORMATS}
    for path in tmp_path.iterdir():
        if path.suffix == ".docx":
            text = ZipFile(path).read("word/document.xml").decode()
        else:
            text = path.read_text()
            assert b"\r" not in path.read_bytes()
        assert "SYNTHETIC" in text.upper()


def test_make_figures_and_report(tree, results, tmp_path, monkeypatch):
    made = {p.name for p in (results / "figures").iterdir()}
    ids = ("participant_flow", "missingness", "percentages", "change_distribution", "forest")
    ids += ("forest_active", "clusters", "published_vs_reproduced")
    names = {f"{id}{ending}" for id in ids for ending in ("", "_column")}
    assert made == {f"{name}.svg" for name in names}
    every = [text for pair in tree.items() for text in pair]
    figures = ["--figures", results / "figures"]
    run(
        make_report,
        monkeypatch,
        *every,
        *figures,
        "--plan-digest",
        "ab",
        "--out",
        tmp_path / "a.html",
    )
    run(
        make_report,
        monkeypatch,
        *every,
        *figures,
        "--plan-digest",
        "ab",
        "--out",
        tmp_path / "b.html",
    )
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert str(tmp_path) not in (tmp_path / "a.html").read_text()


def test_the_notebook_is_kept_without_outputs():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        code = [c for c in cells if c["cell_type"] == "code"]
        assert code and all(not c["outputs"] and c["execution_count"] is None for c in code)


def test_run_notebook(tree, results, tmp_path, monkeypatch):
    monkeypatch.chdir(results)  # so that its path is relative, as in the workflow
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    source = ROOT / "notebooks/published_vs_reproduced.ipynb"
    run(
        run_notebook,
        monkeypatch,
        "--notebook",
        source,
        "--results",
        ".",
        "--plan",
        tree["--plan"],
        "--out",
        tmp_path,
    )
    html = (tmp_path / "published_vs_reproduced.html").read_text()
    done = json.loads((tmp_path / "published_vs_reproduced.ipynb").read_text())
    assert "37 rows agree with the ARD." in html
    assert "Published beside reproduced" in html and "<figcaption>" in html
    assert "<script" not in html and 'src="http' not in html
    for text in (html, json.dumps(done)):
        assert str(ROOT) not in text and str(results) not in text
    assert all("execution" not in c["metadata"] for c in done["cells"])
