"""The marks by which a return is known again: signed with a key that stays in the book.

A sheet carries a visible line naming book, round, section and form with a check code;
a row carries a code, and its official text a fingerprint. None of them is a position,
a file name or a sheet name: those are the first things people change.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zipfile
from dataclasses import dataclass
from functools import lru_cache

from ledgerbook.file_types import RefusedError, open_zip, replace_part
from ledgerbook.model import Book, Task
from ledgerbook.text import normalize

MARK_SHEET = "_ledgerbook"
CHOICES_SHEET = "_选项"
WORKDAY_SHEET = "_工作日"
MARK_FORMAT = "ledgerbook/1"
KEYWORD = "ledgerbook"
# What the seal is called among the keywords of a workbook that we send.
SEAL_KEYWORD = "seal"

# What the facts on the hidden sheet of an issued workbook are called.
VERSION_FACT, DEFINITION_FACT, ROWS_FACT = "表单版本", "表单定义", "任务清单"
# A cell holds 32,767 characters; a definition may be longer.
_MAX_PIECE_LENGTH = 30_000

# No 0, 1, I or O: a code is sometimes read aloud over the telephone.
_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROW_DIGITS = 5
_CHECK_DIGITS = 8
# How the line begins by which a sheet says whose it is.
MARK_LABEL = "识别码"
_MARK_LINE = re.compile(
    MARK_LABEL + r"[:：]\s*([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|\s*([2-9A-Za-z]{8})"
)
# What ends a remark of ours, its text's fingerprint in it.
_REMARK_SIGNATURE = "【退回修改 {}】"
_KEYWORDS_PATTERN = re.compile(r"ledgerbook;kind=([^;]+)(?:;(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SheetMark:
    """What a sheet claims to be; ``check`` says whether the book made the claim."""

    book_id: str
    round: str
    section: str
    form: str
    check: str = ""

    @property
    def line(self) -> str:
        """The visible line of a sheet."""
        parts = (self.book_id, self.round, self.section, self.form, self.check)
        return f"{MARK_LABEL}：{'|'.join(parts)}"


def new_key() -> str:
    """Return a fresh random key, 64 hex digits."""
    return secrets.token_hex(32)


def make_book_id(year: int, key: str) -> str:
    return f"{year}-{_make_code(key, 'book', length=6)}"


def sign_sheet(book: Book, round_name: str, section: str, form_key: str) -> SheetMark:
    """Sign the sheet of one section's form in one round."""
    parts = (book.book_id, round_name, section, form_key)
    return SheetMark(*parts, _make_code(book.key, "sheet", *parts, length=_CHECK_DIGITS))


def is_genuine(mark: SheetMark, book: Book) -> bool:
    """Whether ``mark`` was signed by this very book."""
    expected = sign_sheet(book, mark.round, mark.section, mark.form)
    return mark.book_id == book.book_id and hmac.compare_digest(
        mark.check.upper().encode(), expected.check.encode()
    )


def parse_mark_line(text: str) -> SheetMark | None:
    """Find a visible line in a cell's text."""
    match = _MARK_LINE.search(text)
    return SheetMark(*(part.strip() for part in match.groups())) if match else None


def make_row_code(book: Book, task: Task, section: str) -> str:
    """Return the visible code of a section's row: the same in every round."""
    return f"{task.code}-{_make_code(book.key, 'row', task.code, section, length=_ROW_DIGITS)}"


def derive_sheet_password(book: Book) -> str:
    """Return the password of issued sheets, six digits that the office can look up.

    It keeps no secret; it keeps a section from unlocking and sorting by the way.
    """
    digest = hmac.digest(bytes.fromhex(book.key), b"password", "sha256")
    return f"{int.from_bytes(digest) % 1_000_000:06d}"


def compute_fingerprint(text: str) -> str:
    """Eight hex digits of official text, blind to spacing and full-width forms."""
    return _hash_text_cached(text) if len(text) < _MAX_CACHED_LENGTH else _hash_text(text)


def _hash_text(text: str) -> str:
    return hashlib.sha256(normalize(text).encode()).hexdigest()[:8]


