import csv
import re

# What every stage shares: the checked plan, where results stand, and what the rules watch.
PLANS = [os.path.relpath(path) for path in workflow.overwrite_configfiles or [DEFAULT_PLAN]]
try:
    config = plan.read_all(PLANS, workflow.config_settings.config)
    plan.check(
        config,
        SOURCES,
        HERE / "workflow/schemas/plan.schema.json",
        files=PLANS,
        columns={"resolve": COLUMNS},
    )
except (plan.PlanError, OSError) as error:
    sys.exit(f"{error}")

DECLARED = config
config = plan.reduced(config)
RESULTS = f"results/{plan.tree(config)}"
PRIVATE = f"{RESULTS}/private"
LOGS = f"{PRIVATE}/logs"  # they may quote what stands about a participant
TIMES = f"{RESULTS}/benchmarks"
LOCK = "requirements.lock"
ENVIRONMENT = str(HERE / "environment.yml")  # used with --sdm conda
PAGES = [
    path.relative_to(HERE).as_posix()
    for path in sorted((HERE / "src/trialrr/present/page").glob("*.j2"))
]
RESOLVE = config["data"]["route"] == "resolve"
SYNTHETIC = config["data"]["origin"] == "synthetic"

# One BLAS thread a job: faster at this size, and the same bits on any number of cores. The
# interpreter that runs the workflow runs the jobs, with this project's library and scripts, neither
# an installed library nor what lies in the folder that the run was started in.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join([str(HERE / "src"), str(HERE)]),
    "PYTHONSAFEPATH": "1",
    "PYTHONHASHSEED": "0",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    "TRIALRR_PROJECT": str(HERE),
}
io.make_private(PRIVATE)

KEPT = set()


def kept(name, text):
    """A file of the results that holds `text` and is named by it. Whatever the rules watch stands in
    such files, so that a changed content, and nothing else, is another input: Snakemake expands no
    text of a plan or path of a user, and no date of a file decides."""
    path = io.write_once(f"{RESULTS}/inputs", name, text)
    KEPT.add(path)
    return path


def behind():
    """All that the rules above watch. When one of them fails, its outputs are gone, and Snakemake asks
    nobody for files that only lie between: a result that is asked for by its name would stand as if
    up to date. So it watches what they watch."""
    return sorted(KEPT)


def watched(name, files):
    """The contents of `files`, of which some may be absent: reading, not the workflow, says it."""
    return kept(name, manifest.watched(files))


def code(script, *others):
    """A rule's script, the library modules it reaches by imports, data files it reads, the lock."""
    return watched_here(script, *closure(f"scripts/{script}.py", HERE), *others, LOCK)


def watched_here(name, *files):
    """The contents of files of the project, which are named from its folder."""
    return kept(f"code_{name}", manifest.watched(files, HERE))


def notebook_code(notebook):
    """The notebook, what runs it, and the files of the project that it reads."""
    files = closure(f"notebooks/{notebook}.ipynb", HERE) + closure("scripts/run_notebook.py", HERE)
    return watched_here(notebook, *files, *PAGES, *ALSO_READ.get(notebook, []), LOCK)


def forget_old_inputs():
    """Remove the kept texts that no rule watches any more."""
    for path in Path(f"{RESULTS}/inputs").iterdir():
        if path.as_posix() not in KEPT:
            path.unlink()


DICTIONARY = "src/trialrr/resolve/dictionary.csv"
RAW = config["data"].get("directory") or f"{PRIVATE}/raw"
TWIN = RESOLVE and not config["data"].get("directory")

with (HERE / DICTIONARY).open(encoding="utf-8", newline="") as handle:
    TABLES = sorted({row["file"] for row in csv.DictReader(handle)} | {"data_dictionary"})

# The raw files: those of the twin are made here, all others are the user's, wherever they are.
TWIN_FILES = [f"{RAW}/synthetic_{table}.csv" for table in TABLES] if TWIN else []
USERS_FILES = [] if TWIN else cleaning.files(RAW) if RESOLVE else tidy.files(plan.parse({"data": config["data"]}).data)
WATCHED = TWIN_FILES or watched("raw", USERS_FILES)


def published():
    """The published numbers where the plan says, seen from here or from the project's folder."""
    path = Path(config["published"])
    return path if path.exists() else HERE / path


PUBLISHED = watched("published", [published()]) if config.get("published") else []


def one_fit(analysis):
    """Whether an entry of the plan is one fit; every other kind resamples or refits."""
    return analysis.get("kind", "model") == "model"


def compared(*wanted):
    """Options that name the comparison tables which this trial has."""
    names = {"published": "published_vs_reproduced", "calibration": "calibration"}
    paths = {option: f"{RESULTS}/{names[option]}.csv" for option in wanted}
    return " ".join(f"--{option} {path}" for option, path in paths.items() if path in COMPARED)


def say_what_failed(run_logs):
    """Print last what the failed jobs said, below the workflow's own words about them."""
    told = "".join(Path(path).read_text(encoding="utf-8") for path in run_logs)
    for paths in dict.fromkeys(re.findall(r"^ +log: (.+) \(check", told, re.MULTILINE)):
        path = Path(paths.split(", ")[0])
        if path.is_file():
            print(f"\n{path}:\n{path.read_text(encoding='utf-8')}", file=sys.stderr)
