"""The grammar of 责任单位: who is named, in which role.

    cell    = clause { (, ; 。) clause }
    clause  = names [ verbs ] { names [ verbs ] }
    names   = name [ (verbs) ] { (、 space 和 及 与) name [ (verbs) ] }

A list of names shares the verb that follows it in its clause, a verb in brackets is
that of the one name before it, and names without a verb implement. ``各科室`` is
every section. Whatever is no section of ours is returned as found: nobody is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from ledgerbook.model import Assignment, Role
from ledgerbook.plan.wording import narrow, without_noise
from ledgerbook.text import squash

# Verbs that name a role outright, and verbs that only say "do it": in a run such as
# 负责汇总 or 牵头落实 the first kind decides.
_ROLE_VERBS: Mapping[str, Role] = MappingProxyType(
    {
        "牵头": Role.LEAD,
        "统筹": Role.LEAD,
        "配合": Role.SUPPORT,
        "会办": Role.SUPPORT,
        "协助": Role.SUPPORT,
        "协办": Role.SUPPORT,
        "汇总": Role.COMPILE,
    }
)
_PLAIN_VERBS = ("落实", "负责", "实施", "办理", "承办", "完成", "推进")
_FILLERS = ("分别", "共同", "具体", "协调", "组织", "抓好", "做好", "各自", "工作")

# 按职责, 按照职能, 按各自职责分工, 按有关要求, …
_MANNER = (
    r"(?:按照|按|依照|依据|依|根据|结合)"
    r"(?:各自|本科室|有关|相关|工作)*(?:职责|职能|分工|要求|任务)+"
)

_BODY = r"(?:科\(室\)|科室|处\(室\)|处室|股室|部门)"
_ALL = rf"(?:局|委|办|厅|机关|本局|全局)?(?:各|所有|全体|全部){_BODY}"
_VAGUE = (
    r"(?:其他|其余|各|所有)?(?:相关|有关|责任|业务|职能|涉及|其他|其余)"
    rf"(?:的)?(?:责任|业务|职能)?(?:{_BODY}|单位|科|处)"
    r"|等(?:(?:相关|有关|责任)?(?:科室|处室|部门|单位))?"
)

# The last character of an office's name.
NAME_ENDS = "科室处股办部队站所院局委组"
_NAME_ENDINGS = (*NAME_ENDS, "中心")
_LONGEST_NAME = 12
_LONGEST_CELL = 300

# Between two names a space or a line break is a separator; anywhere else it is what
# a wrapped line left behind.
GAP = re.compile(rf"(?<=[{NAME_ENDS}心])\s+(?=[\u4e00-\u9fff])(?!室)")


class _Kind(Enum):
    CLAUSE = auto()
    LIST = auto()
    VERB = auto()
    OWN_VERB = auto()
    ALL = auto()
    VAGUE = auto()
    NAME = auto()
    UNKNOWN = auto()


_NAMED = frozenset({_Kind.NAME, _Kind.ALL, _Kind.VAGUE, _Kind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Mention:
    token: _Token
    role: Role


@dataclass(frozen=True, slots=True)
class Units:
    """Who owes a task what; ``unknown`` and ``vague`` await the office's word."""

    assignments: tuple[Assignment, ...]
    unknown: tuple[str, ...]
    vague: tuple[str, ...]


def parse_units(text: str, sections: Sequence[str]) -> Units:
    """Read a cell of 责任单位, where ``sections`` are those of the agency.

    Assignments come in the order of ``sections``, then of roles, each once.
    """
    mentions = tuple(_mentions(_tokens(text, sections)))
    by_spelling = {squash(section): section for section in sections}
    held = {
        (section, mention.role)
        for mention in mentions
        for section in _meant(mention.token, by_spelling)
    }
    return Units(
        assignments=tuple(
            Assignment(section, role)
            for section in dict.fromkeys(sections)
            for role in Role
            if (section, role) in held
        ),
        unknown=_texts(mentions, _Kind.UNKNOWN),
        vague=_texts(mentions, _Kind.VAGUE),
    )


def named_sections(texts: Iterable[str]) -> tuple[str, ...]:
    """List the sections that cells of 责任单位 name, in order of first mention.

    各科室 and its like name none.
    """
    names = (name for text in texts for name in parse_units(text, ()).unknown)
    return tuple(dict.fromkeys(name for name in names if _looks_like_a_name(name)))


def is_units_cell(text: str, sections: Sequence[str] = ()) -> bool:
    """Whether all of ``text`` reads as a cell of 责任单位.

    Without ``sections`` any name of the right shape will do.
    """
    if len(text) > _LONGEST_CELL:
        return False
    mentions = tuple(_mentions(_tokens(text, sections)))
    strangers = _texts(mentions, _Kind.UNKNOWN)
    if sections:
        return bool(mentions) and not strangers
    return bool(mentions) and all(map(_looks_like_a_name, strangers))


