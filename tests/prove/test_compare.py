import pandas as pd
import pytest

from trialrr import ard, io
from trialrr.prove import compare

KEY = ("observed", "severity", "3", "", "events", "PT")


def published(role="exact", key=KEY, **printed):
    cells = dict(role=role, source="Table 2", **dict(zip(ard.KEYS, key, strict=True)))
    return pd.DataFrame([cells | dict(estimate="", lower="", upper="", p_value="", n="") | printed])


def results(key=KEY, **numbers):
    return ard.frame([ard.row(**dict(zip(ard.KEYS, key, strict=True)), **numbers)])


@pytest.mark.parametrize(
    ("printed", "got", "equal"),
    [
        ({"estimate": "179", "n": "542"}, {"estimate": 179, "n": 542}, "yes"),
        ({"estimate": "179", "n": "542"}, {"estimate": 179, "n": 543}, "no"),
        ({"estimate": "179", "n": "542"}, {"estimate": 180, "n": 542}, "no"),
        ({"estimate": "1.36"}, {"estimate": 1.3649}, "yes"),
        ({"estimate": "1.36"}, {"estimate": 1.365}, "no"),
        ({"estimate": "1.36", "lower": "1.13"}, {"estimate": 1.36, "lower": 1.141}, "no"),
        ({"estimate": "1.36", "lower": "1.13"}, {"estimate": 1.36}, "no"),
        ({"p_value": "<.001"}, {"p_value": 0.00099}, "yes"),
        ({"p_value": "<.001"}, {"p_value": 0.001}, "no"),
        ({"p_value": ".010"}, {"p_value": 0.0104}, "yes"),
        ({"p_value": ".010"}, {"p_value": 0.0106}, "no"),
        ({"estimate": "0.266"}, {"estimate": 1e-9}, "no"),
    ],
)
def test_equal_means_that_it_prints_the_same(printed, got, equal):
    rows = compare.compare(published(**printed), results(**got))
    assert rows.loc[0, "equal"] == equal


@pytest.mark.parametrize(("got", "equal"), [(17.2, "yes"), (18.0, "yes"), (18.01, "no")])
def test_number_needed_to_treat_is_rounded_away_from_zero(got, equal):
    key = (*KEY[:4], "nnt", "PT:UC")
    rows = compare.compare(published("predicted", key, estimate="18"), results(key, estimate=got))
    assert rows.loc[0, "equal"] == equal


def test_a_number_without_an_ard_row_is_listed():
    rows = compare.compare(published(estimate="179", n="542"), results((*KEY[:5], "HC")))
    assert rows.loc[0, "status"] == "not reproduced"
    assert pd.isna(rows.loc[0, "reproduced"])
    assert compare.unequal_exact(rows) == [
        "observed, severity, 3, events, PT: published 179 of 542, got not reproduced"
    ]


def test_difference_is_at_full_precision():
    rows = compare.compare(published(estimate="1.5"), results(estimate=1.53125))
    assert rows.loc[0, "difference"] == 0.03125


def test_a_published_key_twice_is_refused():
    with pytest.raises(ValueError, match="stands twice"):
        compare.compare(pd.concat([published(estimate="1")] * 2), results(estimate=1))


def test_roles_go_to_the_right_table():
    key = ("main", "severity", "3", "", "risk_ratio", "PT:UC")
    other = ("unadjusted", *key[1:])
    numbers = pd.concat(
        [
            published(estimate="179", n="542"),
            published("predicted", key, estimate="1.28", lower="1.06", upper="1.55"),
            published("approximate", other, estimate="1.36", lower="1.13", upper="1.63"),
        ]
    )
    rows = compare.compare(numbers, results(estimate=179, n=542))
    assert list(compare.calibration(rows)["analysis"]) == ["observed", "unadjusted"]
    assert list(compare.estimates(rows)["role"]) == ["predicted", "calibrated"]


def test_every_published_number_of_resolve_stands_in_a_table():
    numbers = io.read_strings("config/published/resolve.csv")
    rows = compare.compare(numbers, results(estimate=179, n=542))
    assert len(rows) == len(numbers)
    assert len(compare.estimates(rows)) == 37  # rows of the published estimates: Table 2, eTable 9
    assert set(compare.estimates(rows)["analysis"]) == {"main", "unadjusted"}
