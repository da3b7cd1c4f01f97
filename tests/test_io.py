"""Files are written whole or not at all."""

import os
import stat

import pytest

from trialrr import io


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    io.write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        io.write_text(path, "new \ud800")
    assert path.read_text() == "old\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_text_written_once_is_named_by_its_content_and_not_touched_again(tmp_path):
    path = io.write_once(tmp_path / "inputs", "plan", '{"label": "{dose} $HOME `id`"}')
    os.utime(path, (1, 1))
    assert io.write_once(tmp_path / "inputs", "plan", '{"label": "{dose} $HOME `id`"}') == path
    assert os.stat(path).st_mtime == 1
    assert io.read_json(path) == {"label": "{dose} $HOME `id`"}
    other = io.write_once(tmp_path / "inputs", "plan", '{"label": "{dose}"}')
    assert other != path and len(list((tmp_path / "inputs").iterdir())) == 2


def test_what_is_private_is_for_its_owner_alone(tmp_path):
    def mode(name: str) -> int:
        return stat.S_IMODE((tmp_path / name).stat().st_mode)

    old = os.umask(0o022)
    try:
        io.write_text(tmp_path / "tree/private/logs/a.log", "R00001\n")
        io.write_text(tmp_path / "tree/ard.csv", "n\n")
        (tmp_path / "open").mkdir()
        io.make_private(tmp_path / "open")
    finally:
        os.umask(old)
    found = {name: mode(name) for name in ("tree", "tree/ard.csv", "open")}
    assert found == {"tree": 0o755, "tree/ard.csv": 0o644, "open": 0o700}
    hidden = [mode(f"tree/private{name}") for name in ("", "/logs", "/logs/a.log")]
    assert hidden == [0o700, 0o700, 0o600]


def test_read_strings_keeps_text_as_it_is(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,x\n001,NA\n002,\n")
    assert io.read_strings(path).to_dict("list") == {"id": ["001", "002"], "x": ["NA", ""]}
