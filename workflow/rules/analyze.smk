# Analyze: every entry of the plan, a few fat jobs.
# In:  private/participants.csv, private/visits.csv
# Out: ard/primary.csv, ard/sensitivity.csv, and with flow and baseline the whole: ard.csv
MODELLED = (
    "arms",
    "reference",
    "contrasts",
    "visits",
    "primary",
    "outcomes",
    "covariates",
    "models",
    "analyses",
)
STAGES = {
    "primary": plan.part(
        config, *MODELLED, analyses=lambda a: a["id"] == config["primary"]["analysis"]
    ),
    "sensitivity": plan.part(
        config, *MODELLED, analyses=lambda a: a["id"] != config["primary"]["analysis"]
    ),
}


rule estimate:
    "Adjusted risks and relative risks of the stage's entries, as the plan prescribes."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        code=code("estimate"),
    output:
        f"{RESULTS}/ard/{{stage}}.csv",
    log:
        f"{LOGS}/estimate_{{stage}}.log",
    benchmark:
        f"{TIMES}/estimate_{{stage}}.tsv"
    wildcard_constraints:
        stage="primary|sensitivity",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        spec=lambda wildcards: STAGES[wildcards.stage],
    shell:
        """
        python -m scripts.estimate \
            --participants {input.participants:q} \
            --visits {input.visits:q} \
            --plan {params.spec:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule collect_ard:
    "The one long table of results."
    input:
        parts=expand(
            "{results}/ard/{part}.csv",
            results=RESULTS,
            part=["flow", "baseline", "primary", "sensitivity"],
        ),
        code=code("collect_ard"),
    output:
        f"{RESULTS}/ard.csv",
    log:
        f"{LOGS}/collect_ard.log",
    benchmark:
        f"{TIMES}/collect_ard.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.collect_ard \
            --parts {input.parts:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """
