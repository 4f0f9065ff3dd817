"""Make and verify the marks by which a return is recognized, and the seal of our files.

A sheet mark is a visible line that names book, round, section and form, with a check
code; a row has a row code, and its official text a fingerprint. The codes are signed
(HMAC-SHA-256) with a key that never leaves the book. Positions, file names and sheet
names identify nothing: people change them.

The seal shows whether anybody has saved a file since it was issued; see the second half
of the module.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from html import unescape
from pathlib import Path

from ledgerbook.file_types import RefusedError, ZipReader, open_zip, replace_parts
from ledgerbook.model import Book, Task
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.text import normalize

# The hidden sheets of an issued workbook.
MARK_SHEET = "_ledgerbook"
CHOICES_SHEET = "_选项"
WORKDAY_SHEET = "_工作日"
MARK_FORMAT = "ledgerbook/1"
# The first word of the core property ``keywords`` of our workbooks, and the key of the
# seal in it.
KEYWORD = "ledgerbook"
SEAL_KEYWORD = "seal"

# The names of the facts on the hidden sheet of an issued workbook.
FORMAT_FACT, AGENCY_FACT, YEAR_FACT = "格式", "机关", "年度"
VERSION_FACT, DEFINITION_FACT, ROWS_FACT = "表单版本", "表单定义", "任务清单"
# A cell holds 32,767 characters; the definition of a form may be longer.
_MAX_PIECE_LENGTH = 30_000

# Without 0, 1, I and O: codes are sometimes read aloud over the telephone.
_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROW_DIGITS = 5
_CHECK_DIGITS = 8
_SIGNATURE_DIGITS = 16
_ENTRY_SEPARATOR = "·"
# The beginning of the visible line of a sheet.
MARK_LABEL = "识别码"
_MARK_LINE = re.compile(
    MARK_LABEL + r"[:：]\s*([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|\s*([2-9A-Za-z]{8})"
)
# The last line of a note that we put on a cell; the braces hold its text's fingerprint.
_REMARK_SIGNATURE = "【退回修改 {}】"
_KEYWORDS_PATTERN = re.compile(r"ledgerbook;kind=([^;]+)(?:;(.*))?", re.DOTALL)


class OutputKind(StrEnum):
    """What a file that ledgerbook writes is; its core keywords name it."""

    BOOK = "台账"
    RETURN = "报送表"
    MASTER = "总台账"
    DISPATCH_LIST = "签发清单"
    NOTICE = "填报通知"
    CORRECTIONS = "退回修改"
    REMINDER = "催办通知"
    REMINDER_LIST = "催办清单"
    BRIEFING = "通报"
    SUMMARY = "年度汇总"
    # The summary without the contents of personal columns.
    UPLOAD_SUMMARY = "上报汇总"
    ROLLUP = "合并汇总"
    # A page for a browser, whose keywords are in its head.
    BOARD = "看板"


SUMMARY_KINDS = frozenset({OutputKind.SUMMARY, OutputKind.UPLOAD_SUMMARY, OutputKind.ROLLUP})
# Workbooks that are never returns, whoever has saved them.
_NON_RETURN_KINDS = SUMMARY_KINDS | {
    OutputKind.BOOK,
    OutputKind.DISPATCH_LIST,
    OutputKind.REMINDER_LIST,
}


@dataclass(frozen=True, slots=True)
class SheetMark:
    """What a sheet claims to be; ``check`` is the code by which the book signed the claim.

    ``form`` is the key of a form.
    """

    book_id: str
    round: str
    section: str
    form: str
    check: str = ""

    @property
    def line(self) -> str:
        """The visible line, as written into the sheet."""
        parts = (self.book_id, self.round, self.section, self.form, self.check)
        return f"{MARK_LABEL}：{'|'.join(parts)}"


def make_key() -> str:
    """Return a new random key, 64 hex digits."""
    return secrets.token_hex(32)


def make_book_id(year: int, key: str) -> str:
    """Return the name of a book in marks: its year and a code of six characters."""
    return f"{year}-{_make_code(key, 'book', length=6)}"


def sign_sheet(book: Book, round_name: str, section: str, form_key: str) -> SheetMark:
    """Return the signed mark of the sheet of one section's form in one round."""
    parts = (book.book_id, round_name, section, form_key)
    return SheetMark(*parts, _make_code(book.key, "sheet", *parts, length=_CHECK_DIGITS))


