"""What is written and drawn in a figure, where it stands, and what stands in each other's way."""

import numpy as np
from matplotlib.cbook import STEP_LOOKUP_MAP
from matplotlib.colors import to_rgb
from matplotlib.transforms import Bbox

from trialrr.present.kit import style
from trialrr.present.results import SYNTHETIC_SHORT

WATERMARK = SYNTHETIC_SHORT.upper()


def texts(drawing) -> list:
    return [t for axes in drawing.figure.axes for t in axes.texts if t.get_text()]


def written(drawing) -> list[str]:
    return [t.get_text() for t in texts(drawing)]


def labels(drawing) -> list:
    """Everything written but the watermark, with the labels of axes."""
    drawing.figure.draw_without_rendering()  # labels of axes take their places
    found = [t for t in texts(drawing) if t.get_text() != WATERMARK]
    for axes in drawing.figure.axes[1:]:
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = sorted((low, high))
            found += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
        found += [axes.xaxis.label, axes.yaxis.label]
    return [t for t in found if t.get_text() and t.get_visible()]


def faults(drawing) -> list[str]:
    """What a reader would stumble over: words clipped, covered, crossed by a mark, or too small."""
    found, page = labels(drawing), drawing.figure.bbox
    renderer = drawing.figure.canvas.get_renderer()
    written = [(t.get_text(), t.get_window_extent(renderer)) for t in found]
    said = [
        f"{text!r} is clipped"
        for text, box in written
        if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
    for i, (one, a) in enumerate(written):
        for other, b in written[i + 1 :]:
            wide = min(a.x1, b.x1) - max(a.x0, b.x0)
            high = min(a.y1, b.y1) - max(a.y0, b.y0)
            if wide > 0.5 and high > 2:
                said.append(f"{one!r} covers {other!r}")
    strokes = _strokes(drawing)
    for text, box in written:
        inner = np.array([box.x0 + 1, box.y0 + 3, box.x1 - 1, box.y1 - 2])
        if _crossed(strokes, inner):
            said.append(f"{text!r} is crossed")
    small = dict.fromkeys(t.get_text() for t in found if t.get_size() < style.SMALLEST - 1e-9)
    return [f"{drawing.id}: {fault}" for fault in (*said, *(f"{t!r} is too small" for t in small))]


def _strokes(drawing) -> np.ndarray:
    """Ends of every straight piece of lines, markers and frames, and the box that it is cut to, in
    pixels: (pieces, 8), x0 y0 x1 y1 twice."""
    page, found = drawing.figure.bbox, []
    for axes in drawing.figure.axes:
        for line in axes.lines:
            seen = axes.bbox if line.get_clip_on() else page
            points = line.get_transform().transform(_points(line))
            if line.get_linestyle() != "None" and line.get_linewidth() > 0:
                found.append(_cut(np.hstack((points[:-1], points[1:])), seen))
            if line.get_marker() not in (None, "", "None"):
                radius = line.get_markersize() / 2 * drawing.figure.dpi / 72
                for slope in (1, -1):
                    arm = np.array([radius, slope * radius])
                    found.append(_cut(np.hstack((points - arm, points + arm)), page))
        for patch in axes.patches:
            edge = patch.get_edgecolor()
            if patch.get_linewidth() > 0 and edge[3] > 0 and edge[:3] != to_rgb("white"):
                (points,) = patch.get_path().to_polygons(patch.get_transform(), closed_only=False)
                seen = axes.bbox if patch.get_clip_on() else page
                found.append(_cut(np.hstack((points[:-1], points[1:])), seen))
    pieces = np.vstack([np.empty((0, 8)), *found])
    return pieces[~np.isnan(pieces).any(axis=1)]


def _cut(pieces: np.ndarray, seen: Bbox) -> np.ndarray:
    return np.hstack((pieces, np.tile(seen.extents, (len(pieces), 1))))


def _crossed(strokes: np.ndarray, box: np.ndarray) -> bool:
    """True if a part of a stroke that is seen runs through the box (Liang & Barsky 1984)."""
    low = np.maximum(strokes[:, 4:6], box[:2])
    high = np.minimum(strokes[:, 6:8], box[2:])
    start, along = strokes[:, :2], strokes[:, 2:4] - strokes[:, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / along, (high - start) / along
    inside = (low <= start) & (start <= high)
    enter = np.where(along == 0, np.where(inside, -np.inf, np.inf), np.minimum(one, other))
    leave = np.where(along == 0, np.where(inside, np.inf, -np.inf), np.maximum(one, other))
    first, last = np.maximum(enter.max(axis=1), 0), np.minimum(leave.min(axis=1), 1)
    return bool(((low < high).all(axis=1) & (first < last)).any())


def _points(line) -> np.ndarray:
    """Corners of a line as it is drawn, also in steps."""
    xs, ys = (np.asarray(values, dtype=float) for values in line.get_data(orig=False))
    drawn = STEP_LOOKUP_MAP[line.get_drawstyle()](xs, ys)
    return np.column_stack(drawn)
