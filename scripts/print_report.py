"""The report as PDF: printed by headless Chromium, without the clock of the machine."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from trialrr import io

NAMES = ("chromium", "google-chrome", "chromium-browser")
MISSING = (
    "printing needs Chromium, and none of {names} is on the PATH; install it (Debian and Ubuntu:"
    " apt install chromium), or say where it is by --browser"
)
OPTIONS = (
    "--headless",
    "--no-sandbox",  # containers allow none, and the page is our own
    "--disable-gpu",
    "--disable-dev-shm-usage",  # that of a container is small
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SECONDS = 300
CLOCK = re.compile(
    rb"/(?:CreationDate|ModDate) ?\(D:[^)]{0,40}\)|/ID ?\[\s*(?:<[0-9A-Fa-f]{16,64}>\s*){2}\]"
)
"""When a PDF was made and the digest of that which tells files apart. It may lack both."""


class PrintError(RuntimeError):
    """The page was not printed; the message says why and what to do."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True, type=Path, help="the HTML file")
    parser.add_argument("--browser", help=f"program; default: the first of {', '.join(NAMES)}")
    parser.add_argument("--out", required=True, help="the PDF")
    a = parser.parse_args()
    try:
        io.write_bytes(a.out, timeless(printed(a.page, a.browser or browser())))
    except PrintError as error:
        sys.exit(f"print_report: {error}")


def browser() -> str:
    """Path of the Chromium that is installed. Raises PrintError saying what to install."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise PrintError(MISSING.format(names=", ".join(NAMES)))


def printed(page: Path, program: str) -> bytes:
    """A page as Chromium prints it, with no line above or below that tells its address and the
    date. Raises PrintError with what the browser said."""
    if not page.is_file():
        raise PrintError(f"{page}: no such page; make it first (make results)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Path(folder, "report.pdf")
        command = [program, *OPTIONS, f"--user-data-dir={folder}/profile"]
        command += ["--no-pdf-header-footer", "--generate-pdf-document-outline"]
        command += [f"--print-to-pdf={made}", page.resolve().as_uri()]
        try:
            run = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS,
            )  # fmt: skip
        except OSError as error:
            raise PrintError(f"{program} cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise PrintError(f"{program} did not print {page} in {SECONDS} seconds") from None
        if run.returncode or not made.is_file():
            end = "\n  ".join(run.stdout.splitlines()[-10:])
            raise PrintError(f"{program} printed no {page} (exit {run.returncode}):\n  {end}")
        return made.read_bytes()


def timeless(pdf: bytes) -> bytes:
    """A PDF without dates and file identifier: blanks in their place, so that every offset in the
    table of its objects stays true."""
    return CLOCK.sub(lambda found: b" " * len(found[0]), pdf)


if __name__ == "__main__":
    main()
