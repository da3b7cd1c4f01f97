"""The graph of rules in the README is that of the workflow."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.draw_rules import BEGIN, END, arrows, mermaid, placed

ROOT = Path(__file__).parents[2]
PRINTED = """flowchart TB
\tid0[all]
\tid1[derive]
\tid2[fit]
\tstyle id0 fill:#D95757
\tid1 --> id2
\tid2 --> id0
\tid1 --> id0
"""


def test_the_readme_shows_the_rules_of_the_workflow():
    run = subprocess.run(
        [sys.executable, "-m", "scripts.draw_rules", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_an_arrow_that_follows_from_others_is_left_out():
    assert arrows(PRINTED) == {("derive", "fit"), ("fit", "all")}


def test_the_graph_takes_the_place_of_the_old_one():
    graph = mermaid({("fit", "all"), ("derive", "fit")})
    assert graph.splitlines()[2:4] == ["    derive --> fit", "    fit --> all"]
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert placed(text, graph) == f"before\n{BEGIN}\n{graph}\n{END}\nafter\n"
    with pytest.raises(ValueError, match="no place for the graph"):
        placed("no marks", graph)
