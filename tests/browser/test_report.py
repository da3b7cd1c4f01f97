"""The report in a browser: quiet, offline, accessible, worked by keyboard, of any width, on paper.

What is asked of the page is in look.js; accessibility is judged by axe-core (README.md here).
"""

import json
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from scripts import print_report
from tests.browser.conftest import UNFOLD, at, load
from tests.browser.pdf_text import Pdf, bare
from trialrr.present.results import SYNTHETIC_NOTICE

HERE = Path(__file__).parent
WIDTHS = (360, 768, 1100, 1920)
A4 = 703
"""CSS px between the margins of the narrower of the two papers: 210 mm less twice 12 mm."""


def ask(driver, question: str, *arguments):
    """Answer of a function of look.js."""
    if not driver.execute_script("return 'look' in window"):
        driver.execute_script((HERE / "look.js").read_text(encoding="utf-8"))
    return driver.execute_script(f"return look.{question}(...arguments)", *arguments)


def press(driver, *keys: str) -> None:
    ActionChains(driver, duration=0).send_keys(*keys).perform()


def requests(driver) -> list[str]:
    """Addresses that the page asked for since this was last called."""
    told = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [m["params"] for m in told if m["method"] == "Network.requestWillBeSent"]
    sockets = [m["params"]["url"] for m in told if m["method"] == "Network.webSocketCreated"]
    return [p["request"]["url"] for p in asked] + sockets


def violations(driver) -> list[str]:
    """What axe finds wrong with the page and calls serious or critical."""
    driver.execute_script((HERE / "axe.min.js").read_text(encoding="utf-8"))
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']})"
        ".then(r => done(r.violations), e => done(String(e)));"
    )
    assert isinstance(found, list), found
    return [
        f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]} and {len(v['nodes']) - 1} more"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


# ------------------------------------------------------------------------ quiet and offline


def test_nothing_leaves_the_page_and_the_console_is_silent(driver, page):
    with at(driver, 1100):
        load(driver, page)
        ask(driver, "work")
        assert set(requests(driver)) == {page.as_uri()}
        assert driver.get_log("browser") == []


def test_a_request_and_an_error_would_be_noticed(faulty):
    assert "http://127.0.0.1:9/elsewhere.png" in requests(faulty)
    told = str(faulty.get_log("browser"))
    assert "something is wrong" in told and "elsewhere.png" in told


def test_without_scripts_all_is_there_and_no_control(opened, sketched):
    opened.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened.get(sketched.as_uri())
        assert ask(opened, "seen", "h1") and ask(opened, "seen", "td")
        assert ask(opened, "unseen", "section, h2, table, tr, th, td, figure, .page svg") == []
        assert ask(opened, "seen", "input, select, button") == []
    finally:
        opened.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


# ------------------------------------------------------------------------------- accessible


def test_axe_finds_nothing_serious(opened):
    opened.execute_script(UNFOLD)
    with at(opened, WIDTHS[0]):
        ask(opened, "empty_pictures")
        assert violations(opened) == []


def test_axe_would_find_a_picture_without_words_and_pale_print(faulty):
    assert [v.split()[0] for v in violations(faulty)] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize(("width", "form"), [(1100, "page"), (360, "column")])
def test_every_figure_has_alternative_text(untouched, width, form):
    with at(untouched, width):
        seen = [e for e in untouched.find_elements(By.CSS_SELECTOR, "svg, img, canvas")
                if e.is_displayed()]  # fmt: skip
        assert seen == untouched.find_elements(By.CSS_SELECTOR, f"figure .{form} svg")
        assert len(seen) == len(untouched.find_elements(By.CSS_SELECTOR, "figure figcaption")) >= 12
        names = [figure.accessible_name for figure in seen]
        assert all(len(name) > 10 for name in names) and len(set(names)) == len(names)
        assert {figure.aria_role for figure in seen} <= {"img", "image"}
        for figure in seen:
            words = figure.get_attribute("aria-describedby")
            assert len(untouched.find_element(By.ID, words).get_property("textContent")) > 40


# --------------------------------------------------------------------------------- keyboard


def test_tab_reaches_everything_in_order_and_one_sees_where_one_is(opened):
    stops = ask(opened, "follow")
    assert stops > 20
    press(opened, *[Keys.TAB] * stops)
    path = ask(opened, "followed")
    assert [number for number, _ in path] == list(range(stops))
    assert [number for number, seen in path if not seen] == []


