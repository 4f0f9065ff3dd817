"""Archives of returns: every file in them read as if it lay in the folder."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import cli
from ledgerbook.intake import archives as archive
from ledgerbook.intake import file_check
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.intake.worker_pool import ReadLimits, read_files
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import find_files
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    INDUSTRY,
    OFFICE,
    fill,
    issued,
    make_book,
)
from tests.support.failing_readers import fail_by_name

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

BOOK = make_book()
UTF8 = 0x800


@cache
def good(section: str) -> bytes:
    return fill(issued(BOOK, section), {"T01": DONE})


def packed(entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as target:
        warnings.simplefilter("ignore")  # zipfile warns of the very thing tested
        for name, data in entries.items():
            target.writestr(name, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def zip_of_pairs(pairs: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as target:
        warnings.simplefilter("ignore")  # zipfile warns of the very thing tested
        for name, data in pairs:
            # ``writestr`` of Python 3.11 fails for an entry without a name.
            with target.open(zipfile.ZipInfo(name), "w") as entry:
                entry.write(data)
    return buffer.getvalue()


def ledger_of(folder: Path, *passwords: str) -> Ledger:
    files = find_files([folder])
    return merge_returns(BOOK, read_files(files, BOOK, AS_OF, passwords=passwords), AS_OF)


def codes_of(ledger: Ledger) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {file.name: [] for file in ledger.file_reports}
    for problem in ledger.problems:
        if problem.code.startswith("file-"):
            found[problem.place.file].append(problem.code)
    return found


def answers_of(ledger: Ledger) -> dict[tuple[str, str], dict[str, str]]:
    return {
        (row.section, row.task.code): {k: a.text for k, a in row.answers.items()}
        for row in ledger.assignment_results
    }


def test_an_archive_gives_what_its_files_give(tmp_path: Path) -> None:
    """Each file once, with its own size and sum, under the archive's name."""
    files = {
        "子/金融.xlsx": good(FINANCE),
        "产业.xlsx": good(INDUSTRY),
        "半截.xlsx": good(OFFICE)[:9000],
        "照片.jpg": b"\xff\xd8\xff",
        "~$产业.xlsx": b"\x04user",
        "__MACOSX/._产业.xlsx": b"\0\x05\x16\x07",
        "__MACOSX/.DS_Store": b"\0",
    }
    atomic.write_file(tmp_path / "包" / "收回.zip", packed({"子/": b"", **files}))
    for name, data in files.items():
        atomic.write_file(tmp_path / "散" / name, data)
    found, usual = ledger_of(tmp_path / "包"), ledger_of(tmp_path / "散")
    assert answers_of(found) == answers_of(usual)
    assert found.cell_balance == usual.cell_balance
    assert found.cell_balance.accepted == 6
    reports = {file.name: file for file in found.file_reports}
    whole = reports.pop("收回.zip")
    assert whole.status is FileStatus.SKIPPED
    assert whole.note == "压缩包，里面有 7 个文件，已逐个读取。"
    assert list(reports) == sorted(f"收回.zip/{name}" for name in files)
    for name, data in files.items():
        report = reports[f"收回.zip/{name}"]
        assert report.size == len(data)
        assert report.sha256 == hashlib.sha256(data).hexdigest()
    assert codes_of(found) == {
        "收回.zip": ["file-archive-read"],
        "收回.zip/__MACOSX/.DS_Store": ["file-skipped"],
        "收回.zip/__MACOSX/._产业.xlsx": ["file-skipped"],
        "收回.zip/~$产业.xlsx": ["file-skipped"],
        "收回.zip/产业.xlsx": [],
        "收回.zip/半截.xlsx": ["file-cut"],
        "收回.zip/子/金融.xlsx": [],
        "收回.zip/照片.jpg": ["file-other-type"],
    }


