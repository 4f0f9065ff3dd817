"""The mail addresses in the book: whether each of them is one."""

from __future__ import annotations

from pathlib import Path

from ledgerbook.book import layout as sheets
from ledgerbook.book.table import open_book, table
from ledgerbook.cover import addresses
from ledgerbook.errors import InputError

_HEADER = "电子邮箱"


def check_addresses(path: Path) -> None:
    """Raise InputError that names every cell with something that is no address.

    Asked only by who writes to them: a book is good for all else without.
    """
    slips: list[str] = []
    for line in table(open_book(path), sheets.SECTIONS, slips):
        _, wrong = addresses(line.text(_HEADER))
        slips.extend(
            f"{line.at(_HEADER)}：“{one}”不是电子邮箱地址。"
            "请改成 name@example.cn 的样子，有几个的用分号隔开；没有的空着。"
            for one in wrong
        )
    if slips:
        raise InputError(
            f"台账“{path.name}”的“科室”表有 {len(slips)} 处电子邮箱要先改正，"
            "改好保存后再运行：",
            slips,
        )
