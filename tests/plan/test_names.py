"""Names that mean something already are refused, with the key that gives them."""

from pathlib import Path

import pytest

from tests.plan import tiny
from tests.plan.test_values import faults
from trialrr import plan
from trialrr.plan import names


@pytest.mark.parametrize("word", names.COLUMNS)
def test_no_column_of_the_mapping_takes_the_place_of_one_that_the_reader_writes(word):
    spec = {"from": "age", "type": "integer", "minimum": 18, "maximum": 90}
    text = faults(tiny.changed("data", "participants", "columns", word, to=spec))
    assert f"data.participants.columns.{word}: {word!r} is reserved: it is " in text


@pytest.mark.parametrize("word", ["all", "ALL", "intercept"])
def test_no_arm_is_called_as_a_level_of_the_results(word):
    document = tiny.changed("arms", 0, "id", to=word)
    document["contrasts"] = [[word, "control"]]
    document["data"]["participants"]["columns"]["arm"]["codes"]["active"] = word
    assert f"arms[0].id: {word!r} is reserved: it is the " in faults(document)


@pytest.mark.parametrize("word", names.ANALYSES)
def test_no_entry_is_called_as_another_block_of_the_results(word):
    text = faults(tiny.changed("analyses", 1, "id", to=word))
    assert f"analyses[1].id: {word!r} is reserved: it is the " in text


@pytest.mark.parametrize("word", ["arm", "participant_id", "analyzed", "intercept", "cluster"])
def test_no_covariate_is_the_arm_or_the_person(word):
    document = tiny.changed("covariates", 0, "id", to=word)
    document["models"]["adjusted"] = [word, "sex"]
    assert f"covariates[0].id: {word!r} is reserved" in faults(document)


@pytest.mark.parametrize(
    "word", ["month", "completed", "arm", "line", "pain_responder", "pain_sum"]
)
def test_no_outcome_is_another_column_of_the_visits(word):
    document = tiny.changed("outcomes", 0, "id", to=word)
    mapping = document["data"]["visits"]["outcomes"]
    mapping[word] = mapping.pop("response")
    document["primary"]["outcome"] = word
    for entry in document["analyses"]:
        entry["outcomes"] = [word]
    text = faults(document)
    assert f"outcomes[0].id: {word!r} is " in text and "choose another name" in text


@pytest.mark.parametrize(
    ("section", "label"),
    [("arms", ""), ("visits", ""), ("outcomes", " "), ("analyses", "  "), ("covariates", "")],
)
def test_no_two_things_of_a_kind_have_one_label(section, label):
    first = tiny.document()[section][0]["label"]
    text = faults(tiny.changed(section, 1, "label", to=first + label))
    assert f"{section}[1].label: {first!r} is the label of {section}[0] too; a reader" in text


def test_a_visit_is_not_called_none():
    document = tiny.changed("visits", 1, "month", to="none")
    for spec in document["data"]["visits"]["outcomes"].values():
        spec["months"]["none"] = spec["months"].pop("6")
    assert "visits[1].month: 'none' is reserved" in faults(document)


def test_a_covariate_may_have_the_name_of_an_arm_or_of_an_outcome():
    columns = ("data", "participants", "columns")
    document = tiny.document()
    for id in ("control", "pain"):
        document = tiny.changed(*columns, id, to=tiny.COLUMNS["age"], of=document)
        document["covariates"].append({"id": id, "label": id})
    plan.check(document, {})


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (("arms", 2), {"id": "Active", "label": "x", "clusters": "person"}, "arms: 'active' and"),
        (("covariates", 3), {"id": "SEX", "label": "x"}, "covariates: 'sex' and 'SEX' differ in"),
        (("covariates", 3), {"id": "sex", "label": "x"}, "covariates: covariate 'sex' is declared"),
        (("analyses", 2), tiny.entry("Main", missing="complete_case"), "analyses: 'main' and 'M"),
    ],
)
def test_ids_differ_in_more_than_capitals(path, to, told):
    assert told in faults(tiny.changed(*path, to=to))


def test_people_who_share_nothing_are_spelled_in_one_way():
    text = faults(tiny.changed("arms", 0, "clusters", to="Person"))
    assert "arms[0].clusters: found 'Person'; write 'person'" in text


def test_every_reserved_word_is_in_the_documentation():
    text = (Path(__file__).parents[2] / "config" / "README.md").read_text(encoding="utf-8")
    words = [*names.COLUMNS, *names.OF_PARTICIPANTS, *names.ARMS, *names.MONTHS, *names.ANALYSES]
    assert not [word for word in words if f"`{word}`" not in text]
