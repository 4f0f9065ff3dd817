"""Damage a sound workbook in every way that a disk, a mail or somebody may."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from ledgerbook.file_types import OLE_SIGNATURE
from tests.support.attack_files.base import packed, unpacked
from tests.support.ole_writer import build_container

CORE, BOOK, SHEET, TYPES = (
    "docProps/core.xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "[Content_Types].xml",
)
RELATIONSHIPS = "xl/_rels/workbook.xml.rels"
# Each part that some reader of ours looks into.
_READ_PARTS = (CORE, BOOK, SHEET, TYPES, RELATIONSHIPS, "xl/styles.xml", "xl/sharedStrings.xml")
_LOCAL_HEADER, _CENTRAL_HEADER = b"PK\x03\x04", b"PK\x01\x02"
_MIB = 2**20

Damage = Callable[[bytes], bytes]


def _put(part: str, content: bytes) -> Damage:
    return lambda data: packed({**unpacked(data), part: content}.items())


def _leave_out(part: str) -> Damage:
    return lambda data: packed(
        (name, content) for name, content in unpacked(data).items() if name != part
    )


def _set_in_headers(name: str, central_offset: int, local_offset: int, value: bytes) -> Damage:
    """Set a field in both headers of an entry (APPNOTE.TXT 4.3.7, 4.3.12)."""

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        entry = zipfile.ZipFile(io.BytesIO(data)).getinfo(name)
        local = entry.header_offset + local_offset
        changed[local : local + len(value)] = value
        position = data.index(_CENTRAL_HEADER)
        while data[position + 46 :][: len(name)] != name.encode():
            position = data.index(_CENTRAL_HEADER, position + 1)
        central = position + central_offset
        changed[central : central + len(value)] = value
        return bytes(changed)

    return change


def _spoil_content(name: str) -> Damage:
    """Overwrite what an entry is packed into, so that it does not unpack."""

    def change(data: bytes) -> bytes:
        entry = zipfile.ZipFile(io.BytesIO(data)).getinfo(name)
        name_size, extra_size = struct.unpack_from("<HH", data, entry.header_offset + 26)
        start = entry.header_offset + 30 + name_size + extra_size
        return data[:start] + b"\xff" * entry.compress_size + data[start + entry.compress_size :]

    return change


def _spoil_central_directory(data: bytes) -> bytes:
    position = data.index(_CENTRAL_HEADER)
    return data[: position + 4] + b"\xff" * 60 + data[position + 64 :]


def _double(data: bytes) -> bytes:
    return packed([*unpacked(data).items(), (BOOK, b"<workbook/>")])


def _inflate(part: str) -> Damage:
    """Add zeros behind the end of a part: it packs to a thousandth, and is beyond the limit."""
    return lambda data: packed(
        (name, content + bytes(140 * _MIB) * (name == part))
        for name, content in unpacked(data).items()
    )


def _make_damages() -> Mapping[str, Damage]:
    damages: dict[str, Damage] = {
        "空": lambda _: b"",
        "文字": lambda _: "这不是表".encode(),
        "零": lambda data: bytes(len(data)),
        "只有开头": lambda data: data[:40],
        "截断": lambda data: data[: len(data) // 2],
        "缺一点尾": lambda data: data[:-1],
        "前面多字节": lambda data: bytes(1000) + data,
        "目录坏": _spoil_central_directory,
        "加密": lambda _: build_container(
            {"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(99)}
        ),
        "坏容器": lambda _: OLE_SIGNATURE + bytes(600),
        "同名": _double,
        "路径": _put("../../../逃出去.xml", b"<x/>"),
        "没有部件": lambda _: packed([("别的.txt", b"x")]),
        "不是报表": lambda _: packed([("word/document.xml", b"<x/>")]),
        "名字乱码": _set_in_headers(SHEET, 46, 30, b"\xff\xfe"),
        "炸弹": _inflate(SHEET),
        "书目炸弹": _inflate(BOOK),
        "属性炸弹": _inflate(CORE),
    }
    for part in (BOOK, SHEET, CORE):
        short = part.rpartition("/")[2]
        damages |= {
            f"校验 {short}": _set_in_headers(part, 16, 14, b"\x01\x02\x03\x04"),
            f"压缩坏 {short}": _spoil_content(part),
            f"大小 {short}": _set_in_headers(part, 24, 22, b"\xf0\xff\xff\x7f"),
            f"压缩大小 {short}": _set_in_headers(part, 20, 18, b"\xf0\xff\xff\x7f"),
            f"有口令 {short}": _set_in_headers(part, 8, 6, b"\x01\x00"),
            f"方法 {short}": _set_in_headers(part, 10, 8, b"\x63\x00"),
        }
    for part in _READ_PARTS:
        short = part.rpartition("/")[2]
        damages |= {
            f"缺 {short}": _leave_out(part),
            f"断 {short}": _put(part, b"<?xml version='1.0'?><a><b"),
            f"乱 {short}": _put(part, b"\xff\xfe\x00\xd8\x00"),
            f"编码 {short}": _put(part, b"<?xml version='1.0' encoding='x-none'?><a/>"),
            f"别的 {short}": _put(part, b"<?xml version='1.0'?><a xmlns='urn:x'><b c='d'/></a>"),
            f"实体 {short}": _put(part, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        }
    return damages


DAMAGES = _make_damages()
# One of each kind, for commands that take seconds.
FEW_DAMAGES = (
    *("空", "截断", "目录坏", "加密", "同名", "路径", "没有部件", "炸弹", "属性炸弹"),
    *("校验 core.xml", "压缩坏 workbook.xml", "方法 sheet1.xml", "有口令 core.xml"),
    *("缺 [Content_Types].xml", "断 core.xml", "编码 workbook.xml", "乱 sheet1.xml"),
)
