"""List and extract the files in an archive, which is a .zip or a mail, within limits.

Nothing is written to disk. A member is addressed by its index in the archive, for names
may be repeated or wrongly encoded; a member of a nested archive by several indexes, from
the outermost archive inward. The members of a mail are its attachments. Encrypted zips
are opened with the passwords of the run. What must not or cannot be read raises
:class:`~ledgerbook.file_types.RefusedError`.

The format of .zip is that of PKWARE's APPNOTE.TXT:
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
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
from pathlib import Path
from typing import IO, BinaryIO

from ledgerbook.faults import is_raised_by_program
from ledgerbook.file_types import (
    ZIP_SIGNATURE,
    RefusedError,
    has_utf8_name,
    is_folder,
    read_raw_name,
    read_unicode_name,
)
from ledgerbook.intake import file_check
from ledgerbook.intake.mail import message
from ledgerbook.intake.mail.attachment import EmailAttachment
from ledgerbook.storage.file_names import number_duplicate_name
from ledgerbook.storage.folders import MAX_READABLE_BYTES

# Bytes of an archive: the photographs of a whole bureau may be in it beside the returns.
MAX_ARCHIVE_BYTES = MAX_READABLE_BYTES
# Members of an archive, and their bytes when extracted.
MAX_ENTRIES = 1_000
MAX_TOTAL_BYTES = 2**30
# How deep archives may be nested.
MAX_DEPTH = 2

# A bit of the general purpose flag (APPNOTE.TXT 4.4.4).
_ENCRYPTED_FLAG = 0x1
# Compression method of an AES-encrypted entry (APPNOTE.TXT 4.4.5), which Python cannot read.
_AES_METHOD = 99
_CHUNK_SIZE = 2**18
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)

# The attachments of a mail: name, attachment.
NamedAttachments = tuple[tuple[str, EmailAttachment], ...]


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive; ``name`` is its path there, ``size`` its declared size in bytes."""

    name: str
    index: int
    size: int


@dataclass(frozen=True, slots=True)
class ExtractedFile:
    """A file taken out of an archive: its first bytes, and size and SHA-256 of all of it."""

    data: bytes
    size: int
    sha256: str


def list_members(source: Path | BinaryIO, passwords: Sequence[str]) -> tuple[ArchiveMember, ...]:
    """List the files in an archive. Raises RefusedError.

    The declared sizes can be relied on: to extract a file that is larger is an error.
    """
    if attachments := _read_attachments(source):
        _check_entry_count(len(attachments))
        return _make_members(
            (name, index, len(part.data)) for index, (name, part) in enumerate(attachments)
        )
    with _open_zip(source) as archive:
        entries = [
            (index, entry) for index, entry in enumerate(archive.infolist()) if not is_folder(entry)
        ]
        _check_entry_count(len(entries))
        if sum(entry.file_size for _, entry in entries) > MAX_TOTAL_BYTES:
            raise RefusedError("file-suspect", "解开后过大")
        if (
            entries
            and all(entry.flag_bits & _ENCRYPTED_FLAG for _, entry in entries)
            and not any(
                _can_unlock(archive, entry, password)
                for _, entry in entries
                for password in passwords
            )
        ):
            raise RefusedError("file-password", "")
    return _make_members(_join_packages(entries))


def _join_packages(
    entries: Sequence[tuple[int, zipfile.ZipInfo]],
) -> Iterator[tuple[str, int, int]]:
    """Yield (name, index, size) of the files; a workbook that was unpacked is one of them.

    Whoever unpacks an .xlsx and compresses its folder gets an archive of its parts. Its index is
    that of the part that every package has (ECMA-376 Part 2 §7.2.3), whose folder it is.
    """
    names = {index: _decode_entry_name(entry).replace("\\", "/") for index, entry in entries}
    folders = {one: index for index, name in names.items() if (one := _find_folder(name))}
    sizes = dict.fromkeys(folders, 0)
    for index, entry in entries:
        folder = next((one for one in folders if names[index].startswith(one)), "")
        if folder:
            sizes[folder] += entry.file_size
        else:
            yield names[index], index, entry.file_size
    for folder, size in sizes.items():
        yield f"{folder.rstrip('/').removesuffix('.xlsx')}.xlsx", folders[folder], size


