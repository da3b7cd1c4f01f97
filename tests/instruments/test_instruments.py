"""Scores worked out by hand, and what every questionnaire declares."""

import importlib
import pkgutil
from itertools import product

import numpy as np
import pandas as pd
import pytest

from trialrr import instruments
from trialrr.instruments import scoring
from trialrr.instruments.base import Instrument, between
from trialrr.instruments.bpi import BPI
from trialrr.instruments.eq5d import DIMENSIONS, EQ5D, EQ5D_US, eq5d_index
from trialrr.instruments.gad7 import GAD7
from trialrr.instruments.gcps import GCPS
from trialrr.instruments.pcs6 import PCS6
from trialrr.instruments.peg import PEG
from trialrr.instruments.pgic import PGIC
from trialrr.instruments.phq8 import PHQ8
from trialrr.instruments.promis import FUNCTION, FUNCTION_T, SLEEP, SLEEP_T, SOCIAL, SOCIAL_T
from trialrr.responder import responder

NA = np.nan

# as printed in the trial's fact sheet (trial.md, "Outcomes")
SOCIAL_PRINTED = """
27.5 31.8 34.0 35.7 37.3 38.8 40.5 42.3 44.2 46.2 48.1 50.0 51.9 53.7 55.8 58.3 64.2
"""
FUNCTION_PRINTED = """
21.6 25.4 27.5 29.1 30.4 31.5 32.5 33.4 34.3 35.1 36.0 36.8 37.6 38.5 39.3 40.2 41.1 42.1 43.1
44.2 45.4 46.8 48.6 50.9 58.7
"""
SLEEP_PRINTED = """
31.7 36.9 40.1 42.5 44.6 46.4 48.0 49.5 50.9 52.3 53.6 54.8 56.1 57.3 58.5 59.7 61.0 62.3 63.6
65.0 66.5 68.1 70.0 72.4 76.0
"""


def score(name: str, form: Instrument, answers: list) -> float:
    """The score of one person with these answers to the items of a form, in their order."""
    row = dict(zip(form.items, answers, strict=True))
    return form.scores(pd.DataFrame([row]))[name].mean[0]


MODULES = [m.name for m in pkgutil.iter_modules(instruments.__path__)]
RULES = ("base", "scoring")


def declared() -> list[Instrument]:
    modules = [importlib.import_module(f"trialrr.instruments.{m}") for m in MODULES]
    return [v for module in modules for v in vars(module).values() if isinstance(v, Instrument)]


@pytest.mark.parametrize("name", sorted(set(MODULES) - {*RULES}))
def test_a_module_declares_a_questionnaire(name):
    module = importlib.import_module(f"trialrr.instruments.{name}")
    own = [v for v in vars(module).values() if isinstance(v, Instrument)]
    assert own
    for form in own:
        assert form.title and form.reference
        assert all(low < high for low, high in form.items.values())
        assert set(form.reversed_items) <= set(form.items)


def test_all_that_is_answered_is_scored_and_nothing_that_is_blank():
    forms = declared()
    assert len({id(form) for form in forms}) >= 11
    for form in forms:
        full = pd.DataFrame([{item: low for item, (low, _) in form.items.items()}])
        for found in form.scores(full).values():
            assert found.scored.tolist() == [True]
        blank = pd.DataFrame([dict.fromkeys(form.items, NA)])
        for found in form.scores(blank).values():
            assert found.scored.tolist() == [False]


