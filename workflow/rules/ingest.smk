# Ingest: the raw files of the trial.
# In:  config/published/<trial>.csv (the twin), or the plan's data.directory (real exports).
# Out: private/raw/synthetic_*.csv, private/synthetic_fault_key.csv
import csv

DICTIONARY = "src/trialrr/resolve/dictionary.csv"
RAW = config["data"].get("directory") or f"{PRIVATE}/raw"
TWIN = config["data"]["route"] == "resolve" and not config["data"].get("directory")

with (HERE / DICTIONARY).open(encoding="utf-8", newline="") as handle:
    TABLES = sorted({row["file"] for row in csv.DictReader(handle)} | {"data_dictionary"})


def raw_files():
    """The twin's exports by name; of a folder of the user's whatever is there, so that reading,
    not the workflow, says which table is missing and what to do."""
    if TWIN:
        return [f"{RAW}/synthetic_{table}.csv" for table in TABLES]
    return sorted(str(path) for path in Path(RAW).glob("*.csv"))


if TWIN:

    rule simulate_twin:
        "Raw exports of the synthetic trial, made from published aggregates alone."
        input:
            published=config["published"],
            code=code("simulate_twin", DICTIONARY),
        output:
            raw=raw_files(),
            key=f"{PRIVATE}/synthetic_fault_key.csv",
        params:
            seed=config["seed"],
            folder=RAW,
        log:
            f"{LOGS}/simulate_twin.log",
        benchmark:
            f"{TIMES}/simulate_twin.tsv"
        threads: 1
        shell:
            """
            python -m scripts.simulate_twin \
                --published {input.published:q} \
                --seed {params.seed} \
                --out {params.folder:q} \
                --key {output.key:q} \
                > {log:q} 2>&1
            """