def _find_folder(name: str) -> str:
    """Return the folder of a package, with its slash, for its list of content types; else ""."""
    folder, slash, base_name = name.rpartition("/")
    return folder + slash if base_name.casefold() == "[content_types].xml" else ""


def _check_entry_count(count: int) -> None:
    if count > MAX_ENTRIES:
        raise RefusedError("file-suspect", f"里面有 {count} 个文件，过多")


def _make_members(entries: Iterable[tuple[str, int, int]]) -> tuple[ArchiveMember, ...]:
    """Return members for (name, index, size), each with a name of its own."""
    names: set[str] = set()
    last_numbers: dict[str, int] = {}
    members = []
    for raw_name, index, size in entries:
        name = number_duplicate_name(_sanitize_name(raw_name), names, last_numbers)
        names.add(name)
        members.append(ArchiveMember(name, index, size))
    return tuple(members)


def _read_attachments(source: Path | BinaryIO) -> NamedAttachments:
    """Return the attachments of a mail; empty for a zip."""
    with ExitStack() as stack:
        if isinstance(source, Path):
            source = stack.enter_context(source.open("rb"))
        source.seek(0)
        signature = source.read(len(ZIP_SIGNATURE))
        data = (
            b"" if signature == ZIP_SIGNATURE else signature + source.read(file_check.MAX_FILE_SIZE)
        )
    return message.list_attachments(data, MAX_DEPTH) if data and message.is_mail(data) else ()


def extract_member(
    path: Path,
    member_indexes: tuple[int, ...],
    passwords: Sequence[str],
    max_bytes: int,
) -> ExtractedFile:
    """Return one file of the archive at ``path``. Raises RefusedError.

    Of a file larger than ``max_bytes``, ``data`` has ``max_bytes + 1`` bytes.
    """
    stat = path.stat()
    file_key = (path, stat.st_mtime_ns, stat.st_size)
    container_args = (file_key, member_indexes[:-1], tuple(passwords), max_bytes)
    if attachments := _read_nested_attachments(*container_args):
        return _extract_attachment(attachments, member_indexes[-1])
    return _extract_entry(
        _open_enclosing_archive(*container_args), member_indexes[-1], passwords, max_bytes
    )


def read_declared_size(path: Path, member_indexes: tuple[int, ...]) -> int:
    """Return the declared size of a member that cannot be extracted; 0 if unknown."""
    if len(member_indexes) > 1:
        return 0
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()[member_indexes[-1]].file_size
    except _ZIP_ERRORS:
        return 0


def _open_enclosing_archive(
    file_key: tuple[Path, int, int],
    member_indexes: tuple[int, ...],
    passwords: tuple[str, ...],
    max_bytes: int,
) -> Path | BinaryIO:
    """Return the archive at ``member_indexes``: the path on disk, or a nested one's bytes."""
    return (
        io.BytesIO(_extract_nested_archive(file_key, member_indexes, passwords, max_bytes))
        if member_indexes
        else file_key[0]
    )


@lru_cache(maxsize=1)
def _extract_nested_archive(
    file_key: tuple[Path, int, int],
    member_indexes: tuple[int, ...],
    passwords: tuple[str, ...],
    max_bytes: int,
) -> bytes:
    """Return a nested archive; the last one is cached, for its files are read in turn."""
    source = _open_enclosing_archive(file_key, member_indexes[:-1], passwords, max_bytes)
    return _extract_entry(source, member_indexes[-1], passwords, max_bytes).data


@lru_cache(maxsize=1)
def _read_nested_attachments(
    file_key: tuple[Path, int, int],
    member_indexes: tuple[int, ...],
    passwords: tuple[str, ...],
    max_bytes: int,
) -> NamedAttachments:
    """Return the attachments of an archive; the last are cached, as each file needs them."""
    return _read_attachments(
        _open_enclosing_archive(file_key, member_indexes, passwords, max_bytes)
    )


def _extract_attachment(attachments: NamedAttachments, index: int) -> ExtractedFile:
    _, part = attachments[index]
    if part.code:
        raise RefusedError(part.code, part.detail)
    return ExtractedFile(part.data, len(part.data), hashlib.sha256(part.data).hexdigest())


