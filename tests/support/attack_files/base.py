"""What attack files are made of: a genuine return, taken apart and put together."""

from __future__ import annotations

import io
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from tests.support.books import INDUSTRY, fill, issued, make_book

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
CORE = "docProps/core.xml"
TYPES = "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_INLINE = re.compile(r't="inlineStr"><is><t(?: [^>]*)?>([^<]*)</t></is></c>')
_STRINGS_LINK = (
    f'<Relationship Type="{OFFICE_RELATIONS}/sharedStrings" '
    'Target="sharedStrings.xml" Id="rId99"/></Relationships>'
)
_STRINGS_TYPE = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)

# What an attack is expected to give: all problem codes of its file, or alternatives.
Codes = frozenset[str]
Change = Callable[[bytes], bytes] | bytes | None


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile file: how it is made, and the sets of problem codes it may give."""

    name: str
    build: Callable[[], bytes]
    allowed: tuple[Codes, ...]


def attack(name: str, build: Callable[[], bytes], *allowed: str) -> Attack:
    """Name an attack; each of ``allowed`` lists codes that it may give together."""
    return Attack(name, build, tuple(frozenset(one.split()) for one in allowed))


@cache
def genuine() -> bytes:
    """Return a full return of 产业金融科, its texts shared as Excel shares them."""
    book = make_book()
    data = {
        task.code: {
            "status": "推进中",
            "result": f"{INDUSTRY}·{task.code}·result",
            "note": f"{INDUSTRY}·{task.code}·note",
        }
        for task in book.get_tasks(INDUSTRY)
    }
    return _shared(fill(issued(book, INDUSTRY), data))


def _shared(data: bytes) -> bytes:
    texts: list[str] = []

    def index(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f't="s"><v>{len(texts) - 1}</v></c>'

    parts = unpacked(data)
    for name in [n for n in parts if n.startswith("xl/worksheets/sheet")]:
        parts[name] = _INLINE.sub(index, parts[name].decode()).encode()
    items = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in texts)
    count = len(texts)
    parts[STRINGS] = (
        f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{MAIN}" '
        f'count="{count}" uniqueCount="{count}">{items}</sst>'
    ).encode()
    parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", _STRINGS_LINK.encode())
    parts[TYPES] = parts[TYPES].replace(b"</Types>", _STRINGS_TYPE.encode())
    return packed(parts.items())


def unpacked(data: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of the very names we want
        for name, data in parts:
            # ZipInfo, not the clock: the same attack has the same bytes every day.
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def changed(changes: Mapping[str, Change], data: bytes | None = None, **more: int) -> bytes:
    """Return a genuine return with parts changed, added or (``None``) left out."""
    parts = unpacked(data or genuine())
    for name, change in changes.items():
        fresh = change(parts[name]) if callable(change) else change
        if fresh is None:
            del parts[name]
        else:
            parts[name] = fresh
    return packed(parts.items(), **more)


def put(old: str, new: str) -> Callable[[bytes], bytes]:
    """Return a change that replaces ``old`` once; it must be there."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data, old
        return data.replace(old.encode(), new.encode(), 1)

    return change


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311  no secret, only noise


def sheet_of(rows: str, rest: str = "", head: str = "") -> bytes:
    """Return a worksheet part; ``rest`` stands after the cells."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet xmlns="{MAIN}">'
        f"<sheetData>{rows}</sheetData>{rest}</worksheet>"
    ).encode()


def with_sheet(part: bytes, name: str = "另一张", attributes: str = "") -> bytes:
    """Return a genuine return with a fifth sheet."""
    return changed(
        {
            WORKBOOK: put(
                "</sheets>",
                f'<sheet xmlns:r="{OFFICE_RELATIONS}" name="{name}" sheetId="50" '
                f'{attributes} r:id="rId50"/></sheets>',
            ),
            RELATIONS: put(
                "</Relationships>",
                f'<Relationship Type="{OFFICE_RELATIONS}/worksheet" '
                'Target="worksheets/sheet50.xml" Id="rId50"/></Relationships>',
            ),
            "xl/worksheets/sheet50.xml": part,
        }
    )
