"""What the office types into a summary is kept in its book, and nothing typed there is lost."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook import commands, identity
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from ledgerbook.cli.render import describe_ledger
from ledgerbook.commands.collect import CollectResult
from ledgerbook.errors import FileError
from ledgerbook.model import Round, Section
from ledgerbook.model.office_entries import FileRegistration
from ledgerbook.storage import atomic
from tests.merge.test_register_entries import BOOK as REGISTER_BOOK
from tests.merge.test_register_entries import filled as fill_register
from tests.merge.test_register_entries import sent as register_sent
from tests.support.books import AS_OF, FINANCE, OFFICE, SAVED_AT, fill, issued, make_book
from tests.support.summary_reading import calamine_grid

pytestmark = pytest.mark.slow

BOOK = make_book()
CODE = identity.make_row_code(BOOK, BOOK.tasks[0], FINANCE)
DOING = {"status": "推进中", "result": "正在办。"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a book and one return in 收回."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(BOOK))
    put(tmp_path, "1.xlsx", DOING)
    return tmp_path


def put(folder: Path, name: str, answers: dict[str, Any], day: int = 0) -> None:
    (folder / "收回").mkdir(exist_ok=True)
    data = fill(issued(BOOK, FINANCE), {"T01": answers}, SAVED_AT + timedelta(days=day))
    (folder / "收回" / name).write_bytes(data)


def collect(folder: Path, output: str = "汇总", as_of: date = AS_OF) -> CollectResult:
    return commands.collect(folder / "台账.xlsx", folder / "收回", folder / output, as_of=as_of)


def find_cell(summary: Path, sheet: str, key: str, header: str) -> tuple[Any, Any]:
    """Return the workbook and the cell below ``header`` in the row that has ``key``."""
    workbook = load_workbook(summary)
    rows = list(workbook[sheet].iter_rows())
    head = next(row for row in rows if any(cell.value == header for cell in row))
    column = next(cell.column for cell in head if cell.value == header)
    row = next(r for r in rows[head[0].row :] if any(cell.value == key for cell in r))
    return workbook, row[column - 1]


def type_text(summary: Path, sheet: str, header: str, text: str | None) -> None:
    workbook, cell = find_cell(summary, sheet, CODE, header)
    cell.value = text
    workbook.save(summary)


def shown(summary: Path, header: str, sheet: str = "科室明细") -> Any:
    return find_cell(summary, sheet, CODE, header)[1].value


def list_notes(folder: Path) -> list[tuple[str, str]]:
    return [(n.item, n.text) for n in read_book(folder / "台账.xlsx").office_notes]


def test_words_are_harvested_and_the_same_wherever_the_summary_is_written(folder: Path) -> None:
    """采用口径 is what 年度汇总 says; a second run harvests nothing again."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    type_text(summary, "科室明细", "审核意见", "请补充数字。")
    type_text(summary, "科室明细", "销号", "是")
    done = collect(folder)
    assert len(done.harvested) == 3
    assert list_notes(folder) == [
        ("审核意见", "请补充数字。"),
        ("采用口径", "按季度推进。"),
        ("销号", "是"),
    ]
    again = collect(folder)
    assert again.harvested == ()
    elsewhere = collect(folder, "别处").outputs[0]
    assert elsewhere.read_bytes() == again.outputs[0].read_bytes()
    table = load_workbook(elsewhere)["年度汇总"]
    texts = [str(cell.value) for row in table.iter_rows() for cell in row]
    assert any("按季度推进。" in text for text in texts)
    assert not any("正在办。" in text for text in texts)


