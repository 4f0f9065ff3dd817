"""Returns that come in saved mails, .eml and .msg: taken out, and read as files."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator, Sequence
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ArchiveRead, FileSource, ReadContext, read_file
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import FileStatus
from tests.support.books import AS_OF, FINANCE, INDUSTRY, make_book
from tests.support.ole_writer import build_msg, make_attachment, make_embedded_message, make_message
from tests.support.returns import answered, answers, sent

BOOK = make_book()
TERMS = ReadContext(BOOK, AS_OF)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mail(*files: tuple[str, bytes], body: str = "请查收。") -> EmailMessage:
    """Return a mail as a well-behaved program writes it."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"] = "张三 <zhang@example.cn>", "zhk@example.cn"
    made["Subject"] = "报送"
    made.set_content(body)
    for name, data in files:
        maintype, subtype = SHEET.split("/")
        made.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return made


def raw_mail(*parts: tuple[str, bytes], head: str = "multipart/mixed") -> bytes:
    """Return a mail whose parts have just these fields; each is packed in base64."""
    edge = b"==edge=="
    lines = [
        b"From: a@example.cn",
        b"Subject: =?gb2312?B?sai3og==?=",
        b"MIME-Version: 1.0",
        f'Content-Type: {head}; boundary="{edge.decode()}"'.encode(),
    ]
    body = [
        b"--"
        + edge
        + b"\r\n"
        + fields.encode("utf-8", "surrogateescape")
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(data)
        for fields, data in parts
    ]
    return b"\r\n".join([*lines, b"", *body, b"--" + edge + b"--", b""])


def read(folder: Path, name: str, data: bytes) -> list[FileContent]:
    """Read a file and all that is in it, as the workers do."""
    path = folder / name
    path.write_bytes(data)
    return list(_read(FileSource(name, path)))


def _read(source: FileSource) -> Iterator[FileContent]:
    found = read_file(source, TERMS)
    yield found
    if isinstance(found, ArchiveRead):
        for member in found.members:
            name = f"{source.name}/{member.name}"
            yield from _read(FileSource(name, source.path, (*source.member_indexes, member.index)))


def codes(reads: Sequence[FileContent]) -> dict[str, list[str]]:
    return {
        one.report.name: [p.code for p in one.problems if p.code.startswith("file-")]
        for one in reads
    }


def names(reads: Sequence[FileContent]) -> list[str]:
    return [one.report.name for one in reads]


def taken(reads: Sequence[FileContent]) -> dict[str, dict[str, dict[str, str]]]:
    ledger = merge_returns(BOOK, list(reads), AS_OF)
    assert ledger.cell_balance.is_balanced
    return answers(ledger)


# -- what is attached is read as if it lay in the folder ------------------------------


def test_a_mail_gives_what_its_attachments_give(tmp_path: Path) -> None:
    """Each once, with its own size and sum, under the mail's name."""
    files = [("金融.xlsx", answered(FINANCE)), ("产业.xlsx", answered(INDUSTRY))]
    (tmp_path / "散").mkdir()
    loose = [one for n, d in files for one in read(tmp_path / "散", n, d)]
    reads = read(tmp_path, "来信.eml", mail(*files).as_bytes())
    assert names(reads) == ["来信.eml", "来信.eml/金融.xlsx", "来信.eml/产业.xlsx"]
    assert taken(reads) == taken(loose)
    assert [(one.report.size, one.report.sha256) for one in reads[1:]] == [
        (one.report.size, one.report.sha256) for one in loose
    ]
    assert reads[0].report.status is FileStatus.SKIPPED
    assert reads[0].report.note == ("邮件，带有 2 个附件，已逐个读取；邮件正文没有读取。")


def test_outlooks_own_format_gives_the_same(tmp_path: Path) -> None:
    """A .msg is an OLE container, and is not taken for a workbook or a Word file."""
    pair = (
        make_attachment("金融.xlsx", answered(FINANCE)),
        make_attachment("产业.xlsx", answered(INDUSTRY), encoding="gbk"),
    )
    reads = read(tmp_path, "来信.msg", build_msg(*pair))
    assert names(reads) == ["来信.msg", "来信.msg/金融.xlsx", "来信.msg/产业.xlsx"]
    assert set(taken(reads)) == {FINANCE, INDUSTRY}


