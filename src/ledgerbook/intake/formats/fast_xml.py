"""Extract cells and shared strings from plainly written XML parts with regular expressions.

Nearly every program writes the sheets and the shared strings of an .xlsx in one plain way. The
patterns here match that way only, and must account for every character between the first cell
and the last. For any other part the functions return None, and the streaming parser
(untrusted_xml) reads it: the results are the same, but this is ten times as fast.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import unescape

# Larger parts are streamed: a list of all their cells would take too much memory.
_MAX_PART_BYTES = 8 * 2**20
# A plain part has no comments, DTD, CDATA or processing instructions, no characters that XML
# forbids, one kind of line end, and only the entities that XML requires.
_UNSUPPORTED_MARKUP = ("<!", "<?", "]]>", "\r", "\ufffe", "\uffff")
_UNSUPPORTED_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;)")
_CONTROL_BYTES = bytes(n for n in range(32) if n not in b"\t\n\r")
_XML_DECLARATION = re.compile(
    r'\A<\?xml version="1\.0" encoding="(?:UTF|utf)-8"'
    r'(?: standalone="(?:yes|no)")?\?>\s*'
)
_QUOTE_ENTITY = {"&quot;": '"'}
_ATTRIBUTES_PATTERN = r'(?: [a-zA-Z:]++="[^"<>&]*+")*+'
_CELL_PATTERN = (
    r'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,9}")?(?: t="[a-z]{1,3}")?'
    rf"(?:/>|>(?:<f{_ATTRIBUTES_PATTERN}(?:/>|>[^<]*+</f>))?(?:<v>[^<]*+</v>|<v/>)?</c>)"
)
_ROW_PATTERN = (
    r'<row r="[1-9][0-9]{0,6}"(?: (?!r=)[a-zA-Z0-9:]++="[^"<>&]*+")*+'
    rf"(?:/>|>(?:{_CELL_PATTERN})*+</row>)"
)
_ALL_ROWS = re.compile(rf"(?:{_ROW_PATTERN})*+")
# The pieces of a cell, in text that _ALL_ROWS has matched.
_CELL_PARTS = re.compile(
    r'<c r="([A-Z]+)([0-9]+)"(?: s="([0-9]+)")?(?: t="([a-z]+)")?'
    r"(?:/>|>(<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:(<v)(?:/>|>([^<]*)</v>))?</c>)"
)
_SHEET_DATA_START, _SHEET_DATA_END = "<sheetData>", "</sheetData>"
_EMPTY_SHEET_DATA = "<sheetData/>"
_SHARED_STRING_PATTERN = (
    r'<si>(?:<t/>|<t(?: xml:space="preserve")?>[^<]*+</t>)'
    rf"(?:<phoneticPr{_ATTRIBUTES_PATTERN}/>)?</si>"
)
_ALL_SHARED_STRINGS = re.compile(rf"(?:{_SHARED_STRING_PATTERN})*+")
_SHARED_STRING_TEXT = re.compile(r"<si><t[^>]*>([^<]*)")
_SST_START = re.compile(r"<sst [^<>]*(?<!/)>")
_SST_END = "</sst>"


def extract_cells(xml: bytes) -> tuple[list[tuple[str, ...]], bytes] | None:
    """Return the cells of a sheet, and the part without them; None for another way of writing.

    A cell is a tuple of texts: the letters of its column, its row (1-based), the number of its
    style, its type, its formula (the whole element), the tag of its value (``<v``) and the value
    with entities unresolved; "" for what it does not have.
    """
    text = _decode_part(xml)
    start = text.find(_SHEET_DATA_START)
    end = text.rfind(_SHEET_DATA_END)
    if start < 0 or end < 0 or not _ALL_ROWS.fullmatch(text, start + len(_SHEET_DATA_START), end):
        return None
    remainder = text[:start] + _EMPTY_SHEET_DATA + text[end + len(_SHEET_DATA_END) :]
    return _CELL_PARTS.findall(text, start + len(_SHEET_DATA_START), end), remainder.encode()


def extract_strings(xml: bytes) -> tuple[list[str], bytes] | None:
    """Return the shared strings, and the part without them; None for another way of writing.

    Entities in the strings are unresolved.
    """
    text = _decode_part(xml)
    start = _SST_START.search(text)
    end = text.rfind(_SST_END)
    if not start or not _ALL_SHARED_STRINGS.fullmatch(text, start.end(), end):
        return None
    return _SHARED_STRING_TEXT.findall(text, start.end(), end), (
        text[: start.end()] + text[end:]
    ).encode()


def read_element_text(element: str) -> str:
    """Return the text of an element that contains only text."""
    return resolve_entities(element[element.find(">") + 1 : element.rfind("<")])


def resolve_entities(text: str) -> str:
    """Return a text with its entities resolved."""
    return unescape(text, _QUOTE_ENTITY) if "&" in text else text


def _decode_part(xml: bytes) -> str:
    """Return the text of a plain part without its XML declaration; "" for any other part."""
    if len(xml) > _MAX_PART_BYTES or len(xml.translate(None, _CONTROL_BYTES)) < len(xml):
        return ""
    try:
        text = _XML_DECLARATION.sub("", xml.decode("utf-8"), count=1)
    except UnicodeDecodeError:
        return ""
    if any(markup in text for markup in _UNSUPPORTED_MARKUP) or _UNSUPPORTED_ENTITY.search(text):
        return ""
    return text
