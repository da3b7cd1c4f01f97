"""The promises about the chain, kept in a temporary copy of the project."""

import csv
import json
import re
import shutil
from io import BytesIO
from zipfile import ZipFile

import pytest

from trialrr import ard, cli

MARK = re.compile("synthetic", re.IGNORECASE)


def said(name: str, data: bytes) -> str:
    """The text of a file; of a Word document that of its body."""
    if name.endswith(".docx"):
        data = ZipFile(BytesIO(data)).read("word/document.xml")
    return data.decode("utf-8")


def test_a_second_run_has_nothing_to_do(finished):
    run = finished.snakemake("--cores", "4")
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout


def test_the_report_is_printed_just_when_asked_for(finished):
    assert not (finished.results / "report.pdf").exists()
    run = finished.snakemake(f"{finished.name}/report.pdf", "--dry-run", "--cores", "1")
    assert re.findall(r"^rule (\w+):", run.stdout, re.MULTILINE) == ["print_report"]


def test_the_tree_is_what_its_manifest_says(finished, capsys):
    tree, nowhere = str(finished.results), str(finished.path / "no release")
    status = cli.main(["verify", "--no-recompute", "--results", tree, "--release", nowhere])
    assert status == 0, capsys.readouterr()


def test_cores_and_pieces_change_no_byte(indomethacin, project):
    """Of results, figures, tables and report. Of notebooks, and of RESOLVE, tells verifying them on
    one core (.ci/run)."""
    tree = project.tree("indo_rct")
    wanted = [f"{tree}/{name}" for name in ("report.html", "tables/primary.docx", "ard.csv")]
    run = project.snakemake(*wanted, "--cores", "1", pieces=2, trial="indo_rct")
    assert run.returncode == 0, run.stdout[-4000:]
    one, other = project.public("indo_rct"), indomethacin.public("indo_rct")
    assert {"report.html", "figures/forest.pdf", "figures/forest_column.png"} <= set(one)
    assert [name for name in one if one[name] != other[name]] == []
    assert [name for name in other if name not in one and "notebooks" not in name] == ["plan.json"]


def changed_plan(project, old: str, new: str):
    """Dry run with one change in the plan, which is then put back: jobs that would run."""
    path = project.path / "config/resolve.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    try:
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        run = project.snakemake("--dry-run", "--cores", "1")
    finally:
        path.write_text(text, encoding="utf-8")
    assert run.returncode == 0, run.stdout[-4000:]
    return run.stdout


def test_a_comment_in_the_plan_reruns_nothing(finished):
    out = changed_plan(finished, "seed:", "# the root of all draws\nseed:")
    assert "Nothing to be done" in out


def test_a_changed_covariate_reruns_just_its_analyses(finished):
    entry = "label: Complete cases\n    group: Missing outcomes\n    status: prespecified\n"
    out = changed_plan(finished, entry, entry + "    covariates: [severity, site]\n")
    assert "ard/sensitivity.csv" in out
    reasons = re.findall(r"output: (\S+)", out)
    assert f"{finished.name}/ard/sensitivity.csv" in reasons
    assert f"{finished.name}/ard/primary.csv" not in reasons
    assert not any("private/" in path for path in reasons)


def test_changed_code_reruns_the_stages_that_use_it(finished):
    path = finished.path / "src/trialrr/missing/response.py"
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text + "\n# changed\n", encoding="utf-8")
        run = finished.snakemake("--dry-run", "--cores", "1")
    finally:
        path.write_text(text, encoding="utf-8")
    outputs = re.findall(r"output: (\S+)", run.stdout)
    assert f"{finished.name}/ard/primary.csv" in outputs
    assert not any("private/" in path or "ard/flow" in path for path in outputs)


@pytest.mark.parametrize(("module", "used"), [("bootstrap", True), ("power", False)])
def test_changed_code_of_a_kind_reruns_the_stages_of_plans_that_have_it(finished, module, used):
    path = finished.path / f"src/trialrr/analyses/resampling/{module}.py"
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text + "\n# changed\n", encoding="utf-8")
        run = finished.snakemake("--dry-run", "--cores", "1")
    finally:
        path.write_text(text, encoding="utf-8")
    outputs = re.findall(r"output: (\S+)", run.stdout)
    assert (f"{finished.name}/ard/resampling.csv" in outputs) == used
    assert f"{finished.name}/ard/primary.csv" not in outputs


def test_a_misspelled_key_stops_before_anything_is_computed(project):
    path = project.path / "config/resolve.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("missing: complete_case", "mising: complete_case", 1))
    run = project.snakemake("--cores", "1")
    assert run.returncode == 1
    assert "unknown key 'mising' (did you mean 'missing'?)" in run.stdout
    assert re.search(
        r"analyses\[\d+\] \(line \d+\): .*allowed: bandwidth_factor, clusters", run.stdout
    )
    assert not project.results.exists()


def test_synthetic_data_say_so_in_five_places(finished):
    results = finished.results
    raw = sorted((results / "private/raw").iterdir())
    assert raw and all(f.name.startswith("synthetic_") for f in raw)
    for file in raw:
        with file.open(encoding="utf-8", newline="") as handle:
            row = next(csv.DictReader(handle))
        assert row["data_origin"] == "SYNTHETIC", file.name
    assert json.loads((results / "manifest.json").read_text())["data_origin"] == "SYNTHETIC"
    shown = [*results.glob("tables/*"), *results.glob("figures/*.svg"), results / "report.html"]
    shown += [*results.glob("notebooks/*.html")]
    assert len(shown) > 15
    unmarked = [f.name for f in shown if not MARK.search(said(f.name, f.read_bytes()))]
    assert unmarked == []


