"""Files by hand, the same bytes every time: a PNG of one colour and a spreadsheet of one sheet."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
XLSX = f"{_TYPE}.sheet"


def png(colour: tuple[int, int, int], side: int = 16) -> bytes:
    """A square picture of one colour."""
    rows = (b"\x00" + bytes(colour) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def xlsx(title: str, header: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A spreadsheet: numbers are numbers, True and False are flags, None is an empty cell, the rest is text."""
    lines = "".join(_row(number, row) for number, row in enumerate((header, *rows), 1))
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations((("officeDocument", "xl/workbook.xml"),)),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations((("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))),
        "xl/styles.xml": _styles(),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>',
    }
    found = io.BytesIO()
    with ZipFile(found, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(ZipInfo(name, (2024, 6, 15, 12, 0, 0)), _HEAD + text, ZIP_DEFLATED)
    return found.getvalue()


def _row(number: int, row: Iterable[object]) -> str:
    cells = "".join(_cell(f"{_letters(place)}{number}", value) for place, value in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(where: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{where}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{where}"><v>{value}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _letters(place: int) -> str:
    """A to Z, then AA and so on."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _relations(found: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _content_types() -> str:
    parts = (
        ("workbook", f"{_TYPE}.sheet.main+xml"),
        ("worksheets/sheet1", f"{_TYPE}.worksheet+xml"),
        ("styles", f"{_TYPE}.styles+xml"),
    )
    lines = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{kind}"/>' for name, kind in parts)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


def _styles() -> str:
    """One font, the two fills that every workbook has, one border and one format: the least that readers ask for."""
    fills = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        f'<fills count="2">{fills}</fills><borders count="1"><border/></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs><cellXfs count="1">{plain} xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
