"""What a script or notebook is made of: the library files that it imports, directly or not."""

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = "trialrr"


def closure(script: str | Path, root: str | Path = ".") -> list[str]:
    """Paths of `script` (or a notebook) and of every module of the package it reaches, sorted.

    Read from the source by `ast`, nothing is run. root : folder that holds `src/` and `scripts/`;
    paths are relative to it, with forward slashes. Raises FileNotFoundError, SyntaxError.
    """
    return _reached([Path(script)], Path(root))


def library_of(files: Iterable[str | Path], root: str | Path = ".") -> list[str]:
    """Paths of the modules of the package that `files`, which stand elsewhere, reach, sorted."""
    root = Path(root)
    names = {name for file in files for name in imported(Path(file))}
    return _reached([found for name in sorted(names) for found in _files(root, name)], root)


def _reached(todo: list[Path], root: Path) -> list[str]:
    done = set()
    while todo:
        path = todo.pop()
        if path in done:
            continue
        done.add(path)
        todo += [found for name in imported(root / path) for found in _files(root, name)]
    return sorted(path.as_posix() for path in done)


def closure_of(module: str, root: str | Path = ".") -> list[str]:
    """`closure` of a module of the package by its dotted name, with the `__init__.py` of every
    package above it."""
    return sorted({path for file in _files(Path(root), module) for path in closure(file, root)})


def streams(files: Iterable[str | Path]) -> list[str]:
    """Names of the random streams that Python files open: the literal parts of every call
    `stream(root, "a", "b")` as `a/b`, sorted; a part that is no literal stands as `*`."""
    names = set()
    for path in files:
        for node in ast.walk(ast.parse(_source(Path(path)), str(path))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "stream":
                parts = [getattr(part, "value", "*") for part in node.args[1:]]
                names.add("/".join(p if isinstance(p, str) else "*" for p in parts))
    return sorted(names)


@cache
def imported(path: Path) -> frozenset[str]:
    """Dotted names of the package's modules that the file at `path` imports: for `from a import b`
    both `a` and `a.b`, since `b` may be a module."""
    names, source = set(), _source(path)
    tree = ast.parse(source, str(path)) if PACKAGE in source else ast.Module([], [])
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(n for n in names if n == PACKAGE or n.startswith(PACKAGE + "."))


BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
"""Fields of a statement that hold others."""


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """The statements of a file, also those inside others, without their expressions: most of a file
    is expressions, and no import is in one."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.Expr) and not _of_types(node):
            todo += [inner for block in BLOCKS for inner in getattr(node, block, ())]


def _of_types(node: ast.AST) -> bool:
    """Whether what is inside is for type checkers and never run."""
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def _source(path: Path) -> str:
    """Python of a file: of a notebook its code cells, one after the other."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


@cache
def _files(root: Path, name: str) -> list[Path]:
    """The module's file and the `__init__.py` of every package above it, those that exist."""
    parts = name.split(".")
    files = [Path("src", *parts[:k], "__init__.py") for k in range(1, len(parts) + 1)]
    files.append(Path("src", *parts).with_suffix(".py"))
    return [f for f in files if (root / f).is_file()]
