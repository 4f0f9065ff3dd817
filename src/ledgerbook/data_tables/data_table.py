"""Define a table for programs, and how one is made of items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ledgerbook.export import ExportColumn, ExportType, ExportValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table: its name for programs, what it is called in Chinese, its columns and rows.

    Rows are mappings from the keys of the columns to values, blanks left out or None; they
    may be an iterator, to be read once.
    """

    name: str
    title: str
    columns: tuple[ExportColumn, ...]
    rows: Iterable[Mapping[str, ExportValue]]


@dataclass(frozen=True, slots=True)
class DataField(Generic[T]):
    """A column of a table, and what it holds of an item."""

    column: ExportColumn
    get_value: Callable[[T], ExportValue]


@dataclass(frozen=True, slots=True)
class TableDefinition(Generic[T]):
    """A table whose columns are the same in every book.

    ``description`` says in Chinese what a row is.
    """

    name: str
    title: str
    description: str
    fields: tuple[DataField[T], ...]

    @property
    def columns(self) -> tuple[ExportColumn, ...]:
        return tuple(field.column for field in self.fields)

    def build(self, items: Iterable[T]) -> DataTable:
        """Return the table of ``items``, a row for each."""
        rows = ({f.column.key: f.get_value(item) for f in self.fields} for item in items)
        return DataTable(self.name, self.title, self.columns, rows)


def define_text(
    key: str, header: str, get_value: Callable[[T], str], description: str = ""
) -> DataField[T]:
    return DataField(ExportColumn(key, header, description=description), get_value)


def define_value(
    key: str,
    header: str,
    value_type: ExportType,
    get_value: Callable[[T], ExportValue],
    description: str = "",
) -> DataField[T]:
    """Return a field that holds a date, a time, a number or whether something is so."""
    return DataField(ExportColumn(key, header, value_type, description=description), get_value)
