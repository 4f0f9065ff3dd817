"""Define what a form is: columns, choices, conditions and rules for time limits.

A form is data. The factory definitions are the TOML files of ``templates/``; the office
changes them in the book. Columns and forms refer to each other by their keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ledgerbook.text import normalize


class ColumnType(StrEnum):
    """The type of the values of a column."""

    TEXT = "文本"
    LONG_TEXT = "长文本"
    CHOICE = "下拉选项"
    DATE = "日期"
    NUMBER = "数字"
    WHOLE_NUMBER = "整数"
    PHONE = "电话"


class Filler(StrEnum):
    """Who fills a column: written and locked when issued, or filled by the section."""

    OFFICIAL = "固定内容"
    SECTION = "科室填写"


class ColumnSource(StrEnum):
    """Where the text of an official column comes from."""

    NUMBER = "序号"
    ROW_CODE = "行码"
    REQUIREMENT = "工作要求"
    KEY_POINT = "工作要点"
    MEASURE = "计划措施"
    ROLES = "本科室职责"
    DEADLINE_TEXT = "时限"
    DUE_DATE = "完成期限"
    DUE_ALERT = "到期提醒"
    STATUTORY_DUE_DATE = "法定期限"
    PLAN_COLUMN = "方案其他栏"


def format_roles_field(section: str) -> str:
    """Return the name of the field that holds the roles of ``section`` in a task.

    It is used in the list of revisions (:class:`ledgerbook.model.Revision`).
    """
    return f"{ColumnSource.ROLES}（{section}）"


class PeriodRole(StrEnum):
    """What a column of a register tells of the year to which an entry belongs (年度判定).

    A matter has been RECEIVED and HANDLED on a day; OUTCOME is filled once it is handled, and
    CARRIED_OVER says 是 or 否. A document was ISSUED and REPEALED on a day; VALIDITY says whether
    it is in force. A figure counts a PERIOD. :mod:`ledgerbook.period` asks.
    """

    RECEIVED = "收到日"
    HANDLED = "办结日"
    OUTCOME = "办理结果"
    CARRIED_OVER = "上年结转"
    ISSUED = "制发日"
    REPEALED = "失效日"
    VALIDITY = "有效性"
    PERIOD = "统计期"


class StatusCategory(StrEnum):
    """What a status choice counts as, whatever the office calls it."""

    NOT_STARTED = "未开始"
    IN_PROGRESS = "进行中"
    COMPLETED = "已完成"
    ONGOING = "长期"
    NOT_APPLICABLE = "不涉及"

    @property
    def is_closed(self) -> bool:
        """Whether a task of this status can no longer become overdue."""
        return self in (
            StatusCategory.COMPLETED,
            StatusCategory.ONGOING,
            StatusCategory.NOT_APPLICABLE,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a drop-down list; ``meaning`` only for a status, ``note`` explains it."""

    value: str
    meaning: StatusCategory | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """A drop-down list, to which columns refer by its name."""

    name: str
    choices: tuple[Choice, ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    def find_choice(self, value: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.value == value), None)


# The choice list that no column offers: texts that are no answer where one is required. One
# with the meaning 不涉及 says that there is nothing; it is no answer beside a status that says
# that something was done, and a sound one elsewhere.
EMPTY_ANSWERS_LIST = "不算内容的词"
_SENTENCE_MARKS = "。.,;!、"


