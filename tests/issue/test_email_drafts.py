"""What goes out with a round: a mail draft for each section, and the cover note."""

from __future__ import annotations

import email
import hashlib
import io
from collections.abc import Mapping
from datetime import date
from email import policy
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from openpyxl import load_workbook

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from ledgerbook.errors import FileError, InputError
from ledgerbook.identity import is_modified
from ledgerbook.issue.cover_note import CoverNote, parse_addresses
from ledgerbook.issue.cover_note_document import write_notice
from ledgerbook.issue.email_drafts import build_email_drafts
from ledgerbook.issue.workbook import IssuedFile
from ledgerbook.model import Book, Round, Section
from ledgerbook.model.results import FileStatus
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    OFFICE,
    fill,
    issued,
    make_book,
)

# They run whole commands.
pytestmark = pytest.mark.slow

NOTICE = "填报通知.docx"
SENT = "发出/年度"


def make_mailing_book(**changes: object) -> Book:
    sections = (
        Section(OFFICE, "李某", "0760-88880000", "zhk@example.cn"),
        Section(FINANCE, email="a@example.cn；b@example.cn"),
        Section(INDUSTRY),
    )
    return make_book(**{"sections": sections, **changes})


def drafts(book: Book) -> dict[str, bytes]:
    files = [IssuedFile(f"{name}.xlsx", b"PK", name) for name in book.section_names]
    cover = CoverNote(book, book.rounds[0], ISSUED_ON)
    return {one.section: one.data for one in build_email_drafts(cover, files)}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book in it whose sections have addresses."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_mailing_book()))
    return tmp_path


def generate(office: Path, **options: object) -> commands.GenerateResult:
    book, out = office / "台账.xlsx", office / "发出"
    return commands.generate(book, out, issued_on=ISSUED_ON, **options)  # type: ignore[arg-type]


def written(office: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (office / SENT).iterdir()}


# -- the mail drafts ------------------------------------------------------------------


def test_a_draft_is_ready_to_be_sent() -> None:
    """To whom, about what, by when, how, back to whom; the workbook is attached."""
    book = make_mailing_book()
    mail = email.message_from_bytes(drafts(book)[FINANCE], policy=policy.default)
    assert mail["X-Unsent"] == "1"
    assert mail["To"] == "a@example.cn, b@example.cn"
    assert mail["Subject"] == "请填报2022年重点任务台账（年度）：金融发展科"
    assert mail["From"] is mail["Date"] is mail["Message-ID"] is None
    body = mail.get_body()
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert text.startswith("金融发展科：\n根据《某市金融工作局2022年政务公开")
    assert "表在附件“金融发展科.xlsx”里。请于2022年12月15日前交回综合科。" in text
    assert "黄色的必填" in text
    assert "联系人：李某，电话：0760-88880000，电子邮箱：zhk@example.cn。" in text
    (one,) = mail.iter_attachments()
    assert one.get_content() == b"PK"


def test_the_attachments_name_is_written_for_every_program() -> None:
    """RFC 2231 for those that keep to the rules, RFC 2047 for those that do not."""
    mail = email.message_from_bytes(drafts(make_mailing_book())[FINANCE])
    part = mail.get_payload()[1]
    for field, key in (("Content-Type", "name"), ("Content-Disposition", "filename")):
        plain = [value for name, value in part.get_params(header=field) if name == key]
        assert str(make_header(decode_header(plain[0]))) == "金融发展科.xlsx"
    assert "filename*=UTF-8''%E9%87%91%E8%9E%8D" in part["Content-Disposition"]


def test_a_draft_keeps_to_lines_that_every_server_takes() -> None:
    """Seven bits, CRLF, and no line over 998 characters, however long a name is."""
    book = make_book(sections=(Section("科" * 80), *make_book().sections))
    for data in drafts(book).values():
        assert data.isascii()
        assert b"\n" not in data.replace(b"\r\n", b"")
        assert max(map(len, data.split(b"\r\n"))) <= 998


