"""The zip inside an .xlsx, opened with limits counted on bytes really inflated."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ledgerbook.errors import InputError

if TYPE_CHECKING:
    from olefile import OleFileIO


def container(data: bytes) -> OleFileIO:
    """Open an OLE container. Raises RefusedError."""
    from olefile import OleFileIO

    try:
        return OleFileIO(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "文件结构不完整") from error


# A file for old and new programs alike has both streams; the first is the fuller one.
STREAMS = ("Workbook", "Book")

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")

ENTRIES = 2_000
TOTAL = 200 * 2**20
PART = 128 * 2**20
RATIO = 200
_RATIO_FROM = 2**20
_CHUNK = 2**18
# What office programs use. The others inflate without a bound, or ask for gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PACKED = "压缩方式不常见或加了密"


class ZipKind(StrEnum):
    """What a zip is; some are a kind of file that is not read at all."""

    OOXML = "ooxml"
    ODF = "odf"
    ARCHIVE = "archive"
    OFD = "file-ofd"
    OLD = "file-old-format"
    OTHER = "file-other-type"


# First letters of a part's name, in small ones → what only such a zip has.
_TELLTALES = (
    ("[content_types].xml", ZipKind.OOXML),
    ("xl/", ZipKind.OOXML),
    ("word/", ZipKind.OOXML),
    ("ppt/", ZipKind.OOXML),
    ("ofd.xml", ZipKind.OFD),
    ("index/document.iwa", ZipKind.OLD),
    ("meta-inf/manifest.xml", ZipKind.ODF),
    ("mimetype", ZipKind.ODF),
    ("meta-inf/", ZipKind.OTHER),
)


class RefusedError(Exception):
    """The package is damaged or suspicious; ``code`` names the problem to report."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


def kind_of(names: Iterable[str]) -> ZipKind:
    """Say what a zip is by the names of its entries: an archive, if nothing else."""
    told = [name.replace("\\", "/").casefold() for name in names]
    for head, kind in _TELLTALES:
        if any(name.startswith(head) for name in told):
            return kind
    return ZipKind.ARCHIVE


def parts(data: bytes) -> Mapping[str, bytes]:
    """Return every part of the package by name. Raises RefusedError.

    No fixture of some 3,300 real workbooks exceeds these limits; a bomb does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
            _check_entries(entries)
            return _inflate(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise RefusedError("file-damaged", "压缩包不完整") from error
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise RefusedError("file-suspect", _PACKED) from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES:
        raise RefusedError("file-suspect", f"内部有 {len(entries)} 个部件，过多")
    seen: set[str] = set()
    for entry in entries:
        if entry.compress_type not in _METHODS:
            raise RefusedError("file-suspect", _PACKED)
        name = entry.filename.replace("\\", "/").casefold()
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise RefusedError("file-suspect", "内部部件的路径不正常")
        if name in seen:
            raise RefusedError("file-suspect", "内部有同名部件")
        seen.add(name)


def _inflate(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        pieces: list[bytes] = []
        size = 0
        with archive.open(entry) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                total += len(piece)
                if size > PART or total > TOTAL:
                    raise RefusedError("file-suspect", "解开后过大")
                if size > _RATIO_FROM and size > RATIO * max(entry.compress_size, 1):
                    raise RefusedError("file-suspect", "压缩比过高")
                pieces.append(piece)
        found[entry.filename.replace("\\", "/")] = b"".join(pieces)
    return found


# The zip inside a .docx or .xlsx: opened only if it is whole, and of a sane size.

# A plan of a few pages unpacks to less than one megabyte.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_PARTS = 2000

# What zipfile and the XML parser raise on a package cut short, garbled or encrypted.
_BROKEN = (
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: its ending, and what to say of saving it anew."""

    ending: str
    program: str

    @property
    def save_as(self) -> str:
        return f"请用{self.program}把方案另存为新的 {self.ending} 后重试。"


WORD = DocumentKind(".docx", " Word 或 WPS ")
EXCEL = DocumentKind(".xlsx", " Excel 或 WPS ")


def guard(data: bytes, kind: DocumentKind) -> None:
    """Refuse a package that is broken, or that would swell or expand when parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            size = sum(part.file_size for part in parts)
            if size > _MOST_BYTES or len(parts) > _MOST_PARTS:
                raise InputError(
                    f"这个 {kind.ending} 文件解压后大得不正常，没有打开。{kind.save_as}"
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    fromstring(package.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError(
            f"这个 {kind.ending} 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
            f"{kind.save_as}"
        ) from error
    except _BROKEN as error:
        raise damaged(kind) from error


def damaged(kind: DocumentKind) -> InputError:
    return InputError(
        f"这个 {kind.ending} 文件已经损坏或设了密码，打不开。"
        f"请用{kind.program}打开确认，另存为新的 {kind.ending} 后重试。"
    )
