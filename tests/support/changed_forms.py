"""A task form as an office changes it: a header renamed, columns added."""

from __future__ import annotations

from dataclasses import replace

from ledgerbook.model import Column, ColumnType, Filler, Form

# What workbooks in use were issued on: the version of the factory form of version 1, and the
# widths of its columns, which count in the version.
FIRST_VERSION = "f266c26d"
FIRST_WIDTHS = {
    "number": 4.5,
    "row_code": 9.5,
    "requirement": 9.0,
    "point": 11.0,
    "measure": 30.0,
    "roles": 6.0,
    "limit": 6.0,
    "due": 10.5,
    "alert": 5.0,
    "status": 8.0,
    "done_on": 10.5,
    "result": 30.0,
    "evidence": 12.0,
    "reason": 12.0,
    "next_step": 12.0,
    "person": 7.0,
    "phone": 14.0,
    "note": 8.0,
}
OLD_HEADER, NEW_HEADER = "未完成原因", "滞后原因"
FUNDS, FUNDS_HEADER = "funds", "投入经费"
STARTED, STARTED_HEADER = "started", "启动日期"


def set_first_widths(form: Form) -> Form:
    """Give the columns the widths that they had in version 1."""
    columns = (replace(c, width=FIRST_WIDTHS.get(c.key, c.width)) for c in form.columns)
    return replace(form, columns=tuple(columns))


def change_form(form: Form) -> Form:
    """Rename 未完成原因; add a number after it, and a date before all other answers."""
    funds = Column(FUNDS, FUNDS_HEADER, ColumnType.NUMBER, Filler.SECTION, 9)
    started = Column(STARTED, STARTED_HEADER, ColumnType.DATE, Filler.SECTION, 11.2)
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