def test_nothing_about_one_participant_is_public(finished):
    with (finished.results / "private/participants.csv").open(encoding="utf-8") as handle:
        ids = [row["participant_id"] for row in csv.DictReader(handle)]
    assert len(ids) == 2333
    shape = re.compile(r"\b" + re.sub(r"\d", r"\\d", ids[0]) + r"\b")
    for name, data in finished.public().items():
        if not name.endswith((".png", ".pdf")):
            assert not shape.search(said(name, data)), name


def test_no_path_of_the_machine_in_an_output(finished):
    home = str(finished.path)
    for name, data in finished.public().items():
        assert home.encode() not in data, name


def test_a_raw_fault_stops_the_run_with_file_line_and_field_and_leaves_no_table(finished, project):
    raw = project.path / "exports"
    shutil.copytree(finished.results / "private/raw", raw)
    path = raw / "synthetic_redcap_surveys.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    header = lines[0].rstrip("\n").split(",")
    row = lines[2].rstrip("\n").split(",")
    row[header.index("bpiavgpainrtngscl")] = "11"
    lines[2] = ",".join(row) + "\n"
    path.write_text("".join(lines), encoding="utf-8")
    plan = project.path / "config/resolve.yaml"
    text = plan.read_text(encoding="utf-8").replace("directory: null", "directory: exports", 1)
    plan.write_text(text, encoding="utf-8")

    run = project.snakemake("--cores", "1")
    assert run.returncode == 1
    assert "synthetic_redcap_surveys.csv:3:bpiavgpainrtngscl" in run.stdout
    left = {f.relative_to(project.results).parts[0] for f in project.results.rglob("*.csv")}
    assert left == {"private"}
    left = {f.name for f in (project.results / "private").iterdir()}
    assert left == {"findings.csv", "logs"}


CRUDE = {  # R and hand computation, tests/goldens/README.md
    "indo_rct": {"5d": 0.540352},
    "licorice_gargle": {"30min": 0.519333, "90min": 0.290181, "4h": 0.457594, "next_day": 0.517280},
    "btheb": {
        "2": (21 / 52) / (12 / 45),
        "3": (17 / 37) / (11 / 36),
        "5": (15 / 29) / (11 / 29),
        "8": (14 / 27) / (10 / 25),
    },
}
MMRM = {"2": (-3.158, 1.79), "3": (-2.617, 2.16), "5": (-1.726, 2.25), "8": (-0.741, 2.17)}
"""Beat the Blues: treatment on the change in BDI, estimate and SE by nlme (tests/oracle/mmrm.R)."""


def crude(table, analysis: str) -> dict:
    """{visit: crude relative risk} of an analysis."""
    rows = table[(table["analysis"] == analysis) & (table["quantity"] == "risk_ratio")]
    return rows.set_index("month")["estimate"].to_dict()


@pytest.mark.parametrize("trial", ["licorice_gargle", "btheb"])
def test_a_real_trial_goes_through_the_same_chain(project, trial):
    table = f"{project.tree(trial)}/ard.csv"
    run = project.snakemake(table, "--cores", "2", trial=trial)
    assert run.returncode == 0, run.stdout[-4000:]
    table = ard.read(project.path / table)
    found = crude(table, "unadjusted" if trial == "btheb" else "main")
    assert found == pytest.approx(CRUDE[trial], abs=5e-7)
    if trial == "btheb":
        mixed = table[(table["analysis"] == "mmrm") & (table["quantity"] == "mean_difference")]
        for row in mixed.itertuples():
            estimate, std_error = MMRM[row.month]
            assert row.estimate == pytest.approx(estimate, abs=5e-4)
            assert row.std_error == pytest.approx(std_error, abs=5e-3)
        assert len(mixed) == 4


def test_a_real_trial_has_a_report_that_calls_nothing_synthetic(indomethacin):
    results = indomethacin.path / indomethacin.tree("indo_rct")
    table = ard.read(results / "ard.csv")
    assert crude(table, "main") == pytest.approx(CRUDE["indo_rct"], abs=5e-7)
    main = table[table["analysis"] == "main"]
    ratio = main[main["quantity"] == "risk_ratio"]
    assert ratio["std_error"].item() == pytest.approx(0.222757, abs=5e-7)
    counts = main[main["quantity"] == "risk"].set_index("level")[["events", "n"]].to_dict("index")
    assert counts == {
        "indomethacin": {"events": 27, "n": 295},
        "placebo": {"events": 52, "n": 307},
    }
    left = table[(table["analysis"] == "without_site") & (table["quantity"] == "risk_ratio")]
    assert sorted(left["subgroup"]) == [f"site={s}" for s in ("Case", "IU", "UK", "UM")]
    assert left["estimate"].between(0.45, 0.65).all()
    drawn = table[(table["analysis"] == "bootstrap") & (table["quantity"] == "risk_ratio")]
    assert drawn["std_error"].item() == pytest.approx(0.222757, rel=0.1)
    dropped = table[table["quantity"] == "separation_dropped"]
    assert dropped["estimate"].item() == 3 and "site=Case" in dropped["flag"].item()
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Synthetic data" not in page and "site=Case" in page