def test_the_screen_names_what_the_office_has_to_verify(folder: Path) -> None:
    """A line each kind with the count and the first case; in 问题清单 they stand before others."""
    lines = (FileRegistration(f"没有的{number}.xlsx", section=FINANCE) for number in (1, 2))
    registered = replace(BOOK, registrations=tuple(lines))
    (folder / "台账.xlsx").write_bytes(build_book_bytes(registered))
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "销号", "是")
    assert "请综合科核实：" in list(describe_ledger(collect(folder).ledger))
    put(folder, "2.xlsx", {"status": "推进中", "result": "又改了。", "phone": "无"}, day=1)
    result = collect(folder)
    screen = list(describe_ledger(result.ledger))
    start = screen.index("请综合科核实：")
    assert any("提示 4 个（其中 3 个请综合科核实，列在下面）" in line for line in screen[:start])
    changed, unused = screen[start + 1 : start + 3]
    assert unused.startswith("  · 收件登记没有起作用 2 处：")
    assert "登记的“没有的1.xlsx”不在这次收到的文件里" in unused
    assert unused.endswith("还有 1 处，见汇总表的“问题清单”。")
    assert changed.startswith("  · 销号后改动 1 处：文件“2.xlsx” 工作表“金融发展科”")
    assert f"任务 1 在 {AS_OF} 已经销号" in changed
    grid = calamine_grid(result.outputs[0].read_bytes(), "问题清单")
    notices = [str(row[6]) for row in grid if row[1] == "提示"]
    assert ["没有起作用" in text or "销号后改动" in text for text in notices] == [True] * 3 + [
        False
    ]
    assert "排在前面的 3 条请综合科核实" in str(grid[1])


def test_an_older_summary_elsewhere_never_overwrites_newer_words(folder: Path) -> None:
    first = collect(folder).outputs[0]
    type_text(first, "科室明细", "采用口径", "第一稿。")
    collect(folder)
    second = collect(folder, "别处").outputs[0]
    type_text(second, "科室明细", "采用口径", "第二稿。")
    collect(folder, "别处")
    collect(folder)
    assert [text for _, text in list_notes(folder)] == ["第一稿。", "第二稿。"]
    assert shown(first, "采用口径") == "第二稿。"
    type_text(first, "科室明细", "采用口径", None)
    collect(folder)
    assert [text for _, text in list_notes(folder)][2:] == [""]
    assert shown(first, "采用口径") is None


def test_a_book_that_is_open_gets_the_words_next_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand in the new summary meanwhile."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    check = atomic.check_writable

    def refuse_book(paths: Any) -> None:
        if any(Path(path).name == "台账.xlsx" for path in paths):
            raise FileError("“台账.xlsx”正在 Excel 中打开。", code="file-unwritable")
        check(paths)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "check_writable", refuse_book)
        assert not collect(folder).has_recorded
    assert list_notes(folder) == []
    assert shown(summary, "采用口径") == "按季度推进。"
    assert collect(folder).has_recorded
    assert list_notes(folder) == [("采用口径", "按季度推进。")]


def test_the_office_chooses_on_the_sheet_of_conflicts(folder: Path) -> None:
    """The answer it chose holds from the next run on, until the section says otherwise."""
    put(folder, "2.xlsx", {"status": "未启动", "result": "办了。"}, day=1)
    summary = collect(folder).outputs[0]
    assert shown(summary, "完成状态") == "未启动"
    type_text(summary, "冲突", "采用哪个", "未采用的")
    collect(folder)
    assert list_notes(folder) == [("采用哪个：完成状态", "推进中")]
    assert shown(summary, "完成状态") == "推进中"
    assert shown(summary, "落实情况") == "办了。"
    assert shown(summary, "采用哪个", "冲突") == "采用的"
    assert collect(folder).harvested == ()


def test_what_is_typed_elsewhere_is_kept_in_a_copy_and_named(folder: Path) -> None:
    """Where 历次 has the summary as it was written, by its cells; a second edit too."""
    summary = collect(folder).outputs[0]
    written = summary.read_bytes()
    workbook = load_workbook(summary)
    workbook["年度汇总"]["D5"] = "综合科手工改的。"
    workbook.save(summary)
    edited = summary.read_bytes()
    done = collect(folder)
    assert done.edited_summary == folder / "汇总" / "2022年度汇总（有人改过 2022-12-20）.xlsx"
    assert done.edited_summary.read_bytes() == edited
    assert collect(folder).edited_summary is None
    (folder / "汇总" / "历次").mkdir()
    (folder / "汇总" / "历次" / "年度.xlsx").write_bytes(written)
    workbook.create_sheet("我的表")["A1"] = "备忘"
    workbook.save(summary)
    again = collect(folder)
    assert again.edited_cells == ("年度汇总 D5", "我的表 A1")
    assert again.edited_summary == folder / "汇总" / "2022年度汇总（有人改过 2022-12-20 2）.xlsx"
    assert done.edited_summary.read_bytes() == edited