def test_reversed_items_are_turned_back_and_the_table_stays():
    form = Instrument(
        "Two", between(1, 5, ("a", "b")), scoring.sum_as("two"), "none", reversed_items=("b",)
    )
    table = pd.DataFrame({"a": [1.0, 5.0, 2.0], "b": [5.0, 5.0, NA]})
    before = table.copy()
    np.testing.assert_array_equal(form.scores(table)["two"].mean, [2, 6, NA])
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("items", "severity", "intensity", "interference"),
    [
        ([6, 4, 5, 5] + [7, 7, 7, 7, 7, 7, 7], 69 / 11, 5.0, 7.0),
        ([6, 4, 5, 5] + [7, 7, 7, 7, NA, NA, NA], 48 / 8, 5.0, 7.0),
        ([6, 4, 5, 5] + [7, 7, 7, NA, NA, NA, NA], NA, 5.0, NA),
        ([6, 4, 5, NA] + [7, 7, 7, 7, 7, 7, 7], NA, NA, 7.0),
        ([NA] * 11, NA, NA, NA),
        ([0] * 11, 0.0, 0.0, 0.0),
    ],
)
def test_bpi_scores_by_hand(items, severity, intensity, interference):
    scores = BPI.scorer(np.array([items], dtype=float))
    expected = {"severity": severity, "intensity": intensity, "interference": interference}
    for name, value in expected.items():
        np.testing.assert_array_equal(scores[name].mean, [value])


@pytest.mark.parametrize(
    ("table", "items", "t"),
    [
        (SOCIAL_T, [1, 1, 1, 1], 27.5),
        (SOCIAL_T, [5, 5, 5, 5], 64.2),
        (SOCIAL_T, [3, 3, 3, 3], 44.2),
        (FUNCTION_T, [1] * 6, 21.6),
        (FUNCTION_T, [3] * 6, 37.6),
        (FUNCTION_T, [5] * 6, 58.7),
        (SLEEP_T, [1] * 6, 31.7),
        (SLEEP_T, [4] * 6, 63.6),
        (SLEEP_T, [5] * 6, 76.0),
        (SLEEP_T, [5] * 5 + [NA], NA),
    ],
)
def test_t_scores_by_the_table(table, items, t):
    np.testing.assert_array_equal(scoring.t_score(np.array([items], dtype=float), table), [t])


def test_every_sum_of_a_short_form_has_a_t_score_that_rises():
    for table, low, high in ((SOCIAL_T, 4, 20), (FUNCTION_T, 6, 30), (SLEEP_T, 6, 30)):
        assert list(table) == list(range(low, high + 1))
        assert list(table.values()) == sorted(set(table.values()))


@pytest.mark.parametrize(
    ("form", "name", "low", "printed"),
    [
        (SOCIAL, "social_role_t", 4, SOCIAL_PRINTED),
        (FUNCTION, "physical_function_t", 6, FUNCTION_PRINTED),
        (SLEEP, "sleep_t", 6, SLEEP_PRINTED),
    ],
)
def test_t_scores_are_the_printed_ones_at_every_sum(form, name, low, printed):
    values, k = [float(t) for t in printed.split()], len(form.items)
    assert low == k and len(values) == 4 * k + 1
    for total, t in enumerate(values, start=low):
        whole, rest = divmod(total, k)
        items = [whole + 1] * rest + [whole] * (k - rest)
        assert max(items) <= 5 and sum(items) == total
        assert score(name, form, items) == t


@pytest.mark.parametrize(
    ("name", "form", "items", "total"),
    [
        ("phq8", PHQ8, [0] * 8, 0),
        ("phq8", PHQ8, [3] * 8, 24),
        ("phq8", PHQ8, [3, 2, 1, 0, 3, 0, 0, 1], 10),
        ("phq8", PHQ8, [3, 2, 1, 0, 3, 0, 0, NA], NA),
        ("gad7", GAD7, [0] * 7, 0),
        ("gad7", GAD7, [3] * 7, 21),
        ("gad7", GAD7, [1, 2, 3, 0, 1, 2, 0], 9),
        ("gad7", GAD7, [NA, 2, 3, 0, 1, 2, 0], NA),
        ("pcs", PCS6, [0] * 6, 0),
        ("pcs", PCS6, [4] * 6, 24),
        ("pcs", PCS6, [4, 3, 2, 1, 0, 4], 14),
        ("pcs", PCS6, [4, 3, NA, 1, 0, 4], NA),
        ("peg", PEG, [4, 5, 6], 5),
        ("peg", PEG, [4, NA, 6], NA),
        ("pgic_pain", PGIC, [1, NA], 1),
        ("pgic_overall", PGIC, [1, NA], NA),
        ("pgic_overall", PGIC, [NA, 7], 7),
    ],
)
def test_sums_by_hand(name, form, items, total):
    np.testing.assert_array_equal(score(name, form, items), total)


