# The workflow in the order in which data flow: ingest, derive, analyze, present, prove.
import os
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")

HERE = Path(workflow.current_basedir)  # of this file, also where it is used as a module
sys.path.insert(0, str(HERE / "src"))

from trialrr import house, io, plan, trials
from trialrr.analyses import registry
from trialrr.analyses.base import ESTIMATE, RESAMPLE
from trialrr.present import shows
from trialrr.prove import manifest
from trialrr.prove.imports import closure, closure_of, library_of

DEFAULT_PLAN = HERE / "config/resolve.yaml"
if not workflow.overwrite_configfiles:

    configfile: DEFAULT_PLAN


include: "workflow/rules/common.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/derive.smk"
include: "workflow/rules/analyze.smk"
include: "workflow/rules/present.smk"
include: "workflow/rules/print.smk"
include: "workflow/rules/prove.smk"
include: "workflow/rules/coverage.smk"


rule all:
    input:
        f"{RESULTS}/report.html",
        f"{RESULTS}/manifest.json",


onsuccess:
    forget_old_inputs()


onerror:
    say_what_failed(log)
