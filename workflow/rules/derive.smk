# Derive: raw tables checked, cleaned, scored; who took part; what was found on the way.
# In:  the raw files of the stage before, or those of a user: their contents, by path.
# Out: private/participants.csv, private/visits.csv, private/<further table of the trial>.csv, beside
#      each its schema, by which it is read (participants.schema.json); private/clusters.csv (the ids
#      of the clusters, which are shown by their ranks), private/findings.csv (a log: it stays when
#      the run stops), findings_summary.csv, ard/flow.csv, ard/baseline.csv
DERIVED = (
    "trial",
    "data",
    "arms",
    "reference",
    "visits",
    "windows",
    "primary",
    "outcomes",
    "models",
    "baseline_table",
    "seed",
    "mentions",
)
READ = kept("plan_reading", plan.part(PLAN, *DERIVED))


rule derive:
    "Participants, visits and further tables from the raw files; flow counted from people."
    input:
        raw=WATCHED,
        plan=READ,
        code=trial_code("derive"),
    output:
        participants=f"{PRIVATE}/participants.csv",
        visits=f"{PRIVATE}/visits.csv",
        clusters=f"{PRIVATE}/clusters.csv",
        tables=FURTHER,
        schemas=SCHEMAS,
        summary=f"{RESULTS}/findings_summary.csv",
        flow=f"{RESULTS}/ard/flow.csv",
        baseline=f"{RESULTS}/ard/baseline.csv",
    log:
        messages=f"{LOGS}/derive.log",
        findings=f"{PRIVATE}/findings.csv",
    benchmark:
        f"{TIMES}/derive.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    params:
        directory=[RAW] if TWIN else [],
    shell:
        """
        python -m scripts.derive \
            --directory {params.directory:q} \
            --plan {input.plan:q} \
            --participants {output.participants:q} \
            --visits {output.visits:q} \
            --clusters {output.clusters:q} \
            --tables {output.tables:q} \
            --findings {log.findings:q} \
            --findings-summary {output.summary:q} \
            --flow {output.flow:q} \
            --baseline {output.baseline:q} \
            >{log.messages:q} 2>&1
        """
