# Analyze: every entry of the plan, a few fat jobs; what resamples is scattered, and how many pieces
# there are changes no result (snakemake --set-scatter resample=8); a quick run has little to share.
# In:  private/participants.csv, private/visits.csv, private/<further table of the trial>.csv, each
#      with its schema beside it
# Out: ard/primary.csv, ard/sensitivity.csv, ard/resampling.csv, and with flow and baseline the
#      whole: ard.csv
scattergather:
    resample=2 if PLAN.quick else 4,


MODELLED = (
    "seed",
    "arms",
    "reference",
    "contrasts",
    "randomization",
    "visits",
    "primary",
    "outcomes",
    "covariates",
    "models",
    "analyses",
)
STAGES = {
    "primary": lambda a: a.id == PLAN.primary.analysis,
    "sensitivity": lambda a: a.id != PLAN.primary.analysis and in_stage(a, ESTIMATE),
}
ESTIMATED, RESAMPLING = (
    [a for a in PLAN.analyses if in_stage(a, stage)] for stage in (ESTIMATE, RESAMPLE)
)
FITTED = {
    stage: kept(f"plan_{stage}", plan.part(PLAN, *MODELLED, analyses=chosen))
    for stage, chosen in STAGES.items()
}
RESAMPLED = kept("plan_resampling", plan.part(PLAN, *MODELLED))
PARTS = ["flow", "baseline", "primary", "sensitivity"]
if RESAMPLING:
    PARTS.append("resampling")


rule estimate:
    "Adjusted risks and relative risks of the stage's entries, as the plan prescribes."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        tables=FURTHER,
        schemas=SCHEMAS,
        plan=lambda wildcards: FITTED[wildcards.stage],
        code=code("estimate", *code_of_kinds(ESTIMATED)),
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
    shell:
        """
        python -m scripts.estimate \
            --participants {input.participants:q} \
            --visits {input.visits:q} \
            --tables {input.tables:q} \
            --plan {input.plan:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule resample:
    "One share of what resamples or refits: arrays without participants, and rows."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        tables=FURTHER,
        schemas=SCHEMAS,
        plan=RESAMPLED,
        code=code("resample", *code_of_kinds(RESAMPLING)),
    output:
        arrays=temp(f"{RESULTS}/resample/{{scatteritem}}.npz"),
        rows=temp(f"{RESULTS}/resample/{{scatteritem}}.csv"),
    log:
        f"{LOGS}/resample_{{scatteritem}}.log",
    benchmark:
        f"{TIMES}/resample_{{scatteritem}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.resample \
            --participants {input.participants:q} \
            --visits {input.visits:q} \
            --tables {input.tables:q} \
            --plan {input.plan:q} \
            --piece {wildcards.scatteritem:q} \
            --arrays {output.arrays:q} \
            --rows {output.rows:q} \
            >{log:q} 2>&1
        """


rule summarize:
    "Intervals, pooled estimates and tests from the arrays of all pieces, and the rows of refits."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        tables=FURTHER,
        schemas=SCHEMAS,
        arrays=gather.resample(f"{RESULTS}/resample/{{scatteritem}}.npz"),
        rows=gather.resample(f"{RESULTS}/resample/{{scatteritem}}.csv"),
        plan=RESAMPLED,
        code=code("summarize", *code_of_kinds(RESAMPLING)),
    output:
        f"{RESULTS}/ard/resampling.csv",
    log:
        f"{LOGS}/summarize.log",
    benchmark:
        f"{TIMES}/summarize.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.summarize \
            --participants {input.participants:q} \
            --visits {input.visits:q} \
            --tables {input.tables:q} \
            --plan {input.plan:q} \
            --arrays {input.arrays:q} \
            --rows {input.rows:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule collect_ard:
    "The one long table of results."
    input:
        parts=expand(
            "{results}/ard/{part}.csv",
            results=RESULTS,
            part=PARTS,
        ),
        estimands=kept("estimands", plan.estimands(PLAN)),
        code=code("collect_ard"),
        behind=behind(),
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
            --estimands {input.estimands:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """
