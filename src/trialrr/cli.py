"""`trialrr check`, `verify` and `release`, run where the workflow ran: in the project's folder
or in another one, whose `results` and paths of data are then meant."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

CONFIG = "config/resolve.yaml"
RESULTS = Path("results")
PROJECT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if outputs differ or cannot be compared."""
    args = _parser().parse_args(arguments)
    try:
        return args.command(args)
    except (RuntimeError, ValueError, OSError) as error:
        print(f"trialrr {args.name}: {error}", file=sys.stderr)
        return 1


def verify(args: argparse.Namespace) -> int:
    """Compare the results with their manifest, with the frozen release and, unless told not to,
    with a run from nothing."""
    from trialrr.prove import manifest
    from trialrr.prove import verify as compare

    tree, release = _places(args)
    present = bool(manifest.outputs(tree))
    if present and _differ(
        f"{tree} and its manifest",
        manifest.read(tree)["outputs"],
        compare.against_manifest(tree),
        by_hash=True,
    ):
        return 1
    if not args.recompute:
        if not present:
            raise FileNotFoundError(f"{tree}: no results; make them first (make results)")
        return _against_release(tree, release)
    if present and _against_release(tree, release):
        return 1
    with tempfile.TemporaryDirectory(prefix="trialrr-") as directory:
        fresh = compare.recompute(_project(), _configfile(args), directory, args.cores)
        if not present:
            return _against_release(fresh, release)
        same = manifest.same_environment(manifest.read(fresh), manifest.read(tree))
        title = f"{tree} and the same recomputed"
        return int(_differ(title, manifest.outputs(fresh), compare.between(fresh, tree), same))


def check(args: argparse.Namespace) -> int:
    """Hold a plan against itself, against its mapping and against its data; write nothing."""
    from trialrr import house, plan

    checked = house.check(plan.read(args.plan), files=[args.plan])
    people = _held(plan.replace(checked, mentions=tuple(plan.mentions(checked, by_id=True))))
    what = f"the plan and its data agree ({people} people)" if people else "the plan is right"
    print(f"{args.plan}: {what}{'' if people else '; the workflow makes its data (the twin)'}")
    return 0


def _held(parsed) -> int:
    """How many people the data have that the plan was held against; 0 if there are none to read.
    Raises DataError."""
    from trialrr import trials
    from trialrr.ingest.findings import Findings
    from trialrr.trials.prepare import prepared

    if not parsed.data.directory and trials.of(parsed.data).twin():
        return 0
    _, data = prepared(parsed, Findings())
    return len(data.participants)


def release(args: argparse.Namespace) -> int:
    """Freeze the current results as the release of the plan's version."""
    from trialrr.prove import release as freezer

    tree, place = _places(args)
    names = freezer.freeze(tree, place)
    print(f"{place}: {len(names)} files frozen" if names else f"{place}: already there, identical")
    return 0


def _against_release(tree: Path, release: Path) -> int:
    from trialrr.prove import manifest
    from trialrr.prove import verify as compare

    if not release.is_dir():
        print(f"{release}: no frozen release of this version to compare with")
        return 0
    ours, theirs = manifest.read(tree), manifest.read(release)
    if ours["plan"]["sha256"] != theirs["plan"]["sha256"]:
        print(f"note: the plan is not that of {release}; a changed plan needs a new version")
    return int(
        _differ(
            f"{_label(tree)} and {release}",
            compare.compared(release),
            compare.against_release(tree, release),
            manifest.same_environment(ours, theirs),
        )
    )


def _differ(title: str, outputs, differences, looks: bool = True, by_hash: bool = False) -> bool:
    from trialrr.prove import verify as compare

    print(f"{title}: {'differ' if differences else 'agree'}")
    print("\n".join(compare.lines(outputs, differences, looks, by_hash)), flush=True)
    if differences:
        more = f"\n({len(differences) - 1} more output(s) differ)" if len(differences) > 1 else ""
        print(f"first difference: {differences[0]}{more}", file=sys.stderr)
    return bool(differences)


def _label(tree: Path) -> str:
    return "recomputed results" if tree.is_absolute() else str(tree)


def _places(args: argparse.Namespace) -> tuple[Path, Path]:
    """(results tree, release) of the plan, unless the command names others."""
    from trialrr import plan

    document = plan.read(_configfile(args))
    name = plan.tree(document)
    return Path(args.results or RESULTS / name), Path(args.release or RESULTS / "releases" / name)


def _project() -> Path:
    """The folder of the project: this one, or else the one that the package stands in."""
    if Path("Snakefile").is_file():
        return Path()
    folder = Path(__file__).resolve().parents[2]
    if (folder / "Snakefile").is_file():
        return folder
    raise FileNotFoundError("no Snakefile here; run it in the project's folder")


def _configfile(args: argparse.Namespace) -> Path:
    """The plan as it is named, seen from here or else from the project's folder."""
    path = Path(args.configfile)
    return path if path.is_file() else _project() / path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trialrr", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="command")
    command = commands.add_parser("check", help=check.__doc__, description=check.__doc__)
    command.set_defaults(command=check)
    command.add_argument("plan", help="a plan, such as config/resolve.yaml")
    for name, run in (("verify", verify), ("release", release)):
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(command=run)
        command.add_argument("--configfile", default=CONFIG, help=f"the plan (default {CONFIG})")
        command.add_argument("--results", help="results tree (default: that of the plan)")
        command.add_argument("--release", help="frozen release (default: that of the plan)")
        if name == "verify":
            command.add_argument("--cores", type=int, default=os.cpu_count() or 1)
            command.add_argument(
                "--no-recompute",
                dest="recompute",
                action="store_false",
                help="compare hashes and the release only; run nothing",
            )
    return parser


if __name__ == "__main__":
    sys.exit(main())
