"""Parts written the plain way that nearly every program writes them, read at once.

A pattern must account for every character between the first cell and the last. Where
it does not, nothing is said of the part, and the streaming parser has to read it: what
is told here is what that would tell, ten times as fast.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import unescape

# Beyond, a part is streamed: a list of all its cells would take too much memory.
_LARGEST = 8 * 2**20
# No comments, declarations of types or CDATA, nothing that XML cannot hold, line ends
# of one kind, and of the characters with names only those that need one.
_UNPLAIN = ("<!", "<?", "]]>", "\r", "\ufffe", "\uffff")
_NAMED = re.compile(r"&(?!amp;|lt;|gt;|quot;)")
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r")
_HEAD = re.compile(
    r'\A<\?xml version="1\.0" encoding="(?:UTF|utf)-8"'
    r'(?: standalone="(?:yes|no)")?\?>\s*'
)
_QUOTED = {"&quot;": '"'}
_ATTRIBUTES = r'(?: [a-zA-Z:]++="[^"<>&]*+")*+'
_CELL = (
    r'<c r="[A-Z]{1,3}[1-9][0-9]{0,6}"(?: s="[0-9]{1,9}")?(?: t="[a-z]{1,3}")?'
    rf"(?:/>|>(?:<f{_ATTRIBUTES}(?:/>|>[^<]*+</f>))?(?:<v>[^<]*+</v>|<v/>)?</c>)"
)
_ROW = (
    r'<row r="[1-9][0-9]{0,6}"(?: (?!r=)[a-zA-Z0-9:]++="[^"<>&]*+")*+'
    rf"(?:/>|>(?:{_CELL})*+</row>)"
)
_ROWS = re.compile(rf"(?:{_ROW})*+")
# What the cells are, once it is known that there is nothing beside them.
_CELLS = re.compile(
    r'<c r="([A-Z]+)([0-9]+)"(?: s="[0-9]+")?(?: t="([a-z]+)")?'
    r"(?:/>|>(<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:(<v)(?:/>|>([^<]*)</v>))?</c>)"
)
_DATA, _DATA_END, _NO_DATA = "<sheetData>", "</sheetData>", "<sheetData/>"
_STRING = (
    r'<si>(?:<t/>|<t(?: xml:space="preserve")?>[^<]*+</t>)'
    rf"(?:<phoneticPr{_ATTRIBUTES}/>)?</si>"
)
_STRINGS = re.compile(rf"(?:{_STRING})*+")
_TEXTS = re.compile(r"<si><t[^>]*>([^<]*)")
_SST = re.compile(r"<sst [^<>]*(?<!/)>")
_SST_END = "</sst>"


def cells(xml: bytes) -> tuple[list[tuple[str, ...]], bytes] | None:
    """Return the cells of a sheet, and the part without them.

    Of each cell: its column's letters, its row, kind, formula (a whole element), the
    tag of its value and that value, blank where it has none. None where the part is
    written in another way.
    """
    text = _text(xml)
    start = text.find(_DATA)
    end = text.rfind(_DATA_END)
    if start < 0 or end < 0 or not _ROWS.fullmatch(text, start + len(_DATA), end):
        return None
    rest = text[:start] + _NO_DATA + text[end + len(_DATA_END) :]
    return _CELLS.findall(text, start + len(_DATA), end), rest.encode()


def strings(xml: bytes) -> tuple[list[str], bytes] | None:
    """Return the shared strings, entities unresolved, and the part without them.

    None where the part is written in another way.
    """
    text = _text(xml)
    start = _SST.search(text)
    end = text.rfind(_SST_END)
    if not start or not _STRINGS.fullmatch(text, start.end(), end):
        return None
    return _TEXTS.findall(text, start.end(), end), (
        text[: start.end()] + text[end:]
    ).encode()


def inside(element: str) -> str:
    """Return the text of an element that holds nothing else."""
    return resolved(element[element.find(">") + 1 : element.rfind("<")])


def resolved(text: str) -> str:
    """Return a text with its entities resolved."""
    return unescape(text, _QUOTED) if "&" in text else text


def _text(xml: bytes) -> str:
    """Return the text of a part in which no character has to be looked at twice."""
    if len(xml) > _LARGEST or len(xml.translate(None, _CONTROLS)) < len(xml):
        return ""
    try:
        text = _HEAD.sub("", xml.decode("utf-8"), count=1)
    except UnicodeDecodeError:
        return ""
    if any(odd in text for odd in _UNPLAIN) or _NAMED.search(text):
        return ""
    return text
