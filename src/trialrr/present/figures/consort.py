"""CONSORT flow diagram: screening, allocation, follow-up, analysis, one column an arm."""

from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from trialrr.present import flow as flows
from trialrr.present import labels, numbers
from trialrr.present.figures import style
from trialrr.present.source import Results

PAD, GAP = 0.07, 0.2  # inches inside a box, between boxes


@dataclass
class Box:
    """Lines of text in a frame, placed by its top left corner in inches."""

    left: float
    width: float
    lines: list[tuple[str, bool]] = field(default_factory=list)  # text, bold
    top: float = 0.0

    def add(self, label: str, n: int | None = None, depth: int = 0, bold: bool = False) -> None:
        """A line "label (n = 12)", wrapped to the box, indented by `depth`."""
        text = label if n is None else f"{label} (n\u00a0=\u00a0{numbers.count(n)})"
        indent = "   " * depth
        weight = "bold" if bold else "normal"
        room = self.width - 2 * PAD - (style.text_width(indent + ".") - style.text_width("."))
        for rank, line in enumerate(style.wrap(text, room, weight=weight)):
            self.lines.append((indent + ("  " if rank else "") + line, bold))

    @property
    def height(self) -> float:
        return 2 * PAD + style.LINE * len(self.lines)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def center(self) -> float:
        return self.left + self.width / 2

    def draw(self, sheet: Axes) -> None:
        sheet.add_patch(
            Rectangle(
                (self.left, self.top),
                self.width,
                self.height,
                facecolor="white",
                edgecolor=style.GRAY,
                linewidth=0.8,
                zorder=2,
            )
        )
        for i, (text, bold) in enumerate(self.lines):
            y = self.top + PAD + style.LINE * (i + 0.5)
            sheet.text(
                self.left + PAD,
                y,
                text,
                ha="left",
                va="center_baseline",
                zorder=3,
                weight="bold" if bold else "normal",
            )


def draw(results: Results) -> style.Drawing:
    """The flow diagram. Raises FlowError, naming both sides, if the counts do not add up."""
    flow = flows.read(results)
    with style.house():
        return _draw(results, flow)


def _draw(results: Results, flow: flows.Flow) -> style.Drawing:
    chain = flow.chain
    steps = [_step(flow, s) for s in chain]
    top = 0.12
    for here, lost in steps:
        here.top = top
        if lost:
            lost.top = here.bottom + GAP * 0.75
            top = lost.bottom + GAP * 0.75
        else:
            top = here.bottom
    if len(steps) == 1:  # nothing beside it: over the middle of the arms
        steps[0][0].left = (style.PAGE - steps[0][0].width) / 2
    bottom = steps[-1][0].bottom if steps else top
    arms = results.arms
    gap = 0.16
    width = (style.PAGE - 0.24 - gap * (len(arms) - 1)) / len(arms)
    lefts = [0.12 + i * (width + gap) for i in range(len(arms))]
    columns = [_arm(results, flow, a, left, width) for a, left in zip(arms, lefts, strict=True)]
    tops = [bottom + 2 * GAP]
    stages = max(len(column) for column in columns)
    for stage in range(stages):
        for column in columns:
            column[stage].top = tops[stage]
        tops.append(max(column[stage].bottom for column in columns) + GAP)
    height = tops[-1] - GAP + (0.32 if results.synthetic else 0.12)
    figure, sheet = style.page(height, results.synthetic)
    for (here, lost), after in zip(steps, [*(s[0] for s in steps[1:]), None], strict=True):
        if after:
            _arrow(sheet, here.center, here.bottom, here.center, after.top)
        if lost:
            middle = (lost.top + lost.bottom) / 2
            _arrow(sheet, here.center, middle, lost.left, middle)
    if steps:
        fork = bottom + GAP
        first, trunk = [c[0] for c in columns], steps[-1][0].center
        _line(sheet, [trunk, trunk], [bottom, fork])
        ends = [trunk, *(b.center for b in first)]
        _line(sheet, [min(ends), max(ends)], [fork, fork])
        for box in first:
            _arrow(sheet, box.center, fork, box.center, box.top)
    for column in columns:
        for above, below in zip(column, column[1:], strict=False):
            _arrow(sheet, above.center, above.bottom, below.center, below.top)
    boxes = [b for pair in steps for b in pair if b] + [b for c in columns for b in c]
    for box in boxes:
        box.draw(sheet)
    title = f"Participant flow: {results.plan['title']}"
    return style.Drawing("participant_flow", title, _describe(results, flow), figure, _marks(flow))


def _step(flow: flows.Flow, step: str) -> tuple[Box, Box | None]:
    """The box of a step, and the one beside it with those who left."""
    here = Box(left=0.55, width=2.3)
    here.add(labels.step(step), flow.overall[step], bold=True)
    lost = Box(left=3.1, width=style.PAGE - 3.1 - 0.12)
    for gone in flows.CHAIN[step]:
        if gone not in flow.overall:
            continue
        lost.add(labels.step(gone), flow.overall[gone], bold=gone == "ineligible")
        if gone != "ineligible":
            continue
        for kind in flows.INELIGIBLE:
            if kind in flow.overall:
                lost.add(labels.step(kind), flow.overall[kind], depth=1)
        for reason, n in flow.reasons.items():
            lost.add(labels.level(reason), n, depth=2)
    return here, lost if lost.lines else None


def _arm(results: Results, flow: flows.Flow, arm: str, left: float, width: float) -> list[Box]:
    """Boxes of an arm: allocation with sessions, follow-up, analysis."""
    counts, boxes = flow.by_arm[arm], [Box(left, width) for _ in range(3)]
    allocation, follow_up, analysis = boxes
    allocation.add(results.arm(arm), bold=True)
    allocation.add("Randomized", counts.get("randomized"))
    for step in flows.SESSIONS:
        if step in counts:
            allocation.add(labels.step(step), counts[step], depth=1)
    for month in results.months:
        if month in flow.completed[arm]:
            follow_up.add(f"Seen: {results.visit(month)}", flow.completed[arm][month])
    for step in ("any_follow_up", *flows.LOST):
        if step in counts:
            follow_up.add(labels.step(step), counts[step])
    analysis.add(labels.step("analyzed"), counts.get("analyzed"), bold=True)
    if counts.get("randomized_in_error"):
        left_out = labels.step("randomized_in_error").lower()
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
    marks += [(arm, step, n) for arm, steps in flow.by_arm.items() for step, n in steps.items()]
    marks += [(arm, f"completed {m}", n) for arm, c in flow.completed.items() for m, n in c.items()]
    return tuple(marks)


def _describe(results: Results, flow: flows.Flow) -> str:
    parts = [f"{labels.step(s)}: {numbers.count(flow.overall[s])}." for s in flow.chain]
    for arm, counts in flow.by_arm.items():
        steps = [f"{labels.step(s).lower()} {numbers.count(n)}" for s, n in counts.items()]
        steps += [
            f"seen: {results.visit(m)} {numbers.count(n)}" for m, n in flow.completed[arm].items()
        ]
        parts.append(f"{results.arm(arm)}: {', '.join(steps)}.")
    return " ".join(parts)
