import json
import os

import pytest

from trialrr.prove import manifest


def test_it_tells_what_the_run_was_made_from_and_what_it_made(project, tree):
    told = manifest.read(tree)
    assert sorted(told) == [
        "code", "data_origin", "inputs", "lock", "outputs", "packages", "plan", "private", "run",
        "seeds", "trial", "version",
    ]  # fmt: skip
    assert told["data_origin"] == "SYNTHETIC"
    assert told["seeds"]["root"] == 7
    assert list(told["code"]) == ["Snakefile", "scripts/make.py"]
    assert list(told["inputs"]) == ["config/plan.yaml"]
    assert told["outputs"]["tables/primary.csv"] == manifest.sha256(tree / "tables/primary.csv")
    assert not [name for name in told["outputs"] if name.startswith("private")]
    assert told["private"]["files"] == 1


def test_it_names_no_path_of_the_machine_and_no_host(project, tree):
    text = (tree / manifest.NAME).read_text()
    assert str(project) not in text
    assert os.uname().nodename not in text.split('"')


def test_the_printed_report_is_no_output_of_the_run(tree):
    before = manifest.outputs(tree)
    (tree / "report.pdf").write_bytes(b"%PDF-1.4")
    assert manifest.outputs(tree) == before
    (tree / "figures/report.pdf").write_bytes(b"%PDF-1.4")
    assert manifest.outputs(tree).keys() - before.keys() == {"figures/report.pdf"}


def test_only_the_run_section_changes_between_runs(project, tree):
    first = manifest.read(tree)
    write = manifest.build(
        project / "config/plan.yaml",
        tree,
        [tree / name for name in first["outputs"]],
        [tree / "private/participants.csv"],
        [],
        project=project,
        cores=99,
    )
    assert write["run"]["cores"] == 99
    assert write | {"run": 0} == first | {"run": 0}


def test_the_document_is_sorted_json(tree):
    text = (tree / manifest.NAME).read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_packages_that_are_not_installed_here_are_left_out(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text(
        "numpy==1.0 \\\n    --hash=sha256:0\nno-such-package-here==1 ; os_name == 'x'\n"
    )
    assert list(manifest.packages(lock)) == ["numpy"]


def test_a_file_outside_the_project_keeps_its_name_alone(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "raw.csv").write_text("a\n")
    assert list(manifest.hashes([tmp_path / "raw.csv"], tmp_path / "inside")) == ["raw.csv"]


def test_files_outside_of_one_name_are_told_apart_by_their_folders(tmp_path):
    files = [tmp_path / "wave 1/p.csv", tmp_path / "wave 2/p.csv", tmp_path / "in/p.csv"]
    for number, path in enumerate(files):
        path.parent.mkdir()
        path.write_text(f"{number}\n")
    (tmp_path / "run").mkdir()
    found = manifest.hashes(files, tmp_path / "run", tmp_path / "in")
    assert list(found) == ["p.csv", "wave 1/p.csv", "wave 2/p.csv"]
    assert [found[name] for name in found] == [manifest.sha256(files[k]) for k in (2, 0, 1)]
    assert manifest.hashes([], tmp_path) == {}


def test_what_is_watched_is_the_content_whatever_the_date(tmp_path):
    path = tmp_path / "a {b}.txt"
    path.write_text("1\n")
    os.utime(path, (1, 1))
    before = manifest.watched([path, tmp_path / "absent.csv"])
    os.utime(path)
    assert manifest.watched([path, tmp_path / "absent.csv"]) == before
    assert json.loads(before)[str(tmp_path / "absent.csv")] is None
    path.write_text("2\n")
    os.utime(path, (1, 1))
    changed = manifest.watched([path, tmp_path / "absent.csv"])
    assert changed != before
    (tmp_path / "absent.csv").write_text("")
    assert manifest.watched([path, tmp_path / "absent.csv"]) != changed
    assert manifest.watched(["a {b}.txt"], tmp_path) == manifest.watched(
        ["a {b}.txt"], str(tmp_path)
    )


def test_the_files_of_an_extension_are_code_by_their_content(tmp_path, project, tree, monkeypatch):
    own = tmp_path / "elsewhere/exact"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("x = stream(1, 'lots')\n")
    plan = project / "config/plan.yaml"
    plan.write_text(f"{plan.read_text()}extensions: [{own}]\n")
    built = manifest.build(plan, tree, [], [], [], project=project)
    name = "extensions[0]/exact/__init__.py"
    assert built["code"][name] == manifest.sha256(own / "__init__.py")
    assert "lots" in built["seeds"]["streams"]
    assert str(tmp_path) not in json.dumps(built)


def test_a_missing_manifest_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="make results"):
        manifest.read(tmp_path)
