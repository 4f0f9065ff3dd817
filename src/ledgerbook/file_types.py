"""Recognize what a file is by its bytes, and open its container within limits.

Three subjects that every reader of files shares: the signatures at the start of files, zip
packages (.xlsx, .docx, .ods: [ECMA-376] Part 2, APPNOTE.TXT) and OLE containers (.xls, .et,
.msg and every Office document with a password: [MS-CFB]). Nothing here looks at a file's name.

What is damaged or suspicious raises RefusedError, or InputError for the files that the office
chose itself (a plan, a template).
https://ecma-international.org/publications-and-standards/standards/ecma-376/
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/
"""

from __future__ import annotations

import copy
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from xml.parsers import expat

from ledgerbook.errors import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from olefile import OleFileIO

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# --- signatures: the first bytes of files ---

ZIP_SIGNATURE = b"PK"
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
# A zip that holds at least one entry, or an OLE container.
WORKBOOK_SIGNATURES = (b"PK\x03\x04", OLE_SIGNATURE)
# The same in base64, as far as the bytes that follow do not change it.
WORKBOOK_BASE64_PREFIXES = ("UEsDB", "0M8R4KGx")

PDF_SIGNATURE = b"%PDF"
RTF_SIGNATURE = b"{\\rtf"
RAR_SIGNATURE = b"Rar!"
SEVEN_ZIP_SIGNATURE = b"7z\xbc\xaf\x27\x1c"
GZIP_SIGNATURE = b"\x1f\x8b"
# winmail.dat ([MS-OXTNEF]) and Outlook's mailboxes (.pst, .ost: [MS-PST]).
TNEF_SIGNATURE = b"\x78\x9f\x3e\x22"
PST_SIGNATURE = b"!BDN"
# PNG, JPEG, and TIFF of either byte order.
BINARY_PICTURE_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
# GIF, WebP and BMP: a text may begin with the same letters.
LETTER_PICTURE_SIGNATURES = (b"GIF8", b"RIFF", b"BM")


def is_picture(data: bytes) -> bool:
    """Return whether a file that is no text begins like a picture."""
    if data.startswith(BINARY_PICTURE_SIGNATURES):
        return True
    # A text may begin with these letters too; a picture has a zero byte soon.
    return data.startswith(LETTER_PICTURE_SIGNATURES) and b"\0" in data[:64]


UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

# --- zip packages ---

# The limits of a package from outside, counted on the bytes that are really inflated. No
# fixture of some 3,300 real workbooks exceeds them; a zip bomb does.
MAX_ENTRIES = 2_000
MAX_TOTAL_BYTES = 200 * 2**20
MAX_PART_BYTES = 128 * 2**20
MAX_RATIO = 200
_RATIO_MIN_BYTES = 2**20
# The limits of a plan or template: a plan of a few pages inflates to less than 1 MiB.
_MAX_DOCUMENT_BYTES = 64 * 2**20
_MAX_DOCUMENT_ENTRIES = 2_000
_CHUNK_SIZE = 2**18
# What office programs use. The other methods inflate without a bound, or ask for gigabytes.
_COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNUSUAL_COMPRESSION = "压缩方式不常见或加了密"
_XML_SUFFIXES = (".xml", ".rels")


class RefusedError(Exception):
    """The file is damaged or suspicious; ``code`` names the problem to report."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


class ZipKind(StrEnum):
    """What a zip is; the value is the problem to report where that kind is not read."""

    OOXML = "ooxml"
    ODF = "odf"
    ARCHIVE = "archive"
    OFD = "file-ofd"
    OLD_FORMAT = "file-old-format"
    OTHER = "file-other-type"


# The lower-case start of an entry's name → the only kind of zip that has such an entry.
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


@dataclass(frozen=True, slots=True)
class ZipReader:
    """A zip that is open for reading; whatever is wrong with it raises RefusedError.

    Its own calls alone are guarded: what a caller does with the bytes raises what it raises,
    so that a fault of the program is never told as damage of the file.
    """

    _archive: zipfile.ZipFile

    def list_entries(self) -> list[zipfile.ZipInfo]:
        """Return the entries as the zip lists them."""
        return self._archive.infolist()

    def list_names(self) -> list[str]:
        """Return the names of the entries as they are written."""
        return [entry.orig_filename for entry in self._archive.infolist()]

    def iterate_chunks(self, entry: str | zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield the content of an entry piece by piece, as it is inflated."""
        with _call_zipfile("file-damaged", self._archive.open, entry) as stream:
            while chunk := _call_zipfile("file-damaged", stream.read, _CHUNK_SIZE):
                yield chunk

    def read(self, entry: str | zipfile.ZipInfo, max_bytes: int = MAX_PART_BYTES) -> bytes:
        """Return the content of an entry, of at most ``max_bytes``."""
        chunks: list[bytes] = []
        size = 0
        for chunk in self.iterate_chunks(entry):
            size += len(chunk)
            if size > max_bytes:
                raise RefusedError("file-too-large", f"解开后超过 {max_bytes // 2**20} MB")
            chunks.append(chunk)
        return b"".join(chunks)


