"""What the rules watch: contents, wherever the files are and whatever their dates, and no text of a
plan on a command line. A small trial, run in a folder of its own with the project's Snakefile."""

import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialrr import ard
from trialrr.prove import manifest

ROOT = Path(__file__).parents[2]
ODD = "{dose} {input:q} {{x}} $HOME `id` \"q\" 's' \\n %s ; | > & * @ – Übung ½ 用量 ≥\nsecond line"
LONG = 300_000
"""Letters: more than a command line or a variable of the environment can hold."""
FOLDER = "data {wave} of $USER"
RESPONDERS = {"new": (17, 30), "old": (11, 30)}


def document() -> dict:
    """A plan whose words are odd and long, and whose two files stand where it says by path."""
    columns = {
        "participant_id": {"from": "id", "type": "id"},
        "arm": {"from": "arm", "type": "code", "codes": {"new": "new", "old": "old"}},
        "cluster": {"from": "nurse", "type": "text"},
    }
    outcome = {"type": "integer", "minimum": 0, "maximum": 1, "event": ">=1", "from": "well"}
    people = {"source": {"file": f"{FOLDER}/people.txt"}, "columns": columns}
    seen = {"source": {"file": f"{FOLDER}/p.csv"}, "participant_id": "id", "month": "at"}
    fit = {"status": "prespecified", "outcomes": ["well"], "missing": "complete_case"}
    fit |= {"covariates": [], "estimand": "all"}
    return {
        "trial": "odd",
        "version": "1.0",
        "title": ODD,
        "source": "made up for a test",
        "seed": 1,
        "data": {
            "route": "tidy",
            "origin": "real",
            "directory": None,
            "participants": people,
            "visits": seen | {"outcomes": {"well": outcome}},
        },
        "arms": [
            {"id": "new", "label": f"New {ODD}", "clusters": "nurse"},
            {"id": "old", "label": "Old", "clusters": "person"},
        ],
        "reference": "old",
        "contrasts": [["new", "old"]],
        "visits": [{"month": "3", "label": f"3 months {ODD}"}],
        "primary": {"outcome": "well", "month": "3", "analysis": "main"},
        "outcomes": [{"id": "well", "label": f"Well {ODD}"}],
        "estimands": [
            {
                "id": "all",
                "label": "Effect",
                "population": (ODD * LONG)[:LONG],
                "treatment": "offer",
                "variable": "responder",
                "summary": "risk ratio",
                "intercurrent": [],
            }
        ],
        "models": {"adjusted": [], "alpha": "0.05"},
        "analyses": [
            {"id": "main", "label": f"Main {ODD}"} | fit,
            {"id": "again", "label": ODD} | fit,
        ],
    }