def test_no_name_adds_a_field() -> None:
    """Names come from a workbook that others have typed into."""
    name = "科\r\nBcc: x@example.cn\u2028\x85"
    book = make_book(sections=(Section(name),), rounds=(Round("一\n二"),))
    (data,) = drafts(book).values()
    mail = email.message_from_bytes(data, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "请填报2022年重点任务台账（一 二）：科 Bcc: x@example.cn "


def test_a_section_without_an_address_has_a_draft_to_nobody() -> None:
    mail = email.message_from_bytes(drafts(make_mailing_book())[INDUSTRY])
    assert mail["To"] == ""


def test_a_round_without_a_day_says_so() -> None:
    book = make_mailing_book(rounds=(Round("年度"),), plan_title="")
    mail = email.message_from_bytes(drafts(book)[FINANCE], policy=policy.default)
    body = mail.get_body()
    assert body is not None
    assert "请填好后交回综合科，时间另行通知。" in body.get_content()
    assert "根据年度政务公开工作安排，" in body.get_content()


@pytest.mark.parametrize(
    ("text", "good", "wrong"),
    [
        ("", (), ()),
        ("a@b.cn", ("a@b.cn",), ()),
        (
            " a@b.cn；c@d.cn、e@f.cn，g@h.cn;a@b.cn\n",
            ("a@b.cn", "c@d.cn", "e@f.cn", "g@h.cn"),
            (),
        ),
        ("ａ＠ｂ．ｃｎ", ("a@b.cn",), ()),
        ("mailto:a@b.cn", ("a@b.cn",), ()),
        ("无", (), ()),
        ("—", (), ()),
        ("张三 <a@b.cn>；李 四＜c@d.cn＞", ("a@b.cn", "c@d.cn"), ()),
        ("张三 <没有>", (), ("没有",)),
        ("a@b.cn；张三", ("a@b.cn",), ("张三",)),
        ("a@b", (), ("a@b",)),
        ("a@b.cn\r\nBcc:x@y.cn", ("a@b.cn",), ("Bcc:x@y.cn",)),
    ],
)
def test_addresses_are_parted(text: str, good: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert parse_addresses(text) == (good, wrong)


# -- the job --------------------------------------------------------------------------


def test_drafts_lie_beside_the_workbooks(office: Path) -> None:
    """Each with the very bytes of the workbook; the same run gives the same bytes."""
    made = generate(office, eml=True)
    files = written(office)
    assert {name for name in files if name.endswith(".eml")} == {
        f"{section}.eml" for section in (OFFICE, FINANCE, INDUSTRY)
    }
    assert {path.name for path in made.files} == set(files)
    assert made.unaddressed_sections == (INDUSTRY,)
    mail = email.message_from_bytes(files[f"{OFFICE}.eml"], policy=policy.default)
    (one,) = mail.iter_attachments()
    assert one.get_content() == files[f"{OFFICE}.xlsx"]
    generate(office, eml=True)
    assert written(office) == files


def test_drafts_are_no_returns(office: Path) -> None:
    """Collecting the whole working folder stays quiet about them."""
    generate(office, eml=True)
    done = commands.collect(
        office / "台账.xlsx", [office], office / "汇总", as_of=AS_OF, dry_run=True
    )
    told = {file.name: file.note for file in done.ledger.file_reports if "eml" in file.name}
    assert set(told.values()) == {
        "邮件，带有 1 个附件，已逐个读取；邮件正文没有读取。",
        "这是发出的原表，发出以后没有人填写保存过，不算报送，已跳过。",
    }
    assert len(told) == 6
    assert not any(problem.is_error for problem in done.ledger.problems)
    assert {file.status for file in done.ledger.file_reports} == {FileStatus.SKIPPED}


def test_a_draft_that_was_sent_is_read_as_any_mail(office: Path) -> None:
    """What comes back has fields of its own; the workbook in it is still as sent."""
    generate(office, eml=True)
    data = written(office)[f"{OFFICE}.eml"]
    (office / "收回").mkdir()
    (office / "收回" / "信.eml").write_bytes(b"From: a@example.cn\r\n" + data)
    done = commands.collect(
        office / "台账.xlsx", [office / "收回"], office, as_of=AS_OF, dry_run=True
    )
    assert {p.place.file: p.code for p in done.ledger.problems} == {
        "信.eml": "file-mail-read",
        f"信.eml/{OFFICE}.xlsx": "file-as-sent",
    }


def test_a_draft_that_somebody_changed_is_not_overwritten(office: Path) -> None:
    generate(office, eml=True)
    path = office / SENT / f"{OFFICE}.eml"
    path.write_bytes(path.read_bytes().replace(b"To: zhk", b"To: boss"))
    files = written(office)
    with pytest.raises(FileError, match=rf"“{OFFICE}\.eml”已经有人打开保存过"):
        generate(office, eml=True)
    assert written(office) == files
    assert generate(office).removed_drafts == (
        office / SENT / f"{INDUSTRY}.eml",
        office / SENT / f"{FINANCE}.eml",
    )
    assert path.read_bytes() == files[path.name]


def test_a_word_that_is_no_address_is_told_by_its_cell(office: Path) -> None:
    """Only who wants to write to it is stopped."""
    path = office / "台账.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["科室"]
    sheet["D5"] = "a@example.cn；李四"
    workbook.save(path)
    with pytest.raises(InputError) as caught:
        generate(office, eml=True)
    assert "工作表“科室”单元格 D5：“李四”不是电子邮箱地址。" in str(caught.value)
    assert not (office / "发出").exists()
    assert generate(office).files


def test_a_book_without_the_column_is_still_good(office: Path) -> None:
    """Somebody may have deleted it; nobody has an address then."""
    path = office / "台账.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["科室"]
    assert sheet["D3"].value == "电子邮箱"
    sheet.delete_cols(4)
    workbook.save(path)
    assert generate(office, eml=True).unaddressed_sections == (
        OFFICE,
        FINANCE,
        INDUSTRY,
    )


# -- the cover note -------------------------------------------------------------------


def lines(data: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(data)).paragraphs]


def test_the_note_says_what_by_when_how_and_to_whom(office: Path) -> None:
    generate(office)
    text = lines(written(office)[NOTICE])
    assert text[:2] == ["关于填报2022年重点任务台账的通知", "各科室："]
    assert "（年度）" in text[2]
    assert "（一）只填白色格子，黄色的必填；有下拉框的请点选。" in text
    assert text[-4:] == [
        "请于2022年12月15日前交回综合科。",
        "联系人：李某，电话：0760-88880000，电子邮箱：zhk@example.cn。",
        "某市金融工作局综合科",
        "2022年6月1日",
    ]


def test_note_and_draft_say_when_earlier_answers_are_inside(office: Path) -> None:
    """Of a table without any, neither does."""
    told = "以前报过的内容已经填在表里，请逐项核对：没有变化的不用动，有变化的改成最新情况。"
    generate(office, eml=True)
    assert not any(told in line for line in lines(written(office)[NOTICE]))
    answered = fill(written(office)[f"{FINANCE}.xlsx"], {"T01": DONE})
    (office / "收回.xlsx").write_bytes(answered)
    commands.generate(
        office / "台账.xlsx",
        office / "发出",
        issued_on=AS_OF,
        earlier=[office / "收回.xlsx"],
        eml=True,
    )
    files = written(office)
    assert f"（一）{told}" in lines(files[NOTICE])
    draft = email.message_from_bytes(files[f"{FINANCE}.eml"], policy=policy.default)
    body = draft.get_body()
    assert body is not None
    assert f"1. {told}" in body.get_content()


def test_the_note_is_set_as_an_official_paper() -> None:
    cover = CoverNote(make_mailing_book(), Round("年度", date(2022, 12, 15)), ISSUED_ON)
    data = write_notice(cover)
    document = Document(io.BytesIO(data))
    used = {p.style.name: p.style.font for p in document.paragraphs if p.style}
    assert used["Title"].name == "方正小标宋简体"
    # Set flush, the line before the mail address would be stretched.
    letters = [p for p in document.paragraphs if p.style and p.style.name == "公文正文"]
    assert {p.alignment for p in letters} == {WD_ALIGN_PARAGRAPH.LEFT}
    body = used["公文正文"]
    assert (body.name, body.size.pt if body.size else 0) == ("仿宋_GB2312", 16)
    again = hashlib.sha256(write_notice(cover)).hexdigest()
    assert hashlib.sha256(data).hexdigest() == again


def test_a_note_that_the_office_has_changed_is_left(office: Path) -> None:
    """Its words are the office's business; all else is made anew."""
    generate(office)
    path = office / SENT / NOTICE
    assert not is_modified(path.read_bytes())
    assert generate(office).edited_notices == ()
    document = Document(str(path))
    document.add_paragraph("请抓紧。")
    document.save(str(path))
    changed = path.read_bytes()
    made = generate(office)
    assert made.edited_notices == (path,)
    assert path not in made.files
    assert path.read_bytes() == changed


def test_the_offices_own_template_is_filled(office: Path) -> None:
    template = office / "模板.docx"
    document = Document()
    for line in (
        "{{ agency }}{{ office }}{{ year }}{{ form }}{{ round }}{{ plan }}{{ title }}",
        "{{ due }}|{{ contact }}|{{ phone }}|{{ email }}|{{ day }}",
        "{%p for one in sections %}",
        "{{ one }}",
        "{%p endfor %}",
        "{%p for step in steps %}",
        "{{ step }}",
        "{%p endfor %}",
    ):
        document.add_paragraph(line)
    document.save(str(template))
    generate(office, notice=template)
    data = written(office)[NOTICE]
    text = lines(data)
    told = "2022年12月15日|李某|0760-88880000|zhk@example.cn|2022年6月1日"
    assert text[1:5] == [told, OFFICE, FINANCE, INDUSTRY]
    assert not is_modified(data)
    assert generate(office, notice=template).edited_notices == ()
    assert written(office)[NOTICE] == data


def test_a_template_that_cannot_be_filled_stops_all(office: Path) -> None:
    template = office / "模板.docx"
    document = Document()
    document.add_paragraph("{{ 截止 }}")
    document.save(str(template))
    with pytest.raises(InputError, match=r"写了“截止”.*手册“发表”一节"):
        generate(office, notice=template)
    with pytest.raises(FileError, match=r"模板“.*没有”读不了"):
        generate(office, notice=office / "没有")
    assert not (office / "发出").exists()


def test_what_there_is_to_know_is_printed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["generate", str(office / "台账.xlsx"), "-o", str(office / "发出")]
    for more in (["--eml"], []):
        with pytest.raises(SystemExit):
            main([*words, *more])
    said = capsys.readouterr().out
    assert "提示：产业金融科在台账“科室”表中没有填电子邮箱" in said
    assert "提示：以前的 3 封邮件草稿附的是旧表，已经删去。" in said
    path = office / SENT / NOTICE
    path.write_bytes(b"x")
    with pytest.raises(SystemExit):
        main(words)
    assert f"提示：“{path}”已经有人改过，没有更新。" in capsys.readouterr().out


def test_the_book_keeps_addresses(office: Path) -> None:
    book = read_book(office / "台账.xlsx")
    assert [s.email for s in book.sections] == [
        "zhk@example.cn",
        "a@example.cn；b@example.cn",
        "",
    ]
    assert issued(book, OFFICE)
