"""The report of a trial: one self-contained HTML file, from its results (ARD) and figures."""

import argparse
import json
import platform
from importlib.metadata import version
from pathlib import Path

from trialrr import io
from trialrr.present.kit import pictures
from trialrr.present.page import report
from trialrr.present.results import read_comparison, read_findings, read_results

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "snakemake")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ard", required=True, help="results table, CSV")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--figures", required=True, type=Path, help="folder of the SVG figures")
    parser.add_argument("--published", help="published_vs_reproduced.csv, if the trial has one")
    parser.add_argument("--calibration", help="calibration.csv, if the trial is synthetic")
    parser.add_argument("--findings", help="findings_summary.csv, if the trial has one")
    parser.add_argument("--plan-digest", default="", help="SHA-256 of the whole plan")
    parser.add_argument(
        "--versions", help="versions for the foot as JSON; default: those installed"
    )
    parser.add_argument("--out", required=True, help="the HTML file")
    a = parser.parse_args()
    results = read_results(a.ard, a.plan)
    wanted = report.figures_of(results, bool(a.published))
    svgs = {id: pictures.forms_in(a.figures, id) for id in wanted}
    versions = json.loads(a.versions) if a.versions else installed()
    provenance = {"Plan digest (SHA-256)": a.plan_digest} if a.plan_digest else {}
    provenance["Software"] = ", ".join(f"{name} {number}" for name, number in versions.items())
    html = report.render(
        results,
        svgs,
        read_comparison(a.published),
        read_comparison(a.calibration),
        read_findings(a.findings),
        provenance,
    )
    io.write_text(a.out, html)


def installed() -> dict[str, str]:
    """Versions of Python and of the packages that the numbers and figures come from."""
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}


if __name__ == "__main__":
    main()
