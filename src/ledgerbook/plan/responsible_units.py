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
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.model import Assignment, Role
from ledgerbook.plan.text_repair import narrow, without_noise
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

# The tokens of 责任单位: names, words for many sections, verbs, separators.

# Verbs that name a role outright, and verbs that only say "do it": in a run such as
# 负责汇总 or 牵头落实 the first kind decides.
ROLE_VERBS: Mapping[str, Role] = MappingProxyType(
    {
        "牵头": Role.LEAD,
        "统筹": Role.LEAD,
        "主办": Role.LEAD,
        "主责": Role.LEAD,
        "为主": Role.LEAD,
        "配合": Role.SUPPORT,
        "会办": Role.SUPPORT,
        "协助": Role.SUPPORT,
        "协办": Role.SUPPORT,
        "参与": Role.SUPPORT,
        "协同": Role.SUPPORT,
        "汇总": Role.COMPILE,
    }
)
_PLAIN_VERBS = ("落实", "负责", "实施", "办理", "承办", "完成", "推进")
_FILLERS = (
    "全面",
    "分别",
    "共同",
    "具体",
    "协调",
    "组织",
    "抓好",
    "做好",
    "各自",
    "工作",
)

# 按职责, 按照职能, 按各自职责分工, 按有关要求, …
_MANNER = (
    r"(?:按照|按|依照|依据|依|根据|结合)"
    r"(?:各自|本科室|有关|相关|工作)*(?:职责|职能|分工|要求|任务)+"
)

_BODY = r"(?:科\(室\)|科室|处\(室\)|处室|股室|部门)"
_EVERY = r"(?:局|委|办|厅|机关|本局|全局|局机关)?(?:各|所有|全体|全部)"
ALL = rf"{_EVERY}(?:{_BODY}(?:、中心)?|[科处股室](?:、中心)?)"
_OTHERS = rf"(?:其他|其余)(?:各|所有)?{_BODY}"
EXCEPT = rf"除(?P<excepted>.{{1,40}}?)(?:以外|之外|外)的?(?:{ALL}|{_OTHERS})"
# Whose offices they are, and which of them.
_WHOSE = r"(?:局属|市属|市直|区直|县直|直属|下属|所属|市|区|县|局)*"
_WHICH = r"(?:(?:具有|承担|负有)[\u4e00-\u9fff]{1,12}?的)?"
VAGUE = (
    rf"{_WHICH}{_WHOSE}(?:其他|其余|各|所有)?(?:相关|有关|责任|业务|职能|涉及|其他|其余)"
    rf"(?:的)?(?:责任|业务|职能)?(?:{_BODY}|单位|科|处)"
    r"|等(?:(?:相关|有关|责任)?(?:科室|处室|部门|单位))?"
    # Those outside the bureau's own sections, and those above them.
    rf"|{_WHICH}{_WHOSE}各(?:责任|有关|相关|直属|下属|所属)?"
    r"(?:单位|(?:区县|县区|市县|乡镇|区|县|市|镇)(?:人民)?政府|镇街\(园区\)|镇街|镇\(街\)|镇\(街道\)|镇\(园区\)|镇街道|乡镇|街道|镇区"
    r"|园区|镇|区县|县区|区|县|市)"
    # The offices of a whole town or county, as against those of one bureau.
    r"|(?:[省市区县州]直|[省市区县](?:政府|委)?)各(?:部门|委办局|委、办、局)"
    r"|(?:局|分管|班子|党组|主要|有关|各)*领导(?:班子)?"
    r"|同上"
)

# The last character of an office's name.
NAME_ENDS = "科室处股办部队站所院局委组"
NAME_ENDINGS = (*NAME_ENDS, "中心")
LONGEST_NAME = 12

# Between two names a space or a line break is a separator; anywhere else it is what
# a wrapped line left behind.
GAP = re.compile(rf"(?<=[{NAME_ENDS}心])\s+(?=[\u4e00-\u9fff])(?!室)")


class TokenKind(Enum):
    CLAUSE = auto()
    LIST = auto()
    VERB = auto()
    OWN_VERB = auto()
    ALL = auto()
    OTHERS = auto()
    EXCEPT = auto()
    VAGUE = auto()
    NAME = auto()
    UNKNOWN = auto()


