"""Attacks on the zip: damage, bombs, lies about names and sizes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

from tests.support.attack_files.base import (
    SHEET,
    STRINGS,
    WORKBOOK,
    Attack,
    attack,
    changed,
    genuine,
    noise,
    packed,
    unpacked,
)

_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
_MIB = 2**20


def cut(share: float) -> bytes:
    return genuine()[: int(len(genuine()) * share)]


def _entries(data: bytes) -> Iterator[int]:
    """Yield where each entry of the central directory begins."""
    at = data.index(_CENTRAL)
    while data[at : at + 4] == _CENTRAL:
        yield at
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        at += 46 + name + extra + comment


def _entry(data: bytes, name: str) -> tuple[int, int]:
    """Return where ``name`` stands: its local header, its central one."""
    info = zipfile.ZipFile(io.BytesIO(data)).getinfo(name)
    for at in _entries(data):
        if struct.unpack_from("<I", data, at + 42)[0] == info.header_offset:
            return info.header_offset, at
    raise KeyError(name)


def flipped() -> bytes:
    data = bytearray(genuine())
    at, _ = _entry(bytes(data), SHEET)
    for step in range(200, 1000, 100):
        data[at + step] ^= 0x10
    return bytes(data)


def wrong_sum() -> bytes:
    data = bytearray(genuine())
    local, central = _entry(bytes(data), SHEET)
    for at in (local + 14, central + 16):
        data[at] ^= 0xFF
    return bytes(data)


def sized(size: int) -> bytes:
    """Declare another size than the sheet really has."""
    data = bytearray(genuine())
    local, central = _entry(bytes(data), SHEET)
    for at in (local + 22, central + 24):
        struct.pack_into("<I", data, at, size)
    return bytes(data)


def overlapping() -> bytes:
    """Let every entry point at the data of the first: a quine of names."""
    data = bytearray(genuine())
    first = next(_entries(bytes(data)))
    start = data[first + 42 : first + 46]
    for at in _entries(bytes(data)):
        data[at + 42 : at + 46] = start
    return bytes(data)


def marked(flag: int, method: int | None = None) -> bytes:
    """Set a flag of the sheet's entry, or another compression method."""
    data = bytearray(genuine())
    local, central = _entry(bytes(data), SHEET)
    for at in (local + 6, central + 8):
        data[at] |= flag
    if method is not None:
        for at in (local + 8, central + 10):
            struct.pack_into("<H", data, at, method)
    return bytes(data)


def ratio_bomb() -> bytes:
    return changed({SHEET: lambda old: old + b" " * (30 * _MIB)})


def bomb_of_many_parts() -> bytes:
    """Pack two hundred parts that are each just below suspicion."""
    parts = unpacked(genuine())
    parts |= {f"xl/media/image{n}.bin": bytes(_MIB) for n in range(210)}
    return packed(parts.items())


def greedy_lzma() -> bytes:
    """Ask for a dictionary of four gigabytes to unpack ten bytes."""
    data = bytearray(changed({}, method=zipfile.ZIP_LZMA))
    for name in (SHEET, STRINGS):
        at, _ = _entry(bytes(data), name)
        head = at + 30 + len(name)
        data[head + 5 : head + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


def bzip_bomb() -> bytes:
    """Inflate whole in one step of the decompressor."""
    parts = unpacked(genuine())
    parts["xl/media/image1.bin"] = bytes(30 * _MIB)
    return packed(parts.items(), zipfile.ZIP_BZIP2)


def crowd(count: int) -> bytes:
    parts = unpacked(genuine())
    more = ((f"xl/media/{n}.bin", b"") for n in range(count - len(parts)))
    return packed([*parts.items(), *more])


def named(*names: str) -> bytes:
    return packed([*unpacked(genuine()).items(), *((name, b"x") for name in names)])


def backslashed() -> bytes:
    parts = unpacked(genuine())
    return packed((name.replace("/", "\\"), data) for name, data in parts.items())


def upper_case() -> bytes:
    """Name every part in capitals, as no program does and some accept."""
    return packed((n.upper(), data) for n, data in unpacked(genuine()).items())


# An archive may be refused, or read file by file.
_ARCHIVE = ("file-archive", "file-archive-read", "file-archive-deep", "file-damaged")

ZIPS: tuple[Attack, ...] = (
    attack("零字节.xlsx", lambda: b"", "file-empty"),
    attack("一个字节.xlsx", lambda: b"\0", "file-damaged"),
    attack("随机字节.xlsx", lambda: noise(20_000), "file-damaged"),
    attack("随机的zip.xlsx", lambda: _LOCAL + noise(20_000), "file-cut"),
    attack("只有目录尾.xlsx", lambda: b"PK\5\6" + bytes(18), *_ARCHIVE),
    attack("截断0.xlsx", lambda: genuine()[:40], "file-cut"),
    attack("截断1.xlsx", lambda: cut(0.1), "file-cut"),
    attack("截断5.xlsx", lambda: cut(0.5), "file-cut"),
    attack("截断9.xlsx", lambda: cut(0.99), "file-cut"),
    attack("截断末字节.xlsx", lambda: genuine()[:-1], "file-cut"),
    attack("尾部多出乱码.xlsx", lambda: genuine() + noise(3000), "", "file-damaged"),
    attack("头部多出乱码.xlsx", lambda: noise(3000) + genuine(), "file-damaged"),
    attack("两份相连.xlsx", lambda: genuine() + genuine(), "", "file-damaged"),
    attack("位翻转.xlsx", flipped, "file-damaged"),
    attack("校验和不符.xlsx", wrong_sum, "file-damaged"),
    attack("压缩炸弹.xlsx", ratio_bomb, "file-suspect"),
    attack("多部件炸弹.xlsx", bomb_of_many_parts, "file-too-large"),
    attack("2001个部件.xlsx", lambda: crowd(2001), "file-suspect"),
    attack("2000个部件.xlsx", lambda: crowd(2000), ""),
    attack("声明太小.xlsx", lambda: sized(10), "file-damaged"),
    attack("声明太大.xlsx", lambda: sized(2**31), "", "file-damaged"),
    attack("声明四个G.xlsx", lambda: sized(2**32 - 2), "", "file-damaged"),
    attack("部件重叠.xlsx", overlapping, "file-damaged"),
    attack("部件大小写同名.xlsx", lambda: named("XL/Workbook.xml"), "file-suspect"),
    attack("部件同名.xlsx", lambda: named(WORKBOOK), "file-suspect"),
    attack("部件斜杠同名.xlsx", lambda: named("xl\\workbook.xml"), "file-suspect"),
    attack("反斜杠.xlsx", backslashed, "", "file-unreadable"),
    attack("部件名全大写.xlsx", upper_case, "", "file-unreadable", "file-damaged"),
    attack("部件名跳出.xlsx", lambda: named("../../etc/cron.d/x"), "file-suspect"),
    attack("部件名绝对.xlsx", lambda: named("/etc/passwd"), "file-suspect"),
    attack("部件名带盘符.xlsx", lambda: named("C:\\x.dll"), "file-suspect"),
    attack("部件名含控制字符.xlsx", lambda: named("xl/a\n\x07.xml"), ""),
    attack("加密部件.xlsx", lambda: marked(1), "file-suspect"),
    attack("不明压缩法.xlsx", lambda: marked(0, 99), "file-suspect"),
    attack("LZMA四个G.xlsx", greedy_lzma, "file-suspect"),
    attack("BZIP炸弹.xlsx", bzip_bomb, "file-suspect"),
    attack("套娃.xlsx", lambda: packed([("内层.xlsx", genuine())]), *_ARCHIVE),
)
