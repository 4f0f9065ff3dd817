"""The zip inside an .xlsx, opened with limits counted on bytes really inflated."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from enum import StrEnum

ENTRIES = 2_000
TOTAL = 200 * 2**20
PART = 128 * 2**20
RATIO = 200
_RATIO_FROM = 2**20
_CHUNK = 2**18
# What office programs use. The others inflate without a bound, or ask for gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PACKED = "压缩方式不常见或加了密"


class Kind(StrEnum):
    """What a zip is; some are a kind of file that is not read at all."""

    OOXML = "ooxml"
    ODF = "odf"
    ARCHIVE = "archive"
    OFD = "file-ofd"
    OLD = "file-old-format"
    OTHER = "file-other-type"


# First letters of a part's name, in small ones → what only such a zip has.
_TELLTALES = (
    ("[content_types].xml", Kind.OOXML),
    ("xl/", Kind.OOXML),
    ("word/", Kind.OOXML),
    ("ppt/", Kind.OOXML),
    ("ofd.xml", Kind.OFD),
    ("index/document.iwa", Kind.OLD),
    ("meta-inf/manifest.xml", Kind.ODF),
    ("mimetype", Kind.ODF),
    ("meta-inf/", Kind.OTHER),
)


class RefusedError(Exception):
    """The package is damaged or suspicious; ``code`` names the problem to report."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(detail)


def kind_of(names: Iterable[str]) -> Kind:
    """Say what a zip is by the names of its entries: an archive, if nothing else."""
    told = [name.replace("\\", "/").casefold() for name in names]
    for head, kind in _TELLTALES:
        if any(name.startswith(head) for name in told):
            return kind
    return Kind.ARCHIVE


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
