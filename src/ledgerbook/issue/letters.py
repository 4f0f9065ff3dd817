"""A mail draft for each section (.eml): its workbook attached, ready to be looked over.

No server and no password: the draft is opened in whatever program the office writes
its mails with. The same book and day give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.header import Header
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import quote

from ledgerbook.cover import STEPS, Cover, addresses
from ledgerbook.issue.seal import sealed_text
from ledgerbook.issue.workbook import Issued
from ledgerbook.model import Section
from ledgerbook.text import one_line

SUFFIX = ".eml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The fields of an attachment are written as they stand: see _attached.
_POLICY = policy.SMTP.clone(refold_source="none")


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft; ``to`` is empty where the book knows no address of the section."""

    name: str
    section: str
    to: tuple[str, ...]
    data: bytes


def letters(cover: Cover, issued: Sequence[Issued]) -> Iterator[Letter]:
    """Yield a draft for each workbook of a section, of the same name but the suffix."""
    sections = {section.name: section for section in cover.book.sections}
    for file in issued:
        if file.section:
            section = sections[file.section]
            to, _ = addresses(section.email)
            name = file.name.removesuffix(".xlsx") + SUFFIX
            yield Letter(name, section.name, to, _draft(cover, section, to, file))


def _draft(cover: Cover, section: Section, to: Sequence[str], file: Issued) -> bytes:
    mail = EmailMessage(policy=_POLICY)
    # Outlook and some others open what bears this as a mail still to be sent.
    mail["X-Unsent"] = "1"
    mail["To"] = ", ".join(to)
    mail["Subject"] = one_line(f"请填报{cover.what}：{section.name}")
    text = "".join(f"{line}\n" for line in _lines(cover, section, file))
    mail.set_content(text, cte="base64")
    mail.make_mixed()
    mail.attach(_attached(file))
    digest = hashlib.sha256(text.encode() + file.data).hexdigest()
    mail.set_boundary(f"=_ledgerbook_{digest[:32]}")
    return sealed_text(mail.as_bytes())


def _lines(cover: Cover, section: Section, file: Issued) -> Iterator[str]:
    yield f"{section.name}："
    yield f"{cover.basis}，现发去{cover.what}，表在附件“{file.name}”里。{cover.due}。"
    yield ""
    yield "怎么填："
    yield from (f"{n}. {step}" for n, step in enumerate(STEPS, 1))
    yield ""
    if cover.reach:
        yield f"有不清楚的，请联系{cover.book.office}。{cover.reach}。"
        yield ""
    yield cover.sender
    yield cover.day


def _attached(file: Issued) -> Any:
    """Return the workbook as a part of a mail.

    Its name is written three times over: by RFC 2231, as the rules have it, and by
    RFC 2047, which they do not allow there, but which the mail programs that are used
    in China write themselves; some of them understand nothing else.
    """
    word = Header(file.name, "utf-8", maxlinelen=74).encode(linesep="\r\n")
    part = Message()
    part["Content-Type"] = f'{_SHEET};\r\n name="{word}"'
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = (
        f"attachment;\r\n filename=\"{word}\";\r\n filename*=UTF-8''{quote(file.name)}"
    )
    part.set_payload(base64.encodebytes(file.data).decode("ascii"))
    return part
