"""Trials are found by the name of their folder; each fault of a folder is told once and clearly."""

import subprocess
import sys
from pathlib import Path

import pytest

from trialrr import house, trials
from trialrr.trials.base import Trial, Twin

SOURCE = Path(trials.__file__).parent
DECLARES = """
from trialrr.trials.base import Trial

class Made(Trial):
    name = {name!r}
    def raw_files(self, data): return []
    def read(self, plan, directory, findings): return None
    def check(self, raw, plan, findings): pass
    def derive(self, raw, plan, findings): return None

TRIAL = Made()
"""


def folder(tmp_path, name: str, text: str | None) -> Path:
    place = tmp_path / name
    place.mkdir()
    if text is not None:
        (place / "__init__.py").write_text(text)
    return place


def test_every_folder_is_a_trial_of_its_name():
    folders = {p.parent.name for p in SOURCE.glob("*/__init__.py")}
    assert folders and folders <= set(trials.routes())
    for route in folders:
        assert isinstance(trials.trial(route), Trial)
        assert trials.trial(route).folder == SOURCE / route


def test_an_unknown_route_names_the_nearest():
    with pytest.raises(trials.TrialError, match=r"no trial 'tidi' \(did you mean 'tidy'\?\)"):
        trials.trial("tidi")


def test_a_folder_elsewhere_is_found_from_then_on(tmp_path):
    place = folder(tmp_path, "made_here", DECLARES.format(name="made_here"))
    assert house.load(place).route == "made_here" and house.load(place) is house.load(place)
    found = trials.trial("made_here")
    assert found.folder == place and found.files == [place / "__init__.py"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("tidy", DECLARES.format(name="tidy"), "there is a trial 'tidy' already; rename the"),
        ("odd_one", "TRIAL = 7", "no TRIAL, an instance of trialrr.trials.base.Trial"),
        ("called_one", DECLARES.format(name="other"), "TRIAL.name is 'other', its folder 'called"),
    ],
)
def test_a_folder_that_is_no_trial_is_told(tmp_path, name, text, told):
    before = trials.routes()
    with pytest.raises(house.ExtensionError) as stop:
        house.load(folder(tmp_path, name, text))
    assert told in str(stop.value)
    assert trials.routes() == before


def test_a_lookup_reads_no_table():
    """The workflow looks its trial up at every start: pandas alone takes a third of a second."""
    code = (
        "import sys; from trialrr import trials; t = trials.trial({!r}); t.files; t.twin();"
        " trials.columns(); trials.sources(); sys.exit('pandas' in sys.modules)"
    )
    for route in ("resolve", "tidy"):
        assert subprocess.run([sys.executable, "-c", code.format(route)]).returncode == 0


@pytest.mark.parametrize("route", sorted(p.parent.name for p in SOURCE.glob("*/__init__.py")))
def test_what_a_trial_declares_has_its_shape(route):
    trial, types = trials.trial(route), {"id", "date", "text", "code", "number", "integer"}
    assert {spec.type for spec in (trial.columns or {}).values()} <= types
    assert len(set(trial.tables)) == len(trial.tables)
    left = [step for leave in trial.words.chain.values() for step in leave]
    parts = [step for listed in trial.words.parts.values() for step in listed]
    assert not {*left, *parts, *trial.words.sessions} - {*trial.words.steps, "ineligible"}
    twin = trial.twin()
    assert twin is None or (isinstance(twin, Twin) and len(set(twin.files)) == len(twin.files))
