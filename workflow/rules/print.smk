# Print: the report as PDF, by Chromium. No output of the run: the browser is not in the lock, so
# `rule all` does not ask for it and the manifest does not list it: make pdf
# In:  report.html
# Out: report.pdf
rule print_report:
    "The report on paper; the same bytes from the same page by the same Chromium."
    input:
        page=f"{RESULTS}/report.html",
        code=code("print_report"),
    output:
        f"{RESULTS}/report.pdf",
    log:
        f"{LOGS}/print_report.log",
    benchmark:
        f"{TIMES}/print_report.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    shell:
        """
        python -m scripts.print_report \
            --page {input.page:q} \
            --out {output:q} \
            >{log:q} 2>&1
        """
