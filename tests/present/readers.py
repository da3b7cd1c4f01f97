"""Tables read back from the files that people open: (columns, rows), headings of groups as the
first cell of their rows where there are such, merged cells as often as they count."""

import csv
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO

import docx

Read = tuple[list[str], list[list[str]]]


def from_csv(text: str) -> Read:
    """Without the column that says where the data come from."""
    head, *rows = csv.reader(StringIO(text))
    return head[:-1], [row[:-1] for row in rows]


class _Page(HTMLParser):
    """Cells of the table of a page: columns, and [heading, [(text, rowspan), …]] of each row."""

    def __init__(self):
        super().__init__()
        self.columns, self.rows, self.text, self.span, self.heading = [], [], None, 1, ""

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "tbody":
            self.heading = ""
        if tag == "tr":
            self.group = found.get("class") == "group"
            self.cells = []
        if tag in ("th", "td"):
            self.text, self.span = "", int(found.get("rowspan", 1))

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.cells.append((self.text, self.span))
            self.text = None
        if tag == "tr":
            if not self.columns:
                self.columns = [text for text, _ in self.cells]
            elif self.group:
                self.heading = self.cells[0][0]
            else:
                self.rows.append((self.heading, self.cells))


def from_html(text: str, grouped: int) -> Read:
    page = _Page()
    page.feed(text)
    rows, open_cells = [], {}
    for heading, cells in page.rows:
        waiting, row = iter(cells), []
        for j in range(len(page.columns)):
            left, text = open_cells.get(j, (0, ""))
            if not left:
                text, left = next(waiting)
            open_cells[j] = (left - 1, text)
            row.append(text)
        assert next(waiting, None) is None
        rows.append([heading] * grouped + row)
    return page.columns, rows


def from_word(data: bytes, grouped: int) -> Read:
    document = docx.Document(BytesIO(data))
    [table] = document.tables
    head, *lines = table.rows
    rows, heading = [], ""
    for line in lines:
        cells = line.cells
        if len({id(cell._tc) for cell in cells}) == 1 and len(cells) > 1:
            heading = cells[0].text
            continue
        indented = cells[0].paragraphs[0].paragraph_format.left_indent
        heading = heading if indented else ""
        rows.append([heading] * grouped + [cell.text for cell in cells])
    return [cell.text for cell in head.cells], rows


HIDDEN = ("fonttbl", "info", "header", "footer")
TOKEN = re.compile(r"\\u(-?\d+)\?|\\([a-z]+)(-?\d+)? ?|\\([\\{}])|([{}])|([^\\{}\n\r])")


def from_rtf(text: str, grouped: int) -> tuple[Read, list[str]]:
    """The table, and the paragraphs outside of it."""
    assert text.isascii() and text.count("\\trhdr") == 1
    rows, paragraphs, said = [], [], []
    columns, heading, hidden, depth = [], "", 0, 0
    merged, texts, pending, indent = [], [], "", False
    for code, word, number, sign, brace, plain in TOKEN.findall(text):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        hidden = 0 if hidden and depth < hidden else hidden
        if word in HIDDEN:
            hidden = depth
        if hidden:
            continue
        if code:
            said.append(chr(int(code) % 65536))
        elif sign or plain:
            said.append(sign or plain)
        elif word == "trowd":
            merged, texts, indent = [], [], False
        elif word in ("clvmgf", "clvmrg"):
            pending = word
        elif word == "cellx":
            merged.append(pending)
            pending, wide = "", int(number)
        elif word in ("pard", "sectd"):
            said = []
        elif word == "li":
            indent = True
        elif word in ("cell", "par"):
            made = "".join(said).encode("utf-16", "surrogatepass").decode("utf-16")
            (texts if word == "cell" else paragraphs).append(made)
        elif word == "row":
            assert len(texts) == len(merged) and wide == 14400
            if not columns:
                columns = texts
            elif len(texts) == 1 < len(columns):
                heading = texts[0]
            else:
                heading = heading if indent else ""
                above = rows[-1][grouped:] if rows else texts
                cells = [
                    above[j] if flag == "clvmrg" else text
                    for j, (flag, text) in enumerate(zip(merged, texts, strict=True))
                ]
                rows.append([heading] * grouped + cells)
    assert depth == 0
    return (columns, rows), paragraphs
