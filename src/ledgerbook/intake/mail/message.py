"""Recognize a saved mail (.eml or .msg) and list its attachments."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from ledgerbook.file_types import OLE_SIGNATURE, ZIP_SIGNATURE, RefusedError
from ledgerbook.intake.mail import mail_detection, mime, msg
from ledgerbook.intake.mail.attachment import EmailAttachment

# An attachment without a suffix gets that of its type, so that a damaged workbook is still
# recognized as one.
_SUFFIX_BY_TYPE = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}


def is_mail(data: bytes) -> bool:
    """Return whether a file is a mail, by its bytes and not its name."""
    if data.startswith(ZIP_SIGNATURE):
        return False
    return msg.is_message(data) if data.startswith(OLE_SIGNATURE) else mail_detection.is_mime(data)


# The caller lists the attachments of a mail first, then reads them one by one.
@lru_cache(maxsize=1)
def list_attachments(data: bytes, max_depth: int) -> tuple[tuple[str, EmailAttachment], ...]:
    """Return every attachment of a mail with its name. Raises RefusedError.

    The name of an attachment of an attached mail begins with that mail's subject and "/";
    mails may enclose each other ``max_depth`` levels deep. A mail without attachments is
    refused, because its sender meant to send one. If the mail has one attachment and that
    one cannot be read, the mail is refused for the same reason.
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


def _make_name_path(attachment: EmailAttachment, number: int) -> tuple[str, ...]:
    *mail_names, name = (raw_name.replace("/", "\uff0f") for raw_name in attachment.names)
    base_name = name or f"{mime.UNNAMED_ATTACHMENT}{number}"
    suffix = "" if PurePath(base_name).suffix else _SUFFIX_BY_TYPE.get(attachment.content_type, "")
    return (*mail_names, base_name + suffix)
