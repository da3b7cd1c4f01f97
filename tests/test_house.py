"""The house: environment files agree, a name stands for one thing, nothing private is tracked."""

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


def test_tracked_files_are_small_and_nothing_private_is_among_them():
    files = tracked()
    assert not [f for f in files if f.stat().st_size > 1_500_000]
    assert not [f for f in files if "private" in f.parts]


def test_the_ci_script_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_no_name_of_a_class_is_given_twice():
    places: dict[str, list[str]] = {}
    for file in sorted((ROOT / "src").rglob("*.py")):
        for name in re.findall(r"^ *class (\w+)[(:]", file.read_text(encoding="utf-8"), re.M):
            places.setdefault(name, []).append(str(file.relative_to(ROOT)))
    assert len(places) > 200
    assert not {name: where for name, where in places.items() if len(where) > 1}


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