# The texts of a plan come again in every return.
_MAX_CACHED_LENGTH = 300
_hash_text_cached = lru_cache(maxsize=1024)(_hash_text)


def sign_remark(text: str) -> str:
    """Sign a remark that we hang on a cell, to know it again when it comes back."""
    return f"{text}\n{_REMARK_SIGNATURE.format(compute_fingerprint(text))}"


def is_signed_remark(text: str) -> bool:
    """Whether this is a remark of ours, and nobody has added a word to it."""
    body, _, _ = text.strip().rpartition(_REMARK_SIGNATURE[:5])
    return normalize(text) == normalize(sign_remark(body))


def split_pieces(text: str) -> tuple[str, ...]:
    """Cut a long text so that each piece fits a cell."""
    return tuple(
        text[start : start + _MAX_PIECE_LENGTH] for start in range(0, len(text), _MAX_PIECE_LENGTH)
    )


def name_form_fact(fact: str, form_key: str) -> str:
    """Return what a register's own fact is called; the ledger's has the bare name."""
    return f"{fact} {form_key}"


def format_keywords(kind: str, *facts: str) -> str:
    """Return the core keywords of a workbook we make."""
    return ";".join((KEYWORD, f"kind={kind}", *facts))


def parse_kind(keyword_text: str) -> str:
    """Say what a workbook of ours is by its keywords; blank when it is not ours."""
    match = _KEYWORDS_PATTERN.match(keyword_text)
    return match.group(1) if match else ""


def _make_code(key: str, *parts: str, length: int) -> str:
    digest = hmac.digest(bytes.fromhex(key), "\x1f".join(parts).encode(), "sha256")
    number = int.from_bytes(digest)
    return "".join(_CODE_ALPHABET[number >> 5 * position & 31] for position in range(length))


# A seal on what we send: whether anybody has saved a workbook since we wrote it.
#
# Neither times nor names of users tell: Gnumeric, SheetJS and exceljs keep both as they
# were. What every program writes anew is the content, and of that the seal is made.

_CORE_PROPERTIES = "docProps/core.xml"
_SEAL_PATTERN = re.compile(rf";{SEAL_KEYWORD}=([0-9a-f]+)</cp:keywords>")
_KEYWORDS_END = "</cp:keywords>"
_DIGEST_LENGTH = 16

# The first line of a mail draft of ours.
_DRAFT_SEAL_LINE = re.compile(rb"X-Ledgerbook-Draft: ([0-9a-f]+)\r\n")


def seal_package(data: bytes) -> bytes:
    """Return a workbook or a document of ours with its seal among the keywords."""
    with open_zip(data) as package:
        seal = f";{SEAL_KEYWORD}={_hash_content(package)}{_KEYWORDS_END}"
        properties = package.read(_CORE_PROPERTIES).decode()
    sealed_properties = properties.replace(_KEYWORDS_END, seal).encode()
    return replace_part(data, _CORE_PROPERTIES, sealed_properties)


def seal_draft(data: bytes) -> bytes:
    """Return a mail draft of ours with its seal before it."""
    return f"X-Ledgerbook-Draft: {_hash_bytes(data)}\r\n".encode() + data


def is_draft(data: bytes) -> bool:
    """Whether this is a mail draft of ours as we wrote it, and no mail yet."""
    match = _DRAFT_SEAL_LINE.match(data)
    return match is not None and match[1].decode() == _hash_bytes(data[match.end() :])


def is_modified(data: bytes) -> bool:
    """Whether somebody has saved what we issued since we wrote it.

    What cannot be read at all counts as touched.
    """
    if is_draft(data):
        return False
    try:
        with open_zip(data) as package:
            match = _SEAL_PATTERN.search(package.read(_CORE_PROPERTIES).decode())
            return not match or match[1] != _hash_content(package)
    except (RefusedError, KeyError):
        return True


def _hash_content(package: zipfile.ZipFile) -> str:
    """Return a print of all parts but the one that bears the seal."""
    parts = sorted(
        (entry.filename, entry.CRC, entry.file_size)
        for entry in package.infolist()
        if entry.filename != _CORE_PROPERTIES
    )
    return _hash_bytes(repr(parts).encode())


def _hash_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGEST_LENGTH]