class ConditionKind(StrEnum):
    """The kinds of condition under which a column must be filled."""

    ALWAYS = "始终"
    OVERDUE = "逾期"
    EQUALS = "等于"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition under which a column must be filled, or must stay blank.

    ``EQUALS`` is met when the cell of ``column`` (a key) is one of ``values``; the other
    kinds use neither.
    """

    when: ConditionKind
    column: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """``days`` added to a limit when the cell of ``column`` (a key) is one of ``values``."""

    column: str
    values: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class DueRule:
    """When an entry of a register is due: ``days`` after the date in column ``start``.

    The start date itself does not count. Days are working days if ``working``, otherwise
    calendar days; ``extended`` adds days. The days of ``paused``, pairs of date columns
    (first, last), are not counted. If the column ``restart`` has a date, the limit begins
    anew there; the date in the column ``closed`` says when the entry was settled. All
    columns are named by their keys. Computed by :mod:`ledgerbook.statutory_limits`.
    """

    start: str
    days: int
    working: bool = True
    extended: tuple[Extension, ...] = ()
    paused: tuple[tuple[str, str], ...] = ()
    closed: str = ""
    restart: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form.

    ``width`` is in characters as Excel measures columns (ECMA-376 Part 1 §18.3.1.13);
    ``max_length`` is in characters. ``choices`` is the name of a choice list, ``required``
    the conditions under which the column must be filled, ``excluded`` those under which it
    must stay blank, and ``not_before`` the key of a column whose value this one must not be
    less than. ``due`` is the rule by which a 法定期限 is computed. ``is_personal`` marks personal
    data (个人信息), ``period`` what tells the year of an entry; two columns that differ in these
    alone are equal, as returns on either are.
    """

    key: str
    header: str
    kind: ColumnType
    filler: Filler
    width: float
    source: ColumnSource | None = None
    choices: str = ""
    max_length: int | None = None
    required: tuple[Condition, ...] = ()
    prompt: str = ""
    example: str = ""
    not_before: str = ""
    due: DueRule | None = None
    excluded: tuple[Condition, ...] = ()
    is_personal: bool = field(default=False, compare=False)
    period: PeriodRole | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that sections fill: its columns and their choice lists.

    The rows of the task ledger are the tasks of the book; its ``rows`` is 0. Any other
    form is a register: it is issued with ``rows`` blank rows, and two entries are about
    the same matter if they agree in the columns of ``identity`` (keys). ``purpose`` says
    what the register is for.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    choice_lists: tuple[ChoiceList, ...] = ()
    rows: int = 0
    identity: tuple[str, ...] = ()
    purpose: str = ""
    # Derived from the fields above, since they are looked up for every cell of every return.
    official_columns: tuple[Column, ...] = field(init=False, repr=False, compare=False)
    answer_columns: tuple[Column, ...] = field(init=False, repr=False, compare=False)
    _columns_by_key: dict[str, Column] = field(init=False, repr=False, compare=False)
    _choice_lists_by_name: dict[str, ChoiceList] = field(init=False, repr=False, compare=False)
    _status_column: Column | None = field(init=False, repr=False, compare=False)
    _empty_answers: dict[str, Choice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        columns_by_key = {column.key: column for column in reversed(self.columns)}
        choice_lists_by_name = {
            choice_list.name: choice_list for choice_list in reversed(self.choice_lists)
        }
        for attribute, value in (
            ("official_columns", self._select_columns(Filler.OFFICIAL)),
            ("answer_columns", self._select_columns(Filler.SECTION)),
            ("_columns_by_key", columns_by_key),
            ("_choice_lists_by_name", choice_lists_by_name),
            (
                "_empty_answers",
                {
                    _normalize_empty_answer(choice.value): choice
                    for choice_list in self.choice_lists
                    if choice_list.name == EMPTY_ANSWERS_LIST
                    for choice in choice_list.choices
                },
            ),
        ):
            object.__setattr__(self, attribute, value)
        status_columns = (
            column for column in self.answer_columns if self._has_status_categories(column)
        )
        object.__setattr__(self, "_status_column", next(status_columns, None))

    def _has_status_categories(self, column: Column) -> bool:
        """Return whether a column is a drop-down list of which any choice has a meaning."""
        choice_list = self._choice_lists_by_name.get(column.choices) if column.choices else None
        return column.kind is ColumnType.CHOICE and any(
            choice.meaning for choice in (choice_list.choices if choice_list else ())
        )

    def _select_columns(self, filler: Filler) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.filler is filler)

    @property
    def is_register(self) -> bool:
        return self.rows > 0

    @property
    def personal_columns(self) -> tuple[Column, ...]:
        """The columns that are marked as personal data (个人信息)."""
        return tuple(column for column in self.columns if column.is_personal)

    @property
    def period_columns(self) -> dict[PeriodRole, Column]:
        """The columns that tell the year of an entry, by what they tell."""
        return {column.period: column for column in self.columns if column.period}

    @property
    def due_columns(self) -> tuple[Column, ...]:
        """The columns that show the due date of an entry."""
        return tuple(column for column in self.columns if column.due)

    @property
    def tells_empty_answers(self) -> bool:
        """Whether the form has a list of texts that are no answers (不算内容的词)."""
        return bool(self._empty_answers)

    def is_empty_answer(self, text: str, required: Condition | None = None) -> bool:
        """Return whether ``text`` is of those that are no answers, whatever sign ends it.

        ``required`` is the condition by which an answer is required; one that says that there
        is nothing is sound unless a choice of the row requires it.
        """
        choice = self._empty_answers.get(_normalize_empty_answer(text))
        if choice is None or choice.meaning is not StatusCategory.NOT_APPLICABLE:
            return choice is not None
        return required is None or required.when is ConditionKind.EQUALS

    def get_column(self, key: str) -> Column:
        return self._columns_by_key[key]

    def get_choice_list(self, column: Column) -> ChoiceList:
        return self._choice_lists_by_name[column.choices]

    @property
    def status_column(self) -> Column:
        """The first answer column whose choices have meanings.

        Raises LookupError if the office removed it from the form.
        """
        if self._status_column is None:
            raise LookupError("the form has no status column")
        return self._status_column


# 见附件1, 详见附表二, 见佐证材料 3-1: which one it is is no content either.
_APPENDIX_NUMBER = re.compile(r"(?<=[件表料])[\d一二三四五六七八九十、,-]+$")


def _normalize_empty_answer(text: str) -> str:
    return _APPENDIX_NUMBER.sub("", normalize(text).strip(_SENTENCE_MARKS))
