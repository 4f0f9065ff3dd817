"""The marks by which a return is known again: signed with a key that stays in the book.

A sheet carries a visible line naming book, round, section and form with a check code;
a row carries a code, and its official text a fingerprint. None of them is a position,
a file name or a sheet name: those are the first things people change.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import secrets
import zipfile
from dataclasses import dataclass
from functools import lru_cache

from ledgerbook.model import Book, Task
from ledgerbook.text import squash

MARK_SHEET = "_ledgerbook"
LIST_SHEET = "_选项"
WORKDAY_SHEET = "_工作日"
FORMAT = "ledgerbook/1"
KEYWORD = "ledgerbook"
# What the seal is called among the keywords of a workbook that we send.
SEAL = "seal"

# What the facts on the hidden sheet of an issued workbook are called.
VERSION, DEFINITION, ROWS = "表单版本", "表单定义", "任务清单"
# A cell holds 32,767 characters; a definition may be longer.
_PIECE = 30_000

# No 0, 1, I or O: a code is sometimes read aloud over the telephone.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROW_DIGITS = 5
_CHECK_DIGITS = 8
# How the line begins by which a sheet says whose it is.
MARK_LABEL = "识别码"
_LINE = re.compile(
    MARK_LABEL + r"[:：]\s*([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|\s*([2-9A-Za-z]{8})"
)
# What ends a remark of ours, its text's fingerprint in it.
_SIGNED_REMARK = "【退回修改 {}】"
_KEYWORDS = re.compile(r"ledgerbook;kind=([^;]+)(?:;(.*))?", re.DOTALL)


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


def book_id(year: int, key: str) -> str:
    return f"{year}-{_code(key, 'book', length=6)}"


def sheet_mark(book: Book, round_name: str, section: str, form_key: str) -> SheetMark:
    """Sign the sheet of one section's form in one round."""
    parts = (book.book_id, round_name, section, form_key)
    return SheetMark(*parts, _code(book.key, "sheet", *parts, length=_CHECK_DIGITS))


def genuine(mark: SheetMark, book: Book) -> bool:
    """Whether ``mark`` was signed by this very book."""
    true = sheet_mark(book, mark.round, mark.section, mark.form)
    return mark.book_id == book.book_id and hmac.compare_digest(
        mark.check.upper().encode(), true.check.encode()
    )


def read_line(text: str) -> SheetMark | None:
    """Find a visible line in a cell's text."""
    found = _LINE.search(text)
    return SheetMark(*(part.strip() for part in found.groups())) if found else None


def row_code(book: Book, task: Task, section: str) -> str:
    """Return the visible code of a section's row: the same in every round."""
    return (
        f"{task.code}-{_code(book.key, 'row', task.code, section, length=_ROW_DIGITS)}"
    )


def sheet_password(book: Book) -> str:
    """Return the password of issued sheets, six digits that the office can look up.

    It keeps no secret; it keeps a section from unlocking and sorting by the way.
    """
    digest = hmac.digest(bytes.fromhex(book.key), b"password", "sha256")
    return f"{int.from_bytes(digest) % 1_000_000:06d}"


def fingerprint(text: str) -> str:
    """Eight hex digits of official text, blind to spacing and full-width forms."""
    return _print_before(text) if len(text) < _SHORT else _print(text)


def _print(text: str) -> str:
    return hashlib.sha256(squash(text).encode()).hexdigest()[:8]


# The texts of a plan come again in every return.
_SHORT = 300
_print_before = lru_cache(maxsize=1024)(_print)


def remark(text: str) -> str:
    """Sign a remark that we hang on a cell, to know it again when it comes back."""
    return f"{text}\n{_SIGNED_REMARK.format(fingerprint(text))}"


def is_remark(text: str) -> bool:
    """Whether this is a remark of ours, and nobody has added a word to it."""
    body, _, _ = text.strip().rpartition(_SIGNED_REMARK[:5])
    return squash(text) == squash(remark(body))


def pieces(text: str) -> tuple[str, ...]:
    """Cut a long text so that each piece fits a cell."""
    return tuple(text[at : at + _PIECE] for at in range(0, len(text), _PIECE))


def of_form(fact: str, form_key: str) -> str:
    """Return what a register's own fact is called; the ledger's has the bare name."""
    return f"{fact} {form_key}"


def keywords(kind: str, *facts: str) -> str:
    """Return the core keywords of a workbook we make."""
    return ";".join((KEYWORD, f"kind={kind}", *facts))


def kind_of(words: str) -> str:
    """Say what a workbook of ours is by its keywords; blank when it is not ours."""
    found = _KEYWORDS.match(words)
    return found.group(1) if found else ""


def _code(key: str, *parts: str, length: int) -> str:
    digest = hmac.digest(bytes.fromhex(key), "\x1f".join(parts).encode(), "sha256")
    number = int.from_bytes(digest)
    return "".join(_ALPHABET[number >> 5 * n & 31] for n in range(length))


# A seal on what we send: whether anybody has saved a workbook since we wrote it.
#
# Neither times nor names of users tell: Gnumeric, SheetJS and exceljs keep both as they
# were. What every program writes anew is the content, and of that the seal is made.

_CORE = "docProps/core.xml"
_SEAL = re.compile(rf";{SEAL}=([0-9a-f]+)</cp:keywords>")
_END = "</cp:keywords>"
_DIGITS = 16

# The first line of a mail draft of ours.
_SEALED_LINE = re.compile(rb"X-Ledgerbook-Draft: ([0-9a-f]+)\r\n")


def sealed(data: bytes) -> bytes:
    """Return a workbook or a document of ours with its seal among the keywords."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        seal = f";{SEAL}={_content(source)}{_END}"
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == _CORE:
                part = part.decode().replace(_END, seal).encode()
            package.writestr(entry, part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def sealed_text(data: bytes) -> bytes:
    """Return a mail draft of ours with its seal before it."""
    return f"X-Ledgerbook-Draft: {_digest(data)}\r\n".encode() + data


def is_draft(data: bytes) -> bool:
    """Whether this is a mail draft of ours as we wrote it, and no mail yet."""
    found = _SEALED_LINE.match(data)
    return found is not None and found[1].decode() == _digest(data[found.end() :])


def touched(data: bytes) -> bool:
    """Whether somebody has saved what we issued since we wrote it.

    What cannot be read at all counts as touched.
    """
    if is_draft(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found = _SEAL.search(package.read(_CORE).decode())
            return not found or found[1] != _content(package)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return True


def _content(package: zipfile.ZipFile) -> str:
    """Return a print of all parts but the one that bears the seal."""
    parts = sorted(
        (entry.filename, entry.CRC, entry.file_size)
        for entry in package.infolist()
        if entry.filename != _CORE
    )
    return _digest(repr(parts).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]