def test_a_remark_below_a_table_is_a_hand_edit(folder: Path) -> None:
    """Below every table, in the first column and in one of the office's, which has no row there."""
    put(folder, "2.xlsx", {"status": "未启动"}, day=1)
    summary = collect(folder).outputs[0]
    (folder / "汇总" / "历次").mkdir()
    (folder / "汇总" / "历次" / "年度.xlsx").write_bytes(summary.read_bytes())
    workbook = load_workbook(summary)
    edits = []
    for sheet in (s for s in workbook.worksheets if s.sheet_state == "visible"):
        edits.append(f"{sheet.title} A{sheet.max_row + 1}")
        sheet[edits[-1].split()[1]] = "备注：已电话核实"
    sheet = workbook["冲突"]
    edits.insert(edits.index(f"冲突 A{sheet.max_row}") + 1, f"冲突 J{sheet.max_row + 1}")
    sheet[f"J{sheet.max_row + 1}"] = "两条都已核实"
    workbook["_办理"][f"A{workbook['_办理'].max_row + 1}"] = "备注"
    workbook.save(summary)
    done = collect(folder)
    assert (done.edited_cells, done.harvested) == (tuple(edits), ())


def test_what_the_office_types_in_its_own_columns_makes_no_copy(folder: Path) -> None:
    summary = collect(folder).outputs[0]
    (folder / "汇总" / "历次").mkdir()
    (folder / "汇总" / "历次" / "年度.xlsx").write_bytes(summary.read_bytes())
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    done = collect(folder)
    assert (done.edited_summary, len(done.harvested)) == (None, 1)


def test_rollup_passes_over_kept_copies_and_names_them(folder: Path) -> None:
    summary = collect(folder).outputs[0]
    copy = summary.with_name("2022年度汇总（有人改过 2022-12-20）.xlsx")
    copy.write_bytes(summary.read_bytes())
    (folder / "汇总" / "历次").mkdir()
    (folder / "汇总" / "历次" / "年度.xlsx").write_bytes(summary.read_bytes())
    merged = commands.roll_up([folder / "汇总"], folder / "上级", as_of=AS_OF, name="某省").rollup
    assert len(merged.units) == 1
    statuses = {report.name: report.status.value for report in merged.files}
    passed = [name for name, status in statuses.items() if status == "跳过"]
    assert "看板.html" in passed
    passed.remove("看板.html")
    assert len([name for name in passed if not name.startswith("退回修改")]) == 2, statuses


def test_a_row_that_changed_after_it_was_struck_off_is_named(folder: Path) -> None:
    """销号后改动: the answers are others than those for which the office chose 是."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "销号", "是")
    assert "closed-changed" not in {p.code for p in collect(folder).ledger.problems}
    put(folder, "签.xlsx", {**DOING, "signer": "李四", "signed_on": date(2022, 12, 1)})
    assert "closed-changed" not in {p.code for p in collect(folder).ledger.problems}
    put(folder, "2.xlsx", {**DOING, "result": "又改了。"}, day=1)
    (problem,) = [p for p in collect(folder).ledger.problems if p.code == "closed-changed"]
    assert (problem.task, problem.section, problem.is_error) == ("T01", FINANCE, False)
    # Not the file that it was struck off with.
    assert problem.place.file == "2.xlsx"
    assert shown(summary, "销号") == "是"


def test_a_row_that_changed_after_its_wording_was_adopted_is_named(folder: Path) -> None:
    """The wording stays; the next summary says of the row that it is to be checked."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    assert "adopted-changed" not in {p.code for p in collect(folder).ledger.problems}
    put(folder, "2.xlsx", {**DOING, "result": "又改了。"}, day=1)
    (problem,) = [p for p in collect(folder).ledger.problems if p.code == "adopted-changed"]
    assert (problem.task, problem.section, problem.is_error) == ("T01", FINANCE, False)
    assert shown(summary, "采用口径") == "按季度推进。"
    merged = commands.roll_up([summary], folder / "上级", as_of=AS_OF, name="某省").rollup
    assert [p.code for p in merged.problems] == ["summary-adopted-changed"]


