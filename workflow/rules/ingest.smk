# Ingest: the raw files of the trial.
# In:  config/published/<trial>.csv (a trial with a twin), or files of the plan's data.directory.
# Out: private/raw/<files of the twin>, private/synthetic_fault_key.csv
if TWIN:

    rule simulate_twin:
        "Raw exports of the synthetic trial, made from published aggregates alone."
        input:
            published=PUBLISHED,
            plan=kept("plan_twin", plan.part(PLAN, "data", "seed")),
            code=trial_code("simulate_twin"),
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
            folder=subpath(output[0], parent=True),
        shell:
            """
            python -m scripts.simulate_twin \
                --plan {input.plan:q} \
                --published {params.published:q} \
                --out {params.folder:q} \
                --key {output.key:q} \
                >{log:q} 2>&1
            """
