"""Find and parse the parts of an OOXML package by its relationships (ECMA-376 Part 2, OPC).

Some packages are valid but not read by every library: parts in UTF-16, targets of
relationships with backslashes or dots, a workbook part with another name. They are normalized
here. A Package maps the names of parts, without a leading slash, to their bytes.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from ledgerbook.file_types import RefusedError, parse_xml

Package = Mapping[str, bytes]

WORKSHEET_TYPE = "worksheet"
# The kinds of sheets that are no worksheets and may have text: relationship → what to call it.
# An Excel 4.0 macro has the type xlMacrosheet, or xlIntlMacrosheet ([MS-OFFMACRO2] 2.2.1).
OTHER_SHEET_TYPES = {
    "xlMacrosheet": "Excel 4.0 宏表",
    "xlIntlMacrosheet": "Excel 4.0 宏表",
    "dialogsheet": "Excel 5.0 对话框",
}
_PACKAGE_RELATIONSHIPS_PART = "_rels/.rels"
_WORKBOOK_PART = "xl/workbook.xml"
_WORKSHEET_FOLDER = "xl/worksheets"
# What stands for a sheet that is not read: no part has this name.
_UNREAD_SHEET_PART = f"{_WORKSHEET_FOLDER}/unread.xml"
_CORE_PROPERTIES_PART = "docProps/core.xml"
# The start of a part in UTF-16, with a byte order mark or without.
_UTF16_MARKERS = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_XML_EXTENSIONS = (".xml", ".rels", ".vml")
_RELATIONSHIPS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE_DOCUMENT_TYPE = f"{_DOCUMENT_NAMESPACE}/officeDocument"


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship of a part or of the package.

    ``type`` is a URI, ``target`` the name of a part, or "" for an external target, and
    ``raw_target`` the target as it is written.
    """

    id: str
    type: str
    target: str
    raw_target: str = ""

    @property
    def kind(self) -> str:
        """The last segment of the type, as ``worksheet``."""
        return posixpath.basename(self.type)


def recode_to_utf8(package: Package) -> Package:
    """Return the package with every XML part that is in UTF-16 recoded to UTF-8."""
    return {
        name: _recode_part(data) if name.lower().endswith(_XML_EXTENSIONS) else data
        for name, data in package.items()
    }


def _recode_part(data: bytes) -> bytes:
    for marker, encoding in _UTF16_MARKERS:
        if data.startswith(marker):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise RefusedError("file-damaged", "表格内容不完整") from error
            # Without its declaration, which names UTF-16, the part is UTF-8.
            declaration_end = text.find("?>") + 2 if text.startswith("<?xml") else 0
            return text[declaration_end:].encode("utf-8", "surrogatepass")
    return data


def find_workbook_part(package: Package) -> str | None:
    """Return the name of the workbook part; None where there is none."""
    candidates = [
        relationship.target
        for relationship in read_relationships(package, "")
        if relationship.kind == "officeDocument"
    ]
    candidates += [name for name in package if name.lower().endswith("/workbook.xml")]
    for name in candidates:
        base_name = posixpath.basename(name).lower()
        if name in package and base_name.startswith("workbook") and base_name.endswith(".xml"):
            return name
    return None


def read_relationships(package: Package, part: str) -> list[Relationship]:
    """List the relationships of ``part``; of the package itself where it is ""."""
    folder, base_name = posixpath.split(part)
    relationships_part = find_part(package, f"{folder}/_rels/{base_name}.rels".lstrip("/"))
    if relationships_part not in package:
        return []
    return list(_iter_relationships(package, folder, parse_xml(package[relationships_part])))


def _iter_relationships(package: Package, folder: str, root: Any) -> Iterator[Relationship]:
    for element in root:
        raw_target = element.get("Target", "")
        is_external = element.get("TargetMode") == "External"
        path = posixpath.join("/", folder, raw_target.replace("\\", "/"))
        target = find_part(package, posixpath.normpath(path).lstrip("/"))
        yield Relationship(
            element.get("Id", ""),
            element.get("Type", ""),
            "" if is_external else target,
            raw_target,
        )


def find_part(package: Package, name: str) -> str:
    """Return a part's name as the package spells it, ignoring case; ``name`` if missing."""
    if name in package:
        return name
    return next(
        (part_name for part_name in package if part_name.casefold() == name.casefold()),
        name,
    )


def read_core_properties(package: Package) -> bytes:
    """Return the part of core properties (keywords, time of the last save); b"" if missing."""
    for relationship in read_relationships(package, ""):
        if relationship.kind == "core-properties" and relationship.target in package:
            return package[relationship.target]
    return package.get(find_part(package, _CORE_PROPERTIES_PART), b"")