def test_a_file_that_ends_its_worker_harms_no_other(tmp_path: Path) -> None:
    """Whatever a file in an archive does, the rest of it is read."""
    deeds = ("abort", "hang", "raise")
    names = [f"{name}.xlsx" for name in ("a", *deeds, "z")]
    inner = packed({"kill.xlsx": good(FINANCE), "y.xlsx": good(INDUSTRY)})
    whole = packed({**dict.fromkeys(names, good(FINANCE)), "内.zip": inner})
    atomic.write_file(tmp_path / "收回.zip", whole)
    reads = read_files(
        find_files([tmp_path]),
        BOOK,
        AS_OF,
        limits=ReadLimits(seconds=1.5, processes=2),
        reader=fail_by_name,
    )
    assert [read.report.name for read in reads] == [
        "收回.zip",
        *(f"收回.zip/{name}" for name in names),
        "收回.zip/内.zip",
        "收回.zip/内.zip/kill.xlsx",
        "收回.zip/内.zip/y.xlsx",
    ]
    bad = {r.report.name for r in reads if r.report.status is not FileStatus.SKIPPED} - {
        r.report.name for r in reads if r.rows
    }
    assert bad == {
        *(f"收回.zip/{name}.xlsx" for name in deeds),
        "收回.zip/内.zip/kill.xlsx",
    }
    sums = {r.report.sha256 for r in reads if r.report.name in bad}
    assert sums == {hashlib.sha256(good(FINANCE)).hexdigest()}


def test_archives_within_archives_are_read_two_deep(tmp_path: Path) -> None:
    """A third archive within the second within the first is left alone, and told."""
    data = packed({"四.xlsx": good(OFFICE)})
    for name in ("三", "二", "一"):
        data = packed({f"{name}.zip": data, f"{name}.xlsx": good(FINANCE)})
    atomic.write_file(tmp_path / "收回.zip", data)
    found = ledger_of(tmp_path)
    deep = "收回.zip/一.zip/二.zip/三.zip"
    assert codes_of(found) == {
        "收回.zip": ["file-archive-read"],
        "收回.zip/一.xlsx": [],
        "收回.zip/一.zip": ["file-archive-read"],
        "收回.zip/一.zip/二.xlsx": [],
        "收回.zip/一.zip/二.zip": ["file-archive-read"],
        "收回.zip/一.zip/二.zip/三.xlsx": [],
        deep: ["file-archive-deep"],
    }
    (told,) = [p.message for p in found.problems if p.place.file == deep]
    assert told == ("压缩包里又套了压缩包（或邮件），超过 2 层，没有再往里读取。")


# -- passwords ------------------------------------------------------------------------


def zip_crypto(entries: Mapping[str, bytes], password: bytes) -> bytes:
    """Encrypt an archive the old way, which the standard library only reads."""
    data = bytearray(zip_of_pairs(list(entries.items())))
    source = zipfile.ZipFile(io.BytesIO(bytes(data)))
    local, central = bytearray(), bytearray()
    for one in source.infolist():
        plain = source.read(one.filename)
        secret = _encrypt(bytes(11) + bytes([one.CRC >> 24]) + plain, password)
        raw = one.filename.encode()
        facts = struct.pack(
            "<HHHHHIIIH",
            *(20, one.flag_bits | 1, 0, 0, 33, one.CRC, len(secret), len(plain)),
            len(raw),
        )
        central += b"PK\x01\x02\x14\0" + facts + bytes(12)
        central += struct.pack("<I", len(local)) + raw
        local += b"PK\x03\x04" + facts + b"\0\0" + raw + secret
    count = len(source.infolist())
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(central), len(local), 0)
    return bytes(local + central + end)


