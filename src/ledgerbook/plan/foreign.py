"""Files that hold no plan in a form we read: told by their first bytes, one message."""

from __future__ import annotations

from ledgerbook.errors import InputError
from ledgerbook.plan.columns import SOUGHT

USE_DOCX = "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
_UNPACK = "请解压后把里面的方案文件拿出来重试。"
_RECOGNISE = "请先用 WPS 等软件把图片识别成文字，或找到原来的 .docx 后重试。"
_PICTURE = "这是一张图片", _RECOGNISE

# How a file begins → what it is, what to do.
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"%PDF",
        "这是 PDF 文件，读不了",
        "能选中文字的 PDF，请用 WPS 转换成 .docx；扫描件要先识别成文字。",
    ),
    (b"{\\rtf", "这是 RTF 文件，读不了", USE_DOCX),
    (b"\x89PNG", *_PICTURE),
    (b"\xff\xd8\xff", *_PICTURE),
    (b"GIF8", *_PICTURE),
    (b"II*\0", *_PICTURE),
    (b"MM\0*", *_PICTURE),
    (b"RIFF", *_PICTURE),
    (b"BM", *_PICTURE),
    (b"Rar!", "这是压缩包，没有读里面的文件", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包，没有读里面的文件", _UNPACK),
    (b"\x1f\x8b", "这是压缩包，没有读里面的文件", _UNPACK),
)
# A text may begin with these letters as well; a picture is no text.
_LETTERS = (b"BM", b"RIFF", b"GIF8")

# A part of a package → what the file is, what to do.
_PACKAGES: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "这是演示文稿，里面的表读不了", "请把方案的表格放进 .docx 后重试。"),
    ("content.xml", "这是 OpenDocument 文件（.odt、.ods），读不了", USE_DOCX),
    ("OFD.xml", "这是 OFD 版式文件，读不了", "请用阅读软件转换成 .docx 后重试。"),
)


def refuse_foreign(data: bytes) -> None:
    """Raise InputError when a file's first bytes show that it can hold no plan."""
    for start, what, advice in _KINDS:
        if data.startswith(start) and (start not in _LETTERS or b"\0" in data[:64]):
            raise foreign(what, advice)


def foreign_package(names: set[str]) -> InputError:
    """Say what a package is that is neither a document nor a workbook."""
    for part, what, advice in _PACKAGES:
        if any(name.startswith(part) for name in names):
            return foreign(what, advice)
    return foreign("这是压缩包，没有读里面的文件", _UNPACK)


def foreign(what: str, advice: str) -> InputError:
    return InputError(f"{what}。要找的是一张表，{SOUGHT}。{advice}")
