"""Parts written the plain way that nearly every program writes them, read at once.

A pattern must account for every character between the first cell and the last. Where
it does not, nothing is said of the part, and the streaming parser has to read it: what
is told here is what that would tell, ten times as fast.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import unescape

# Beyond, a part is streamed: a list of all its cells would take too much memory.
_MAX_PART_BYTES = 8 * 2**20
# No comments, declarations of types or CDATA, nothing that XML cannot hold, line ends
# of one kind, and of the characters with names only those that need one.
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
# What the cells are, once it is known that there is nothing beside them.
_CELL_PARTS = re.compile(
    r'<c r="([A-Z]+)([0-9]+)"(?: s="[0-9]+")?(?: t="([a-z]+)")?'
    r"(?:/>|>(<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:(<v)(?:/>|>([^<]*)</v>))?</c>)"
)
_SHEET_DATA_START, _SHEET_DATA_END, _EMPTY_SHEET_DATA = (
    "<sheetData>",
    "</sheetData>",
    "<sheetData/>",
)
_SHARED_STRING_PATTERN = (
    r'<si>(?:<t/>|<t(?: xml:space="preserve")?>[^<]*+</t>)'
    rf"(?:<phoneticPr{_ATTRIBUTES_PATTERN}/>)?</si>"
)
_ALL_SHARED_STRINGS = re.compile(rf"(?:{_SHARED_STRING_PATTERN})*+")
_SHARED_STRING_TEXT = re.compile(r"<si><t[^>]*>([^<]*)")
_SST_START = re.compile(r"<sst [^<>]*(?<!/)>")
_SST_END = "</sst>"


def extract_cells(xml: bytes) -> tuple[list[tuple[str, ...]], bytes] | None:
    """Return the cells of a sheet, and the part without them.

    Of each cell: its column's letters, its row, kind, formula (a whole element), the
    tag of its value and that value, blank where it has none. None where the part is
    written in another way.
    """
    text = _decode_part(xml)
    start = text.find(_SHEET_DATA_START)
    end = text.rfind(_SHEET_DATA_END)
    if start < 0 or end < 0 or not _ALL_ROWS.fullmatch(text, start + len(_SHEET_DATA_START), end):
        return None
    remainder = text[:start] + _EMPTY_SHEET_DATA + text[end + len(_SHEET_DATA_END) :]
    return _CELL_PARTS.findall(text, start + len(_SHEET_DATA_START), end), remainder.encode()


def extract_strings(xml: bytes) -> tuple[list[str], bytes] | None:
    """Return the shared strings, entities unresolved, and the part without them.

    None where the part is written in another way.
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
    """Return the text of an element that holds nothing else."""
    return resolve_entities(element[element.find(">") + 1 : element.rfind("<")])


def resolve_entities(text: str) -> str:
    """Return a text with its entities resolved."""
    return unescape(text, _QUOTE_ENTITY) if "&" in text else text


def _decode_part(xml: bytes) -> str:
    """Return the text of a part in which no character has to be looked at twice."""
    if len(xml) > _MAX_PART_BYTES or len(xml.translate(None, _CONTROL_BYTES)) < len(xml):
        return ""
    try:
        text = _XML_DECLARATION.sub("", xml.decode("utf-8"), count=1)
    except UnicodeDecodeError:
        return ""
    if any(markup in text for markup in _UNSUPPORTED_MARKUP) or _UNSUPPORTED_ENTITY.search(text):
        return ""
    return text
