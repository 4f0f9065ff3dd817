"""Read the forms from the sheets 字段, 选项 and 登记簿 of the book.

Mistakes are appended to ``errors`` as Chinese sentences that name sheet and cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ledgerbook import forms
from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine, split_names
from ledgerbook.excel.styles import compute_number_width
from ledgerbook.forms import RegisterSettings
from ledgerbook.issue.hidden_sheets import build_choices_name
from ledgerbook.model import ColumnType, Form

_MAX_REGISTER_ROWS = 2_000


def read_forms(tables: Mapping[str, Sequence[SheetLine]], errors: list[str]) -> Iterator[Form]:
    """Yield the book's forms, the task ledger first.

    ``tables`` maps the name of each sheet to its lines. A form of 字段 that 登记簿 does not
    list is the task ledger; a second one is a mistake.
    """
    columns, choices = tables[schema.FIELDS.name], tables[schema.CHOICES.name]
    register_lines = {line.get_text("登记簿"): line for line in tables[schema.REGISTERS.name]}
    titles = dict.fromkeys(line.get_text("表单") for line in columns)
    if not titles:
        errors.append("工作表“字段”是空的，报送表没有栏目，请恢复。")
    errors.extend(
        f"{line.describe_cell('登记簿')}：“{title}”在“字段”表里一个栏目也没有。"
        "请在“字段”表中补上，或清空这一行。"
        for title, line in register_lines.items()
        if title not in titles
    )
    ledger_titles = [title for title in titles if title not in register_lines]
    for title in ledger_titles[1:]:
        line = next(line for line in columns if line.get_text("表单") == title)
        errors.append(
            f"{line.describe_cell('表单')}：“{title}”没有列在“登记簿”表里。"
            "请在“登记簿”表中补上一行，或改正这里的名称。"
        )
    read_titles = [*ledger_titles[:1], *(title for title in titles if title in register_lines)]
    table_forms = [
        _read_form(title, columns, choices, register_lines.get(title), errors)
        for title in read_titles
    ]
    title_lines = {line.get_text("表单"): line for line in reversed(columns)}
    key_cells = [
        _describe_key_cell(register_lines.get(title), title_lines[title]) for title in read_titles
    ]
    errors.extend(_check_form_keys(table_forms, key_cells))
    yield from table_forms


def _describe_key_cell(register_line: SheetLine | None, title_line: SheetLine) -> str:
    """Return the cell where the key of a form is written; without a key, its title."""
    if register_line is None:
        return title_line.describe_cell("表单")
    return register_line.describe_cell("代号" if register_line.get_text("代号") else "登记簿")


def _check_form_keys(table_forms: Sequence[Form], key_cells: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each key that cannot be used, or that equals another.

    The defined names of drop-downs are made of the keys of form and column, joined by an
    underscore; ``a`` with ``b_c`` and ``a_b`` with ``c`` would give the same name.
    """
    keys: set[str] = set()
    names: dict[str, Form] = {}
    for form, cell in zip(table_forms, key_cells, strict=True):
        if message := forms.check_form_key(form.key, "登记簿的代号或者表单的名称"):
            yield f"{cell}：{message}"
        if form.key in keys:
            yield f"{cell}：代号“{form.key}”重复了，每张表单要不同，请改成别的。"
            continue
        keys.add(form.key)
        choice_keys = {column.key for column in form.columns if column.kind is ColumnType.CHOICE}
        for name in sorted(build_choices_name(form, key) for key in choice_keys):
            if other := names.get(name):
                yield (
                    f"{cell}：代号“{form.key}”和“{other.key}”加上栏目的代号以后分不开，"
                    "请把其中一本登记簿的代号改成别的。"
                )
                break
            names[name] = form