def test_a_wording_and_an_answer_chosen_at_once_belong_together(folder: Path) -> None:
    """The choice changes the row, which is not the section's doing; what it says later is."""
    put(folder, "2.xlsx", {"status": "未启动", "result": "办了。"}, day=1)
    summary = collect(folder).outputs[0]
    type_text(summary, "冲突", "采用哪个", "未采用的")
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    type_text(summary, "科室明细", "销号", "是")
    for _ in range(2):
        codes = {p.code for p in collect(folder).ledger.problems}
        assert codes.isdisjoint({"adopted-changed", "closed-changed"})
    assert shown(summary, "完成状态") == "推进中"
    later = AS_OF + timedelta(days=3)
    put(folder, "3.xlsx", {"status": "不涉及"}, day=12)
    codes = {p.code for p in collect(folder, as_of=later).ledger.problems}
    assert codes >= {"adopted-changed", "closed-changed"}


def test_a_change_beside_a_choice_is_the_sections(folder: Path) -> None:
    """A file that came after the summary in which the office typed."""
    put(folder, "2.xlsx", {"status": "未启动", "result": "办了。"}, day=1)
    summary = collect(folder).outputs[0]
    type_text(summary, "冲突", "采用哪个", "未采用的")
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    put(folder, "3.xlsx", {"status": "未启动", "result": "办了。", "phone": "12345"}, day=2)
    assert "adopted-changed" in {p.code for p in collect(folder).ledger.problems}


def test_words_of_a_renamed_section_are_not_harvested_again(folder: Path) -> None:
    """The summary before the renaming has its former row codes; the notice stays."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "按季度推进。")
    type_text(summary, "科室明细", "审核意见", "请补充数字。")
    collect(folder)
    put(folder, "2.xlsx", {**DOING, "result": "又改了。"}, day=1)
    collect(folder)
    book, name = read_book(folder / "台账.xlsx"), "金融处"
    tasks = tuple(
        replace(
            task,
            parsed_assignments=tuple(
                replace(a, section=name) if a.section == FINANCE else a
                for a in task.parsed_assignments
            ),
        )
        for task in book.tasks
    )
    sections = tuple(
        Section(name, aliases=(FINANCE,)) if section.name == FINANCE else section
        for section in book.sections
    )
    type_text(summary, "科室明细", "审核意见", "请补充到个位。")
    (folder / "台账.xlsx").write_bytes(
        build_book_bytes(replace(book, tasks=tasks, sections=sections))
    )
    for new in ([("审核意见", "请补充到个位。")], []):
        done = collect(folder)
        assert [(note.item, note.text) for note in done.harvested] == new
        assert "adopted-changed" in {p.code for p in done.ledger.problems}
        assert "留存意见" not in load_workbook(done.outputs[0]).sheetnames
    assert [text for _, text in list_notes(folder)] == [
        "请补充数字。",
        "按季度推进。",
        "请补充到个位。",
    ]


def test_a_word_that_cannot_be_chosen_is_told_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Neither a choice that was made is ended by it, nor another one made."""
    put(folder, "2.xlsx", {"status": "未启动", "result": "办了。"}, day=1)
    summary = collect(folder).outputs[0]
    type_text(summary, "冲突", "采用哪个", "第一个")
    told = run(capsys, folder, "汇总")
    assert (
        f"提示：上次的汇总“冲突”里，任务 1（{FINANCE}，{CODE}）的“采用哪个（完成状态）”"
        "写的是“第一个”，看不懂，没有起作用，还照原来的办。请在新的汇总里从下拉框选“采用的”或“未采用的”；不选的，空着。"
    ) in told
    assert list_notes(folder) == []
    type_text(summary, "冲突", "采用哪个", "未采用的")
    collect(folder)
    type_text(summary, "冲突", "采用哪个", "第一个")
    office = json.loads(run(capsys, folder, "汇总", "--json"))["office"]
    assert [note["code"] for note in office["unread"]] == ["note-unread"]
    assert list_notes(folder) == [("采用哪个：完成状态", "推进中")]
    assert shown(summary, "完成状态") == "推进中"
    assert "看不懂" not in run(capsys, folder, "汇总")


