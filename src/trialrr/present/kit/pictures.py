"""SVG figures as parts of one page: each with names of its own, letters drawn once for all."""

import re
from pathlib import Path
from types import SimpleNamespace

from markupsafe import Markup

from trialrr.present import shows

_LETTER = re.compile(r'<path id="DejaVuSans(-[\w-]+)" ((?:d="[^"]*")?[^>]*)/>')
_USE = re.compile(
    r'<use xlink:href="#DejaVuSans(-[\w-]+)"(?: transform="translate\((-?[\d.]+) 0\)")?/>'
)
_SPACE = re.compile(r"<!--.*?-->|\n\s+(?=<)|<defs>\s*</defs>", re.S)
HIDDEN = '<svg aria-hidden="true" width="0" height="0" style="position: absolute"><defs>'


def lacking(letters: str) -> str:
    """The sentence on letters that a figure's font lacks."""
    return (
        f"The letters of the figure (DejaVu Sans) have no shape for {letters}: each is drawn as a"
        " box. The tables and this text show them."
    )


class Pictures:
    """The figures of a page, and the letters that they share."""

    def __init__(self):
        self._letters: dict[str, str] = {}

    def add(self, id: str, page: str, column: str) -> SimpleNamespace:
        """A figure, from its SVG files: id, title, letters that it lacks, and forms, of which one
        sees the one that the window has room for."""
        title = re.search(r"<title>(.*?)</title>", page, re.S)[1]
        forms = (("page", id, page), ("column", f"{id}-column", column))
        lacks = re.search(r'<desc data-lacks="([^"]*)"', page)
        divs = (f'<div class="{form}">\n{self._inline(of, svg)}\n</div>' for form, of, svg in forms)
        return SimpleNamespace(
            id=id,
            title=Markup(title),
            forms=Markup("\n".join(divs)),
            lacks=Markup(lacks[1]) if lacks else "",
        )

    @property
    def letters(self) -> Markup:
        """The shapes of all letters, for the page that holds the figures."""
        shapes = (f'<path id="G{name}" {shape}/>' for name, shape in sorted(self._letters.items()))
        return Markup("\n".join((HIDDEN, *shapes, "</defs></svg>")) if self._letters else "")

    def _inline(self, id: str, svg: str) -> str:
        """An SVG file as an element of the page: its letters are those of the page, its other ids
        made unique by `id`, and its title and description become its name for a screen reader."""
        body = _USE.sub(self._use, _LETTER.sub(self._take, svg[svg.index("<svg") :]))
        body = re.sub(r'\bid="([^"]+)"', rf'id="{id}-\1"', body)
        body = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{id}-\1"', body)
        body = body.replace("url(#", f"url(#{id}-")
        body = body.replace("<title>", f'<title id="{id}-title">', 1)
        body = body.replace("<desc", f'<desc id="{id}-desc"', 1)
        names = f'<svg role="img" aria-labelledby="{id}-title" aria-describedby="{id}-desc"'
        return _SPACE.sub("", body.replace("<svg", names, 1)).strip()

    def _take(self, found: re.Match) -> str:
        """Keep the shape of a letter; a space has none."""
        if found[2].startswith("d="):
            self._letters[found[1]] = found[2]
        return ""

    def _use(self, found: re.Match) -> str:
        """A letter at its place, to a thousandth of its size."""
        place = f' x="{float(found[2]):.1f}"' if found[2] else ""
        return f'<use href="#G{found[1]}"{place}/>' if found[1] in self._letters else ""


def forms_in(folder: Path, id: str) -> tuple[str, ...]:
    """SVG text of a figure in its folder: as wide as a page, and as a column."""
    return tuple((folder / f"{id}{ending}.svg").read_text("utf-8") for ending in shows.WIDTHS)
