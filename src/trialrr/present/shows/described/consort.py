"""CONSORT flow diagram: screening, allocation, follow-up, analysis, one column an arm."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from trialrr.present.kit import style
from trialrr.present.results import Results
from trialrr.present.shows.described import flow as flows
from trialrr.present.words import numbers


@dataclass(frozen=True)
class Type:
    """How a diagram is set. size : of the letters, in points; in inches: line : height of a line;
    pad : room inside a box; gap : from a box to the next one below; apart : from an arm to the
    next; steps : left and right end of the boxes of steps; beside : left end of those beside;
    rise : part of its height that a box beside may stand above the arrow to it; least : width of
    the boxes of an arm, below which arms stand in several rows."""

    size: float
    line: float
    pad: float
    gap: float
    apart: float
    steps: tuple[float, float]
    beside: float
    rise: float
    least: float


WIDE = Type(style.SIZE, style.LINE, 0.07, 0.2, 0.16, (0.55, 2.85), 3.1, 0.0, 0.95)
NARROW = Type(6.4, 0.123, 0.05, 0.145, 0.08, (style.EDGE, 1.22), 1.34, 0.5, 0.92)


@dataclass
class Box:
    """Lines of text in a frame, placed by its top left corner in inches."""

    left: float
    width: float
    type: Type
    lines: list[tuple[str, bool]] = field(default_factory=list)  # text, bold
    top: float = 0.0

    def add(self, label: str, n: int | None = None, depth: int = 0, bold: bool = False) -> None:
        """A line "label (n = 12)", wrapped to the box, indented by `depth`."""
        text = label if n is None else f"{label} (n\u00a0=\u00a0{numbers.count(n)})"
        indent, weight = "   " * depth, "bold" if bold else "normal"
        room = self.width - 2.5 * self.type.pad - self._width(indent + "  .") + self._width(".")
        for rank, line in enumerate(style.wrap(text, room, self.type.size, weight)):
            self.lines.append((indent + ("  " if rank else "") + line, bold))

    def _width(self, text: str) -> float:
        return style.text_width(text, self.type.size)

    @property
    def height(self) -> float:
        return 2 * self.type.pad + self.type.line * len(self.lines)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def center(self) -> float:
        return self.left + self.width / 2

    def draw(self, sheet: Axes) -> None:
        frame = dict(facecolor="white", edgecolor=style.GRAY, linewidth=0.8, zorder=2)
        sheet.add_patch(Rectangle((self.left, self.top), self.width, self.height, **frame))
        how = dict(ha="left", va="center_baseline", zorder=3, size=self.type.size)
        for i, (text, bold) in enumerate(self.lines):
            y = self.top + self.type.pad + self.type.line * (i + 0.5)
            weight = "bold" if bold else "normal"
            sheet.text(self.left + self.type.pad, y, text, weight=weight, **how)


def draw(results: Results, width: float = style.PAGE) -> style.Drawing:
    """The flow diagram; where it is narrow in smaller letters and boxes. Raises FlowError, naming
    both sides, if the counts do not add up."""
    flow = flows.read(results)
    with style.house():
        return _draw(results, flow, width)


def _draw(results: Results, flow: flows.Flow, wide: float) -> style.Drawing:
    type = WIDE if wide == style.PAGE else NARROW
    steps = [_step(results, flow, step, wide, type) for step in flow.chain]
    bottom = _stack(steps, type)
    if len(steps) == 1:  # nothing beside it: over the middle of the arms
        steps[0][0].left = (wide - steps[0][0].width) / 2
    arms = results.arms
    room = wide - 2 * style.EDGE + type.apart
    across = min(len(arms), max(1, int(room / (type.least + type.apart))))
    across = ceil(len(arms) / ceil(len(arms) / across))
    width = room / across - type.apart
    lefts = [style.EDGE + i % across * (width + type.apart) for i in range(len(arms))]
    columns = [
        _arm(results, flow, arm, [Box(left, width, type) for _ in range(3)])
        for arm, left in zip(arms, lefts, strict=True)
    ]
    foot = bottom
    for i in range(0, len(columns), across):
        foot = _align(columns[i : i + across], foot + 2 * type.gap, type.gap)
    figure, sheet = style.page(
        foot + (0.32 if results.synthetic else 0.12), results.synthetic, wide
    )
    _join_steps(sheet, steps)
    if steps:
        _fork(sheet, steps[-1][0], [column[0] for column in columns[:across]], type.gap)
    for column in columns:
        for above, below in pairwise(column):
            _arrow(sheet, above.center, above.bottom, below.center, below.top)
    for box in (box for group in (*steps, *columns) for box in group if box):
        box.draw(sheet)
    title = f"Participant flow: {results.plan.title}"
    return style.Drawing("participant_flow", title, _describe(results, flow), figure, _marks(flow))


def _stack(steps: list[tuple[Box, Box | None]], type: Type) -> float:
    """Place steps one below the other, who left between them; returns where the last one ends."""
    top = bottom = 0.12
    for here, lost in steps:
        here.top, bottom = top, top + here.height
        top = bottom
        if lost:
            lost.top = max(here.top, bottom + 0.75 * type.gap - type.rise * lost.height)
            top = lost.bottom + 0.75 * type.gap
    return bottom


def _align(columns: list[list[Box]], top: float, gap: float) -> float:
    """Place the boxes of arms so that each stage starts at one height; returns where they end."""
    bottom = top
    for stage in range(max(map(len, columns))):
        for column in columns:
            column[stage].top = top
        bottom = max(column[stage].bottom for column in columns)
        top = bottom + gap
    return bottom


def _join_steps(sheet: Axes, steps: list[tuple[Box, Box | None]]) -> None:
    """Arrows from each step to the next one and to the box beside it."""
    for here, lost in steps:
        if lost:
            middle = (lost.top + lost.bottom) / 2
            _arrow(sheet, here.center, middle, lost.left, middle)
    for (here, _), (after, _) in pairwise(steps):
        _arrow(sheet, here.center, here.bottom, here.center, after.top)


def _fork(sheet: Axes, step: Box, first: list[Box], gap: float) -> None:
    """Lines from the last step to the first box of each arm."""
    y = step.bottom + gap
    _line(sheet, [step.center] * 2, [step.bottom, y])
    ends = [step.center, *(box.center for box in first)]
    _line(sheet, [min(ends), max(ends)], [y, y])
    for box in first:
        _arrow(sheet, box.center, y, box.center, box.top)


def _step(
    results: Results, flow: flows.Flow, step: str, wide: float, type: Type
) -> tuple[Box, Box | None]:
    """The box of a step, and the one beside it with those who left."""
    left, right = type.steps
    here = Box(left, right - left, type)
    here.add(results.step_label(step), flow.overall[step], bold=True)
    lost = Box(type.beside, wide - style.EDGE - type.beside, type)
    for gone in flow.words.chain[step]:
        if gone not in flow.overall:
            continue
        parts = flow.words.parts.get(gone, ())
        lost.add(results.step_label(gone), flow.overall[gone], bold=bool(parts))
        if not parts:
            continue
        for kind in parts:
            if kind in flow.overall:
                lost.add(results.step_label(kind), flow.overall[kind], depth=1)
        for reason, n in flow.reasons.items():
            lost.add(results.level_label(reason), n, depth=2)
    return here, lost if lost.lines else None


def _arm(results: Results, flow: flows.Flow, arm: str, boxes: list[Box]) -> list[Box]:
    """Three boxes of an arm filled: allocation with sessions, follow-up, analysis."""
    counts = flow.by_arm[arm]
    allocation, follow_up, analysis = boxes
    allocation.add(results.arm(arm), bold=True)
    allocation.add("Randomized", counts.get("randomized"))
    for step in flow.words.sessions:
        if step in counts:
            allocation.add(results.step_label(step), counts[step], depth=1)
    for month in results.months:
        if month in flow.completed[arm]:
            follow_up.add(f"Seen: {results.visit(month)}", flow.completed[arm][month])
    for step in ("any_follow_up", *flows.LOST):
        if step in counts:
            follow_up.add(results.step_label(step), counts[step])
    for label, n in _analyzed(flow, arm).items():
        analysis.add(label, n, bold=label == flows.ANALYZED)
    if counts.get("randomized_in_error"):
        left_out = results.step_label("randomized_in_error").lower()
        analysis.add(f"Not analyzed: {left_out}", counts["randomized_in_error"])
    return [box for box in boxes if box.lines]


def _arrow(sheet: Axes, x0: float, y0: float, x1: float, y1: float) -> None:
    sheet.annotate(
        "",
        (x1, y1),
        (x0, y0),
        zorder=1,
        arrowprops={
            "arrowstyle": "-|>",
            "color": style.GRAY,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 7,
        },
    )


def _line(sheet: Axes, xs: list[float], ys: list[float]) -> None:
    sheet.plot(xs, ys, color=style.GRAY, linewidth=0.8, zorder=1, solid_capstyle="butt")


def _marks(flow: flows.Flow) -> tuple[tuple, ...]:
    marks = [("all", step, n) for step, n in flow.overall.items()]
    marks += [("reason", reason, n) for reason, n in flow.reasons.items()]
    marks += [(arm, step, n) for arm in flow.by_arm for step, n in _steps(flow, arm).items()]
    marks += [(arm, f"completed {m}", n) for arm, c in flow.completed.items() for m, n in c.items()]
    marks += [(arm, label, n) for arm in flow.by_arm for label, n in _analyzed(flow, arm).items()]
    return tuple(marks)


def _steps(flow: flows.Flow, arm: str) -> dict[str, int]:
    """Counts of an arm that are drawn."""
    return {step: n for step, n in flow.by_arm[arm].items() if step != "analyzed"}


def _analyzed(flow: flows.Flow, arm: str) -> dict[str, int]:
    """Who is in the primary analysis and who is not: how many outcomes are imputed the table
    tells."""
    found = flow.primary.get(arm, {})
    return {label: n for label, n in found.items() if label != flows.IMPUTED}


def _describe(results: Results, flow: flows.Flow) -> str:
    parts = [f"{results.step_label(s)}: {numbers.count(flow.overall[s])}." for s in flow.chain]
    for arm in flow.by_arm:
        drawn = _steps(flow, arm).items()
        steps = [f"{results.step_label(step).lower()} {numbers.count(n)}" for step, n in drawn]
        steps += [
            f"seen: {results.visit(m)} {numbers.count(n)}" for m, n in flow.completed[arm].items()
        ]
        analyzed = flow.primary.get(arm, {}).items()
        steps += [f"{label.lower()} {numbers.count(n)}" for label, n in analyzed]
        parts.append(f"{results.arm(arm)}: {', '.join(steps)}.")
    return " ".join(parts)
