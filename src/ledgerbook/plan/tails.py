"""Units and limits that stand in brackets, or on a line, at the end of a task's text.

做好政策解读。(责任单位:综合科;完成时限:6月底前)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledgerbook.plan.units import is_units_cell
from ledgerbook.plan.wording import narrow

_WHO = (
    r"(?:牵头|责任|负责|主办|承办|落实|配合|协办|实施|主责)(?:责任)?"
    r"(?:单位|科室|部门|处室|股室|处|科)|责任分工|责任人|牵头|主办|配合|协办"
)
_WHEN = r"(?:完成|办结|落实)?(?:时限|期限|时间)(?:要求|节点|安排)?|时间节点"
_LABEL = re.compile(rf"(?P<label>(?P<who>{_WHO})|(?P<when>{_WHEN}))\s*[:\uff1a]\s*")
_OPEN, _CLOSE = "(\uff08[【\u3014", ")\uff09]】\u3015"
_END = "。.;\uff1b \u3000\n"
_LEAD = re.compile(r"牵头|主办|主责")
_HELP = re.compile(r"配合|协办")
_VERB = re.compile(r"牵头|统筹|配合|协办|协助|会办|汇总|负责|落实|按.*职")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Tail:
    """A task's text and what stood at its end."""

    text: str
    units: str = ""
    limit: str = ""


def labelled_units(text: str) -> tuple[str, str] | None:
    """Read a cell that says 牵头单位:… and 配合单位:…: its units, then its limit."""
    return _labelled(text.strip())


def has_tail(text: str, *, said: bool = False) -> bool:
    """Whether units end ``text``; if ``said``, under a name or with what they do."""
    units = cut_tail(text).units
    told = bool(_LABEL.search(text) or _VERB.search(units))
    return bool(units) and (not said or told)


def has_labels(text: str) -> bool:
    """Whether ``text`` says nothing but who is responsible, and until when."""
    bare = text.strip()
    inside = bare[1:-1] if bare[:1] in _OPEN and bare[-1:] in _CLOSE else bare
    return len(bare) <= _LONGEST and _labelled(inside) is not None


def cut_tail(text: str) -> Tail:
    """Cut 责任单位 and 时限 off the end of ``text``, if they stand there."""
    cut = _bracket(text) or _line(text)
    return cut or Tail(text)


def _bracket(text: str) -> Tail | None:
    stripped = text.rstrip(_END)
    if not stripped or stripped[-1] not in _CLOSE:
        return None
    opening = _opening(stripped)
    if opening is None or len(stripped) - opening > _LONGEST:
        return None
    inside = stripped[opening + 1 : -1]
    before = stripped[:opening].rstrip()
    # A full stop after the bracket was that of the sentence before it.
    stop = "。" if "。" in text[len(stripped) :] and before[-1:] not in "。;" else ""
    if found := _labelled(inside):
        return Tail(before + stop, *found)
    if before and is_units_cell(narrow(inside).rstrip("。")) and len(inside) > 1:
        return Tail(before + stop, inside)
    return None


def _line(text: str) -> Tail | None:
    """Read labels that begin a line, or a sentence, after the text itself."""
    for label in _LABEL.finditer(text):
        before = text[: label.start()].rstrip(" \u3000")
        begins = before.endswith(("\n", "。", "\uff1b", ";"))
        if begins and (found := _labelled(text[label.start() :])):
            return Tail(before.rstrip(), *found)
    return None


def _opening(text: str) -> int | None:
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in _CLOSE) - (text[at] in _OPEN)
        if depth == 0:
            return at
    return None


def _labelled(text: str) -> tuple[str, str] | None:
    """Read 责任单位:… and 完成时限:… from ``text``, which they must fill."""
    labels = list(_LABEL.finditer(text))
    if not labels or labels[0].start() > 0 or not any(one["who"] for one in labels):
        return None
    ends = [*(one.start() for one in labels[1:]), len(text)]
    units: list[str] = []
    limits: list[str] = []
    several = sum(bool(one["who"]) for one in labels) > 1
    for label, end in zip(labels, ends, strict=True):
        value = text[label.end() : end].strip(f"{_END},\uff0c、")
        if label["when"]:
            limits.append(value)
        elif value:
            units.append(with_role(value, _role(label["label"], several=several)))
    return "\uff0c".join(units), "\uff0c".join(limits)


def _role(label: str, *, several: bool) -> str:
    if _LEAD.search(label):
        return "牵头"
    if _HELP.search(label):
        return "配合"
    return "落实" if several else ""


def with_role(units: str, role: str) -> str:
    """Say of ``units`` the role that their column gives, unless they say one."""
    bare = units.strip().rstrip("。;\uff1b")
    return f"{bare}{role}" if role and bare and not _VERB.search(bare) else units
