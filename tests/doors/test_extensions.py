"""Folders that a plan names as `extensions`: what is wrong with one is a fault of the plan."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plan import tiny
from trialrr import cli, house, plan
from trialrr.analyses import registry
from trialrr.present import shows

TOY = Path(__file__).parent / "toy_kind"
EXACT = tiny.entry("exact", kind="fisher_exact")


def document(*folders: str | Path, **keys) -> dict:
    """A tiny plan with an entry of the toy kind, and folders named before all else."""
    made = tiny.changed("analyses", 2, to=EXACT | keys)
    return {"extensions": [str(folder) for folder in folders]} | made


def told(made: dict) -> str:
    with pytest.raises(plan.PlanError) as caught:
        plan.check(made, {})
    return str(caught.value)


def folder(path: Path, init: str, **files: str) -> Path:
    """A package with these modules."""
    path.mkdir(parents=True)
    for name, text in {"__init__": init, **files}.items():
        (path / f"{name}.py").write_text(text)
    return path


def test_a_plan_knows_the_kinds_of_its_folders_and_no_other_plan_does():
    checked = plan.check(document(TOY, months=["6"]), {})
    entry = checked.analyses[2]
    assert (entry.kind, entry.months, entry.alternative) == ("fisher_exact", ("6",), "two-sided")
    assert registry.kind_of(entry).implementation.__name__.endswith(".exact_test")
    without = document(TOY)
    del without["extensions"]
    assert "analyses[2].kind: found 'fisher_exact'; allowed: " in told(without)


def test_a_part_of_a_plan_has_the_folders_without_which_nobody_could_read_it():
    checked = plan.check(document(TOY), {})
    part = plan.part(checked, "analyses", analyses=lambda a: a.id == "exact", labels=True)
    assert plan.parse(json.loads(part)).analyses == (checked.analyses[2],)
    with pytest.raises(plan.PlanError, match=r"extensions\[0\]: no folder 'gone'"):
        plan.parse(json.loads(part) | {"extensions": ["gone"]})


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"months": ["33"]},
            "analyses[2].months: unknown month '33' (did you mean '3'?); de",
        ),
        ({"alternativ": "less"}, "unknown key 'alternativ' (did you mean 'alternative'?); al"),
        ({"alternative": "more"}, "analyses[2].alternative: found 'more'; allowed: two-sided, gre"),
        ({"kind": "fisher_exakt"}, "found 'fisher_exakt' (did you mean 'fisher_exact'?); allowed"),
        ({"outcomes": ["pian"]}, "analyses[2].outcomes: unknown outcome 'pian'"),
    ],
)
def test_the_faults_of_its_entries_are_told_like_those_of_others(keys, text):
    assert text in told(document(TOY, **keys))


def test_what_its_kind_needs_is_asked_of_the_plan():
    made = document(TOY)
    for arm in made["arms"]:
        arm["clusters"] = "ward"
    made["randomization"] = {"strata": [], "block_sizes": [2], "order": "sequence"}
    made["randomization"]["unit"] = "cluster"
    text = "analyses[2].kind: whole clusters were randomized (randomization.unit), and Fisher's"
    assert text in told(made)


CLASS = """
from typing import Literal
from trialrr.analyses.base import Kind
from trialrr.plan.base import key
from trialrr.plan.entry import Entry
class Own(Entry):
    kind: Literal["{name}"] = key("{name}", "what is done")
