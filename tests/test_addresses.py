"""Nobody takes the text of a level or a subgroup apart, or puts one together, but `trialrr.ard`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialrr.levels import COMPARISONS

ROOT = Path(__file__).parents[1] / "src/trialrr"
ROOMS = ("analyses", "present", "prove", "trials")
CUT = ("split", "rsplit", "partition", "rpartition", "join")
STARTS = ("removeprefix", "startswith", "removesuffix", "endswith")
ADDRESSES = ("level", "subgroup")
OTHERWISE = {
    "present/kit/pictures.py": "attributes of a drawing",
    "present/shows/missing/balance.py": "columns of a design, as `design.matrix` names them",
    "present/results.py": "keys of a row in a message",
    "present/shows/base.py": "names of functions, as module:name",
    "trials/resolve/twin/outcomes.py": "terms of a published model",
    "trials/resolve/twin/response.py": "terms of a published model",
    "trials/resolve/twin/targets.py": "keys of a row in a message",
}
"""File that takes such a text apart, or makes one → what else it is."""


def made_by_hand(text: str) -> Iterator[str]:
    """Places at which the code cuts or makes such a text."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, told = node.func.attr, node.func.value if node.func.attr == "join" else None
            given = [told] if told else node.args[:1]
            said = [g.value for g in given if isinstance(g, ast.Constant)]
            if name in CUT and {":", "="} & set(said):
                yield f"line {node.lineno}: {name} by {said[0]!r}"
            if name in STARTS and any(map(_named, (*said, *_fixed(given)))):
                yield f"line {node.lineno}: {name}"
        if isinstance(node, ast.JoinedStr):
            parts = ["{}" if isinstance(p, ast.FormattedValue) else p.value for p in node.values]
            if parts in (["{}", ":", "{}"], ["{}", "=", "{}"]):
                yield f"line {node.lineno}: {''.join(parts)}"
        if isinstance(node, ast.keyword) and node.arg in ADDRESSES:
            yield from _texts(node.value)
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in ADDRESSES:
                    yield from _texts(value)


def _named(text: object) -> bool:
    """True of "seen=", and not of a comparison such as ">="."""
    return str(text).endswith("=") and str(text) not in COMPARISONS


def _fixed(nodes: list[ast.expr]) -> list[str]:
    """Last fixed parts of formatted texts."""
    ends = [n.values[-1] for n in nodes if isinstance(n, ast.JoinedStr)]
    return [end.value for end in ends if isinstance(end, ast.Constant)]


def _texts(value: ast.expr) -> Iterator[str]:
    fixed = isinstance(value, ast.Constant) and {"=", ":"} & set(str(value.value))
    if isinstance(value, ast.JoinedStr) or fixed:
        yield f"line {value.lineno}: a level or subgroup of a text"


FILES = [f for room in ROOMS for f in sorted((ROOT / room).rglob("*.py"))]


def test_levels_and_subgroups_are_read_and_written_in_one_place():
    found = {f.relative_to(ROOT).as_posix(): list(made_by_hand(f.read_text())) for f in FILES}
    assert len(found) > 100
    hits = {name: places for name, places in found.items() if places}
    assert {n: p for n, p in hits.items() if n not in OTHERWISE} == {}, "use ard.Contrast, Subgroup"
    assert not sorted(OTHERWISE.keys() - hits.keys()), "these files are clean: take them off"


@pytest.mark.parametrize(
    "line",
    [
        'level.split(":")',
        '":".join(pair)',
        'row.subgroup.partition("=")',
        'row.subgroup.removeprefix("seen=")',
        'row.subgroup.removeprefix(f"{id}=")',
        'f"{a}:{b}"',
        'f"{id}={level}"',
        'get("n", subgroup=f"form={form}")',
        '{"subgroup": f"site={site}"}',
        'row(subgroup="cluster=others")',
    ],
)
def test_what_is_made_by_hand_is_found(line):
    assert list(made_by_hand(line))


@pytest.mark.parametrize(
    "line",
    ['text.split(",")', "str(Contrast(a, b))", 'f"{file}:{line}: {what}"', 'get(level="all")'],
)
def test_other_texts_are_left_alone(line):
    assert not list(made_by_hand(line))