@contextmanager
def open_zip(source: bytes | Path | BinaryIO) -> Iterator[ZipReader]:
    """Open a zip for reading. Raises RefusedError for one that is damaged.

    The list of entries stands at the end: a file without it was cut (file-cut).
    """
    if isinstance(source, Path) and source.exists() and not source.is_file():
        # Reading a pipe would never end.
        raise RefusedError("file-unreadable", "这不是普通的文件")
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with _call_zipfile("file-cut", zipfile.ZipFile, file) as archive:
        yield ZipReader(archive)


def _call_zipfile(code: str, function: Callable[[Argument], Result], argument: Argument) -> Result:
    """Call a function of zipfile; what it raises on a damaged file becomes RefusedError."""
    try:
        return function(argument)
    except MemoryError:
        raise
    except (RuntimeError, ValueError) as error:
        # NotImplementedError, the most frequent, is a RuntimeError.
        raise RefusedError("file-suspect", _UNUSUAL_COMPRESSION) from error
    except Exception as error:
        raise RefusedError(code, "压缩包不完整") from error


# The bit of an entry that says its name is in UTF-8 (APPNOTE.TXT §4.4.4), and the encoding
# in which zipfile decodes every other name.
_UTF8_NAME_FLAG, _OTHER_NAME_ENCODING = 0x800, "cp437"
# The id of the extra field with the name in UTF-8 (§4.6.9), and what stands before the name:
# version of the field, checksum of the name that it replaces.
_UNICODE_NAME_ID, _UNICODE_NAME_HEAD = 0x7075, struct.Struct("<BI")
_EXTRA_FIELD_HEAD = struct.Struct("<HH")


