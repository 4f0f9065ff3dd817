"""A .zip of returns, or a mail: what is in it, the bytes of each file, within limits.

Nothing is written to disk. A file inside is told by its index, for its name is only
what somebody's program made of it; one inside an archive inside by several.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from ledgerbook.file_types import RefusedError, ZipKind, kind_of
from ledgerbook.intake import file_check
from ledgerbook.intake.mail import message
from ledgerbook.intake.mail.attachment import EmailAttachment

# An archive may hold the photographs of a whole bureau beside its returns.
LARGEST = 500 * 2**20
ENTRIES = 1_000
TOTAL = 2**30
DEPTH = 2

_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
# WinZip's own way of encrypting, which stands where the way of packing should.
_AES = 99
_ZIP = b"PK"
_CHUNK = 2**18
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)

# What is attached to a mail, each by its name.
Letter = tuple[tuple[str, EmailAttachment], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its way from the archive on, index and declared size."""

    name: str
    index: int
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A file's bytes, its first ones where it is too large; and its size and sum."""

    data: bytes
    size: int
    sha256: str


def is_archive(source: Path | BinaryIO) -> bool:
    """Whether a zip is an archive of files, and no document of its own."""
    try:
        with zipfile.ZipFile(source) as archive:
            return kind_of(archive.namelist()) is ZipKind.ARCHIVE
    except _BAD:
        return False


def members(source: Path | BinaryIO, passwords: Sequence[str]) -> tuple[Member, ...]:
    """List the files in an archive. Raises RefusedError.

    No real size exceeds the declared one: where it would, reading ends in an error.
    """
    if letter := _letter(source):
        _check_count(len(letter))
        return _listed(
            (name, n, len(part.data)) for n, (name, part) in enumerate(letter)
        )
    with _opened(source) as archive:
        entries = [
            (n, one) for n, one in enumerate(archive.infolist()) if not one.is_dir()
        ]
        _check_count(len(entries))
        if sum(one.file_size for _, one in entries) > TOTAL:
            raise RefusedError("file-suspect", "解开后过大")
        if (
            entries
            and all(one.flag_bits & _ENCRYPTED for _, one in entries)
            and not any(
                _fits(archive, one, word) for _, one in entries for word in passwords
            )
        ):
            raise RefusedError("file-password", "")
    return _listed((_name(one), index, one.file_size) for index, one in entries)


def _check_count(count: int) -> None:
    if count > ENTRIES:
        raise RefusedError("file-suspect", f"里面有 {count} 个文件，过多")


def _listed(entries: Iterable[tuple[str, int, int]]) -> tuple[Member, ...]:
    names: set[str] = set()
    found = []
    for told, index, size in entries:
        name = free_name(_safe(told), names)
        names.add(name)
        found.append(Member(name, index, size))
    return tuple(found)


def _letter(source: Path | BinaryIO) -> Letter:
    """Return what is attached to a mail; nothing where it is none, but a zip."""
    with ExitStack() as stack:
        if isinstance(source, Path):
            source = stack.enter_context(source.open("rb"))
        source.seek(0)
        start = source.read(len(_ZIP))
        data = b"" if start == _ZIP else start + source.read(file_check.LARGEST)
    return message.attached(data, DEPTH) if data and message.is_mail(data) else ()


def take(
    path: Path, inside: tuple[int, ...], passwords: Sequence[str], most: int
) -> Taken:
    """Return one file of an archive, at most ``most`` bytes of it. Raises RefusedError.

    Its sum is that of all its bytes.
    """
    stat = path.stat()
    known = (path, stat.st_mtime_ns, stat.st_size)
    around = (known, inside[:-1], tuple(passwords), most)
    if letter := _opened_letter(*around):
        return _attached(letter, inside[-1])
    return _take(_holder(*around), inside[-1], passwords, most)


def size_of(path: Path, inside: tuple[int, ...]) -> int:
    """Return what a file is said to measure that cannot be taken out; 0 if nothing."""
    if len(inside) > 1:
        return 0
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()[inside[-1]].file_size
    except _BAD:
        return 0


def free_name(name: str, taken: Sequence[str] | set[str]) -> str:
    """Tell a file from others of the same name: ``a(2).xlsx``."""
    path, number, free = PurePosixPath(name), 2, name
    while free in taken:
        free = str(path.with_name(f"{path.stem}({number}){path.suffix}"))
        number += 1
    return free


def _holder(
    known: tuple[Path, int, int],
    inside: tuple[int, ...],
    passwords: tuple[str, ...],
    most: int,
) -> Path | BinaryIO:
    """Return what holds a file: the archive on disk, or one inside it."""
    return io.BytesIO(_nested(known, inside, passwords, most)) if inside else known[0]


@lru_cache(maxsize=1)
def _nested(
    known: tuple[Path, int, int],
    inside: tuple[int, ...],
    passwords: tuple[str, ...],
    most: int,
) -> bytes:
    """Keep the archive that was inflated last: its files are asked for in turn."""
    source = _holder(known, inside[:-1], passwords, most)
    return _take(source, inside[-1], passwords, most).data


@lru_cache(maxsize=1)
def _opened_letter(
    known: tuple[Path, int, int],
    inside: tuple[int, ...],
    passwords: tuple[str, ...],
    most: int,
) -> Letter:
    """Keep the mail that was opened last: of hundreds attached, each asks for it."""
    return _letter(_holder(known, inside, passwords, most))


def _attached(letter: Letter, index: int) -> Taken:
    _, part = letter[index]
    if part.code:
        raise RefusedError(part.code, part.detail)
    return Taken(part.data, len(part.data), hashlib.sha256(part.data).hexdigest())


def _take(
    source: Path | BinaryIO, index: int, passwords: Sequence[str], most: int
) -> Taken:
    if letter := _letter(source):
        return _attached(letter, index)
    with _opened(source) as archive:
        entry = archive.infolist()[index]
        if entry.compress_type == _AES:
            raise NotImplementedError
        if not entry.flag_bits & _ENCRYPTED:
            return _read(archive, entry, None, most)
        for word in _spelled(passwords):
            try:
                return _read(archive, entry, word, most)
            except (RuntimeError, *_BAD):
                # A wrong password may well be found out only by what it unlocks.
                continue
        raise RefusedError("file-password", "")


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: bytes | None, most: int
) -> Taken:
    digest = hashlib.sha256()
    kept = bytearray()
    size = 0
    with archive.open(entry, pwd=password) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            digest.update(piece)
            kept += piece[: max(most + 1 - len(kept), 0)]
    return Taken(bytes(kept), size, digest.hexdigest())


def _fits(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: str) -> bool:
    if entry.compress_type == _AES:
        raise NotImplementedError
    for word in _spelled([password]):
        try:
            archive.open(entry, pwd=word).close()
        except (RuntimeError, *_BAD):
            continue
        return True
    return False


def _spelled(passwords: Sequence[str]) -> Iterator[bytes]:
    """Yield the bytes that programs make of passwords."""
    for password in passwords:
        yield from dict.fromkeys(
            password.encode(encoding, "replace") for encoding in ("utf-8", "gb18030")
        )


@contextmanager
def _opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except NotImplementedError as error:
        raise RefusedError("file-archive-method", "") from error
    except _BAD as error:
        raise RefusedError("file-damaged", "压缩包不完整") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """Return a name as it was meant: programs write it in the system's own encoding."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    raw = entry.filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _safe(name: str) -> str:
    """Return a name that leads nowhere but into the archive."""
    steps = name.replace("\\", "/").split("/")
    return "/".join("．．" if step == ".." else step for step in steps if step) or "_"