def is_genuine(mark: SheetMark, book: Book) -> bool:
    """Return whether ``mark`` was signed with the key of ``book``."""
    expected = sign_sheet(book, mark.round, mark.section, mark.form)
    return mark.book_id == book.book_id and hmac.compare_digest(
        mark.check.upper().encode(), expected.check.encode()
    )


def parse_mark_line(text: str) -> SheetMark | None:
    """Return the sheet mark in the text of a cell, if it contains a visible line."""
    match = _MARK_LINE.search(text)
    return SheetMark(*(part.strip() for part in match.groups())) if match else None


def make_row_code(book: Book, task: Task, section: str) -> str:
    """Return the row code of a section's row for ``task``, the same in every round."""
    return f"{task.code}-{_make_code(book.key, 'row', task.code, section, length=_ROW_DIGITS)}"


@dataclass(frozen=True, slots=True)
class RowOwner:
    """The task and the section that a row code was made for."""

    task: Task
    section: str


# By row code.
RowOwners = Mapping[str, RowOwner]


def map_row_owners(book: Book) -> dict[str, RowOwner]:
    """Return whose each row code is: of every task and section, assigned or not.

    A row may have been issued before its task was assigned to others. Those of retired and
    deleted tasks and of former sections are among them; a renamed section has its present name.
    """
    names = (*book.former_names, *sorted(book.former_sections), *book.section_names)
    return {
        make_row_code(book, task, name): RowOwner(task, book.resolve_section(name))
        for task in (*book.tasks, *book.retired_tasks, *book.list_deleted_tasks())
        for name in names
    }


def make_entry_code(form_key: str, section: str, entry: str) -> str:
    """Return the code of an entry of a register, by which the office's notes know it.

    ``entry`` is its identity as text.
    """
    return _ENTRY_SEPARATOR.join((form_key, section, entry))


def split_entry_code(book: Book, code: str) -> tuple[str, str, str] | None:
    """Return form key, section and entry of a code of :func:`make_entry_code`.

    The section is named as in the code. None for any other code.
    """
    names = (*book.section_names, *book.former_names, *sorted(book.former_sections))
    for form in book.registers:
        for name in names:
            prefix = make_entry_code(form.key, name, "")
            if code.startswith(prefix):
                return form.key, name, code.removeprefix(prefix)
    return None


def map_former_codes(book: Book) -> dict[str, str]:
    """Return the row codes that renamed sections had, with those of today."""
    return {
        make_row_code(book, task, name): make_row_code(book, task, book.resolve_section(name))
        for task in (*book.tasks, *book.retired_tasks)
        for name in book.former_names
    }


def find_present_code(book: Book, code: str, former_codes: Mapping[str, str]) -> str:
    """Return the present code of a row or entry, whose section may have been renamed.

    ``former_codes`` are those of :func:`map_former_codes`.
    """
    if present_code := former_codes.get(code):
        return present_code
    if book.former_names and (parts := split_entry_code(book, code)):
        form_key, section, entry = parts
        return make_entry_code(form_key, book.resolve_section(section), entry)
    return code


def derive_sheet_password(book: Book) -> str:
    """Return the protection password of issued sheets: six digits shown in the book.

    It protects no secret; it prevents a section from unlocking and sorting a sheet
    without thinking.
    """
    digest = hmac.digest(bytes.fromhex(book.key), b"password", "sha256")
    return f"{int.from_bytes(digest) % 1_000_000:06d}"