def is_folder(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry stands for a folder: ``is_dir`` fails for one without a name."""
    name = entry.orig_filename
    return name.endswith("/") or not (name or entry.file_size)


def has_utf8_name(entry: zipfile.ZipInfo) -> bool:
    """Return whether the name of an entry is marked as UTF-8."""
    return bool(entry.flag_bits & _UTF8_NAME_FLAG)


def read_raw_name(entry: zipfile.ZipInfo) -> bytes:
    """Return the name of an entry as the bytes that the zip has.

    ``ZipInfo.filename`` depends on the version of Python: from 3.12 on it is what
    :func:`read_unicode_name` returns where there is such a name.
    """
    return entry.orig_filename.encode("utf-8" if has_utf8_name(entry) else _OTHER_NAME_ENCODING)


def read_unicode_name(entry: zipfile.ZipInfo) -> str:
    """Return the name in an entry's extra fields; "" where there is none for this name."""
    extra = memoryview(entry.extra)
    while len(extra) >= _EXTRA_FIELD_HEAD.size:
        field_id, length = _EXTRA_FIELD_HEAD.unpack_from(extra)
        content = extra[_EXTRA_FIELD_HEAD.size : _EXTRA_FIELD_HEAD.size + length]
        extra = extra[_EXTRA_FIELD_HEAD.size + length :]
        if field_id != _UNICODE_NAME_ID or len(content) < _UNICODE_NAME_HEAD.size:
            continue
        _, checksum = _UNICODE_NAME_HEAD.unpack_from(content)
        if checksum == zlib.crc32(read_raw_name(entry)):
            return bytes(content[_UNICODE_NAME_HEAD.size :]).decode("utf-8", "ignore")
    return ""


def parse_xml(data: bytes) -> Element:
    """Return the root element of a small part, a DTD refused. Raises RefusedError."""
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # LookupError: an encoding that Python does not know.
        raise RefusedError("file-damaged", "工作簿的目录不完整") from error
    return root


def list_entry_names(source: bytes | Path | BinaryIO) -> list[str]:
    """Return the names of a zip's entries as they are written. Raises RefusedError."""
    with open_zip(source) as archive:
        return archive.list_names()


def is_archive(source: Path | BinaryIO) -> bool:
    """Whether a zip is an archive of files, and not a document such as .xlsx."""
    try:
        return classify_zip(list_entry_names(source)) is ZipKind.ARCHIVE
    except RefusedError:
        return False


def classify_zip(names: Iterable[str]) -> ZipKind:
    """Return what a zip is by the names of its entries: an archive, if nothing else."""
    normalized_names = [name.replace("\\", "/").casefold() for name in names]
    for prefix, kind in _NAME_PREFIXES:
        if any(name.startswith(prefix) for name in normalized_names):
            return kind
    return ZipKind.ARCHIVE


def read_parts(data: bytes) -> Mapping[str, bytes]:
    """Return every part of a package from outside by name. Raises RefusedError."""
    chunks_by_name: dict[str, list[bytes]] = {}
    for name, chunk in _inflate(data):
        chunks_by_name.setdefault(name, []).append(chunk)
    return {name: b"".join(chunks) for name, chunks in chunks_by_name.items()}


def refuse_unsound_package(data: bytes) -> None:
    """Raise RefusedError for a package that no library may open in the program itself.

    Libraries inflate without a bound whatever they look for; so every part is inflated once,
    within the limits of a package from outside, and nothing of it is kept.
    """
    for _ in _inflate(data):
        pass


def _inflate(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a package from outside in pieces, each with its part's name."""
    with open_zip(data) as archive:
        entries = [entry for entry in archive.list_entries() if not is_folder(entry)]
        _check_entries(entries)
        total = 0
        for entry in entries:
            name = entry.orig_filename.replace("\\", "/")
            size = 0
            yield name, b""  # a part may be empty
            for chunk in archive.iterate_chunks(entry):
                size += len(chunk)
                total += len(chunk)
                if size > MAX_PART_BYTES or total > MAX_TOTAL_BYTES:
                    detail = f"解开后超过 {MAX_PART_BYTES // 2**20} MB"
                    raise RefusedError("file-too-large", detail)
                if size > _RATIO_MIN_BYTES and size > MAX_RATIO * max(entry.compress_size, 1):
                    raise RefusedError("file-suspect", "压缩比过高")
                yield name, chunk


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RefusedError("file-suspect", f"内部有 {len(entries)} 个部件，过多")
    seen_names: set[str] = set()
    for entry in entries:
        if entry.compress_type not in _COMPRESSION_METHODS:
            raise RefusedError("file-suspect", _UNUSUAL_COMPRESSION)
        name = entry.orig_filename.replace("\\", "/").casefold()
        # Programs differ on which of two names they read a part by.
        is_renamed = read_unicode_name(entry) not in ("", entry.orig_filename)
        if is_renamed or name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise RefusedError("file-suspect", "内部部件的路径不正常")
        if name in seen_names:
            raise RefusedError("file-suspect", "内部有同名部件")
        seen_names.add(name)


def replace_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return a package of ours with other content in ``parts``, and all else as it was.

    Parts that it does not have are added, in their order.
    """
    target = io.BytesIO()
    with open_zip(data) as source, zipfile.ZipFile(target, "w") as package:
        entries = source.list_entries()
        for entry in entries:
            content = parts.get(entry.filename)
            if content is not None:
                package.writestr(entry, content)
            elif entry.flag_bits & _HAS_DATA_DESCRIPTOR:
                # No bound: what we have just drawn may be as large as it is.
                package.writestr(entry, source.read(entry, sys.maxsize))
            else:
                _copy_entry(data, entry, package, target)
        for name in parts.keys() - {entry.filename for entry in entries}:
            entry = zipfile.ZipInfo(name, entries[0].date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # As the others: zipfile would write the system that it runs on.
            entry.create_system = entries[0].create_system
            package.writestr(entry, parts[name])
    return target.getvalue()


# A bit of an entry: its sizes follow its content (APPNOTE.TXT §4.4.4).
_HAS_DATA_DESCRIPTOR = 0x08
# The length of a local header, and where in it those of name and extra field are (§4.3.7).
_LOCAL_HEADER_SIZE, _LENGTHS_OFFSET = 30, 26


def _copy_entry(
    data: bytes, entry: zipfile.ZipInfo, package: zipfile.ZipFile, target: io.BytesIO
) -> None:
    """Add an entry of the zip ``data`` to ``package`` as it is: compressing takes long.

    ``target`` is what ``package`` is written to.
    """
    start = entry.header_offset
    lengths = struct.unpack_from("<HH", data, start + _LENGTHS_OFFSET)
    copied_entry = copy.copy(entry)
    copied_entry.header_offset = target.seek(package.start_dir)
    target.write(data[start : start + _LOCAL_HEADER_SIZE + sum(lengths) + entry.compress_size])
    package.start_dir = target.tell()
    package.filelist.append(copied_entry)
    package.NameToInfo[entry.filename] = copied_entry


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document that the office chooses, and the words for saving it again."""

    suffix: str
    program: str

    @property
    def save_as_hint(self) -> str:
        return f"请用{self.program}把方案另存为新的 {self.suffix} 后重试。"


WORD_DOCUMENT = DocumentKind(".docx", " Word 或 WPS ")
EXCEL_DOCUMENT = DocumentKind(".xlsx", " Excel 或 WPS ")


def check_package(data: bytes, kind: DocumentKind) -> Mapping[str, bytes]:
    """Check that libraries may open a plan or template, and return its XML parts by name.

    Raises InputError for a package that is damaged, has a password, inflates to an
    unusual size or declares a document type (DTD).
    """
    try:
        with open_zip(data) as package:
            entries = package.list_entries()
            size = sum(entry.file_size for entry in entries)
            if size > _MAX_DOCUMENT_BYTES or len(entries) > _MAX_DOCUMENT_ENTRIES:
                raise InputError(
                    f"这个 {kind.suffix} 文件解压后大得不正常，没有打开。{kind.save_as_hint}",
                    code="document-unreadable",
                )
            parts = [
                (entry.filename, package.read(entry))
                for entry in entries
                if entry.filename.endswith(_XML_SUFFIXES)
            ]
        for _, part in parts:
            _check_xml(part)
    except _DoctypeError as error:
        raise InputError(
            f"这个 {kind.suffix} 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
            f"{kind.save_as_hint}",
            code="document-unreadable",
        ) from error
    except (RefusedError, expat.ExpatError, ValueError, LookupError) as error:
        raise make_damaged_error(kind) from error
    return dict(parts)


class _DoctypeError(Exception):
    """An XML part declares a document type."""


def _check_xml(part: bytes) -> None:
    """Check that a part is well formed and declares no document type.

    Raises ExpatError or ValueError, or _DoctypeError. Without handlers for elements, expat
    takes a tenth of the time of a parser that builds a tree.
    """
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse_doctype(*_: object) -> None:
        raise _DoctypeError

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.Parse(part, True)


def make_locked_error() -> InputError:
    """Return the error for a plan or template that asks for a password when it is opened."""
    return InputError(
        "文件设了打开密码，读不了。请用 Office 或 WPS 打开，去掉密码另存后重试。",
        code="document-unreadable",
    )


def make_damaged_error(kind: DocumentKind) -> InputError:
    return InputError(
        f"这个 {kind.suffix} 文件已经损坏或设了密码，打不开。"
        f"请用{kind.program}打开确认，另存为新的 {kind.suffix} 后重试。",
        code="document-unreadable",
    )


# --- OLE containers ---

# The stream of an .xls ([MS-XLS], [MS-CFB]). A file for Excel 5 and newer programs alike has
# both, of which the first is complete.
WORKBOOK_STREAMS = ("Workbook", "Book")
# The stream of a document of Word or WPS Writer ([MS-DOC] 2.1).
DOCUMENT_STREAM = "WordDocument"
# The stream of an .xlsx or .docx that has a password ([MS-OFFCRYPTO]).
ENCRYPTED_STREAM = "EncryptedPackage"


def open_ole(data: bytes) -> OleFileIO:
    """Open an OLE container. Raises RefusedError."""
    from olefile import OleFileIO

    try:
        return OleFileIO(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "文件结构不完整") from error
