"""Rerun the R programs of this folder and hold their results against the stored ones.

    python tests/oracle/compare.py [program ...]

One line a program: equal, or every value that differs. Exit code 1 if any does, 2 without R.
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-8  # relative; the programs converge to rounding, which machines do differently
ROUNDING = 1e-12  # absolute, for values that are zero but for rounding
SHOWN = 20


def main(names: list[str]) -> int:
    programs = sorted(path.stem for path in HERE.glob("*.json"))
    if unknown := sorted(set(names) - set(programs)):
        print(f"oracle: no program {', '.join(unknown)}; there are {', '.join(programs)}")
        return 2
    if shutil.which("Rscript") is None:
        print("oracle: Rscript not found; install R to rerun tests/oracle/*.R", file=sys.stderr)
        return 2
    differing = [name for name in names or programs if not report(name)]
    return 1 if differing else 0


def report(name: str) -> bool:
    """Rerun one program and print how it compares with its stored values; True if equal."""
    stored = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        subprocess.run(["Rscript", f"{name}.R", folder], cwd=HERE, check=True)
        rerun = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))
    made_with, now = stored.pop("made_with"), rerun.pop("made_with")
    found = list(differences(stored, rerun))
    versions = "" if made_with == now else f" (stored by {made_with}, rerun by {now})"
    values = sum(1 for _ in leaves(stored))
    if not found:
        print(f"{name}: the rerun equals all {values} stored values within {TOLERANCE:g}{versions}")
        return True
    print(f"{name}: {len(found)} of {values} values differ{versions}")
    for line in found[:SHOWN]:
        print(f"  {line}")
    if len(found) > SHOWN:
        print(f"  and {len(found) - SHOWN} more")
    return False


def differences(stored, rerun, where: str = "") -> Iterator[str]:
    """One line for each place where two JSON values differ by more than rounding."""
    if isinstance(stored, dict) and isinstance(rerun, dict):
        for key in sorted(stored.keys() | rerun.keys()):
            if key not in stored or key not in rerun:
                yield f"{where}{key}: only {'stored' if key in stored else 'in the rerun'}"
            else:
                yield from differences(stored[key], rerun[key], f"{where}{key}.")
    elif isinstance(stored, list) and isinstance(rerun, list) and len(stored) == len(rerun):
        for i, (a, b) in enumerate(zip(stored, rerun, strict=True)):
            yield from differences(a, b, f"{where}{i}.")
    elif not same(stored, rerun):
        yield f"{where.rstrip('.')}: stored {stored!r}, rerun {rerun!r}"


def same(a, b) -> bool:
    number = (int, float)
    if isinstance(a, number) and isinstance(b, number) and bool not in (type(a), type(b)):
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=ROUNDING)
    return type(a) is type(b) and a == b


def leaves(value) -> Iterator:
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from leaves(child)
    else:
        yield value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
