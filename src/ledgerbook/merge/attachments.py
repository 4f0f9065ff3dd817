"""Merge the pictures, notes and links of all files and give each picture a file name.

Attachments come in the order of the book's sections, tasks and columns. The name of a
picture's file ends in a digest of its bytes: two pictures never get the same name, and
a link in an earlier summary never opens another picture.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ledgerbook.intake.file_content import FileContent
from ledgerbook.model import Book
from ledgerbook.model.results import Attachment, AttachmentKind
from ledgerbook.storage.file_names import make_file_names

ATTACHMENT_FOLDER = "佐证材料"
# The folder for pictures of sheets whose section is unknown.
_UNKNOWN_SECTION = "未识别科室"
_NO_TASK = "其他"

_DIGEST_LENGTH = 8
_MAX_HEADER_LENGTH = 40
# In a link # ends the file's name and % begins an escape (RFC 3986).
_NOT_IN_LINKS = re.compile(r"[#%]")


def _make_signature_matcher(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(prefixes)


# The extension follows from the first bytes, not from the name the picture had: a file
# that a double click would run never gets such an extension.
_PICTURE_TYPES: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (".png", _make_signature_matcher(b"\x89PNG\r\n\x1a\n")),
    (".jpg", _make_signature_matcher(b"\xff\xd8\xff")),
    (".gif", _make_signature_matcher(b"GIF87a", b"GIF89a")),
    (".bmp", _make_signature_matcher(b"BM")),
    (".tif", _make_signature_matcher(b"II*\0", b"MM\0*")),
    (".webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP"),
    (".emf", lambda data: data[40:44] == b" EMF"),
    (".wmf", _make_signature_matcher(b"\xd7\xcd\xc6\x9a")),
    (".heic", lambda data: data[4:12] in (b"ftypheic", b"ftypmif1")),
)


def merge_attachments(
    book: Book, files: Sequence[FileContent]
) -> tuple[tuple[Attachment, ...], int]:
    """Return the attachments of ``files`` (oldest first) and how many were repeated.

    Of attachments that are the same the one of the newest file is returned.
    """
    all_attachments = [attachment for file in files for attachment in file.attachments]
    unique = {_get_identity(attachment): attachment for attachment in all_attachments}
    folder_names = make_file_names([*book.section_names, _UNKNOWN_SECTION])
    task_numbers = {task.code: task.number for task in book.tasks}
    ordered = sorted(unique.values(), key=_make_sort_key(book))
    return tuple(
        _assign_stored_path(book, attachment, folder_names, task_numbers) for attachment in ordered
    ), len(all_attachments) - len(ordered)


def describe_counts(attachments: Iterable[Attachment]) -> str:
    """Return how many attachments there are of each kind: ``图片 2、批注 1``."""
    counts = Counter(attachment.kind for attachment in attachments)
    return "、".join(f"{kind} {counts[kind]}" for kind in AttachmentKind if counts[kind])


def _get_identity(attachment: Attachment) -> tuple[object, ...]:
    """Return a key that is equal for attachments that are the same."""
    content = attachment.data or attachment.text
    location = (
        (attachment.task, attachment.column)
        if attachment.task
        else (attachment.place.sheet, attachment.place.cell)
    )
    return attachment.kind, attachment.section, *location, content


def _make_sort_key(book: Book) -> Callable[[Attachment], tuple[object, ...]]:
    sections = _index_names(book.section_names)
    tasks = _index_names(task.code for task in book.tasks)
    columns = _index_names(column.key for column in book.task_form.columns)
    kinds = list(AttachmentKind)

    def get_sort_key(attachment: Attachment) -> tuple[object, ...]:
        place = attachment.place
        return (
            sections.get(attachment.section, len(sections)),
            tasks.get(attachment.task, len(tasks)),
            columns.get(attachment.column, len(columns)),
            kinds.index(attachment.kind),
            (place.file, place.sheet, place.cell),
            attachment.text,
            attachment.data,
        )

    return get_sort_key


def _index_names(names: Iterable[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(dict.fromkeys(names))}


def _assign_stored_path(
    book: Book,
    attachment: Attachment,
    folder_names: Mapping[str, str],
    task_numbers: Mapping[str, int],
) -> Attachment:
    """Give a picture the path of its file, relative to the summary's folder."""
    if attachment.kind is not AttachmentKind.PICTURE:
        return attachment
    number = task_numbers.get(attachment.task)
    header = next(
        (column.header for column in book.task_form.columns if column.key == attachment.column),
        "",
    )
    task_label = _NO_TASK if number is None else f"任务{number:02d}"
    digest = hashlib.sha256(attachment.data).hexdigest()[:_DIGEST_LENGTH]
    # The digits come last, and must not be what a long header is cut by.
    parts: Iterable[str] = filter(None, (task_label, header[:_MAX_HEADER_LENGTH], digest))
    (name,) = make_file_names(["-".join(parts)]).values()
    extension = next(
        (suffix for suffix, has_signature in _PICTURE_TYPES if has_signature(attachment.data)),
        ".bin",
    )
    path = (
        f"{ATTACHMENT_FOLDER}/{folder_names.get(attachment.section, _UNKNOWN_SECTION)}"
        f"/{name}{extension}"
    )
    return replace(attachment, saved_path=_NOT_IN_LINKS.sub("_", path))
