"""Describe how a workbook is built, for whoever maintains the program: counts, never contents.

What somebody typed, chose or named is left out: no text, no name of a sheet, no property, no
name of a part that a person may have given. Runs in worker processes, as all reading of
untrusted bytes does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as list_fields
from typing import Any

from ledgerbook.file_types import OLE_SIGNATURE, ZIP_SIGNATURE, classify_zip, open_ole, read_parts
from ledgerbook.intake import archives
from ledgerbook.intake.file_check import MAX_FILE_SIZE
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.formats.untrusted_xml import stream_part
from ledgerbook.intake.pipeline import ArchiveRead, FileSource, ReadContext, read_file
from ledgerbook.storage.folders import is_link


def _split_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that the names of parts and streams of office programs are made of ([ECMA-376] Part 1,
# ODF 1.2 part 3, [MS-XLS]); any other word may be somebody's.
_PART_WORDS = _split_words(
    "[content_types] _rels app book calcchain chart charts chartsheets comments configurations2"
    " content core custom customxml docprops drawing drawings document embeddings externallink"
    " externallinks image item itemprops manifest media meta meta-inf metadata mimetype oleobject"
    " person persons pivotcache pivottable printersettings rels settings sharedstrings sheet"
    " style styles table tables theme threadedcomment threadedcomments thumbnail thumbnails"
    " vbaproject vmldrawing webextensions word workbook worksheet worksheets xl"
    " encryptedpackage encryptioninfo summaryinformation documentsummaryinformation compobj"
    " etextdata"
)
_SUFFIXES = _split_words(
    "bin bmp csv docx doc emf eml emlx et ett gif htm html jpeg jpg json msg ods ofd pdf png ppt"
    " pptx rar rdf rels txt vml wmf wps xls xlsb xlsm xlsx xltx xml zip 7z"
)
# What is counted: elements of SpreadsheetML and of the ODF that a reader has to do with.
_COUNTED_ELEMENTS = _split_words(
    "autoFilter b border brk c cellStyle cfRule col conditionalFormatting dataValidation"
    " definedName drawing dxf externalReference f fill font hyperlink legacyDrawing mergeCell"
    " numFmt oleObject pane phoneticPr pic r rPh row sheet sheetProtection si tablePart t v xf"
    " automatic-styles covered-table-cell named-range table table-cell table-row"
)
_CELL_TYPES = _split_words(
    "b d e inlineStr n s str boolean currency date float percentage string time"
)
_SHEET_STATES = frozenset(("visible", "hidden", "veryHidden"))
_AREA = re.compile(r"[A-Z]{1,3}\d{1,7}(:[A-Z]{1,3}\d{1,7})?")
# Longer numbers may be somebody's, of a telephone say.
_PART_NUMBER = re.compile(r"(?<!\d)\d{1,4}$")
_VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,5}){0,3}")
# Programs that write workbooks: the first that the property begins with or contains is named.
_APPLICATIONS = (
    "Microsoft Excel",
    "Microsoft Macintosh Excel",
    "LibreOffice",
    "OpenOffice",
    "WPS",
    "SheetJS",
    "Apache POI",
    "Excelize",
    "Gnumeric",
    "ExcelJS",
)
# Larger parts, of pictures say, have no elements to count.
_MAX_COUNTED_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class InspectedFile(FileContent):
    """What one file gave, and how it is built: nothing for a file that is no workbook."""

    structure: Mapping[str, Any] = field(default_factory=dict)


def inspect_file(source: FileSource, context: ReadContext) -> FileContent:
    """Read a file as :func:`~ledgerbook.intake.pipeline.read_file` does; describe it as well."""
    file_read = read_file(source, context)
    if isinstance(file_read, ArchiveRead):
        return file_read
    try:
        structure = describe_structure(_load_bytes(source, context))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a structure that cannot be read says something too
        structure = {"failed": type(error).__name__}
    values = {one.name: getattr(file_read, one.name) for one in list_fields(FileContent)}
    return InspectedFile(**values, structure=structure)


def _load_bytes(source: FileSource, context: ReadContext) -> bytes:
    """Return the bytes of a file; none of one that is too large. Raises OSError, RefusedError."""
    if source.member_indexes:
        return archives.extract_member(
            source.path, source.member_indexes, context.passwords, MAX_FILE_SIZE
        ).data
    if (
        is_link(source.path)
        or not source.path.is_file()
        or source.path.stat().st_size > MAX_FILE_SIZE
    ):
        return b""
    return source.path.read_bytes()


def describe_structure(data: bytes) -> dict[str, Any]:
    """Return parts, sizes and counts of a workbook; an empty dict for any other file.

    Raises RefusedError for a container that is damaged or suspicious.
    """
    if data.startswith(OLE_SIGNATURE):
        with open_ole(data) as ole:
            streams = [(path, ole.get_size(path)) for path in ole.listdir()]
        return {
            "container": "ole",
            "parts": [{"name": mask_part_name("/".join(p)), "size": size} for p, size in streams],
        }
    if not data.startswith(ZIP_SIGNATURE):
        return {}
    parts = read_parts(data)
    structure: dict[str, Any] = {"container": classify_zip(parts).name.lower()}
    if app := parts.get("docProps/app.xml"):
        structure |= _describe_application(app)
    structure["parts"] = [
        {"name": mask_part_name(name), "size": len(part), **_count_elements(name, part)}
        for name, part in parts.items()
    ]
    return structure


def mask_part_name(name: str) -> str:
    """Return the name of a part with every word replaced that a person may have chosen."""
    *folders, file = name.split("/")
    stem, dot, suffix = file.rpartition(".") if "." in file else (file, "", "")
    masked = [*map(_mask_word, folders), _mask_word(stem)]
    return "/".join(masked) + dot + (suffix if suffix.lower() in _SUFFIXES else "…" * bool(suffix))


def mask_suffix(name: str) -> str:
    """Return the suffix of a file's name in lower case; … for one that no program uses."""
    _, dot, suffix = name.rpartition(".")
    if not dot:
        return ""
    return f".{suffix.lower()}" if suffix.lower() in _SUFFIXES else ".…"


