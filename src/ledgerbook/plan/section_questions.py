"""Make the open questions (待确认) about the list of sections that a plan gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from ledgerbook.model import Question
from ledgerbook.plan.grid import ColumnRole, PlanItem, format_task_code
from ledgerbook.plan.responsible_units import AGENCY_PREFIXES, has_every_section

_MIN_SECTIONS = 2
# A longer list is not that of one agency, and would give questions by the hundred.
_MAX_COMPARED_SECTIONS = 200
# By how many characters one name of a section may be longer than another of it.
_MAX_LENGTH_DIFFERENCE = 3


def ask_about_sections(items: Sequence[PlanItem], sections: Sequence[str]) -> Iterator[Question]:
    """Ask once for each pair of names that may be one section, and for 各科室 of an unknown list.

    ``sections`` are all that the plan names and those that were given for it.
    """
    for names in _list_similar_names(sections):
        yield Question(
            task_codes=tuple(
                format_task_code(item.number)
                for item in items
                if any(name in item.units for name in names)
            ),
            field=ColumnRole.UNITS.value,
            current_value="、".join(names),
            reason=f"方案里既写“{names[0]}”，又写“{names[1]}”，可能是同一个科室，现在按两个科室分工。",
            advice="是同一个的，请在方案里统一成一个名称，再重新建台账；不是的，不用改。",
        )
    items_for_all = [item for item in items if has_every_section(item.units)]
    if items_for_all and len(sections) < _MIN_SECTIONS:
        yield Question(
            task_codes=tuple(format_task_code(item.number) for item in items_for_all),
            field=ColumnRole.UNITS.value,
            current_value=items_for_all[0].units,
            reason=f"方案把任务分给各科室，却只点名了{len(sections)}个科室，不知道还有哪些科室。",
            advice="请在“科室”表中补上所有科室，再在“分工”表中分给它们。",
        )


def _list_similar_names(sections: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names of which one may abbreviate the other: 局办 and 办公室."""
    if len(sections) <= _MAX_COMPARED_SECTIONS:
        for name, other in combinations(sections, 2):
            shorter, longer = sorted((_shorten(name), _shorten(other)), key=len)
            if _abbreviates(shorter, longer):
                yield name, other


def _shorten(name: str) -> str:
    """Return a name without the word for the agency, and with 办 for 办公室."""
    prefix = next((prefix for prefix in AGENCY_PREFIXES if name.startswith(prefix)), "")
    return name.removeprefix(prefix).removesuffix("公室") or name


def _abbreviates(shorter: str, longer: str) -> bool:
    """Return whether ``shorter`` is the end of ``longer``, or first characters of its words."""
    if shorter == longer:
        return True
    if len(shorter) < _MIN_SECTIONS or len(longer) - len(shorter) > _MAX_LENGTH_DIFFERENCE:
        return False
    if longer.endswith(shorter):
        return True
    remaining = iter(longer)
    is_subsequence = all(character in remaining for character in shorter)
    return is_subsequence and (shorter[0], shorter[-1]) == (longer[0], longer[-1])
