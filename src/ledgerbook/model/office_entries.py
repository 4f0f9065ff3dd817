"""Define what the office itself says and does: of files, of answers, of rows, to sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledgerbook.model.problems import Place

# The sheet of the book on which the office types answers.
ENTRIES_SHEET = "更正代填"
# The sheet of the book that keeps what the office types into summaries.
NOTES_SHEET = "办理记录"
# What a place in the book names as its file.
BOOK_NAME = "台账"
# What the drop-down of 销号 offers.
ACCEPTED_CHOICES = ("是",)
# How a blank cell is quoted; that of a section that took its answer back.
BLANK_TEXT, WITHDRAWN_TEXT = BLANK_TEXTS = ("（空）", "（先填后空）")


@dataclass(frozen=True, slots=True)
class FileRegistration:
    """How a returned file counts (收件登记 of the book); blank fields change nothing.

    The file is the one called ``file`` on 报送情况, or whose SHA-256 begins with ``digest``
    (8 hex digits or more). ``received_on`` counts instead of the time of saving; a file that
    ``is_left_out`` gives nothing. ``place`` is the line of the book.
    """

    file: str
    digest: str = ""
    section: str = ""
    round: str = ""
    received_on: date | None = None
    is_left_out: bool = False
    note: str = ""
    place: Place = field(default_factory=Place, compare=False)

    def is_about(self, name: str, sha256: str) -> bool:
        """Return whether the line is about a file; of name and digest the digest decides."""
        return sha256.startswith(self.digest) if self.digest else name == self.file


@dataclass(frozen=True, slots=True)
class OfficeEntry:
    """An answer that the office types for a section (更正代填 of the book).

    ``row`` is a task's code, or of a register (``form``, a key) the identity of an entry as
    written on 冲突: its values joined by 、. ``value`` replaces what is in the column (a key)
    on the evening of ``day``, None clears it. ``ground`` says where it comes from, ``by`` who
    typed it; ``place`` is the cell of the book.
    """

    section: str
    round: str
    form: str
    row: str
    column: str
    value: str | date | float | None
    ground: str
    day: date
    by: str = ""
    place: Place = field(default_factory=Place, compare=False)


class NoteItem(StrEnum):
    """What the office types beside an answer in a summary."""

    ADOPTED = "采用口径"
    REVIEW = "审核意见"
    ACCEPTED = "销号"
    # Followed by the header of the column: which of two contradictory answers holds.
    CHOSEN = "采用哪个"


_ROW_ITEMS = frozenset({NoteItem.ADOPTED, NoteItem.REVIEW, NoteItem.ACCEPTED})
_CHOICE_PREFIX = f"{NoteItem.CHOSEN}："


def name_choice_item(header: str) -> str:
    """Return the item of a choice among the answers in the column headed ``header``."""
    return f"{_CHOICE_PREFIX}{header}"


@dataclass(frozen=True, slots=True)
class OfficeNote:
    """What the office typed beside a row of a summary (办理记录 of the book).

    ``item`` is a :class:`NoteItem`, or made by :func:`name_choice_item`; a blank ``text``
    ends the earlier one. ``fingerprint`` is that of the answers it was typed for, where that
    matters (销号). ``place`` is the line of the book.
    """

    day: date
    code: str
    item: str
    text: str
    fingerprint: str = ""
    place: Place = field(default_factory=Place, compare=False)

    @property
    def is_known(self) -> bool:
        """Whether the item is one that the program knows."""
        return bool(self.chosen_header) or self.item in _ROW_ITEMS

    @property
    def is_unlisted_choice(self) -> bool:
        """Whether the text is none of those that the drop-down of its column offers."""
        is_choice = self.item == NoteItem.ACCEPTED and bool(self.text)
        return is_choice and self.text.strip() not in ACCEPTED_CHOICES

    @property
    def chosen_header(self) -> str:
        """The header of the column in which a choice was made; blank for other items."""
        is_choice = self.item.startswith(_CHOICE_PREFIX)
        return self.item.removeprefix(_CHOICE_PREFIX) if is_choice else ""


@dataclass(frozen=True, slots=True)
class ReminderRecord:
    """That a section was reminded (催办记录 of the book): when, in which round, of what."""

    day: date
    section: str
    round: str
    matters: str
