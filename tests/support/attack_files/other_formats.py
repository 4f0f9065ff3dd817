"""Files that are no .xlsx at all, whatever they are called."""

from __future__ import annotations

import json

from openpyxl import Workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from tests.support.attack_files.base import MAIN, Attack, attack, genuine, noise, packed

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SECTOR = 512


def _directory_entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = b"\xff" * 12 if kind != 5 else b"\xff" * 8 + b"\1\0\0\0"
    return (
        text.ljust(64, b"\0")
        + len(text).to_bytes(2, "little")
        + bytes([kind, 1])
        + links
        + bytes(36)
        + start.to_bytes(4, "little")
        + size.to_bytes(8, "little")
    )


def ole(stream: str, body: bytes) -> bytes:
    """Return a small OLE container with one stream."""
    sectors = (len(body) + _SECTOR - 1) // _SECTOR
    head = (
        _OLE
        + bytes(16)
        + bytes.fromhex("3e000300feff0900060000000000000000000000")
        + (1).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + bytes(4)
        + bytes.fromhex("00000000feffffff00000000feffffff00000000")
        + bytes(4)
        + b"\xff" * 432
    )[:_SECTOR]
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))
    fat = b"".join(n.to_bytes(4, "little") for n in table[:128])
    entries = (
        _directory_entry("Root Entry", 5, 0xFFFFFFFE, 0)
        + _directory_entry(stream, 2, 2, len(body))
        + bytes(256)
    )
    return head + fat + entries + body.ljust(sectors * _SECTOR, b"\0")


def docx() -> bytes:
    return packed([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")])


def xlsb() -> bytes:
    return packed(
        [
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/workbook.bin", noise(500)),
            ("xl/worksheets/sheet1.bin", noise(500)),
        ]
    )


def ods() -> bytes:
    return packed(
        [
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", b"<manifest/>"),
            ("content.xml", noise(500)),
        ]
    )


def flat_xml() -> bytes:
    return f'<?xml version="1.0"?><Workbook xmlns="{MAIN}"/>'.encode()


def home_made() -> bytes:
    """Return a workbook that has nothing to do with any ledger."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "通讯录"
    sheet["A1"] = "通讯录"
    return serialize_workbook(workbook)


# What cannot be read as one of the older formats may be told in either way.
_OLD = ("file-old-format", "file-damaged", "file-unreadable", "file-suspect")

_LOCKED = ("file-password", "file-damaged")

OTHERS: tuple[Attack, ...] = (
    attack("网页.xlsx", lambda: b"<html><body>1</body></html>", "file-html"),
    attack("逗号表.xlsx", "序号,状态\n1,已完成\n".encode, "file-text"),
    attack(
        "国标逗号表.xlsx",
        lambda: ("序号,状态\n" + "1,已完成\n" * 999).encode("gb18030"),
        "file-text",
    ),
    attack("扫描件.xlsx", lambda: b"%PDF-1.7\n" + noise(900), "file-pdf"),
    attack("数据.xlsx", lambda: json.dumps({"a": 1}).encode(), "file-text"),
    attack("富文本.xlsx", lambda: b"{\\rtf1\\ansi x}", "file-document"),
    attack("单个xml.xlsx", flat_xml, "file-html"),
    attack("另建的表.xlsx", home_made, "foreign-workbook"),
    attack("公文.xlsx", docx, "file-document"),
    attack("有密码.xlsx", lambda: ole("EncryptedPackage", noise(999)), *_LOCKED),
    attack("乱码.xls", lambda: ole("Workbook", noise(5000)), *_OLD),
    attack("截断.xls", lambda: ole("Workbook", noise(5000))[:1500], *_OLD),
    attack("只有八字节.xls", lambda: _OLE, *_OLD),
    attack("二进制.xlsb", xlsb, *_OLD),
    attack("改名.xlsb", genuine, ""),
    attack("空壳.ods", ods, *_OLD),
    attack("没有扩展名", genuine, ""),
    attack("程序.exe", lambda: b"MZ" + noise(500), "file-other-type"),
    attack("~$在用.xlsx", genuine, "file-skipped"),
)
