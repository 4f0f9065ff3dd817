"""The zip inside an .xlsx: what is damaged or dangerous is refused, with its reason."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable

import pytest

from ledgerbook import file_types
from ledgerbook.file_types import RefusedError, list_entry_names, read_parts, replace_parts
from tests.support.returns import plain


def zipped(entries: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        warnings.simplefilter("ignore")  # zipfile warns of the very thing tested
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # ``writestr`` of Python 3.11 fails for an entry without a name.
            with archive.open(entry, "w") as stream:
                stream.write(data)
    return buffer.getvalue()


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        read_parts(data)
    return caught.value.code, caught.value.detail


def test_gives_every_part() -> None:
    """A sound package gives each part by name, bytes unchanged."""
    entries = {"a.xml": b"<a/>", "folder/b.xml": b"<b/>"}
    assert read_parts(zipped(entries.items())) == entries


def test_a_backslash_is_a_slash() -> None:
    """Part names written the Windows way are found under the usual name."""
    assert read_parts(zipped([("xl\\workbook.xml", b"<w/>")])) == {"xl/workbook.xml": b"<w/>"}


def test_a_part_of_two_names_is_suspect() -> None:
    """Programs, and versions of Python, differ on which of its two names they read."""
    entry = zipfile.ZipInfo("xl/a.xml")
    content = struct.pack("<BI", 1, zlib.crc32(b"xl/a.xml")) + b"xl/b.xml"
    entry.extra = struct.pack("<HH", 0x7075, len(content)) + content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(entry, b"<a/>")
    assert refusal(buffer.getvalue()) == ("file-suspect", "内部部件的路径不正常")


def test_a_part_without_a_name_costs_no_other() -> None:
    """It is nobody's part."""
    parts = {"": b"x", "a.xml": b"<a/>"}
    assert read_parts(zipped(parts.items())) == parts


def test_refuses_a_bomb_by_its_ratio() -> None:
    """A part that inflates to more than two hundred times its size is refused."""
    bomb = zipped([("a.xml", bytes(2**22))])
    assert refusal(bomb) == ("file-suspect", "压缩比过高")


def test_a_part_that_inflates_too_far_is_too_large() -> None:
    """Formats of millions of blank cells are no attack: the sender is asked to delete them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        package.writestr("a.xml", bytes(file_types.MAX_PART_BYTES + 1))
    assert refusal(buffer.getvalue()) == ("file-too-large", "解开后超过 128 MB")


def test_believes_no_declared_size() -> None:
    """A bomb that declares a small size is not inflated past what it declares."""
    bomb = zipped([("a.xml", bytes(2**22))])
    lie = bomb.replace(struct.pack("<I", 2**22), struct.pack("<I", 10))
    assert refusal(lie)[0] in ("file-suspect", "file-damaged")


def test_refuses_too_many_parts() -> None:
    """No return has more than two thousand parts."""
    many = zipped((f"{n}", b"") for n in range(file_types.MAX_ENTRIES + 1))
    assert refusal(many) == ("file-suspect", "内部有 2001 个部件，过多")


@pytest.mark.parametrize("names", [("a.xml", "A.XML"), ("a.xml", "a.xml"), ("x/a.xml", "x\\a.xml")])
def test_refuses_names_that_programs_confuse(names: tuple[str, str]) -> None:
    """Two parts that some program takes for one are two readings of one file."""
    assert refusal(zipped((name, b"") for name in names)) == (
        "file-suspect",
        "内部有同名部件",
    )


@pytest.mark.parametrize("name", ["../a.xml", "x/../../a.xml", "/etc/a", "C:/a.xml"])
def test_refuses_paths_that_lead_out(name: str) -> None:
    """A part's name never leads out of the package."""
    assert refusal(zipped([(name, b"")])) == ("file-suspect", "内部部件的路径不正常")


def test_refuses_a_truncated_package() -> None:
    """Half a file, as a broken upload leaves it, is said to be cut."""
    whole = plain()
    damaged = ("file-cut", "压缩包不完整")
    assert refusal(whole[: len(whole) // 2]) == damaged
    assert refusal(b"PK\x03\x04") == damaged


def test_refuses_a_wrong_checksum() -> None:
    """A part whose bytes do not match their checksum is damaged."""
    data = zipped([("a.bin", random.Random(1).randbytes(500))])  # noqa: S311  noise
    right = struct.pack("<I", zipfile.ZipFile(io.BytesIO(data)).infolist()[0].CRC)
    assert refusal(data.replace(right, b"\0\0\0\0")) == ("file-damaged", "压缩包不完整")


def test_refuses_an_encrypted_part() -> None:
    """A zip with a password of its own is refused, not guessed at."""
    data = bytearray(zipped([("a.xml", b"<a/>")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == ("file-suspect", "压缩方式不常见或加了密")


def test_refuses_a_zip_of_a_version_to_come() -> None:
    """What zipfile does not know is refused, whichever file asks for the names only."""
    data = bytearray(zipped([("a.xml", b"<a/>")]))
    data[data.index(b"PK\x01\x02") + 6] = 99
    with pytest.raises(RefusedError):
        list_entry_names(bytes(data))


def test_replaces_one_part_alone() -> None:
    """The other parts keep their bytes, order and times."""
    data = zipped([("a.xml", b"<a/>"), ("b.xml", b"<b/>")])
    changed = replace_parts(data, {"a.xml": b"<c/>"})
    assert read_parts(changed) == {"a.xml": b"<c/>", "b.xml": b"<b/>"}
    assert replace_parts(changed, {"a.xml": b"<a/>"}) == data
