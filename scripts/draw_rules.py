"""Draw the rules of the workflow and what each needs, as a Mermaid graph in the README.

An arrow stands for a direct need only: what follows from others is left out, so the graph can be
read. `--check` changes nothing and fails if the README shows another graph.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

BEGIN, END = "<!-- rules: make graph -->", "<!-- end of rules -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    text = args.readme.read_text(encoding="utf-8")
    drawn = placed(text, mermaid(arrows(printed())))
    if args.check and drawn != text:
        sys.exit(f"{args.readme} shows other rules than the workflow has; run make graph")
    if not args.check:
        args.readme.write_text(drawn, encoding="utf-8")


def printed() -> str:
    """The graph of rules as Snakemake prints it."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def arrows(graph: str) -> set[tuple[str, str]]:
    """Pairs (rule, rule that needs it) of a printed graph, less those that follow from others."""
    name = dict(re.findall(r"^\s*(id\d+)\[(\w+)\]", graph, re.M))
    needs: dict[str, set[str]] = {}
    for one, other in re.findall(r"^\s*(id\d+) --> (id\d+)", graph, re.M):
        needs.setdefault(name[other], set()).add(name[one])

    def behind(rule: str) -> set[str]:
        return set().union(*({n} | behind(n) for n in needs.get(rule, ())))

    return {
        (one, rule)
        for rule, direct in needs.items()
        for one in direct
        if not any(one in behind(other) for other in direct - {one})
    }


def mermaid(pairs: set[tuple[str, str]]) -> str:
    lines = [f"    {one} --> {other}" for one, other in sorted(pairs)]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def placed(text: str, graph: str) -> str:
    """`text` with `graph` between its marks. Raises ValueError if it has none."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"no place for the graph; put the lines {BEGIN} and {END} into the text")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    return f"{head}{BEGIN}\n{graph}\n{END}{tail}"


if __name__ == "__main__":
    main()
