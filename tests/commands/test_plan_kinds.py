"""Plans that are not of 政务公开 go the whole way in their own words."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import InputError, collect, generate, init, write_report
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW

PLANS = {
    "整改": (
        "某局2023年巡察反馈问题整改任务分解表",
        "序号\t反馈问题\t整改措施\t牵头领导\t责任科室\t整改时限",
        "1\t学习不深入。\t每月学习一次。\t甲某\t办公室牵头，法规科配合\t6月底前",
        "某局2023年整改台账",
        "某局2023年问题整改落实情况汇总",
        "已整改待销号",
        {"整改措施": "每月学习一次。", "反馈问题": "学习不深入。", "牵头领导": "甲某"},
    ),
    "督办": (
        "某局2023年督办事项台账",
        "序号\t督办事项\t领导批示\t责任科室\t办结时限",
        "1\t修好南门道路。\t抓紧\t办公室\t6月底前",
        "某局2023年督办台账",
        "某局2023年督办事项落实情况汇总",
        "已完成",
        {"督办事项": "修好南门道路。", "领导批示": "抓紧"},
    ),
    "政府工作报告": (
        "某市2023年政府工作报告重点任务分解表",
        "序号\t重点工作\t牵头市领导\t责任单位\t完成时限",
        "1\t建成主干道3条。\t张某\t市住建局牵头，市交通局配合\t12月底",
        "某市2023年政府工作报告重点任务台账",
        "某市2023年政府工作报告重点任务落实情况汇总",
        "已完成",
        {"计划措施": "建成主干道3条。", "牵头市领导": "张某"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", PLANS)
def test_a_plan_of_another_kind(tmp_path: Path, kind: str) -> None:
    """Titles, columns and statuses fit; what came back unchanged is no problem; no report."""
    title, headers, task, form_title, summary_title, done, official = PLANS[kind]
    (tmp_path / "方案.txt").write_text(f"{title}\n{headers}\n{task}", "utf-8")
    book_path, office = tmp_path / "台账.xlsx", "市住建局" if "市住建局" in task else "办公室"
    book = init(tmp_path / "方案.txt", book_path, office=office).book
    assert not book.registers
    generate(book_path, tmp_path / "发出", issued_on=date(2023, 3, 1))
    issued = tmp_path / "发出" / "年度" / f"{office}.xlsx"
    workbook = load_workbook(issued)
    sheet = workbook.worksheets[0]
    assert sheet["A1"].value == form_title
    cells = {cell.value: cell.column for cell in sheet[HEADER_ROW + 1]}
    row = FIRST_ROW + 1
    assert {name: sheet.cell(row, cells[name]).value for name in official} == official
    by_key = {column.key: cells[column.header] for column in book.task_form.columns}
    sheet.cell(row, by_key["status"]).value = done
    sheet.cell(row, by_key["done_on"]).value = date(2023, 6, 1)
    sheet.cell(row, by_key["result"]).value = "已经办好 3 件。"
    (tmp_path / "收回").mkdir()
    data = serialize_workbook(workbook, datetime(2023, 6, 2, 9, 30))  # noqa: DTZ001
    (tmp_path / "收回" / "交回.xlsx").write_bytes(data)
    done_result = collect(book_path, tmp_path / "收回", tmp_path / "汇总", as_of=date(2023, 7, 1))
    assert [p for p in done_result.ledger.problems if p.section == office] == []
    summary = load_workbook(done_result.outputs[0])
    assert summary["总览"]["A1"].value == summary_title
    assert summary["年度汇总"]["A1"].value == f"{summary_title}表"
    (found,) = (row for row in done_result.ledger.assignment_results if row.section == office)
    assert found.get_text("status") == done
    with pytest.raises(InputError, match="没有起草") as caught:
        write_report(book_path, tmp_path / "收回", tmp_path / "年报.docx", as_of=date(2023, 12, 31))
    assert caught.value.code == "report-not-applicable"


def test_a_kind_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "方案.txt").write_text("\n".join(PLANS["督办"][:3]), "utf-8")
    with pytest.raises(InputError, match="政务公开、整改、政府工作报告、民生实事、督办、其他"):
        init(tmp_path / "方案.txt", tmp_path / "台账.xlsx", office="办公室", kind="巡察")
