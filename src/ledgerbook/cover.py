"""What the office writes when a round goes out: one set of words for all who need it.

The cover note and the mail drafts say the same, and no more than the book knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledgerbook.model import Book, Round, Section
from ledgerbook.text import chinese_date

_PARTED = re.compile("[;\uff1b,\uff0c、\\s]+")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
)
_NAMED = re.compile(
    "[^;\uff1b,\uff0c、<>\uff1c\uff1e]*[<\uff1c]([^<>\uff1c\uff1e]+)[>\uff1e]"
)
_NONE = {"无", "没有", "—", "-", "/"}

STEPS = (
    "只填白色格子，黄色的必填；有下拉框的请点选。",
    "任务台账不要增删行列、排序，也不要另建新表；登记簿的行不够时可以插入行。",
    "确实没有内容可报的，在表上方“无内容可报”右边的格子里选“是”，其余不用填，照样交回。",
    "填完保存为 .xlsx 格式；文件可以改名。",
)


@dataclass(frozen=True, slots=True)
class Cover:
    """A round as it is announced, in phrases that make up its sentences."""

    book: Book
    round: Round
    issued_on: date

    @property
    def what(self) -> str:
        return f"{self.book.year}年{self.book.form.title}（{self.round.name}）"

    @property
    def title(self) -> str:
        return f"关于填报{self.book.year}年{self.book.form.title}的通知"

    @property
    def basis(self) -> str:
        plan = self.book.plan_title.strip().strip("《》")
        return f"根据《{plan}》" if plan else "根据年度政务公开工作安排"

    @property
    def due(self) -> str:
        day, office = self.round.due, self.book.office
        if day is None:
            return f"请填好后交回{office}，时间另行通知"
        return f"请于{chinese_date(day)}前交回{office}"

    @property
    def day(self) -> str:
        return chinese_date(self.issued_on)

    @property
    def sender(self) -> str:
        return f"{self.book.agency}{self.book.office}"

    @property
    def reach(self) -> str:
        """Say whom to ask and where to send it, as far as the book knows."""
        return "，".join(f"{label}：{said}" for label, said in self.contact if said)

    @property
    def contact(self) -> tuple[tuple[str, str], ...]:
        found = (s for s in self.book.sections if s.name == self.book.office)
        office = next(found, Section(self.book.office))
        return (
            ("联系人", office.contact),
            ("电话", office.phone),
            ("电子邮箱", "；".join(addresses(office.email)[0])),
        )


def addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part the mail addresses of a cell; return those that are, and what is none."""
    told = list(_told(text))
    good = (one for one in told if _ADDRESS.fullmatch(one))
    return tuple(dict.fromkeys(good)), tuple(
        one for one in told if not _ADDRESS.fullmatch(one)
    )


def _told(text: str) -> Iterator[str]:
    if text.strip() in _NONE:
        return
    # As Outlook copies it, with the name before: 张三 <zhangsan@example.cn>.
    for piece in _PARTED.split(_NAMED.sub(r" \1 ", text)):
        one = unicodedata.normalize("NFKC", piece).strip("<>").removeprefix("mailto:")
        if one:
            yield one
