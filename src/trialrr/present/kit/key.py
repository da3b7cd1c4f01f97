"""The key of a figure: samples of its marks beside words, in as many lines as the width needs."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from trialrr.present.kit import style
from trialrr.present.results import Results

GAP = 0.07  # inches between a sample and its words
APART = 0.24  # inches between one item and the next


@dataclass(frozen=True)
class Item:
    """Words beside a sample. paint : draws the sample on a sheet from x, centered at y (inches);
    sample : its width, in inches."""

    text: str
    paint: Callable[[Axes, float, float], None]
    sample: float


def line(text: str, color: str, sample: float = 0.36, marker: str = "", **look) -> Item:
    """An item of a line with a marker in its middle, or of a marker alone (linewidth=0). look : of
    the line, and markersize and markerfacecolor of the marker."""
    of_marker = {k: look.pop(k) for k in ("markersize", "markerfacecolor") if k in look}

    def paint(sheet: Axes, x: float, y: float) -> None:
        if look.get("linewidth") != 0:
            sheet.plot([x, x + sample], [y, y], color=color, **look)
        if marker:
            sheet.plot([x + sample / 2], [y], color=color, marker=marker, **of_marker)

    return Item(text, paint, sample)


def arms(results: Results, sample: float, dashed: bool = True, **look) -> list[Item]:
    """Items of all arms: line and shape, short and long name."""
    items = []
    for rank, arm in enumerate(results.arms):
        label = results.arm(arm)
        text = arm if label.lower() == arm.lower() else f"{arm}: {label}"
        dashes = {"dashes": style.dashes(rank)} if dashed else {}
        color, marker = style.color(rank), style.marker(rank)
        items.append(line(text, color, sample, marker, **look, **dashes))
    return items


def swatch(text: str, sample: float = 0.2, **look) -> Item:
    """An item of a rectangle."""

    def paint(sheet: Axes, x: float, y: float) -> None:
        sheet.add_patch(Rectangle((x, y - 0.055), sample, 0.11, **({"linewidth": 0.8} | look)))

    return Item(text, paint, sample)


def height(items: list[Item], width: float, size: float = style.SIZE) -> float:
    """Inches from the first line of the key to its last, on a sheet `width` inches wide."""
    return max((y for *_, y in _placed(items, width, size)), default=0.0)


def draw(
    sheet: Axes, items: list[Item], top: float, width: float, size: float = style.SIZE
) -> float:
    """The key on a sheet `width` inches wide, its first line centered at `top`; returns the center
    of its last line."""
    last = top
    for item, x, text, y in _placed(items, width, size):
        if item:
            item.paint(sheet, x, top + y)
            x += item.sample + GAP
        sheet.text(x, top + y, text, va="center", size=size)
        last = top + y
    return last


def _placed(items: list[Item], width: float, size: float):
    """(item, or None for a further line of its words; x; words; y from the first line)."""
    placed, x, y = [], style.EDGE, 0.0
    for item in items:
        room = width - 2 * style.EDGE - item.sample - GAP
        first, *more = style.wrap(item.text, room, size)
        wide = item.sample + GAP + max(style.text_width(t, size) for t in (first, *more))
        if x > style.EDGE and x + wide > width - style.EDGE:
            x, y = style.EDGE, y + style.LINE
        placed.append((item, x, first, y))
        for text in more:
            y += style.LINE
            placed.append((None, x + item.sample + GAP, text, y))
        x += wide + APART
    return placed
