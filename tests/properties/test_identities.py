"""The unadjusted model of two arms of people on their own against the arithmetic of a 2 × 2 table,
for every table: no events and all events too."""

import math

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from tests.properties import chain, claims
from trialrr.present.results import Results

CLOSE = 1e-7
"""The fit's convergence, in relative terms."""
ALPHA = 0.10
EVENT, COMPLEMENT = {"yes": "yes", "no": "no"}, {"yes": "no", "no": "yes"}

shared = dict(deadline=None, database=None, suppress_health_check=list(HealthCheck))
shared["report_multiple_bugs"] = False
PHASES = (Phase.explicit, Phase.generate)
"""Of the fast tests: a failure is told at once, not made smaller for minutes."""
fast = settings(phases=PHASES, max_examples=25, derandomize=True, **shared)
deep = settings(max_examples=1000, **shared)


@st.composite
def tables(draw) -> tuple[int, int, int, int]:
    """Events a of n people in the active arm, c of m in the reference arm."""
    n, m = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    return draw(st.integers(0, n)), n, draw(st.integers(0, m)), m


def trial(a: int, n: int, c: int, m: int, codes: dict[str, str]) -> tuple[dict, dict]:
    """Plan and files of a trial with this table and one visit."""
    arms = ["new"] * n + ["old"] * m
    events = [k < a for k in range(n)] + [k < c for k in range(m)]
    people = [{"who": str(k), "grp": arm} for k, arm in enumerate(arms)]
    visits = [{"who": str(k), "y": "yes" if event else "no"} for k, event in enumerate(events)]
    attributes = ("label", "population", "treatment", "variable", "summary")
    outcome = {"type": "code", "codes": codes, "event": "yes", "months": {"1": "y"}}
    document = {
        "trial": "table",
        "version": "1",
        "title": "A table",
        "source": "Drawn",
        "seed": 1,
        "data": {
            "route": "tidy",
            "origin": "real",
            "directory": None,
            "participants": {
                "source": {"file": "people.csv"},
                "columns": {
                    "participant_id": {"from": "who", "type": "id"},
                    "arm": {"from": "grp", "type": "code", "codes": {"new": "new", "old": "old"}},
                },
            },
            "visits": {
                "source": {"file": "visits.csv"},
                "participant_id": "who",
                "outcomes": {"well": outcome},
            },
        },
        "arms": [{"id": id, "label": id.title(), "clusters": "person"} for id in ("new", "old")],
        "reference": "old",
        "contrasts": [["new", "old"]],
        "visits": [{"month": "1", "label": "Month 1"}],
        "primary": {"outcome": "well", "month": "1", "analysis": "main"},
        "outcomes": [{"id": "well", "label": "Well"}],
        "estimands": [{"id": "e", "intercurrent": [], **dict.fromkeys(attributes, "As said")}],
        "models": {"adjusted": [], "alpha": f"{ALPHA:.2f}"},
        "analyses": [
            {
                "id": "main",
                "label": "Crude",
                "status": "prespecified",
                "estimand": "e",
                "outcomes": ["well"],
                "missing": "complete_case",
                "separation": "report",
            }
        ],
    }
    return document, {"people.csv": people, "visits.csv": visits}


def rows(results: Results) -> dict:
    found = {r.quantity: r for r in results if r.analysis == "main" and r.level == "new:old"}
    return found | {r.level: r for r in results.rows("main", "risk")}


def numbers(table: tuple[int, int, int, int], codes: dict[str, str], folder) -> dict:
    """Rows of a trial of which no page is made."""
    document, files = trial(*table, codes)
    return rows(chain.present(document, chain.analyze(document, files, folder), folder))


def no_variance(row) -> bool:
    return all(math.isnan(getattr(row, k)) for k in ("std_error", "lower", "upper", "p_value"))


