"""A report in headless Chromium. One browser for all tests; each opens the page anew."""

import contextlib
import os
import shutil

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException

from scripts import print_report
from tests.present import conftest as present
from trialrr import io
from trialrr.present.page import report
from trialrr.present.results import read_comparison, read_findings
from trialrr.prove import compare

sensitive = present.sensitive
WANTED = "TRIALRR_NEEDS_BROWSER"
FINDINGS = (
    "rule,file,field,severity,action,n\n"
    "paper_code,synthetic_redcap_surveys.csv,phqsleepimpairscore,warning,set missing,31\n"
)
FAULTY = """<!DOCTYPE html><html lang="en"><head><title>Faults</title></head><body><main>
<h1 style="width: 400px">Wide</h1><p style="color: #ddd">Pale</p>
<img src="http://127.0.0.1:9/elsewhere.png"><button style="outline: none">Unseen</button>
<p hidden>Hidden</p></main><script>throw new Error("something is wrong")</script></body></html>"""

UNFOLD = "for (const e of document.querySelectorAll('details')) e.open = true"


def without(reason: str):
    """Leave a test out for want of a browser, unless this run is to have one."""
    if os.environ.get(WANTED):
        pytest.fail(f"{reason} ({WANTED} is set)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium."""
    try:
        return print_report.browser()
    except print_report.PrintError as error:
        without(str(error))


@pytest.fixture(scope="session")
def chromedriver() -> str:
    """Path of Chromium's driver."""
    return shutil.which("chromedriver") or without(
        "no chromedriver on the PATH (Debian and Ubuntu: apt install chromium-driver)"
    )


@pytest.fixture(scope="session")
def driver(chromium, chromedriver, tmp_path_factory):
    """Chromium with a log of its console and of its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in print_report.OPTIONS:
        options.add_argument(option)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=chromedriver)
    try:
        browser = webdriver.Chrome(options=options, service=service)
    except WebDriverException as error:
        without(f"Chromium does not start here: {error.msg}")
    browser.set_script_timeout(180)
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def written(sensitive, tmp_path_factory):
    """Write the report of RESOLVE, with every kind of analysis and every section, as a file."""
    folder = tmp_path_factory.mktemp("report")
    rows = present.compared(sensitive.table)
    io.write_frame(folder / "published.csv", compare.estimates(rows))
    io.write_frame(folder / "calibration.csv", compare.calibration(rows))
    io.write_text(folder / "findings.csv", FINDINGS)
    published = read_comparison(folder / "published.csv")
    calibration = read_comparison(folder / "calibration.csv")
    findings = read_findings(folder / "findings.csv")
    listed = report.figures_of(sensitive, published=True)
    more = {"Plan digest (SHA-256)": "0123abcd", "Software": "numpy 2.4"}

    def write(name: str, drawn: bool):
        forms = present.forms(sensitive, published) if drawn else present.sketches(listed)
        svgs = {id: forms[id] for id in listed}
        html = report.render(sensitive, svgs, published, calibration, findings, more)
        io.write_text(folder / name, html)
        return folder / name

    return write


@pytest.fixture(scope="session")
def page(written):
    """The report as a file."""
    return written("report.html", drawn=True)


@pytest.fixture(scope="session")
def sketched(written):
    """The report with an empty picture in the place of each figure: opened in a moment."""
    return written("sketched.html", drawn=False)


@pytest.fixture
def opened(driver, sketched):
    """The browser with the report of sketches just opened, 1100 px wide, and empty logs."""
    with at(driver, 1100):
        load(driver, sketched)
        yield driver


@pytest.fixture
def untouched(driver, page):
    """The browser with the report, 1100 px wide, for tests that change nothing in it."""
    with at(driver, 1100):
        keep(driver, page, "untouched")
        yield driver


@pytest.fixture
def unfolded(driver, page):
    """The same with all that was closed opened."""
    with at(driver, 1100):
        keep(driver, page, "unfolded", UNFOLD)
        yield driver


@pytest.fixture
def faulty(driver, tmp_path):
    """The browser with a small page that has a fault of each kind, to see that they are found."""
    io.write_text(tmp_path / "page.html", FAULTY)
    with at(driver, 360):
        load(driver, tmp_path / "page.html")
        yield driver


def keep(driver, page, state: str, script: str = "") -> None:
    """Open the report and bring it to a state, unless it is still open and in it."""
    if driver.execute_script("return window.kept") != state:
        load(driver, page)
        driver.execute_script(f"{script}; window.kept = '{state}'")


def load(driver, path) -> None:
    """Open a page, with the logs empty before."""
    for log in ("browser", "performance"):
        driver.get_log(log)
    driver.get(path.as_uri())


@contextlib.contextmanager
def at(driver, width: int, height: int = 900, medium: str = "screen"):
    """The window so wide, in CSS px, and the page as on screen or in print."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium})
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
