import pytest

from trialrr.prove import disclosure

IDS = ("R00001", "R00002", "R00003")


def found(tmp_path, name, text, ids=IDS):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    return [str(e) for e in disclosure.check(tmp_path, ids)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("tables/a.csv", "level,n\nR00002,1\n", "tables/a.csv:2: a participant's id, 'R00002'"),
        ("figures/a.svg", "<svg>\n<text>R99999</text>", "figures/a.svg:2: a participant's id"),
        ("tables/a.csv", "participant_id,n\n1,1\n", "column 'participant_id' identifies"),
        ("tables/a.csv", "age,sex\n61,f\n70,m\n55,f\n", "3 rows, one for each participant"),
        ("report.html", "<p>\nmade 2025-08-07 10:12</p>", "report.html:2: a clock time"),
        ("report.html", "read from /" + "home/me/data.csv", "a path of this machine"),
        ("manifest.json", '{"a": "/' + 'tmp/run1"}', "manifest.json:1: a path of this machine"),
    ],
)
def test_an_exposure_is_listed_with_file_and_line(tmp_path, name, text, told):
    assert [e for e in found(tmp_path, name, text) if told in e]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tables/a.csv", "level,n\nPT,776\nHC,778\n"),
        ("ard.csv", "analysis,quantity,level\na,n,PT\na,n,HC\na,n,UC\n"),
        ("private/participants.csv", "participant_id\nR00001\n"),
        ("report.html", "<p>randomized from 2021-08-09; https://doi.org/10.1001/tmp/x</p>"),
        ("report.html", "<img src='data:image/png;base64,iVBOR/" + "tmp/R00001 '>"),
        ("manifest.json", '{"run": {"finished": "2025-08-07T10:12:00+00:00"}}'),
    ],
)
def test_what_may_be_shown_passes(tmp_path, name, text):
    assert found(tmp_path, name, text) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("ard.csv", "analysis,quantity,level,subgroup\na,n,PT,cluster=C01\n", "ard.csv:2"),
        ("figures/a.svg", "<text>Dr. O'Neil (ward)</text>", "figures/a.svg:1"),
        ("report.html", "<td>Übungsgruppe</td>", "report.html:1"),
    ],
)
def test_the_id_of_a_cluster_is_an_exposure(tmp_path, name, text, told):
    clusters = ["C01", "Dr. O'Neil (ward)", "Übungsgruppe", "7", "12", "B"]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    (found,) = disclosure.check(tmp_path, (), clusters)
    assert str(found).startswith(f"{told}: a cluster's id, ")


def test_a_rank_a_color_and_a_part_of_a_word_are_no_cluster(tmp_path):
    text = "<b style='color: #C01'>B</b> cluster=07, 12 people, Übungsgruppen, C010\n"
    (tmp_path / "report.html").write_text(text)
    assert disclosure.check(tmp_path, (), ["C01", "Übungsgruppe", "7", "12", "B", "07"]) == []


def test_ids_of_digits_alone_are_no_pattern(tmp_path):
    assert disclosure.id_pattern(["1", "22", "602"]) is None
    assert found(tmp_path, "tables/a.csv", "level,n\nPT,602\n", ids=["1", "22", "602"]) == []


def test_require_lists_the_places_and_the_remedy(tmp_path):
    (tmp_path / "a.csv").write_text("participant_id\nR00001\n")
    with pytest.raises(disclosure.DisclosureError, match=r"(?s)a\.csv:1: .*a\.csv:2: .*private/"):
        disclosure.require(tmp_path, IDS)
