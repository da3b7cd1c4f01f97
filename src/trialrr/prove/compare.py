"""Published beside reproduced: every number that the trial printed, and what this run makes of it.

A published number carries the precision it was printed with; `equal` asks whether the reproduced
one prints the same. Roles: `exact` and `approximate` numbers calibrated the synthetic trial,
`predicted` ones did not and are what the comparison is about.
"""

import math
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from trialrr import ard

COLUMNS = (
    "role", "source", "analysis", "outcome", "month", "subgroup", "quantity", "level",
    "published", "published_lower", "published_upper", "published_p_value", "published_n",
    "reproduced", "reproduced_lower", "reproduced_upper", "reproduced_p_value", "reproduced_n",
    "difference", "equal", "status",
)  # fmt: skip
PRINTED = ("estimate", "lower", "upper", "p_value", "n")
CALIBRATED = ("exact", "approximate")


def compare(published: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """One row a published number, in the order of `published`, joined with the ARD by its keys.

    published : strings, columns role, source, the ARD keys, estimate, lower, upper, p_value, n.
    results : an ARD. Returns COLUMNS; `difference` = reproduced - published at full precision;
    `status` is "reproduced", or "not reproduced" where the ARD has no such row.
    Raises ValueError if a published key stands twice.
    """
    doubled = published[published.duplicated(list(ard.KEYS))]
    if len(doubled):
        key = ", ".join(doubled.iloc[0][list(ard.KEYS)])
        raise ValueError(f"published numbers: the key ({key}) stands twice; keep one row of it")
    found = {tuple(r[k] for k in ard.KEYS): r for r in results.to_dict("records")}
    rows = [_row(p, found.get(tuple(p[k] for k in ard.KEYS))) for p in published.to_dict("records")]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def calibration(comparison: pd.DataFrame) -> pd.DataFrame:
    """Target and got, for the numbers that the synthetic trial was calibrated on."""
    return comparison[comparison["role"].isin(CALIBRATED)].reset_index(drop=True)


def estimates(comparison: pd.DataFrame) -> pd.DataFrame:
    """The trial's inferences (numbers printed with an interval or a p value); the role says whether
    each was calibrated on or is a prediction."""
    inferred = (comparison["published_lower"] != "") | (comparison["published_p_value"] != "")
    role = comparison["role"].where(~comparison["role"].isin(CALIBRATED), "calibrated")
    return comparison.assign(role=role)[inferred].reset_index(drop=True)


def unequal_exact(comparison: pd.DataFrame) -> list[str]:
    """One line for each published count that is to be met exactly and is not."""
    lines = []
    for r in comparison[
        (comparison["role"] == "exact") & (comparison["equal"] != "yes")
    ].itertuples():
        key = ", ".join(getattr(r, k) for k in ard.KEYS if getattr(r, k))
        got = r.status if r.status != "reproduced" else _of(r.reproduced, r.reproduced_n)
        lines.append(f"{key}: published {_of(r.published, r.published_n)}, got {got}")
    return lines


def _of(value, n) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if n in ("", None) or pd.isna(n) else f"{text} of {n}"


def _row(p: dict, got: dict | None) -> dict:
    row = {c: p[c] for c in ("role", "source", *ard.KEYS)}
    for name in PRINTED:
        suffix = "" if name == "estimate" else f"_{name}"
        row[f"published{suffix}"] = p[name]
        row[f"reproduced{suffix}"] = None if got is None or p[name] == "" else got[name]
    if got is None:
        return row | {"equal": "", "status": "not reproduced"}
    checks = [
        _prints(got[name], p[name], p["quantity"] if name != "p_value" else "p_value")
        for name in PRINTED
        if p[name] != ""
    ]
    if p["estimate"] != "" and not pd.isna(got["estimate"]):
        row["difference"] = float(got["estimate"]) - float(p["estimate"])
    return row | {"equal": "yes" if all(checks) else "no", "status": "reproduced"}


def _prints(value, printed: str, quantity: str) -> bool:
    """Whether `value`, written as the paper writes `quantity`, reads `printed`."""
    if value is None or pd.isna(value):
        return False
    if printed.startswith("<"):
        return float(value) < float(printed[1:])
    if quantity == "nnt":  # a number needed to treat is rounded away from zero
        return math.copysign(math.ceil(abs(value)), value) == float(printed)
    target = Decimal(printed)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Decimal(repr(value)).quantize(target, ROUND_HALF_UP) == target
