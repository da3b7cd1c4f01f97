# Prove: published beside reproduced, the plan in effect, the manifest.
# In:  ard.csv, config/published/<trial>.csv, every public output
# Out: published_vs_reproduced.csv, calibration.csv, plan.json, manifest.json
if PLAN.published:

    rule compare_published:
        "Published numbers beside reproduced ones; a synthetic trial must meet its exact counts."
        input:
            published=PUBLISHED,
            ard=f"{RESULTS}/ard.csv",
            code=code("compare_published"),
        output:
            calibration=f"{RESULTS}/calibration.csv",
            comparison=f"{RESULTS}/published_vs_reproduced.csv",
        log:
            f"{LOGS}/compare_published.log",
        benchmark:
            f"{TIMES}/compare_published.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        params:
            published=lambda wildcards: published(),
            exact="--require-exact" if SYNTHETIC else "",
        shell:
            """
            python -m scripts.compare_published \
                --published {params.published:q} \
                --ard {input.ard:q} \
                --calibration {output.calibration:q} \
                --comparison {output.comparison:q} \
                {params.exact} \
                >{log:q} 2>&1
            """


INPUTS = [
    *([published()] if PLAN.published else []),
    *[path for path in TRIAL.files if path.suffix != ".py"],
    *TWIN_FILES,
    *filter(os.path.isfile, USERS_FILES),
]


rule write_plan:
    "The plan in effect, after whatever the command line changed."
    input:
        plan=kept("plan", plan.part(DECLARED, *document, labels=True)),
        code=code("write_plan"),
    output:
        f"{RESULTS}/plan.json",
    log:
        f"{LOGS}/write_plan.log",
    benchmark:
        f"{TIMES}/write_plan.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.write_plan --plan {input.plan:q} --out {output:q} >{log:q} 2>&1
        """


rule write_manifest:
    "Inputs, code, lock, plan and outputs by hash; versions; seeds."
    input:
        plan=f"{RESULTS}/plan.json",
        public=[
            f"{RESULTS}/report.html",
            *rules.make_tables.output,
            *rules.make_figures.output,
            *NOTEBOOKS,
            *COMPARED,
            f"{RESULTS}/ard.csv",
            *rules.collect_ard.input.parts,
            f"{RESULTS}/findings_summary.csv",
        ],
        private=[f"{PRIVATE}/participants.csv", f"{PRIVATE}/visits.csv", *SCHEMAS],
        published=PUBLISHED,
        raw=WATCHED,
        code=watched_here(
            "manifest",
            *[path.relative_to(HERE).as_posix() for path in manifest.code(HERE)],
            *of_extensions([f for e in EXTENSIONS for f in house.files(e.folder)]),
            LOCK,
        ),
    output:
        f"{RESULTS}/manifest.json",
    log:
        f"{LOGS}/write_manifest.log",
    benchmark:
        f"{TIMES}/write_manifest.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    params:
        project=lambda wildcards: HERE,
        inputs=lambda wildcards: INPUTS,
        tree=subpath(output[0], parent=True),
    shell:
        """
        python -m scripts.write_manifest \
            --plan {input.plan:q} \
            --tree {params.tree:q} \
            --public {input.public:q} {input.plan:q} \
            --private {input.private:q} \
            --inputs {params.inputs:q} \
            --project {params.project:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """
