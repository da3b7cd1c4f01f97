"""Relative risks of several comparisons in the same rows: a panel a comparison, beside names and
counts, as many panels side by side as fit, the others below them."""

from dataclasses import dataclass, field
from functools import cached_property

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialrr.ard import arms_of
from trialrr.present.kit import intervals, style
from trialrr.present.kit.style import EDGE, RASTER
from trialrr.present.results import Results

GAP, APART = 0.07, 0.12  # inches between columns, and between panels
TEXT = 0.07  # inches between an axis and its text
NAME, SHORT = 0.9, 0.45  # inches that names need beside several panels, and beside counts
TITLE = 0.135  # inches of a line of a panel's title
INTERACTION, ORDER = "P", ("First", "Second")


@dataclass(frozen=True)
class Line:
    """A row over all panels. name : at the left; counts : arm → people with the event of people
    analyzed; fits : how many, in place of counts; cells : comparison → text and mark; p : of the
    interaction, in the row of a moderator, which is a heading; indent : of the name."""

    name: str
    counts: dict[str, str] = field(default_factory=dict)
    fits: str = ""
    cells: dict[str, tuple[str, intervals.Mark | None]] = field(default_factory=dict)
    p: str = ""
    heading: bool = False
    indent: str = ""

    @property
    def counted(self) -> bool:
        return bool(self.counts or self.fits)

    def rests_on(self, arms: list[str]) -> tuple[str, ...]:
        """What stands in the columns of counts of these arms."""
        if self.fits and arms:
            return *[""] * (len(arms) - 1), self.fits
        return tuple(self.counts.get(arm, "") for arm in arms)

    def beneath(self, contrast: str) -> str:
        """What stands under the name where counts have no columns."""
        return self.indent + " vs ".join(filter(None, self.rests_on(list(arms_of(contrast)))))


@dataclass(frozen=True)
class Tier:
    """Panels side by side. heads : arm → head of its column of counts, none where counts stand
    under the names; names : lines of each row's name; left : x of names and counts; axes : x of the
    start and end of each axis; all in inches."""

    contrasts: list[str]
    heads: dict[str, str]
    titles: list[list[str]]
    names: list[list[str]]
    left: tuple[float, ...]
    axes: list[tuple[float, float]]


@dataclass(frozen=True)
class Panels:
    """The body of a figure `width` inches wide.

    bands : what runs lightly through all rows, by comparison; head : over the names; axis : inches
    that an axis should have, before names are wrapped;
    size : of texts, in points; row : inches of a row; tight : axes end a little beyond the values.
    """

    results: Results
    contrasts: list[str]
    lines: list[Line]
    bands: dict[str, intervals.Mark | None]
    width: float
    size: float
    row: float
    axis: float
    tight: bool = True
    head: str = ""

    @cached_property
    def tiers(self) -> list[Tier]:
        every = self.contrasts
        wide = (k for k in range(len(every), 1, -1) if self._heads(every[:k]))
        step = next(wide, 1)
        return [self._tier(every[i : i + step]) for i in range(0, len(every), step)]

    def height(self) -> float:
        """Inches from the top of the first tier to under the last."""
        return sum(
            self._title(tier) + intervals.drawn_height(len(self._rows(tier, 0)), self.row)
            for tier in self.tiers
        )

    def figure(self, heading: str, notes: str) -> Figure:
        """The tiers under a heading, over notes."""
        heads = style.wrap(heading, self.width - 2 * EDGE, weight="bold")
        top = 0.17 + style.LINE * len(heads)
        foot = top + self.height()
        height = foot + style.notes_height(notes, self.width) + 0.145
        figure, sheet = style.page(height, self.results.synthetic, self.width)
        for i, text in enumerate(heads):
            sheet.text(EDGE, 0.17 + style.LINE * i, text, weight="bold", va="center")
        self._draw(figure, sheet, top)
        style.notes(sheet, foot + 0.02, notes, self.width)
        return figure

    def _draw(self, figure: Figure, sheet: Axes, top: float) -> None:
        """Draw the tiers from `top` down."""
        for tier in self.tiers:
            body = top + self._title(tier)
            for i, axis in enumerate(tier.axes):
                start = axis[0] if len(tier.axes) > 1 else EDGE
                for k, text in enumerate(tier.titles[i]):
                    y = top + 0.06 + TITLE * k
                    sheet.text(start, y, text, size=self.size, weight="bold", va="center")
                foot = self._panel(figure, sheet, body, tier, i)
            top = foot

    def _panel(self, figure: Figure, sheet: Axes, top: float, tier: Tier, i: int) -> float:
        with_p = tier is self.tiers[0] and i == len(tier.axes) - 1 and self._ps
        end = tier.axes[i][1] + TEXT
        right, heads, aligned = (end,), (self.ratio,), "l"
        if with_p and self.narrow:
            right, aligned = (end, self.width - EDGE), "lr"
        elif with_p:
            right, heads, aligned = (end, self._right + GAP), (self.ratio, INTERACTION), "ll"
        layout = intervals.Layout(
            tier.left if i == 0 else (),
            tier.axes[i],
            right,
            "l" + "r" * len(tier.heads),
            self.row,
            self.size,
            aligned,
        )
        limits, ticks = self._scale
        left = (self.head, *tier.heads.values()) if i == 0 else ()
        return intervals.draw(
            figure,
            sheet,
            top,
            self._rows(tier, i),
            layout,
            (left, heads),
            limits,
            ticks,
            "Relative risk (log scale)",
            band=self.bands.get(tier.contrasts[i]),
        )

    def _rows(self, tier: Tier, i: int) -> list[intervals.Row]:
        """The rows of panel `i` of a tier; names and counts stand in its first."""
        contrast, rows = tier.contrasts[i], []
        for line, (name, *more) in zip(self.lines, tier.names, strict=True):
            text, mark = line.cells.get(contrast, ("", None))
            counts = line.rests_on([*tier.heads])
            p = f"P for interaction {line.p}" if line.p and self.narrow else line.p
            marks = (mark,) if mark else ()
            rows.append(intervals.Row((name, *counts), (text, p), marks, line.heading))
            rows += [intervals.Row((further,), heading=line.heading) for further in more]
            if line.counted and not tier.heads:
                rows.append(intervals.Row((line.beneath(contrast),), color=style.GRAY))
        return rows

    # --------------------------------------------------------------- where everything stands

    def _tier(self, contrasts: list[str]) -> Tier:
        heads, gap = self._heads(contrasts), self._gap(contrasts)
        room = self._room(contrasts, heads)
        names = [self._name(line, room) if line.counted else [] for line in self.lines]
        texts = [self.head, *(text for name in names for text in name)]
        if not heads:
            texts += [line.beneath(contrasts[0]) for line in self.lines]
        x = EDGE + RASTER * self._widest(*texts)
        left = [EDGE]
        for width in self._counts(heads):
            x += gap + width
            left.append(x)
        start = x + gap
        names = [
            name or self._name(line, start - EDGE)
            for name, line in zip(names, self.lines, strict=True)
        ]
        panel = (self._right - start + APART) / len(contrasts) - APART
        starts = [start + i * (panel + APART) for i in range(len(contrasts))]
        axes = [(x, x + panel - self._text - TEXT) for x in starts]
        wide = panel if len(contrasts) > 1 else self.width - 2 * EDGE
        titles = [style.wrap(self.results.contrast(c), wide, self.size, "bold") for c in contrasts]
        titled = len(self.contrasts) > 1 or self.narrow
        return Tier(contrasts, heads, titles if titled else [[]], names, tuple(left), axes)

    def _gap(self, contrasts: list[str]) -> float:
        """Inches between columns: more where there is room."""
        return GAP if len(contrasts) > 1 or self.narrow else 2 * GAP

    def _heads(self, contrasts: list[str]) -> dict[str, str]:
        """Arms of these comparisons with the longest heads that leave room for names; none if no
        heads do."""
        among = [arm for contrast in contrasts for arm in arms_of(contrast)]
        alone = len(contrasts) == 1
        arms = among if alone else [arm for arm in self.results.arms if arm in among]
        options = [[f"{arm}, n/N" for arm in arms], arms, *([ORDER] if alone else [])]
        heads = (dict(zip(arms, option, strict=True)) for option in options)
        needed = SHORT if alone else NAME
        return next((h for h in heads if self._room(contrasts, h) >= needed), {})

    def _room(self, contrasts: list[str], heads: dict[str, str]) -> float:
        """Inches left for names beside columns of counts and panels of the comparisons."""
        gap = self._gap(contrasts)
        counts = sum(gap + width for width in self._counts(heads))
        panels = len(contrasts) * (self.axis + TEXT + self._text + APART) - APART
        return (self._right - EDGE - counts - gap - panels) / RASTER

    def _counts(self, heads: dict[str, str]) -> list[float]:
        """Widths of columns of counts."""
        return [
            self._widest(head, *(line.counts.get(arm, "") for line in self.lines))
            for arm, head in heads.items()
        ]

    def _name(self, line: Line, room: float) -> list[str]:
        if line.heading:
            return style.wrap(line.name, room, self.size, "bold")
        hanging = f"{line.indent}  "
        first, *more = style.wrap(line.name, room - self._widest(hanging), self.size)
        return [line.indent + first, *(hanging + text for text in more)]

    @cached_property
    def _text(self) -> float:
        return self._widest(
            self.ratio, *(text for line in self.lines for text, _ in line.cells.values())
        )

    @cached_property
    def _right(self) -> float:
        """x of the end of the last panel."""
        beside = 0 if self.narrow or not self._ps else GAP + self._widest(INTERACTION, *self._ps)
        return self.width - EDGE - beside

    @cached_property
    def _ps(self) -> list[str]:
        return [line.p for line in self.lines if line.p]

    @cached_property
    def _scale(self) -> tuple[tuple[float, float], list[float]]:
        marks = [m for line in self.lines for _, m in line.cells.values() if m]
        return intervals.scale(
            [v for m in marks for v in (m.estimate, m.lower, m.upper)], self.tight
        )

    @property
    def ratio(self) -> str:
        """Over the texts of relative risks."""
        return f"RR ({self.results.ci})"

    @property
    def narrow(self) -> bool:
        return self.width < style.PAGE

    def _title(self, tier: Tier) -> float:
        return 0.045 + TITLE * max(map(len, tier.titles))

    def _widest(self, *texts: str) -> float:
        return max(style.text_width(text, self.size) for text in texts)
