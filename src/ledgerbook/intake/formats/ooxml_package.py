"""How the parts of an .xlsx find each other: by relations, which programs spell freely.

What is legal but not read by every reader is brought to its usual form here: parts in
UTF-16, targets with backslashes or dots, a workbook under another name.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException, ElementTree

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats.raw_workbook import COLUMNS, ROWS, Cell

Package = Mapping[str, bytes]

WORKSHEET = "worksheet"
_ROOT = "_rels/.rels"
_HOME = "xl/workbook.xml"
_CORE = "docProps/core.xml"
# How a part in UTF-16 begins, with a byte order mark or without.
_WIDE = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_MARKUP = (".xml", ".rels", ".vml")
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """``kind`` is the last word of the type; ``target`` a part, or "" outside.

    ``spelled`` is the target as it stands there: of what is outside, its address.
    """

    id: str
    type: str
    target: str
    spelled: str = ""

    @property
    def kind(self) -> str:
        return posixpath.basename(self.type)


def narrowed(package: Package) -> Package:
    """Return the package with every part that is in UTF-16 recoded to UTF-8."""
    return {
        name: _narrow(data) if name.lower().endswith(_MARKUP) else data
        for name, data in package.items()
    }


def _narrow(data: bytes) -> bytes:
    for head, encoding in _WIDE:
        if data.startswith(head):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise RefusedError("file-damaged", "表格内容不完整") from error
            # Its declaration names the old encoding; without one it is UTF-8.
            head_end = text.find("?>") + 2 if text.startswith("<?xml") else 0
            return text[head_end:].encode("utf-8", "surrogatepass")
    return data


def home(package: Package) -> str | None:
    """Return the name of the workbook's own part."""
    named = [r.target for r in relations(package, "") if r.kind == "officeDocument"]
    named += [name for name in package if name.lower().endswith("/workbook.xml")]
    for name in named:
        base = posixpath.basename(name).lower()
        if name in package and base.startswith("workbook") and base.endswith(".xml"):
            return name
    return None


def relations(package: Package, part: str) -> list[Relation]:
    """List the relations of ``part``, "" for those of the whole package."""
    folder, base = posixpath.split(part)
    own = part_named(package, f"{folder}/_rels/{base}.rels".lstrip("/"))
    if own not in package:
        return []
    return list(_relations(package, folder, xml(package[own])))


def _relations(package: Package, folder: str, root: Any) -> Iterator[Relation]:
    for one in root:
        spelled = one.get("Target", "")
        outside = one.get("TargetMode") == "External"
        path = posixpath.join("/", folder, spelled.replace("\\", "/"))
        target = part_named(package, posixpath.normpath(path).lstrip("/"))
        yield Relation(
            one.get("Id", ""), one.get("Type", ""), "" if outside else target, spelled
        )


def part_named(package: Package, name: str) -> str:
    """Return how the package spells a part's name: case does not count."""
    if name in package:
        return name
    return next((n for n in package if n.casefold() == name.casefold()), name)


def core(package: Package) -> bytes:
    """Return the part with the keywords and the last-saved time, if there is one."""
    for one in relations(package, ""):
        if one.kind == "core-properties" and one.target in package:
            return package[one.target]
    return package.get(part_named(package, _CORE), b"")


def usual(data: bytes, given: Package, package: Package, home: str) -> bytes:
    """Return the workbook in the form that every reader reads: ``data``, mostly.

    ``given`` are its parts as they came, ``package`` as :func:`narrowed`.
    """
    links = relations(package, home)
    odd = any("\\" in one.spelled or ".." in one.spelled for one in links)
    named = home.casefold().endswith("/workbook.xml")
    if named and not odd and all(given[n] is package[n] for n in package):
        return data
    parts = dict(package)
    parts[_HOME] = parts.pop(home)
    parts["xl/_rels/workbook.xml.rels"] = _relations_xml(
        [Relation(one.id, one.type, f"/{one.target}") for one in links if one.target]
    )
    parts[_ROOT] = _relations_xml([Relation("rId1", _DOCUMENT, _HOME)])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _relations_xml(links: list[Relation]) -> bytes:
    lines = "".join(
        f"<Relationship Id={quoteattr(one.id)} Type={quoteattr(one.type)} "
        f"Target={quoteattr(one.target)}/>"
        for one in links
    )
    return f'<Relationships xmlns="{_RELATIONS}">{lines}</Relationships>'.encode()


def xml(data: bytes) -> Any:
    """Parse a small part of the package. Raises RefusedError."""
    try:
        return ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise RefusedError("file-damaged", "工作簿的目录不完整") from error


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


# Parts that belong to a sheet: found by its relations, parsed within limits.
#
# Nothing here may cost a sender the answers: whatever is wrong is an ``UnreadError``,
# and the caller goes on without the part.

# Parsed, a part takes some twenty times its size in memory.
LARGEST = 16 * 2**20
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


class UnreadError(Exception):
    """A part could not be read; the message, in Chinese, says why."""


def links(package: Package, part: str) -> tuple[Relation, ...]:
    """List the relations of ``part``. Raises UnreadError."""
    try:
        return tuple(relations(package, part))
    except RefusedError as error:
        raise UnreadError("已损坏") from error


def parse_part(data: bytes) -> Any:
    """Parse a part, its root element returned. Raises UnreadError."""
    if len(data) > LARGEST:
        raise UnreadError("过大")
    try:
        return xml(data)
    except RefusedError as error:
        raise UnreadError("已损坏") from error


def attribute(element: Any, name: str) -> str:
    """Return an attribute, whatever its namespace."""
    return next((v for k, v in element.items() if local(k) == name), "")


def texts(element: Any) -> str:
    """Return the text of all ``t`` below, without the reading given beside it."""
    aside = {t for e in element.iter() if local(e.tag) == "rPh" for t in e.iter()}
    return "".join(
        e.text or "" for e in element.iter() if local(e.tag) == "t" and e not in aside
    )


def cell_of(reference: str) -> Cell | None:
    """Return the 0-based cell that ``B7`` or ``$B$7`` names, if there is such a one."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return placed(int(found[2]) - 1, column - 1)


def placed(row: int, column: int) -> Cell | None:
    """Return the cell, if a sheet can have it."""
    inside = 0 <= row < ROWS and 0 <= column < COLUMNS
    return (row, column) if inside else None


def area_of(reference: str) -> tuple[Cell, Cell] | None:
    """Return first and last cell of ``A1:C3``; one cell is an area as well."""
    first, _, last = reference.partition(":")
    ends = cell_of(first), cell_of(last or first)
    if ends[0] is None or ends[1] is None:
        return None
    rows, columns = zip(*(end for end in ends if end), strict=True)
    return (min(rows), min(columns)), (max(rows), max(columns))
