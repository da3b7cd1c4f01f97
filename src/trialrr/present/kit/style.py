"""The house style of figures: widths, fonts, palette with a second cue, bytes that repeat.

Every figure is drawn twice, as wide as a journal's page and as one of its columns, with letters of
the same size. Figures are built on matplotlib's Figure (no pyplot, no global state) and saved as
SVG with text as paths, so that they look the same everywhere, as PNG, and as PDF with text that can
be searched. Nothing depends on clock, host or order.
"""

import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from html import escape
from io import BytesIO
from itertools import chain
from pathlib import Path
from unicodedata import bidirectional

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import (
    FontProperties,
    findfont,
    fontManager,
    get_font,
    ttfFontProperty,
)
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from trialrr.present import shows
from trialrr.present.results import SYNTHETIC_NOTICE, SYNTHETIC_SHORT, Results

PAGE, COLUMN = shows.WIDTHS.values()  # inches
EDGE = 0.12  # inches left free at both sides
SIZE = 7.5  # points, body text of a figure
SMALL = SIZE - 0.75  # points, notes and dense text
SMALLEST = 6.0  # points, below which nothing is written
LINE = 0.145  # inches from one line of body text to the next
DOTS = 200  # per inch, of the PNG
INK, GRAY, PALE = "#1a1a1a", "#5c5c5c", "#d9d9d9"
BAND = "#e4edf3"  # behind marks

# Okabe & Ito's colors, those that keep 3:1 contrast on white; shape and dash are the second cue
COLORS = ("#D55E00", "#0072B2", "#000000", "#009E73", "#CC79A7")
MARKERS = ("s", "o", "D", "^", "v", "P", "X")
DASHES = (
    *((None, None), (5, 1.6), (1.4, 1.4), (6, 1.5, 1.4, 1.5), (3, 1.2)),
    (6, 1.3, 1.4, 1.3, 1.4, 1.3),
)


def color(rank: int) -> str:
    """Color of the arm in this place of the plan. There are 5 colors, 7 markers and 6 dashes, no
    two of which numbers have a common factor: of up to 30 arms any two differ in two of the
    three."""
    return COLORS[rank % len(COLORS)]


def marker(rank: int) -> str:
    """Marker of the arm in this place of the plan."""
    return MARKERS[rank % len(MARKERS)]


def dashes(rank: int) -> tuple:
    """Dashes of the line of the arm in this place of the plan."""
    return DASHES[rank % len(DASHES)]


LETTERS = "DejaVu Sans of matplotlib"
"""The family that matplotlib brings along, under a name of its own: by its common name one could
get the machine's, which has other shapes."""


def _bring_letters() -> None:
    for file in ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"):
        path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{file}.ttf")
        entry = ttfFontProperty(get_font(path))
        fontManager.ttflist.append(replace(entry, name=LETTERS))


_bring_letters()
SETTINGS = {
    "font.family": [LETTERS],
    "font.size": SIZE,
    "text.color": INK,
    "axes.edgecolor": GRAY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "xtick.color": GRAY,
    "ytick.color": GRAY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # outlines as TrueType, as journals ask
    "path.simplify": False,
    "text.parse_math": False,  # a dollar sign is one
}