def _mask_word(word: str) -> str:
    """Return a word of a part's name, such as sheet12 or sheet1.xml; … if it is not known."""
    stem = word.lower().lstrip("\x01\x05").removesuffix(".xml").removesuffix(".bin")
    is_known = not stem or _PART_NUMBER.sub("", stem) in _PART_WORDS
    return word.lstrip("\x01\x05") if is_known else "…"


def _describe_application(xml: bytes) -> dict[str, str]:
    """Return the program that says it wrote the workbook, if it is a known one."""
    texts: dict[str, str] = {}
    open_elements: list[str] = []

    def end(_: str) -> None:
        open_elements.pop()

    def add_text(text: str) -> None:
        if open_elements[-1] in ("Application", "AppVersion"):
            texts[open_elements[-1]] = texts.get(open_elements[-1], "") + text

    stream_part(xml, lambda name, _: open_elements.append(name), end, add_text)
    application = texts.get("Application", "")
    version = texts.get("AppVersion", "")
    return {
        "application": next((name for name in _APPLICATIONS if name in application), "…"),
        "version": version if _VERSION.fullmatch(version) else "…",
    }


def _count_elements(name: str, part: bytes) -> dict[str, Any]:
    """Return the counts of a part's elements, its cells by type, its area, states of sheets."""
    if not name.lower().endswith(".xml") or len(part) > _MAX_COUNTED_BYTES:
        return {}
    elements: Counter[str] = Counter()
    cell_types: Counter[str] = Counter()
    found: dict[str, Any] = {}

    def start(element: str, attrs: Mapping[str, str]) -> None:
        if element in _COUNTED_ELEMENTS:
            elements[element] += 1
        if element in ("c", "table-cell"):
            cell_type = attrs.get("t") or next(
                (value for key, value in attrs.items() if key.endswith(" value-type")), "n"
            )
            cell_types[cell_type if cell_type in _CELL_TYPES else "…"] += 1
        elif element == "sheet":
            state = attrs.get("state", "visible")
            found.setdefault("states", []).append(state if state in _SHEET_STATES else "…")
        elif element == "dimension" and _AREA.fullmatch(attrs.get("ref", "")):
            found["area"] = attrs["ref"]

    try:
        stream_part(part, start, lambda _: None, lambda _: None)
    except Exception as error:  # noqa: BLE001  that a part cannot be parsed is worth knowing
        found["failed"] = type(error).__name__
    if cell_types:
        found["cells"] = dict(sorted(cell_types.items()))
    return {**found, **({"elements": dict(sorted(elements.items()))} if elements else {})}
