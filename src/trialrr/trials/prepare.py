"""From raw files to analysis data, in the same steps for every trial."""

from pathlib import Path
from typing import Any

from trialrr import trials
from trialrr.ingest import against_plan
from trialrr.ingest.findings import Findings
from trialrr.plan import Plan
from trialrr.trials.base import AnalysisData


def derived(
    plan: Plan, findings: Findings, directory: str | Path | None = None
) -> tuple[Any, AnalysisData]:
    """The raw tables of the trial that the plan names, and its analysis data: read, checked,
    derived. directory : of the raw files, if it is not the plan's. Raises DataError with all faults
    of one step."""
    trial = trials.of(plan.data)
    raw = trial.read(plan, directory or plan.data.directory, findings)
    trial.check(raw, plan, findings)
    findings.stop_if_errors()
    return raw, trial.derive(raw, plan, findings)


def prepared(
    plan: Plan, findings: Findings, directory: str | Path | None = None
) -> tuple[Any, AnalysisData]:
    """`derived`, and held against what the plan names. Raises DataError."""
    raw, data = derived(plan, findings, directory)
    against_plan.hold(data.participants, data.visits, plan, findings)
    findings.stop_if_errors()
    return raw, data