def test_a_summary_of_an_earlier_day_ends_no_words_of_a_later_one(folder: Path) -> None:
    """It shows them not, which is no deletion."""
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "采用口径", "第一稿。")
    collect(folder, as_of=AS_OF - timedelta(days=2))
    type_text(summary, "科室明细", "采用口径", "第二稿。")
    collect(folder)
    earlier = collect(folder, as_of=AS_OF - timedelta(days=1))
    assert shown(summary, "采用口径") == "第一稿。"
    assert "office-words-later" in {p.code for p in earlier.ledger.problems}
    assert (earlier.harvested, collect(folder).harvested) == ((), ())
    assert shown(summary, "采用口径") == "第二稿。"


def test_a_review_comment_reaches_the_section_until_it_answers(folder: Path) -> None:
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "审核意见", "请补充数字。")

    def list_comments() -> list[Any]:
        path = folder / "汇总" / "退回修改" / f"{FINANCE}.xlsx"
        sheet = load_workbook(path).worksheets[0]
        return [row[5].value for row in sheet.iter_rows(min_row=4) if row[3].value == "审核意见"]

    assert not any("审核意见还没有退回" in line for line in describe_ledger(collect(folder).ledger))
    assert list_comments() == ["请补充数字。"]
    put(folder, "2.xlsx", {**DOING, "result": "办了 12 件。"}, day=1)
    collect(folder)
    assert list_comments() == []


