import csv
import re

# What every stage shares: the checked plan, where results stand, and what counts as code.
PLANS = [os.path.relpath(path) for path in workflow.overwrite_configfiles] or [DEFAULT_PLAN]
config = plan.read_all(PLANS, workflow.config_settings.config)
plan.check(config, SOURCES, HERE / "workflow/schemas/plan.schema.json", files=PLANS)
config = plan.reduced(config)
RESULTS = f"results/{plan.tree(config)}"
PRIVATE = f"{RESULTS}/private"
LOGS = f"{RESULTS}/logs"
TIMES = f"{RESULTS}/benchmarks"
LOCK = "requirements.lock"
ENVIRONMENT = str(HERE / "environment.yml")  # used with --sdm conda
PAGES = [
    path.relative_to(HERE).as_posix()
    for path in sorted((HERE / "src/trialrr/present").glob("*.j2"))
]
RESOLVE = config["data"]["route"] == "resolve"
SYNTHETIC = config["data"]["origin"] == "synthetic"

# One BLAS thread a job: faster at this size, and the same bits on any number of cores. The
# interpreter that runs the workflow runs the jobs, and this tree's library, not an installed one.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONPATH": str(HERE / "src"),
    "PYTHONHASHSEED": "0",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
}


def code(script, *others):
    """A rule's script, the library modules it reaches by imports, data files it reads, the lock."""
    return [*closure(f"scripts/{script}.py", HERE), *others, LOCK]


DICTIONARY = "src/trialrr/resolve/dictionary.csv"
RAW = config["data"].get("directory") or f"{PRIVATE}/raw"
TWIN = RESOLVE and not config["data"].get("directory")

with (HERE / DICTIONARY).open(encoding="utf-8", newline="") as handle:
    TABLES = sorted({row["file"] for row in csv.DictReader(handle)} | {"data_dictionary"})


def one_fit(analysis):
    """Whether an entry of the plan is one fit; every other kind resamples or refits."""
    return analysis.get("kind", "model") == "model"


def raw_files():
    """The twin's exports by name; of a folder of the user's whatever is there, so that reading,
    not the workflow, says which table is missing and what to do."""
    if TWIN:
        return [f"{RAW}/synthetic_{table}.csv" for table in TABLES]
    return sorted(str(path) for path in Path(RAW).glob("*.csv"))


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