def units_wording(text: str) -> str:
    """``text`` on one line, with a single space where only a gap parts two names."""
    first, *others = GAP.split(narrow(text).strip())
    joined = without_noise(first)
    for part in map(without_noise, others):
        joined += part if re.match(_VERBS, part) else f" {part}"
    return joined


def name_starts(text: str, sections: Collection[str]) -> tuple[int, ...]:
    """Where in ``text`` a section, or a word for sections, begins."""
    words = "|".join((*map(re.escape, sections), _ALL, _VAGUE))
    return tuple(found.start() for found in re.finditer(words, text))


def _meant(token: _Token, by_spelling: Mapping[str, str]) -> Iterable[str]:
    if token.kind is _Kind.ALL:
        return by_spelling.values()
    return [by_spelling[token.text]] if token.kind is _Kind.NAME else ()


def _texts(mentions: Iterable[_Mention], kind: _Kind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.token.text for m in mentions if m.token.kind is kind))


def _looks_like_a_name(text: str) -> bool:
    return (
        1 < len(text) <= _LONGEST_NAME
        and text.endswith(_NAME_ENDINGS)
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
    )


# ── from tokens to mentions ──────────────────────────────────────────────────────


def _mentions(tokens: Iterable[_Token]) -> Iterator[_Mention]:
    """Give each name the role of the verbs that follow it.

    A verb with no names of its own (综合科牵头,并汇总) adds to the last ones.
    """
    waiting: list[_Token] = []
    subject: list[_Token] = []
    for token in (*tokens, _Token(_Kind.CLAUSE, "")):
        if token.kind in _NAMED:
            waiting.append(token)
        elif token.kind is _Kind.VERB:
            subject, waiting = waiting or subject, []
            for role in _roles_in(token.text):
                yield from (_Mention(named, role) for named in subject)
        elif token.kind is _Kind.OWN_VERB and waiting:
            named = waiting.pop()
            yield from (_Mention(named, role) for role in _roles_in(token.text))
        elif token.kind is _Kind.CLAUSE and waiting:
            subject, waiting = waiting, []
            yield from (_Mention(named, Role.IMPLEMENT) for named in subject)


def _roles_in(verbs: str) -> tuple[Role, ...]:
    roles = dict.fromkeys(role for verb, role in _ROLE_VERBS.items() if verb in verbs)
    return tuple(roles) or (Role.IMPLEMENT,)


# ── from text to tokens ──────────────────────────────────────────────────────────

_VERBS = rf"(?:{_MANNER}|{'|'.join((*_ROLE_VERBS, *_PLAIN_VERBS, *_FILLERS))})++"
_OWN_VERB = rf"\({_VERBS}\)"
_CLAUSE = r"[,;。.!]+"
_LIST = r"[、/ ]+|以及|和|及|与|并且|并|兼"
_SHAPE = rf"[\u4e00-\u9fff]{{1,{_LONGEST_NAME - 1}}}?(?:{'|'.join(_NAME_ENDINGS)})"


def _tokens(text: str, sections: Collection[str]) -> Iterator[_Token]:
    """Cut a cell into tokens, the longest section first.

    A name counts only when it is whole, up to the next token: the 综合科 in
    市财政局综合科 is somebody else's.
    """
    rest = " ".join(squash(part) for part in GAP.split(text.strip()))
    words = _words(sections)
    after_name = ((_Kind.VERB, re.compile(_VERBS)), *words)
    previous = _Kind.CLAUSE
    while rest:
        # A verb straight after a name needs no more; at the start of a clause it may
        # be the beginning of a name (统筹协调科).
        token = _next_token(rest, after_name if previous in _NAMED else words)
        yield token
        previous = token.kind
        rest = rest[len(token.text) :]


_Words = tuple[tuple[_Kind, re.Pattern[str]], ...]


def _next_token(text: str, words: _Words) -> _Token:
    found = ((kind, pattern.match(text)) for kind, pattern in words)
    return next(_Token(kind, match[0]) for kind, match in found if match)


def _words(sections: Collection[str]) -> _Words:
    """List the kinds of token in the order tried; the last always fits."""
    longest_first = sorted(map(squash, sections), key=len, reverse=True)
    ours = "|".join(map(re.escape, longest_first)) or r"(?!)"
    stop = rf"(?=\Z|{_CLAUSE}|{_LIST}|{_VERBS}|{_OWN_VERB}|{_ALL}|{_VAGUE})"
    whole = rf"(?={ours}|{stop})"
    table = (
        (_Kind.NAME, rf"(?:{ours}){whole}"),
        (_Kind.CLAUSE, _CLAUSE),
        (_Kind.LIST, _LIST),
        (_Kind.ALL, _ALL + whole),
        (_Kind.VAGUE, rf"(?:{_VAGUE}){whole}"),
        (_Kind.OWN_VERB, _OWN_VERB),
        (_Kind.VERB, _VERBS + whole),
        (_Kind.UNKNOWN, rf"{_SHAPE}{stop}|.+?{stop}"),
    )
    return tuple((kind, re.compile(pattern)) for kind, pattern in table)
