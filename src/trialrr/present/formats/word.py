"""A table as a Word document: a landscape page, headings on every page, always the same bytes."""

from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Emu, Pt

from trialrr.present.formats import INDENT, MARGIN, PAPER, edges, plain
from trialrr.present.kit.table import Cell, Table
from trialrr.present.results import SYNTHETIC_NOTICE
from trialrr.present.words import numbers

TWENTIETH = 635
"""English metric units of a twentieth of a point."""
FONT = "Arial"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every file in the document's archive: the first that an archive can tell."""
SPARE = ("/thumbnail", "/stylesWithEffects")
"""Parts of the template that the document leaves out."""
_SPACING = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
_RULE = '<w:{edge} w:val="single" w:sz="6" w:space="0" w:color="000000"/>'


def render(table: Table, trial: str = "") -> bytes:
    """The table with its caption above and notes below; `trial` and, if data are synthetic, the
    notice stand at the head of every page."""
    document = Document()
    notice = SYNTHETIC_NOTICE if table.synthetic else ""
    _lay_out(document, ". ".join(filter(None, [trial, notice])))
    _describe(document, table, notice)
    caption = document.add_paragraph(style="Caption")
    caption.add_run(plain(table.caption))
    caption.paragraph_format.keep_with_next = True
    document.element.body.sectPr.addprevious(parse_xml(_table(table)))
    for place, note in enumerate(table.notes):
        document.add_paragraph(plain(note)).paragraph_format.space_before = Pt(0 if place else 6)
    stored = BytesIO()
    document.save(stored)
    return _same_bytes(stored)


def _lay_out(document, head: str) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Emu(side * TWENTIETH) for side in PAPER)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Emu(MARGIN * TWENTIETH))
    for name, size in (("Normal", 8), ("Caption", 10), ("Header", 7)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = None
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(4), 1
    section.header_distance = Emu(MARGIN * TWENTIETH // 2)
    section.header.paragraphs[0].text = plain(head)


def _describe(document, table: Table, notice: str) -> None:
    """Title and notice among the document's properties, and none of the template's: no author, no
    date, no picture of another page, no second set of styles for old programs."""
    properties = document.core_properties
    for child in list(properties._element):
        properties._element.remove(child)
    properties.title, properties.comments = plain(table.title), notice
    for relations in (document.part.package.rels, document.part.rels):
        for id in [id for id, r in relations.items() if r.reltype.endswith(SPARE)]:
            del relations[id]


def _same_bytes(stored: BytesIO) -> bytes:
    """The archive with its files in one order and of one date; the list of contents comes first."""
    out = BytesIO()
    with ZipFile(stored) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = ZipInfo(name, EPOCH)
            info.compress_type, info.create_system = ZIP_DEFLATED, 3
            target.writestr(info, source.read(name))
    return out.getvalue()


# ------------------------------------------------------------------------------------ the table


def _table(table: Table) -> str:
    """The table as WordprocessingML."""
    ends = edges(table, PAPER[0] - 2 * MARGIN)
    widths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    columns = [Cell(column, 1, head=True) for column in table.columns[table.grouped :]]
    rows = [_row(columns, widths, "<w:tblHeader/>", bold=True, ruled=True)]
    for heading, block in table.blocks():
        if heading:
            across = Cell(heading, 1, head=True)
            rows.append(_row([across], ends[-1:], bold=True, across=len(widths)))
        rows += [_row(row, widths, indent=bool(heading)) for row in block]
    rules = "".join(_RULE.format(edge=edge) for edge in ("top", "bottom"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    title = escape(plain(table.title), {'"': "&quot;"})
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{ends[-1]}" w:type="dxa"/>'
        f'<w:tblBorders>{rules}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f'</w:tblCellMar><w:tblCaption w:val="{title}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )


def _row(
    cells: list[Cell],
    widths: list[int],
    looks: str = "",
    bold: bool = False,
    ruled: bool = False,
    across: int = 1,
    indent: bool = False,
) -> str:
    """A row. looks : further properties of it; ruled : with a line below; across : how many columns
    its cells span; indent : its first cell stands under a heading."""
    made = []
    for cell, width in zip(cells, widths, strict=True):
        spans = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
        spans += {0: "<w:vMerge/>", 1: ""}.get(cell.span, '<w:vMerge w:val="restart"/>')
        rule = f"<w:tcBorders>{_RULE.format(edge='bottom')}</w:tcBorders>" if ruled else ""
        keep = "<w:keepNext/>" if across > 1 else ""
        inset = f'<w:ind w:left="{INDENT}"/>' if indent and cell.head else ""
        text = escape(numbers.minus(plain(cell.text))) if cell.span else ""
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{rule}</w:tcPr>'
            f"<w:p><w:pPr>{keep}{_SPACING}{inset}</w:pPr>"
            f"<w:r><w:rPr>{'<w:b/>' if bold else ''}</w:rPr>"
            f'<w:t xml:space="preserve">{text}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{looks}</w:trPr>{''.join(made)}</w:tr>"
