import re

# What every stage shares: the checked plan, where results stand, and what the rules watch.
PLANS = [os.path.relpath(path) for path in workflow.overwrite_configfiles or [DEFAULT_PLAN]]
try:
    document = plan.read_all(PLANS, workflow.config_settings.config)
    DECLARED = house.check(document, files=PLANS)
except (plan.PlanError, OSError) as error:
    sys.exit(f"{error}")

config = plan.reduced(document)
PLAN = plan.parse(config)
RESULTS = f"results/{PLAN.tree}"
PRIVATE = f"{RESULTS}/private"
LOGS = f"{PRIVATE}/logs"  # they may quote what stands about a participant
TIMES = f"{RESULTS}/benchmarks"
LOCK = "requirements.lock"
ENVIRONMENT = str(HERE / "environment.yml")  # used with --sdm conda
PAGES = [
    path.relative_to(HERE).as_posix()
    for path in sorted((HERE / "src/trialrr/present/page").glob("*.j2"))
]
TRIAL = trials.of(PLAN.data)
SYNTHETIC = PLAN.data.origin == "synthetic"

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
    """A rule's script, the library modules it reaches by imports, what declares the kinds of the plan
    if it reads a plan, data files it reads, the lock."""
    reached = closure(f"scripts/{script}.py", HERE)
    declared = DECLARATIONS if "src/trialrr/house.py" in reached else []
    return watched_here(script, *unique(reached, declared, others), LOCK)


def in_stage(analysis, stage):
    """Whether an entry of the plan is done in a stage of the workflow."""
    return registry.kind_of(analysis).stage == stage


def code_of_kinds(analyses):
    """The modules that do the work of some entries, as `code_of`."""
    return code_of({registry.kind_of(analysis).module for analysis in analyses})


def code_of(modules):
    """Modules that are imported by the names which declarations have for them, with what they reach by
    imports; of those that stand in extensions all files of the extensions."""
    own = [closure_of(module, HERE) for module in modules if not house.is_extension(module)]
    files = [file for extension in EXTENSIONS for file in house.files(extension.folder)]
    return unique(*own, *([] if len(own) == len(modules) else [of_extensions(files)]))


def of_extensions(files):
    """Files of extensions, as seen from the project, and the library modules that they reach."""
    reached = library_of([file for file in files if file.suffix == ".py"], HERE)
    return unique([os.path.relpath(file, HERE) for file in files], reached)


def unique(*lists):
    """Paths of several lists, sorted, each once."""
    return sorted({path for paths in lists for path in paths})


# Whoever reads a plan reads what declares the kinds of its entries, and its extensions.
EXTENSIONS = [house.load(path) for path in PLAN.extensions]
DECLARING = {type(entry).__module__ for entry in PLAN.analyses}
DECLARATIONS = unique(
    of_extensions([file for extension in EXTENSIONS for file in extension.declared_by]),
    *(closure_of(module, HERE) for module in DECLARING if not house.is_extension(module)),
)


def from_here(path):
    """A path as seen from the project's folder, if it is inside."""
    here = HERE.resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


# All files of the trial's folder, and the library modules that these reach by imports.
TRIAL_FILES = [from_here(path) for path in TRIAL.files]
TRIAL_CODE = sorted(
    {*TRIAL_FILES}.union(*(closure(f, HERE) for f in TRIAL_FILES if f.endswith(".py")))
)


def trial_code(script, *others):
    """`code` of a script that asks the trial for what it does or how it calls something."""
    return code(script, *others, *TRIAL_CODE)


def watched_here(name, *files):
    """The contents of files of the project, which are named from its folder."""
    return kept(f"code_{name}", manifest.watched(files, HERE))


def notebook_code(notebook):
    """The notebook, what runs it, and the files of the project that it reads."""
    files = closure(f"notebooks/{notebook}.ipynb", HERE) + closure("scripts/run_notebook.py", HERE)
    others = [*PAGES, *TRIAL_CODE, *MAKES_TABLES, *ALSO_READ.get(notebook, [])]
    return watched_here(notebook, *unique(files, DECLARATIONS, others), LOCK)


def forget_old_inputs():
    """Remove the kept texts that no rule watches any more."""
    for path in Path(f"{RESULTS}/inputs").iterdir():
        if path.as_posix() not in KEPT:
            path.unlink()


# The raw files: those of a twin are made here, all others are the user's, wherever they are.
TWIN = None if PLAN.data.directory else TRIAL.twin()
RAW = f"{PRIVATE}/raw"
TWIN_FILES = [f"{RAW}/{name}" for name in TWIN.files] if TWIN else []
USERS_FILES = [] if TWIN else TRIAL.raw_files(PLAN.data)
WATCHED = TWIN_FILES or watched("raw", USERS_FILES)
FURTHER = [f"{PRIVATE}/{table}.csv" for table in TRIAL.tables]
SCHEMAS = [f"{PRIVATE}/{table}.schema.json" for table in ("participants", "visits", *TRIAL.tables)]


def published():
    """The published numbers where the plan says, seen from here or from the project's folder."""
    path = Path(PLAN.published)
    return path if path.exists() else HERE / path


PUBLISHED = watched("published", [published()]) if PLAN.published else []


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