@dataclass(frozen=True)
class Drawing:
    """A figure with its words and the data that it shows.

    id : file name; title, description : for <title>, <desc> and the alternative text; marks : one
    tuple a drawn mark, in drawing order (key, then the numbers drawn).
    """

    id: str
    title: str
    description: str
    figure: Figure
    marks: tuple[tuple, ...]

    @cached_property
    def lacking(self) -> str:
        """Letters of the figure's words that its font has no shape for, each once, sorted: they are
        drawn as boxes."""
        words = (t for t in self.figure.findobj(Text) if t.get_visible() and t.get_text().strip())
        fonts = ((t.get_text(), get_font(findfont(t.get_fontproperties()))) for t in words)
        found = {
            letter
            for text, font in fonts
            for letter in set(text)
            if not letter.isspace() and letter.isprintable()
            if not font.get_char_index(ord(letter))
        }
        return "".join(sorted(found))

    def svg(self) -> bytes:
        """The figure as SVG with <title> and <desc>; the same bytes every time."""
        head = {"Title": self.title, "Creator": None, "Date": None, "Format": None, "Type": None}
        with matplotlib.rc_context(SETTINGS | {"svg.hashsalt": self.id}):
            text = self._save("svg", metadata=head).decode("utf-8")
        text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.S)
        lacks = f' data-lacks="{escape(self.lacking)}"' if self.lacking else ""
        words = f"</title>\n <desc{lacks}>{escape(self.description)}</desc>"
        text = text.replace("</title>", words, 1)
        text = _GEOMETRY.sub(lambda found: _DECIMALS.sub(_rounded, found[0]), text)
        return re.sub(r"[ \t]+$", "", text, flags=re.M).encode("utf-8")

    def png(self) -> bytes:
        """The figure as PNG at 200 dots an inch; the same bytes every time."""
        with matplotlib.rc_context(SETTINGS):
            return self._save("png", dpi=DOTS, metadata={"Software": None, "Title": self.title})

    def pdf(self) -> bytes:
        """The figure as PDF, its description as the subject; the same bytes every time."""
        head = {"Title": self.title, "Subject": self.description}
        head |= dict.fromkeys(("Creator", "Producer", "CreationDate"))
        with matplotlib.rc_context(SETTINGS):
            return self._save("pdf", metadata=head)

    def files(self, *kinds: str) -> dict[str, bytes]:
        """The figure in these kinds of files, of svg, png and pdf: {kind: bytes}."""
        return {kind: getattr(self, kind)() for kind in kinds}

    def _save(self, format: str, **how) -> bytes:
        buffer = BytesIO()
        with _told_elsewhere():
            self.figure.savefig(buffer, format=format, **how)
        return buffer.getvalue()


_GEOMETRY = re.compile(r' (?:d="[^"]*"|[xy]="[^"]*")')
_DECIMALS = re.compile(r"-?\d+\.\d+")


def _rounded(number: re.Match) -> str:
    """A coordinate in thousandths of a point: the last bits of an estimate, which differ between
    processors, do not reach the file."""
    text = f"{float(number[0]):.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@contextmanager
def house() -> Iterator[None]:
    """The house settings, while a figure is built."""
    with matplotlib.rc_context(SETTINGS), _told_elsewhere():
        yield


@contextmanager
def _told_elsewhere() -> Iterator[None]:
    """Without matplotlib's warnings on each letter that the font lacks: `Drawing.lacking` names
    them all."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def page(height: float, synthetic: bool, width: float = PAGE) -> tuple[Figure, Axes]:
    """An empty figure and axes over all of it in inches, origin at the top left, y downward.

    Synthetic data are marked twice: a watermark behind everything and a line at the foot.
    """
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    sheet = figure.add_axes((0, 0, 1, 1), zorder=-1)
    sheet.set(xlim=(0, width), ylim=(height, 0))
    sheet.axis("off")
    if synthetic:
        size = 72 * 0.72 * width / text_width(SYNTHETIC_SHORT.upper(), 72)
        sheet.text(
            width / 2,
            height / 2,
            SYNTHETIC_SHORT.upper(),
            size=size,
            color="#f0f0f0",
            weight="bold",
            rotation=28,
            ha="center",
            va="center",
            zorder=-10,
        )
        sheet.text(
            width - 0.1,
            height - 0.08,
            SYNTHETIC_NOTICE,
            size=SIZE - 1,
            color=GRAY,
            style="italic",
            ha="right",
            va="bottom",
        )
    return figure, sheet


NOTHING = "Nothing was estimated that could be drawn here; the results table says why."


def note(id: str, results: Results, width: float = PAGE) -> Drawing:
    """The page of a figure that the plan asks for and the results have nothing for."""
    with house():
        figure, sheet = page(0.45 + notes_height(NOTHING, width, SIZE), results.synthetic, width)
        notes(sheet, 0.2, NOTHING, width, SIZE, color=INK)
    return Drawing(id, id.replace("_", " ").capitalize(), NOTHING, figure, ())


def notes(
    sheet: Axes, top: float, text: str, width: float, size: float = SMALL, color: str = GRAY
) -> None:
    """A text over the whole sheet, `width` inches wide, its first line centered at `top`."""
    for i, line in enumerate(wrap(text, width - 2 * EDGE, size)):
        sheet.text(EDGE, top + LINE * i, line, va="center", color=color, size=size)


def notes_height(text: str, width: float, size: float = SMALL) -> float:
    """Inches that the lines of `notes` take."""
    return LINE * len(wrap(text, width - 2 * EDGE, size))


def axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes placed in inches from the top left of the figure, with the top and right lines off."""
    w, h = figure.get_size_inches()
    made = figure.add_axes((left / w, 1 - (top + height) / h, width / w, height / h))
    made.spines[["top", "right"]].set_visible(False)
    made.patch.set_visible(False)
    made.tick_params(length=3, width=0.7, labelsize=SIZE)
    return made


