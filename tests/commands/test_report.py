"""`ledgerbook report` as the office meets it."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from ledgerbook import commands, identity
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow


@cache
def sent_back() -> tuple[bytes, bytes]:
    """Return a book and one section's return."""
    book = make_book()
    answers = {task.code: DONE for task in book.get_tasks(OFFICE)}
    return build_book_bytes(book), fill(issued(book, OFFICE), answers)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a book and one section's return."""
    book, back = sent_back()
    (tmp_path / "台账.xlsx").write_bytes(book)
    (tmp_path / "收回").mkdir()
    (tmp_path / "收回" / "甲.xlsx").write_bytes(back)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["report", *words])
    said = capsys.readouterr()
    return int(str(caught.value.code)), said.out, said.err


WORDS = ("台账.xlsx", "收回", "-o", "初稿.docx", "--as-of", "2022-12-20")


def test_a_draft_from_what_came_back(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """The draft is written; what is open is told, and is why the code is 1."""
    code, said, _ = run(capsys, *WORDS)
    assert code == 1
    assert said.startswith(
        "某市金融工作局2022年政府信息公开工作年度报告初稿：4 句话出自 4 处填报，"
        "表二至表四的 200 格填了 0 格，附件列了 5 项工作要点。\n"
    )
    missing = "金融发展科（承担 4 项任务，其中 1 项已逾期）没有报送，初稿里没有它的内容。"
    assert f"  · {missing}\n" in said
    assert said.endswith("请打开：初稿.docx\n")
    document = Document(str(office / "初稿.docx"))
    assert any("已经办好。" in p.text for p in document.paragraphs)
    (first, *_) = document.comments
    assert first.text.startswith("综合科，第5项，批次“年度”")
    assert "文件“甲.xlsx” 工作表“综合科” 单元格 L" in first.text


def test_a_draft_that_is_there_is_never_lost(
    capsys: pytest.CaptureFixture[str], office: Path
) -> None:
    """The office works in it: only --overwrite replaces it."""
    (office / "初稿.docx").write_bytes("我改过的".encode())
    code, _, told = run(capsys, *WORDS)
    assert code == 2
    assert told.startswith("“初稿.docx”已经存在，里面可能有您改过的文字，没有覆盖。")
    assert (office / "初稿.docx").read_bytes() == "我改过的".encode()
    assert run(capsys, *WORDS, "--overwrite")[0] == 1
    assert (office / "初稿.docx").read_bytes()[:2] == b"PK"


def test_the_name_is_that_of_the_year(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    assert run(capsys, "台账.xlsx", "收回")[0] == 1
    assert (office / "2022年报初稿.docx").is_file()


def test_the_wording_that_the_office_has_adopted(
    capsys: pytest.CaptureFixture[str], office: Path
) -> None:
    """采用口径 of the summary stands in the draft; the section's words do not."""
    done = commands.collect(office / "台账.xlsx", [office / "收回"], office / "汇总", as_of=AS_OF)
    book = make_book()
    code = identity.make_row_code(book, book.tasks[2], OFFICE)
    workbook = load_workbook(done.outputs[0])
    sheet = workbook["科室明细"]
    rows = list(sheet.iter_rows())
    head = next(row for row in rows if any(c.value == "行码" for c in row))
    columns = {cell.value: cell.column for cell in head}
    (row,) = (r for r in rows if r[columns["行码"] - 1].value == code)
    row[columns["采用口径"] - 1].value = "审定的口径"
    workbook.save(done.outputs[0])
    run(capsys, *WORDS, "--summary", str(done.outputs[0]))
    document = Document(str(office / "初稿.docx"))
    assert "审定的口径。" in [p.text for p in document.paragraphs]
    assert any(c.text.startswith("采用口径：综合科，第3项") for c in document.comments)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--summary", "没有.xlsx"), "年度汇总“没有.xlsx”读不了（文件已经不在了）"),
        (("--summary", "台账.xlsx"), "“台账.xlsx”里找不到“采用口径”，没有生成初稿。"),
        (("--template", "没有.docx"), "模板“没有.docx”读不了（文件已经不在了）"),
        (("--template", "台账.xlsx"), "模板“台账.xlsx”不能用"),
        (("--template", "空.docx"), "模板“空.docx”打不开"),
        (("--prefer", "丙.xlsx"), "要优先采用的文件“丙.xlsx”不在这次读的文件里"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(
    words: tuple[str, str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    office: Path,
) -> None:
    (office / "空.docx").write_bytes(b"")
    code, out, error = run(capsys, *WORDS, *words)
    assert (code, out) == (2, "")
    assert told in error
    assert not (office / "初稿.docx").exists()


def test_a_template_of_the_office(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    own = Document()
    own.add_paragraph("本局版式：{{ title }}")
    buffer = io.BytesIO()
    own.save(buffer)
    (office / "模板.docx").write_bytes(buffer.getvalue())
    assert run(capsys, *WORDS, "--template", "模板.docx")[0] == 1
    document = Document(str(office / "初稿.docx"))
    assert document.paragraphs[-1].text == (
        "本局版式：某市金融工作局2022年政府信息公开工作年度报告"
    )


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "--help")
    assert code == 0
    assert "例：ledgerbook report 台账.xlsx 收回 -o 年报初稿.docx" in said


def test_the_source_of_a_return_in_an_archive(
    capsys: pytest.CaptureFixture[str], office: Path
) -> None:
    """The comment names archive and file, and still knows the round."""
    path = office / "收回" / "甲.xlsx"
    with zipfile.ZipFile(office / "收回" / "报送.zip", "w") as archive:
        archive.write(path, "内/甲.xlsx")
    path.unlink()
    assert run(capsys, *WORDS)[0] == 1
    (first, *_) = Document(str(office / "初稿.docx")).comments
    assert first.text.startswith("综合科，第5项，批次“年度”（文件“报送.zip")


@pytest.mark.skipif(sys.platform != "linux", reason="names are no text on Linux only")
def test_a_file_whose_name_is_no_text(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """As unzip leaves a name in GBK: the draft names the file as well as it can."""
    name = os.fsdecode("甲.xlsx".encode("gbk"))
    (office / "收回" / "甲.xlsx").rename(office / "收回" / name)
    assert run(capsys, *WORDS)[0] == 1
    (first, *_) = Document(str(office / "初稿.docx")).comments
    assert ".xlsx" in first.text
