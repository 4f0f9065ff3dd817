"""The grammar of 责任单位: who is named, in which role.

    cell    = clause { (, ; 。) clause }
    clause  = names [ verbs ] { names [ verbs ] }
    names   = name [ (verbs) ] { (、 space 和 及 与) name [ (verbs) ] }

A list of names shares the verb that follows it in its clause, a verb in brackets is
that of the one name before it, and names without a verb implement. ``负责`` alone
leads, unless somebody else does or it is said of everybody. ``各科室`` is every
section, ``其他科室`` every one that the cell does not name, ``除…外各科室`` all others.
Whatever is no section of ours is returned as found: nobody is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledgerbook.model import Assignment, Role
from ledgerbook.plan.unit_tokens import (
    ALL,
    EXCEPT,
    GAP,
    LONGEST_NAME,
    MANY,
    NAME_ENDINGS,
    NAMED,
    ROLE_VERBS,
    VAGUE,
    VERBS,
    Token,
    TokenKind,
    tokens,
)
from ledgerbook.plan.wording import narrow, without_noise
from ledgerbook.text import squash

_LONGEST_CELL = 300


@dataclass(frozen=True, slots=True)
class _Mention:
    """``mild`` is a lead that 负责 alone gives, and a 牵头 elsewhere takes away."""

    token: Token
    role: Role
    mild: bool = False


@dataclass(frozen=True, slots=True)
class Units:
    """Who owes a task what; ``unknown`` and ``vague`` await the office's word.

    ``roles`` are those in which the vague ones stand, in Role order.
    """

    assignments: tuple[Assignment, ...]
    unknown: tuple[str, ...]
    vague: tuple[str, ...]
    roles: tuple[Role, ...] = ()


def parse_units(
    text: str, sections: Sequence[str], aliases: Mapping[str, str] | None = None
) -> Units:
    """Read a cell of 责任单位, where ``sections`` are those of the agency.

    ``aliases`` are other names of sections. Assignments come in the order of
    ``sections``, then of roles, each once.
    """
    other = tuple((aliases or {}).items())
    by_spelling = _spellings(tuple(sections), other)
    said = tuple(_mentions(tokens(text, by_spelling)))
    mentions = tuple(_settled(said, by_spelling))
    named = {
        by_spelling[m.token.text] for m in mentions if m.token.kind is TokenKind.NAME
    }
    held = {
        (section, mention.role)
        for mention in mentions
        for section in _meant(mention.token, by_spelling, named)
    }
    open_roles = {m.role for m in mentions if m.token.kind is TokenKind.VAGUE}
    return Units(
        assignments=tuple(
            Assignment(section, role)
            for section in dict.fromkeys(sections)
            for role in Role
            if (section, role) in held
        ),
        unknown=_texts(mentions, TokenKind.UNKNOWN),
        vague=_texts(mentions, TokenKind.VAGUE) or _nobody(text, mentions),
        roles=tuple(role for role in Role if role in open_roles),
    )


def _nobody(text: str, mentions: Sequence[_Mention]) -> tuple[str, ...]:
    """Return words that name nobody: 见附件1 is not blank."""
    said = text.strip()
    return (said,) if not mentions and re.search(r"[\u4e00-\u9fff]", said) else ()


# What may stand before a section's name without making it another one.
_OWN = ("局机关", "本局", "市局", "机关", "局")


# A plan asks for the same sections again and again.
@lru_cache(maxsize=8)
def _spellings(
    sections: tuple[str, ...], aliases: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    """Return every spelling of every section: its own, its aliases, 局办公室."""
    names = [section for section in sections if section.strip()]
    spelled = {squash(name): name for name in names}
    for alias, section in aliases:
        spelled.setdefault(squash(alias), section)
    for plain, name in list(spelled.items()):
        for own in _OWN:
            spelled.setdefault(own + plain, name)
            bare = plain.removeprefix(own)
            if bare in OFFICES:
                spelled.setdefault(bare, name)
    return spelled


# Offices so called whatever the agency: 办公室 is 局办公室.
OFFICES = ("办公室", "秘书科", "秘书处", "综合科", "综合处", "机关党委")


def _settled(
    mentions: Iterable[_Mention], by_spelling: Mapping[str, str]
) -> Iterator[_Mention]:
    """Decide what depends on the whole cell: 负责 alone, and 其他科室."""
    said = tuple(mentions)
    led = any(m.role is Role.LEAD and not m.mild for m in said)
    named = any(m.token.kind is TokenKind.NAME for m in said)
    for one in said:
        token, role = one.token, one.role
        if one.mild and (led or token.kind in MANY):
            role = Role.IMPLEMENT
        nobody = token.kind is TokenKind.OTHERS and not named
        strange = token.kind is TokenKind.EXCEPT and not _excepted(token, by_spelling)
        if nobody or strange:
            token = Token(TokenKind.VAGUE, token.text)
        yield _Mention(token, role)


def _excepted(token: Token, by_spelling: Mapping[str, str]) -> frozenset[str]:
    """Return the sections that 除…外 leaves out; none if it names anything else."""
    found = re.match(EXCEPT, token.text)
    inside = tokens(found["excepted"], by_spelling) if found else ()
    said = [one for one in inside if one.kind in NAMED]
    if any(one.kind is not TokenKind.NAME for one in said):
        return frozenset()
    return frozenset(by_spelling[one.text] for one in said)


def named_sections(
    texts: Iterable[str], known: Collection[str] = ()
) -> tuple[str, ...]:
    """List the sections that cells of 责任单位 name, in order of first mention.

    各科室 and its like name none; 局办公室 is no other than a 办公室, named here or
    ``known``.
    """
    names = (name for text in texts for name in parse_units(text, ()).unknown)
    found = dict.fromkeys(name for name in names if _looks_like_a_name(name))
    return tuple(
        name
        for name in found
        if not any(name == own + other for own in _OWN for other in (*found, *known))
    )


def is_units_cell(text: str, sections: Sequence[str] = ()) -> bool:
    """Whether all of ``text`` reads as a cell of 责任单位.

    Without ``sections`` any name of the right shape will do.
    """
    if len(text) > _LONGEST_CELL:
        return False
    mentions = tuple(_mentions(tokens(text, sections)))
    strangers = _texts(mentions, TokenKind.UNKNOWN)
    if sections:
        return bool(mentions) and not strangers
    return bool(mentions) and all(map(_looks_like_a_name, strangers))


def units_wording(text: str) -> str:
    """``text`` on one line, with a single space where only a gap parts two names."""
    first, *others = GAP.split(narrow(text).strip())
    joined = without_noise(first)
    for part in map(without_noise, others):
        joined += part if re.match(VERBS, part) else f" {part}"
    return joined


def name_starts(text: str, sections: Collection[str]) -> tuple[int, ...]:
    """Where in ``text`` a section, or a word for sections, begins."""
    words = "|".join((*map(re.escape, sections), ALL, VAGUE))
    return tuple(found.start() for found in re.finditer(words, text))


def _meant(
    token: Token, by_spelling: Mapping[str, str], named: Collection[str]
) -> Iterable[str]:
    every = dict.fromkeys(by_spelling.values())
    match token.kind:
        case TokenKind.ALL:
            return every
        case TokenKind.OTHERS:
            return [section for section in every if section not in named]
        case TokenKind.EXCEPT:
            left_out = _excepted(token, by_spelling)
            return [section for section in every if section not in left_out]
        case TokenKind.NAME:
            return [by_spelling[token.text]]
        case _:
            return ()


def _texts(mentions: Iterable[_Mention], kind: TokenKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.token.text for m in mentions if m.token.kind is kind))


def _looks_like_a_name(text: str) -> bool:
    return (
        1 < len(text) <= LONGEST_NAME
        and text.endswith(NAME_ENDINGS)
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
    )


# ── from tokens to mentions ──────────────────────────────────────────────────────


def _mentions(tokens: Iterable[Token]) -> Iterator[_Mention]:
    """Give each name the role of the verbs that follow it.

    A verb with no names of its own (综合科牵头,并汇总) adds to the last ones.
    """
    waiting: list[Token] = []
    subject: list[Token] = []
    for token in (*tokens, Token(TokenKind.CLAUSE, "")):
        if token.kind in NAMED:
            waiting.append(token)
        elif token.kind is TokenKind.VERB:
            subject, waiting = waiting or subject, []
            mild = _is_mild(token.text)
            for role in _roles_in(token.text):
                yield from (_Mention(named, role, mild) for named in subject)
        elif token.kind is TokenKind.OWN_VERB and waiting:
            named = waiting.pop()
            mild = _is_mild(token.text)
            yield from (_Mention(named, role, mild) for role in _roles_in(token.text))
        elif token.kind is TokenKind.CLAUSE and waiting:
            subject, waiting = waiting, []
            yield from (_Mention(named, Role.IMPLEMENT) for named in subject)


def _roles_in(verbs: str) -> tuple[Role, ...]:
    if _is_mild(verbs):
        return (Role.LEAD,)
    roles = dict.fromkeys(role for verb, role in ROLE_VERBS.items() if verb in verbs)
    return tuple(roles) or (Role.IMPLEMENT,)


def _is_mild(verbs: str) -> bool:
    """Whether the verbs come to 负责 and nothing more."""
    return _ALONE.fullmatch(verbs) is not None


_ALONE = re.compile(r"\(?(?:具体|分别|共同|全面)*负责\)?")