KINDS = (Kind(Own, ".work"),)
"""


@pytest.mark.parametrize(
    ("init", "work", "text"),
    [
        ("", "", "own/__init__.py declares nothing; expected KINDS, a tuple of trialrr.analyses."),
        ("KINDS = 7", "", "KINDS of own/__init__.py is 7; expected a tuple of trialrr.analyses.ba"),
        ("\nKINDS = (", "", "own/__init__.py, line 2: SyntaxError: '(' was never closed; correct"),
        ("", "x = = 1", "own/work.py, line 1: SyntaxError: invalid syntax; correct the code"),
        ("\n1 / 0", "", "own/__init__.py, line 2: ZeroDivisionError: division by zero; correct th"),
        ("from . import work", "\n\nodd()", "own/work.py, line 3: NameError: name 'odd' is not de"),
        (
            "from . import wrok",
            "",
            "own/__init__.py, line 1: ImportError: cannot import name 'wrok'",
        ),
        (
            CLASS.format(name="delta"),
            "",
            "a kind of analysis named 'delta' is there already, of th",
        ),
        (
            CLASS.replace(".work", ".wrok").format(name="own"),
            "",
            "kind 'own' of own/__init__.py is done by the module '.wrok', which is ",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_told_with_the_line_of_its_key(tmp_path, init, work, text):
    own = folder(tmp_path / "own", init, work=work)
    path = tiny.write(tmp_path, document(own))
    with pytest.raises(plan.PlanError) as caught:
        plan.check(plan.read(path), {}, files=[path])
    fault = str(caught.value)
    assert f"extensions[0] (line 2): {text}" in fault
    assert "analyses[2].kind" not in fault, "what the folder would have declared is not known"
    files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
    taken = "is there already" in text  # it can be used, by a plan without the other
    assert taken or not [file for file in files if file.startswith(str(own))]


SHOWN = """
from trialrr.present.shows.base import FigureShow, KindShow, PartShow, Shows, TableShow
SHOWS = Shows({})
"""


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("kinds=(KindShow('delta'),)", "'delta' is no kind of this folder; it has: own"),
        (
            "tables=(TableShow('forest', '.wrok:table', kinds=('own',), part='safety'),)",
            "the module of '.wrok:table' is not there",
        ),
        (
            "tables=(TableShow('safety', '.work:table', kinds=('own',), part='safety'),)",
            "a table 'safety' is there already; give this one another name",
        ),
        (
            "figures=2 * (FigureShow('mine', '.work:draw', kinds=('own',), part='safety'),)",
            "a figure 'mine' is there already; give this one another name",
        ),
        (
            "figures=(FigureShow('mine', '.work:draw', kinds=('delta',), part='safety'),)",
            "'mine' shows none of the kinds of this folder; name them as `kinds`",
        ),
        (
            "figures=(FigureShow('mine', '.work:draw', kinds=('own',), part='own-part'),)",
            "'mine' stands in a part 'own-part'; there are: ",
        ),
        (
            "tables=(TableShow('../mine', '.work:table', kinds=('own',), part='safety'),)",
            "'../mine' cannot name files; expected small letters, digits and _",
        ),
        ("parts=(PartShow('Safety'),)", "a part 'safety' is there already; give this one ano"),
    ],
)
def test_what_is_wrong_with_how_a_kind_is_shown_is_told(tmp_path, shown, text):
    own = folder(tmp_path / "own", CLASS.format(name="own") + SHOWN.format(shown), work="")
    assert f"extensions[0]: SHOWS of own/__init__.py: {text}" in told(document(own))


def test_shows_that_are_none_are_told(tmp_path):
    own = folder(tmp_path / "own", CLASS.format(name="own") + "SHOWS = 7", work="")
    text = "extensions[0]: SHOWS of own/__init__.py is 7; expected a trialrr.present.shows.base.Sh"
    assert text in told(document(own))


def test_two_folders_may_not_have_a_table_of_one_name(tmp_path):
    other = tmp_path / "other"
    shutil.copytree(TOY, other)
    init = (other / "__init__.py").read_text().replace("fisher_exact", "fisher_again")
    (other / "__init__.py").write_text(init)
    text = told(document(TOY, other))
    assert (
        "extensions[1]: a figure 'exact_tests' is there already; give this one another na" in text
    )


def test_a_plan_shows_the_tables_of_its_own_folder_and_no_other(tmp_path):
    with_it, without = plan.check(document(TOY), {}), plan.check(tiny.DOCUMENT, {})
    *results, words = shows.tables(without)
    assert words == "estimands" and shows.tables(with_it) == [*results, "exact_tests", words]
    assert shows.figures(with_it) == [*shows.figures(without), "exact_tests"]
    assert [part.id for part in shows.parts(with_it)][-1] == "exact-tests"
    modules = shows.figure_modules(with_it)
    assert [m for m in modules if house.is_extension(m)] == [
        registry.kind_of(with_it.analyses[2]).module.replace("exact_test", "shown")
    ]


def test_checking_a_plan_of_an_extension_draws_nothing(tmp_path):
    path = tiny.write(tmp_path, document(TOY))
    code = "import sys; from trialrr import house, plan; from trialrr.present import shows\n"
    code += f"checked = plan.check(plan.read({str(path)!r}), {{}})\n"
    code += "assert 'exact_tests' in shows.tables(checked); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "pandas", "scipy", "jinja2"} & set(out.stdout.split())


def test_a_folder_that_is_not_there_or_no_package_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    text = told(document("gone/away", tmp_path / "empty"))
    assert "extensions[0]: no folder 'gone/away'; paths begin where the run starts" in text
    assert "extensions[1]: " in text and "empty' has no __init__.py, which declares it;" in text


def test_a_folder_that_is_named_twice_and_a_name_that_is_taken_are_told(tmp_path):
    shutil.copytree(TOY, tmp_path / "other")
    text = told(document(TOY, TOY / ".." / TOY.name, tmp_path / "other"))
    assert "extensions[1]: the same folder as extensions[0]; keep one" in text
    assert "extensions[2]: a kind of analysis named 'fisher_exact' is there already, of " in text


def test_what_is_no_list_of_folders_is_told():
    assert "extensions: found 'toy'; expected a list" in told(document() | {"extensions": "toy"})
    assert "extensions[0]: found 3" in told(document() | {"extensions": [3]})


def test_a_folder_may_be_called_like_an_installed_package(tmp_path):
    import numpy

    own = tmp_path / "numpy"
    shutil.copytree(TOY, own)
    entry = plan.check(document(own), {}).analyses[2]
    implementation = registry.kind_of(entry).implementation
    assert implementation.np is numpy is sys.modules["numpy"]
    assert implementation.__file__ == str(own / "exact_test.py")


def test_two_plans_may_have_a_kind_of_one_name_each(tmp_path):
    shutil.copytree(TOY, tmp_path / "toy_kind")
    mine, theirs = (plan.check(document(f), {}).analyses[2] for f in (TOY, tmp_path / "toy_kind"))
    assert type(mine) is not type(theirs)
    files = [registry.kind_of(entry).implementation.__file__ for entry in (mine, theirs)]
    assert files == [str(TOY / "exact_test.py"), str(tmp_path / "toy_kind/exact_test.py")]


def test_the_work_is_imported_when_it_is_first_asked_for(tmp_path):
    own = folder(tmp_path / "own", CLASS.format(name="own"), work="raise ValueError('too early')")
    (own / "words.csv").write_text("one\n")
    extension = house.load(own)
    assert extension.declared_by == (own / "__init__.py", own / "words.csv")
    with pytest.raises(ValueError, match="too early"):
        _ = extension.kinds[0].implementation


def test_the_command_that_checks_a_plan_loads_its_folders(tmp_path, capsys):
    assert cli.main(["check", str(tiny.write(tmp_path, document(TOY)))]) == 0
    assert "the plan and its data agree (48 people)" in capsys.readouterr().out
    assert cli.main(["check", str(tiny.write(tmp_path, document("gone")))]) == 1
    assert "extensions[0] (line 2): no folder 'gone'" in capsys.readouterr().err
