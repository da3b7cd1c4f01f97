"""The twin after the house's own reading, cleaning and derivation: once for all tests here."""

from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import pytest

from trialrr import plan, trials
from trialrr.ingest.findings import Findings
from trialrr.trials.resolve import cleaning, derive

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def twin_read(twin_dir) -> tuple[cleaning.Raw, Findings]:
    """Raw tables of the twin, and what reading them found; who goes on takes a copy."""
    return read(twin_dir / "raw")


@pytest.fixture(scope="session")
def ingested(twin_read) -> SimpleNamespace:
    return derived(*deepcopy(twin_read))


def read(folder: Path) -> tuple[cleaning.Raw, Findings]:
    findings = Findings()
    return cleaning.read_raw(folder, "synthetic", findings), findings


def derived(raw: cleaning.Raw, findings: Findings) -> SimpleNamespace:
    """A trial after cleaning and derivation: plan, raw, data, findings."""
    analysis = plan.load(ROOT / "config/resolve.yaml", trials.sources())
    cleaning.check(raw, analysis, findings)
    findings.stop_if_errors()
    data = derive.derive(raw, analysis, findings)
    return SimpleNamespace(plan=analysis, raw=raw, data=data, findings=findings.frame())
