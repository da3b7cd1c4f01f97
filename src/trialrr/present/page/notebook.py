"""Running a notebook on results, so that the same results give the same bytes."""

import os
import tempfile
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbclient import NotebookClient
from nbconvert.exporters.html import HTMLExporter
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from trialrr.present.page.report import POLICY

SECONDS = 300  # a notebook only reads; more says that it hangs


def run(path: str | Path, results: str, plan: str) -> nbformat.NotebookNode:
    """The notebook at `path` with its outputs, run in the present directory.

    results, plan : what TRIALRR_RESULTS and TRIALRR_PLAN say to the notebook. The kernel sees no
    settings of the user's home; nothing that depends on the clock is recorded.
    Raises nbclient's CellExecutionError with the traceback of the cell that failed.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as home:
        own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        mine = dict.fromkeys(own, home) | {"TRIALRR_RESULTS": results, "TRIALRR_PLAN": plan}
        before = dict(os.environ)
        os.environ.update(mine)
        try:
            files = Config(ConnectionFileMixin={"transport": "ipc", "ip": f"{home}/k"})  # no ports
            # what a cell prints comes in pieces, cut by the clock: one piece of them
            how = dict(timeout=SECONDS, record_timing=False, coalesce_streams=True)
            NotebookClient(notebook, config=files, **how).execute()
        finally:
            os.environ.clear()
            os.environ.update(before)
    notebook.metadata.pop("widgets", None)
    return notebook


def to_text(notebook: nbformat.NotebookNode) -> str:
    """The notebook as the text of an .ipynb file."""
    return nbformat.writes(notebook) + "\n"


def to_html(notebook: nbformat.NotebookNode, title: str, notice: str = "") -> str:
    """The notebook as one HTML page that asks for no other file."""
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    body, _ = exporter.from_notebook_node(notebook)
    env = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return env.get_template("notebook.html.j2").render(
        policy=Markup(POLICY),
        title=title,
        notice=notice,
        body=Markup(body),
        highlight=Markup(HtmlFormatter(nobackground=True).get_style_defs(".highlight")),
    )
