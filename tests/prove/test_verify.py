import shutil

import pytest

from trialrr import ard, cli
from trialrr.prove import manifest, release, verify

from .conftest import result, write_manifest, write_tree

PLAN = ["--configfile", "config/plan.yaml"]


@pytest.fixture
def frozen(project, tree):
    release.freeze(tree, project / "results/releases/tiny-1.0")
    return project / "results/releases/tiny-1.0"


@pytest.fixture
def command(project, monkeypatch, capsys):
    """Run `trialrr verify` in the project; (exit code, standard output, standard error)."""
    monkeypatch.chdir(project)

    def run(*arguments):
        code = cli.main(["verify", *PLAN, *arguments])
        return (code, *capsys.readouterr())

    return run


def test_an_untouched_tree_agrees(command, tree, frozen):
    code, out, err = command("--no-recompute")
    assert (code, err) == (0, "")
    assert "numbers: 1 file(s), equal by sha256" in out  # with the manifest, then with the release
    assert "numbers: 1 file(s), equal within tolerance" in out
    assert "tables: 1 file(s), equal byte for byte" in out
    assert "figures and pages: 2 file(s), equal byte for byte" in out


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("tables/primary.csv", lambda p: p.write_text("x\n"), "edited"),
        ("figures/forest.svg", lambda p: p.unlink(), "missing"),
        ("tables/new.csv", lambda p: p.write_text("x\n"), "extra"),
    ],
)
def test_an_edited_missing_or_extra_output_is_named(command, tree, name, change, told):
    change(tree / name)
    code, _, err = command("--no-recompute")
    assert code == 1
    assert err.startswith(f"first difference: {name}: {told}")


def change_numbers(project, *rows):
    """Results as another, honest run would have made them: with a manifest of their own."""
    return write_tree(project, list(rows))


HC = result("HC:UC", estimate=1.54)


@pytest.mark.parametrize(
    "numbers",
    [{"estimate": 1.28 * (1 + 5e-9)}, {"std_error": 0.1 * (1 - 5e-7)}, {"p_value": 0.01 + 5e-7}],
)
def test_numbers_within_tolerance_agree(command, project, frozen, numbers):
    change_numbers(project, result(**numbers), HC)
    assert command("--no-recompute")[0] == 0


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"estimate": 1.28 * (1 + 5e-8)}, "estimate was 1.28, is 1.28000006"),
        ({"std_error": 0.1 * (1 + 5e-6)}, "std_error was 0.1, is 0.1000005"),
        ({"p_value": float("nan")}, "p_value was 0.01, is blank"),
        ({"n": 1319}, "n was 1318, is 1319"),
    ],
)
def test_a_changed_number_is_named_with_its_row_and_both_values(
    command, project, frozen, numbers, told
):
    change_numbers(project, result(**numbers), HC)
    code, _, err = command("--no-recompute")
    assert code == 1
    assert f"ard.csv: row (main, severity, 3, risk_ratio, PT:UC), {told}" in err


def test_the_order_of_rows_is_no_difference(command, project, frozen):
    change_numbers(project, HC, result())
    assert command("--no-recompute")[0] == 0


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([HC], "row (main, severity, 3, risk_ratio, PT:UC) is missing"),
        ([HC, result(), result("HC:PT")], "row (main, severity, 3, risk_ratio, HC:PT) is extra"),
    ],
)
def test_a_missing_or_extra_row_is_named(command, project, frozen, rows, told):
    change_numbers(project, *rows)
    assert told in command("--no-recompute")[2]


def test_tables_are_compared_byte_for_byte(command, project, tree, frozen):
    (tree / "tables/primary.csv").write_text("level,risk ratio\nPT:UC,1.280\n")
    write_manifest(project)
    err = command("--no-recompute")[2]
    assert "tables/primary.csv: line 2 was 'PT:UC,1.28', is 'PT:UC,1.280'" in err


def test_figures_are_compared_only_within_one_environment(command, project, tree, frozen):
    (tree / "figures/forest.svg").write_text("<svg>other</svg>\n")
    write_manifest(project)
    assert "first difference: figures/forest.svg" in command("--no-recompute")[2]
    (project / "requirements.lock").write_text("numpy==2.1 \\\n    --hash=sha256:11\n")
    write_manifest(project)
    code, out, _ = command("--no-recompute")
    assert code == 0
    assert "figures and pages: 2 file(s), not compared: made in another environment" in out


