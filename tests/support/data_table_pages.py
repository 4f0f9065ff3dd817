"""Write the tables of docs/data-tables.md as the program defines them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledgerbook.data_tables.ledger_tables import LEDGER_TABLES, REGISTER_COLUMNS
from ledgerbook.data_tables.rollup_tables import ROLLUP_TABLES
from ledgerbook.export import SCHEMA, ExportColumn


def list_page_lines() -> Iterator[str]:
    """Yield headings and tables, in their order."""
    yield from _list_lines("tasks", "一个科室承担的一项任务", SCHEMA)
    for definition, _ in LEDGER_TABLES:
        yield from _list_lines(definition.name, definition.description, definition.columns)
    yield from _list_lines("register_…", "登记簿里的一条登记", REGISTER_COLUMNS)
    for definition, _ in ROLLUP_TABLES:
        heading = f"{definition.name}（合并多个单位的）"
        yield from _list_lines(heading, definition.description, definition.columns)


def _list_lines(name: str, description: str, columns: Sequence[ExportColumn]) -> Iterator[str]:
    yield f"### {name}"
    yield f"一行是{description}。"
    yield "| 列名 | 栏名 | 类型 | 内容 |"
    yield "|---|---|---|---|"
    yield from (f"| `{c.key}` | {c.header} | {c.type} | {c.description} |" for c in columns)
