# Coverage: the simulation behind docs/methods/coverage.md, some minutes. Its page and table are
# kept in the repository, so `rule all` does not ask for them: snakemake docs/methods/coverage.md
# In:  the estimators, the root seed
# Out: docs/methods/coverage.csv, docs/methods/coverage.md
scattergather:
    coverage=4,


rule simulate_coverage:
    "One share of the simulated trials; how many shares there are changes none of them."
    input:
        code=code("simulate_coverage"),
    output:
        temp("results/coverage/{scatteritem}.csv"),
    log:
        f"{LOGS}/simulate_coverage_{{scatteritem}}.log",
    benchmark:
        f"{TIMES}/simulate_coverage_{{scatteritem}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    params:
        seed=PLAN.seed,
        trials=4000,
    shell:
        """
        python -m scripts.simulate_coverage \
            --seed {params.seed} \
            --trials {params.trials} \
            --piece {wildcards.scatteritem:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """


rule tabulate_coverage:
    "Coverage and type-I error by scenario and method, and the page that explains them."
    input:
        parts=gather.coverage("results/coverage/{scatteritem}.csv"),
        template="docs/methods/coverage.md.j2",
        code=code("tabulate_coverage"),
    output:
        table="docs/methods/coverage.csv",
        page="docs/methods/coverage.md",
    log:
        f"{LOGS}/tabulate_coverage.log",
    benchmark:
        f"{TIMES}/tabulate_coverage.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.tabulate_coverage \
            --parts {input.parts:q} \
            --template {input.template:q} \
            --table {output.table:q} \
            --page {output.page:q} \
            >{log:q} 2>&1
        """
