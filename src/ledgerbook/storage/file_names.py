"""Make file names that every system accepts and that no other file has.

Nothing here touches the disk. Names are the last part of a path, or a path relative to
the folder or archive that is read, with ``/`` between its parts. A *stem* is a name
without its extension. Names of sheets have rules of their own:
:mod:`ledgerbook.excel.names`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, MutableMapping
from pathlib import PurePath, PurePosixPath

from ledgerbook.text import make_distinct_names

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file lists the characters
# that Windows forbids, and the device names that it reserves whatever the extension.
_FORBIDDEN_CHARACTERS = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_DEVICE_NAME = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?",
    re.IGNORECASE,
)
# Excel, Word and WPS begin the names of their lock files so.
OFFICE_LOCK_PREFIX = "~$"
# The name of our own file while it is being written: random letters, and a check of them, so
# that no file of anybody else is taken for one.
_TEMPORARY_NAME = re.compile(r"\.ledgerbook-([a-z2-7]{5})([a-z2-7]{4})")
TEMPORARY_NAME_LENGTH = len(".ledgerbook-") + 9
# Names who runs the program in a folder; its name begins as a leftover's.
RUN_LOCK_NAME = ".~ledgerbook.lock"
# The names of lock files, and of notes that file managers leave, begin so.
_LEFTOVER_PREFIXES = (OFFICE_LOCK_PREFIX, ".~lock", "._", ".~", ".DS_Store")
# macOS adds this folder to every archive that it makes.
_MAC_FOLDER = "__MACOSX"

_MAX_STEM_LENGTH = 80
# Linux allows 255 bytes; the difference is for the extension.
_MAX_STEM_BYTES = 240


def make_file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file stem for each of ``names``, no two alike whatever their case."""
    return make_distinct_names(names, _clean_stem, _truncate_stem)


def replace_forbidden_characters(name: str) -> str:
    """Return ``name`` with ``_`` for each character that Windows forbids."""
    return _FORBIDDEN_CHARACTERS.sub("_", name)


def number_file_name(name: str, number: int) -> str:
    """Return the ``number``-th name of its kind: ``a.xlsx``, then ``a(2).xlsx``."""
    if number == 1:
        return name
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}({number}){path.suffix}"))


def number_duplicate_name(
    name: str, used_names: Collection[str], last_numbers: MutableMapping[str, int]
) -> str:
    """Return ``name``, or the first of ``a(2).xlsx``, ``a(3).xlsx``, … that is not used.

    ``last_numbers`` are the numbers up to which earlier calls found all used, by name; the
    number found now is added.
    """
    number = last_numbers.get(name, 1)
    candidate = number_file_name(name, number)
    while candidate in used_names:
        number += 1
        candidate = number_file_name(name, number)
    last_numbers[name] = number
    return candidate


def prefix_duplicate_name(name: str, root: PurePath, used_names: Collection[str]) -> str:
    """Return ``name``, or where it is used, ``name`` with the name of its ``root`` folder.

    Of several roots with one name, the later ones get a number: ``收回(2)/a.xlsx``.
    """
    if name not in used_names:
        return name
    candidate, number = f"{root.name}/{name}", 1
    while candidate in used_names:
        number += 1
        candidate = f"{root.name}({number})/{name}"
    return candidate


def make_temporary_name() -> str:
    """Return a new name for a file of ours while it is being written."""
    letters = _encode_base32(secrets.token_bytes(5))[:5]
    return f".ledgerbook-{letters}{_compute_check(letters)}"


def is_temporary_name(name: str) -> bool:
    """Whether ``name`` was made by :func:`make_temporary_name`."""
    match = _TEMPORARY_NAME.fullmatch(name)
    return match is not None and match[2] == _compute_check(match[1])


def _compute_check(letters: str) -> str:
    return _encode_base32(hashlib.sha256(f"ledgerbook {letters}".encode()).digest())[:4]


def _encode_base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower()


def is_leftover(name: str) -> bool:
    """Whether a file is a lock, a temporary file or a file manager's note by its name."""
    path = PurePath(name)
    return (
        path.name.startswith(_LEFTOVER_PREFIXES)
        or is_temporary_name(path.name)
        or _MAC_FOLDER in path.parts
    )


def _clean_stem(name: str) -> str:
    # macOS writes a letter and its accent as two characters (NFD), others as one.
    stem = replace_forbidden_characters(unicodedata.normalize("NFC", name)).strip(" .")
    # A file that is called like a lock file would be skipped by ``collect``.
    is_reserved = not stem or _DEVICE_NAME.fullmatch(stem) or stem.startswith(OFFICE_LOCK_PREFIX)
    return f"_{stem}" if is_reserved else stem


def _truncate_stem(stem: str, suffix: str) -> str:
    truncated = stem[: _MAX_STEM_LENGTH - len(suffix)]
    while len((truncated + suffix).encode(errors="replace")) > _MAX_STEM_BYTES:
        truncated = truncated[:-1]
    # Windows drops a blank or a dot at the end, which the cut may have left there.
    return (truncated + suffix).rstrip(" .")


# A summary into which somebody typed, and one that cannot be opened, are kept under these
# names before they are replaced.
EDITED_COPY_MARK = "（有人改过"
UNREADABLE_COPY_MARK = "（打不开"
# Where the summaries of earlier rounds are.
HISTORY_FOLDER = "历次"


def is_kept_copy(name: str) -> bool:
    """Return whether a file, by its name with ``/``, is a kept copy of a summary."""
    *folders, file_name = name.split("/")
    is_copy = any(mark in file_name for mark in (EDITED_COPY_MARK, UNREADABLE_COPY_MARK))
    return is_copy or HISTORY_FOLDER in folders
