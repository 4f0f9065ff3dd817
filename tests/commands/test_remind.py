"""``remind``: exactly those who lag, each with its own open matters, from real files."""

from __future__ import annotations

import email
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from email import policy
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from ledgerbook import commands, forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.commands import RemindResult
from ledgerbook.errors import FileError, InputError
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.identity import is_modified
from ledgerbook.model import Assignment, Role, Section
from ledgerbook.model.office_entries import ReminderRecord
from ledgerbook.model.results import SubmissionStatus
from tests.commands.test_year import run
from tests.support.books import (
    AS_OF,
    FINANCE,
    INDUSTRY,
    ISSUED_ON,
    OFFICE,
    SAVED_AT,
    columns_of,
    make_book,
    rows_of,
)
from tests.support.summary_reading import calamine_grid

# They run whole commands.
pytestmark = pytest.mark.slow

SUPERVISION = "地方金融监管科"
SECTIONS = (
    Section(OFFICE, "李某", "0760-88880000", "zhk@example.cn"),
    Section(FINANCE, "王某", "0760-88880001", "jr@example.cn", register_keys=("applications",)),
    Section(INDUSTRY, register_keys=("applications",)),
    Section(SUPERVISION, "孙某", "0760-88880003"),
)
DUE = (date(2022, 10, 31), date(2022, 11, 30), date(2022, 12, 31))
NEXT_WEEK = date(2022, 12, 27)
DONE = {"status": "已完成", "done_on": date(2022, 9, 30), "result": "办好了。"}
DOING = {
    "status": "推进中",
    "result": "正在办。",
    "reason": "等批复。",
    "next_step": "再催。",
    "person": "钱七",
    "phone": "0760-88882222",
}
APPLICANT = "欧阳甲八"
BRIEFING = "通报.docx"


def entry(number: str, received_on: date, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "received_on": received_on,
        "applicant": f"{APPLICANT}（{number}）",
        "content": f"{APPLICANT}家的拆迁补偿",
        "applicant_type": "自然人",
        "carried_over": "否",
        **more,
    }


ENTRIES = (
    entry("2022-001", date(2022, 11, 1)),
    entry("2022-002", date(2022, 11, 28)),
    entry("2022-003", date(2022, 10, 8), replied_on=date(2022, 10, 20), outcome="（一）予以公开"),
)