def _extract_entry(
    source: Path | BinaryIO, index: int, passwords: Sequence[str], max_bytes: int
) -> ExtractedFile:
    """Return one file of the zip or mail ``source``. Raises RefusedError."""
    if attachments := _read_attachments(source):
        return _extract_attachment(attachments, index)
    with _open_zip(source) as archive:
        entry = archive.infolist()[index]
        if folder := _find_folder(_decode_entry_name(entry).replace("\\", "/")):
            return _repack_folder(archive, folder, passwords, max_bytes)
        return _unlock_entry(archive, entry, passwords, max_bytes)


def _repack_folder(
    archive: zipfile.ZipFile, folder: str, passwords: Sequence[str], max_bytes: int
) -> ExtractedFile:
    """Return the package whose parts are in ``folder``; its bytes depend on them alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for entry in archive.infolist():
            name = _decode_entry_name(entry).replace("\\", "/")
            if not name.startswith(folder) or is_folder(entry):
                continue
            part = _unlock_entry(archive, entry, passwords, max_bytes)
            if buffer.tell() + part.size > max_bytes:
                raise RefusedError("file-too-large", f"解开后超过 {max_bytes // 2**20} MB")
            package.writestr(zipfile.ZipInfo(name.removeprefix(folder)), part.data)
    data = buffer.getvalue()
    return ExtractedFile(data, len(data), hashlib.sha256(data).hexdigest())


def _unlock_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, passwords: Sequence[str], max_bytes: int
) -> ExtractedFile:
    """Return the file of an entry, which may be encrypted. Raises RefusedError."""
    _refuse_unusual_method(entry)
    if not entry.flag_bits & _ENCRYPTED_FLAG:
        return _read_entry(archive, entry, None, max_bytes)
    for password_bytes in _encode_passwords(passwords):
        try:
            return _read_entry(archive, entry, password_bytes, max_bytes)
        except (RuntimeError, *_ZIP_ERRORS):
            # The check byte lets one wrong password in 256 pass (APPNOTE.TXT 6.1);
            # what it decrypts to then fails to inflate.
            continue
    raise RefusedError("file-password", "")


def _read_entry(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    password: bytes | None,
    max_bytes: int,
) -> ExtractedFile:
    """Inflate one entry, and count and hash all its bytes."""
    digest = hashlib.sha256()
    content = bytearray()
    size = 0
    with archive.open(entry, pwd=password) as stream:
        while chunk := stream.read(_CHUNK_SIZE):
            size += len(chunk)
            digest.update(chunk)
            content += chunk[: max(max_bytes + 1 - len(content), 0)]
    return ExtractedFile(bytes(content), size, digest.hexdigest())


def _can_unlock(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: str) -> bool:
    """Whether the entry opens with ``password``; its content is not read."""
    _refuse_unusual_method(entry)
    for password_bytes in _encode_passwords([password]):
        try:
            archive.open(entry, pwd=password_bytes).close()
        except (RuntimeError, *_ZIP_ERRORS):
            continue
        return True
    return False


def _refuse_unusual_method(entry: zipfile.ZipInfo) -> None:
    if entry.compress_type == _AES_METHOD:
        raise RefusedError("file-archive-method", "")


def _encode_passwords(passwords: Sequence[str]) -> Iterator[bytes]:
    """Yield the encodings of each password that programs use."""
    for password in passwords:
        yield from dict.fromkeys(
            password.encode(encoding, "replace") for encoding in ("utf-8", "gb18030")
        )


@contextmanager
def _open_zip(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open a zip, and turn every failure of zipfile into RefusedError, none of ours."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except NotImplementedError as error:
        raise RefusedError("file-archive-method", "") from error
    except _ZIP_ERRORS as error:
        if is_raised_by_program(error):
            raise
        raise RefusedError("file-damaged", "压缩包不完整") from error


def _decode_entry_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; where it says nothing of it, guess the sender's encoding."""
    if has_utf8_name(entry):
        return entry.orig_filename
    if unicode_name := read_unicode_name(entry):
        return unicode_name
    raw_name = read_raw_name(entry)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw_name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.orig_filename


def _sanitize_name(name: str) -> str:
    """Return ``name`` as a relative path without ``..``."""
    # Programs end a name at a zero byte.
    segments = name.partition("\0")[0].replace("\\", "/").split("/")
    return (
        "/".join("．．" if segment == ".." else segment for segment in segments if segment) or "_"
    )