@pytest.mark.parametrize(
    ("pain", "limited", "peg", "grade"),
    [
        (0, 0, [0, 0, 0], 0),
        (1, 3, [10, 10, 10], 0),  # pain on some days is not chronic, however limiting
        (1, NA, [NA, NA, NA], 0),
        (2, 0, [0, 0, 0], 1),
        (2, 1, [4, 4, 3], 1),  # PEG 11
        (2, 1, [4, 4, 4], 2),  # PEG 12
        (3, 0, [10, 10, 10], 2),
        (3, 1, [10, 10, NA], NA),
        (2, 2, [0, 0, 0], 3),  # high impact whatever the PEG
        (3, 3, [NA, 5, 5], 3),
        (3, NA, [10, 10, 10], NA),
        (NA, 3, [10, 10, 10], NA),
    ],
)
def test_graded_chronic_pain_by_hand(pain, limited, peg, grade):
    np.testing.assert_array_equal(score("gcps_grade", GCPS, [pain, limited, *peg]), grade)


@pytest.mark.parametrize(
    ("levels", "index"),
    [
        # what the R package eq5d expects: fragla/eq5d 005dc55, tests/testthat/test-eq5d5l.R, USA
        ([1, 1, 1, 1, 1], 1.0),
        ([2, 1, 1, 1, 1], 0.904),
        ([1, 2, 1, 1, 1], 0.911),
        ([1, 1, 2, 1, 1], 0.932),
        ([1, 1, 1, 2, 1], 0.940),
        ([1, 1, 1, 1, 2], 0.943),
        ([2, 1, 3, 5, 4], 0.090),
        ([5, 5, 5, 5, 5], -0.573),
        # by hand
        ([3, 3, 3, 3, 3], 0.449),  # 1 - .122 - .107 - .101 - .098 - .123
        ([4, 4, 4, 4, 4], -0.329),  # 1 - .237 - .220 - .255 - .318 - .299
        ([4, 1, 1, 3, 2], 0.608),  # 1 - .237 - .098 - .057
        ([1, 1, 1, 1, NA], NA),
        ([NA, 1, 1, 1, 1], NA),
    ],
)
def test_eq5d_index_by_hand(levels, index):
    np.testing.assert_array_equal(score("eq5d_index", EQ5D, levels), index)


def test_a_worse_level_never_has_a_better_index():
    grid = np.array(list(product(range(1, 6), repeat=5)), dtype=float)
    index = eq5d_index(grid)
    assert len(index) == 3125 and index.min() == -0.573
    for k in range(5):
        worse = grid.copy()
        worse[:, k] = np.minimum(worse[:, k] + 1, 5)
        assert (eq5d_index(worse) <= index).all()


def test_another_value_set_takes_the_place_of_the_us_one():
    other = EQ5D_US | {"eq5d_pain": (0, 100, 200, 300, 400)}
    levels = np.array([[1, 1, 1, 4, 1]], dtype=float)
    assert DIMENSIONS.index("eq5d_pain") == 3
    assert eq5d_index(levels, other) == 0.7
    assert eq5d_index(levels) == 0.682


def test_a_threshold_on_a_t_score_is_decided_on_tenths():
    """66.0 → 46.2 is a drop of exactly 0.30, though floats put it below; 46.3 is none."""
    assert (66.0 - 46.2) / 66.0 < 0.30
    before, tie, above = (scoring.exact(np.array([t]), 10) for t in (66.0, 46.2, 46.3))
    assert responder(before, tie, "0.30") == 1
    assert responder(before, above, "0.30") == 0
    assert np.isnan(responder(before, scoring.exact(np.array([NA]), 10), "0.30"))
