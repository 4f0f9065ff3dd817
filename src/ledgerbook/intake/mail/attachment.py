"""What is enclosed in a mail, of whatever format: its names and bytes, or why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from ledgerbook.file_types import RefusedError

LOCKED_KINDS = (
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/x-microsoft-rpmsg-message",
    "multipart/encrypted",
)
_LOCKED_NAMES = (".p7m", ".rpmsg", ".pgp", ".gpg")
_PGP = b"-----BEGIN PGP MESSAGE-----"


@dataclass(frozen=True, slots=True)
class EmailAttachment:
    """What is attached: the mails it is in, then its own name; blank where unnamed.

    With a ``code``, it cannot be read, and that is the problem to report.
    """

    names: tuple[str, ...]
    data: bytes
    kind: str = ""
    code: str = ""
    detail: str = ""


def sound_or_refused(
    names: tuple[str, ...], read: Callable[[], Iterable[EmailAttachment]]
) -> list[EmailAttachment]:
    """Return what is attached to a mail within; the mail alone if it cannot be read.

    What is wrong with it is nothing that the mail around it should suffer for.
    """
    try:
        return list(read())
    except RefusedError as refused:
        return [EmailAttachment(names, b"", code=refused.code, detail=refused.detail)]


def is_locked(part: EmailAttachment) -> bool:
    """Whether a part is encrypted, by its kind or name, whatever else it is said to be.

    One that is signed and can be read all the same is for the caller to tell.
    """
    return (
        part.kind.lower() in LOCKED_KINDS
        or PurePath(part.names[-1]).suffix.lower() in _LOCKED_NAMES
        or part.data.lstrip().startswith(_PGP)
    )


def locked(part: EmailAttachment) -> EmailAttachment:
    """Return a part as one that is encrypted."""
    return replace(part, code="file-mail-locked")
