"""One synthetic trial for all tests here: built and written once (`twin_dir`)."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import SEED
from trialrr import io
from trialrr.trials.resolve import twin
from trialrr.trials.resolve.files import DICTIONARY
from trialrr.trials.resolve.twin.exports import PREFIX

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def published() -> pd.DataFrame:
    return io.read_strings(ROOT / "config/published/resolve.csv")


@pytest.fixture(scope="session")
def dictionary() -> pd.DataFrame:
    return io.read_strings(DICTIONARY)


@pytest.fixture(scope="session")
def build(published, dictionary):
    """(seed, numbers) → trial, by default from the published numbers."""

    def make(seed: int, numbers: pd.DataFrame = published):
        return twin.build(numbers, dictionary, seed)

    return make


@pytest.fixture(scope="session")
def built(twin_dir, dictionary):
    """(files, key) of the trial that `twin_dir` holds."""
    files = {
        file: io.read_strings(twin_dir / f"raw/{PREFIX}{file}.csv")
        for file in dict.fromkeys(dictionary["file"])
    }
    return files, io.read_strings(twin_dir / "fault_key.csv").astype({"line": int})


@pytest.fixture(scope="session")
def files(built) -> dict[str, pd.DataFrame]:
    return built[0]


@pytest.fixture(scope="session")
def key(built) -> pd.DataFrame:
    return built[1]


@pytest.fixture(scope="session")
def other(build, tmp_path_factory):
    """(files, key, folder) of another seed."""
    files, key = build(SEED + 1)
    folder = tmp_path_factory.mktemp("other")
    for file, table in files.items():
        io.write_frame(folder / f"{PREFIX}{file}.csv", table)
    return files, key, folder
