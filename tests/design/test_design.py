"""Design matrices and clusters: names, references, means for what is missing."""

import numpy as np
import pandas as pd
import pytest

from tests.typed import typed
from trialrr.design.clusters import of_people
from trialrr.design.matrix import covariate_columns, indicators, product
from trialrr.plan import Covariate

PEOPLE = typed(
    pd.DataFrame(
        {
            "participant_id": ["a", "b", "c", "d"],
            "arm": ["HC", "HC", "UC", "HC"],
            "cluster": ["C1", "C2", "", "C1"],
            "age": ["40", "", "60", "80"],
            "site": ["A", "B", "", "B"],
        }
    )
)


def test_missing_values_take_the_overall_mean_a_level_that_of_its_indicator():
    got = covariate_columns(PEOPLE, [Covariate("age"), Covariate("site", reference="A")])
    assert got.names == ("age", "site=B")
    assert got.values[:, 0].tolist() == [40, 60, 60, 80]
    assert got.values[:, 1] == pytest.approx([0, 1, 2 / 3, 1])


@pytest.mark.parametrize(
    ("covariate", "message"),
    [
        (Covariate("weight"), "lack column 'weight'"),
        (Covariate("site", reference="Z"), "nobody has its reference level 'Z'; found A, B"),
    ],
)
def test_refusals(covariate, message):
    with pytest.raises(ValueError, match=message):
        covariate_columns(PEOPLE, [covariate])


def test_nobody_reports_it():
    people = PEOPLE.assign(age=np.nan)
    with pytest.raises(ValueError, match="'age' is missing for everybody"):
        covariate_columns(people, [Covariate("age")])


def test_products_are_named_after_both():
    one = indicators(PEOPLE["arm"], ["HC"], ["HC"])
    other = indicators(PEOPLE["site"], ["A", "B"], ["a", "b"])
    got = product(one, other)
    assert got.names == ("HC:a", "HC:b")
    assert got.values.tolist() == [[1, 0], [0, 1], [0, 0], [0, 1]]


def test_partially_nested_clusters():
    nested = of_people(PEOPLE, {"HC": "coach", "UC": "person"})
    assert nested.labels[0] == nested.labels[3] != nested.labels[1]
    assert (nested.count, nested.real) == (3, 2)
    single = of_people(PEOPLE, {"HC": "person", "UC": "person"})
    assert (single.count, single.real) == (4, 0)


def test_a_person_of_a_nested_arm_needs_a_cluster():
    with pytest.raises(ValueError, match="1 people of a clustered arm have no cluster, first c"):
        of_people(PEOPLE, {"HC": "coach", "UC": "coach"})


def test_order_of_people_does_not_matter():
    back = PEOPLE.iloc[::-1].reset_index(drop=True)
    covariates = [Covariate("age"), Covariate("site", reference="A")]
    one, other = covariate_columns(PEOPLE, covariates), covariate_columns(back, covariates)
    assert np.array_equal(one.values, other.values[::-1])