@cache
def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = FontProperties(family=[LETTERS], weight=weight, size=size)
    return text_to_path.get_text_width_height_descent(text, font, False)[0] / 72


def dark(color: str) -> str:
    """`color` four fifths as light: for words in the color of a mark, legible on white."""
    return "#" + "".join(f"{int(color[i : i + 2], 16) * 4 // 5:02x}" for i in (1, 3, 5))


_UNIT = re.compile(r"(?<=\d) (?=%|(?:hour|day|week|month|year)s?\b)")


def wrap(text: str, width: float, size: float = SIZE, weight: str = "normal") -> list[str]:
    """Lines of `text`, none wider than `width` inches unless a single word is, of which one of more
    than LONG letters is broken; a number stays with its unit."""
    lines = [""]
    words = (_broken(w, width, size, weight) for w in _UNIT.sub("\u00a0", text).split(" "))
    for word in chain.from_iterable(words):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_from_left(line) for line in lines]


def _from_left(line: str) -> str:
    """The line, its words from left to right also where it begins with letters that run from right
    to left: "A vs B" would else read "B vs A"."""
    first = next((k for c in line if (k := bidirectional(c)) in ("L", "R", "AL")), "L")
    return line if first == "L" else f"\u200e{line}"


def cut(text: str, width: float, size: float = SIZE, weight: str = "normal") -> str:
    """`text` if it is at most `width` inches wide, else what fits of it before an ellipsis."""
    if text_width(text, size, weight) <= width:
        return text
    return f"{text[: _fitting(text, '…', width, size, weight)].rstrip()}…"


def _fitting(text: str, end: str, width: float, size: float, weight: str) -> int:
    """Letters of `text`, at least one and not all, that with `end` behind them are at most `width`
    inches wide; more letters are never narrower."""

    def too_wide(letters: int) -> bool:
        return text_width(text[:letters] + end, size, weight) > width

    return max(1, bisect_left(range(1, len(text)), True, key=too_wide))


LONG = 12
RASTER = 1.06
"""Times that letters of a PNG may be as wide as their outlines."""


def _broken(word: str, width: float, size: float, weight: str) -> Iterator[str]:
    """A word in pieces that are at most `width` inches wide, also in a PNG, if it is wider and
    long."""
    if len(word) <= LONG or text_width(word, size, weight) <= width:
        yield word
        return
    width /= RASTER
    while len(word) > LONG and text_width(word, size, weight) > width:
        at = _fitting(word, "", width, size, weight)
        yield word[:at]
        word = word[at:]
    yield word


def spread(positions: list[float], gap: float) -> list[float]:
    """`positions` moved apart to at least `gap`, order kept, as little as needed (labels)."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    groups: list[list] = []  # [wanted center, members]
    for i in order:
        groups.append([positions[i], [i]])
        while len(groups) > 1:
            (below, members), (above, more) = groups[-2:]
            if above - below >= gap * (len(members) + len(more)) / 2:
                break
            joined = members + more
            center = sum(positions[k] for k in joined) / len(joined)
            groups[-2:] = [[center, joined]]
    moved = [0.0] * len(positions)
    for center, members in groups:
        for rank, i in enumerate(members):
            moved[i] = center + gap * (rank - (len(members) - 1) / 2)
    return moved
