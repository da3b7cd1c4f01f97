import pytest

from trialrr import cli
from trialrr.prove import disclosure, manifest, release, verify

from .conftest import result, write_manifest, write_tree


@pytest.fixture
def place(project):
    return project / "results/releases/tiny-1.0"


def test_it_keeps_what_is_shown_and_nothing_private(tree, place):
    names = release.freeze(tree, place)
    assert sorted(p.relative_to(place).as_posix() for p in place.rglob("*.*")) == sorted(names)
    assert sorted(names) == [
        "ard.csv", "figures/forest.svg", "findings_summary.csv", manifest.NAME, "report.html",
        "tables/primary.csv",
    ]  # fmt: skip


def test_a_large_figure_is_left_out(project, tree):
    (tree / "figures/forest.svg").write_bytes(b" " * (release.LARGEST + 1))
    assert "figures/forest.svg" not in release.frozen(tree)


def test_a_large_table_is_packed_and_compared_by_what_is_inside(project, tree, place, monkeypatch):
    monkeypatch.setattr(release, "LARGEST", 10)
    names = release.freeze(tree, place)
    assert "ard.csv" in names and "figures/forest.svg" not in names
    assert not (place / "ard.csv").exists()
    assert manifest.content(place / "ard.csv") == (tree / "ard.csv").read_bytes()
    assert manifest.outputs(place)["ard.csv"] == manifest.outputs(tree)["ard.csv"]
    assert verify.against_release(tree, place) == []
    assert release.freeze(tree, place) == []
    write_tree(project, [result(estimate=2.0)])
    [difference, *_] = verify.against_release(tree, place)
    assert difference.output == "ard.csv" and "is missing" in difference.how


def test_the_same_release_twice_changes_nothing(project, tree, place):
    release.freeze(tree, place)
    write_manifest(project)  # another run: another clock
    assert release.freeze(tree, place) == []


def test_another_result_does_not_overwrite_a_release(project, tree, place):
    release.freeze(tree, place)
    before = (place / "ard.csv").read_bytes()
    write_tree(project, [result(estimate=2.0)])
    with pytest.raises(release.ReleaseError, match=r"ard\.csv is not the same\n.*new version"):
        release.freeze(tree, place)
    assert (place / "ard.csv").read_bytes() == before


def test_an_edited_tree_is_not_frozen(tree, place):
    (tree / "tables/primary.csv").write_text("x\n")
    with pytest.raises(release.ReleaseError, match=r"tables/primary\.csv: edited"):
        release.freeze(tree, place)
    assert not place.exists()


def test_participant_level_content_is_not_frozen(project, tree, place):
    (tree / "tables/primary.csv").write_text("level,note\nPT:UC,R00002 dropped out\n")
    write_manifest(project)
    with pytest.raises(disclosure.DisclosureError, match=r"tables/primary\.csv:2: .*R00002"):
        release.freeze(tree, place)
    assert not place.exists()


def test_the_id_of_a_cluster_is_not_frozen(project, tree, place):
    (tree / "private/clusters.csv").write_text("rank,cluster,n\n1,Dr. Abel,12\n")
    (tree / "report.html").write_text("<p>without Dr. Abel: synthetic</p>\n")
    write_manifest(project)
    with pytest.raises(disclosure.DisclosureError, match=r"report\.html:1: a cluster's id"):
        release.freeze(tree, place)


def test_the_command(project, tree, place, monkeypatch, capsys):
    monkeypatch.chdir(project)
    arguments = ["release", "--configfile", "config/plan.yaml"]
    assert cli.main(arguments) == 0
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "results/releases/tiny-1.0: 6 files frozen",
        "results/releases/tiny-1.0: already there, identical",
    ]
