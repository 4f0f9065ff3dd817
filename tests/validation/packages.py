"""Open a workbook or a document as a package, and check the rules of ECMA-376 Part 2.

A check of this folder yields a :class:`Finding` for each thing that Excel, WPS or Word would
refuse, repair, drop or show otherwise than meant. All of them read the XML itself, not by
the libraries that wrote it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

_OFFICE = "http://schemas.openxmlformats.org"
NAMESPACES = {
    "x": f"{_OFFICE}/spreadsheetml/2006/main",
    "w": f"{_OFFICE}/wordprocessingml/2006/main",
    "r": f"{_OFFICE}/officeDocument/2006/relationships",
    "c": f"{_OFFICE}/drawingml/2006/chart",
    "t": f"{_OFFICE}/package/2006/content-types",
    "v": "urn:schemas-microsoft-com:office:excel",
}
RELATIONSHIP_ID = f"{{{NAMESPACES['r']}}}id"
_CONTENT_TYPES = "[Content_Types].xml"
# What the content type of a part ends with, by the last word of the relationship to it.
_EXPECTED_TYPES = {
    "worksheet": ".worksheet+xml",
    "styles": ".styles+xml",
    "sharedStrings": ".sharedStrings+xml",
    "table": ".table+xml",
    "comments": ".comments+xml",
    "drawing": ".drawing+xml",
    "chart": ".chart+xml",
    "header": ".header+xml",
    "footer": ".footer+xml",
    "numbering": ".numbering+xml",
    "settings": ".settings+xml",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the rule, the part of the package or the sheet, and a sentence."""

    rule: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship of a part: the last word of its type and the part that it leads to."""

    kind: str
    target: str
    is_external: bool


class Package:
    """The parts of a file: bytes, trees of XML, content types, relationships by source part."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.names = archive.namelist()
            self.parts = {name: archive.read(name) for name in self.names}
        parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
        self.trees: dict[str, Any] = {
            name: etree.fromstring(part, parser)
            for name, part in self.parts.items()
            if name.endswith((".xml", ".rels", ".vml"))
        }
        self.types = self._read_types()
        self.relationships = {
            _find_source(name): dict(_read_relationships(name, tree))
            for name, tree in self.trees.items()
            if name.endswith(".rels")
        }
        self.main_part = next(iter(self.find_related("", "officeDocument")), "")

    def _read_types(self) -> dict[str, str]:
        tree = self.trees[_CONTENT_TYPES]
        by_suffix = {
            entry.get("Extension").lower(): entry.get("ContentType")
            for entry in tree.findall("t:Default", NAMESPACES)
        }
        by_part = {
            entry.get("PartName"): entry.get("ContentType")
            for entry in tree.findall("t:Override", NAMESPACES)
        }
        return {
            name: by_part.get(f"/{name}") or by_suffix.get(name.rpartition(".")[2].lower(), "")
            for name in self.names
            if name != _CONTENT_TYPES
        }

    @property
    def is_workbook(self) -> bool:
        return "spreadsheetml" in self.types.get(self.main_part, "")

    @property
    def output_kind(self) -> str:
        """Return the kind of output that the keywords name.

        Drafts of the report name none, nor do workbooks that a test makes by the writer alone.
        """
        match = re.search(r"kind=([^;<]*)", self.parts["docProps/core.xml"].decode())
        return match[1] if match else "测试自建" if self.is_workbook else "年报初稿"

    def find_related(self, source: str, kind: str) -> list[str]:
        """Return the parts to which ``source`` has a relationship of ``kind``."""
        related = self.relationships.get(source, {}).values()
        return [one.target for one in related if one.kind == kind and one.target in self.parts]

    def find_tree(self, source: str, kind: str) -> Any:
        """Return the tree of the first related part of ``kind``, or None."""
        return self.trees[parts[0]] if (parts := self.find_related(source, kind)) else None


def _find_source(name: str) -> str:
    folder, _, base = name.rpartition("_rels/")
    return folder + base.removesuffix(".rels")


def _read_relationships(name: str, tree: Any) -> Iterator[tuple[str, Relationship]]:
    folder = posixpath.dirname(_find_source(name))
    for entry in tree:
        is_external = entry.get("TargetMode") == "External"
        target = entry.get("Target")
        if not is_external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        yield (
            entry.get("Id"),
            Relationship(entry.get("Type").rpartition("/")[2], target, is_external),
        )


def find_repeated(values: Iterable[Hashable]) -> list[Any]:
    """Return the values that occur more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def check_package(package: Package) -> Iterator[Finding]:
    """Yield what breaks the rules of packages: names, content types, relationships."""
    for name in find_repeated(name.lower() for name in package.names):
        yield Finding("part-twice", name, "two parts of one name")
    for name, content_type in package.types.items():
        if not content_type:
            yield Finding("content-type", name, "has none")
    overrides = package.trees[_CONTENT_TYPES].findall("t:Override", NAMESPACES)
    overridden = [entry.get("PartName").lstrip("/") for entry in overrides]
    for name in {*find_repeated(overridden), *(set(overridden) - set(package.parts))}:
        yield Finding("content-type", name, "is stated twice, or for a part that is not there")
    yield from _check_relationships(package)
    for name, part in package.parts.items():
        if b"<!DOCTYPE" in part[:2000]:
            yield Finding("document-type", name, "has a document type declaration")


def _check_relationships(package: Package) -> Iterator[Finding]:
    reached = {_CONTENT_TYPES}
    for source, related in package.relationships.items():
        for key, one in related.items():
            yield from _check_relationship(package, source, key, one)
            reached.add(one.target)
    for name in package.names:
        if name not in reached and not name.endswith((".rels", "/")):
            yield Finding("unreached-part", name, "no relationship leads to it")
    for name, tree in package.trees.items():
        if find_repeated(entry.get("Id") for entry in tree if name.endswith(".rels")):
            yield Finding("relationship", name, "an id twice")
        used = tree.xpath("//@r:*", namespaces=NAMESPACES)
        for key in set(used) - set(package.relationships.get(name, {})):
            yield Finding("relationship", name, f"{key} is used and not there")


def _check_relationship(
    package: Package, source: str, key: str, one: Relationship
) -> Iterator[Finding]:
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", key):
        yield Finding("relationship", source, f"{key!r} cannot be an id")
    if one.is_external:
        return
    if one.target not in package.parts:
        yield Finding("relationship", source, f"{key} leads to {one.target}: not there")
    elif not package.types[one.target].endswith(_EXPECTED_TYPES.get(one.kind, "")):
        yield Finding("content-type", one.target, f"of a {one.kind} expected")
