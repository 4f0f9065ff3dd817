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


def open_container(data: bytes) -> OleFileIO:
    """Open an OLE container. Raises RefusedError."""
    from olefile import OleFileIO

    try:
        return OleFileIO(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "文件结构不完整") from error


# A file for old and new programs alike has both streams; the first is the fuller one.
WORKBOOK_STREAMS = ("Workbook", "Book")

OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")

MAX_ENTRIES = 2_000
MAX_TOTAL_BYTES = 200 * 2**20
MAX_PART_BYTES = 128 * 2**20
MAX_RATIO = 200
_RATIO_MIN_BYTES = 2**20
_CHUNK_SIZE = 2**18
# What office programs use. The others inflate without a bound, or ask for gigabytes.
_COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNUSUAL_COMPRESSION = "压缩方式不常见或加了密"


class ZipKind(StrEnum):
    """What a zip is; some are a kind of file that is not read at all."""

    OOXML = "ooxml"
    ODF = "odf"
    ARCHIVE = "archive"
    OFD = "file-ofd"
    OLD_FORMAT = "file-old-format"
    OTHER = "file-other-type"


# First letters of a part's name, in small ones → what only such a zip has.
_NAME_PREFIXES = (
    ("[content_types].xml", ZipKind.OOXML),
    ("xl/", ZipKind.OOXML),
    ("word/", ZipKind.OOXML),
    ("ppt/", ZipKind.OOXML),
    ("ofd.xml", ZipKind.OFD),
    ("index/document.iwa", ZipKind.OLD_FORMAT),
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


def classify_zip(names: Iterable[str]) -> ZipKind:
    """Say what a zip is by the names of its entries: an archive, if nothing else."""
    normalized_names = [name.replace("\\", "/").casefold() for name in names]
    for prefix, kind in _NAME_PREFIXES:
        if any(name.startswith(prefix) for name in normalized_names):
            return kind
    return ZipKind.ARCHIVE


def read_parts(data: bytes) -> Mapping[str, bytes]:
    """Return every part of the package by name. Raises RefusedError.

    No fixture of some 3,300 real workbooks exceeds these limits; a bomb does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(entries)
            return _inflate_entries(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise RefusedError("file-damaged", "压缩包不完整") from error
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise RefusedError("file-suspect", _UNUSUAL_COMPRESSION) from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RefusedError("file-suspect", f"内部有 {len(entries)} 个部件，过多")
    seen_names: set[str] = set()
    for entry in entries:
        if entry.compress_type not in _COMPRESSION_METHODS:
            raise RefusedError("file-suspect", _UNUSUAL_COMPRESSION)
        name = entry.filename.replace("\\", "/").casefold()
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise RefusedError("file-suspect", "内部部件的路径不正常")
        if name in seen_names:
            raise RefusedError("file-suspect", "内部有同名部件")
        seen_names.add(name)


def _inflate_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts_by_name: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        chunks: list[bytes] = []
        size = 0
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK_SIZE):
                size += len(chunk)
                total += len(chunk)
                if size > MAX_PART_BYTES or total > MAX_TOTAL_BYTES:
                    raise RefusedError("file-suspect", "解开后过大")
                if size > _RATIO_MIN_BYTES and size > MAX_RATIO * max(entry.compress_size, 1):
                    raise RefusedError("file-suspect", "压缩比过高")
                chunks.append(chunk)
        parts_by_name[entry.filename.replace("\\", "/")] = b"".join(chunks)
    return parts_by_name


# The zip inside a .docx or .xlsx: opened only if it is whole, and of a sane size.

# A plan of a few pages unpacks to less than one megabyte.
_MAX_PLAN_BYTES = 64 * 1024 * 1024
_MAX_PLAN_PARTS = 2000

# What zipfile and the XML parser raise on a package cut short, garbled or encrypted.
_PACKAGE_ERRORS = (
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

    suffix: str
    program: str

    @property
    def save_as_hint(self) -> str:
        return f"请用{self.program}把方案另存为新的 {self.suffix} 后重试。"


WORD_DOCUMENT = DocumentKind(".docx", " Word 或 WPS ")
EXCEL_DOCUMENT = DocumentKind(".xlsx", " Excel 或 WPS ")


def check_package(data: bytes, kind: DocumentKind) -> None:
    """Refuse a package that is broken, or that would swell or expand when parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > _MAX_PLAN_BYTES or len(entries) > _MAX_PLAN_PARTS:
                raise InputError(
                    f"这个 {kind.suffix} 文件解压后大得不正常，没有打开。{kind.save_as_hint}"
                )
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    fromstring(package.read(entry), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError(
            f"这个 {kind.suffix} 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
            f"{kind.save_as_hint}"
        ) from error
    except _PACKAGE_ERRORS as error:
        raise make_damaged_error(kind) from error


def make_damaged_error(kind: DocumentKind) -> InputError:
    return InputError(
        f"这个 {kind.suffix} 文件已经损坏或设了密码，打不开。"
        f"请用{kind.program}打开确认，另存为新的 {kind.suffix} 后重试。"
    )
