"""What is shown of a cluster: its rank."""

import pytest

from trialrr.design import clusters


def test_the_largest_cluster_is_first_and_equals_stand_by_id():
    table = clusters.ranked(["Adams", "Zoe", "Zoe", float("nan"), "Brown", None])
    assert table.to_dict("list") == {
        "rank": ["1", "2", "3"],
        "cluster": ["Zoe", "Adams", "Brown"],
        "n": [2, 1, 1],
    }


def test_ranks_are_sorted_as_text_as_they_are_as_numbers():
    found = clusters.names([f"ward {k}" for k in range(12) for _ in range(20 - k)])
    assert found["ward 0"] == "01" and found["ward 11"] == "12"
    assert sorted(found.values()) == list(found.values())


@pytest.mark.parametrize("labels", [["b", "a", "b"], ["a", "b", "b"], ["b", None, "b", "a"]])
def test_the_order_of_people_names_nothing(labels):
    assert clusters.names(labels) == {"b": "1", "a": "2"}


def test_people_without_clusters_have_no_names():
    assert clusters.names([None, float("nan")]) == {}