def sign_text(book: Book, text: str) -> str:
    """Return the code by which a text of an issued workbook is signed."""
    return _make_code(book.key, "text", book.book_id, text, length=_SIGNATURE_DIGITS)


def is_signed_text(book: Book, text: str, signature: str) -> bool:
    """Return whether ``signature`` is that of ``text``, made with the key of ``book``."""
    return hmac.compare_digest(signature.encode(), sign_text(book, text).encode())


def compute_row_fingerprint(texts: Mapping[str, str]) -> str:
    """Return a fingerprint of a row's answers, column key → text, whoever gave or signed them."""
    answers = (item for item in texts.items() if item[0] not in SIGNATURE_KEYS)
    return compute_fingerprint(repr(sorted(answers)))


def compute_fingerprint(text: str) -> str:
    """Return eight hex digits that identify a text, whatever its spaces and width forms."""
    return _hash_text_cached(text) if len(text) < _MAX_CACHED_LENGTH else _hash_text(text)


def _hash_text(text: str) -> str:
    return hashlib.sha256(normalize(text).encode()).hexdigest()[:8]


# The texts of a plan recur in every return.
_MAX_CACHED_LENGTH = 300
_hash_text_cached = lru_cache(maxsize=1024)(_hash_text)


def sign_remark(text: str) -> str:
    """Return a note for a cell with our signature, to be recognized in a return."""
    return f"{text}\n{_REMARK_SIGNATURE.format(compute_fingerprint(text))}"


def is_signed_remark(text: str) -> bool:
    """Return whether ``text`` is a note of ours to which nobody has added anything."""
    body, _, _ = text.strip().rpartition(_REMARK_SIGNATURE[:5])
    return normalize(text) == normalize(sign_remark(body))


def split_pieces(text: str) -> tuple[str, ...]:
    """Return a long text in pieces that each fit a cell."""
    return tuple(
        text[start : start + _MAX_PIECE_LENGTH] for start in range(0, len(text), _MAX_PIECE_LENGTH)
    )


def name_form_fact(fact: str, form_key: str) -> str:
    """Return the name of a register's fact; the task ledger's has the bare name."""
    return f"{fact} {form_key}"


def format_keywords(kind: OutputKind, *facts: str) -> str:
    """Return the core keywords of a workbook we make."""
    return ";".join((KEYWORD, f"kind={kind}", *facts))


def parse_kind(keyword_text: str) -> str:
    """Return what a workbook of ours is by its keywords; blank if it is not ours."""
    match = _KEYWORDS_PATTERN.match(keyword_text)
    return match.group(1) if match else ""


def read_output_kind(source: Path | bytes) -> str:
    """Return what file of ours this is by its core keywords; blank for any other file."""
    try:
        with open_zip(source) as package:
            properties = package.read(_CORE_PROPERTIES, _MAX_PROPERTIES_BYTES)
    except RefusedError:
        return ""
    match = _CORE_KEYWORDS.search(properties.decode(errors="replace"))
    return parse_kind(unescape(match[1])) if match else ""


def find_non_return_kind(keyword_text: str, *, is_intact: bool) -> str:
    """Return what workbook of ours this is that is no return; blank for any other file.

    ``keyword_text`` are the core keywords of a workbook; ``is_intact`` says that nobody has
    saved it, which matters for a correction workbook alone. That is no return until somebody
    has: it says only what is known already.
    """
    kind = parse_kind(keyword_text)
    is_unopened = kind == OutputKind.CORRECTIONS and is_intact
    return kind if kind in _NON_RETURN_KINDS or is_unopened else ""


def _make_code(key: str, *parts: str, length: int) -> str:
    """Return ``length`` characters of ``_CODE_ALPHABET`` that only ``key`` can make."""
    digest = hmac.digest(bytes.fromhex(key), "\x1f".join(parts).encode(), "sha256")
    number = int.from_bytes(digest)
    return "".join(_CODE_ALPHABET[number >> 5 * position & 31] for position in range(length))


