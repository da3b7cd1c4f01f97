"""The PDF of the report, printed by the script as the workflow prints it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import print_report
from tests.browser.pdf_text import Pdf

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A trial</title><style>
@media screen { .paper { display: none } } @media print { .screen { display: none } }
h2 { break-before: page }</style></head><body>
<h1>Report</h1><p class="paper">1.28 − 0.5 = 0.78</p>
<p class="screen">Switch</p><h2>Second page</h2><p>1 efficient field</p></body></html>"""


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "a folder" / "report.html"
    path.parent.mkdir()
    path.write_text(PAGE, encoding="utf-8")
    return path


def run(*arguments, path=None) -> subprocess.CompletedProcess:
    environment = os.environ | ({} if path is None else {"PATH": str(path)})
    command = [sys.executable, "-m", "scripts.print_report", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_prints_what_is_for_paper_the_same_bytes_every_time(chromium, page, tmp_path):
    made = [tmp_path / "one.pdf", tmp_path / "other.pdf"]
    for path in made:
        done = run("--page", page, "--out", path)
        assert done.returncode == 0, done.stderr
        time.sleep(1.1)  # so that a clock would show
    one, other = (path.read_bytes() for path in made)
    assert one == other
    assert b"Date" not in one and b"file:" not in one and str(tmp_path).encode() not in one
    pdf = Pdf(one)
    assert len(pdf.pages) == 2
    assert pdf.text() == "Report1.28−0.5=0.78Secondpage1efficientfield"
    assert b"/StructTreeRoot" in one and b"/Outlines" in one


def test_the_table_of_objects_stays_true(chromium, page):
    raw = print_report.printed(page, chromium)
    pdf = print_report.timeless(raw)
    assert pdf != raw and len(pdf) == len(raw)
    start = int(re.search(rb"startxref\s+(\d+)\s+%%EOF", pdf)[1])
    offsets = re.findall(rb"(\d{10}) \d{5} n", pdf[start:])
    assert len(offsets) > 5
    for offset in map(int, offsets):
        assert re.match(rb"\d+ 0 obj", pdf[offset : offset + 20])


def test_dates_and_identifier_become_blanks_and_nothing_else():
    pdf = (
        b"<</Title (ModDate \\(D:1\\))\n/CreationDate (D:20260102030405+00'00')\n"
        b"/ModDate (D:20260102030405+00'00')>>\n<</S /P /ID (node00000001)>>\n"
        b"trailer <</ID [<0123456789ABCDEF0123456789ABCDEF> <0123456789abcdef0123456789abcdef>]>>"
    )
    assert print_report.timeless(pdf).split() == (
        b"<</Title (ModDate \\(D:1\\)) >> <</S /P /ID (node00000001)>> trailer << >>".split()
    )
    assert len(print_report.timeless(pdf)) == len(pdf)


def test_without_chromium_it_says_what_to_install(page, tmp_path):
    done = run("--page", page, "--out", tmp_path / "a.pdf", path=tmp_path)
    assert done.returncode == 1
    assert "needs Chromium" in done.stderr and "apt install chromium" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "a.pdf").exists()


def test_what_goes_wrong_is_told(page, tmp_path):
    nowhere = run("--page", "no.html", "--browser", "true", "--out", tmp_path / "a.pdf")
    assert "no.html: no such page" in nowhere.stderr
    absent = run("--page", page, "--browser", tmp_path / "no", "--out", tmp_path / "a.pdf")
    assert "no cannot be run: No such file" in absent.stderr
    fails = tmp_path / "fails"
    fails.write_text("#!/bin/sh\necho no display\nexit 3\n")
    fails.chmod(0o755)
    failed = run("--page", page, "--browser", fails, "--out", tmp_path / "a.pdf")
    assert "(exit 3):\n  no display" in failed.stderr
    assert {done.returncode for done in (nowhere, absent, failed)} == {1}
    assert not (tmp_path / "a.pdf").exists()
