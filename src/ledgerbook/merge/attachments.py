"""Attachments of all files: each once, in plan order, pictures with a place to keep.

A picture's file is named after what is in it: another picture never takes its place,
and a summary of an earlier run never leads to a wrong one.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ledgerbook.excel.names import file_names
from ledgerbook.intake.results import FileRead
from ledgerbook.model import Book
from ledgerbook.model.results import Attachment, AttachmentKind

FOLDER = "佐证材料"
# What hangs on a sheet that no section is known of.
_NOBODY = "未识别科室"
_NO_TASK = "其他"

_DIGITS = 8
_HEADER = 40
# A link takes these for the end of the file's name, or for an escape.
_NOT_IN_LINKS = re.compile(r"[#%]")


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(heads)


# What pictures are by their first bytes, whatever they were called: nothing that a
# double click would run gets an extension of its own.
_KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (".png", _starts(b"\x89PNG\r\n\x1a\n")),
    (".jpg", _starts(b"\xff\xd8\xff")),
    (".gif", _starts(b"GIF87a", b"GIF89a")),
    (".bmp", _starts(b"BM")),
    (".tif", _starts(b"II*\0", b"MM\0*")),
    (".webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP"),
    (".emf", lambda data: data[40:44] == b" EMF"),
    (".wmf", _starts(b"\xd7\xcd\xc6\x9a")),
    (".heic", lambda data: data[4:12] in (b"ftypheic", b"ftypmif1")),
)


def attached(
    book: Book, files: Sequence[FileRead]
) -> tuple[tuple[Attachment, ...], int]:
    """Bring together what hangs on the sheets of ``files``, oldest first.

    Return each thing once, as the newest file has it, and how many were repeated.
    """
    found = [one for file in files for one in file.attachments]
    unique = {_same(one): one for one in found}
    stems = file_names([*book.section_names, _NOBODY])
    kept = sorted(unique.values(), key=_order(book))
    return tuple(_stored(book, one, stems) for one in kept), len(found) - len(kept)


def counted(items: Iterable[Attachment]) -> str:
    """Say how many there are of each kind, such as ``图片 2、批注 1``."""
    counts = Counter(one.kind for one in items)
    return "、".join(
        f"{kind} {counts[kind]}" for kind in AttachmentKind if counts[kind]
    )


def _same(one: Attachment) -> tuple[object, ...]:
    """Return what two attachments share if one of them says nothing new."""
    said = one.data or one.text
    where = (one.task, one.column) if one.task else (one.place.sheet, one.place.cell)
    return one.kind, one.section, *where, said


def _order(book: Book) -> Callable[[Attachment], tuple[object, ...]]:
    sections, tasks = list(book.section_names), [task.code for task in book.tasks]
    columns = [column.key for column in book.form.columns]
    kinds = list(AttachmentKind)

    def order(one: Attachment) -> tuple[object, ...]:
        place = one.place
        return (
            _index(sections, one.section),
            _index(tasks, one.task),
            _index(columns, one.column),
            kinds.index(one.kind),
            (place.file, place.sheet, place.cell),
            one.text,
            one.data,
        )

    return order


def _index(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _stored(book: Book, one: Attachment, stems: dict[str, str]) -> Attachment:
    """Give a picture the place of its file, relative to the summary's folder."""
    if one.kind is not AttachmentKind.PICTURE:
        return one
    number = next((t.number for t in book.tasks if t.code == one.task), None)
    header = next((c.header for c in book.form.columns if c.key == one.column), "")
    about = _NO_TASK if number is None else f"任务{number:02d}"
    digest = hashlib.sha256(one.data).hexdigest()[:_DIGITS]
    # The digits come last, and must not be what a long header is cut by.
    parts: Iterable[str] = filter(None, (about, header[:_HEADER], digest))
    (name,) = file_names(["-".join(parts)]).values()
    extension = next((end for end, fits in _KINDS if fits(one.data)), ".bin")
    path = f"{FOLDER}/{stems.get(one.section, _NOBODY)}/{name}{extension}"
    return replace(one, stored=_NOT_IN_LINKS.sub("_", path))