@dataclass(frozen=True)
class Trial:
    """A folder with a plan, plan.yaml, and its data."""

    path: Path
    wanted: tuple[str, ...] = ("results/odd-1.0/ard.csv", "results/odd-1.0/plan.json")

    @property
    def results(self) -> Path:
        return self.path / "results/odd-1.0"

    def snakemake(self, *arguments: str, **changes) -> tuple[int, str]:
        """Run the workflow here on the plan, with `changes` of its sections; (status, words)."""
        text = json.dumps(document() | changes)
        (self.path / "plan.yaml").write_text(text, encoding="utf-8")
        return self.again(*arguments)

    def again(self, *arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--cores", "2", "--configfile", "plan.yaml", *arguments, "--", *self.wanted]
        run = subprocess.run(
            command,
            cwd=self.path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return run.returncode, run.stdout

    def to_do(self, **changes) -> set[str]:
        """Rules that a run would carry out."""
        status, said = self.snakemake("--dry-run", **changes)
        assert status == 0, said[-4000:]
        return set(re.findall(r"^rule (\w+):", said, re.MULTILINE))


def write_data(folder: Path) -> None:
    people, seen = ["id,arm,nurse"], ["id,at,well"]
    for arm, (events, n) in RESPONDERS.items():
        for k in range(n):
            people.append(f"{arm}-{k:03},{arm},{'Nurse Abel' if k % 3 else 'Nurse Zoe'}")
            seen.append(f"{arm}-{k:03},3,{int(k < events)}")
    folder.mkdir()
    (folder / "people.txt").write_text("\n".join(people) + "\n", encoding="utf-8")
    (folder / "p.csv").write_text("\n".join(seen) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def trial(tmp_path_factory) -> Trial:
    """The trial with its table of results. Tests may look, and put back what they change."""
    made = Trial(tmp_path_factory.mktemp("elsewhere"))
    write_data(made.path / FOLDER)
    status, said = made.snakemake()
    assert status == 0, said[-4000:]
    return made


def test_it_runs_in_another_folder_on_the_words_and_files_of_its_plan(trial):
    table = ard.read(trial.results / "ard.csv")
    ratio = table[(table["analysis"] == "main") & (table["quantity"] == "risk_ratio")]
    assert ratio["estimate"].item() == pytest.approx(17 / 11, rel=1e-12)
    kept = json.loads((trial.results / "plan.json").read_text(encoding="utf-8"))
    assert kept == document()
    assert len(kept["estimands"][0]["population"]) == LONG


def test_nothing_is_to_be_done_again_after_a_new_date_or_a_dry_run_of_another_plan(trial):
    assert "estimate" in trial.to_do(seed=2)
    for path in (trial.path / FOLDER).iterdir():
        os.utime(path)
    assert trial.to_do() == set()


def test_another_content_of_a_file_is_read_whatever_its_date(trial):
    path = trial.path / FOLDER / "people.txt"
    text, date = path.read_bytes(), path.stat().st_mtime_ns
    read, aside = trial.results / "private/participants.csv", trial.path / "aside.csv"
    try:
        path.write_bytes(text.replace(b"-029", b"-129"))
        os.utime(path, ns=(date, date))
        assert len(path.read_bytes()) == len(text)
        assert trial.to_do() == {"derive", "estimate", "collect_ard"}
        read.rename(aside)  # a run that refuses the content leaves no outputs of reading it
        assert trial.to_do() == {"derive", "estimate", "collect_ard"}
    finally:
        path.write_bytes(text)
        if aside.exists():
            aside.rename(read)


def test_other_words_of_a_plan_recompute_no_estimate(trial):
    changed = document()["outcomes"][0] | {"label": "Well {again}"}
    assert trial.to_do(outcomes=[changed]) == {"write_plan"}


def test_what_may_quote_a_participant_is_for_the_owner_alone(trial):
    private = trial.results / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {"derive.log", "estimate_primary.log"} <= {f.name for f in private.glob("logs/*")}
    assert [*trial.results.glob("logs")] == []


def test_a_cluster_is_shown_by_its_rank_and_its_id_stays_private(trial):
    assert (trial.results / "private/clusters.csv").read_text(encoding="utf-8") == (
        "rank,cluster,n\n1,Nurse Abel,40\n2,Nurse Zoe,20\n"
    )
    shares = ard.read(trial.results / "ard.csv").query("analysis == 'clusters' and level == 'new'")
    assert shares["subgroup"].to_list() == ["cluster=1", "cluster=2", ""]
    assert shares["n"].to_list() == [20, 10, 30]
    for name in manifest.outputs(trial.results):
        assert b"Nurse" not in (trial.results / name).read_bytes(), name


def test_no_profile_has_snakemake_copy_what_a_job_said():
    """Its own log, which is not private, would quote participants; the run says it at its end."""
    profiles = sorted((ROOT / "workflow/profiles").glob("*/config.yaml"))
    assert profiles
    assert not [p for p in profiles if "show-failed-logs" in p.read_text(encoding="utf-8")]


def test_a_file_that_is_not_there_is_told_by_reading(tmp_path):
    fresh = Trial(tmp_path)
    write_data(tmp_path / FOLDER)
    (tmp_path / FOLDER / "people.txt").unlink()
    status, said = fresh.snakemake()
    assert status == 1
    assert re.search(r"people\.txt.*no such file", said) and "MissingInputException" not in said
    assert "Traceback (most recent" not in said
    copied = [log.read_text(encoding="utf-8") for log in tmp_path.glob(".snakemake/log/*.log")]
    assert copied and not any("no such file" in text for text in copied)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trial: a\nseed: 1\nseed: 2\n", r"plan\.yaml:3: the key 'seed' stands twice"),
        ("trial: a\n", r"plan\.yaml: \d+ fault\(s\); nothing was computed"),
    ],
)
def test_a_fault_of_the_plan_is_told_in_words_alone(tmp_path, text, told):
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    status, said = Trial(tmp_path).again("--dry-run")
    assert status == 1
    assert re.search(told, said) and "Traceback" not in said and "rror in file" not in said
    assert not (tmp_path / "results").exists()