@pytest.mark.parametrize("name", ["来信.eml", "来信.msg", "来信.txt", "来信.xlsx", "来信"])
@pytest.mark.parametrize("kind", ["eml", "msg"])
def test_a_mail_is_told_by_its_content(tmp_path: Path, name: str, kind: str) -> None:
    """People rename what they save."""
    file = ("金融.xlsx", answered(FINANCE))
    data = mail(file).as_bytes() if kind == "eml" else build_msg(make_attachment(*file))
    assert codes(read(tmp_path, name, data)) == {
        name: ["file-mail-read"],
        f"{name}/金融.xlsx": [],
    }


@pytest.mark.parametrize(
    "start", [b"", b"\xef\xbb\xbf", b"\r\n", b"From a@b Thu Dec  1 10:00:00 2022\r\n"]
)
def test_what_stands_before_the_first_field_does_no_harm(tmp_path: Path, start: bytes) -> None:
    data = start + mail(("金融.xlsx", answered(FINANCE))).as_bytes()
    assert len(read(tmp_path, "来信.eml", data)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "备注：来自金融科\n日期：2022-12-01\n",
        "To: 张三\n收到。\n",
        "科室,内容\n甲,乙\n",
    ],
)
def test_what_only_looks_a_little_like_a_mail_is_none(tmp_path: Path, text: str) -> None:
    assert codes(read(tmp_path, "说明.txt", text.encode())) == {"说明.txt": ["file-other-type"]}


@pytest.mark.parametrize("name", ["a.eml", "a.msg"])
@pytest.mark.parametrize("data", [b"\0\1\2\3", b"hello"])
def test_what_is_called_a_mail_and_is_none_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    """It may be one that was damaged: it is not passed over."""
    (one,) = read(tmp_path, name, data)
    assert [p.message for p in one.problems] == ["邮件已损坏，没有读取附件（开头的内容不是邮件）。"]


# -- names ----------------------------------------------------------------------------

NAME = "金融发展科（终稿）.xlsx"


def _word(charset: str, encoding: str = "") -> str:
    told = base64.b64encode(NAME.encode(encoding or charset)).decode()
    return f"=?{charset}?B?{told}?="


def _bare(encoding: str) -> str:
    return NAME.encode(encoding).decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "field",
    [
        f'Content-Disposition: attachment; filename="{_word("utf-8")}"',
        f'Content-Disposition: attachment; filename="{_word("GB2312", "gb18030")}"',
        f'Content-Type: {SHEET};\r\n name="{_word("gbk")}"',
        "Content-Disposition: attachment;\r\n filename*=UTF-8''" + quote(NAME),
        "Content-Disposition: attachment; filename*=gb2312'zh'" + quote(NAME.encode("gb18030")),
        "Content-Disposition: attachment; filename*=''" + quote(NAME),
        "Content-Disposition: attachment;\r\n filename*0*=UTF-8''"
        + quote(NAME[:4])
        + ";\r\n filename*1*="
        + quote(NAME[4:]),
        f'Content-Disposition: attachment; filename="{_bare("gb18030")}"',
        f'Content-Disposition: attachment; filename="{_bare("utf-8")}"',
        f'Content-Disposition: inline; filename="{_word("utf-8")}"',
        f'Content-Type: application/octet-stream; name="x"\r\n'
        f'Content-Disposition: attachment; filename="{_word("utf-8")}"',
    ],
)
def test_names_are_read_however_they_are_written(tmp_path: Path, field: str) -> None:
    data = raw_mail((field, answered(FINANCE)))
    assert names(read(tmp_path, "信.eml", data)) == ["信.eml", f"信.eml/{NAME}"]


