"""Forms in files: the factory definitions, and what an issued workbook carries."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ledgerbook.disk.resources import resource
from ledgerbook.errors import InputError
from ledgerbook.forms.build import Manner, build_form
from ledgerbook.forms.records import (
    choice_records,
    column_record,
)
from ledgerbook.model import (
    Form,
)

_ENTRIES = {"key", "title", "columns", "choices", "rows", "identity", "purpose"}


def factory_forms() -> tuple[Form, ...]:
    """Return the forms of ``templates/``, the task ledger first.

    Raises InputError when a template is not a sound form.
    """
    return (factory_ledger(), *map(_load, _registers()))


def factory_ledger() -> Form:
    """Return the task ledger's own definition. Raises InputError."""
    return _load("templates/task-ledger.toml")


def _load(name: str) -> Form:
    return load_form(resource(name).read_text("utf-8"))


def _registers() -> Iterator[str]:
    folder = resource("templates/registers")
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name.endswith(".toml"):
            yield f"templates/registers/{name}"


def load_form(text: str) -> Form:
    """Read one TOML definition. Raises InputError naming every mistake."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"表单定义不是正确的 TOML 文件：{error}。") from error
    if set(table) - _ENTRIES or not {"key", "title", "columns"} <= set(table):
        raise InputError(
            "表单定义要有 key、title、columns 三项，可有 choices、rows、identity、"
            "purpose，没有别的。"
        )
    form, slips = build_form(
        table["key"],
        table["title"],
        table["columns"],
        table.get("choices", []),
        Manner(
            int(table.get("rows", 0)),
            tuple(table.get("identity", ())),
            str(table.get("purpose", "")),
        ),
    )
    if slips:
        raise InputError(
            f"表单定义“{table['title']}”有 {len(slips)} 处错误：",
            [f"{s.table} 第 {s.row + 1} 项 {s.key}：{s.sentence}" for s in slips],
        )
    return form


def to_json(form: Form) -> str:
    """Write ``form`` as the records of ``templates/``, for a workbook to carry."""
    return json.dumps(
        {
            "key": form.key,
            "title": form.title,
            "columns": [column_record(column, form) for column in form.columns],
            "choices": list(choice_records(form)),
            "rows": form.rows,
            "identity": list(form.identity),
            "purpose": form.purpose,
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> Form | None:
    """Read what :func:`to_json` wrote; None when it is damaged."""
    try:
        table = json.loads(text)
        form, slips = build_form(
            str(table["key"]),
            str(table["title"]),
            table["columns"],
            table["choices"],
            Manner(
                int(table.get("rows", 0)),
                tuple(map(str, table.get("identity", ()))),
                str(table.get("purpose", "")),
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None if slips else form


@lru_cache(maxsize=64)
def version(form: Form) -> str:
    """Eight hex digits that change whenever the definition does."""
    said = {one.name for one in dataclasses.fields(form) if one.init}
    told = {k: v for k, v in dataclasses.asdict(form).items() if k in said}
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:8]
