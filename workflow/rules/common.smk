# What every stage shares: the checked plan, where results stand, and what counts as code.
plan.check(
    config,
    HERE / "workflow/schemas/plan.schema.json",
    name=", ".join(map(str, workflow.overwrite_configfiles)) or "config/resolve.yaml",
)

RESULTS = f"results/{config['trial']}-{config['version']}"
PRIVATE = f"{RESULTS}/private"
LOGS = f"{RESULTS}/logs"
TIMES = f"{RESULTS}/benchmarks"
LOCK = "requirements.lock"
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
