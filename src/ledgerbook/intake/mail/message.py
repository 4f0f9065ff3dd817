"""A saved mail, .eml or .msg: whether a file is one, and what is attached to it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from ledgerbook.file_types import OLE_SIGNATURE, ZIP_SIGNATURE, RefusedError
from ledgerbook.intake.mail import mail_detection, mime, msg
from ledgerbook.intake.mail.attachment import EmailAttachment

# What has no proper name is called by its kind: a damaged workbook must be known.
_SUFFIX_BY_TYPE = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}


def is_mail(data: bytes) -> bool:
    """Whether a file is a mail, by its bytes and not its name."""
    if data.startswith(ZIP_SIGNATURE):
        return False
    return msg.is_message(data) if data.startswith(OLE_SIGNATURE) else mail_detection.is_mime(data)


# A mail is asked first what it has, and then for it.
@lru_cache(maxsize=1)
def list_attachments(data: bytes, max_depth: int) -> tuple[tuple[str, EmailAttachment], ...]:
    """Return all that is attached, each by its name. Raises RefusedError.

    What is attached to a mail within bears that one's subject before its name. Nothing
    attached at all is an error as well: whoever saved the mail thought otherwise.
    What is wrong with the only thing attached is wrong with the mail.
    """
    reader = msg.read_attachments if data.startswith(OLE_SIGNATURE) else mime.read_attachments
    attachments = tuple(
        ("/".join(_make_name_path(attachment, number)), attachment)
        for number, attachment in enumerate(reader(data, max_depth), 1)
    )
    if not attachments:
        raise RefusedError("file-mail-empty", "")
    sole_attachment = attachments[0][1]
    if len(attachments) == len(sole_attachment.names) == 1 and sole_attachment.code:
        raise RefusedError(sole_attachment.code, sole_attachment.detail)
    return attachments


def _make_name_path(part: EmailAttachment, number: int) -> tuple[str, ...]:
    *mail_names, name = (raw_name.replace("/", "\uff0f") for raw_name in part.names)
    base_name = name or f"{mime.UNNAMED_ATTACHMENT}{number}"
    suffix = "" if PurePath(base_name).suffix else _SUFFIX_BY_TYPE.get(part.content_type, "")
    return (*mail_names, base_name + suffix)