def fill(folder: Path, section: str, *rows: Mapping[str, Any], entries: Any = ()) -> None:
    """Fill in what was issued to a section, task by task, and lay it among the returns."""
    workbook = load_workbook(folder / f"发出/年度/{section}.xlsx")
    sheet = workbook[section]
    columns, task_rows = columns_of(sheet), rows_of(sheet)
    for row, cells in zip(task_rows.values(), rows, strict=True):
        for key, value in cells.items():
            sheet.cell(row, columns[key]).value = value
    for row, cells in enumerate(entries, 6):
        register = workbook["依申请公开办理台账"]
        for key, value in cells.items():
            register.cell(row, columns_of(register)[key]).value = value
    (folder / "收回").mkdir(exist_ok=True)
    path = folder / "收回" / f"{section}回复.xlsx"
    path.write_bytes(serialize_workbook(workbook, SAVED_AT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder where two of four sections have done all; one lags, one is silent."""
    return make_folder(tmp_path)


def make_folder(tmp_path: Path, **changes: Any) -> Path:
    """Fill the folder; ``changes`` are those of the register."""
    base = make_book()
    register = next(form for form in forms.load_factory_forms() if form.key == "applications")
    register = replace(register, **changes)
    tasks = tuple(
        replace(
            base.tasks[0],
            code=f"T{number:02d}",
            number=number,
            measure=f"第{number}项措施。",
            due=due,
            parsed_assignments=tuple(Assignment(s.name, Role.IMPLEMENT) for s in SECTIONS),
        )
        for number, due in enumerate(DUE, 1)
    )
    book = make_book(sections=SECTIONS, tasks=tasks, forms=(base.task_form, register))
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    commands.generate(tmp_path / "台账.xlsx", tmp_path / "发出", issued_on=ISSUED_ON)
    fill(tmp_path, OFFICE, DONE, DONE, DONE)
    fill(tmp_path, INDUSTRY, DONE, DONE, DONE, entries=ENTRIES[2:])
    wrong = {"status": "已完成", "result": "办好了。"}
    fill(tmp_path, FINANCE, wrong, DOING, DOING, entries=ENTRIES)
    return tmp_path


def remind(folder: Path, day: date = AS_OF, **options: Any) -> RemindResult:
    book, returns = folder / "台账.xlsx", folder / "收回"
    return commands.remind(book, returns, folder / "催办", as_of=day, **options)


def read_letter(path: Path) -> list[str]:
    return [paragraph.text for paragraph in Document(str(path)).paragraphs]


def read_document(path: Path) -> str:
    """Return all text of a document, that of its tables too."""
    return "".join(part.text or "" for part in Document(str(path)).element.iter(qn("w:t")))


def read_tables(path: Path) -> list[list[list[str]]]:
    """Return the texts of the rows of each table; merged cells stand once."""
    return [
        [[cell.text for cell in dict.fromkeys(row.cells)] for row in table.rows]
        for table in Document(str(path)).tables
    ]


def read_mail(path: Path) -> tuple[Any, str, list[bytes]]:
    """Return mail, text and attachments."""
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert body is not None
    attached = [part.get_content() for part in mail.iter_attachments()]
    return mail, body.get_content().replace("\r\n", "\n"), attached


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_two_of_four_sections_lag(folder: Path) -> None:
    """Two letters, two drafts, one list; each section has its own matters and no other's."""
    result = remind(folder)
    assert [one.section for one in result.reminders] == [FINANCE, SUPERVISION]
    day = folder / "催办" / "2022-12-20"
    letters = [path for path in result.files if path.suffix == ".docx"][:-1]
    drafts = [path for path in result.files if path.suffix == ".eml"]
    assert letters == [day / f"{FINANCE}.docx", day / f"{SUPERVISION}.docx"]
    assert drafts == [day / f"{FINANCE}.eml", day / f"{SUPERVISION}.eml"]
    assert sorted(path.name for path in result.files) == list_names(day)
    _, lagging, _ = read_mail(drafts[0])
    _, silent, _ = read_mail(drafts[1])
    assert lagging.split("\n\n")[1:-2] == [
        "一、逾期 1 件\n1. 第 2 项“第2项措施”，期限 2022年11月30日，已逾期 20 天，目前“推进中”。",
        "二、15 天内到期 1 件\n"
        "1. 第 3 项“第3项措施”，期限 2022年12月31日，还有 11 天，目前“推进中”。",
        "三、需要改正 1 处\n"
        f"1. 文件“{FINANCE}回复.xlsx” 工作表“{FINANCE}” 单元格 K6："
        "任务 1：“完成状态”填了“已完成”，“完成日期”是必填项，但没有填。请补填“完成日期”。",
        "四、超过法定期限 1 件\n"
        "1. 依申请公开办理台账“2022-001”，答复期限 2022年11月29日，已逾期 21 天。",
        "五、法定期限 15 天内到期 1 件\n"
        "1. 依申请公开办理台账“2022-002”，答复期限 2022年12月26日，还有 6 天。",
    ]
    assert silent.split("\n\n")[1:-2] == [
        "一、没有报送\n1. “年度”的报送表，应于2022年12月15日前交回，已过 5 天，还没有收到。",
        "二、逾期 2 件\n"
        "1. 第 1 项“第1项措施”，期限 2022年10月31日，已逾期 50 天，目前“未报送”。\n"
        "2. 第 2 项“第2项措施”，期限 2022年11月30日，已逾期 20 天，目前“未报送”。",
        "三、15 天内到期 1 件\n"
        "1. 第 3 项“第3项措施”，期限 2022年12月31日，还有 11 天，目前“未报送”。",
    ]
    for letter, headings in (
        (letters[0], ("逾期 1 件", "15 天内到期 1 件", "需要改正 1 处", "超过法定期限 1 件")),
        (letters[1], ("没有报送", "逾期 2 件", "15 天内到期 1 件")),
    ):
        title, addressee, opening, *paragraphs, _, sender, signed = read_letter(letter)
        assert title == "关于2022年重点任务台账的催办通知"
        assert addressee == f"{letter.stem}："
        assert "截至2022年12月20日" in opening
        assert "此前" not in opening
        assert (sender, signed) == ("某市金融工作局综合科", "2022年12月20日")
        assert [text.partition("、")[2].partition("：")[0] for text in paragraphs[:4]] == [
            *headings
        ]
        assert not is_modified(letter.read_bytes(), read_book(folder / "台账.xlsx").key)


def test_days_asked_for_decide_what_is_soon(folder: Path) -> None:
    """Tasks and statutory limits alike."""
    (near, _) = remind(folder, within=6, dry_run=True).reminders
    assert near.summary == "逾期 1 件，需要改正 1 处，超过法定期限 1 件，法定期限 6 天内到期 1 件"
    (far, _) = remind(folder, within=0, dry_run=True).reminders
    assert far.summary == "逾期 1 件，需要改正 1 处，超过法定期限 1 件"


def test_a_week_later_it_is_said_that_they_were_reminded(folder: Path) -> None:
    """The book has a line for each, however often the program is run on a day."""
    for _ in range(2):
        remind(folder)
    first = [
        ReminderRecord(
            AS_OF,
            FINANCE,
            "年度",
            "逾期 1 件，15 天内到期 1 件，需要改正 1 处，"
            "超过法定期限 1 件，法定期限 15 天内到期 1 件",
        ),
        ReminderRecord(AS_OF, SUPERVISION, "年度", "没有报送，逾期 2 件，15 天内到期 1 件"),
    ]
    assert list(read_book(folder / "台账.xlsx").reminders) == first
    # The other section has put all right since.
    workbook_rows = ({**DOING, "status": "已完成", "done_on": date(2022, 12, 20)},) * 3
    entries = [
        {**one, "replied_on": date(2022, 12, 22), "outcome": "（一）予以公开"} for one in ENTRIES
    ]
    fill(folder, FINANCE, *workbook_rows, entries=entries)
    later = remind(folder, NEXT_WEEK)
    assert [one.section for one in later.reminders] == [SUPERVISION]
    day = folder / "催办" / "2022-12-27"
    assert list_names(day) == [
        "催办清单.xlsx",
        f"{SUPERVISION}.docx",
        f"{SUPERVISION}.eml",
        BRIEFING,
    ]
    sentence = "此前已经催办 1 次：2022年12月20日。"
    assert sentence in read_letter(day / f"{SUPERVISION}.docx")[2]
    assert sentence in read_mail(day / f"{SUPERVISION}.eml")[1]
    assert [one.day for one in read_book(folder / "台账.xlsx").reminders] == [
        AS_OF,
        AS_OF,
        NEXT_WEEK,
    ]
    code, printed = run(
        *("remind", str(folder / "台账.xlsx"), str(folder / "收回"), "-o", str(folder / "催办")),
        *("--as-of", "2022-12-30", "--dry-run"),
    )
    assert code == 0
    assert "（此前催过 2 次，最近 2022-12-27）" in printed
    assert not (folder / "催办" / "2022-12-30").exists()


def test_what_is_attached_can_be_filled_and_comes_back(folder: Path) -> None:
    """The blank form to who sent nothing; 退回修改 to who must correct, if it may be mailed."""
    result = remind(folder, personal_data=True)
    assert result.withheld_sections == ()
    day = folder / "催办" / "2022-12-20"
    _, text, (corrections,) = read_mail(day / f"{FINANCE}.eml")
    assert f"照随发的“{FINANCE}.xlsx”第一页改正" in text
    assert load_workbook(io.BytesIO(corrections)).sheetnames[0] == "需要改正的地方"
    mail, text, (form,) = read_mail(day / f"{SUPERVISION}.eml")
    assert mail["To"] == ""
    assert result.unaddressed_sections == (SUPERVISION,)
    assert f"填好随发的“{SUPERVISION}.xlsx”" in text
    workbook = load_workbook(io.BytesIO(form))
    sheet = workbook[SUPERVISION]
    for row in rows_of(sheet).values():
        for key, value in DONE.items():
            sheet.cell(row, columns_of(sheet)[key]).value = value
    workbook.save(folder / "收回" / "邮件回复.xlsx")
    ledger = commands.collect(
        folder / "台账.xlsx", folder / "收回", folder / "汇总", as_of=NEXT_WEEK
    ).ledger
    (report,) = (one for one in ledger.section_reports if one.section == SUPERVISION)
    assert report.status.has_arrived
    assert report.status is not SubmissionStatus.NOT_ACCEPTED
    assert [row.status for row in ledger.assignment_results if row.section == SUPERVISION] == [
        "已完成"
    ] * 3


def test_no_applicant_is_named_to_anybody_else(tmp_path: Path) -> None:
    """Not in letters and mails; the workbook with the names lies beside them, unless asked."""
    folder = make_folder(tmp_path, identity=("applicant",))
    result = remind(folder)
    assert result.withheld_sections == (FINANCE,)
    day = folder / "催办" / "2022-12-20"
    assert [path.name for path in day.glob("*.xlsx")] != []
    _, text, attached = read_mail(day / f"{FINANCE}.eml")
    assert attached == []
    assert "要填的表里有个人信息，不用邮件发" in text
    workbook = load_workbook(day / f"{FINANCE}.xlsx")
    cells = [str(cell.value) for row in workbook["依申请公开办理台账"].iter_rows() for cell in row]
    assert any(text.startswith(APPLICANT) for text in cells)
    letter = "".join(read_letter(day / f"{FINANCE}.docx"))
    assert APPLICANT not in text + letter
    assert APPLICANT not in read_document(day / BRIEFING)
    assert f"依申请公开办理台账（{FINANCE}回复.xlsx，工作表“依申请公开办理台账”，" in text
    record = read_book(folder / "台账.xlsx").reminders[0]
    assert APPLICANT not in record.matters
    code, printed = run(
        *("remind", str(folder / "台账.xlsx"), str(folder / "收回"), "-o", str(folder / "催办")),
        *("--as-of", "2022-12-21"),
    )
    assert code == 0
    assert f"提示：{FINANCE}的表里有登记簿的个人信息，没有附在邮件里" in printed


def test_the_list_says_whom_to_call(folder: Path) -> None:
    """A line for each matter, with the contact of the section and who is in charge."""
    remind(folder)
    remind(folder, NEXT_WEEK)
    grid = calamine_grid((folder / "催办/2022-12-27/催办清单.xlsx").read_bytes(), "催办清单")
    header = next(n for n, row in enumerate(grid) if row[0] == "序号")
    lines = [dict(zip(grid[header], row, strict=True)) for row in grid[header + 1 :]]
    assert [(line["科室"], line["事项"]) for line in lines] == [
        (FINANCE, "逾期"),
        (FINANCE, "15 天内到期"),
        (FINANCE, "需要改正"),
        (FINANCE, "超过法定期限"),
        (FINANCE, "超过法定期限"),
        (SUPERVISION, "没有报送"),
        *[(SUPERVISION, "逾期")] * 2,
        (SUPERVISION, "15 天内到期"),
    ]
    first = lines[0]
    assert (first["联系人"], first["联系电话"]) == ("王某", "0760-88880001")
    assert (first["责任人"], first["责任人电话"]) == ("钱七", "0760-88882222")
    assert first["此前催办"] == "1 次\n最近 2022-12-20"
    assert str(first["期限"])[:10] == "2022-11-30"


def test_nobody_lags(folder: Path) -> None:
    """No letter, no line in the book, and a sentence that says so."""
    rows = ({**DOING, "status": "已完成", "done_on": date(2022, 9, 30)},) * 3
    fill(folder, FINANCE, *rows, entries=ENTRIES[2:])
    fill(folder, SUPERVISION, *rows)
    before = (folder / "台账.xlsx").read_bytes()
    assert remind(folder).reminders == ()
    assert list_names(folder / "催办" / "2022-12-20") == ["催办清单.xlsx", BRIEFING]
    assert (folder / "台账.xlsx").read_bytes() == before
    _, printed = run(
        *("remind", str(folder / "台账.xlsx"), str(folder / "收回"), "-o", str(folder / "催办")),
        *("--as-of", "2022-12-20"),
    )
    assert "没有要催办的科室。" in printed


def test_a_letter_that_somebody_has_changed_is_kept(folder: Path) -> None:
    """What the same day needs no more goes, unless somebody has changed it."""
    day = folder / "催办" / "2022-12-20"
    remind(folder)
    letter = day / f"{SUPERVISION}.docx"
    document = Document(str(letter))
    document.add_paragraph("请务必重视。")
    document.save(str(letter))
    changed = letter.read_bytes()
    again = remind(folder)
    assert again.edited_files == (letter,)
    assert letter.read_bytes() == changed
    rows = ({**DOING, "status": "已完成", "done_on": date(2022, 9, 30)},) * 3
    fill(folder, SUPERVISION, *rows)
    fill(folder, FINANCE, *rows, entries=ENTRIES[2:])
    last = remind(folder)
    assert {path.name for path in last.removed_files} == {
        f"{FINANCE}.docx",
        f"{FINANCE}.eml",
        f"{FINANCE}.xlsx",
        f"{SUPERVISION}.eml",
    }
    assert list_names(day) == ["催办清单.xlsx", letter.name, BRIEFING]


def test_the_same_returns_give_the_same_bytes(folder: Path) -> None:
    remind(folder)
    first = {path: path.read_bytes() for path in (folder / "催办").rglob("*") if path.is_file()}
    remind(folder)
    assert first == {path: path.read_bytes() for path in first}


def test_the_office_s_own_template(folder: Path, tmp_path: Path) -> None:
    """Its names are filled; a name that there is not is told."""
    template = tmp_path / "模板.docx"
    document = Document()
    for text in (
        "{{ agency }}致{{ section }}：{{ summary }}。{{ earlier }}",
        "{%p for one in groups %}",
        "{{ one.heading }}",
        "{%p for line in one.lines %}",
        "{{ line }}",
        "{%p endfor %}",
        "{%p endfor %}",
        "{{ contact }} {{ phone }} {{ day }} {{ due }}",
    ):
        document.add_paragraph(text)
    document.save(str(template))
    remind(folder, template=template)
    texts = read_letter(folder / f"催办/2022-12-20/{SUPERVISION}.docx")
    assert texts[0].startswith(f"某市金融工作局致{SUPERVISION}：没有报送，逾期 2 件")
    assert texts[1:4] == [
        "没有报送",
        "“年度”的报送表，应于2022年12月15日前交回，已过 5 天，还没有收到。",
        "逾期 2 件",
    ]
    assert texts[-1] == "李某 0760-88880000 2022年12月20日 2022年12月15日"
    document.add_paragraph("{{ nobody }}")
    document.save(str(template))
    with pytest.raises(InputError, match="nobody"):
        remind(folder, template=template)


def test_a_book_that_somebody_saves_meanwhile_is_kept(folder: Path) -> None:
    """Nothing is written; the next run takes the new book."""
    saved = build_book_bytes(make_book(agency="某市金融工作局（有人刚改）"))
    book = folder / "台账.xlsx"
    with pytest.raises(FileError) as caught:
        remind(folder, on_progress=lambda *_: book.write_bytes(saved))
    assert caught.value.code == "file-changed"
    assert book.read_bytes() == saved
    assert not (folder / "催办").exists()


# --- the briefing ---


def read_figures(path: Path) -> dict[str, str]:
    """Return the figures of a briefing by their labels, without units."""
    rows = read_tables(path)[0]
    labels, texts = chain(*rows[0::2]), chain(*rows[1::2])
    return {label.partition("（")[0]: text for label, text in zip(labels, texts, strict=True)}


def find_lines(grid: list[list[Any]], header: str) -> dict[str, dict[str, Any]]:
    """Return the lines below a header, by their first cell, up to a blank line."""
    top = next(n for n, row in enumerate(grid) if row[0] == header)
    below = takewhile(lambda row: row[1] != "", grid[top + 1 :])
    return {str(row[0]): dict(zip(grid[top], row, strict=True)) for row in below}


def collect(folder: Path) -> bytes:
    summary = folder / "汇总"
    commands.collect(folder / "台账.xlsx", folder / "收回", summary, as_of=AS_OF)
    return (summary / "2022年度汇总.xlsx").read_bytes()


def format_percent(rate: Any) -> str:
    return f"{rate:.1%}" if isinstance(rate, float) else str(rate)


def test_every_figure_of_the_briefing_is_one_of_the_summary(folder: Path) -> None:
    """Those in large type, and each line of the ranking, from the files as they are written."""
    remind(folder)
    briefing = folder / "催办/2022-12-20" / BRIEFING
    summary = collect(folder)
    grid = calamine_grid(summary, "总览")
    overall, sections = find_lines(grid, "统计口径"), find_lines(grid, "科室")
    tasks, rows = overall["任务（项）"], overall["科室任务（件）"]
    statuses = calamine_grid(summary, "报送情况")
    returned = [row[1] for row in statuses if row[0] in {one.name for one in SECTIONS}]
    problems = calamine_grid(summary, "问题清单")
    level = next(row.index("级别") for row in problems if "级别" in row)
    register = calamine_grid(summary, "依申请公开办理台账")
    (alert,) = {row.index("提醒") for row in register if "提醒" in row}
    assert read_figures(briefing) == {
        "任务完成": f"{tasks['已完成']:.0f}/{tasks['总数']:.0f}",
        "科室任务完成": f"{rows['已完成']:.0f}/{rows['总数']:.0f}",
        "完成率": format_percent(rows["完成率"]),
        "报送科室": f"{len(returned) - returned.count('未报送')}/{len(returned)}",
        "未报送科室": str(returned.count("未报送")),
        **{name: f"{rows[name]:.0f}" for name in ("逾期", "临期", "超期完成")},
        "须处理问题": str(sum(row[level] == "须处理" for row in problems)),
        "法定逾期": str(sum(row[alert] == "逾期" for row in register)),
    }
    # None of them is 0 by chance of these returns, but what was completed late.
    assert [k for k, v in read_figures(briefing).items() if v == "0"] == ["超期完成"]
    _, *ranking = read_tables(briefing)[1]
    assert {row[1]: row[3:] for row in ranking} == {
        name: [
            format_percent(line["完成率"]),
            *(f"{line[header]:.0f}" for header in ("已完成", "总数", "逾期")),
        ]
        for name, line in sections.items()
        if name != "合计"
    }
    text = read_document(briefing)
    assert "数据来源：2022年12月20日的“2022年度汇总.xlsx”，“总览”“问题清单”和各登记簿；" in text


def test_the_briefing_says_who_leads_what_is_grave_and_who_was_reminded(folder: Path) -> None:
    """The law first; a week later both days of reminding, and the same in a second run."""
    remind(folder)
    day = folder / "催办/2022-12-20"
    text = read_document(day / BRIEFING)
    assert "并列最高的是综合科、产业金融科（100.0%），最低的是地方金融监管科（0.0%）" in text
    assert (
        f"（一）超过法定期限最久的，是{FINANCE}的依申请公开办理台账“2022-001”，"
        "答复期限 2022年11月29日，已逾期 21 天。"
        f"（二）没有报送或者没有报全的，是{SUPERVISION}，应于2022年12月15日前交回，已过 5 天。"
        f"（三）逾期最久的，是{SUPERVISION}的第 1 项“第1项措施”，期限 2022年10月31日，"
        "已逾期 50 天，目前“未报送”。四、催办情况"
    ) in text
    pushed = (
        f"今年共催办 2 个科室 2 次：{FINANCE} 1 次（12月20日）；{SUPERVISION} 1 次（12月20日）。"
    )
    assert f"本次催办 2 个科室。{pushed}" in text
    remind(folder, NEXT_WEEK)
    for _ in range(2):
        later = read_document(folder / "催办/2022-12-27" / BRIEFING)
        days = "2 次（12月20日、12月27日）"
        assert f"4 次：{FINANCE} {days}；{SUPERVISION} {days}。" in later
        remind(folder, NEXT_WEEK)


def test_a_section_may_be_called_as_the_briefing_is(tmp_path: Path) -> None:
    """Its letter has another name, and neither takes the place of the other."""
    names = (OFFICE, "通报", "催办清单")
    tasks = [replace(task, units="各科室", parsed_assignments=()) for task in make_book().tasks[:2]]
    book = make_book(sections=tuple(map(Section, names)), tasks=tuple(tasks))
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    commands.generate(tmp_path / "台账.xlsx", tmp_path / "发出", issued_on=ISSUED_ON)
    (tmp_path / "收回").mkdir()
    remind(tmp_path)
    day = tmp_path / "催办/2022-12-20"
    letters = {path.stem: read_letter(path)[:2] for path in day.glob("*.docx")}
    briefing = letters.pop("通报")
    assert briefing[0].endswith("的通报")
    addressees = {stem: addressee for stem, (_, addressee) in letters.items()}
    assert addressees == {
        OFFICE: f"{OFFICE}：",
        "通报(2)": "通报：",
        "催办清单(2)": "催办清单：",
    }


def test_the_briefing_where_nobody_lags(folder: Path) -> None:
    rows = ({**DOING, "status": "已完成", "done_on": date(2022, 9, 30)},) * 3
    fill(folder, FINANCE, *rows, entries=ENTRIES[2:])
    fill(folder, SUPERVISION, *rows)
    remind(folder)
    text = read_document(folder / "催办/2022-12-20" / BRIEFING)
    assert "4 个科室的完成率都是 100.0%，不分先后。" in text
    assert "没有超过法定期限、没有报送、逾期或需要改正的事项。" in text
    assert "本次没有要催办的科室。今年还没有催办过。" in text
