"""What may not change a number: the order of rows and columns, the names of people, clusters and
months, the unit of a covariate. And what turns over when the event becomes its complement."""

import copy
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.properties import chain
from tests.properties.trials import Trial, trial
from trialrr import ard

SAME = 1e-9
"""Two converged fits of the same equations."""
BY_UNIT = ("mean", "median", "sd", "q1", "q3")
"""Quantities of the baseline table, which have the unit of their column."""
FITS = ("model", "leave_one_out", "selected_covariates", "subgroups", "per_protocol", "mmrm")
"""Kinds that draw no random numbers."""

shared = dict(deadline=None, database=None, suppress_health_check=list(HealthCheck))
shared["report_multiple_bugs"] = False
PHASES = (Phase.explicit, Phase.generate)
"""Of the fast tests: a failure is told at once, not made smaller for minutes."""
fast = settings(phases=PHASES, max_examples=6, derandomize=True, **shared)
deep = settings(max_examples=300, **shared)


def made(seed: int) -> Trial:
    """A trial without oddities, its analyses those that draw nothing."""
    drawn = trial(random.Random(seed), odd=0.0)
    drawn.document["analyses"] = [a for a in drawn.document["analyses"] if a["kind"] in FITS]
    return drawn


def table(of: Trial, folder) -> pd.DataFrame:
    """Its results; no example where it is refused."""
    try:
        return chain.analyze(of.document, of.files, folder)
    except chain.REFUSALS:
        assume(False)


def shuffled(of: Trial, seed: int) -> Trial:
    """Rows and columns of both files in another order."""
    order = random.Random(seed)
    files = {}
    for name, rows in of.files.items():
        columns = list(rows[0])
        order.shuffle(columns)
        rows = [{c: row[c] for c in columns} for row in rows]
        order.shuffle(rows)
        files[name] = rows
    return Trial(of.document, files)


def renamed(of: Trial, seed: int) -> Trial:
    """People and clusters with other names, in another order."""
    people = [row["who"] for row in of.files["people.csv"]]
    numbers = random.Random(seed).sample(range(1000, 9999), len(people))
    ids = {who: f"{number}-ä" for who, number in zip(people, numbers, strict=True)}
    coaches = sorted({row["coach"] for row in of.files["people.csv"]})
    names = {coach: f"Z{len(coaches) - k}" for k, coach in enumerate(coaches)}
    files = copy.deepcopy(of.files)
    for row in files["people.csv"]:
        row |= {"who": ids[row["who"]], "coach": names[row["coach"]]}
    for row in files["visits.csv"]:
        row["who"] = ids[row["who"]]
    return Trial(of.document, files)


def in_other_units(of: Trial, factor: float = 1e6) -> Trial:
    """Every numeric covariate in a unit of its own."""
    document, files = copy.deepcopy(of.document), copy.deepcopy(of.files)
    columns = document["data"]["participants"]["columns"]
    for covariate in document.get("covariates", ()):
        spec = columns[covariate["id"]]
        if "codes" in spec:
            continue
        for row in files["people.csv"]:
            text = row[spec["from"]]
            row[spec["from"]] = repr(float(text) * factor) if text else ""
    return Trial(document, files)


def other_months(of: Trial, seed: int) -> Trial:
    """Months by other names, in the same order, and with other labels."""
    document, files = copy.deepcopy(of.document), copy.deepcopy(of.files)
    names = {v["month"]: f"t{9 - k}" for k, v in enumerate(document["visits"])}
    for visit in document["visits"]:
        visit |= {"month": names[visit["month"]], "label": f"Time {visit['month']}"}
    document["primary"]["month"] = names[document["primary"]["month"]]
    for row in files["visits.csv"]:
        row["when"] = names[row["when"]]
    return Trial(document, files)


def numbers(of: pd.DataFrame, months: dict[str, str] | None = None) -> pd.DataFrame:
    """Estimates by their keys, months as they were before. Left out: rows of clusters, sites and
    patterns of months, whose subgroups are such names."""
    named = of["subgroup"].str.startswith(("seen=", "cluster=", "site="))
    kept = of[~named & (of["analysis"] != "baseline")].copy()
    kept["month"] = kept["month"].replace(months or {})
    of_visits = kept["quantity"].isin(["residual_sd", "residual_correlation"])
    named = [
        ":".join((months or {}).get(id, id) for id in ids) for ids in kept["level"].str.split(":")
    ]
    kept["level"] = kept["level"].where(~of_visits, named)
    return kept.set_index(list(ard.KEYS)).sort_index()[[*ard.NUMBERS, *ard.COUNTS]].astype(float)


def close(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert list(one.index) == list(other.index)
    for column in one:
        a, b = one[column].to_numpy(), other[column].to_numpy()
        with np.errstate(invalid="ignore"):
            near = (np.abs(a - b) <= SAME * np.maximum(1, np.abs(a))) | (a == b)
        wrong = ~(near | (np.isnan(a) & np.isnan(b)))
        assert not wrong.any(), (
            f"{column} of {one.index[wrong][0]}: {a[wrong][0]!r} became {b[wrong][0]!r}"
        )


CHANGES = {
    "order": shuffled,
    "names": renamed,
    "units": lambda of, seed: in_other_units(of),
    "months": other_months,
}
changes = pytest.mark.parametrize("change", CHANGES)


def unchanged(seed: int, change: str, folders) -> None:
    of = made(seed)
    changed = CHANGES[change](of, seed)
    first = table(of, folders.mktemp("one"))
    pairs = zip(of.document["visits"], changed.document["visits"], strict=True)
    months = {new["month"]: old["month"] for old, new in pairs}
    second = chain.analyze(changed.document, changed.files, folders.mktemp("other"))
    close(numbers(first), numbers(second, months))


@changes
@fast
@given(seed=st.integers(0, 10**6))
def test_what_changes_no_number(change, seed, tmp_path_factory):
    unchanged(seed, change, tmp_path_factory)


@pytest.mark.slow
@changes
@deep
@given(seed=st.integers(0, 10**6))
def test_what_changes_no_number_of_many_trials(change, seed, tmp_path_factory):
    unchanged(seed, change, tmp_path_factory)