def test_a_word_cut_within_a_character_is_put_together(tmp_path: Path) -> None:
    """Programs cut a long name after so many bytes, wherever that is."""
    raw = NAME.encode("gbk")
    halves = (base64.b64encode(raw[:5]).decode(), base64.b64encode(raw[5:]).decode())
    words = "\r\n ".join(f"=?gbk?B?{half}?=" for half in halves)
    field = f'Content-Disposition: attachment; filename="{words}"'
    data = raw_mail((field, answered(FINANCE)))
    assert names(read(tmp_path, "信.eml", data))[1:] == [f"信.eml/{NAME}"]


@pytest.mark.parametrize("name", ["=?utf-8?b?5oql?= " * 10**6, '\\";' * 10**6, ";" * 10**6])
def test_a_name_without_end_costs_no_time(tmp_path: Path, name: str) -> None:
    """Taken as it stands, it would take longer than a worker is given."""
    field = f'Content-Disposition: attachment; filename="{name}"'
    first, *_ = read(tmp_path, "信.eml", raw_mail((field, answered(FINANCE))))
    assert [p.code for p in first.problems] == ["file-mail-read"]


def test_what_has_no_name_or_a_bad_one_is_called_something(tmp_path: Path) -> None:
    """Names stay within the mail, and are told apart."""
    bare = "Content-Type: application/octet-stream"
    called = "Content-Disposition: attachment; filename="
    odd = b"a" + bytes([10, 27]) + b"b"
    data = raw_mail(
        (bare, answered(FINANCE)),
        (f'{called}"../../x.xlsx"', answered(INDUSTRY)),
        (f'{called}"same.xlsx"', b"1"),
        (f'{called}"same.xlsx"', b"2"),
        (f'{called}"=?utf-8?B?5L!=?="', b"3"),
        (
            f'{called}"=?utf-8?B?{base64.b64encode(odd).decode()}?="',
            b"4",
        ),
    )
    reads = read(tmp_path, "信.eml", data)
    assert names(reads)[1:5] == [
        "信.eml/附件1",
        "信.eml/..／..／x.xlsx",
        "信.eml/same.xlsx",
        "信.eml/same(2).xlsx",
    ]
    assert names(reads)[6] == "信.eml/a b"
    assert set(taken(reads)) == {FINANCE, INDUSTRY}


# -- what is no attachment ------------------------------------------------------------


def test_pictures_shown_in_the_text_are_no_attachments(tmp_path: Path) -> None:
    """The logo of a signature is not told of; a photograph attached is."""
    page = b'<html><img src="cid:logo%40x"><img src="cid:second"></html>'
    data = raw_mail(
        ("Content-Type: text/html; charset=utf-8", page),
        (
            'Content-Type: image/png; name="logo.png"\r\nContent-ID: <logo@x>\r\n'
            'Content-Disposition: inline; filename="logo.png"',
            PICTURE,
        ),
        ("Content-Type: image/png\r\nContent-Disposition: inline", PICTURE),
        (
            'Content-Type: image/png; name="sealed.png"\r\nContent-ID: <other>\r\n'
            'Content-Disposition: attachment; filename="sealed.png"',
            PICTURE,
        ),
        ('Content-Disposition: attachment; filename="金融.xlsx"', answered(FINANCE)),
        ('Content-Type: text/html; name="ATT00001.htm"', b"<html></html>"),
        ('Content-Type: application/pkcs7-signature; name="smime.p7s"', b"0\x82"),
    )
    assert codes(read(tmp_path, "信.eml", data)) == {
        "信.eml": ["file-mail-read"],
        "信.eml/sealed.png": ["file-other-type"],
        "信.eml/金融.xlsx": [],
    }


def test_outlooks_pictures_in_the_text_are_no_attachments(tmp_path: Path) -> None:
    data = build_msg(
        make_attachment("image001.png", PICTURE, kind="image/png", hidden=True),
        make_attachment("image002.png", PICTURE, kind="image/png", content_id="two@x"),
        make_attachment("照片.png", PICTURE, kind="image/png"),
        make_attachment("金融.xlsx", answered(FINANCE), hidden=True),
        html='<img src="cid:two@x">',
    )
    assert names(read(tmp_path, "信.msg", data)) == [
        "信.msg",
        "信.msg/照片.png",
        "信.msg/金融.xlsx",
    ]