def normalize_package(
    data: bytes, original: Package, package: Package, workbook_part: str
) -> bytes:
    """Return the workbook in a form that every library reads: usually ``data`` unchanged.

    ``original`` are the parts of ``data``, ``package`` those that recode_to_utf8 returned.
    """
    relationships = read_relationships(package, workbook_part)
    has_unusual_target = any(
        "\\" in relationship.raw_target
        or ".." in relationship.raw_target
        or _is_unusual_sheet(relationship)
        for relationship in relationships
    )
    has_usual_name = workbook_part.casefold().endswith("/workbook.xml")
    if (
        has_usual_name
        and not has_unusual_target
        and all(original[part_name] is package[part_name] for part_name in package)
    ):
        return data
    parts = dict(package)
    parts[_WORKBOOK_PART] = parts.pop(workbook_part)
    parts["xl/_rels/workbook.xml.rels"] = _format_relationships(
        [
            Relationship(relationship.id, type_uri, f"/{target}")
            for relationship in relationships
            if relationship.target
            for type_uri, target in [_normalize_sheet(relationship, parts)]
        ]
    )
    parts[_PACKAGE_RELATIONSHIPS_PART] = _format_relationships(
        [Relationship("rId1", _OFFICE_DOCUMENT_TYPE, _WORKBOOK_PART)]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _is_unusual_sheet(relationship: Relationship) -> bool:
    """Return whether a sheet is in another folder than those that the reader of values knows."""
    is_worksheet = relationship.kind == WORKSHEET_TYPE
    folder = posixpath.dirname(relationship.target)
    return relationship.kind in OTHER_SHEET_TYPES or (is_worksheet and folder != _WORKSHEET_FOLDER)


def _normalize_sheet(relationship: Relationship, parts: dict[str, bytes]) -> tuple[str, str]:
    """Return the type and target of a relationship, of a sheet such as every reader knows.

    A worksheet is moved in ``parts``. The reader of values opens no workbook that lists a macro
    sheet: it is given a worksheet instead, and not asked for it.
    """
    if not _is_unusual_sheet(relationship):
        return relationship.type, relationship.target
    if relationship.kind != WORKSHEET_TYPE:
        return f"{_DOCUMENT_NAMESPACE}/{WORKSHEET_TYPE}", _UNREAD_SHEET_PART
    target = f"{_WORKSHEET_FOLDER}/moved{len(parts)}{relationship.id}.xml"
    parts[target] = parts.get(relationship.target, b"")
    return relationship.type, target


def _format_relationships(relationships: list[Relationship]) -> bytes:
    elements = "".join(
        f"<Relationship Id={quoteattr(relationship.id)} Type={quoteattr(relationship.type)} "
        f"Target={quoteattr(relationship.target)}/>"
        for relationship in relationships
    )
    return f'<Relationships xmlns="{_RELATIONSHIPS_NAMESPACE}">{elements}</Relationships>'.encode()


def get_local_name(tag: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


# --- parts beside the cells: comments, drawings, pictures ---
#
# A damaged part raises UnreadablePartError, and the caller reads the answers without it.

# Parsed, a part takes some twenty times its size in memory.
MAX_PARSED_BYTES = 16 * 2**20


class UnreadablePartError(Exception):
    """A part cannot be read; the message, in Chinese, says why."""


def read_part_relationships(package: Package, part: str) -> tuple[Relationship, ...]:
    """List the relationships of ``part``. Raises UnreadablePartError."""
    try:
        return tuple(read_relationships(package, part))
    except RefusedError as error:
        raise UnreadablePartError("已损坏") from error


def parse_part(data: bytes) -> Any:
    """Parse a part; return its root element. Raises UnreadablePartError."""
    if len(data) > MAX_PARSED_BYTES:
        raise UnreadablePartError("过大")
    try:
        return parse_xml(data)
    except RefusedError as error:
        raise UnreadablePartError("已损坏") from error


def get_attribute(element: Any, name: str) -> str:
    """Return an attribute by its local name; "" where it is missing."""
    return next((value for key, value in element.items() if get_local_name(key) == name), "")


def collect_text(element: Any) -> str:
    """Return the text of an element, without phonetic runs (rPh: how a string is read)."""
    phonetic_elements = {
        descendant
        for child in element.iter()
        if get_local_name(child.tag) == "rPh"
        for descendant in child.iter()
    }
    return "".join(
        child.text or ""
        for child in element.iter()
        if get_local_name(child.tag) == "t" and child not in phonetic_elements
    )
