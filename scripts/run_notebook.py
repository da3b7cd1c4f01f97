"""A notebook run on the results of a trial: with its outputs, and as an HTML page."""

import argparse
from pathlib import Path

from trialrr import io
from trialrr.present.page import notebook
from trialrr.present.results import SYNTHETIC_NOTICE, read_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebook", required=True, type=Path, help="the .ipynb to run")
    parser.add_argument("--results", required=True, help="results folder that it reads")
    parser.add_argument("--plan", required=True, help="slice of the plan, a JSON file")
    parser.add_argument("--out", required=True, type=Path, help="folder of the .ipynb and .html")
    a = parser.parse_args()
    results = read_results(Path(a.results) / "ard.csv", a.plan)
    done = notebook.run(a.notebook, a.results, a.plan)
    notice = SYNTHETIC_NOTICE if results.synthetic else ""
    title = f"{a.notebook.stem.replace('_', ' ').capitalize()}: {results.plan.title}"
    io.write_text(a.out / a.notebook.name, notebook.to_text(done))
    io.write_text(a.out / f"{a.notebook.stem}.html", notebook.to_html(done, title, notice))


if __name__ == "__main__":
    main()
