"""State the announcement of a round once, for the mail drafts and the notice (填报通知).

Also the mail addresses that the book has for sections: parsed and checked here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledgerbook.model import Book, Round, Section
from ledgerbook.text import format_chinese_date

_ADDRESS_SEPARATORS = re.compile("[;\uff1b,\uff0c、\\s]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ANGLE_ADDRESS = re.compile(
    "[^;\uff1b,\uff0c、<>\uff1c\uff1e]*[<\uff1c]([^<>\uff1c\uff1e]+)[>\uff1e]"
)
_NO_ADDRESS = {"无", "没有", "—", "-", "/"}

_FILLING_STEPS = (
    "只填白色格子，黄色的必填；有下拉框的请点选。",
    "任务台账不要增删行列、排序，也不要另建新表；登记簿的行不够时可以插入行。",
    "确实没有内容可报的，在表上方“无内容可报”右边的格子里选“是”，其余不用填，照样交回。",
    "填完保存为 .xlsx 格式；文件可以改名。",
)
# Where the tables are prefilled with what the sections have returned before.
_EARLIER_ANSWERS_STEP = (
    "以前报过的内容已经填在表里，请逐项核对：没有变化的不用动，有变化的改成最新情况。"
)


@dataclass(frozen=True, slots=True)
class CoverNote:
    """The announcement of a round, as phrases for the mails and the notice.

    It states no more than the book contains, and whether the tables hold answers of earlier
    rounds (``has_earlier_answers``).
    """

    book: Book
    round: Round
    issued_on: date
    has_earlier_answers: bool = False

    @property
    def filling_steps(self) -> tuple[str, ...]:
        """How to fill the tables, a sentence a step."""
        return (*([_EARLIER_ANSWERS_STEP] if self.has_earlier_answers else ()), *_FILLING_STEPS)

    @property
    def subject(self) -> str:
        return f"{self.book.year}年{self.book.task_form.title}（{self.round.name}）"

    @property
    def title(self) -> str:
        return f"关于填报{self.book.year}年{self.book.task_form.title}的通知"

    @property
    def basis(self) -> str:
        plan = self.book.plan_title.strip().strip("《》")
        return f"根据《{plan}》" if plan else f"根据年度{self.book.work_name}工作安排"

    @property
    def due_sentence(self) -> str:
        due_date, office = self.round.due, self.book.office
        if due_date is None:
            return f"请填好后交回{office}，时间另行通知"
        return f"请于{format_chinese_date(due_date)}前交回{office}"

    @property
    def issue_date_text(self) -> str:
        return format_chinese_date(self.issued_on)

    @property
    def sender(self) -> str:
        return f"{self.book.agency}{self.book.office}"

    @property
    def contact_sentence(self) -> str:
        """Contact, telephone and mail address of the office, as far as the book has them."""
        return "，".join(f"{label}：{value}" for label, value in self.contact_details if value)

    @property
    def contact_details(self) -> tuple[tuple[str, str], ...]:
        """Label and value of each way to reach the office; a value may be blank."""
        offices = (section for section in self.book.sections if section.name == self.book.office)
        office = next(offices, Section(self.book.office))
        return (
            ("联系人", office.contact),
            ("电话", office.phone),
            ("电子邮箱", "；".join(parse_addresses(office.email)[0])),
        )


def parse_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the valid mail addresses in the text of a cell, and the pieces that are none."""
    candidates = list(_split_addresses(text))
    valid = (candidate for candidate in candidates if _ADDRESS.fullmatch(candidate))
    return tuple(dict.fromkeys(valid)), tuple(
        candidate for candidate in candidates if not _ADDRESS.fullmatch(candidate)
    )


def _split_addresses(text: str) -> Iterator[str]:
    if text.strip() in _NO_ADDRESS:
        return
    # As Outlook copies it, with the name before: 张三 <zhangsan@example.cn>.
    for piece in _ADDRESS_SEPARATORS.split(_ANGLE_ADDRESS.sub(r" \1 ", text)):
        address = unicodedata.normalize("NFKC", piece).strip("<>").removeprefix("mailto:")
        if address:
            yield address
