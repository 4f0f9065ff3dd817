"""The tokens of 责任单位: names, words for many sections, verbs, separators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.model import Role
from ledgerbook.plan.unit_wording import brought_in
from ledgerbook.text import squash

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
