"""Fixtures that several rooms use."""

from pathlib import Path

import pytest

from trialrr import io, trials

SEED = 20250807


def pytest_collection_modifyitems(items):
    """The chain's tests take longest: they begin first, so that no core idles at the end."""
    items.sort(key=lambda item: "tests/workflow/" not in item.nodeid)


@pytest.fixture(scope="session")
def twin_dir(tmp_path_factory) -> Path:
    """A folder with the twin's exports in raw/ and the key of the planted faults, fault_key.csv."""
    folder = tmp_path_factory.mktemp("twin")
    published = io.read_strings("config/published/resolve.csv")
    files, key = trials.trial("resolve").twin().simulate(published, SEED)
    for name, table in files.items():
        io.write_frame(folder / "raw" / name, table)
    io.write_frame(folder / "fault_key.csv", key)
    return folder
