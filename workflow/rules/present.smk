# Present: tables, figures, notebook and report. They read the ARD and its companions, and compute
# no statistic.
# In:  ard.csv, findings_summary.csv, and for a published trial published_vs_reproduced.csv and
#      calibration.csv
# Out: tables/*.csv, *.html, *.tex, *.rtf and *.docx, figures/*.svg, *.png and *.pdf (each as wide
#      as a journal's page and, *_column.*, as its column), notebooks/*.html, report.html
TABLES_SHOWN, FIGURES_SHOWN = shows.tables(PLAN), shows.figures(PLAN)
MAKES_TABLES = code_of(shows.table_modules(PLAN))
MAKES_FIGURES = code_of(shows.figure_modules(PLAN))
COMPARED = []
if PLAN.published:
    COMPARED.append(f"{RESULTS}/published_vs_reproduced.csv")
    if SYNTHETIC:
        COMPARED.append(f"{RESULTS}/calibration.csv")

CHECKLIST = "src/trialrr/present/words/checklist.csv"

NOTEBOOKS = expand(
    "{results}/notebooks/{notebook}.{kind}",
    results=RESULTS,
    notebook=shows.notebooks(PLAN),
    kind=["ipynb", "html"],
)
# What a notebook reads beside the ARD, of these results and of the project.
COMPANIONS = {"data_quality": [f"{RESULTS}/findings_summary.csv"]}
ALSO_READ = {
    "few_clusters": [
        "docs/methods/coverage.csv",
        *closure("src/trialrr/resample/coverage.py", HERE),
    ]
}
NOTEBOOK_CODE = {
    path.stem: notebook_code(path.stem) for path in sorted((HERE / "notebooks").glob("*.ipynb"))
}
WORDS = kept(
    "plan_words",
    plan.part(PLAN, *(key for key in config if key != "published"), labels=True),
)


rule make_tables:
    "Tables as CSV, HTML, LaTeX, RTF and Word."
    input:
        ard=f"{RESULTS}/ard.csv",
        plan=WORDS,
        compared=COMPARED,
        code=trial_code("make_tables", *PAGES, *MAKES_TABLES),
    output:
        expand(
            "{results}/tables/{table}.{kind}",
            results=RESULTS,
            table=TABLES_SHOWN,
            kind=shows.FORMATS,
        ),
    log:
        f"{LOGS}/make_tables.log",
    benchmark:
        f"{TIMES}/make_tables.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    params:
        compared=compared("published", "calibration"),
        folder=subpath(output[0], parent=True),
    shell:
        """
        python -m scripts.make_tables \
            --ard {input.ard:q} \
            --plan {input.plan:q} \
            {params.compared} \
            --out {params.folder:q} \
            >{log:q} 2>&1
        """


rule make_figures:
    "Figures as SVG, PNG and PDF, as wide as a page and as a column."
    input:
        ard=f"{RESULTS}/ard.csv",
        plan=WORDS,
        compared=COMPARED,
        code=trial_code("make_figures", *MAKES_FIGURES),
    output:
        expand(
            "{results}/figures/{figure}{ending}.{kind}",
            results=RESULTS,
            figure=FIGURES_SHOWN,
            ending=shows.WIDTHS,
            kind=shows.drawn_as(PLAN),
        ),
    log:
        f"{LOGS}/make_figures.log",
    benchmark:
        f"{TIMES}/make_figures.tsv"
    conda:
        ENVIRONMENT
    threads: 2
    params:
        compared=compared("published"),
        kinds=shows.drawn_as(PLAN),
        folder=subpath(output[0], parent=True),
    shell:
        """
        python -m scripts.make_figures \
            --ard {input.ard:q} \
            --plan {input.plan:q} \
            {params.compared} \
            --kinds {params.kinds} \
            --processes {threads} \
            --out {params.folder:q} \
            >{log:q} 2>&1
        """


rule make_report:
    "The report: one self-contained page."
    input:
        ard=f"{RESULTS}/ard.csv",
        plan=WORDS,
        compared=COMPARED,
        findings=f"{RESULTS}/findings_summary.csv",
        figures=expand(
            "{results}/figures/{figure}{ending}.svg",
            results=RESULTS,
            figure=FIGURES_SHOWN,
            ending=shows.WIDTHS,
        ),
        code=trial_code("make_report", *PAGES, *MAKES_TABLES, CHECKLIST),
        behind=rules.make_figures.input.code,
    output:
        f"{RESULTS}/report.html",
    log:
        f"{LOGS}/make_report.log",
    benchmark:
        f"{TIMES}/make_report.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    params:
        compared=compared("published", "calibration"),
        figures=lambda wildcards, input: str(Path(input.figures[0]).parent),
        digest=plan.digest(document),
    shell:
        """
        python -m scripts.make_report \
            --ard {input.ard:q} \
            --plan {input.plan:q} \
            --figures {params.figures:q} \
            --findings {input.findings:q} \
            {params.compared} \
            --plan-digest {params.digest} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule run_notebook:
    "The notebook, executed on these results; kept in the repository without outputs."
    input:
        ard=f"{RESULTS}/ard.csv",
        plan=WORDS,
        compared=COMPARED,
        figures=expand(
            "{results}/figures/{figure}{ending}.svg",
            results=RESULTS,
            figure=FIGURES_SHOWN,
            ending=shows.WIDTHS,
        ),
        companions=lambda wildcards: COMPANIONS.get(wildcards.notebook, []),
        code=lambda wildcards: NOTEBOOK_CODE[wildcards.notebook],
    output:
        f"{RESULTS}/notebooks/{{notebook}}.ipynb",
        f"{RESULTS}/notebooks/{{notebook}}.html",
    log:
        f"{LOGS}/run_notebook_{{notebook}}.log",
    benchmark:
        f"{TIMES}/run_notebook_{{notebook}}.tsv"
    wildcard_constraints:
        notebook="|".join(NOTEBOOK_CODE),
    conda:
        ENVIRONMENT
    threads: 1
    params:
        notebook=lambda wildcards: HERE / f"notebooks/{wildcards.notebook}.ipynb",
        results=subpath(input.ard, parent=True),
        folder=subpath(output[0], parent=True),
    shell:
        """
        python -m scripts.run_notebook \
            --notebook {params.notebook:q} \
            --results {params.results:q} \
            --plan {input.plan:q} \
            --out {params.folder:q} \
            >{log:q} 2>&1
        """
