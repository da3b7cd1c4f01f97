"""Files are written whole or not at all."""

import pytest

from trialrr import io


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    io.write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        io.write_text(path, "new \ud800")
    assert path.read_text() == "old\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_read_strings_keeps_text_as_it_is(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,x\n001,NA\n002,\n")
    assert io.read_strings(path).to_dict("list") == {"id": ["001", "002"], "x": ["NA", ""]}