def test_another_text_than_the_choice_of_acceptance_is_told_and_kept(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    summary = collect(folder).outputs[0]
    type_text(summary, "科室明细", "销号", "已销")
    told = (
        f"提示：行码 {CODE} 的“销号”写的是“已销”，下拉框里只有“是”。已照您写的记下，按销号处理；"
        "请改选“是”，不是要销号的请清空。\n"
    )
    assert told in run(capsys, folder, "汇总")
    assert list_notes(folder) == [("销号", "已销")]
    type_text(summary, "科室明细", "销号", "是")
    assert "下拉框" not in run(capsys, folder, "汇总")


def test_a_comment_stands_at_its_cell_and_is_no_correction(folder: Path) -> None:
    """The cell is that of 落实情况 in the workbook; the introduction counts the two apart."""
    path = folder / "汇总" / "退回修改" / f"{FINANCE}.xlsx"
    type_text(collect(folder).outputs[0], "科室明细", "审核意见", "请补充数字。")
    collect(folder)
    sheet = load_workbook(path).worksheets[0]
    assert f"{FINANCE}报来的表有 1 处需要改正，另有 1 条审核意见。" in sheet["A2"].value
    (line,) = [row for row in sheet.iter_rows(min_row=4) if row[3].value == "审核意见"]
    assert (line[1].value, line[1].hyperlink.location) == (f"{FINANCE} L6", f"'{FINANCE}'!L6")
    full = {task: {"status": "不涉及"} for task in ("T02", "T04", "T05")}
    data = fill(issued(BOOK, FINANCE), {"T01": DOING, **full}, SAVED_AT)
    (folder / "收回" / "1.xlsx").write_bytes(data)
    collect(folder)
    introduction = load_workbook(path).worksheets[0]["A2"].value
    assert f"{FINANCE}报来的表有 1 条审核意见。您原来填的内容" in introduction
    assert "紫色" not in introduction


def test_a_comment_without_a_correction_workbook_is_told(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Nothing of the section has come in the new round: the screen says so, and what to do."""
    rounds = (Round("上半年", date(2022, 6, 30)), Round("年度", date(2022, 12, 31)))
    book = folder / "台账.xlsx"
    book.write_bytes(build_book_bytes(replace(BOOK, rounds=rounds)))
    for number, round_ in enumerate(rounds, 1):
        day = date(2022, 6 * number, 1)
        commands.generate(book, folder / "发出", round_name=round_.name, issued_on=day)
    sent = (folder / "发出" / "上半年" / f"{FINANCE}.xlsx").read_bytes()
    in_june = datetime(2022, 6, 20, 1)  # noqa: DTZ001  as Excel notes it
    (folder / "收回" / "1.xlsx").write_bytes(fill(sent, {"T01": DOING}, in_june))
    type_text(collect(folder).outputs[0], "科室明细", "审核意见", "请补充数字。")
    printed = run(capsys, folder, "汇总")
    assert not (folder / "汇总" / "退回修改" / f"{FINANCE}.xlsx").exists()
    assert (
        f"审核意见还没有退回科室的：{FINANCE} 1 条（还没有交“年度”的表，所以没有它的“退回修改”）。"
        "交来以后再汇总一次，没有照着改的就列进“退回修改”；要现在就改的，请直接告诉科室。\n"
    ) in printed


def run(capsys: pytest.CaptureFixture[str], folder: Path, output: str, *options: str) -> str:
    """Run ``collect`` through the command line; return what it prints."""
    paths = (folder / "台账.xlsx", folder / "收回", "-o", folder / output)
    with pytest.raises(SystemExit) as caught:
        main(["collect", *map(str, paths), "--as-of", AS_OF.isoformat(), *options])
    assert caught.value.code == 1
    return capsys.readouterr().out


def test_of_two_texts_typed_at_once_the_one_not_taken_is_told_and_kept(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Two summaries are written, then the same cell of both is filled in."""
    here, there = collect(folder, "甲").outputs[0], collect(folder, "乙").outputs[0]
    type_text(here, "科室明细", "采用口径", "甲的话。")
    type_text(there, "科室明细", "采用口径", "乙的话。")
    edited = there.read_bytes()
    assert "乙的话。" not in run(capsys, folder, "甲")
    told = run(capsys, folder, "乙")
    copy = "2022年度汇总（有人改过 2022-12-20）.xlsx"
    assert (
        f"提示：上次的汇总“科室明细”里，任务 1（{FINANCE}，{CODE}）的“采用口径”写的是“乙的话。”；"
        "台账里已经有另一份汇总后来写的“甲的话。”，现在采用台账里的。"
        f"没有采用的留存在“{copy}”里；要改用它的，请在新的汇总里再写一次。"
    ) in told
    assert (folder / "乙" / copy).read_bytes() == edited
    assert shown(there, "采用口径") == "甲的话。"
    assert "提示：上次的汇总" not in run(capsys, folder, "乙")


def test_a_choice_that_is_overtaken_stays_in_the_book(folder: Path) -> None:
    """Its cell on 冲突 is blank then, which does not mean that the office has ended it."""
    put(folder, "2.xlsx", {"status": "未启动", "result": "办了。"}, day=1)
    summary = collect(folder).outputs[0]
    type_text(summary, "冲突", "采用哪个", "未采用的")
    collect(folder)
    later = AS_OF + timedelta(days=3)
    put(folder, "3.xlsx", {"status": "不涉及"}, day=12)
    for _ in range(2):
        done = collect(folder, as_of=later)
        assert done.harvested == ()
        assert [p.code for p in done.ledger.problems if p.code.startswith("choice-over")]
    assert list_notes(folder) == [("采用哪个：完成状态", "推进中")]


def test_of_the_two_lines_of_three_answers_either_may_be_chosen(folder: Path) -> None:
    """After a choice both lines say 采用的; what is chosen anew in one of them counts."""
    put(folder, "2.xlsx", {"status": "未启动"}, day=1)
    put(folder, "3.xlsx", {"status": "长期推进"}, day=2)
    summary = collect(folder).outputs[0]
    statuses = []
    for text in ("推进中", "未启动", "长期推进"):
        workbook = load_workbook(summary)
        sheet = workbook["冲突"]
        for row in sheet.iter_rows():
            if row[7].value == text and row[4].value == "完成状态":
                row[9].value = "未采用的"
        workbook.save(summary)
        collect(folder)
        statuses.append(shown(summary, "完成状态"))
    assert statuses == ["推进中", "未启动", "长期推进"]


def test_the_office_chooses_for_an_entry_of_a_register(tmp_path: Path) -> None:
    """In the same column of 冲突; the line's code stands in the book."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(REGISTER_BOOK))
    (tmp_path / "收回").mkdir()
    one, two = {"number": "1号", "extended": "否"}, {"number": "2号", "extended": "否"}
    entries = {"1.xlsx": [one, two], "2.xlsx": [{**one, "extended": "是"}]}
    for day, (name, rows) in enumerate(entries.items()):
        data = fill_register(register_sent(), rows, SAVED_AT + timedelta(days=day))
        (tmp_path / "收回" / name).write_bytes(data)
    before = collect(tmp_path)
    assert [row.get_text("extended") for row in before.ledger.register_entries] == ["是", "否"]
    code = f"requests·{OFFICE}·1号"
    workbook, cell = find_cell(before.outputs[0], "冲突", code, "采用哪个")
    cell.value = "未采用的"
    workbook.save(before.outputs[0])
    after = collect(tmp_path)
    assert [row.get_text("extended") for row in after.ledger.register_entries] == ["否", "否"]
    notes = [(n.code, n.item, n.text) for n in read_book(tmp_path / "台账.xlsx").office_notes]
    assert notes == [(code, "采用哪个：是否延期", "否")]
    assert find_cell(after.outputs[0], "冲突", code, "采用哪个")[1].value == "采用的"


def test_programs_read_what_the_office_typed(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """As JSON and in the exported detail; in a dry run what stands in the book already."""
    here, there = collect(folder, "甲").outputs[0], collect(folder, "乙").outputs[0]
    type_text(here, "科室明细", "采用口径", "甲的话。")
    type_text(here, "科室明细", "销号", "是")
    type_text(there, "科室明细", "采用口径", "乙的话。")
    told = json.loads(run(capsys, folder, "甲", "--json", "--export", "csv"))["office"]
    row = {"row_code": CODE, "section": FINANCE, "task": 1}
    notes = [{**row, "item": "采用口径", "text": "甲的话。"}, {**row, "item": "销号", "text": "是"}]
    assert told["notes"] == notes
    assert [note["text"] for note in told["harvested"]] == ["甲的话。", "是"]
    assert (told["recorded"], told["overruled"]) == (True, [])
    exported = folder / "甲" / "2022年度汇总数据表（csv）" / "tasks.csv"
    with exported.open(encoding="utf-8-sig") as file:
        (line,) = [line for line in csv.DictReader(file) if line["row_code"] == CODE]
    assert (line["adopted"], line["accepted"], line["review"]) == ("甲的话。", "是", "")
    dry = json.loads(run(capsys, folder, "乙", "--json", "--dry-run"))["office"]
    assert dry["notes"] == notes
    told = json.loads(run(capsys, folder, "乙", "--json"))["office"]
    assert [note["code"] for note in told["overruled"]] == ["note-overruled"]
    copy = folder / "乙" / "2022年度汇总（有人改过 2022-12-20）.xlsx"
    assert (told["edited_summary"], told["edited_cells"]) == (str(copy), [])
