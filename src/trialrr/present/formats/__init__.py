"""Tables in the formats of manuscripts and submissions, one module a format.

Each writes the texts of `Table.rows`, hyphens before numbers as minus signs, and the caption, which
says so where data are synthetic. Same table, same bytes.
"""

from trialrr.present.kit.table import Table

PAPER = (15840, 12240)
"""Width and height of a landscape page (US letter), in twentieths of a point."""
MARGIN = 720
INDENT = 120
"""Of rows under a heading, so that those under none are seen to be."""
LINE = 165
"""Characters of small print that a landscape page holds in a line."""
GAP = 3
"""Characters between columns; as many for the indent of the first where there are groups."""


def plain(text: str) -> str:
    """`text` in one line, without signs that print nothing and that some formats cannot hold."""
    return "".join(sign if sign.isprintable() or sign in _KEPT else " " for sign in text)


_KEPT = "\N{NO-BREAK SPACE}\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"


def shares(table: Table) -> list[float]:
    """Share of the width for each column after the grouped ones; they sum to 1. A column is as wide
    as its longest text, unless a line cannot hold them all: then the widest are cut to one width,
    though never below their longest word."""
    least, wanted = [], []
    for j in range(table.grouped, len(table.columns)):
        texts = [row[j] for row in table.rows]
        words = [len(word) for text in [table.columns[j], *texts] for word in text.split()]
        gap = 2 * GAP if table.grouped and j == table.grouped else GAP
        least.append(max(words, default=0) + gap)
        wanted.append(max(*map(len, texts), *words, 0, 0) + gap)
    cut = max(wanted)
    widths = wanted
    while sum(widths) > LINE and cut > min(least):
        cut -= 1
        widths = [max(low, min(width, cut)) for low, width in zip(least, wanted, strict=True)]
    return [width / sum(widths) for width in widths]


def edges(table: Table, width: int) -> list[int]:
    """Right edges of the columns in a table of this width, in whole units; the last is `width`."""
    passed, ends = 0.0, []
    for share in shares(table):
        passed += share
        ends.append(round(passed * width))
    return ends