@pytest.mark.parametrize("kind", ["eml", "msg"])
def test_a_mail_with_nothing_attached_is_told(tmp_path: Path, kind: str) -> None:
    """Somebody may have written the answers into it, or linked a large file."""
    data = mail().as_bytes() if kind == "eml" else build_msg()
    (one,) = read(tmp_path, "收到.eml", data)
    (problem,) = one.problems
    assert problem.is_error
    assert problem.message == "邮件里没有附件，没有内容可汇入；邮件正文不读取。"


def test_a_workbook_saved_as_one_page_is_no_mail_without_attachments(
    tmp_path: Path,
) -> None:
    """Excel saves 单个文件网页 as a mail of pages."""
    page = "Content-Location: file:///C:/0/sheet001.htm\r\nContent-Type: text/html"
    data = raw_mail((page, b"<html></html>"), head="multipart/related")
    assert codes(read(tmp_path, "金融.xls", data)) == {"金融.xls": ["file-html"]}


# -- mails and archives within --------------------------------------------------------


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr(name, data)
    return buffer.getvalue()


def test_a_mail_forwarded_whole_is_opened(tmp_path: Path) -> None:
    """As a part of its own kind, packed against the rules, or as a file."""
    inner = mail(("金融.xlsx", answered(FINANCE)))
    outer = mail(("产业.eml", mail(("产业.xlsx", answered(INDUSTRY))).as_bytes()))
    outer.add_attachment(inner)
    whole = raw_mail(("Content-Type: message/rfc822", inner.as_bytes()))
    reads = read(tmp_path, "信.eml", outer.as_bytes())
    assert names(reads) == [
        "信.eml",
        "信.eml/产业.eml",
        "信.eml/产业.eml/产业.xlsx",
        "信.eml/报送/金融.xlsx",
    ]
    assert set(taken(reads)) == {FINANCE, INDUSTRY}
    assert names(read(tmp_path, "二.eml", whole))[-1] == "二.eml/附件1/金融.xlsx"
    saved = build_msg(
        make_embedded_message(make_message(make_attachment("金融.xlsx", answered(FINANCE))))
    )
    assert names(read(tmp_path, "三.msg", saved))[-1] == "三.msg/报送/金融.xlsx"


def test_archives_and_mails_hold_each_other(tmp_path: Path) -> None:
    inner = zipped("金融.xlsx", answered(FINANCE))
    letter = build_msg(make_attachment("报送.zip", inner))
    reads = read(tmp_path, "收回.zip", zipped("来信.msg", letter))
    assert codes(reads) == {
        "收回.zip": ["file-archive-read"],
        "收回.zip/来信.msg": ["file-mail-read"],
        "收回.zip/来信.msg/报送.zip": ["file-archive-read"],
        "收回.zip/来信.msg/报送.zip/金融.xlsx": [],
    }


def test_mails_within_mails_are_read_two_deep(tmp_path: Path) -> None:
    """Whichever way they are attached."""
    wholes, files = mail(("金融.xlsx", answered(FINANCE))), b""
    files = wholes.as_bytes()
    saved = make_message(make_attachment("金融.xlsx", answered(FINANCE)))
    for _ in range(3):
        outer = mail()
        outer.add_attachment(wholes)
        wholes = outer
        files = mail(("内.eml", files)).as_bytes()
        saved = make_message(make_embedded_message(saved))
    told = "邮件里又套了邮件（或压缩包），超过 2 层，没有再往里读取。"
    for data in (wholes.as_bytes(), files, build_msg(*_attached(saved))):
        *_, last = read(tmp_path, "信.eml", data)
        assert [p.message for p in last.problems] == [told]


def _attached(saved: dict[str, object]) -> list[dict[str, object]]:
    return [one for one in saved.values() if isinstance(one, dict)]


# -- what cannot be read is said ------------------------------------------------------

