# Ingest: the raw files of the trial.
# In:  config/published/<trial>.csv (the twin), or the plan's data.directory (real exports).
# Out: private/raw/synthetic_*.csv, private/synthetic_fault_key.csv
if TWIN:

    rule simulate_twin:
        "Raw exports of the synthetic trial, made from published aggregates alone."
        input:
            published=PUBLISHED,
            code=code("simulate_twin", DICTIONARY),
        output:
            raw=TWIN_FILES,
            key=f"{PRIVATE}/synthetic_fault_key.csv",
        log:
            f"{LOGS}/simulate_twin.log",
        benchmark:
            f"{TIMES}/simulate_twin.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        params:
            published=lambda wildcards: published(),
            seed=PLAN.seed,
            folder=subpath(output[0], parent=True),
        shell:
            """
            python -m scripts.simulate_twin \
                --published {params.published:q} \
                --seed {params.seed} \
                --out {params.folder:q} \
                --key {output.key:q} \
                >{log:q} 2>&1
            """
