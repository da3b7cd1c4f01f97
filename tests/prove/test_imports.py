"""What a script is made of, read from its source."""

from pathlib import Path

from trialrr.prove.imports import closure, closure_of, library_of, streams

ROOT = Path(__file__).parents[2]
NESTED = """
try:
    pass
except ValueError:
    import trialrr.caught
else:
    match 1:
        case 1:
            with x:
                from trialrr import matched
"""


def test_imports_are_followed_through_modules_and_packages(tmp_path):
    for package in ("trialrr", "trialrr/a"):
        (tmp_path / "src" / package).mkdir(parents=True)
        (tmp_path / "src" / package / "__init__.py").write_text("")
    (tmp_path / "src/trialrr/a/deep.py").write_text("from trialrr import top\nimport numpy\n")
    (tmp_path / "src/trialrr/top.py").write_text("def f():\n    import trialrr.late\n" + NESTED)
    for name in ("late", "caught", "matched"):
        (tmp_path / f"src/trialrr/{name}.py").write_text("")
    (tmp_path / "src/trialrr/unused.py").write_text("")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/one.py").write_text("from trialrr.a.deep import something\n")
    assert closure("scripts/one.py", tmp_path) == [
        "scripts/one.py",
        "src/trialrr/__init__.py",
        "src/trialrr/a/__init__.py",
        "src/trialrr/a/deep.py",
        "src/trialrr/caught.py",
        "src/trialrr/late.py",
        "src/trialrr/matched.py",
        "src/trialrr/top.py",
    ]


def test_what_is_imported_for_type_checkers_alone_is_not_reached(tmp_path):
    (tmp_path / "src/trialrr").mkdir(parents=True)
    for name in ("__init__", "types", "run"):
        (tmp_path / f"src/trialrr/{name}.py").write_text("")
    text = (
        "if TYPE_CHECKING:\n    from trialrr import types\nif True:\n    from trialrr import run\n"
    )
    (tmp_path / "one.py").write_text(text)
    assert closure("one.py", tmp_path) == [
        "one.py",
        "src/trialrr/__init__.py",
        "src/trialrr/run.py",
    ]


def test_what_files_elsewhere_reach_of_the_library_is_told_without_them(tmp_path):
    (tmp_path / "own.py").write_text("from trialrr import seeds\nfrom . import other\n")
    assert library_of([tmp_path / "own.py"], ROOT) == [
        "src/trialrr/__init__.py",
        "src/trialrr/seeds.py",
    ]


def test_a_notebook_is_read_by_its_code_cells():
    files = closure("notebooks/few_clusters.ipynb", ROOT)
    assert files[0] == "notebooks/few_clusters.ipynb"
    assert {"src/trialrr/estimate/covariance.py", "src/trialrr/seeds.py"} <= set(files)
    assert "notebook/coach clustering" in streams([ROOT / files[0]])


def test_presentation_is_not_rerun_for_a_change_in_the_estimates_code():
    figures = closure("scripts/make_figures.py", ROOT)
    assert "src/trialrr/ard.py" in figures
    assert not any("/estimate/" in path or "/resolve/" in path for path in figures)


def test_streams_are_found_by_their_names(tmp_path):
    path = tmp_path / "a.py"
    path.write_text('stream(seed, "twin", "b")\nstream(1, "a", name)\nother(1, "c")\n')
    assert streams([path]) == ["a/*", "twin/b"]


def test_a_module_by_its_name_has_its_packages_and_what_they_reach():
    files = closure_of("trialrr.analyses.resampling.bootstrap", ROOT)
    package = "src/trialrr/analyses/resampling"
    assert {f"{package}/bootstrap.py", f"{package}/__init__.py"} <= set(files)
    assert {"src/trialrr/resample/procedure.py", "src/trialrr/analyses/base.py"} <= set(files)
    assert f"{package}/power.py" not in files
    assert closure_of("elsewhere.kind", ROOT) == []
