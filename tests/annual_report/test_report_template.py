"""A template of the office's own: the same contents, in its own layout."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from docx import Document

from ledgerbook.annual_report import build_draft, fill_template
from ledgerbook.errors import InputError
from tests.support.drafts import OFFICE, make_draft, make_full_answers
from tests.support.register_year import make_ledger, make_year

# They fill and read whole documents.
pytestmark = pytest.mark.slow

WHOLE = (
    "{{ title }}|{{ agency }}|{{ year }}|{{ as_of }}",
    "{{ opening }}{{ lead }}",
    "{%p for one in topics %}",
    "{{ one.heading }}",
    "{%p for each in one.paragraphs %}",
    "{{ each.text }}【{{ each.source }}】",
    "{%p endfor %}",
    "{%p endfor %}",
    "{%p for each in problems + plans + other %}",
    "{{ each.text }}",
    "{%p endfor %}",
    "许可{{ table2[2][1] }}件，新收{{ table3[0][7] }}件，复议{{ table4[0][5] }}件",
    "{{ annex_title }}",
    "{%p for item in annex %}",
    "{{ item.number }}，{{ item.units }}，{{ item.status }}，{{ item.result }}",
    "{%p endfor %}",
    "{%p for one in questions %}",
    "{{ one.text }}{% for each in one.details %}{{ each }}{% endfor %}",
    "{%p endfor %}",
)


def template(*lines: str) -> bytes:
    """Make a template as the office would in Word, a paragraph a line."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def filled(data: bytes) -> Sequence[str]:
    return [p.text for p in Document(io.BytesIO(data)).paragraphs]


def test_every_name_is_filled() -> None:
    """All that our own draft says is at hand, each under its documented name."""
    made = make_draft(make_full_answers())
    lines = filled(fill_template(made, template(*WHOLE), "本局.docx"))
    text = "\n".join(lines)
    assert lines[0] == f"{made.title}|某市金融工作局|2022|2022年12月31日"
    assert "（一）主动公开" in lines
    for sentence in made.sentences:
        assert sentence.text in text
        assert sentence.source_text in text
    assert "【本节没有可以写入的落实情况，请补充。】" in text
    assert "【本年度收取信息处理费的情况没有登记" in text
    assert "1，各科室，已完成，综合科：综合科第1件办好了。" in text
    assert made.open_points[0].text in text
    assert "许可件，新收件" in text


def test_figures_stand_where_the_office_puts_them() -> None:
    made = build_draft(make_ledger(make_year()))
    *_, line = filled(fill_template(made, template(WHOLE[11]), "本局.docx"))
    expected = [
        made.parts[n].table.figure_lines[at][column]  # type: ignore[union-attr]
        for n, at, column in ((1, 2, 1), (2, 0, 7), (3, 0, 5))
    ]
    assert line == "许可{}件，新收{}件，复议{}件".format(*expected)
    assert expected[0] == "15"


def test_the_same_bytes_whatever_the_clock() -> None:
    made, own = make_draft(make_full_answers()), template(*WHOLE)
    data = fill_template(made, own, "本局.docx")
    assert fill_template(made, own, "本局.docx") == data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {part.date_time[0] for part in package.infolist()} == {1980}


def test_answers_are_no_templates() -> None:
    """What a section typed is never taken for a name or for markup."""
    answers = make_full_answers()
    answers[1, OFFICE]["result"] = "{{ 7 * 7 }}<w:p/>&{% for %}\x07"
    data = fill_template(make_draft(answers), template(*WHOLE), "本局.docx")
    assert any("{{ 7 * 7 }}<w:p/>&{% for %}" in line for line in filled(data))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{{ 标题 }}", "模板“本局.docx”里写了“标题”，可用的名称里没有这一项"),
        ("{{ topics[0].words }}", "里写了“words”，可用的名称里没有这一项"),
        ("{{ title", "里花括号的写法不对"),
        ("{% for one in topics %}", "里花括号的写法不对"),
        ("{{ ''.__class__.__mro__ }}", "模板“本局.docx”"),
        ("{{ 1 / 0 }}", "模板“本局.docx”不能用（ZeroDivisionError）"),
    ],
)
def test_a_wrong_template_gets_one_sentence(line: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        fill_template(make_draft(make_full_answers()), template(line), "本局.docx")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a document", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"模板“本局\.docx”打不开"):
        fill_template(make_draft(make_full_answers()), data, "本局.docx")


def test_another_kind_of_package_is_refused(tmp_path: Path) -> None:
    """A workbook is a sound zip, and still no Word document."""
    path = tmp_path / "甲.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.xml", "<a/>")
    with pytest.raises(InputError, match=r"模板“本局\.docx”不能用"):
        fill_template(make_draft(make_full_answers()), path.read_bytes(), "本局.docx")