def _read_form(
    title: str,
    columns: Sequence[SheetLine],
    choices: Sequence[SheetLine],
    register_line: SheetLine | None,
    errors: list[str],
) -> Form:
    """Build the form ``title``; ``register_line`` is None for the task ledger."""
    lines_by_table = {
        "columns": [line for line in columns if line.get_text("表单") == title],
        "choices": [line for line in choices if line.get_text("表单") == title],
    }
    ledger = forms.load_factory_ledger()
    key = (register_line.get_text("代号") if register_line else "") or title
    form_key = key if register_line or title != ledger.title else ledger.key
    records = [_make_column_record(line, form_key) for line in lines_by_table["columns"]]
    form, form_errors = forms.build_form(
        form_key,
        title,
        records,
        [_make_record(line, forms.CHOICE_FIELDS) for line in lines_by_table["choices"]],
        _read_register_settings(register_line, records, errors)
        if register_line
        else RegisterSettings(),
    )
    headers_by_key = {**forms.COLUMN_FIELDS, **forms.CHOICE_FIELDS}
    for form_error in form_errors:
        line = lines_by_table[form_error.table][form_error.row]
        header = headers_by_key[form_error.key]
        errors.append(f"{line.describe_cell(header)}（{header}）：{form_error.message}")
    has_exclusions = any(
        forms.COLUMN_FIELDS["excluded"] in line.columns for line in lines_by_table["columns"]
    )
    if form_errors:
        return form
    form = widen_columns(forms.inherit_empty_answers(form))
    return form if has_exclusions else forms.inherit_exclusions(form)


# The least width of a column by its type: of dates, as wide as one (2022-10-31).
_LEAST_WIDTHS = {ColumnType.DATE: compute_number_width(len("2022-10-31"))}


def widen_columns(form: Form) -> Form:
    """Widen the columns that would show ######## instead of a date.

    An issued form stays as it is: its version is computed from the widths too.
    """
    columns = tuple(
        replace(column, width=max(column.width, _LEAST_WIDTHS.get(column.kind, 0.0)))
        for column in form.columns
    )
    return replace(form, columns=columns)


def _read_register_settings(
    line: SheetLine, records: Sequence[Mapping[str, object]], errors: list[str]
) -> RegisterSettings:
    """Return the settings in a line of 登记簿; ``records`` are those of the register's columns."""
    keys_by_header = {str(record["header"]): str(record["key"]) for record in records}
    identity_headers = split_names(line.get_text("识别栏目"))
    errors.extend(
        f"{line.describe_cell('识别栏目')}：“{name}”不是这本登记簿的栏目，请改正。"
        for name in identity_headers
        if name not in keys_by_header
    )
    rows = line.get_text("空白行数")
    if not rows.isdecimal() or not 1 <= int(rows) <= _MAX_REGISTER_ROWS:
        errors.append(
            f"{line.describe_cell('空白行数')}：要填 1 到 {_MAX_REGISTER_ROWS} 之间的整数。"
        )
        rows = "1"
    identity = tuple(keys_by_header[name] for name in identity_headers if name in keys_by_header)
    return RegisterSettings(int(rows), identity, line.get_text("用途"))


def read_section_registers(
    line: SheetLine, registers: Sequence[Form], errors: list[str]
) -> tuple[str, ...]:
    """Return the keys of the registers that a line of the 科室 sheet names."""
    keys_by_title = {form.title: form.key for form in registers}
    if schema.ALL_REGISTERS in (names := split_names(line.get_text("登记簿"))):
        return tuple(keys_by_title.values())
    errors.extend(
        f"{line.describe_cell('登记簿')}：“{name}”不在“登记簿”表中。"
        f"请写“登记簿”表中的名称，或写“{schema.ALL_REGISTERS}”。"
        for name in names
        if name not in keys_by_title
    )
    return tuple(key for title, key in keys_by_title.items() if title in names)


def _make_column_record(line: SheetLine, form_key: str) -> dict[str, object]:
    """Return the record in a line of 字段.

    A book of before has no 个人信息 or no 年度判定: there the marks of the factory forms hold.
    """
    record = _make_record(line, forms.COLUMN_FIELDS)
    if forms.COLUMN_FIELDS["personal"] not in line.columns:
        is_marked = (form_key, record["key"]) in forms.list_factory_personal_columns()
        record["personal"] = forms.PERSONAL_WORD if is_marked else ""
    if forms.COLUMN_FIELDS["period"] not in line.columns:
        column = form_key, str(record["key"]), str(record["kind"])
        record["period"] = forms.map_factory_periods().get(column, "")
    return record


def _make_record(line: SheetLine, fields: Mapping[str, str]) -> dict[str, object]:
    """Return the record in a line; ``fields`` maps keys of records to headers."""
    return {key: line.get_text(header) for key, header in fields.items()}
