# Derive: raw tables checked, cleaned, scored; who took part; what was found on the way.
# In:  the raw files of the stage before, or those of a user: their contents, by path.
# Out: private/participants.csv, private/visits.csv, private/clusters.csv (the ids of the clusters,
#      which are shown by their ranks), private/findings.csv (a log: it stays when the run stops),
#      findings_summary.csv, ard/flow.csv, ard/baseline.csv;
#      on the route resolve also private/sessions.csv, private/other_windows.csv (visits by the
#      plan's `windows`) and private/quarters.csv (one row a person and quarter of the dispensings);
#      beside each table of participants its schema, by which it is read: participants.schema.json
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
READ = kept("plan_reading", plan.part(config, *DERIVED))

TABLES = ["participants", "visits"]
if RESOLVE:
    TABLES += ["sessions", "quarters", "other_windows"]
SCHEMAS = [f"{PRIVATE}/{table}.schema.json" for table in TABLES]

if RESOLVE:

    rule derive_analysis:
        "Participants, visits and sessions from the raw exports; flow counted from people."
        input:
            raw=WATCHED,
            plan=READ,
            code=code("derive_analysis", DICTIONARY),
        output:
            participants=f"{PRIVATE}/participants.csv",
            visits=f"{PRIVATE}/visits.csv",
            schemas=SCHEMAS,
            clusters=f"{PRIVATE}/clusters.csv",
            sessions=f"{PRIVATE}/sessions.csv",
            quarters=f"{PRIVATE}/quarters.csv",
            other_windows=f"{PRIVATE}/other_windows.csv",
            summary=f"{RESULTS}/findings_summary.csv",
            flow=f"{RESULTS}/ard/flow.csv",
            baseline=f"{RESULTS}/ard/baseline.csv",
        log:
            messages=f"{LOGS}/derive_analysis.log",
            findings=f"{PRIVATE}/findings.csv",
        benchmark:
            f"{TIMES}/derive_analysis.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        params:
            raw=lambda wildcards: RAW,
        shell:
            """
            python -m scripts.derive_analysis \
                --raw {params.raw:q} \
                --plan {input.plan:q} \
                --participants {output.participants:q} \
                --visits {output.visits:q} \
                --clusters {output.clusters:q} \
                --sessions {output.sessions:q} \
                --quarters {output.quarters:q} \
                --other-windows {output.other_windows:q} \
                --findings {log.findings:q} \
                --findings-summary {output.summary:q} \
                --flow {output.flow:q} \
                --baseline {output.baseline:q} \
                >{log.messages:q} 2>&1
            """

else:

    rule read_tidy:
        "Participants and visits by the column mapping of the plan."
        input:
            raw=WATCHED,
            plan=READ,
            code=code("read_tidy"),
        output:
            participants=f"{PRIVATE}/participants.csv",
            visits=f"{PRIVATE}/visits.csv",
            schemas=SCHEMAS,
            clusters=f"{PRIVATE}/clusters.csv",
            summary=f"{RESULTS}/findings_summary.csv",
            flow=f"{RESULTS}/ard/flow.csv",
            baseline=f"{RESULTS}/ard/baseline.csv",
        log:
            messages=f"{LOGS}/read_tidy.log",
            findings=f"{PRIVATE}/findings.csv",
        benchmark:
            f"{TIMES}/read_tidy.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        shell:
            """
            python -m scripts.read_tidy \
                --plan {input.plan:q} \
                --participants {output.participants:q} \
                --visits {output.visits:q} \
                --clusters {output.clusters:q} \
                --findings {log.findings:q} \
                --findings-summary {output.summary:q} \
                --flow {output.flow:q} \
                --baseline {output.baseline:q} \
                >{log.messages:q} 2>&1
            """