def test_of_a_figure_that_is_not_frozen_the_hash_is_compared(command, project, tree):
    (tree / "figures/forest.pdf").write_text("1.28\n")
    write_manifest(project)
    kept = release.freeze(tree, project / "results/releases/tiny-1.0")
    assert "figures/forest.pdf" not in kept
    code, out, _ = command("--no-recompute")
    assert code == 0 and "figures and pages: 3 file(s), equal byte for byte" in out
    (tree / "figures/forest.pdf").write_text("1.29\n")
    write_manifest(project)
    code, _, err = command("--no-recompute")
    assert code == 1 and "first difference: figures/forest.pdf: edited" in err
    assert "the release's manifest has" in err


def test_a_damaged_release_is_named(command, frozen):
    (frozen / "tables/primary.csv").write_text("level,risk ratio\nPT:UC,9.99\n")
    assert "tables/primary.csv: the frozen file itself" in command("--no-recompute")[2]


def test_a_plan_that_changed_under_its_version_is_noted(command, project, frozen):
    (project / "config/plan.yaml").write_text(
        (project / "config/plan.yaml").read_text().replace("seed: 7", "seed: 8")
    )
    write_manifest(project)
    assert "a changed plan needs a new version" in command("--no-recompute")[1]


def test_without_results_there_is_nothing_to_compare(command):
    code, _, err = command("--no-recompute")
    assert code == 1
    assert "make results" in err


def test_a_tree_that_only_a_dry_run_left_counts_as_none(command, project, frozen, tree):
    shutil.rmtree(tree)
    (tree / "inputs").mkdir(parents=True)
    (tree / "inputs/plan-0a.json").write_text("{}")
    assert "make results" in command("--no-recompute")[2]


def test_the_default_recomputes_from_nothing(command, project, tree, frozen):
    code, out, err = command("--cores", "1")
    assert (code, err) == (0, "")
    assert "and the same recomputed: agree" in out
    shutil.rmtree(tree)
    assert command("--cores", "1")[0] == 0  # a fresh clone has a release and no results


def test_recomputing_finds_numbers_that_the_code_does_not_give(command, project):
    change_numbers(project, result(estimate=1.3), HC)
    code, _, err = command("--cores", "1")
    assert code == 1
    assert "PT:UC), estimate was 1.28, is 1.3" in err


READS = """
from pathlib import Path
files = ("../raw {x}/people.txt", "../raw {x}/p.csv", "numbers.csv")
Path("results/tiny-1.0").mkdir(parents=True)
Path("results/tiny-1.0/found.txt").write_text("".join(Path(f).read_text() for f in files))
"""


def test_a_plan_of_another_folder_is_recomputed_on_the_files_that_it_names(
    project, tmp_path_factory, monkeypatch
):
    top = tmp_path_factory.mktemp("elsewhere")
    for name, text in {
        "raw {x}/people.txt": "a\n",
        "raw {x}/p.csv": "b\n",
        "run/numbers.csv": "c\n",
        "run/plan.yaml": "trial: tiny\nversion: '1.0'\npublished: numbers.csv\n"
        "data: {route: tidy, directory: '../raw {x}', participants: {source: {file: people.txt}},"
        " visits: {source: {file: people.txt}}}\n",
    }.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(text)
    (project / "scripts/make.py").write_text(READS)
    shell = "rule all:\n    shell: f'python {workflow.basedir}/scripts/make.py'\n"
    (project / "Snakefile").write_text(shell)
    monkeypatch.chdir(top / "run")
    told = []
    fresh = verify.recompute(project, "plan.yaml", top / "copy", 1, told.append)
    assert (fresh / "found.txt").read_text() == "a\nb\nc\n"
    assert told == ["recomputing tiny-1.0 from nothing, 1 core(s)"]
    assert sorted(path.name for path in (top / "run").iterdir()) == ["numbers.csv", "plan.yaml"]


def test_a_run_that_fails_shows_the_end_of_its_log(command, project):
    (project / "scripts/make.py").write_text("raise SystemExit('no such arm')\n")
    code, _, err = command("--cores", "1")
    assert code == 1
    assert "no such arm" in err


def test_outside_a_clone_it_says_what_to_do(command, project):
    shutil.rmtree(project / ".git")
    assert "trialrr verify --no-recompute" in command()[2]


def test_an_ard_with_the_same_key_twice_is_refused(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    ard.write(one / "ard.csv", ard.frame([result()]))
    doubled = (one / "ard.csv").read_text().splitlines()
    other.mkdir()
    (other / "ard.csv").write_text("\n".join([*doubled, doubled[-1]]) + "\n")
    with pytest.raises(verify.VerifyError, match="same key"):
        verify.compare(one, other, ["ard.csv"])


def test_hidden_files_of_the_workflow_are_no_outputs(tree):
    (tree / "figures/.snakemake_timestamp").write_text("")
    assert verify.against_manifest(tree) == []
    assert manifest.NAME not in manifest.outputs(tree)
