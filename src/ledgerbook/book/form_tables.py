"""字段, 选项, 登记簿 → forms; which section fills which of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledgerbook import forms
from ledgerbook.book import schema as sheets
from ledgerbook.book.lines import SheetLine, names_in
from ledgerbook.forms import Manner
from ledgerbook.model import Form

_MOST_ROWS = 2_000


def book_forms(
    tables: Mapping[str, Sequence[SheetLine]], slips: list[str]
) -> Iterator[Form]:
    """Yield the forms that the office keeps, the task ledger first."""
    columns, choices = tables[sheets.FIELDS.name], tables[sheets.CHOICES.name]
    kept = {line.text("登记簿"): line for line in tables[sheets.REGISTERS.name]}
    titles = dict.fromkeys(line.text("表单") for line in columns)
    if not titles:
        slips.append("工作表“字段”是空的，报送表没有栏目，请恢复。")
    slips.extend(
        f"{line.at('登记簿')}：“{title}”在“字段”表里一个栏目也没有。"
        "请在“字段”表中补上，或清空这一行。"
        for title, line in kept.items()
        if title not in titles
    )
    ledgers = [title for title in titles if title not in kept]
    for title in ledgers[1:]:
        line = next(line for line in columns if line.text("表单") == title)
        slips.append(
            f"{line.at('表单')}：“{title}”没有列在“登记簿”表里。"
            "请在“登记簿”表中补上一行，或改正这里的名称。"
        )
    for title in (*ledgers[:1], *(title for title in titles if title in kept)):
        yield _form(title, columns, choices, kept.get(title), slips)


def _form(
    title: str,
    columns: Sequence[SheetLine],
    choices: Sequence[SheetLine],
    kept: SheetLine | None,
    slips: list[str],
) -> Form:
    own = {
        "columns": [line for line in columns if line.text("表单") == title],
        "choices": [line for line in choices if line.text("表单") == title],
    }
    records = [_record(line, forms.COLUMN_FIELDS) for line in own["columns"]]
    ledger = forms.factory_ledger()
    key = (kept.text("代号") if kept else "") or title
    form, found = forms.build_form(
        key if kept or title != ledger.title else ledger.key,
        title,
        records,
        [_record(line, forms.CHOICE_FIELDS) for line in own["choices"]],
        _manner(kept, records, slips) if kept else Manner(),
    )
    names = {**forms.COLUMN_FIELDS, **forms.CHOICE_FIELDS}
    slips.extend(
        f"{own[slip.table][slip.row].at(names[slip.key])}：{slip.sentence}"
        for slip in found
    )
    return form


def _manner(
    line: SheetLine, records: Sequence[Mapping[str, object]], slips: list[str]
) -> Manner:
    keys = {str(record["header"]): str(record["key"]) for record in records}
    told_by = names_in(line.text("识别栏目"))
    slips.extend(
        f"{line.at('识别栏目')}：“{name}”不是这本登记簿的栏目，请改正。"
        for name in told_by
        if name not in keys
    )
    rows = line.text("空白行数")
    if not rows.isdecimal() or not 1 <= int(rows) <= _MOST_ROWS:
        slips.append(f"{line.at('空白行数')}：要填 1 到 {_MOST_ROWS} 之间的整数。")
        rows = "1"
    identity = tuple(keys[name] for name in told_by if name in keys)
    return Manner(int(rows), identity, line.text("用途"))


def owed_registers(
    line: SheetLine, registers: Sequence[Form], slips: list[str]
) -> tuple[str, ...]:
    """Return the keys of the registers that a line of 科室 names."""
    keys = {form.title: form.key for form in registers}
    if sheets.EVERY_REGISTER in (names := names_in(line.text("登记簿"))):
        return tuple(keys.values())
    slips.extend(
        f"{line.at('登记簿')}：“{name}”不在“登记簿”表中。"
        f"请写“登记簿”表中的名称，或写“{sheets.EVERY_REGISTER}”。"
        for name in names
        if name not in keys
    )
    return tuple(key for title, key in keys.items() if title in names)


def _record(line: SheetLine, fields: Mapping[str, str]) -> dict[str, object]:
    return {key: line.text(header) for key, header in fields.items()}
