"""The zip inside a .docx or .xlsx: opened only if it is whole, and of a sane size."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ledgerbook.errors import InputError

# A plan of a few pages unpacks to less than one megabyte.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_PARTS = 2000

# What zipfile and the XML parser raise on a package cut short, garbled or encrypted.
_BROKEN = (
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its ending, and what to say of saving it anew."""

    ending: str
    program: str

    @property
    def save_as(self) -> str:
        return f"请用{self.program}把方案另存为新的 {self.ending} 后重试。"


WORD = Kind(".docx", " Word 或 WPS ")
EXCEL = Kind(".xlsx", " Excel 或 WPS ")


def guard(data: bytes, kind: Kind) -> None:
    """Refuse a package that is broken, or that would swell or expand when parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            size = sum(part.file_size for part in parts)
            if size > _MOST_BYTES or len(parts) > _MOST_PARTS:
                raise InputError(
                    f"这个 {kind.ending} 文件解压后大得不正常，没有打开。{kind.save_as}"
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    fromstring(package.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError(
            f"这个 {kind.ending} 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
            f"{kind.save_as}"
        ) from error
    except _BROKEN as error:
        raise damaged(kind) from error


def damaged(kind: Kind) -> InputError:
    return InputError(
        f"这个 {kind.ending} 文件已经损坏或设了密码，打不开。"
        f"请用{kind.program}打开确认，另存为新的 {kind.ending} 后重试。"
    )