MANY = frozenset({TokenKind.ALL, TokenKind.OTHERS, TokenKind.EXCEPT, TokenKind.VAGUE})
NAMED = MANY | {TokenKind.NAME, TokenKind.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str


VERBS = rf"(?:{_MANNER}|{'|'.join((*ROLE_VERBS, *_PLAIN_VERBS, *_FILLERS))})++"
_OWN_VERB = rf"\({VERBS}\)"
_CLAUSE = r"[,;。.!]+"
_LIST = r"[、/ ]+|以及|和|及|与|并且|并|兼"
_SHAPE = rf"[\u4e00-\u9fff]{{1,{LONGEST_NAME - 1}}}?(?:{'|'.join(NAME_ENDINGS)})"


def tokens(text: str, sections: Collection[str]) -> Iterator[Token]:
    """Cut a cell into tokens, the longest section first.

    A name counts only when it is whole, up to the next token: the 综合科 in
    市财政局综合科 is somebody else's.
    """
    told = brought_in(unicodedata.normalize("NFKC", text).strip())
    rest = " ".join(squash(part) for part in GAP.split(told))
    words = _words(tuple(sections))
    after_name = ((TokenKind.VERB, re.compile(VERBS)), *words)
    previous = TokenKind.CLAUSE
    while rest:
        # A verb straight after a name needs no more; at the start of a clause it may
        # be the beginning of a name (统筹协调科).
        token = _next_token(rest, after_name if previous in NAMED else words)
        yield token
        previous = token.kind
        rest = rest[len(token.text) :]


_Words = tuple[tuple[TokenKind, re.Pattern[str]], ...]


def _next_token(text: str, words: _Words) -> Token:
    found = ((kind, pattern.match(text)) for kind, pattern in words)
    return next(Token(kind, match[0]) for kind, match in found if match)


# A plan asks for the same sections again and again.
@lru_cache(maxsize=8)
def _words(sections: tuple[str, ...]) -> _Words:
    """List the kinds of token in the order tried; the last always fits."""
    longest_first = sorted(map(squash, sections), key=len, reverse=True)
    ours = "|".join(map(re.escape, longest_first)) or r"(?!)"
    stop = rf"(?=\Z|{_CLAUSE}|{_LIST}|{VERBS}|{_OWN_VERB}|{ALL}|{VAGUE})"
    whole = rf"(?={ours}|{stop})"
    table = (
        (TokenKind.NAME, rf"(?:{ours}){whole}"),
        (TokenKind.CLAUSE, _CLAUSE),
        (TokenKind.LIST, _LIST),
        (TokenKind.EXCEPT, EXCEPT + whole),
        (TokenKind.OTHERS, _OTHERS + whole),
        (TokenKind.ALL, ALL + whole),
        (TokenKind.VAGUE, rf"(?:{VAGUE}){whole}"),
        (TokenKind.OWN_VERB, _OWN_VERB),
        (TokenKind.VERB, VERBS + whole),
        (TokenKind.UNKNOWN, rf"{_SHAPE}{stop}|.+?{stop}"),
    )
    return tuple((kind, re.compile(pattern)) for kind, pattern in table)


# What a cell of 责任单位 says besides names and verbs, brought into the grammar.
#
# Labels become verbs (牵头单位：综合科 → 综合科牵头), references to an annex, 下同 and
# numbers in front are left out, and 会同 becomes the support that it asks for.

# Label → the verb that it stands for; who is only 责任单位 implements.
_LABELS = {
    "牵头": "牵头",
    "主办": "牵头",
    "主责": "牵头",
    "配合": "配合",
    "协办": "配合",
    "协助": "配合",
    "参与": "配合",
    "会办": "会办",
    "汇总": "汇总",
    "责任": "",
    "负责": "",
    "承办": "",
    "落实": "",
    "实施": "",
}
_OFFICE = "(?:责任)?(?:单位|科室|处室|股室|部门)?"
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,;。、)科室处股办]))(?P<label>{'|'.join(_LABELS)}){_OFFICE}:"
)
_ENDS = ",;。、 \n"

_ANNEX = re.compile(
    r"\(?(?:详见|具体见|参见|见)附件[\d一二三四五六七八九十]*(?:,?下同)?\)?"
)
_BELOW = re.compile(r"[,;]?\(?下同\)?")
_NUMBER = re.compile(r"(?:^|(?<=[\s;,。、]))\(?\d{1,2}[.、)](?=[\u4e00-\u9fff])")
_BY = re.compile(r"(?:^|(?<=[\s;,。、]))(?:由|以(?!及))(?=[\u4e00-\u9fff])")
_TOGETHER = re.compile(r"[,;]?会同(?P<names>[^,;。]+)")
# 综合科(法规科配合): names and a verb in brackets are a clause of their own.
_ASIDE = re.compile(r"\((?P<clause>[^()]+(?:牵头|配合|协助|会办|协办|汇总))\)")
_BARE = re.compile(r"(?:牵头|配合|协助|会办|协办|汇总|负责|[、,及和并])+")


def brought_in(text: str) -> str:
    """Rewrite ``text``, narrow already, without what the grammar does not know."""
    plain = _BELOW.sub("", _ANNEX.sub("", text))
    plain = _NUMBER.sub("", plain)
    plain = _ASIDE.sub(_aside, plain)
    plain = _BY.sub("", "".join(_unlabelled(plain)))
    return _TOGETHER.sub(r",\g<names>配合", plain)


def _aside(found: re.Match[str]) -> str:
    clause = found["clause"]
    return found[0] if _BARE.fullmatch(clause) else f",{clause},"


def _unlabelled(text: str) -> Iterator[str]:
    """Turn each label and the names after it into names and a verb."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        yield text
        return
    yield text[: labels[0].start()]
    ends = [*(found.start() for found in labels[1:]), len(text)]
    for found, end in zip(labels, ends, strict=True):
        names = text[found.end() : end].strip(_ENDS)
        if names:
            yield f";{names}{_LABELS[found['label']]};"
