"""Build a mail draft (.eml, RFC 5322) for each section, with its workbook attached.

The office opens the draft in its own mail program and sends it from there; no server and
no password are needed. Its words are those of :mod:`ledgerbook.issue.cover_note`. The same
book and day give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.header import Header
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import quote

from ledgerbook.identity import seal_draft
from ledgerbook.issue.cover_note import CoverNote, parse_addresses
from ledgerbook.issue.workbook import IssuedFile
from ledgerbook.model import Section
from ledgerbook.text import make_single_line

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
            stem = file.name.removesuffix(".xlsx")
            subject = f"请填报{cover.subject}：{section.name}"
            lines = _compose_body_lines(cover, section, file)
            yield build_draft(stem, section, subject, lines, file)


def build_draft(
    stem: str, section: Section, subject: str, lines: Iterable[str], file: IssuedFile | None
) -> EmailDraft:
    """Return a draft to a section, with ``file`` attached if there is one."""
    to, _ = parse_addresses(section.email)
    message = EmailMessage(policy=_EMAIL_POLICY)
    # Outlook and some others open a message with this field as a draft still to be sent.
    message["X-Unsent"] = "1"
    message["To"] = ", ".join(to)
    message["Subject"] = make_single_line(subject)
    body = "".join(f"{line}\n" for line in lines)
    message.set_content(body, cte="base64")
    if file:
        message.make_mixed()
        message.attach(_build_attachment(file))
        digest = hashlib.sha256(body.encode() + file.data).hexdigest()
        message.set_boundary(f"=_ledgerbook_{digest[:32]}")
    return EmailDraft(stem + SUFFIX, section.name, to, seal_draft(message.as_bytes()))


def _compose_body_lines(cover: CoverNote, section: Section, file: IssuedFile) -> Iterator[str]:
    yield f"{section.name}："
    yield f"{cover.basis}，现发去{cover.subject}，表在附件“{file.name}”里。{cover.due_sentence}。"
    yield ""
    yield "怎么填："
    yield from (f"{number}. {step}" for number, step in enumerate(cover.filling_steps, 1))
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