CASES = {
    "file-mail-winmail": raw_mail(
        ("Content-Type: application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22\1\0")
    ),
    "file-mail-locked": (
        b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime;"
        b" name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    ),
    "file-mail-damaged": (b"From: a@b\r\nTo: c@d\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n"),
    "file-suspect": b"From: a@b\r\nTo: c@d\r\n"
    + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(3000)
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_what_cannot_be_read_is_said(tmp_path: Path, code: str) -> None:
    *_, last = read(tmp_path, "信.eml", CASES[code])
    assert [p.code for p in last.problems] == [code]
    assert last.problems[0].is_error


def test_a_mail_of_very_many_attachments_is_refused(tmp_path: Path) -> None:
    field = "Content-Disposition: attachment; filename=a.xlsx"
    data = raw_mail(*[(field, b"x")] * 1001)
    (one,) = read(tmp_path, "信.eml", data)
    assert [p.message for p in one.problems] == [
        "文件内部结构异常（里面有 1001 个文件，过多），为安全起见没有读取。"
    ]


def test_a_container_whose_streams_share_sectors_is_refused(tmp_path: Path) -> None:
    """A hundred attachments of the same bytes would be a bomb."""
    data = bytearray(build_msg(*[make_attachment(f"{n}.xlsx", bytes(9000)) for n in range(9)]))
    at, told = 0, "__substg1.0_37010102".encode("utf-16-le")
    while (at := data.find(told, at + 1)) > 0:
        data[at + 120 : at + 124] = len(data).to_bytes(4, "little")
    (one,) = read(tmp_path, "信.msg", bytes(data))
    assert [p.code for p in one.problems] == ["file-suspect"]


@pytest.mark.parametrize("kept", [0.9, 0.5])
def test_a_mail_cut_short_is_told(tmp_path: Path, kept: float) -> None:
    """Nobody can know how many attachments are missing."""
    data = mail(("金融.xlsx", answered(FINANCE)), ("产业.xlsx", answered(INDUSTRY)))
    whole = data.as_bytes()
    (one,) = read(tmp_path, "信.eml", whole[: int(len(whole) * kept)])
    assert [p.message for p in one.problems] == [
        "邮件已损坏，没有读取附件（邮件不完整，后面的内容缺了）。"
    ]


def test_a_workbook_that_lost_its_name_is_known_by_its_kind(tmp_path: Path) -> None:
    """So that a damaged one is told as that, and not passed over."""
    data = raw_mail((f"Content-Type: {SHEET}", b"PK" + bytes(9)))
    *_, last = read(tmp_path, "信.eml", data)
    assert last.report.name == "信.eml/附件1.xlsx"
    assert [p.code for p in last.problems] == ["file-cut"]


def test_a_workbook_that_is_called_text_is_no_text(tmp_path: Path) -> None:
    data = raw_mail(("Content-Type: text/plain", answered(FINANCE)))
    assert set(taken(read(tmp_path, "信.eml", data))) == {FINANCE}


def test_a_workbook_that_is_not_said_to_be_packed_is_unpacked(tmp_path: Path) -> None:
    field = "Content-Disposition: attachment; filename=a.xlsx"
    data = raw_mail((field, answered(FINANCE)))
    told = b"Content-Transfer-Encoding: base64\r\n"
    reads = read(tmp_path, "信.eml", data.replace(told, b""))
    assert set(taken(reads)) == {FINANCE}


@pytest.mark.parametrize("lost", [b"--==edge==\r\n", b"MIME-Version: 1.0\r\n"])
def test_parts_that_ran_into_each_other_are_told(tmp_path: Path, lost: bytes) -> None:
    """The line between them is damaged, or the fields end too soon."""
    field = "Content-Disposition: attachment; filename=a.xlsx"
    text = ("Content-Type: text/plain", b"")
    data = raw_mail(text, (field, answered(FINANCE)))
    first, found, rest = data.rpartition(lost)
    assert found
    (one,) = read(tmp_path, "信.eml", first + b"\r\n" + rest)
    assert [p.code for p in one.problems] == ["file-mail-damaged"]


def test_what_was_sent_and_comes_back_untouched_is_no_return(tmp_path: Path) -> None:
    *_, last = read(tmp_path, "信.eml", mail(("金融.xlsx", sent(FINANCE))).as_bytes())
    assert last.is_unmodified