def test_a_focus_that_one_does_not_see_would_be_noticed(faulty):
    assert ask(faulty, "follow") == 1
    press(faulty, Keys.TAB)
    assert ask(faulty, "followed") == [[0, False]]


def test_radio_buttons_switch_what_is_shown(opened):
    buttons = ask(opened, "controls", "radio")
    groups = {button.get_attribute("name") for button in buttons}
    assert len(buttons) > len(groups) > 0
    for group in groups:
        members = [b for b in buttons if b.get_attribute("name") == group]
        chosen = next(b for b in members if b.is_selected())
        chosen.send_keys(Keys.NULL)
        seen = [ask(opened, "state")]
        for _ in members[1:]:
            press(opened, Keys.ARROW_DOWN)
            seen.append(ask(opened, "state"))
        assert len(set(seen)) == len(members), group
        press(opened, Keys.ARROW_DOWN)
        assert chosen.is_selected() and ask(opened, "state") == seen[0], group


def test_check_boxes_hide_and_show(opened):
    boxes = ask(opened, "controls", "checkbox")
    assert boxes
    before = ask(opened, "watch")
    for box in boxes:
        opened.execute_script("arguments[0].focus()", box)
        press(opened, Keys.SPACE, Keys.SPACE)
    changes = ask(opened, "changed")
    assert [checked for checked, _ in changes] == [False, True] * len(boxes)
    seen = [state for _, state in changes]
    assert before not in seen[::2]
    assert set(seen[1::2]) == {before}


def test_sliders_read_values_off_the_map(opened):
    sliders = ask(opened, "controls", "range")
    assert len(sliders) >= 2
    for slider in sliders:
        read = {slider.get_attribute("value"): ask(opened, "state")}
        for key in (Keys.HOME, Keys.ARROW_RIGHT, Keys.END):
            slider.send_keys(key)
            read[slider.get_attribute("value")] = ask(opened, "state")
        assert len(read) >= 3
        assert len(set(read.values())) == len(read), slider.get_attribute("id")


# ---------------------------------------------------------------------------------- widths


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_reaches_beyond_the_window(unfolded, width):
    with at(unfolded, width):
        assert unfolded.execute_script("return innerWidth") == width
        assert ask(unfolded, "beyond", width) == []
        assert unfolded.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_letters_of_a_figure_are_never_smaller_than_drawn(untouched, width):
    with at(untouched, width):
        seen = [svg for svg in untouched.find_elements(By.CSS_SELECTOR, "figure svg")
                if svg.is_displayed()]  # fmt: skip
        wide = [float(e.get_attribute("width").removesuffix("pt")) / 72 * 96 for e in seen]
        assert len(seen) >= 12
        assert all(e.rect["width"] >= drawn - 1 for e, drawn in zip(seen, wide, strict=True))


def test_what_reaches_beyond_the_window_would_be_named(faulty):
    assert ask(faulty, "beyond", 360) == ["h1 Wide"]
    assert faulty.execute_script("return document.documentElement.scrollWidth") > 360


# ----------------------------------------------------------------------------------- paper


def test_on_paper_everything_has_its_place(untouched):
    with at(untouched, A4, medium="print"):
        parts = "section, h1, h2, h3, h4, figure, .page svg, figcaption, table, caption, tr"
        assert ask(untouched, "unseen", f"{parts}, th, td, details *, pre, footer") == []
        assert ask(untouched, "seen", "input, select, button, .column svg") == []
        wide = untouched.execute_script(
            "return [...document.querySelectorAll('table, figure svg, pre, p, dl')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(look.name)"
        )
        assert wide == []


def test_what_is_not_on_paper_would_be_named(faulty):
    assert ask(faulty, "unseen", "h1, p") == ["p Hidden"]


@pytest.fixture(scope="module")
def pdf(chromium, sketched) -> Pdf:
    return Pdf(print_report.printed(sketched, chromium))


def test_the_print_loses_no_row_heading_caption_or_sentence(pdf, opened):
    said = pdf.text()
    with at(opened, A4, medium="print"):
        texts = [bare(text) for text in ask(opened, "printed")]
    assert len(texts) > 500
    assert [text for text in texts if text not in said] == []


def test_the_print_says_that_the_data_are_synthetic_and_has_pages(pdf):
    assert len(pdf.pages) > 10
    assert pdf.numbered
    assert bare(SYNTHETIC_NOTICE) in pdf.text()
