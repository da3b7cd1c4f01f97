# Analyze: every entry of the plan, a few fat jobs; what resamples is scattered, and how many pieces
# there are changes no result (snakemake --set-scatter resample=8); a quick run has little to share.
# In:  private/participants.csv, private/visits.csv, private/other_windows.csv and
#      private/quarters.csv if there are any, each with its schema beside it
# Out: ard/primary.csv, ard/sensitivity.csv, ard/resampling.csv, and with flow and baseline the
#      whole: ard.csv
scattergather:
    resample=2 if plan.quick(config) else 4,


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
OTHER_WINDOWS = [f"{PRIVATE}/other_windows.csv"] if RESOLVE else []
QUARTERS = [f"{PRIVATE}/quarters.csv"] if RESOLVE else []
STAGES = {
    "primary": lambda a: a["id"] == config["primary"]["analysis"],
    "sensitivity": lambda a: a["id"] != config["primary"]["analysis"] and one_fit(a),
}
FITTED = {
    stage: kept(f"plan_{stage}", plan.part(config, *MODELLED, analyses=chosen))
    for stage, chosen in STAGES.items()
}
RESAMPLED = kept("plan_resampling", plan.part(config, *MODELLED))
PARTS = ["flow", "baseline", "primary", "sensitivity"]
if not all(map(one_fit, config["analyses"])):
    PARTS.append("resampling")


rule estimate:
    "Adjusted risks and relative risks of the stage's entries, as the plan prescribes."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        schemas=SCHEMAS,
        other_windows=OTHER_WINDOWS,
        quarters=QUARTERS,
        plan=lambda wildcards: FITTED[wildcards.stage],
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
    shell:
        """
        python -m scripts.estimate \
            --participants {input.participants:q} \
            --visits {input.visits:q} \
            --other-windows {input.other_windows:q} \
            --quarters {input.quarters:q} \
            --plan {input.plan:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule resample:
    "One share of the tasks of the plan's resampling analyses, as arrays without participants."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        schemas=SCHEMAS,
        other_windows=OTHER_WINDOWS,
        quarters=QUARTERS,
        plan=RESAMPLED,
        code=code("resample"),
    output:
        temp(f"{RESULTS}/resample/{{scatteritem}}.npz"),
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
            --other-windows {input.other_windows:q} \
            --quarters {input.quarters:q} \
            --plan {input.plan:q} \
            --piece {wildcards.scatteritem:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule summarize:
    "Intervals, pooled estimates and tests from the arrays of all pieces."
    input:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        schemas=SCHEMAS,
        other_windows=OTHER_WINDOWS,
        quarters=QUARTERS,
        pieces=gather.resample(f"{RESULTS}/resample/{{scatteritem}}.npz"),
        plan=RESAMPLED,
        code=code("summarize"),
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
            --other-windows {input.other_windows:q} \
            --quarters {input.quarters:q} \
            --plan {input.plan:q} \
            --pieces {input.pieces:q} \
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
        estimands=kept("estimands", plan.estimands(config)),
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
