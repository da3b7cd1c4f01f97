r"""A table as RTF, for submissions that ask for it: a landscape page, headings on every page.

Only plain words of RTF 1.5, so that every word processor reads it; what is not ASCII is written as
\uN with a question mark for readers that do not know it.
"""

from trialrr.present.formats import INDENT, MARGIN, PAPER, edges, plain
from trialrr.present.kit.table import Table
from trialrr.present.results import SYNTHETIC_NOTICE
from trialrr.present.words import numbers

BORDERS = {"top": r"\clbrdrt", "bottom": r"\clbrdrb"}
OPENING = r"{\rtf1\ansi\ansicpg1252\uc1\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}"


def escape(text: str) -> str:
    """`text` in ASCII as RTF reads it."""
    return "".join(map(_escaped, plain(text)))


def _escaped(sign: str) -> str:
    if sign in "\\{}":
        return f"\\{sign}"
    if sign.isascii():
        return sign
    data = sign.encode("utf-16-le")
    units = (int.from_bytes(data[k : k + 2], "little", signed=True) for k in range(0, len(data), 2))
    return "".join(rf"\u{unit}?" for unit in units)


def render(table: Table, trial: str = "") -> str:
    """The table with its caption above and notes below; `trial` and, if data are synthetic, the
    notice stand at the head of every page."""
    ends = edges(table, PAPER[0] - 2 * MARGIN)
    head = ". ".join(filter(None, [trial, SYNTHETIC_NOTICE if table.synthetic else ""]))
    lines = [
        OPENING,
        rf"{{\info{{\title {escape(table.title)}}}}}",
        rf"\paperw{PAPER[0]}\paperh{PAPER[1]}\landscape",
        "".join(rf"\marg{side}{MARGIN}" for side in "lrtb"),
        rf"\sectd\lndscpsxn\headery{MARGIN // 2}{{\header\pard\ql\f0\fs14 {escape(head)}\par}}",
        r"{\footer\pard\qr\f0\fs14\chpgn\par}",
        rf"\pard\keepn\sa120\f0\fs20\b {escape(table.caption)}\b0\par",
    ]
    columns = [(column, 1) for column in table.columns[table.grouped :]]
    lines.append(_row(columns, ends, r"\trhdr", bold=True, lines=("top", "bottom")))
    blocks = table.blocks()
    for place, (heading, rows) in enumerate(blocks):
        if heading:
            lines.append(_row([(heading, 1)], ends[-1:], bold=True, keep=r"\keepn"))
        for i, row in enumerate(rows):
            cells = [(numbers.minus(cell.text), cell.span) for cell in row]
            last = place == len(blocks) - 1 and i == len(rows) - 1
            lines.append(_row(cells, ends, indent=bool(heading), lines=("bottom",) if last else ()))
    lines += [rf"\pard\sb80\f0\fs16 {escape(note)}\par" for note in table.notes or [""]]
    return "".join(f"{line}\n" for line in [*lines, "}"])


def _row(
    cells: list[tuple[str, int]],
    ends: list[int],
    words: str = "",
    keep: str = "",
    bold: bool = False,
    indent: bool = False,
    lines: tuple[str, ...] = (),
) -> str:
    """A row of the table. cells : text and how many rows it spans (0: part of the one above);
    ends : right edges; words : of the row; keep : of its paragraphs; indent : its first cell stands
    under a heading; lines : edges that are drawn."""
    drawn = "".join(rf"{BORDERS[edge]}\brdrs\brdrw10" for edge in lines)
    defined, written = [rf"\trowd\trgaph60{words}\trkeep"], []
    for (text, span), end in zip(cells, ends, strict=True):
        merged = {0: r"\clvmrg", 1: ""}.get(span, r"\clvmgf")
        defined.append(rf"{merged}{drawn}\cellx{end}")
        text = escape(text) if span else ""
        text = rf"{{\b {text}}}" if bold else text
        inset = rf"\li{INDENT}" if indent and not written else ""
        written.append(rf"\pard\intbl\ql{inset}\sb20\sa20{keep}\f0\fs16 {text}\cell")
    return "\n".join(["".join(defined), *written, r"\row"])
