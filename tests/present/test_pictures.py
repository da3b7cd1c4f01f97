import re

import pytest

from trialrr.present.kit import style
from trialrr.present.kit.pictures import Pictures, forms_in
from trialrr.present.page import figures

USE = r'<use xlink:href="#(DejaVuSans[\w-]+)"(?: transform="translate\((-?[\d.]+) 0\)")?/>'


@pytest.fixture(scope="module")
def files(two_arms):
    """{figure: SVG as wide as a page and as a column}."""
    drawn = zip(figures.draw(two_arms), figures.draw(two_arms, width=style.COLUMN), strict=True)
    return {page.id: (page.svg().decode(), column.svg().decode()) for page, column in drawn}


@pytest.fixture(scope="module")
def page(files):
    """(shapes of the letters, {figure: its part of the page})."""
    pictures = Pictures()
    made = {id: pictures.add(id, *two) for id, two in files.items()}
    return pictures.letters, made


def test_every_id_is_there_once_and_what_is_used_is_there(page):
    text = str(page[0]) + "".join(one.forms for one in page[1].values())
    ids = re.findall(r'\bid="([^"]+)"', text)
    used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|aria-\w+="([^"]+)"', text)
    assert len(ids) == len(set(ids)) > 100 and "xlink:href" not in text
    assert {name for names in used for name in names if name} - {"true"} <= set(ids)


def test_letters_are_drawn_once_and_stand_where_they_stood(files, page):
    letters, made = page
    shapes = re.findall(r'<path id="G([\w-]+)" d="([^"]+)"', letters)
    assert len(shapes) == len(dict(shapes)) > 30
    blank = {"DejaVuSans-3", "DejaVuSans-Bold-3", "DejaVuSans-62"}  # spaces, nothing to draw
    for id, two in files.items():
        there = [use for use in re.findall(USE, "".join(two)) if use[0] not in blank]
        here = re.findall(r'<use href="#G([\w-]+)"(?: x="(-?[\d.]+)")?', made[id].forms)
        assert [name.removeprefix("DejaVuSans") for name, _ in there] == [n for n, _ in here]
        for (_, before), (_, now) in zip(there, here, strict=True):
            assert abs(float(before or 0) - float(now or 0)) <= 0.0501
        for name, shape in re.findall(r'<path id="DejaVuSans([\w-]+)" d="([^"]+)"', two[0]):
            assert dict(shapes)[name] == shape


def test_a_figure_has_its_title_and_a_name_for_each_form(files, page):
    for id, one in page[1].items():
        title = re.search("<title>(.*?)</title>", files[id][0])[1]
        assert one.title == title
        for form in (id, f"{id}-column"):
            assert f'aria-labelledby="{form}-title" aria-describedby="{form}-desc"' in one.forms
            assert f'<title id="{form}-title">{title}</title>' in one.forms


def test_a_page_takes_half_the_room_of_the_files(files, page):
    text = str(page[0]) + "".join(one.forms for one in page[1].values())
    assert len(text) < 0.5 * sum(len(svg) for two in files.values() for svg in two)


def test_a_page_without_figures_has_no_letters():
    assert Pictures().letters == ""


def test_forms_are_read_from_the_folder_of_figures(tmp_path):
    for name in ("forest", "forest_column"):
        (tmp_path / f"{name}.svg").write_text(name)
    assert forms_in(tmp_path, "forest") == ("forest", "forest_column")