def _encrypt(plain: bytes, password: bytes) -> bytes:
    keys = [305419896, 591751049, 878082192]

    def update(byte: int) -> None:
        keys[0] = zlib.crc32(bytes([byte]), keys[0] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = zlib.crc32(bytes([keys[1] >> 24]), keys[2] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in plain:
        key = keys[2] | 2
        out.append(byte ^ ((key * (key ^ 1) >> 8) & 0xFF))
        update(byte)
    return bytes(out)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_password_opens_an_archive(tmp_path: Path, encoding: str) -> None:
    """One that fits, in whichever bytes the program wrote it."""
    shut = zip_crypto({"a.xlsx": good(FINANCE)}, "口令".encode(encoding))
    atomic.write_file(tmp_path / "包.zip", shut)
    found = ledger_of(tmp_path, "错的", "口令")
    assert codes_of(found) == {"包.zip": ["file-archive-read"], "包.zip/a.xlsx": []}
    assert found.cell_balance.accepted == 3


@pytest.mark.parametrize("passwords", [(), ("错的", "abc")])
def test_an_archive_that_no_password_opens_is_one_problem(
    tmp_path: Path, passwords: tuple[str, ...]
) -> None:
    """Not one for each file that is in it."""
    files = {f"{n}.xlsx": good(FINANCE) for n in range(2)}
    atomic.write_file(tmp_path / "包.zip", zip_crypto(files, b"secret"))
    assert codes_of(ledger_of(tmp_path, *passwords)) == {"包.zip": ["file-password"]}


# -- many archives, read in one go ----------------------------------------------------


def nameless(encoding: str) -> bytes:
    """Name a file in an encoding and say nothing of it, as Windows and Macs do."""
    # These bytes of UTF-8 would make sense, of a kind, in GBK as well.
    name = "财务科报.xlsx"
    data = bytearray(packed({name: good(FINANCE)}))
    for at in (6, data.index(b"PK\x01\x02") + 8):
        (flags,) = struct.unpack_from("<H", data, at)
        assert flags & UTF8
        struct.pack_into("<H", data, at, flags & ~UTF8)
    # As many bytes as before, so that nothing else moves.
    raw = name.encode()
    return bytes(data).replace(raw, name.encode(encoding).ljust(len(raw), b"x"))


def with_unicode_name(raw: bytes, name: str, replaced: bytes = b"") -> bytes:
    """Name a file by ``raw``, and by ``name`` in an extra field for the name ``replaced``."""
    content = struct.pack("<BI", 1, zlib.crc32(replaced or raw)) + name.encode()
    entry = zipfile.ZipInfo("n" * len(raw))
    entry.extra = struct.pack("<HHB", 0x5455, 1, 0)  # a field before it, of another kind
    entry.extra += struct.pack("<HH", 0x7075, len(content)) + content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr(entry, good(FINANCE))
    return buffer.getvalue().replace(b"n" * len(raw), raw)


def unpacked(folder: str, *others: str) -> bytes:
    """Unpack a return and compress its folder, beside other files."""
    parts = zipfile.ZipFile(io.BytesIO(good(INDUSTRY)))
    entries = [(f"{folder}{name}", parts.read(name)) for name in parts.namelist()]
    return zip_of_pairs([(folder, b""), *entries, *((name, b"x") for name in others)])


def of_method(method: int) -> bytes:
    """Say of the first file that it is packed in another way."""
    data = bytearray(packed({"a.xlsx": good(FINANCE), "b.xlsx": good(INDUSTRY)}))
    struct.pack_into("<H", data, 8, method)
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, method)
    return bytes(data)


def lying() -> bytes:
    """Say of the first file that it is ten bytes long."""
    data = bytearray(packed({"a.xlsx": good(FINANCE), "b.xlsx": good(INDUSTRY)}))
    # The size stands before the file itself, and in the list at the end.
    for at in (22, data.index(b"PK\x01\x02") + 24):
        data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


def large() -> bytes:
    """Keep films beside a return, too large together for a table."""
    half = bytes(file_check.MAX_FILE_SIZE // 2)
    return zip_of_pairs([*((f"{n}.mp4", half) for n in range(3)), ("a", good(FINANCE))])


def crowd() -> bytes:
    half = packed({f"{n}.txt": b"" for n in range(archive.MAX_ENTRIES // 2)})
    return packed({f"{n}.zip": half for n in range(3)})


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "windows": lambda: nameless("gb18030"),
    "mac": lambda: nameless("utf-8"),
    "winrar": lambda: with_unicode_name("收回/产业.xlsx".encode("gb18030"), "收回/产业.xlsx"),
    "7-zip": lambda: with_unicode_name(b"____.xlsx", "收回/产业.xlsx"),
    "renamed": lambda: with_unicode_name("改名.xlsx".encode(), "收回/产业.xlsx", b"old"),
    "no-names": lambda: zip_of_pairs(
        [("", b""), ("", good(INDUSTRY)), ("/", b""), ("a.xlsx", good(FINANCE))]
    ),
    "unpacked": lambda: unpacked("返表/", "__MACOSX/返表/._x", "说明.txt"),
    "unpacked-deep": lambda: unpacked("收回/返表.xlsx/"),
    "deflate64": lambda: of_method(9),
    "winzip": lambda: of_method(99),
    "lie": lying,
    "films": large,
    "crowd": crowd,
    "twice": lambda: zip_of_pairs([("a.xlsx", good(OFFICE))] * 2),
    "out": lambda: packed(
        dict.fromkeys(("../../a.xlsx", "/etc/b.xlsx", "..\\c.xlsx"), good(OFFICE))
    ),
    "bomb": lambda: packed(
        {"a.xlsx": b"PK" + bytes(file_check.MAX_FILE_SIZE), "b.xlsx": good(OFFICE)}
    ),
}


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Collect all these archives, and a folder that is called like one of them."""
    folder = tmp_path_factory.mktemp("收回")
    for name, make in ARCHIVES.items():
        atomic.write_file(folder / f"{name}.zip", make())
    atomic.write_file(folder / "夹" / "twice.zip" / "a.xlsx", good(FINANCE))
    found = find_files([folder, folder / "夹"])
    files = {name.removeprefix("夹/"): path for name, path in found.items()}
    return merge_returns(BOOK, read_files(files, BOOK, AS_OF), AS_OF)


def within(together: Ledger, name: str) -> dict[str, list[str]]:
    """Return what is said of the files within one archive."""
    head = f"{name}.zip/"
    return {
        one.removeprefix(head): codes
        for one, codes in codes_of(together).items()
        if one.startswith(head)
    }


@pytest.mark.parametrize(("name", "rest"), [("windows", "x"), ("mac", "")])
def test_reads_names_that_say_no_encoding(together: Ledger, name: str, rest: str) -> None:
    """Windows writes names in GBK, a Mac in UTF-8, and neither says so."""
    (told,) = within(together, name)
    assert told.rstrip("x") == "财务科报.xlsx".rstrip("x")
    assert told.endswith(rest)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("winrar", "收回/产业.xlsx"), ("7-zip", "收回/产业.xlsx"), ("renamed", "改名.xlsx")],
)
def test_reads_names_in_an_extra_field(together: Ledger, name: str, expected: str) -> None:
    """One that belongs to another name, which a program has changed since, is not believed."""
    assert within(together, name) == {expected: []}


def test_a_file_without_a_name_is_read(together: Ledger) -> None:
    """It costs no other file; without content as well, it is no file."""
    assert within(together, "no-names") == {"_": [], "a.xlsx": []}
    assert {file.name: file.sections for file in together.file_reports}["no-names.zip/_"] == (
        INDUSTRY,
    )


def test_a_workbook_that_was_unpacked_is_read_whole(together: Ledger) -> None:
    """Its parts are no files of their own, and one of them no web page."""
    assert within(together, "unpacked") == {
        "__MACOSX/返表/._x": ["file-skipped"],
        "说明.txt": ["file-other-type"],
        "返表.xlsx": [],
    }
    assert within(together, "unpacked-deep") == {"收回/返表.xlsx": []}
    sections = {file.name: file.sections for file in together.file_reports}
    assert sections["unpacked.zip/返表.xlsx"] == (INDUSTRY,)


def test_files_of_one_name_are_told_apart(together: Ledger) -> None:
    """Twice the same name in an archive, or beside a folder called like it."""
    names = ["a.xlsx", "a(2).xlsx", "a(2)(2).xlsx"]
    assert within(together, "twice") == {name: [] for name in sorted(names)}
    sections = {f.name: f.sections for f in together.file_reports}
    assert sections["twice.zip/a.xlsx"] == (FINANCE,)
    assert sections["twice.zip/a(2).xlsx"] == (OFFICE,)


def test_no_name_leads_out_of_the_archive(together: Ledger) -> None:
    """The files are read, for nothing is written; their names are made harmless."""
    assert within(together, "out") == {
        "etc/b.xlsx": [],
        "．．/c.xlsx": [],
        "．．/．．/a.xlsx": [],
    }


def test_a_bomb_in_an_archive_is_a_problem_of_its_own(together: Ledger) -> None:
    """A file that inflates past the limit is refused, and its neighbour read."""
    assert within(together, "bomb") == {"a.xlsx": ["file-too-large"], "b.xlsx": []}
    sizes = {file.name: file.size for file in together.file_reports}
    assert sizes["bomb.zip/a.xlsx"] == file_check.MAX_FILE_SIZE + 2


def test_a_size_that_lies_is_damage(together: Ledger) -> None:
    """No more is inflated than a file says it measures."""
    assert within(together, "lie") == {"a.xlsx": ["file-damaged"], "b.xlsx": []}


@pytest.mark.parametrize("name", ["deflate64", "winzip"])
def test_a_way_of_packing_that_is_not_known_is_told(together: Ledger, name: str) -> None:
    """Deflate64 and WinZip's own encryption have to be unpacked by hand."""
    assert within(together, name) == {"a.xlsx": ["file-archive-method"], "b.xlsx": []}


def test_a_large_archive_is_read_where_a_large_table_is_not(together: Ledger) -> None:
    """Photographs of a whole bureau may come in one archive with the returns."""
    other = ["file-other-type"]
    assert within(together, "films") == {
        **{f"{n}.mp4": other for n in range(3)},
        "a": [],
    }


def test_archives_within_one_another_count_together(together: Ledger) -> None:
    """Archives of archives do not multiply what one may hold."""
    archives = {
        name: codes for name, codes in within(together, "crowd").items() if name.endswith(".zip")
    }
    assert archives == {
        "0.zip": ["file-archive-read"],
        "1.zip": ["file-suspect"],
        "2.zip": ["file-suspect"],
    }


def test_every_file_of_every_archive_stands_once(together: Ledger) -> None:
    """Whatever became of it; and every answer is accounted for."""
    names = [file.name for file in together.file_reports]
    assert len(names) == len(set(names)) == 17 + 500 + 31
    assert together.cell_balance.is_balanced


# -- what is refused ------------------------------------------------------------------


def listed(data: bytes) -> list[str]:
    return [p.code for p in read_return("包.zip", data, ReadContext(BOOK, AS_OF)).problems]


def test_refuses_an_archive_of_too_many_files() -> None:
    """No office gets a thousand files in one archive."""
    many = {f"{n}.txt": b"" for n in range(archive.MAX_ENTRIES + 1)}
    assert listed(packed(many)) == ["file-suspect"]
    assert listed(packed(dict(list(many.items())[1:]))) == ["file-archive-read"]


def test_refuses_an_archive_that_says_it_is_huge() -> None:
    """What all files together say they measure is bounded before any is read."""
    data = bytearray(packed({"a.bin": b"a"}))
    at = data.index(b"PK\x01\x02") + 24
    struct.pack_into("<I", data, at, archive.MAX_TOTAL_BYTES + 1)
    assert listed(bytes(data)) == ["file-suspect"]


def test_half_an_archive_is_damage() -> None:
    """A broken upload is told as such."""
    assert listed(packed({"a.xlsx": good(FINANCE)})[:-30]) == ["file-damaged"]


def test_every_way_to_collect_reads_archives(tmp_path: Path) -> None:
    """A dry run, and answers carried into the next round, as well as a summary."""
    atomic.write_file(tmp_path / "台账.xlsx", build_book_bytes(BOOK))
    atomic.write_file(tmp_path / "收回.zip", packed({"a.xlsx": good(FINANCE)}))
    book, zipped = str(tmp_path / "台账.xlsx"), str(tmp_path / "收回.zip")
    day = ["--as-of", "2022-12-20"]
    dry = ["collect", book, zipped, "--dry-run", *day]
    done = CliRunner().invoke(cli, dry, standalone_mode=False)
    assert done.exception is None
    assert "收回.zip/a.xlsx" in done.output or FINANCE in done.output
    target = str(tmp_path / "发出")
    again = ["generate", book, "--from", zipped, "-o", target, *day]
    assert CliRunner().invoke(cli, again, standalone_mode=False).exception is None
    (made,) = Path(target).rglob(f"{FINANCE}.xlsx")
    inside = b"".join(zipfile.ZipFile(made).read(n) for n in zipfile.ZipFile(made).namelist())
    assert "已经办好。".encode() in inside
