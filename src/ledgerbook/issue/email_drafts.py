"""Build a mail draft (.eml, RFC 5322) for each section, with its workbook attached.

The office opens the draft in its own mail program and sends it from there; no server and
no password are needed. Also here: the words of a cover note, which the notice
(:mod:`ledgerbook.issue.notice`) shares, and the parsing of mail addresses in the book.
The same book and day give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email import policy
from email.header import Header
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import quote

from ledgerbook.identity import seal_draft
from ledgerbook.issue.workbook import IssuedFile
from ledgerbook.model import Book, Round, Section
from ledgerbook.text import format_chinese_date, make_single_line

SUFFIX = ".eml"
_XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The header fields of an attachment are written unchanged: see ``_build_attachment``.
_EMAIL_POLICY = policy.SMTP.clone(refold_source="none")


@dataclass(frozen=True, slots=True)
class EmailDraft:
    """A draft of a mail; ``to`` is empty where the book has no address of the section."""

    name: str
    section: str
    to: tuple[str, ...]
    data: bytes


def build_email_drafts(cover: CoverNote, issued: Sequence[IssuedFile]) -> Iterator[EmailDraft]:
    """Yield a draft for each workbook of a section, named like it with suffix .eml."""
    sections = {section.name: section for section in cover.book.sections}
    for file in issued:
        if file.section:
            section = sections[file.section]
            to, _ = parse_addresses(section.email)
            name = file.name.removesuffix(".xlsx") + SUFFIX
            yield EmailDraft(name, section.name, to, _build_message(cover, section, to, file))


def _build_message(
    cover: CoverNote, section: Section, to: Sequence[str], file: IssuedFile
) -> bytes:
    message = EmailMessage(policy=_EMAIL_POLICY)
    # Outlook and some others open a message with this field as a draft still to be sent.
    message["X-Unsent"] = "1"
    message["To"] = ", ".join(to)
    message["Subject"] = make_single_line(f"请填报{cover.subject}：{section.name}")
    body = "".join(f"{line}\n" for line in _compose_body_lines(cover, section, file))
    message.set_content(body, cte="base64")
    message.make_mixed()
    message.attach(_build_attachment(file))
    digest = hashlib.sha256(body.encode() + file.data).hexdigest()
    message.set_boundary(f"=_ledgerbook_{digest[:32]}")
    return seal_draft(message.as_bytes())


def _compose_body_lines(cover: CoverNote, section: Section, file: IssuedFile) -> Iterator[str]:
    yield f"{section.name}："
    yield f"{cover.basis}，现发去{cover.subject}，表在附件“{file.name}”里。{cover.due_sentence}。"
    yield ""
    yield "怎么填："
    yield from (f"{number}. {step}" for number, step in enumerate(FILLING_STEPS, 1))
    yield ""
    if cover.contact_sentence:
        yield f"有不清楚的，请联系{cover.book.office}。{cover.contact_sentence}。"
        yield ""
    yield cover.sender
    yield cover.issue_date_text


def _build_attachment(file: IssuedFile) -> Any:
    """Return the workbook as an attachment (RFC 2045).

    Its file name is written by RFC 2231 (https://www.rfc-editor.org/rfc/rfc2231), as the
    standard requires, and also twice by RFC 2047, in ``name`` and ``filename``. RFC 2047
    does not allow that there, but mail programs used in China write it so, and some
    understand nothing else.
    """
    encoded_name = Header(file.name, "utf-8", maxlinelen=74).encode(linesep="\r\n")
    part = Message()
    part["Content-Type"] = f'{_XLSX_CONTENT_TYPE};\r\n name="{encoded_name}"'
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = (
        f"attachment;\r\n filename=\"{encoded_name}\";\r\n filename*=UTF-8''{quote(file.name)}"
    )
    part.set_payload(base64.encodebytes(file.data).decode("ascii"))
    return part


# --- the cover note: the same words for the mails and the notice ---

_ADDRESS_SEPARATORS = re.compile("[;\uff1b,\uff0c、\\s]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ANGLE_ADDRESS = re.compile(
    "[^;\uff1b,\uff0c、<>\uff1c\uff1e]*[<\uff1c]([^<>\uff1c\uff1e]+)[>\uff1e]"
)
_NO_ADDRESS = {"无", "没有", "—", "-", "/"}

FILLING_STEPS = (
    "只填白色格子，黄色的必填；有下拉框的请点选。",
    "任务台账不要增删行列、排序，也不要另建新表；登记簿的行不够时可以插入行。",
    "确实没有内容可报的，在表上方“无内容可报”右边的格子里选“是”，其余不用填，照样交回。",
    "填完保存为 .xlsx 格式；文件可以改名。",
)


@dataclass(frozen=True, slots=True)
class CoverNote:
    """The announcement of a round, as phrases for the mails and the notice.

    It states no more than the book contains.
    """

    book: Book
    round: Round
    issued_on: date

    @property
    def subject(self) -> str:
        return f"{self.book.year}年{self.book.task_form.title}（{self.round.name}）"

    @property
    def title(self) -> str:
        return f"关于填报{self.book.year}年{self.book.task_form.title}的通知"

    @property
    def basis(self) -> str:
        plan = self.book.plan_title.strip().strip("《》")
        return f"根据《{plan}》" if plan else "根据年度政务公开工作安排"

    @property
    def due_sentence(self) -> str:
        due_date, office = self.round.due, self.book.office
        if due_date is None:
            return f"请填好后交回{office}，时间另行通知"
        return f"请于{format_chinese_date(due_date)}前交回{office}"

    @property
    def issue_date_text(self) -> str:
        return format_chinese_date(self.issued_on)

    @property
    def sender(self) -> str:
        return f"{self.book.agency}{self.book.office}"

    @property
    def contact_sentence(self) -> str:
        """Contact, telephone and mail address of the office, as far as the book has them."""
        return "，".join(f"{label}：{value}" for label, value in self.contact_details if value)

    @property
    def contact_details(self) -> tuple[tuple[str, str], ...]:
        """Label and value of each way to reach the office; a value may be blank."""
        offices = (section for section in self.book.sections if section.name == self.book.office)
        office = next(offices, Section(self.book.office))
        return (
            ("联系人", office.contact),
            ("电话", office.phone),
            ("电子邮箱", "；".join(parse_addresses(office.email)[0])),
        )


def parse_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the valid mail addresses in the text of a cell, and the pieces that are none."""
    candidates = list(_split_addresses(text))
    valid = (candidate for candidate in candidates if _ADDRESS.fullmatch(candidate))
    return tuple(dict.fromkeys(valid)), tuple(
        candidate for candidate in candidates if not _ADDRESS.fullmatch(candidate)
    )


def _split_addresses(text: str) -> Iterator[str]:
    if text.strip() in _NO_ADDRESS:
        return
    # As Outlook copies it, with the name before: 张三 <zhangsan@example.cn>.
    for piece in _ADDRESS_SEPARATORS.split(_ANGLE_ADDRESS.sub(r" \1 ", text)):
        address = unicodedata.normalize("NFKC", piece).strip("<>").removeprefix("mailto:")
        if address:
            yield address
