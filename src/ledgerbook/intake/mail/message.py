"""A saved mail, .eml or .msg: whether a file is one, and what is attached to it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from ledgerbook.file_types import SIGNATURE, RefusedError
from ledgerbook.intake.mail import detection, mime, msg
from ledgerbook.intake.mail.attachment import EmailAttachment

# What has no proper name is called by its kind: a damaged workbook must be known.
_SUFFIXES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}


def is_mail(data: bytes) -> bool:
    """Whether a file is a mail, by its bytes and not its name."""
    if data.startswith(b"PK"):
        return False
    return (
        msg.is_message(data) if data.startswith(SIGNATURE) else detection.is_mime(data)
    )


# A mail is asked first what it has, and then for it.
@lru_cache(maxsize=1)
def attached(data: bytes, deepest: int) -> tuple[tuple[str, EmailAttachment], ...]:
    """Return all that is attached, each by its name. Raises RefusedError.

    What is attached to a mail within bears that one's subject before its name. Nothing
    attached at all is an error as well: whoever saved the mail thought otherwise.
    What is wrong with the only thing attached is wrong with the mail.
    """
    read = msg.attached if data.startswith(SIGNATURE) else mime.attached
    found = tuple(
        ("/".join(_named(one, number)), one)
        for number, one in enumerate(read(data, deepest), 1)
    )
    if not found:
        raise RefusedError("file-mail-empty", "")
    only = found[0][1]
    if len(found) == len(only.names) == 1 and only.code:
        raise RefusedError(only.code, only.detail)
    return found


def _named(part: EmailAttachment, number: int) -> tuple[str, ...]:
    *mails, name = (one.replace("/", "\uff0f") for one in part.names)
    called = name or f"{mime.NAMELESS}{number}"
    suffix = "" if PurePath(called).suffix else _SUFFIXES.get(part.kind, "")
    return (*mails, called + suffix)
