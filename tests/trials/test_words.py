"""No word of one trial in the rooms that every trial shares."""

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from trialrr import instruments, plan, trials

ROOT = Path(__file__).parents[2]
TRIAL = "resolve"
DEFAULT_PLAN = f"config/{TRIAL}.yaml"
"""Which plan is run where none is named is a choice of the project, and no word about the trial."""
FOLDER = ROOT / "src/trialrr/trials" / TRIAL
PLACES = ("src/trialrr", "scripts", "workflow", "Snakefile")
ENDINGS = (".py", ".smk", ".j2", ".csv", ".json", ".yaml", "")
SHARED = {
    "participant_id": "analysis data have it",
    "data_origin": "analysis data have it",
    "randomized_on": "analysis data have it",
    "randomized_in_error": "a step of every flow",
    "record_id": "REDCap's own",
    "redcap_event_name": "REDCap's own",
}
"""Names of the dictionary that are not the trial's alone, and why."""
FEWEST_LETTERS = 8

WRITTEN = "workflow/schemas/config.schema.json"
"""Written of the declarations of every trial, so it names their routes, and no other word."""


@cache
def words() -> set[str]:
    """The trial's name, labels of its arms, what its clusters are called, the files of its
    dictionary, and names and codes of it that no English sentence holds."""
    document = plan.read(ROOT / DEFAULT_PLAN)
    labels = {arm["label"] for arm in document["arms"]}
    found = {document["trial"], *labels, *(label.split(" (")[0] for label in labels)}
    found |= {arm["clusters"] for arm in document["arms"]} - {"person"}
    with (FOLDER / "dictionary.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    found |= {row["file"] for row in rows if "_" in row["file"]}
    names = {row["field"] for row in rows} | {c for row in rows for c in row["codes"].split("|")}
    found |= {name for name in names if "_" in name and len(name) >= FEWEST_LETTERS}
    return found - SHARED.keys() - items()


def items() -> set[str]:
    """Names of questionnaires' items, which any trial may use."""
    texts = (f.read_text() for f in Path(instruments.__file__).parent.glob("*.py"))
    return {name for text in texts for name in re.findall(r'"(\w+)"', text)}


@cache
def pattern() -> re.Pattern:
    """Any of the words at the start of one, so that "coaches" is found and "approach" is not."""
    return re.compile(rf"(?<![^\W_])({'|'.join(map(re.escape, sorted(words())))})", re.I)


def told(text: str) -> list[str]:
    """Words of the trial in a text, but for the path of the default plan, `Path.resolve()` and
    `importlib.util.resolve_name()`."""
    text = re.sub(r"\.resolve(_name)?\(", "(", text.replace(DEFAULT_PLAN, ""))
    return sorted({hit[0] for hit in pattern().finditer(text)})


def generic() -> list[Path]:
    tops = (ROOT / place for place in PLACES)
    files = (f for top in tops for f in ([top] if top.is_file() else sorted(top.rglob("*"))))
    return [
        f
        for f in files
        if f.is_file()
        and f.suffix in ENDINGS
        and not f.is_relative_to(FOLDER)
        and not {"__pycache__", ".snakemake"} & set(f.parts)
    ]


@cache
def found() -> dict[str, list[str]]:
    hits = {f.relative_to(ROOT).as_posix(): told(f.read_text(encoding="utf-8")) for f in generic()}
    return {name: listed for name, listed in hits.items() if listed}


def test_the_words_are_the_trials():
    known = words()
    assert {"painTRAINER", "Health coach CBT", "Usual care", "coach", TRIAL} <= known
    assert {"outreach_log", "redcap_surveys", "hs_or_less"} <= known
    assert not {"pgic_pain", "participant_id", "back"} & known
    assert TRIAL in trials.routes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("an approach", []),
        ("people of Coaches", ["Coach"]),
        ("_coach_risks", ["coach"]),
        ("Path(here).resolve()", []),
        ("util.resolve_name(name)", []),
        (f"the plan {DEFAULT_PLAN}", []),
        ('route == "resolve"', ["resolve"]),
        ("PAINTRAINER and usual care", ["PAINTRAINER", "usual care"]),
    ],
)
def test_a_planted_word_is_found(text, words):
    assert told(text) == words


def test_generic_rooms_have_no_word_of_one_trial():
    assert len(generic()) > 150
    left = {name: listed for name, listed in found().items() if name != WRITTEN}
    assert not left, "the trial's words belong into its folder: trials/<name>/words.py"


def test_the_schema_names_a_trial_only_by_its_route():
    assert found()[WRITTEN] == [TRIAL]
