"""Pages and text of a PDF as Chromium writes it.

Enough of the format for that writer and for a test: plain objects, one stream compression, fonts
with a map from glyphs to characters, text in the order in which it is painted.
"""

import re
import unicodedata
import zlib
from functools import cached_property

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)\s*endobj", re.S)
STREAM = re.compile(rb"(.*?)\bstream\r?\n(.*)", re.S)
PAINTED = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> ?Tj|/(X\d+) Do\b")
TO_UNICODE = re.compile(rb"<(\w+)> <(\w+)>(?: <(\w+)>)?\n")


def bare(text: str) -> str:
    """Text for a comparison: no white space, no ligatures. A PDF has no spaces, just places."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\u00ad", "").split())


class Pdf:
    """A PDF read from its bytes."""

    def __init__(self, data: bytes):
        assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
        self.objects = {int(number): body for number, body in OBJECT.findall(data)}
        self.fonts: dict[int, dict[str, str]] = {}
        catalog = next(b for b in self.objects.values() if b"/Type /Catalog" in b)
        self.pages = self._pages(int(re.search(rb"/Pages (\d+) 0 R", catalog)[1]))

    def text(self) -> str:
        """What is painted on all pages, `bare`, without page numbers: a sentence may go on over
        the end of a page."""
        return "".join(
            said.removeprefix(number).removesuffix(number)
            for said, number in zip(self._said, self._numbers, strict=True)
        )

    @property
    def numbered(self) -> bool:
        """True if every page says at its start or end which of how many it is."""
        pairs = zip(self._said, self._numbers, strict=True)
        return all(said.startswith(number) or said.endswith(number) for said, number in pairs)

    @cached_property
    def _said(self) -> list[str]:
        return [bare(self._painted(page, self._contents(page))) for page in self.pages]

    @property
    def _numbers(self) -> list[str]:
        return [f"{k}/{len(self.pages)}" for k in range(1, len(self.pages) + 1)]

    def _pages(self, number: int) -> list[bytes]:
        body = self.objects[number]
        if kids := re.search(rb"/Kids \[([^\]]*)\]", body):
            numbers = re.findall(rb"(\d+) 0 R", kids[1])
            return [page for kid in numbers for page in self._pages(int(kid))]
        return [body]

    def _contents(self, page: bytes) -> bytes:
        return self._inflated(int(re.search(rb"/Contents (\d+) 0 R", page)[1]))

    def _painted(self, owner: bytes, code: bytes) -> str:
        """Text that `code` paints with the fonts of `owner`, a page or a form on it."""
        fonts, forms = (
            {name: int(number) for name, number in re.findall(kind, owner)}
            for kind in (rb"/(F\d+) (\d+) 0 R", rb"/(X\d+) (\d+) 0 R")
        )
        said, font = [], {}
        for name, glyphs, form in PAINTED.findall(code):
            if name:
                font = self._font(fonts[name])
            elif glyphs:
                said += [font[glyphs[i : i + 4]] for i in range(0, len(glyphs), 4)]
            elif b"/Subtype /Form" in self.objects[forms[form]]:
                said.append(self._painted(self.objects[forms[form]], self._inflated(forms[form])))
        return "".join(said)

    def _font(self, number: int) -> dict[bytes, str]:
        """Glyph → characters."""
        if number not in self.fonts:
            table = re.search(rb"/ToUnicode (\d+) 0 R", self.objects[number])
            glyphs, said = {}, self._inflated(int(table[1])).partition(b"endcodespacerange")[2]
            for first, last, to in TO_UNICODE.findall(said):
                if not to:  # one glyph and its characters
                    glyphs[first] = bytes.fromhex(last.decode()).decode("utf-16-be")
                    continue
                start, end, code = (int(x, 16) for x in (first, last, to))
                glyphs |= {b"%04X" % (start + k): chr(code + k) for k in range(end - start + 1)}
            self.fonts[number] = glyphs
        return self.fonts[number]

    def _inflated(self, number: int) -> bytes:
        head, data = STREAM.match(self.objects[number]).groups()
        return zlib.decompressobj().decompress(data) if b"/FlateDecode" in head else data
