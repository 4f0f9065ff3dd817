"""A task form as an office changes it: a header renamed, columns added."""

from __future__ import annotations

from dataclasses import replace

from ledgerbook.model import Column, ColumnType, Filler, Form

OLD_HEADER, NEW_HEADER = "未完成原因", "滞后原因"
FUNDS, FUNDS_HEADER = "funds", "投入经费"
STARTED, STARTED_HEADER = "started", "启动日期"


def change_form(form: Form) -> Form:
    """Rename 未完成原因; add a number after it, and a date before all other answers."""
    funds = Column(FUNDS, FUNDS_HEADER, ColumnType.NUMBER, Filler.SECTION, 9)
    started = Column(STARTED, STARTED_HEADER, ColumnType.DATE, Filler.SECTION, 11)
    columns: list[Column] = []
    for column in form.columns:
        if column is form.answer_columns[0]:
            columns.append(started)
        is_renamed = column.key == "reason"
        columns.append(replace(column, header=NEW_HEADER) if is_renamed else column)
        if is_renamed:
            columns.append(funds)
    return replace(form, columns=tuple(columns))


def rename_all(form: Form) -> Form:
    """Give every column another header: 落实情况 becomes 甲落实情况."""
    columns = tuple(replace(column, header=f"甲{column.header}") for column in form.columns)
    return replace(form, columns=columns)
