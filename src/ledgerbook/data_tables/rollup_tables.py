"""Make the tables of a roll-up: the rows of many units, and what became of their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledgerbook.data_tables.data_table import (
    DataTable,
    TableDefinition,
    define_text,
    define_value,
)
from ledgerbook.data_tables.ledger_tables import build_task_table, define_place
from ledgerbook.export import ExportType
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport
from ledgerbook.rollup.merge import MissingSubmission, Rollup, Unit
from ledgerbook.summary.metadata import SectionFact

_NUMBER = ExportType.NUMBER


def build_rollup_tables(rollup: Rollup, *, personal_data: bool) -> tuple[DataTable, ...]:
    """Return all tables of a roll-up; columns of personal data only with ``personal_data``."""
    left_out = () if personal_data else rollup.personal_keys
    columns = tuple(column for column in rollup.columns if column.key not in left_out)
    tasks = replace(build_task_table(columns, iter(rollup.rows)), title="各单位明细")
    return (
        tasks,
        *(definition.build(list_items(rollup)) for definition, list_items in ROLLUP_TABLES),
    )


UNITS: TableDefinition[Unit] = TableDefinition(
    "units",
    "单位",
    "并入的一个单位",
    (
        define_text("unit", "单位", lambda u: u.path),
        define_text("file", "文件", lambda u: u.file),
        define_value("as_of", "汇总日期", ExportType.DATE, lambda u: u.as_of, "单位自己汇总的日子"),
        define_text("book_id", "台账编号", lambda u: u.book_id),
        define_value("task_count", "任务数", _NUMBER, lambda u: u.task_count),
        define_value("row_count", "科室任务数", _NUMBER, lambda u: len(u.rows)),
        define_value("section_count", "科室数", _NUMBER, lambda u: len(u.sections)),
        define_value(
            "unsettled", "单位没办完的问题数", _NUMBER, lambda u: u.unsettled, "单位汇总时的"
        ),
        define_value("error_count", "须处理问题数", _NUMBER, lambda u: u.problems, "并入时发现的"),
    ),
)

UNIT_SECTIONS: TableDefinition[tuple[Unit, SectionFact]] = TableDefinition(
    "sections",
    "各单位各科室报送情况",
    "一个单位的一个科室",
    (
        define_text("unit", "单位", lambda s: s[0].path),
        define_text("section", "科室", lambda s: s[1].section),
        define_text("status", "报送状态", lambda s: s[1].status),
        define_value("row_count", "任务数", _NUMBER, lambda s: s[1].rows),
    ),
)

MISSING: TableDefinition[MissingSubmission] = TableDefinition(
    "missing",
    "未报送",
    "没有报来的一个单位，或者单位里没有报送的一个科室",
    (
        define_text("unit", "单位", lambda m: m.unit),
        define_text("section", "科室", lambda m: m.section, "整个单位没有报的空着"),
        define_text("reason", "情况", lambda m: m.reason),
    ),
)

SUMMARY_FILES: TableDefinition[FileReport] = TableDefinition(
    "files",
    "文件清单",
    "收到的一份汇总或别的文件",
    (
        define_text("file", "文件", lambda f: f.name),
        define_text("status", "处理结果", lambda f: f.status.value),
        define_text("units", "单位", lambda f: "\n".join(f.sections), "一个单位一行"),
        define_value("saved_at", "保存时间", ExportType.TIME, lambda f: f.saved_at),
        define_value("size", "大小（字节）", _NUMBER, lambda f: f.size),
        define_value("row_count", "并入行数", _NUMBER, lambda f: f.cell_count),
        define_text("note", "说明", lambda f: f.note),
        define_text("sha256", "SHA-256", lambda f: f.sha256, "文件内容的指纹"),
    ),
)

SUMMARY_PROBLEMS: TableDefinition[Problem] = TableDefinition(
    "problems",
    "问题清单",
    "一处问题",
    (
        define_text("severity", "级别", lambda p: p.severity.value, "须处理或提示"),
        define_text("code", "问题代号", lambda p: p.code, "同一种问题的代号相同"),
        *define_place(lambda p: p.place),
        define_text("message", "问题", lambda p: p.message),
        define_text("raw", "原填内容", lambda p: p.raw),
        define_text("advice", "处理办法", lambda p: p.advice),
        define_value(
            "rejected_rows",
            "没有并入的行数",
            _NUMBER,
            lambda p: p.rejected_cells,
            "因为这个问题没有并入的",
        ),
    ),
)

# Each table, and the items of a roll-up that it lists.
ROLLUP_TABLES: tuple[tuple[TableDefinition[Any], Callable[[Rollup], Any]], ...] = (
    (UNITS, lambda rollup: rollup.units),
    (
        UNIT_SECTIONS,
        lambda rollup: ((unit, fact) for unit in rollup.units for fact in unit.sections),
    ),
    (MISSING, lambda rollup: rollup.missing),
    (SUMMARY_FILES, lambda rollup: rollup.files),
    (SUMMARY_PROBLEMS, lambda rollup: rollup.problems),
)
