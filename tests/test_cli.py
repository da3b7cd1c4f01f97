"""`trialrr check`: a plan held against itself, its mapping and its data, as a user calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plan import tiny
from trialrr import cli

ROOT = Path(__file__).parents[1]


def told(capsys) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_a_right_plan_is_one_line_and_nothing_is_written(tmp_path, capsys):
    path = tiny.write(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert cli.main(["check", str(path)]) == 0
    assert told(capsys) == f"{path}: the plan and its data agree (48 people)\n"
    assert sorted(tmp_path.iterdir()) == before


def test_a_fault_of_the_plan_is_told_with_its_line(tmp_path, capsys):
    path = tiny.write(tmp_path, tiny.changed("baseline_table", 1, "level", to="Female"))
    assert cli.main(["check", str(path)]) == 1
    text = told(capsys)
    lines = path.read_text().splitlines()
    line = lines.index("- id: sex", lines.index("baseline_table:")) + 1
    assert f"baseline_table[1] (line {line}): sex: 'Female' is none of female, male" in text


def test_a_fault_of_the_data_is_told_with_the_key_of_the_plan(tmp_path, capsys):
    rows = [row | {"gender": "M"} for row in tiny.people()]
    assert cli.main(["check", str(tiny.write(tmp_path, rows=rows))]) == 1
    assert "plan:covariates.sex: plan_and_data: found \"nobody has sex 'female'\"" in told(capsys)


def test_a_fault_of_a_file_is_told_too(tmp_path, capsys):
    rows = [row | ({"age": "old"} if row["record_id"] == "R04" else {}) for row in tiny.people()]
    assert cli.main(["check", str(tiny.write(tmp_path, rows=rows))]) == 1
    assert "people.csv:5:age: not_an_integer: found 'old'" in told(capsys)


@pytest.mark.parametrize(
    ("text", "words"),
    [("a: 1\na: 2\n", "the key 'a' stands twice, on lines 1 and 2"), ("", "empty; a plan is")],
)
def test_what_is_no_plan_is_told(tmp_path, capsys, text, words):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    assert cli.main(["check", str(path)]) == 1
    assert words in told(capsys)


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    assert cli.main(["check", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml" in told(capsys)


def test_the_plan_of_a_trial_whose_data_the_workflow_makes(capsys):
    assert cli.main(["check", str(ROOT / "config/resolve.yaml")]) == 0
    assert "the plan is right; the workflow makes its data (the twin)" in told(capsys)


def test_the_command_runs_from_another_folder(tmp_path):
    tiny.write(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "trialrr.cli", "check", "plan.yaml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (
        0,
        "plan.yaml: the plan and its data agree (48 people)\n",
    )


def test_help_is_no_error(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["check", "--help"])
    assert stop.value.code == 0 and "plan" in told(capsys)