# --- the seal: has anybody saved a file since we wrote it? ---
#
# The times and user names in a workbook do not show that, since Gnumeric, SheetJS and
# exceljs preserve both. Every program rewrites the content, so the seal is a hash of it.
# The hash is signed with the key of the book. Without a signature, as on a roll-up, on a mail
# draft and on files of earlier versions, anybody can make a seal: where the key is known it
# counts for nothing.

_CORE_PROPERTIES = "docProps/core.xml"
# The properties are a few lines; a larger part is suspected of being an attack.
_MAX_PROPERTIES_BYTES = 2**20
_SEAL_PATTERN = re.compile(rf";{SEAL_KEYWORD}=([0-9a-f]+)(?:-([0-9A-Z]+))?</cp:keywords>")
_CORE_KEYWORDS = re.compile("<cp:keywords>([^<]*)</cp:keywords>")
_KEYWORDS_END = "</cp:keywords>"
_DIGEST_LENGTH = 16

# The first line of a mail draft of ours: an optional header field (RFC 5322 §3.6.8).
_DRAFT_SEAL_LINE = re.compile(rb"X-Ledgerbook-Draft: ([0-9a-f]+)\r\n")


def seal_package(data: bytes, key: str = "") -> bytes:
    """Return a workbook or a document of ours with its seal among the keywords.

    It is signed with ``key``, that of the book. A roll-up of several books has none.
    """
    with open_zip(data) as package:
        content_hash = _hash_content(package)
        properties = package.read(_CORE_PROPERTIES).decode()
    seal = f"{content_hash}-{_sign_seal(key, content_hash)}" if key else content_hash
    sealed_keywords = f";{SEAL_KEYWORD}={seal}{_KEYWORDS_END}"
    sealed_properties = properties.replace(_KEYWORDS_END, sealed_keywords).encode()
    return replace_parts(data, {_CORE_PROPERTIES: sealed_properties})


def seal_draft(data: bytes) -> bytes:
    """Return a mail draft with the seal as its first header field."""
    return f"X-Ledgerbook-Draft: {_hash_bytes(data)}\r\n".encode() + data


def is_draft(data: bytes) -> bool:
    """Return whether ``data`` is a mail draft of ours, unchanged since we wrote it."""
    match = _DRAFT_SEAL_LINE.match(data)
    return match is not None and match[1].decode() == _hash_bytes(data[match.end() :])


def _sign_seal(key: str, content_hash: str) -> str:
    return _make_code(key, "seal", content_hash, length=_SIGNATURE_DIGITS)


def is_modified(data: bytes, key: str = "") -> bool:
    """Return whether somebody has saved the issued file ``data`` since we wrote it.

    A file that cannot be read, or has no seal, counts as modified; with the ``key`` of a book
    so does one whose seal that key has not signed.
    """
    if is_draft(data):
        return False
    try:
        with open_zip(data) as package:
            properties = package.read(_CORE_PROPERTIES, _MAX_PROPERTIES_BYTES)
            match = _SEAL_PATTERN.search(properties.decode(errors="replace"))
            if not match or match[1] != _hash_content(package):
                return True
    except RefusedError:
        return True
    content_hash, signature = match.groups()
    return bool(key) and not hmac.compare_digest(
        (signature or "").encode(), _sign_seal(key, content_hash).encode()
    )


def _hash_content(package: ZipReader) -> str:
    """Return a hash of all parts but the one that contains the seal."""
    parts = sorted(
        (entry.filename, entry.CRC, entry.file_size)
        for entry in package.list_entries()
        if entry.filename != _CORE_PROPERTIES
    )
    return _hash_bytes(repr(parts).encode())


def _hash_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGEST_LENGTH]