def check(table: tuple[int, int, int, int], folder) -> None:
    a, n, c, m = table
    run = chain.run(*trial(*table, EVENT), folder)
    assert not claims.broken(run)
    found = rows(run.results)
    if "risk_ratio" not in found:  # no estimate: an arm without events, and its reason
        assert 0 in (a, c)
        assert run.results.rows("main", "not_estimable")[0].reason
        return
    p, q = a / n, c / m
    ratio, difference = found["risk_ratio"], found["risk_difference"]
    if 0 in (a, c):
        assert math.isnan(ratio.estimate) or ratio.estimate in (0, math.inf)
        assert no_variance(ratio) and ratio.reason
        check_difference(difference, table)
        return
    assert ratio.estimate == pytest.approx(p / q, rel=CLOSE)
    check_difference(difference, table)
    if (a == n and c == m) or min(n, m) < 2:  # nothing varies, or an arm is one person
        assert no_variance(ratio) and ratio.reason
        return
    assert bool(ratio.flag) == (a == n or c == m)
    z = ndtri(1 - ALPHA / 2)
    se = math.sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    assert ratio.std_error == pytest.approx(se, rel=CLOSE)
    assert ratio.lower == pytest.approx(p / q * math.exp(-z * se), rel=CLOSE)
    assert ratio.upper == pytest.approx(p / q * math.exp(z * se), rel=CLOSE)
    for arm, share, people in (("new", p, n), ("old", q, m)):
        assert found[arm].estimate == pytest.approx(share, rel=CLOSE)
        assert found[arm].n == people


def check_difference(row, table: tuple[int, int, int, int]) -> None:
    """p - q ± z √{p(1-p)/n + q(1-q)/m}; an arm of 0 or all events adds nothing, which is told."""
    a, n, c, m = table
    p, q, z = a / n, c / m, ndtri(1 - ALPHA / 2)
    assert row.estimate == pytest.approx(p - q, rel=CLOSE, abs=CLOSE)
    alike = [arm for arm, k, of in (("new", a, n), ("old", c, m)) if k in (0, of)]
    if len(alike) == 2 or min(n, m) < 2:
        assert no_variance(row) and row.reason
        return
    se = math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    assert row.std_error == pytest.approx(se, rel=CLOSE)
    assert row.lower == pytest.approx(p - q - z * se, rel=CLOSE, abs=CLOSE)
    assert row.upper == pytest.approx(p - q + z * se, rel=CLOSE, abs=CLOSE)
    told = [f"the outcomes of arm {arm} do not differ" for arm in alike]
    assert row.flag.startswith(*told) if told else not row.flag


def check_complement(table: tuple[int, int, int, int], folders) -> None:
    """Risks r of the event, 1 - r of its complement; the difference changes its sign, no more."""
    a, n, c, m = table
    first = numbers(table, EVENT, folders.mktemp("event"))
    other = numbers(table, COMPLEMENT, folders.mktemp("complement"))
    if "risk_difference" not in first or "risk_difference" not in other:
        assert {a, c, n - a, m - c} & {0}
        return
    one, two = first["risk_difference"], other["risk_difference"]
    assert two.estimate == pytest.approx(-one.estimate, rel=CLOSE, abs=CLOSE)
    silent = [row for row in (one, two) if math.isnan(row.std_error)]
    assert len(silent) in (0, 2) and all(no_variance(row) and row.reason for row in silent)
    assert one.flag == two.flag
    if not silent:
        assert two.std_error == pytest.approx(one.std_error, rel=CLOSE)
        assert two.lower == pytest.approx(-one.upper, rel=CLOSE, abs=CLOSE)
    for arm in ("new", "old"):
        assert other[arm].estimate == pytest.approx(1 - first[arm].estimate, abs=CLOSE)


@fast
@given(table=tables())
@example(table=(5, 5, 3, 8))
@example(table=(0, 5, 3, 8))
@example(table=(5, 5, 8, 8))
@example(table=(0, 5, 0, 8))
@example(table=(1, 1, 4, 8))
@example(table=(4, 8, 4, 8))
def test_a_table_of_two_arms(table, tmp_path_factory):
    check(table, tmp_path_factory.mktemp("table"))


@pytest.mark.slow
@deep
@given(table=tables())
def test_many_tables_of_two_arms(table, tmp_path_factory):
    check(table, tmp_path_factory.mktemp("table"))


@fast
@given(table=tables())
def test_the_complement_of_the_event(table, tmp_path_factory):
    check_complement(table, tmp_path_factory)


def test_the_page_has_the_level_of_the_plan(tmp_path):
    run = chain.run(*trial(9, 20, 5, 21, EVENT), tmp_path)
    assert isinstance(run.results, Results) and run.results.alpha == ALPHA
    text = claims.visible(run.html)
    assert "90% CI" in text and "95% CI" not in text
