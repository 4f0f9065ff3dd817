"""Find the title of a plan, and the agency and the year in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledgerbook.chinese_numerals import DIGITS, ZERO_LOOKALIKES, ZEROS, convert_digits
from ledgerbook.plan.text_repair import format_official

_MAX_LENGTH = 80
_YEAR_PATTERN = re.compile(
    rf"(?P<year>(?:19|20)\d\d|二[{ZEROS}{ZERO_LOOKALIKES}0][{DIGITS}{ZEROS}]{{2}})年"
)

_AGENCY_ENDINGS = (
    "局|委|办|厅|院|署|部|会|府|中心|街道|办事处|办公室|集团|公司|大学|学院|医院|银行"
    "|镇|乡|县|区|市|村|社区|学校|中学|小学|幼儿园|馆|队|站|所|处"
)
_AGENCY_PATTERN = re.compile(
    rf"(?P<agency>(?!全[市省县区镇局]|我[市省县区镇局])[\u4e00-\u9fff]{{1,30}}?(?:{_AGENCY_ENDINGS}))"
    rf"(?=[《“]|关于|印发|贯彻|落实|推进|\d{{4}}|二[{ZEROS}]|政务公开|政府信息|重点|工作要点)"
)
_PLAN_ENDING = re.compile(
    r"(?:方案|分工|要点|台账|清单|分解|任务|安排|计划|一览|措施|责任)"
    r"(?:表)?$"
)

# What web sites and offices write before and after a title.
_TITLE_DECORATION = re.compile(
    r"^[\s《“]*(?:\d{1,3}、)?(?:附件\d*[:\uff1a]?)?|[》”\s]*(?:\.docx?)?[》”\s]*$"
)


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a plan; blank or ``None`` is what it does not name."""

    text: str = ""
    agency: str = ""
    year: int | None = None


def read_title(candidates: Iterable[str]) -> Title:
    """Return the title among ``candidates`` that names most; of equal ones the first."""
    titles = [_parse_title(line) for line in candidates]
    return max(titles, key=_count_facts, default=Title())


def _parse_title(line: str) -> Title:
    """Return the title that ``line`` is; a blank one if it does not end like a title."""
    text = format_official(_TITLE_DECORATION.sub("", line.strip()))
    if len(text) > _MAX_LENGTH or not _PLAN_ENDING.search(text):
        return Title()
    year = _YEAR_PATTERN.search(text)
    begins_with_year = year is not None and year.start() == 0
    agency = _AGENCY_PATTERN.search(
        _YEAR_PATTERN.sub("", text, count=1) if begins_with_year else text
    )
    return Title(
        text=text,
        agency=agency["agency"] if agency else "",
        year=int(convert_digits(year["year"])) if year else None,
    )


def _count_facts(title: Title) -> int:
    """Return how many of text, agency and year a title names."""
    return bool(title.text) + bool(title.agency) + (title.year is not None)
