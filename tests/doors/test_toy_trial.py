"""A trial in a folder outside the package: from its raw files to the table of results."""

from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from tests.doors import toy
from trialrr import ard, house, plan, trials
from trialrr import data as tables
from trialrr.analyses import stages
from trialrr.analyses.procedure import data as analysis_data
from trialrr.ingest.findings import DataError, Findings
from trialrr.trials.prepare import prepared

FOLDER = Path(__file__).with_name("toy_trial")


@pytest.fixture(scope="module")
def trial():
    return trials.trial(house.load(FOLDER).route)


def mentioning(document: dict) -> plan.Plan:
    """The plan of the document with the columns that it names, as a slice for reading has them."""
    parsed = plan.parse(document | {"extensions": [str(FOLDER)]})
    return plan.replace(parsed, mentions=tuple(plan.mentions(parsed, by_id=True)))


@pytest.fixture
def planned(trial, tmp_path) -> plan.Plan:
    document = toy.PLAN | {"data": toy.PLAN["data"] | {"directory": str(toy.write(tmp_path))}}
    return mentioning(document)


def test_it_is_found_by_its_route_and_says_what_it_has(trial, planned):
    assert trials.of(planned.data) is trial
    assert trials.sources()["toy_trial"] == ("tiredness",)
    assert trials.columns()["toy_trial"]["age"].type == "integer"
    assert [f.name for f in trial.raw_files(planned.data)] == ["people.csv", "answers.csv"]
    assert {"__init__.py", "dictionary.csv", "derive.py"} <= {f.name for f in trial.files}
    assert trial.twin() is None
    assert trial.provenance(planned) == {"tired": "invented"}


def test_what_it_declares_is_what_it_derives(trial, planned):
    _, data = prepared(planned, Findings())
    assert list(data.participants) == list(trial.columns)
    assert tuple(data.tables) == trial.tables


def test_from_raw_files_to_results(trial, planned, tmp_path):
    findings = Findings()
    raw, data = prepared(planned, findings)
    assert findings.rows() == []
    flow = ard.frame(trial.flow(raw, data, planned)).set_index(["outcome", "level"])["estimate"]
    assert flow["randomized", "all"] == 60 and flow["analyzed", "early"] == 30
    made = {"participants": data.participants, "visits": data.visits, **data.tables}
    paths = {name: tmp_path / f"{name}.csv" for name in made}
    for name, frame in made.items():
        tables.write(paths[name], frame, data.schemas[name])
    own = {"nights": paths["nights"]}
    read = analysis_data.read(paths["participants"], paths["visits"], planned, own)
    table = ard.check(ard.frame(stages.rows(planned.analyses[0], planned, read)))
    found = table[table["quantity"] == "risk"].set_index("level")
    seen = [(k, row["arm"]) for k, row in enumerate(toy.people()) if k % 10 != 9]
    for arm, thirds in (("early", 2), ("late", 1)):
        own = [k for k, of in seen if of == arm]
        eased = sum((k // 2) % 3 < thirds for k in own)
        assert found.loc[arm, "estimate"] == pytest.approx(eased / len(own))
        assert (found.loc[arm, "events"], found.loc[arm, "n"]) == (eased, len(own))


def test_its_questionnaire_turns_the_last_item_round(trial):
    tiredness = import_module(f"{type(trial).__module__}.tiredness").TIREDNESS
    table = pd.DataFrame([dict(zip(toy.ITEMS, (6, 3, 10), strict=True))])
    assert tiredness.scores(table)["tiredness"].mean.tolist() == [3.0]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("people.csv", "T01,late", "T00,late", "people.csv:3:record_id: duplicated_id"),
        ("people.csv", "T01,late", "T01,noon", "people.csv:3:arm: unknown_code: found 'noon'"),
        ("answers.csv", "T01,base", "X01,base", "answers.csv:4:record_id: never_randomized"),
        ("answers.csv", "7.5,6,6,4", "7.5,6,11,4", "tired_noon: out_of_range: found '11'"),
    ],
)
def test_a_fault_of_its_files_stops(planned, tmp_path, file, old, new, told):
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(DataError) as stop:
        prepared(planned, Findings())
    assert told in str(stop.value)


def test_a_plan_that_names_no_column_of_it_stops(planned, tmp_path):
    document = toy.PLAN | {"data": toy.PLAN["data"] | {"directory": str(tmp_path)}}
    document |= {"covariates": [{"id": "aeg"}], "models": {"adjusted": ["aeg"]}}
    wrong = mentioning(document)
    with pytest.raises(DataError, match=r"no column 'aeg' \(did you mean 'age'\?\)"):
        prepared(wrong, Findings())
