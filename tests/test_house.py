"""The house: the environment files agree, and no tracked file knows about one machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def lock() -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.M)
    assert len(pins) == len(dict(pins)), "a package is locked at two versions"
    return {normal(name): version for name, version in pins}


@pytest.fixture(scope="module")
def conda() -> dict[str, str]:
    pins = re.findall(r"^ +- ([\w.-]+)==(\S+)$", (ROOT / "environment.yml").read_text(), re.M)
    return {normal(name): version for name, version in pins}


def declared() -> list[str]:
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    return [normal(re.match(r"[\w.-]+", text)[0]) for text in wanted]


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_every_dependency_is_locked_and_in_the_conda_environment(lock, conda):
    assert not [name for name in declared() if name not in lock]
    assert sorted(conda) == sorted(declared())


def test_the_conda_environment_has_the_versions_of_the_lock(lock, conda):
    assert conda == {name: lock[name] for name in conda}


def test_the_core_packages_are_there(lock):
    assert {"snakemake", "pandas", "statsmodels", "matplotlib", "jupyter"} <= set(lock)


def test_the_lock_has_a_hash_for_every_package_and_no_address():
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+$", entry)


def test_versions_of_the_package_agree():
    from trialrr import __version__

    assert __version__ == PROJECT["version"]
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


MACHINE = (
    r"(^|[^a-z.\w])/(wor[k]|far[m]|hom[e]|roo[t]|tm[p])/[a-z]",
    r"https?://[a-z0-9.-]*(pythonhoste[d]|pyp[i]|debia[n]|npmj[s])\.",
    r"(index-ur[l]|find-link[s])[ =]+(http|file|/)",
)


def test_no_tracked_file_names_a_machine_or_a_registry():
    patterns = [re.compile(p.encode(), re.M) for p in MACHINE]
    texts = {path: path.read_bytes() for path in tracked()}
    hits = [
        f"{path.relative_to(ROOT)}: {hit[0].decode()}"
        for path, text in texts.items()
        if b"\0" not in text
        for pattern in patterns
        if (hit := pattern.search(text))
    ]
    assert not hits


def test_tracked_files_are_small_and_nothing_private_is_among_them():
    files = tracked()
    assert not [f for f in files if f.stat().st_size > 1_500_000]
    assert not [f for f in files if "private" in f.parts]


def test_the_ci_script_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


PARSED = re.compile(
    r"""method(?:"\]|'\])?\s*\.\s*(?:str|startswith|endswith|removeprefix|removesuffix|partition|"""
    r"""rpartition|replace|split|find|index)\b|\bin\s+\w+(?:\.method\b|\[["']method["']\])"""
)
"""Text of the column `method` taken apart, or looked into."""


def test_nothing_parses_the_method_of_a_row():
    for text in ('row.method.startswith("not")', '"a" in row.method', 'table["method"].str.len()'):
        assert PARSED.search(text)
    files = [
        f for room in ("present", "prove") for f in (ROOT / f"src/trialrr/{room}").rglob("*.py")
    ]
    files += (ROOT / "notebooks").glob("*.ipynb")
    assert len(files) > 60
    found = [
        f"{file.relative_to(ROOT)}: {hit[0]}"
        for file in files
        for hit in PARSED.finditer(file.read_text(encoding="utf-8").replace('\\"', '"'))
    ]
    assert not found, "what is meant belongs into the columns reason and flag, or a quantity"
