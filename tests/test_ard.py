"""The ARD keeps its columns, its keys and its numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialrr import ard
from trialrr.ard import Contrast, Subgroup


def one(**cells):
    base = {"analysis": "main", "outcome": "severity", "month": "3", "quantity": "risk_ratio"}
    return ard.row(**(base | {"level": "HC:UC", "method": "m", "status": "prespecified"} | cells))


def test_write_and_read_keep_every_bit(tmp_path):
    rows = [
        one(estimate=0.1 + 0.2, std_error=1e-300, scale="log", lower=np.inf, n=3),
        one(level="HC:PT", n=0),
    ]
    table = ard.frame(rows)
    ard.write(tmp_path / "ard.csv", table)
    pd.testing.assert_frame_equal(ard.read(tmp_path / "ard.csv"), table)
    assert b"\r" not in (tmp_path / "ard.csv").read_bytes()


def test_two_rows_with_one_key_are_refused_by_name():
    with pytest.raises(ValueError, match="main, severity, 3, , risk_ratio, HC:UC"):
        ard.check(ard.frame([one(), one(estimate=2.0)]))


@pytest.mark.parametrize(
    ("cells", "message"), [({"method": ""}, "no method"), ({"status": "planned"}, "status")]
)
def test_rows_say_how_they_were_made(cells, message):
    with pytest.raises(ValueError, match=message):
        ard.check(ard.frame([one(**cells)]))


@pytest.mark.parametrize(
    "cells",
    [{"std_error": 0.1}, {"scale": "log"}, {"std_error": 0.1, "scale": "sqrt"}],
    ids=["a standard error alone", "a scale alone", "an unknown scale"],
)
def test_a_standard_error_says_its_scale_and_nothing_else_does(cells):
    with pytest.raises(ValueError, match="std_error .* and scale"):
        ard.check(ard.frame([one(), one(level="HC:PT", **cells)]))


def test_a_table_of_before_there_were_scales_is_read(tmp_path):
    rows = [one(estimate=1.2, std_error=0.1, scale="log")]
    ard.frame(rows).drop(columns="scale").to_csv(tmp_path / "old.csv", index=False)
    old = ard.read(tmp_path / "old.csv")
    assert (old["std_error"].item(), old["scale"].item()) == (0.1, "")


def test_unknown_column_is_refused():
    with pytest.raises(KeyError, match="p_val"):
        ard.row(p_val=1)


NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*", fullmatch=True)
PARTS = st.dictionaries(NAME, st.text(max_size=12), max_size=4)


@given(NAME, NAME)
def test_a_contrast_is_read_as_it_was_written(first, second):
    contrast = Contrast(first, second)
    assert Contrast.read(str(contrast)) == contrast
    assert ard.arms_of(contrast) == (first, second)
    assert ard.arms_of(first) == (first,)


@pytest.mark.parametrize("level", ["HC", "all", "", "sex=m", ":UC", "HC:"])
def test_what_is_no_contrast_is_none(level):
    assert Contrast.read(level) is None


@given(PARTS)
def test_a_subgroup_is_read_as_it_was_written_whatever_its_values_are(parts):
    subgroup = Subgroup.of(parts)
    assert Subgroup.read(str(subgroup)) == subgroup
    assert {name: subgroup[name] for name in subgroup} == parts
    assert bool(subgroup) == bool(parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", {}),
        ("sex", {"sex": ""}),
        ("sex=female", {"sex": "female"}),
        ("delta_active=1; delta_control=-0.5", {"delta_active": "1", "delta_control": "-0.5"}),
        ("age=>=65", {"age": ">=65"}),
        ("income=<50k; site=B", {"income": "<50k", "site": "B"}),
        (r"income=low\; none; site=B", {"income": "low; none", "site": "B"}),
        ("site=a=b", {"site": "a=b"}),
    ],
)
def test_subgroups_are_written_so(text, parts):
    assert str(Subgroup.of(parts)) == text
    assert Subgroup.read(text) == Subgroup.of(parts)


@pytest.mark.parametrize(
    ("level", "text"), [(">=6", "sessions>=6"), ("1-5", "sessions=1-5"), ("0", "sessions=0")]
)
def test_who_has_a_level_as_plans_write_it(level, text):
    subgroup = Subgroup.where("sessions", level)
    assert str(subgroup) == text
    assert Subgroup.read(text) == subgroup and subgroup["sessions"] == level


def test_parts_of_two_subgroups_stand_one_after_the_other():
    both = Subgroup.of(costs="cut") | Subgroup.of(willingness_to_pay="50000")
    assert str(both) == "costs=cut; willingness_to_pay=50000"


def test_a_row_takes_addresses_as_text():
    found = one(level=Contrast("HC", "UC"), subgroup=Subgroup.of(site="A"))
    assert (found["level"], found["subgroup"]) == ("HC:UC", "site=A")
